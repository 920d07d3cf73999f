"""The bench's own arithmetic: agreement by hand, a baseline that counts words."""

from __future__ import annotations

import pytest

from bench.themes import measures, tfidf


@pytest.mark.parametrize(
    ("intents", "groups", "purity", "nmi"),
    [
        pytest.param("aabb", "xxyy", 1, 1, id="the_same_under_other_names"),
        pytest.param("aabb", "xxxx", 0.5, 0, id="one_group_tells_nothing"),
        pytest.param("aabb", "xyxy", 0.5, 0, id="groups_across_the_intents"),
        pytest.param("aabb", "wxyz", 1, 2 / 3, id="groups_of_one_are_pure_and_tell_less"),
        pytest.param("aaab", "xxyy", 0.75, 0.3437, id="partly"),
    ],
)
def test_agreement(intents, groups, purity, nmi):
    assert measures.purity(intents, groups) == pytest.approx(purity)
    assert measures.nmi(intents, groups) == pytest.approx(nmi, abs=1e-4)


def test_the_baseline_weighs_rare_words_more_and_leaves_out_single_ones():
    (first, _, third) = tfidf.vectors(["the lamp", "the lamp once", "the the"])
    lamp, the = ([b * v.scale for b in v.values] for v in (first, third))
    assert len(first.values) == 2
    assert lamp[0] > lamp[1] > 0
    assert the[0] == 0 < the[1]
