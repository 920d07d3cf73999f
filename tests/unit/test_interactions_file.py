# ruff: noqa: E501
"""Interaction logs as files: both forms, and the line that is wrong."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.next_action import Interaction
from chalicelib.formats import interactions

CSV = b"""\xef\xbb\xbfUSER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,REASON,SESSION_ID,DEVICE
u-1,"offer, larger",1767225600,shown,,Price complaint,c-1,phone
u-1,"offer, larger",1767225601,Not Taken,0.5,Price complaint,c-1,phone

7,call,1767225602,click,,,,
"""
READ = [
    Interaction("line-000000002", "u-1", "c-1", "offer, larger", "shown", 1767225600000, "Price complaint"),
    Interaction("line-000000003", "u-1", "c-1", "offer, larger", "declined", 1767225601000, "Price complaint"),
    Interaction("line-000000005", "7", "7 20454", "call", "accepted", 1767225602000, "none"),
]  # fmt: skip


def test_csv_is_read():
    assert interactions.load(CSV) == READ
    assert interactions.load(CSV.replace(b"\n", b"\r\n")) == READ


def test_json_lines_are_read_alike():
    lines = [
        {"USER_ID": "u-1", "ITEM_ID": "offer, larger", "TIMESTAMP": 1767225600,
         "EVENT_TYPE": "Viewed", "REASON": "Price complaint", "SESSION_ID": "c-1"},
        {"USER_ID": "u-1", "ITEM_ID": "offer, larger", "TIMESTAMP": "1767225601",
         "EVENT_TYPE": "declined", "EVENT_VALUE": 0.5, "REASON": "Price complaint",
         "SESSION_ID": "c-1"},
        None,
        {"USER_ID": 7, "ITEM_ID": "call", "TIMESTAMP": 1767225602, "EVENT_TYPE": "purchase",
         "REASON": None, "MORE": {}},
    ]  # fmt: skip
    text = "\n" + "\n".join("" if line is None else json.dumps(line) for line in lines) + "\n"
    assert interactions.load(text.encode()) == READ


HEAD = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,REASON\n"
GOOD = "u,a,1,click,,\n"


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        pytest.param("", "object.empty", "no interaction", id="empty"),
        pytest.param(HEAD, "object.empty", "no interaction", id="a_header_alone"),
        pytest.param("USER_ID,ITEM_ID\n", "interactions.schema", "line 1: .*TIMESTAMP", id="columns"),
        pytest.param(HEAD.replace("REASON", "USER_ID"), "interactions.schema", "line 1: .*twice", id="a_column_twice"),
        pytest.param(HEAD + GOOD + "u,a,1\n", "interactions.schema", "line 3: has 3 cells", id="few_cells"),
        pytest.param(HEAD + GOOD + ",a,1,click,,\n", "interactions.schema", "line 3: has no USER_ID", id="no_user"),
        pytest.param(HEAD + "u,a,soon,click,,\n", "interactions.schema", "line 2: TIMESTAMP", id="no_time"),
        pytest.param(HEAD + "u,a,-1,click,,\n", "interactions.schema", "line 2: TIMESTAMP", id="before_1970"),
        pytest.param(HEAD + "u,a,1767225600000,click,,\n", "interactions.schema", "line 2: TIMESTAMP", id="milliseconds"),
        pytest.param(HEAD + "u,a,1,click,much,\n", "interactions.schema", "line 2: EVENT_VALUE", id="no_number"),
        pytest.param(HEAD + "u,a,1,click,nan,\n", "interactions.schema", "line 2: EVENT_VALUE", id="not_a_number"),
        pytest.param(HEAD + f"u,{'a' * 257},1,click,,\n", "interactions.schema", "line 2: ITEM_ID", id="a_long_id"),
        pytest.param(HEAD + '"u,a,1,click,,\n', "interactions.schema", "line 2: is not CSV", id="an_open_quote"),
        pytest.param('{"USER_ID": "u"}', "interactions.schema", "line 1: has no ITEM_ID", id="json_without_item"),
        pytest.param('{"a": 1}\n[1]', "interactions.schema", "line 1", id="json_of_another_kind"),
        pytest.param('{"USER_ID": ', "interactions.schema", "line 1: is not a JSON", id="broken_json"),
        pytest.param('{"USER_ID": {}, "ITEM_ID": "a", "TIMESTAMP": 1, "EVENT_TYPE": "x"}', "interactions.schema", "line 1: USER_ID", id="an_object_for_a_text"),
        pytest.param('{"USER_ID": "u", "ITEM_ID": "a", "TIMESTAMP": true, "EVENT_TYPE": "x"}', "interactions.schema", "line 1: TIMESTAMP", id="a_truth_for_a_time"),
    ],
)  # fmt: skip
def test_a_bad_line_is_refused_by_its_number(text, code, why):
    with pytest.raises(InputRefused, match=why) as refused:
        interactions.load(text.encode())
    assert refused.value.code == code


def test_another_encoding_is_refused_by_its_line():
    with pytest.raises(InputRefused, match="line 3 is not UTF-8"):
        interactions.load((HEAD + GOOD).encode() + "ü,a,1,click,,\n".encode("latin-1"))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_is_read_or_refused(body):
    for prefix in (b"", HEAD.encode(), b"{"):
        with suppress(InputRefused):
            assert interactions.load(prefix + body)
