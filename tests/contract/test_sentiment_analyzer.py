"""What every sentiment engine promises to the stage that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.adapters.aws.comprehend_sentiment import ComprehendSentiment
from chalicelib.adapters.engines.minilm_sentiment import MiniLmSentiment
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.transcript import SentimentLabel
from chalicelib.ports.language import Failed, Mood, SentimentAnalyzer
from tests.aws_endpoint import Refused
from tests.comprehend_service import Comprehend, comprehend
from tests.fakes.language import FakeSentiment

ENGINES = {"minilm": MiniLmSentiment(), "vader": VaderSentiment(), "fake": FakeSentiment()}


@pytest.fixture
def service() -> Comprehend:
    return Comprehend()


@pytest.fixture
def aws(service: Comprehend) -> Iterator[ComprehendSentiment]:
    with comprehend(service) as client:
        yield ComprehendSentiment(client)


@pytest.fixture(params=[*ENGINES, "comprehend"])
def analyzer(request: pytest.FixtureRequest) -> SentimentAnalyzer:
    if request.param == "comprehend":
        return request.getfixturevalue("aws")
    return ENGINES[request.param]


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
        analyzer.score(["ok"], "fi-FI")


def test_names_itself_with_a_version(analyzer):
    assert analyzer.engine.name
    assert analyzer.engine.version
    assert analyzer.engine.detail


# Amazon Comprehend


def test_comprehend_scores_by_shares_and_is_as_sure_as_of_its_label(aws):
    moods = aws.score(["good bad", "good", "so so"], "en-US")
    assert list(moods) == [
        Mood(SentimentLabel.MIXED, 0.0, 0.5),
        Mood(SentimentLabel.POSITIVE, 1.0, 1.0),
        Mood(SentimentLabel.NEUTRAL, 0.0, 1.0),
    ]


def test_comprehend_is_asked_in_batches_of_25_and_keeps_the_order(aws, service):
    service.shuffled = True
    texts = [("good", "bad", "so")[n % 3] for n in range(53)]
    labels = [mood.label.value[:3].lower() for mood in aws.score(texts, "en-US")]
    assert labels == [{"good": "pos", "bad": "neg", "so": "neu"}[text] for text in texts]
    assert [len(r["TextList"]) for r in service.requests] == [25, 25, 3]


def test_comprehend_is_not_asked_about_blank_texts(aws, service):
    neutral = Mood(SentimentLabel.NEUTRAL, 0.0)
    assert aws.score(["", "good", " \n"], "en-US")[::2] == [neutral, neutral]
    assert [r["TextList"] for r in service.requests] == [["good"]]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("It is good. " * 500, 2, id="cut_behind_a_sentence"),
        pytest.param("good " * 1500, 2, id="cut_behind_a_blank"),
        pytest.param("é" * 2501, 2, id="two_bytes_a_character"),
        pytest.param("a" + "👩\u200d👩\u200d👧" * 400, 2, id="four_bytes_a_character"),
        pytest.param("很好。" * 1000, 2, id="sentences_without_blanks"),
        pytest.param("good" + " " * 12_000 + "bad", 2, id="a_blank_middle_is_not_sent"),
    ],
)
def test_comprehend_reads_a_long_text_in_whole_pieces(aws, service, text, parts):
    (mood,) = aws.score([text], "en-US")
    assert isinstance(mood, Mood)
    sent = [part for r in service.requests for part in r["TextList"]]
    assert len(sent) == parts
    assert "".join(sent).split() == text.split()
    assert all(len(part.encode()) <= 5000 for part in sent)


def test_comprehend_weighs_the_pieces_of_a_long_text_by_their_length(aws):
    (mood,) = aws.score(["It is good. " * 400 + "x" * 190 + ". bad"], "en-US")
    assert mood.label is SentimentLabel.POSITIVE
    assert 0.9 < mood.score < 1


@pytest.mark.parametrize("code", ["InternalServerException", "INTERNAL_SERVER_ERROR"])
def test_comprehend_is_asked_again_for_the_text_that_it_broke_on(aws, service, code):
    service.errors["bad"] = [code]
    labels = [mood.label for mood in aws.score(["good", "bad", "good"], "en-US")]
    assert labels == [SentimentLabel.POSITIVE, SentimentLabel.NEGATIVE, SentimentLabel.POSITIVE]
    assert [r["TextList"] for r in service.requests] == [["good", "bad", "good"], ["bad"]]


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        pytest.param(["InternalServerException"] * 2, 2, id="broken_twice"),
        pytest.param(["InvalidRequestException"], 1, id="refused_once"),
    ],
)
def test_comprehend_fails_one_text_and_not_its_neighbours(aws, service, codes, asked):
    service.errors["bad"] = list(codes)
    first, failed, last = aws.score(["good", "bad", "good"], "en-US")
    assert failed == Failed(f"Amazon Comprehend: {codes[0]}")
    assert first == last == Mood(SentimentLabel.POSITIVE, 1.0, 1.0)
    assert len(service.requests) == asked


def test_comprehend_fails_a_long_text_of_which_it_cannot_read_a_piece(aws, service):
    service.errors["bad"] = ["InvalidRequestException"]
    long, short = aws.score(["It is good. " * 500 + "bad", "good"], "en-US")
    assert isinstance(long, Failed)
    assert isinstance(short, Mood)


@pytest.mark.parametrize(
    ("language", "code"),
    [("en-US", "en"), ("de-DE", "de"), ("zh-CN", "zh"), ("zh-TW", "zh-TW"), ("PT-br", "pt")],
)
def test_comprehend_is_told_the_language_by_its_own_code(aws, service, language, code):
    aws.score(["good"], language)
    assert service.requests[0]["LanguageCode"] == code


def test_comprehend_may_not_read_a_language_in_its_region(aws, service):
    service.faults.append(Refused(400, "UnsupportedLanguageException", "not here"))
    with pytest.raises(EngineMissing, match="'hi'"):
        aws.score(["good"], "hi-IN")


FAULTS = [
    pytest.param(400, "ThrottlingException", True, id="too_many_calls"),
    pytest.param(500, "InternalServerException", True, id="the_service_broke"),
    pytest.param(403, "AccessDeniedException", False, id="not_allowed"),
]


@pytest.mark.parametrize(("status", "code", "retryable"), FAULTS)
def test_comprehend_that_does_not_answer_is_unavailable(aws, service, status, code, retryable):
    service.faults.append(Refused(status, code, "about a text"))
    with pytest.raises(Unavailable, match=f"^Comprehend: {code}$") as caught:
        aws.score(["good"], "en-US")
    assert caught.value.retryable is retryable


def test_an_answer_of_comprehend_that_leaves_a_text_out_is_no_answer():
    class Forgetful:
        def batch_detect_sentiment(self, **_: Any) -> dict[str, Any]:
            return {"ResultList": [], "ErrorList": []}

    with pytest.raises(Unavailable):
        ComprehendSentiment(Forgetful()).score(["good"], "en-US")
