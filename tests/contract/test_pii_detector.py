"""What every ``PiiDetector`` promises, whatever finds the data."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.engines.pii_combined import CombinedPii
from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.adapters.engines.rampart import Rampart
from chalicelib.domain.redaction import redact
from chalicelib.domain.transcript import Channel, Engine, Role, Transcript, Turn
from chalicelib.ports.language import PiiDetector

DETECTORS = {"patterns": PatternPii, "rampart": lambda: RAMPART}
RAMPART = CombinedPii(Rampart())


@pytest.fixture(params=DETECTORS.values(), ids=DETECTORS)
def detector(request) -> PiiDetector:
    return request.param()


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
