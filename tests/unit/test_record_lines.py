"""Contact records are cut out of files that hold others'."""

from __future__ import annotations

import json

import pytest

from chalicelib.formats import contact_record
from chalicelib.formats.record_lines import without
from tests.world import CONTACT, OTHER, record

ME, OTHERS = frozenset({CONTACT}), record(OTHER)
MINE = record(CONTACT)
UPPER = record(CONTACT.upper())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(MINE + b"\n" + OTHERS, id="lines"),
        pytest.param(MINE + OTHERS + UPPER, id="records_without_separators"),
        pytest.param(b"[" + OTHERS + b" , " + MINE + b"]", id="an_array"),
        pytest.param(b"\xef\xbb\xbf" + MINE + b"\r\n" + OTHERS, id="a_byte_order_mark"),
        pytest.param(MINE + b"\n{broken " + CONTACT.encode() + b"\n" + OTHERS, id="a_broken_line"),
        pytest.param(json.dumps(json.loads(MINE), indent=1).encode() + OTHERS, id="over_lines"),
    ],
)
def test_only_the_other_contacts_record_is_left(body: bytes) -> None:
    left = without(body, ME)
    assert left is not None
    assert CONTACT.encode() not in left.lower()
    assert [r.contact_id for r in contact_record.read(left).records] == [OTHER]
    assert OTHERS in left


def test_a_file_without_the_contact_stays_as_it_was() -> None:
    body = OTHERS + b"\n\nnot a record\n"
    assert without(body, ME) == body


def test_a_broken_line_of_nobody_stays_where_it_was_written() -> None:
    left = without(b"{broken\n" + MINE + b"\n" + OTHERS, ME)
    assert left is not None
    assert left.startswith(b"{broken\n")


@pytest.mark.parametrize("body", [MINE, b"[" + MINE + b"]", MINE + b"\n{broken " + b"\n"])
def test_of_a_file_with_no_other_record_nothing_is_left(body: bytes) -> None:
    assert without(body, ME) is None
