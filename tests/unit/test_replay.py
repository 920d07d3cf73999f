"""Replay: the measures by hand, the cut in time, whom it asks, and gains that are not there."""

import math
import random

import pytest

from chalicelib.domain import replay
from chalicelib.domain.popularity import Trial
from chalicelib.domain.replay import Question


def trial(who, action, at_ms, *, reason="r", taken=True):
    return Trial(who, f"{who}-{at_ms}", action, reason, taken, at_ms)


@pytest.mark.parametrize(
    ("taken", "k", "hit", "ndcg"),
    [
        pytest.param("a", 3, 1, 1.0, id="first"),
        pytest.param("c", 3, 1, 0.5, id="third"),
        pytest.param("c", 2, 0, 0.0, id="third_of_two_places"),
        pytest.param("ab", 3, 1, 1.0, id="both_first"),
        pytest.param("ad", 4, 1, (1 + 1 / math.log2(5)) / (1 + 1 / math.log2(3)), id="one_late"),
        pytest.param("abcd", 1, 1, 1.0, id="more_taken_than_places"),
        pytest.param("z", 4, 0, 0.0, id="not_ranked"),
    ],
)
def test_measures(taken, k, hit, ndcg):
    assert replay.hit("abcd", taken, k) == hit
    assert replay.ndcg("abcd", taken, k) == pytest.approx(ndcg)


def test_the_cut_is_in_time_and_one_moment_is_not_torn():
    log = [trial("u", str(n), 100 if n >= 8 else n) for n in (9, 3, 1, 8, 0, 2, 4, 5, 6, 7)]
    at = replay.cut_at(log, 0.9)
    before, after = replay.split(log, at)
    assert (at, len(before), {t.action for t in after}) == (100, 8, {"8", "9"})


BEFORE = [
    trial("ann", "a", 1),
    trial("ann", "b", 2, taken=False),
    trial("ben", "b", 3),
    trial("ben", "c", 4),
]
AFTER = [
    trial("ann", "a", 5),
    trial("ann", "b", 6),
    trial("ann", "c", 7, reason="s"),
    trial("ben", "new", 8),
    trial("ben", "a", 9, taken=False),
    trial("cid", "c", 9),
]


def test_asked_is_what_was_taken_later_and_not_before():
    assert replay.questions(BEFORE, AFTER) == [
        Question("ann", "r", ("b", "c"), frozenset("b")),
        Question("ann", "s", ("b", "c"), frozenset("c")),
        Question("cid", "r", ("a", "b", "c"), frozenset("c")),
    ]


def test_with_repeats_what_was_taken_before_is_asked_too():
    found = replay.questions(BEFORE, AFTER, repeats=True)
    assert found[0] == Question("ann", "r", ("a", "b", "c"), frozenset("ab"))


def test_popularity_is_of_the_reason_and_ties_keep_their_order():
    log = [trial(f"u{n}", "b", n, reason="r") for n in range(5)]
    log += [trial(f"v{n}", "c", n, reason="s") for n in range(5)]
    rank = replay.by_popularity(log)
    assert rank("anybody", "r", "abc")[0] == "b"
    assert rank("anybody", "s", "abc")[0] == "c"
    assert rank("anybody", "t", "cb") == ["c", "b"]


def test_a_customer_counts_once_however_often_asked():
    asked = [Question("ann", str(n), tuple("ab"), frozenset("a")) for n in range(9)]
    asked.append(Question("ben", "r", tuple("ab"), frozenset("b")))
    found = replay.compare(asked, lambda *a: a[2], lambda *a: a[2][::-1], 1)
    assert (found.customers, found.questions) == (2, 10)
    assert (found.ours.hit_rate, found.base.hit_rate, found.hit_rate.mean) == (0.5, 0.5, 0)


def test_a_gain_that_all_have_is_shown_and_equal_rankings_have_none():
    asked = [Question(f"u{n}", "r", tuple("ab"), frozenset("a")) for n in range(20)]
    better = replay.compare(asked, lambda *a: a[2], lambda *a: a[2][::-1], 1)
    assert better.hit_rate == replay.Gain(1, 1, 1)
    assert better.hit_rate.shown
    same = replay.compare(asked, lambda *a: a[2], lambda *a: a[2], 1)
    assert same.ndcg == replay.Gain(0, 0, 0)
    assert not same.ndcg.shown


def test_the_interval_has_the_width_that_statistics_want():
    draw = random.Random(1)
    sample = [draw.gauss(0.1, 1) for _ in range(2000)]
    found = replay.gain(sample)
    half = 1.96 / math.sqrt(2000)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)
    assert found.low < 0.1 < found.high


def test_the_interval_is_the_same_each_time_and_wider_for_more_tests():
    sample = [n % 3 - 1.0 for n in range(100)]
    assert replay.gain(sample) == replay.gain(sample)
    one, four = replay.gain(sample), replay.gain(sample, 4)
    assert four.low < one.low < one.high < four.high


def test_noise_is_seldom_taken_for_a_gain():
    shown = 0
    for seed in range(200):
        draw = random.Random(seed)
        shown += replay.gain([draw.gauss(0, 1) for _ in range(60)]).shown
    assert shown <= 12


def test_nobody_asked_is_no_gain():
    assert replay.gain([]) == replay.Gain(0, 0, 0)
