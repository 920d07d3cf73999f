"""Holds are shown as the contact record has them."""

from __future__ import annotations

import pytest

from chalicelib.api.conversation_views import Hearing, detail
from chalicelib.domain.contact import ContactRecord
from tests.unit import api_world as w
from tests.unit.analyses import contact, voice_call


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (None, None),
        (ContactRecord("c"), None),
        (ContactRecord("c", holds=0), {"holds": 0, "totalSeconds": None, "longestSeconds": None}),
        (
            ContactRecord("c", holds=2, hold_s=90, longest_hold_s=70),
            {"holds": 2, "totalSeconds": 90, "longestSeconds": 70},
        ),
    ],
    ids=[
        "no_record",
        "a_record_without_holds",
        "a_record_that_counted_none",
        "a_record_with_holds",
    ],
)
def test_holds_of_the_contact_record(record, shown):
    analysis = contact(voice_call(), record=record)
    made = detail(
        w.row("c", publication=w.publication()), analysis, Hearing(redacted=False, original=False)
    )
    assert made.model_dump(by_alias=True)["hold"] == shown
