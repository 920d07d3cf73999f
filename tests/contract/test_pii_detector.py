"""What every ``PiiDetector`` promises, whatever finds the data."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.aws.comprehend_pii import ComprehendPii
from chalicelib.adapters.engines.pii_combined import CombinedPii
from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.adapters.engines.rampart import Rampart
from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.redaction import redact
from chalicelib.domain.transcript import Channel, Engine, Role, Transcript, Turn
from chalicelib.ports.language import PiiDetector
from tests.aws_endpoint import Refused
from tests.comprehend_service import Comprehend, comprehend

DETECTORS = {"patterns": PatternPii, "rampart": lambda: RAMPART}
RAMPART = CombinedPii(Rampart())


@pytest.fixture
def service():
    return Comprehend()


@pytest.fixture
def aws(service):
    with comprehend(service) as client:
        yield ComprehendPii(client)


@pytest.fixture(params=[*DETECTORS, "comprehend"])
def detector(request) -> PiiDetector:
    if request.param == "comprehend":
        return request.getfixturevalue("aws")
    return DETECTORS[request.param]()


def turns_of(*texts):
    roles = (Role.CUSTOMER, Role.AGENT)
    return [
        Turn(str(i), roles[i % 2], roles[i % 2], i * 1000, i * 1000 + 900, text)
        for i, text in enumerate(texts)
    ]


def test_it_names_its_engine(detector):
    assert isinstance(detector.engine, Engine)
    assert detector.engine.name
    assert detector.engine.version


def test_no_turns_have_no_findings(detector):
    assert list(detector.spans([], "en-US")) == []


def test_innocent_turns_have_no_findings(detector):
    assert list(detector.spans(turns_of("hello", "", "how are you today?"), "en-US")) == []


def test_a_written_card_is_found_exactly(detector):
    text = "my card is 4111 1111 1111 1111, thanks"
    (span,) = detector.spans(turns_of(text), "en-US")
    assert (text[span.begin : span.end], span.entity) == (
        "4111 1111 1111 1111",
        "CREDIT_DEBIT_NUMBER",
    )
    assert 0 < span.score <= 1
    assert span.detector


def test_the_same_conversation_has_the_same_findings_and_no_memory_of_others(detector):
    asked, answer = (
        turns_of("4111 1111 1111 1111", "What is your card number?"),
        turns_of("4242 ok"),
    )
    alone = list(detector.spans(answer, "en-US"))
    detector.spans(asked, "en-US")
    assert list(detector.spans(answer, "en-US")) == alone


PIECES = st.sampled_from(
    [
        "4111 1111 1111 1111", "card number", "4111", "one two three", "john at gmail dot com",
        "a@b.co", "pin", "206-555-0100", "is my ssn", "expires", "04/26", "April 2026",
        "order number", "double", "👩‍👩‍👧", "é", ", ", "?",
    ]
)  # fmt: skip
TALKS = st.lists(st.lists(PIECES, max_size=6).map(" ".join) | st.text(max_size=30), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(talk=TALKS)
def test_findings_are_in_order_disjoint_and_maskable(detector, talk):
    turns = turns_of(*talk)
    spans = detector.spans(turns, "en-US")
    places = [(int(s.turn_id), s.begin, s.end) for s in spans]
    assert places == sorted(places)
    for (turn, _, end), (following, begin, _) in pairwise(places):
        assert turn < following or end <= begin
    redact(Transcript(Channel.CHAT, "en-US", (), tuple(turns), detector.engine), spans)


# Amazon Comprehend


def found(detector, *texts, language="en-US"):
    spans = detector.spans(turns_of(*texts), language)
    return [(s.turn_id, texts[int(s.turn_id)][s.begin : s.end], s.entity) for s in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "👩\u200d👩\u200d👧 is at ana@example.com", ("ana@example.com", "EMAIL"),
            id="offsets_count_a_family_as_five_characters",
        ),
        pytest.param(
            "n\u0303 é 很好 a@b.co", ("a@b.co", "EMAIL"), id="offsets_are_no_bytes_and_no_letters"
        ),
        pytest.param(
            "pay to DE12345678901234567890", ("DE12345678901234567890", "BANK_ACCOUNT_NUMBER"),
            id="an_iban_is_an_account_number",
        ),
    ],
)  # fmt: skip
def test_comprehends_findings_lie_where_they_are_read(aws, text, expected):
    assert found(aws, "hello", text) == [("1", *expected)]


def test_comprehends_dates_are_not_masked(aws):
    assert found(aws, "call a@b.co tomorrow") == [("0", "a@b.co", "EMAIL")]


def test_comprehend_reads_a_conversation_at_once(aws, service):
    assert found(aws, "your card?", "", "4111 1111 1111 1111", "a@b.co") == [
        ("2", "4111 1111 1111 1111", "CREDIT_DEBIT_NUMBER"),
        ("3", "a@b.co", "EMAIL"),
    ]
    assert [r["Text"] for r in service.requests] == ["your card?\n4111 1111 1111 1111\na@b.co"]


def test_a_finding_of_comprehend_over_two_turns_is_one_in_each(aws):
    assert found(aws, "it is 4111 1111", "1111 1111 ok") == [
        ("0", "4111 1111", "CREDIT_DEBIT_NUMBER"),
        ("1", "1111 1111", "CREDIT_DEBIT_NUMBER"),
    ]


@pytest.mark.parametrize(
    ("texts", "requests"),
    [
        pytest.param(["é" * 40_000 + " a@b.co"] * 3, 3, id="turns_go_where_they_fit"),
        pytest.param(["All is well. " * 9000 + "a@b.co"], 2, id="a_long_turn_is_cut"),
        pytest.param(["ok a@b.co", "é" * 50_001 + " a@b.co"], 3, id="the_cut_turn_keeps_its_place"),
    ],
)
def test_comprehend_gets_at_most_100_kb_a_text(aws, service, texts, requests):
    expected = [(str(n), "a@b.co", "EMAIL") for n in range(len(texts))]
    assert found(aws, *texts) == expected
    assert len(service.requests) == requests


@pytest.mark.parametrize(("language", "code"), [("en-GB", "en"), ("es-MX", "es")])
def test_comprehend_finds_personal_data_in_two_languages(aws, service, language, code):
    assert found(aws, "a@b.co", language=language)
    assert service.requests[0]["LanguageCode"] == code


def test_comprehend_reads_others_as_english_and_says_so(aws, service):
    assert found(aws, "a@b.co", language="de-DE")
    assert service.requests[0]["LanguageCode"] == "en"


@pytest.mark.parametrize("language", ["en-US", "en"])
def test_english_is_read_whole(detector, language):
    assert detector.limits(language) == ""


def test_what_is_left_unread_in_another_language_is_said(detector):
    assert "fi-FI" in detector.limits("fi-FI")


def test_comprehend_may_not_read_a_language_in_its_region(aws, service):
    service.faults.append(Refused(400, "UnsupportedLanguageException", "not here"))
    with pytest.raises(EngineMissing, match="'es'"):
        aws.spans(turns_of("a@b.co"), "es-ES")


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        pytest.param(400, "ThrottlingException", True, id="too_many_calls"),
        pytest.param(500, "InternalServerException", True, id="the_service_broke"),
        pytest.param(403, "AccessDeniedException", False, id="not_allowed"),
    ],
)
def test_comprehend_that_does_not_answer_is_unavailable(aws, service, status, code, retryable):
    service.faults.append(Refused(status, code, "about a text"))
    with pytest.raises(Unavailable, match=f"^Comprehend: {code}$") as caught:
        aws.spans(turns_of("a@b.co"), "en-US")
    assert caught.value.retryable is retryable


def test_a_finding_of_comprehend_outside_the_text_is_not_taken():
    class Astray:
        def detect_pii_entities(self, **_: Any) -> dict[str, Any]:
            place = {"BeginOffset": 2, "EndOffset": 99}
            return {"Entities": [{"Score": 1.0, "Type": "EMAIL", **place}]}

    with pytest.raises(Unavailable, match="outside"):
        ComprehendPii(Astray()).spans(turns_of("a@b.co"), "en-US")
