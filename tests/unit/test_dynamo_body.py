"""Rows as items hold them: read back whole, whatever version wrote them."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from chalicelib.adapters.aws import dynamo_body
from chalicelib.formats.artifact import dump
from tests.contract.rows import row

TEXTS = {
    "a_row": dump(row("c-1", queue_id="q", categories=("Ünlü",), attributes={"k": "v" * 5000})),
    "nothing": b"",
    "text_unlike_a_row": bytes(range(256)) * 9,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_read_back_whole(text):
    assert dynamo_body.unpacked(dynamo_body.packed(text)) == text
    assert dynamo_body.unpacked(gzip.compress(text)) == text


def test_a_row_takes_less_than_without_the_dictionary():
    text = dump(row("c-1"))
    assert len(dynamo_body.packed(text)) < 0.7 * len(gzip.compress(text))


def test_the_dictionary_is_part_of_the_format_and_stays_as_it_is():
    mark = hashlib.sha256(dynamo_body.DICTIONARY).hexdigest()
    assert mark == "83009e20dd86d8752386f08e545202cab2df6440b549056f224e9e56c777b262", (
        "rows that are stored could not be read any more"
    )
