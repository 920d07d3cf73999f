"""The sentiment head behind the port: what VADER gets wrong, its figures, its pin, its cost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chalicelib.adapters.engines.minilm_sentiment import LABELS, MiniLmSentiment, check
from chalicelib.domain.transcript import SentimentLabel

NEGATIVE, NEUTRAL, POSITIVE = LABELS


@pytest.fixture(scope="module")
def engine():
    return MiniLmSentiment()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param("three weeks now and nobody has called me", NEGATIVE, id="no_angry_word"),
        pytest.param("the lift was out so i carried it up, furious", NEGATIVE, id="an_angry_word"),
        pytest.param("it is six six one nine zero", NEUTRAL, id="a_bare_number"),
        pytest.param("can i change the delivery address please", NEUTRAL, id="a_polite_request"),
        pytest.param("I would be happy to look into that for you", NEUTRAL, id="an_agents_offer"),
        pytest.param("that is brilliant, thank you so much", POSITIVE, id="stressed_thanks"),
        pytest.param("my new router works like a dream", POSITIVE, id="praise"),
    ],
)
def test_reads_a_turn_as_a_person_would(engine, text, label):
    assert engine.score([text], "en-US")[0].label is label


def test_the_score_is_positive_less_negative_and_the_confidence_the_labels_share(engine):
    text = "well the room was nice"
    (mood,) = engine.score([text], "en")
    shares = dict(zip(LABELS, engine.probabilities([text])[0].tolist(), strict=True))
    assert sum(shares.values()) == pytest.approx(1)
    assert mood.confidence == shares[mood.label] == max(shares.values())
    assert mood.score == pytest.approx(shares[POSITIVE] - shares[NEGATIVE])


def test_a_blank_text_is_neutral_without_a_confidence(engine):
    blank, told = engine.score([" \n", "great, thank you so much!"], "en")
    assert (blank.label, blank.score, blank.confidence) == (NEUTRAL, 0.0, None)
    assert told.label is POSITIVE


def test_never_answers_mixed():
    assert SentimentLabel.MIXED not in LABELS


def test_the_version_follows_the_weights():
    assert len(MiniLmSentiment.engine.version) == len("1-01234567")


def test_says_that_it_is_not_comprehend():
    assert "not Amazon Comprehend" in MiniLmSentiment.engine.detail


def test_nothing_is_amiss_where_all_is_installed():
    check()


@pytest.mark.parametrize("library", ["onnxruntime", "tokenizers"])
def test_a_missing_library_is_named_when_it_is_asked(library):
    code = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from chalicelib.adapters.engines.minilm_sentiment import MiniLmSentiment\n"
        "from chalicelib.domain.errors import EngineMissing\n"
        "try: MiniLmSentiment().score(['x'], 'en')\n"
        f"except EngineMissing as e: assert {library!r} in e.reason, e.reason\n"
        "else: raise SystemExit('nothing was raised')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_nothing_heavy_is_loaded_before_the_first_text():
    code = (
        "import sys; from chalicelib.adapters.engines.minilm_sentiment import MiniLmSentiment\n"
        "MiniLmSentiment()\n"
        "heavy = {'numpy', 'onnxruntime', 'vaderSentiment'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
