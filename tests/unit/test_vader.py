"""VADER behind the port: its cut, its version, its cost before the first text."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from chalicelib.adapters.engines import vader
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.domain.transcript import SentimentLabel


class Lexicon:
    def __init__(self, compound: float) -> None:
        self._compound = compound

    def polarity_scores(self, text: str) -> dict[str, float]:
        return {"compound": self._compound}


@pytest.mark.parametrize(
    ("compound", "label"),
    [
        (0.05, SentimentLabel.POSITIVE),
        (0.0499, SentimentLabel.NEUTRAL),
        (0.0, SentimentLabel.NEUTRAL),
        (-0.0499, SentimentLabel.NEUTRAL),
        (-0.05, SentimentLabel.NEGATIVE),
    ],
)
def test_the_cut_is_at_a_twentieth(compound, label):
    engine = VaderSentiment()
    engine.__dict__["_analyzer"] = Lexicon(compound)
    (mood,) = engine.score(["x"], "en-US")
    assert (mood.label, mood.score) == (label, compound)


def test_the_version_is_the_installed_one():
    assert version("vaderSentiment") == vader.VERSION == VaderSentiment.engine.version


def test_says_that_it_is_not_comprehend():
    assert "not Amazon Comprehend" in VaderSentiment.engine.detail


def test_the_lexicon_is_loaded_with_the_first_text_and_not_before():
    code = (
        "import sys; from chalicelib.adapters.engines.vader import VaderSentiment; "
        "VaderSentiment(); assert 'vaderSentiment' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
