"""Agreement beyond chance: published examples, and what holds for any answers."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement import LEAST, Agreement, alpha, kappa, measured


def table(rows):
    """Pairs of answers from a table of counts: rows the first reviewer, columns the second."""
    return {(f"v{i}", f"v{j}"): count for i, row in enumerate(rows) for j, count in enumerate(row)}


KAPPAS = {
    "two_values": ([[20, 5], [10, 15]], 0.40),
    "three_values": ([[30, 4, 1], [5, 25, 5], [0, 6, 24]], 0.6842),
    "full_agreement_is_one": ([[3, 0], [0, 4]], 1.0),
    "only_ever_the_opposite_is_minus_one": ([[0, 5], [5, 0]], -1.0),
}


@pytest.mark.parametrize(("rows", "value"), KAPPAS.values(), ids=KAPPAS)
def test_kappa(rows, value):
    assert kappa(table(rows)) == pytest.approx(value, abs=5e-5)


def test_alpha_drops_what_one_reviewer_alone_has_judged():
    units = Counter(map(tuple, ["PP", "PP", "NN", "NN", "NP", "ZZ", "ZN", "ZZ", "P", "NN"]))
    assert alpha(units) == pytest.approx(0.6762, abs=5e-5)


def test_alpha_takes_any_number_of_reviewers():
    """Krippendorff's example of four observers with missing values, nominal: alpha 0.743."""
    units = [
        "111",
        "2223",
        "3333",
        "3333",
        "2222",
        "1234",
        "4444",
        "1121",
        "2222",
        "555",
        "11",
        "3",
    ]
    assert alpha(Counter(map(tuple, units))) == pytest.approx(0.743, abs=5e-4)


UNDEFINED = {
    "nobody": ([], 0, "nobody has answered twice"),
    "one_answer_each": ([("a",), ("b",)], 0, "nobody has answered twice"),
    "always_the_same": ([("a", "a")] * 20, 20, "all answers are the same"),
}


@pytest.mark.parametrize(("units", "n", "reason"), UNDEFINED.values(), ids=UNDEFINED)
@pytest.mark.parametrize("measure", [kappa, alpha])
def test_what_chance_explains_whole_is_undefined_and_says_so(units, n, reason, measure):
    assert measured(units, measure) == Agreement(n, reason=reason)


def test_few_items_have_a_value_and_no_interval():
    found = measured([("a", "a"), ("b", "b"), ("a", "b")], alpha)
    assert found.value is not None
    assert (found.n, found.low, found.reason) == (3, None, f"no interval below {LEAST} items")


def test_the_interval_is_the_same_each_time_holds_the_value_and_narrows():
    some = [("a", "a")] * 12 + [("b", "b")] * 10 + [("a", "b")] * 6
    first, again, more = (measured(units, alpha) for units in (some, some, some * 10))
    assert first == again
    assert first.low < first.value < first.high
    assert more.high - more.low < (first.high - first.low) / 2


def test_rounds_that_are_undefined_are_left_out_of_the_interval():
    found = measured([("a", "a")] * 400 + [("a", "b")], kappa)
    assert (found.n, found.value, found.low, found.high) == (401, 0.0, 0.0, 0.0)


pairs = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=30)


@given(pairs)
def test_neither_measure_exceeds_one_or_minds_who_is_first(found):
    counted, turned = Counter(found), Counter((two, one) for one, two in found)
    for measure in (kappa, alpha):
        value, other = measure(counted), measure(turned)
        assert (value is None) == (other is None)
        if value is not None:
            assert value == pytest.approx(other)
            assert -1 - 1e-9 <= value <= 1 + 1e-9


@given(pairs.filter(bool))
def test_full_agreement_is_one_or_undefined(found):
    same = Counter((one, one) for one, _ in found)
    for measure in (kappa, alpha):
        value = measure(same)
        assert (value is None) is (len(same) == 1)
        assert value is None or value == pytest.approx(1)
