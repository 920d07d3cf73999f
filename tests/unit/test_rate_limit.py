"""The rate limit of one machine: a burst, a steady rate, each caller alone."""

from __future__ import annotations

import pytest

from chalicelib.api.problems import Refusal
from local.rate_limit import REMEMBERED, RateLimit


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def granted(limit: RateLimit, times: int, caller: str = "a") -> int:
    return sum(_taken(limit, caller) for _ in range(times))


def _taken(limit: RateLimit, caller: str) -> bool:
    try:
        limit.take(caller)
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(
    ("per_minute", "burst"), [(60, 10), (6000, 1000), (1, 1), (6, 1), (0, 2000)]
)
def test_ten_seconds_worth_is_granted_at_once(per_minute, burst):
    assert granted(RateLimit(per_minute, Clock()), 2000) == burst


def test_tokens_come_back_steadily_and_never_more_than_a_burst():
    clock = Clock()
    limit = RateLimit(60, clock)
    assert granted(limit, 20) == 10
    clock.now_s = 2.5
    assert granted(limit, 20) == 2
    clock.now_s = 3600
    assert granted(limit, 20) == 10


def test_the_refusal_says_when_to_come_again():
    clock = Clock()
    limit = RateLimit(6, clock)
    limit.take("a")
    with pytest.raises(Refusal) as refused:
        limit.take("a")
    assert (refused.value.status, refused.value.code) == (429, "rate")
    assert refused.value.headers == {"Retry-After": "10"}
    clock.now_s = 10
    limit.take("a")


def test_callers_do_not_take_from_each_other():
    limit = RateLimit(60, Clock())
    assert (granted(limit, 20, "a"), granted(limit, 20, "b"), granted(limit, 1, "a")) == (10, 10, 0)


def test_only_the_latest_callers_are_remembered():
    limit = RateLimit(1, Clock())
    for n in range(REMEMBERED + 1):
        limit.take(f"caller-{n}")
    assert granted(limit, 1, f"caller-{REMEMBERED}") == 0
    assert granted(limit, 1, "caller-0") == 1
