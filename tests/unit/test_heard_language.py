"""Which language a model of several languages heard, and when it is not believed."""

from __future__ import annotations

import pytest

from chalicelib.adapters.engines.faster_whisper import heard_language
from chalicelib.adapters.engines.whisper import LEAST_HEARD, Asked, Heard, listened
from chalicelib.domain.transcript import Word


def channel(language: str, words: int, confidence: float | None) -> Heard:
    return Heard(tuple(Word("w", n, n + 1) for n in range(words)), False, language, confidence)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param(0.97, (Asked("es", "Acme"), 0.97), id="sure"),
        pytest.param(LEAST_HEARD - 0.01, (Asked("en", "Acme"), None), id="not_sure"),
    ],
)
def test_a_channel_is_recognised_as_what_its_first_window_sounds_like(share, expected):
    assert listened(Asked("en", "Acme", detect=True), "es", share) == expected


HEARD = {
    "told": ([channel("en", 9, None)], ("en-US", None)),
    "one_language": ([channel("es", 9, 0.99), channel("es", 5, 0.9)], ("es", 0.9)),
    "the_assumed_one_with_its_region": ([channel("en", 9, 0.99)], ("en-US", 0.99)),
    "two_languages": ([channel("es", 6, 1.0), channel("en", 2, 1.0)], ("es", 0.75)),
    "one_side_unsure": ([channel("es", 6, 1.0), channel("en", 2, None)], ("es", 0.75)),
    "the_unsure_side_says_most": ([channel("es", 2, 1.0), channel("en", 6, None)], ("en-US", None)),
    "nobody_spoke": ([channel("es", 0, 0.99), channel("en", 0, None)], ("en-US", None)),
}


@pytest.mark.parametrize(("heard", "expected"), HEARD.values(), ids=HEARD)
def test_the_language_of_most_words_is_that_of_the_recording(heard, expected):
    assert heard_language("en-US", heard) == expected
