"""JSON traps of the bad-input matrix: one answer each, and never another exception."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InputRefused
from chalicelib.formats import json_guard

GOOD = {
    "I35_a_byte_order_mark_is_accepted": (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
    "I42_control_and_bidi_characters_are_kept": (
        '{"a": "\\u0000\\u200b\u202e"}'.encode(),
        {"a": "\0\u200b\u202e"},
    ),
    "an_escaped_emoji_pair_is_one_character": (rb'"\ud83d\udc69"', "\U0001f469"),
    "an_escaped_backslash_before_u_is_no_escape": (rb'"\\ud800"', r"\ud800"),
    "numbers_of_every_usual_form": (b"[1, -2, 0.5, 1e3]", [1, -2, 0.5, 1000.0]),
    "a_hundred_levels_are_not_deep": (b"[" * 100 + b"]" * 100, None),
    "blank_space_around_the_document": (b" \n{}\n ", {}),
}

BAD = {
    "I34_text_that_is_not_json": (b"<html>", "x.json"),
    "I34_a_truncated_document": (b'{"a": [1, 2', "x.json"),
    "I34_a_text_cut_inside_a_character": ('{"a": "é'.encode()[:-1], "x.json"),
    "I34_a_second_document_after_the_first": (b'{"a": 1} {"a": 2}', "x.json"),
    "I36_utf_16_with_a_mark": ('{"a": 1}'.encode("utf-16"), "x.encoding"),
    "I36_utf_16_without_a_mark": ('{"a": 1}'.encode("utf-16-le"), "x.encoding"),
    "I36_utf_32": ('{"a": 1}'.encode("utf-32"), "x.encoding"),
    "I36_latin_1": ('{"a": "é"}'.encode("latin-1"), "x.encoding"),
    "I37_a_hundred_thousand_levels": (b"[" * 100_000, "x.json"),
    "I37_a_hundred_thousand_closed_levels": (b"[" * 100_000 + b"]" * 100_000, "x.json"),
    "I37_more_levels_than_are_read": (b"[" * 101 + b"]" * 101, "x.json"),
    "I38_an_integer_of_five_thousand_digits": (b"1" * 5000, "x.json"),
    "I39_nan": (b'{"a": NaN}', "x.json"),
    "I39_infinity": (b"[-Infinity]", "x.json"),
    "I39_a_number_that_is_infinite_as_a_float": (b"[1e999]", "x.json"),
    "I40_the_same_key_twice": (b'{"a": 1, "a": 1}', "x.json"),
    "I40_keys_that_are_equal_once_repaired": (rb'{"\ud800": 1, "\udc00": 2}', "x.json"),
    "I42_a_raw_control_character_in_a_string": (b'"\x01"', "x.json"),
    "I27_no_bytes": (b"", "object.empty"),
    "nothing_but_a_mark": (b"\xef\xbb\xbf", "x.json"),
}


@pytest.mark.parametrize(("body", "value"), GOOD.values(), ids=GOOD)
def test_good_json(body, value):
    parsed = json_guard.parse(body, area="x")
    assert parsed.value == value or value is None
    assert parsed.flags == ()


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_bad_json(body, code):
    with pytest.raises(InputRefused) as refused:
        json_guard.parse(body, area="x")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(rb'{"a": "x\ud800y"}', {"a": "x\ufffdy"}, id="I41_a_high_half"),
        pytest.param(rb'["\uDC00"]', ["\ufffd"], id="I41_a_low_half"),
        pytest.param(
            rb'["\ud800\ud800\udc00"]', ["\ufffd\U00010000"], id="I41_a_half_before_a_pair"
        ),
        pytest.param(rb'{"\ud800": 1}', {"\ufffd": 1}, id="I41_in_a_key"),
    ],
)
def test_lone_surrogates_become_replacement_characters_and_are_reported(body, value):
    parsed = json_guard.parse(body, area="x")
    assert parsed == (value, ("lone_surrogate",))
    json.dumps(parsed.value, ensure_ascii=False).encode()


def test_a_body_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(InputRefused) as refused:
        json_guard.parse(b"[" * 11, area="x", max_bytes=10)
    assert refused.value.code == "object.too_large"


def test_the_detail_does_not_quote_the_text():
    with pytest.raises(InputRefused) as refused:
        json_guard.parse(b'{"note": "my PIN is 1234" oops}', area="chat")
    assert "1234" not in str(refused.value)


@given(st.binary(max_size=200))
def test_bytes_are_parsed_or_refused(body):
    for read in (json_guard.parse, json_guard.parse_lines):
        try:
            read(body, area="x")
        except InputRefused as refused:
            assert refused.code in ("x.json", "x.encoding", "object.empty")  # noqa: PT017


JSON_LIKE = st.text(alphabet='{}[]",:\\ud8cf0019eE+-.NaInfityrls \n\ufeffé\x00', max_size=80)


@given(JSON_LIKE, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-be"]))
def test_json_like_text_is_parsed_or_refused(text, encoding):
    try:
        json_guard.parse(text.encode(encoding), area="x")
    except InputRefused as refused:
        assert refused.code.startswith(("x.", "object."))  # noqa: PT017


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_what_was_written_is_read_back(value):
    assert json_guard.parse(json.dumps(value).encode(), area="x").value == value


def codes(results):
    return [r.code if isinstance(r, InputRefused) else r.value for r in results]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b'{"a": 1}\n\n{"b": 2}\r\n', [{"a": 1}, {"b": 2}], id="one_document_a_line"),
        pytest.param(
            b'{"a": 1}{"b": 2} {"c": 3}', [{"a": 1}, {"b": 2}, {"c": 3}], id="no_separators"
        ),
        pytest.param(b'{"a": 1}\noops\n{"b": 2}', [{"a": 1}, "x.json", {"b": 2}], id="a_bad_line"),
        pytest.param(b'{"a": 1}{"b"\n3', [{"a": 1}, "x.json", 3], id="a_bad_end_of_a_line"),
        pytest.param(b'1\n"\xe9"\n2', [1, "x.encoding", 2], id="a_line_in_latin_1"),
        pytest.param(b"1\n" + b"[" * 99_999 + b"\n2", [1, "x.json", 2], id="a_deep_line"),
        pytest.param(b"1\n" + b"[" * 150 + b"]" * 150, [1, "x.json"], id="a_closed_deep_line"),
    ],
)
def test_lines_fail_alone(body, expected):
    assert codes(json_guard.parse_lines(body, area="x")) == expected


def test_a_refused_line_is_named_by_its_number():
    _, bad = json_guard.parse_lines(b"1\noops", area="x")
    assert bad.detail.startswith("line 2: ")
