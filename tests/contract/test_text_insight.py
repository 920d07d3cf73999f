"""What every deeper reading promises to the follow-up that asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.aws.comprehend_insight import ComprehendInsight
from chalicelib.adapters.aws.comprehend_texts import pieces, size
from chalicelib.adapters.engines.entity_finder import LocalEntities
from chalicelib.adapters.engines.insight_local import LocalInsight
from chalicelib.adapters.engines.langid import LangId
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.domain.entity_list import EntityList
from chalicelib.domain.errors import EngineMissing, LanguageNotServed, Unavailable
from chalicelib.domain.insight import TARGET_KINDS, TOXIC_KINDS, DocumentClass, Phrase, Toxicity
from chalicelib.domain.transcript import SentimentLabel
from chalicelib.ports.insight import TextInsight
from chalicelib.ports.language import Failed, Guess
from tests.aws_endpoint import REGION, Refused
from tests.aws_faults import Cut, Garbage, Stall, with_fields
from tests.comprehend_service import Comprehend, asked
from tests.fakes.language import FakeEntities, FakeSentiment

CLASSIFIER = f"arn:aws:comprehend:{REGION}:111122223333:document-classifier-endpoint/topics"
GERMAN = "Guten Tag, ich habe gestern bestellt und warte noch auf die Ware."
LISTED = EntityList({"acme": "ORGANIZATION"})
LOCAL = LocalInsight(VaderSentiment(), LocalEntities(LISTED), LangId())
POSITIVE, NEGATIVE = SentimentLabel.POSITIVE, SentimentLabel.NEGATIVE
NEUTRAL = SentimentLabel.NEUTRAL


@pytest.fixture
def service() -> Comprehend:
    return Comprehend()


@pytest.fixture
def aws(service: Comprehend) -> Iterator[ComprehendInsight]:
    with asked(service, read_timeout=1) as client:
        yield ComprehendInsight(client, CLASSIFIER)


@pytest.fixture(params=["local", "comprehend"])
def insight(request: pytest.FixtureRequest) -> TextInsight:
    return LOCAL if request.param == "local" else request.getfixturevalue("aws")


def felt(insight: TextInsight, text: str) -> list[tuple[str, str, SentimentLabel]]:
    (result,) = insight.feelings([text], "en-US")
    assert not isinstance(result, Failed)
    return [(text[f.begin : f.end], f.name, f.label) for f in result]


def phrases(insight: TextInsight, *texts: str) -> list[list[str]]:
    found = insight.phrases(texts, "en-US")
    return [[t[p.begin : p.end] for p in own] for t, own in zip(texts, found, strict=True)]


# Both


def test_each_thing_has_the_feeling_of_its_own_sentence(insight):
    text = "I hate the router. The agent was good. The website is blue."
    assert felt(insight, text) == [
        ("router", "router", NEGATIVE),
        ("agent", "agent", POSITIVE),
        ("website", "website", NEUTRAL),
    ]


def test_results_are_as_many_as_texts_and_in_order(insight):
    texts = ["I love the router", "", "I hate the router", "no such thing"]
    labels = [[f.label for f in own] for own in insight.feelings(texts, "en-US")]
    assert labels == [[POSITIVE], [], [NEGATIVE], []]
    scores = [each.score > 0.5 for each in insight.toxicity(["you idiot", "", "hello"], "en")]
    assert scores == [True, False, False]
    assert phrases(insight, "router box here", " ", "my router box") == [
        ["router box"],
        [],
        ["router box"],
    ]
    assert [type(each) for each in insight.languages([GERMAN, "", GERMAN])] == [Guess] * 3


def test_no_texts_have_no_results(insight):
    for read in (insight.feelings, insight.toxicity, insight.phrases):
        assert list(read([], "en-US")) == []
    assert list(insight.languages([])) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "!?",
        "🙂 the router",
        "a" * 6000,
        "\x00",
        "my router is bad. " * 300,
        "Acme, it",
        "’",
    ],
    ids=["empty", "blank", "marks", "emoji", "long_word", "nul", "many", "no_thing", "apostrophe"],
)
def test_what_is_found_lies_in_the_text_in_order_and_apart(insight, text):
    (feelings,) = insight.feelings([text], "en-US")
    (found,) = insight.phrases([text], "en-US")
    for places in (feelings, found):
        assert all(0 <= p.begin < p.end <= len(text) for p in places)
        assert all(before.end <= after.begin for before, after in pairwise(places))
    assert all(f.name and f.name in text and -1 <= f.score <= 1 for f in feelings)
    assert {f.kind for f in feelings} <= set(TARGET_KINDS)
    (toxic,) = insight.toxicity([text], "en-US")
    assert 0 <= toxic.score <= 1
    assert set(toxic.labels) <= set(TOXIC_KINDS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("you are an idiot", "INSULT"),
        ("not this damn router again", "PROFANITY"),
        ("I will kill you", "VIOLENCE_OR_THREAT"),
    ],
)
def test_abuse_is_named_by_its_kind(insight, text, kind):
    (toxic,) = insight.toxicity([text], "en-US")
    assert max(toxic.labels, key=toxic.labels.__getitem__) == kind
    assert toxic.score > 0.5


@pytest.mark.parametrize("reading", ["feelings", "toxicity"])
def test_a_language_that_is_not_read_is_said_and_not_guessed(insight, reading):
    with pytest.raises(LanguageNotServed, match="fi-FI"):
        getattr(insight, reading)(["Hei"], "fi-FI")


def test_it_tells_the_language_of_a_text(insight):
    (guess,) = insight.languages([GERMAN])
    assert max(guess.shares, key=guess.shares.__getitem__) == "de"


def test_it_names_itself_with_a_version(insight):
    assert insight.engine.name
    assert insight.engine.version
    assert insight.engine.detail


# In this process


SAID = {
    "a_contrast_is_two_clauses": (
        "The agent was great but the new router is awful.",
        [("agent", POSITIVE), ("router", NEGATIVE)],
    ),
    "a_listed_name_needs_no_article": ("I love Acme", [("Acme", POSITIVE)]),
    "a_name_of_three_words": (
        "my monthly phone bill is terrible",
        [("monthly phone bill", NEGATIVE)],
    ),
    "what_describes_is_no_name": (
        "this terrible broken router",
        [("broken router", NEGATIVE)],
    ),
    "manners_speak_of_nothing": ("Thank you for calling the shop", []),
    "a_date_is_nothing_to_feel_about": ("I love the 3rd of May", []),
    "a_pronoun_is_not_followed": ("I hate it", []),
}


@pytest.mark.parametrize(("text", "expected"), SAID.values(), ids=SAID)
def test_local_feels_by_clauses(text, expected):
    assert [(name, label) for _, name, label in felt(LOCAL, text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "I shoot you an e-mail", "the classic assessment", "Arsenal plays", "shiitake mushrooms",
        "a flame retardant", "you will pay for this service", "did the parcel get lost", "a stupid router",
        "Scunthorpe", "would it kill you to help",
    ],
)  # fmt: skip
def test_local_takes_no_part_of_a_word_and_no_common_phrase_for_abuse(text):
    assert LOCAL.toxicity([text], "en-US") == [Toxicity(0.0)]


@pytest.mark.parametrize("text", ["You’re useless", "SHUT\n UP", "go to  Hell!"])
def test_local_knows_abuse_in_any_writing(text):
    assert LOCAL.toxicity([text], "en-US")[0].score == 1.0


def test_local_has_no_classes_and_says_why():
    with pytest.raises(EngineMissing, match="LOUPE_INSIGHT=comprehend"):
        LOCAL.classes("my bill", "en-US")


def test_local_without_an_identifier_tells_no_language():
    with pytest.raises(EngineMissing, match="LOUPE_LANGUAGE_ID=none"):
        LocalInsight(FakeSentiment(), FakeEntities()).languages(["hello"])


def test_local_fails_the_text_whose_clause_cannot_be_read():
    broken = LocalInsight(FakeSentiment(unreadable="noise"), FakeEntities())
    first, failed, last = broken.feelings(["the a router", "the router is noise", "no"], "en")
    assert failed == Failed("unreadable")
    assert not isinstance(first, Failed)
    assert not isinstance(last, Failed)


def test_local_asks_for_each_clause_once():
    sentiment = FakeSentiment()
    LocalInsight(sentiment, FakeEntities()).feelings(["my router and my bill"] * 3, "en")
    assert sentiment.batches == [("my router and my bill",)]


@pytest.mark.parametrize("unit", ["the router ", "the ", "but ", "you ", "a. ", "the a b c "])
def test_time_grows_with_the_text_and_no_faster(unit):
    local = LocalInsight(FakeSentiment(), LocalEntities())

    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        begun = time.process_time()
        local.feelings([text], "en-US")
        local.toxicity([text], "en-US")
        return time.process_time() - begun

    short, long = (min(seconds(length) for _ in range(2)) for length in (5_000, 20_000))
    assert long < 10 * max(short, 0.02)


# Amazon Comprehend


def test_comprehend_calls_a_thing_by_its_name_where_a_pronoun_means_it(aws):
    assert felt(aws, "My router broke. I hate it.") == [
        ("router", "router", NEUTRAL),
        ("it", "router", NEGATIVE),
    ]


def test_comprehend_is_asked_in_batches_of_25_and_keeps_the_order(aws, service):
    service.shuffled = True
    texts = [("good router", "bad router", "so")[n % 3] for n in range(53)]
    found = [[f.label for f in own] for own in aws.feelings(texts, "en-US")]
    assert found == [{"g": [POSITIVE], "b": [NEGATIVE], "s": []}[text[0]] for text in texts]
    assert [len(r["TextList"]) for r in service.requests] == [25, 25, 3]
    assert {r["LanguageCode"] for r in service.requests} == {"en"}


def test_comprehend_reads_a_long_text_in_pieces_on_its_own_offsets(aws, service):
    text = "🙂 It is so. " * 600 + "I hate the router."
    assert felt(aws, text)[-1] == ("router", "router", NEGATIVE)
    assert phrases(aws, text) == [["router"]]
    assert all(size(part) <= 5000 for r in service.requests for part in r["TextList"])


@pytest.mark.parametrize(
    ("codes", "asked_", "failed"),
    [
        pytest.param(["InternalServerException"], 2, False, id="asked_again_where_it_broke"),
        pytest.param(["InternalServerException"] * 2, 2, True, id="failed_where_it_broke_twice"),
        pytest.param(["InvalidRequestException"], 1, True, id="failed_where_it_was_refused"),
    ],
)
@pytest.mark.parametrize("reading", ["feelings", "phrases"])
def test_comprehend_fails_one_text_and_not_its_neighbours(
    aws, service, reading, codes, asked_, failed
):
    service.errors["Acme"] = list(codes)
    first, broken, last = getattr(aws, reading)(["a router", "Acme router", "router"], "en-US")
    assert (len(first), len(last)) == (1, 1)
    assert isinstance(broken, Failed) == failed
    texts = [r["TextList"] for r in service.requests]
    assert texts == [["a router", "Acme router", "router"], ["Acme router"]][:asked_]


def test_comprehend_reads_phrases_in_its_languages(aws, service):
    assert aws.phrases(["el router"], "es-ES") == [[Phrase(3, 9, 0.9)]]
    assert service.requests[0]["LanguageCode"] == "es"
    with pytest.raises(LanguageNotServed):
        aws.phrases(["router"], "fi-FI")


def test_comprehend_gets_ten_segments_of_1000_bytes(aws, service):
    texts = ["hello", " ", "It is so. " * 1500 + "You idiot. I will kill you.", "damn"]
    clean, blank, long, short = aws.toxicity(texts, "en-US")
    assert (clean.score, blank, short.score) == (0.01, Toxicity(0.0), 0.9)
    assert (long.labels["INSULT"], long.labels["PROFANITY"]) == (0.9, 0.01)
    sent = [[s["Text"] for s in r["TextSegments"]] for r in service.requests]
    assert [len(batch) for batch in sent] == [10, 8]
    assert all(size(text) <= 1000 for batch in sent for text in batch)
    assert "".join(text for batch in sent for text in batch) == "".join(
        t for t in texts if t.strip()
    )


def test_comprehend_asks_each_segment_alone_where_one_is_refused(aws, service):
    service.errors["secret"] = ["InvalidRequestException"] * 2
    first, refused, last = aws.toxicity(["you idiot", "secret", "hello"], "en-US")
    assert (first.score, last.score) == (0.9, 0.01)
    assert refused == Failed("Amazon Comprehend: InvalidRequestException")
    assert [len(r["TextSegments"]) for r in service.requests] == [3, 1, 1, 1]


@pytest.mark.parametrize("several", [False, True], ids=["one_class", "several_labels"])
def test_comprehend_classifies_a_long_conversation_in_parts_by_their_length(aws, service, several):
    service.several = several
    text = "bill " * 2500 + "so what. " * 1000
    found = aws.classes(text, "en-US")
    assert [each.name for each in found] == ["billing", "other"]
    assert sum(each.score for each in found) == pytest.approx(1)
    assert found[0].score == pytest.approx(size("bill " * 2500) / size(text), abs=0.03)
    sent = [r["Text"] for r in service.requests]
    assert "".join(sent) == text
    assert all(size(part) <= 10_000 for part in sent)
    assert {r["EndpointArn"] for r in service.requests} == {CLASSIFIER}


def test_comprehend_has_no_classes_of_an_empty_conversation(aws, service):
    assert aws.classes(" \n", "en-US") == []
    assert service.requests == []


def test_comprehend_cannot_classify_a_part_that_it_refuses(aws, service):
    service.errors["secret"] = ["TextSizeLimitExceededException"]
    failed = aws.classes("secret", "en-US")
    assert failed == Failed("Amazon Comprehend: TextSizeLimitExceededException")


def test_comprehend_reads_only_as_many_fields_as_it_needs(aws, service):
    service.faults.append(
        with_fields(Classes=[{"Name": "billing", "Score": 0.5, "Age": 3}], Weather="fine")
    )
    assert aws.classes("my bill", "en-US") == [DocumentClass("billing", 0.5)]


def test_comprehend_without_a_classifier_says_which_setting_names_it(service):
    with (
        asked(service) as client,
        pytest.raises(EngineMissing, match="LOUPE_COMPREHEND_CLASSIFIER"),
    ):
        ComprehendInsight(client).classes("my bill", "en-US")


READINGS = {
    "feelings": lambda insight: insight.feelings(["router"], "en-US"),
    "phrases": lambda insight: insight.phrases(["router"], "en-US"),
    "toxicity": lambda insight: insight.toxicity(["router"], "en-US"),
    "languages": lambda insight: insight.languages(["router"]),
    "classes": lambda insight: insight.classes("router", "en-US"),
}
FAULTS = {
    "too_many_calls": (Refused(400, "ThrottlingException", "about a text"), True),
    "too_many_calls_by_status": (Refused(429, "TooManyRequestsException", "about a text"), True),
    "the_service_broke": (Refused(500, "InternalServerException", "about a text"), True),
    "not_allowed": (Refused(403, "AccessDeniedException", "about a text"), False),
    "an_answer_cut_off": (Cut(5), True),
    "an_answer_too_late": (Stall(30), True),
    "a_proxy_answers": (Garbage(), True),
    "a_gateway_answers": (Garbage(status=502), True),
}


@pytest.mark.parametrize(("fault", "retryable"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
def test_comprehend_that_does_not_answer_is_unavailable(aws, service, read, fault, retryable):
    service.faults.append(fault)
    with pytest.raises(Unavailable, match=r"^Comprehend: ") as caught:
        read(aws)
    assert caught.value.retryable is retryable
    assert "about a text" not in str(caught.value)


def odd(**fields: object) -> object:
    return with_fields(ResultList=[{"Index": 0, **fields}])


SHARES = {"Positive": 1.0, "Negative": 0.0, "Neutral": 0.0, "Mixed": 0.0}
MENTION = {
    "Type": "OTHER",
    "BeginOffset": 0,
    "EndOffset": 6,
    "MentionSentiment": {"Sentiment": "PUZZLED", "SentimentScore": SHARES},
}
STRANGE = {
    "a_feeling_that_nobody_knows": (
        "feelings",
        odd(Entities=[{"Mentions": [MENTION], "DescriptiveMentionIndex": [0]}]),
    ),
    "a_feeling_without_a_score": (
        "feelings",
        odd(Entities=[{"Mentions": [{**MENTION, "MentionSentiment": {}}]}]),
    ),
    "a_thing_without_a_mention": ("feelings", odd(Entities=[{"Mentions": []}])),
    "no_phrases": ("phrases", odd(Weather="fine")),
    "no_toxicity": ("toxicity", odd(Labels=[])),
    "no_languages": ("languages", odd(Weather="fine")),
}


@pytest.mark.parametrize(("reading", "fault"), STRANGE.values(), ids=STRANGE)
def test_comprehend_fails_a_text_of_which_it_says_what_nobody_knows(aws, service, reading, fault):
    service.faults.append(fault)
    (failed,) = READINGS[reading](aws)
    assert failed == Failed("Amazon Comprehend: a result that cannot be read")


def test_comprehend_may_know_kinds_of_things_and_abuse_that_have_no_name_yet(aws, service):
    mixed = {"Sentiment": "MIXED", "SentimentScore": SHARES}
    known = {**MENTION, "Type": "PLANET", "MentionSentiment": mixed}
    service.faults.append(odd(Entities=[{"Mentions": [known]}]))
    ((feeling,),) = aws.feelings(["router"], "en-US")
    assert (feeling.kind, feeling.name) == ("OTHER", "router")
    labels = [{"Name": "SPAM", "Score": 1.0}, {"Name": "INSULT", "Score": 0.5}]
    service.faults.append(odd(Labels=labels, Toxicity=0.5))
    assert aws.toxicity(["x"], "en-US") == [Toxicity(0.5, {"INSULT": 0.5})]


def test_comprehend_must_answer_about_each_segment(aws, service):
    service.faults.append(with_fields(ResultList=[]))
    with pytest.raises(Unavailable, match="not about the texts"):
        aws.toxicity(["x"], "en-US")


TEXTS = st.text(max_size=80) | st.lists(
    st.sampled_from(["So. ", "é", "好。", "👩\u200d👧", "\n", "word ", "?!", "a" * 30]), max_size=30
).map("".join)


@given(text=TEXTS, limit=st.sampled_from([4, 16, 100, 1000]))
def test_pieces_are_the_text_cut_between_characters_to_so_many_bytes(text, limit):
    parts = list(pieces(text, limit))
    assert "".join(parts) == text
    assert all(0 < size(part) <= limit for part in parts)
