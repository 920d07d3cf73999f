"""Rule documents with one value replaced by any other: read or refused with a place, nothing else."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import RuleRefused
from chalicelib.formats import call_analytics_categories, connect_rules
from tests.unit.rule_strategies import categories
from tests.unit.rule_strategies import connect_rules as lens_rules

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-1, 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
TEXTS = st.text(max_size=3)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
)


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in items:
            yield from places(child, (*path, key))


def damaged(data, value):
    value = copy.deepcopy(value)
    path = data.draw(st.sampled_from([p for p in places(value) if p]))
    parent = value
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = data.draw(ANYTHING)
    return value


def read_or_refused(form, value):
    try:
        rule = form.load(json.dumps(value).encode())
    except RuleRefused as refused:
        if refused.code not in ("rules.schema", "rules.json"):
            raise
        return
    again = form.export(rule)
    assert form.load(json.dumps(again).encode()) == rule


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(lens_rules(), st.data(), st.booleans())
def test_a_damaged_contact_lens_rule(rule, data, inside):
    value = connect_rules.export(rule)
    if inside:
        value["Function"] = json.dumps(damaged(data, json.loads(value["Function"])))
    else:
        value = damaged(data, value)
    read_or_refused(connect_rules, value)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(categories(), st.data())
def test_a_damaged_category(rule, data):
    read_or_refused(
        call_analytics_categories, damaged(data, call_analytics_categories.export(rule))
    )


@pytest.mark.parametrize("form", [connect_rules, call_analytics_categories])
@pytest.mark.parametrize("body", [b"", b"\xff", b"\xef\xbb\xbf{}", b"[" * 200, b'{"a": 1, "a": 2}'])
def test_what_is_no_document(form, body):
    with pytest.raises(RuleRefused) as refused:
        form.load(body)
    assert refused.value.pointer == ""
