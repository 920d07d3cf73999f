"""What every sentiment engine promises to the stage that asks it."""

from __future__ import annotations

import pytest

from chalicelib.adapters.engines.minilm_sentiment import MiniLmSentiment
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.transcript import SentimentLabel
from chalicelib.ports.language import Mood, SentimentAnalyzer
from tests.fakes.language import FakeSentiment


@pytest.fixture(
    params=[MiniLmSentiment, VaderSentiment, FakeSentiment],
    ids=["minilm", "vader", "fake"],
    scope="module",
)
def analyzer(request: pytest.FixtureRequest) -> SentimentAnalyzer:
    return request.param()


def test_gives_one_result_per_text_in_order(analyzer):
    texts = ["that is good, I love it", "the table has four legs", "that is bad, I hate it"]
    labels = [mood.label for mood in analyzer.score(texts, "en-US")]
    assert labels == [SentimentLabel.POSITIVE, SentimentLabel.NEUTRAL, SentimentLabel.NEGATIVE]


def test_no_texts_give_no_results(analyzer):
    assert list(analyzer.score([], "en-US")) == []


def test_a_text_is_read_alike_alone_and_among_others(analyzer):
    text = "good bad good"
    assert analyzer.score([text], "en-US")[0] == analyzer.score(["bad", text], "en-US")[1]


@pytest.mark.parametrize(
    "text",
    ["", " ", "!?", "🙂", "a" * 5000, "\x00", "نص", "good " * 2000],
    ids=["empty", "blank", "punctuation", "emoji", "long_word", "nul", "arabic", "many_words"],
)
def test_reads_any_text_without_an_error(analyzer, text):
    (mood,) = analyzer.score([text], "en-US")
    assert isinstance(mood, Mood)
    assert -1 <= mood.score <= 1


@pytest.mark.parametrize("language", ["en-US", "en-GB", "en"])
def test_reads_every_kind_of_english(analyzer, language):
    assert analyzer.score(["good"], language)[0].label is SentimentLabel.POSITIVE


def test_says_that_it_cannot_read_a_language_instead_of_inventing_labels(analyzer):
    with pytest.raises(EngineMissing):
        analyzer.score(["gut"], "de-DE")


def test_names_itself_with_a_version(analyzer):
    assert analyzer.engine.name
    assert analyzer.engine.version
    assert analyzer.engine.detail
