"""The part of JSON Schema that answers of language models are held to."""

from __future__ import annotations

import pytest

from chalicelib.formats.json_schema import problems, without_bounds

LIST = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer"}}
OBJECT = {
    "type": "object",
    "properties": {"met": {"type": "boolean"}, "why": {"type": "string", "maxLength": 3}},
    "required": ["met"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        pytest.param([1, 2], LIST, id="a_list"),
        pytest.param({"met": True}, OBJECT, id="an_object_without_what_it_may_lack"),
        pytest.param({"met": False, "why": "abc"}, OBJECT, id="a_whole_object"),
        pytest.param({"x": 1}, {"type": "object"}, id="an_object_of_any_keys"),
        pytest.param(1.5, {"type": "number"}, id="a_number"),
        pytest.param("b", {"type": "string", "enum": ["a", "b"]}, id="one_of_some"),
    ],
)
def test_keeps_its_schema(value, schema):
    assert list(problems(value, schema)) == []


@pytest.mark.parametrize(
    ("value", "schema", "told"),
    [
        pytest.param([], LIST, "answer is too short", id="too_few"),
        pytest.param([1, 2, 3], LIST, "answer is too long", id="too_many"),
        pytest.param([1, "x"], LIST, "answer[1] is no integer", id="a_text_in_a_list_of_numbers"),
        pytest.param([True], LIST, "answer[0] is no integer", id="a_truth_is_no_number"),
        pytest.param([1.0], LIST, "answer[0] is no integer", id="a_fraction_is_no_integer"),
        pytest.param(None, OBJECT, "answer is no object", id="nothing"),
        pytest.param({}, OBJECT, "answer.met is missing", id="a_key_is_missing"),
        pytest.param({"met": 1}, OBJECT, "answer.met is no boolean", id="a_number_is_no_truth"),
        pytest.param(
            {"met": True, "why": "abcd"}, OBJECT, "answer.why is too long", id="a_long_text"
        ),
        pytest.param(
            {"met": True, "secret": 1},
            OBJECT,
            "answer has a key that was not asked for",
            id="a_key_too_many",
        ),
        pytest.param(
            "c",
            {"type": "string", "enum": ["a", "b"]},
            "answer is none of the allowed values",
            id="none_of_some",
        ),
    ],
)
def test_breaks_its_schema_and_the_value_is_not_repeated(value, schema, told):
    assert list(problems(value, schema)) == [told]


def test_without_bounds_the_form_is_left():
    both = {"type": "object", "properties": {"a": LIST, "b": OBJECT}}
    assert without_bounds(both) == {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"type": "integer"}},
            "b": {
                **OBJECT,
                "properties": {"met": {"type": "boolean"}, "why": {"type": "string"}},
            },
        },
    }
