"""The summary stage: when there is none, what is believed of an engine, what stays redacted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.redaction import PiiSpan, redact
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.summary import (
    IMPORTED,
    KeyHighlight,
    KeyPhrase,
    Summary,
    SummarySentence,
    highlights_by_turn,
    to_original,
)
from chalicelib.domain.transcript import Channel, Highlight
from chalicelib.stages import summary as stage
from chalicelib.stages.categories import Judging
from chalicelib.stages.conversation import Material, Standing, analyse
from tests.fakes.language import FakePiiDetector, FakeSentiment, FakeSummarizer
from tests.unit.conversations import A, C, U, call, chat, event, span, wrote

BOTH = call(span(C, 0, 900, "my lamp is broken"), span(A, 1000, 1900, "I see"))


@pytest.mark.parametrize(
    "transcript",
    [
        pytest.param(call(), id="nobody_spoke"),
        pytest.param(call(span(C, 0, 900, "hello")), id="only_the_customer"),
        pytest.param(call(span(A, 0, 900, "hello")), id="only_the_agent"),
        pytest.param(call(span(U, 0, 900, "one"), span(U, 1000, 1900, "two")), id="one_channel"),
        pytest.param(chat(wrote(C, 0, "hello"), event(A, 10)), id="the_agent_only_joined"),
        pytest.param(chat(wrote(C, 0, "hello"), wrote(A, 10, " ")), id="the_agent_wrote_blanks"),
    ],
)
def test_too_little_to_sum_up_is_said_and_no_engine_asked(transcript):
    engine = FakeSummarizer()
    made = stage.make(transcript, engine)
    assert isinstance(made, SkippedAnalysis)
    assert (made.capability, made.reason) == ("summary", "INSUFFICIENT_CONVERSATION_CONTENT")
    assert made.conversation == transcript.channel.lower()
    assert engine.asked == 0


def test_another_language_is_skipped_with_the_engines_reason():
    made = stage.make(replace(BOTH, language="de-DE"), FakeSummarizer())
    assert isinstance(made, SkippedAnalysis)
    assert (made.reason, made.detail) == ("ENGINE_MISSING", "no summary for de-DE")


def test_highlights_of_the_source_are_kept_instead_of_ours():
    own = replace(BOTH.turns[1], highlights=(Highlight("OUTCOME", 0, 1, "I"),))
    made = stage.make(replace(BOTH, turns=(BOTH.turns[0], own)), FakeSummarizer())
    assert isinstance(made, Summary)
    assert made.highlights == (KeyHighlight("OUTCOME", "AGENT-1000", 0, 1, IMPORTED),)
    assert made.sentences


class Answers(FakeSummarizer):
    def __init__(self, **parts):
        super().__init__()
        self._parts = parts

    def summarise(self, turns, language):
        return Summary(self.engine, **self._parts)


def mark(begin, end, turn_id="CUSTOMER-0", kind="ISSUE"):
    return KeyHighlight(kind, turn_id, begin, end)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"highlights": (mark(0, 99),)}, id="a_span_beyond_the_turn"),
        pytest.param({"highlights": (mark(3, 3),)}, id="an_empty_span"),
        pytest.param({"highlights": (mark(-2, 3),)}, id="a_span_before_the_turn"),
        pytest.param({"highlights": (mark(0, 3),)}, id="a_span_with_a_blank_at_its_end"),
        pytest.param({"highlights": (mark(0, 2, "x"),)}, id="a_turn_that_does_not_exist"),
        pytest.param({"highlights": (mark(0, 2, kind="JOKE"),)}, id="a_kind_that_does_not_exist"),
        pytest.param({"highlights": (mark(0, 2), mark(3, 7))}, id="two_issues"),
        pytest.param({"highlights": (mark(0, 12),)}, id="half_a_mask"),
        pytest.param({"sentences": (SummarySentence("hm", ("x",)),)}, id="a_sentence_of_no_turn"),
        pytest.param({"key_phrases": (KeyPhrase("hm", 1, ("x",)),)}, id="a_phrase_of_no_turn"),
    ],
)
def test_an_engine_that_cites_what_was_not_said_is_not_believed(parts):
    masked = redact(BOTH, [PiiSpan("CUSTOMER-0", 3, 7, "LAMPNAME", "test")])
    with pytest.raises(Unavailable):
        stage.make(masked, Answers(**parts))


def test_beside_the_text_before_redaction_highlights_move_and_sentences_stay():
    raw = call(span(C, 0, 900, "I am Jo. My lamp 4711 broke."), span(A, 1000, 1900, "ok"))
    spans = [PiiSpan("CUSTOMER-0", 5, 7, "NAME", "t"), PiiSpan("CUSTOMER-0", 17, 21, "PIN", "t")]
    masked = redact(raw, spans)
    text = masked.turns[0].text
    begin = text.index("My lamp")
    sentence = SummarySentence(text[begin:], ("CUSTOMER-0",))
    summary = Summary(FakeSummarizer.engine, (mark(begin, len(text)),), (sentence,))
    moved = to_original(summary, raw, spans)
    (highlight,) = highlights_by_turn(raw, moved)["CUSTOMER-0"]
    assert highlight.text == "My lamp 4711 broke."
    assert moved.sentences == (SummarySentence("My lamp [PIN] broke.", ("CUSTOMER-0",)),)


def readings(transcript=BOTH, engine=None, **kw):
    return analyse(
        Material(Channel.VOICE, "k", "e", transcript),
        settings=Settings(),
        judging=Judging(RuleSet("none", ()), Tools()),
        sentiment=FakeSentiment(),
        pii=FakePiiDetector({"4711": "PIN"}),
        summarizer=engine or FakeSummarizer(),
        **kw,
    )


def test_a_conversation_has_its_summary_of_the_masked_text_and_names_the_engine():
    talk = call(span(C, 0, 900, "pin 4711 fails"), span(A, 1000, 1900, "ok"))
    made = readings(talk)
    assert made.redacted.summary.text == "pin [PIN] fails"
    assert made.original.summary.text == "pin [PIN] fails"
    assert made.redacted.engines["summary"] == FakeSummarizer.engine
    assert "summary" not in [s.capability for s in made.redacted.skipped]


def test_a_conversation_without_a_summary_says_why_and_names_no_engine():
    made = readings(call(span(C, 0, 900, "hello"))).redacted
    assert made.summary is None
    assert "summary" not in made.engines
    assert [s.reason for s in made.skipped if s.capability == "summary"] == [
        "INSUFFICIENT_CONVERSATION_CONTENT"
    ]


def test_a_summary_that_still_stands_is_not_made_again():
    engine = FakeSummarizer()
    first = readings(engine=engine).redacted.summary
    again = readings(engine=engine, standing=Standing(summary=first)).redacted.summary
    assert (again, engine.asked) == (first, 1)
