"""Explanations: complete, and enough to work every number out again."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.config import Settings
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.explain.contact import comparison, explain, explain_contact
from chalicelib.domain.explain.explanation import Metric
from chalicelib.domain.explain.formulas import (
    FORMULAS,
    IMPORTED,
    comes_out,
    derived,
    formula_of,
    working,
)
from chalicelib.domain.method import Method
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.sentiment import Quarter
from chalicelib.domain.transcript import ANALYSED_ROLES, Channel, Role, Span, TurnGroup, TurnKind
from chalicelib.domain.voice_metrics import characterise
from chalicelib.stages.categories import Judging
from chalicelib.stages.conversation import Material, analyse
from tests.fakes.language import FakePiiDetector, FakeSentiment, FakeSummarizer
from tests.rules import says
from tests.shared_data import ROOT
from tests.unit.analyses import (
    CONVERSATIONS,
    contact,
    conversation,
    full_chat,
    imported_call,
    voice_call,
)
from tests.unit.conversations import (
    MIX,
    NEG,
    NEU,
    POS,
    A,
    C,
    U,
    call,
    chat,
    event,
    said,
    sound,
    span,
    wrote,
)


def by_key(made):
    told = {(e.metric, e.role, e.part): e for e in explain(made)}
    assert len(told) == len(explain(made)), "two explanations of one number"
    return told


def stored(made):
    """Every number that the analysis holds, straight from its fields."""
    c, s, turns = made.characteristics, made.sentiment, made.transcript.turns
    voice = made.channel is Channel.VOICE
    loud = {}
    for turn in turns:
        if turn.id in c.loudness:
            loud[turn.role] = loud.get(turn.role, 0) + len(c.loudness[turn.id])
    masks = {r: n for r in Role if (n := sum(len(t.redactions) for t in turns if t.role is r))}
    numbers = {
        (Metric.TOTAL_DURATION, None, ""): c.total_duration_ms,
        **{(Metric.LOUDNESS, r, ""): n for r, n in loud.items()},
        **{(Metric.REDACTIONS, r, ""): n for r, n in masks.items()},
        **{(Metric.CATEGORY, None, m.name): len(m.points) for m in made.categories},
        **{(Metric.QUESTION_RATE, r, ""): n for r, n in c.question_rate.items()},
        **{(Metric.SENTIMENT, r, ""): n for r, n in s.overall.items()},
    }
    for role, shift in s.shift.items():
        numbers[Metric.SENTIMENT_SHIFT, role, "begin"] = shift.begin
        numbers[Metric.SENTIMENT_SHIFT, role, "end"] = shift.end
    return numbers | (stored_call(c, s) if voice else stored_chat(c, s))


def stored_call(c, s):
    numbers = {(Metric.NON_TALK_TIME, None, ""): c.non_talk_ms}
    if not c.talk_time_ms:
        return numbers
    for role in (None, *ANALYSED_ROLES) if c.interruptions is not None else ():
        own = [i for i in c.interruptions if role in (None, i.interrupter)]
        numbers[Metric.INTERRUPTIONS, role, ""] = len(own)
    return numbers | {
        (Metric.TALK_TIME_SUM, None, ""): c.talk_time_sum_ms,
        (Metric.TALK_TIME_UNION, None, ""): c.talk_time_union_ms,
        **{(Metric.TALK_TIME, r, ""): n for r, n in c.talk_time_ms.items()},
        **{(Metric.TALK_SPEED, r, ""): n for r, n in c.talk_speed_wpm.items()},
        **{(Metric.LONGEST_MONOLOGUE, r, ""): n for r, n in c.longest_monologue_ms.items()},
        **{(Metric.PATIENCE, r, ""): n for r, n in c.patience_ms.items()},
        **{
            (Metric.SENTIMENT_QUARTER, role, str(n)): quarter.score
            for role, four in s.quarters.items()
            for n, quarter in enumerate(four, start=1)
        },
    }


def stored_chat(c, s):
    numbers = {
        (Metric.GREETING, A, ""): c.greeting_ms,
        (Metric.SENTIMENT_WITH_AGENT, C, ""): s.with_agent,
        (Metric.SENTIMENT_WITHOUT_AGENT, C, ""): s.without_agent,
        **{(Metric.SENTIMENT_PROGRESSIVE, g.role, g.turn_ids[0]): g.progressive for g in s.groups},
    }
    for role, waits in c.response_time.items():
        numbers[Metric.RESPONSE_AVERAGE, role, ""] = waits.average_ms
        numbers[Metric.RESPONSE_MAXIMUM, role, ""] = waits.maximum_ms
        numbers[Metric.RESPONSE_FIRST, role, ""] = waits.first_ms
    if s.with_agent_shift:
        numbers[Metric.SENTIMENT_SHIFT_WITH_AGENT, C, "begin"] = s.with_agent_shift.begin
        numbers[Metric.SENTIMENT_SHIFT_WITH_AGENT, C, "end"] = s.with_agent_shift.end
    return {key: number for key, number in numbers.items() if number is not None}


def every_number_comes_out(made):
    told = by_key(made)
    assert {key: derived(e) for key, e in told.items()} == stored(made)
    assert all(comes_out(e) for e in told.values())


@pytest.mark.parametrize("make", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_every_stored_number_is_explained_and_comes_out(make):
    every_number_comes_out(make())


# Random conversations, read as they were said and as they are stored: redacted

TEXTS = (
    "good, is it?", "bad 4155550100", "mhm", "yeah Jane", "what is it", "noise", "", "bad bad", "okay",
)  # fmt: skip
PII = {"4155550100": "PHONE", "Jane": "NAME", "okay": "NAME"}
MILLIS = st.integers(0, 40_000)
WORDS = st.lists(st.tuples(MILLIS, st.integers(0, 4000)), max_size=4)
SAYING = st.tuples(st.sampled_from([A, C, U]), MILLIS, MILLIS, st.sampled_from(TEXTS), WORDS)
LABELS = st.sampled_from([None, POS, NEG, NEU, MIX])
RECORDING = sound(([(0, 900)], [50.0] * 90), ([(4000, 4500)], [40.5] * 20))
RULES = RuleSet("r", (says("1", "Bad", 2, ("bad",)), says("2", "None", 1, ("x",), negate=True)))


def utterance(n, role, begin, length, text, words, label):
    turn = span(role, begin, begin + length, text)
    if words and text:
        timed = said(role, *sorted((b, b + long) for b, long in words), text=text)
        words = timed.words[: len(text.split())]
        turn = replace(timed, words=words, end_ms=max(w.end_ms for w in words))
    return replace(turn, id=f"t-{n}", sentiment=label)


@st.composite
def calls(draw):
    rows = draw(st.lists(st.tuples(SAYING, LABELS), max_size=9))
    turns = [utterance(n, *row, label) for n, (row, label) in enumerate(rows)]
    heard = draw(st.sampled_from([None, RECORDING]))
    tree = draw(st.sampled_from([{}, PUBLISHED_CALL]))
    return Material(Channel.VOICE, "k", "e", call(*turns, published=tree), acoustics=heard)


ITEM = st.tuples(
    st.sampled_from([A, C, Role.SYSTEM]),
    MILLIS,
    st.sampled_from(TEXTS),
    st.sampled_from(["text", "text", "text", "event", "attachment"]),
)


def chat_item(n, role, at, text, what):
    if what == "event":
        item = event(role, at)
    else:
        kind = TurnKind.MESSAGE if what == "text" else TurnKind.ATTACHMENT
        item = wrote(role, at, text, kind=kind)
    return replace(item, id=f"m-{n}")


@st.composite
def chats(draw):
    rows = sorted(draw(st.lists(ITEM, max_size=9)), key=lambda row: row[1])
    items = [chat_item(n, *row) for n, row in enumerate(rows)]
    strange = TurnGroup(C, ("nowhere",), POS)
    groups = tuple(
        TurnGroup(t.role, (t.id,), draw(LABELS))
        for t in items
        if t.analysed and t.kind is TurnKind.MESSAGE
    )
    given = draw(st.sampled_from([None, (*groups, strange)]))
    return Material(Channel.CHAT, "k", "e", chat(*items, groups=given))


def explained_twice(material):
    made = analyse(
        material,
        settings=Settings(),
        judging=Judging(RULES, Tools()),
        sentiment=FakeSentiment(unreadable="noise"),
        pii=FakePiiDetector(PII),
        summarizer=FakeSummarizer(),
    )
    every_number_comes_out(made.original)
    every_number_comes_out(made.redacted)
    return made.redacted


@given(st.one_of(calls(), chats()))
def test_every_number_of_random_conversations_comes_out_redacted_or_not(material):
    explained_twice(material)


def long_call(dice):
    """Forty turns that follow, overlap and interrupt each other."""
    turns, at = [], 0
    for n in range(40):
        at = max(0, at + dice.randrange(-3000, 5000))
        begins = sorted(dice.randrange(at, at + 6000) for _ in range(dice.randrange(5)))
        words = [(b, dice.randrange(900)) for b in begins]
        role, text = dice.choice([A, C, A, C, U]), dice.choice(TEXTS)
        length = dice.randrange(6000)
        turns.append(utterance(n, role, at, length, text, words, dice.choice([None, POS, NEG])))
        at = turns[-1].end_ms
    return Material(Channel.VOICE, "k", "e", call(*turns), acoustics=dice.choice([None, RECORDING]))


def long_chat(dice):
    """Forty items on whole seconds, so that some come at the same time."""
    ats = sorted(dice.randrange(30) * 1000 for _ in range(40))
    kinds = ["text"] * 6 + ["event", "attachment"]
    roles = [A, C, C, Role.SYSTEM]
    items = [
        chat_item(n, dice.choice(roles), at, dice.choice(TEXTS), dice.choice(kinds))
        for n, at in enumerate(ats)
    ]
    return Material(Channel.CHAT, "k", "e", chat(*items))


@pytest.mark.parametrize("seed", range(25))
def test_every_number_of_long_conversations_comes_out(seed):
    spoken = explained_twice(long_call(Random(seed))).characteristics
    assert set(spoken.patience_ms) == set(spoken.longest_monologue) == {A, C}
    written = explained_twice(long_chat(Random(seed)))
    assert set(written.characteristics.response_time) == {A, C}
    assert written.sentiment.with_agent is not None


# Single explanations


def one(made, metric, role=None, part=""):
    return by_key(made)[metric, role, part]


def test_a_sentiment_score_lists_labels_points_and_streak_weights():
    turns = [
        said(C, (n * 1000, n * 1000 + 500), text="x", label=label)
        for n, label in enumerate((NEU, NEG, POS, POS, POS))
    ]
    told = one(conversation(call(*turns)), Metric.SENTIMENT, C)
    assert [(i.what, i.quantity, i.weight) for i in told.inputs] == [
        ("NEUTRAL", 0, 1),
        ("NEGATIVE", -5, 1),
        ("POSITIVE", 5, 1),
        ("POSITIVE", 5, 2),
        ("POSITIVE", 5, 3),
    ]
    assert working(told) == "25 / 8 = 3.125, rounded 3.1"
    assert told.engine.name == "test"


def test_an_interruption_names_both_turns_its_span_and_its_thresholds():
    (only,) = one(voice_call(), Metric.INTERRUPTIONS, A).inputs
    assert (only.what, only.turn_id, only.span) == (
        "interrupts CUSTOMER-0",
        "AGENT-3000",
        Span(3000, 8000),
    )
    settings = one(voice_call(), Metric.INTERRUPTIONS, A).settings
    assert settings["interruption_min_overlap_ms"] == 2000
    assert "talk_join_ms" not in settings


def test_evidence_of_a_category_is_cut_from_the_turn_as_stored():
    first, _ = one(voice_call(), Metric.CATEGORY, part="Refund").inputs
    assert (first.text, first.turn_id) == ("this", "CUSTOMER-0")
    assert one(voice_call(), Metric.CATEGORY, part="Refund").engine.version == "3"


def test_evidence_of_a_mask_is_the_mask():
    (mask,) = one(voice_call(), Metric.REDACTIONS, C).inputs
    assert (mask.what, mask.text) == ("PII", "[PII]")


def test_a_long_turn_is_shown_by_its_begin():
    long = said(A, (0, 5000), text="why " * 100 + "?")
    (asked, _) = one(conversation(call(long)), Metric.QUESTION_RATE, A).inputs
    assert (len(asked.text), asked.text[-1]) == (160, "…")


def test_the_progressive_score_of_the_first_group_stands_on_padding():
    told = one(full_chat(), Metric.SENTIMENT_PROGRESSIVE, C, "CUSTOMER-1000")
    assert [i.what for i in told.inputs] == ["before the first", "before the first", "NEGATIVE"]
    assert told.value == pytest.approx(-5 / 3)


def test_what_was_taken_over_says_so():
    tree = {
        "TalkTime": {
            "TotalTimeMillis": 9,
            "DetailsByParticipant": {"AGENT": {"TotalTimeMillis": 9}},
        }
    }
    made = conversation(call(span(A, 0, 5000), published=tree))
    told = one(made, Metric.TALK_TIME, A)
    assert (told.imported, told.value, told.published, told.difference) == (True, 9, 9, 0)
    assert formula_of(told) is IMPORTED
    assert not one(made, Metric.QUESTION_RATE, A).imported


def test_holds_come_from_the_contact_record():
    record = ContactRecord("c", hold_s=90, holds=2)
    *_, last = explain_contact(contact(voice_call(), record=record))
    assert last.channel is None
    assert {e.metric: (e.value, e.unit, e.imported) for e in last.explanations} == {
        Metric.HOLD_TIME: (90, "s", True),
        Metric.HOLDS: (2, "count", True),
    }
    assert len(explain_contact(contact(voice_call(), record=ContactRecord("c")))) == 1


def test_an_analysis_without_the_evidence_says_that_its_numbers_do_not_come_out():
    made = voice_call()
    older = replace(made.characteristics, talk={}, word_count={})
    told = by_key(replace(made, characteristics=older))
    assert not comes_out(told[Metric.TALK_TIME, A, ""])
    assert "older" in working(told[Metric.TALK_SPEED, A, ""])
    assert comes_out(told[Metric.NON_TALK_TIME, None, ""])


@pytest.mark.parametrize(
    ("metric", "role", "part", "wrong"),
    [
        (Metric.SENTIMENT_QUARTER, C, "1", 4.9),
        (Metric.SENTIMENT_QUARTER, A, "4", 4.9),
    ],
)
def test_a_stored_number_that_its_inputs_do_not_give_is_noticed(metric, role, part, wrong):
    made = voice_call()
    four = list(made.sentiment.quarters[role])
    n = int(part) - 1
    four[n] = Quarter(four[n].begin_ms, four[n].end_ms, wrong)
    mood = replace(made.sentiment, quarters={**made.sentiment.quarters, role: tuple(four)})
    assert not comes_out(one(replace(made, sentiment=mood), metric, role, part))


# Formulas and the page that defines them


@pytest.mark.parametrize("formula", [*FORMULAS.values(), IMPORTED], ids=lambda f: f.id)
def test_every_formula_has_its_place_in_the_documentation(formula):
    text = (ROOT / "docs" / "metrics.md").read_text()
    assert len(re.findall(f'<a id="{formula.id}"></a>', text)) == 1


def test_every_metric_has_a_formula():
    assert set(FORMULAS) == set(Metric)
    assert len({f.id for f in FORMULAS.values()}) == len(Metric)


# Beside the source


PUBLISHED_CALL = {
    "TotalConversationDurationMillis": 16_000,
    "TalkTime": {
        "TotalTimeMillis": 9000,
        "DetailsByParticipant": {
            "AGENT": {"TotalTimeMillis": 5000},
            "CUSTOMER": {"TotalTimeMillis": 4000},
        },
    },
    "TalkSpeed": {"DetailsByParticipant": {"AGENT": {"AverageWordsPerMinute": 31}}},
    "NonTalkTime": {
        "TotalTimeMillis": 4000,
        "Instances": [{"BeginOffsetMillis": 0, "EndOffsetMillis": 4000}],
    },
    "Interruptions": {"TotalCount": 2, "InterruptionsByInterrupter": {"AGENT": [{}, {}]}},
    "Sentiment": {
        "OverallSentiment": {"AGENT": 2.5, "CUSTOMER": "high"},
        "SentimentByPeriod": {"QUARTER": {"AGENT": [{"Score": 1.5}, {"Score": True}]}},
    },
}
PUBLISHED_CHAT = {
    "ResponseTime": {
        "AgentGreetingTimeMillis": 2500,
        "DetailsByParticipantRole": {
            "AGENT": {"Average": {"ValueMillis": 4000}, "Maximum": {"ValueMillis": 4100}}
        },
    },
    "Sentiment": {
        "OverallSentiment": {
            "DetailsByParticipantRole": {"CUSTOMER": 1},
            "DetailsByInteraction": {
                "DetailsByParticipantRole": {"CUSTOMER": {"WithAgent": 4.5, "WithoutAgent": -5}}
            },
        },
        "SentimentShift": {
            "DetailsByParticipantRole": {"CUSTOMER": {"BeginScore": -4, "EndScore": 5}},
            "DetailsByInteraction": {
                "DetailsByParticipantRole": {
                    "CUSTOMER": {"WithAgent": {"BeginScore": 0, "EndScore": 5}}
                }
            },
        },
        "DetailsByTranscriptItemGroup": [
            {
                "ParticipantRole": "CUSTOMER",
                "ProgressiveScore": -1.5,
                "TranscriptItems": [{"Id": "CUSTOMER-1000"}],
            },
            {"ParticipantRole": "CUSTOMER", "ProgressiveScore": -1.5, "TranscriptItems": []},
            {"ParticipantRole": "OTHER", "ProgressiveScore": 1, "TranscriptItems": [{"Id": "x"}]},
        ],
    },
}  # fmt: skip


def beside(made, tree):
    shown = replace(made, transcript=replace(made.transcript, published=tree))
    return {
        (e.metric.value, e.role, e.part): (e.published, e.difference) for e in comparison(shown)
    }


def test_published_figures_of_a_call_stand_beside_ours():
    assert beside(voice_call(), PUBLISHED_CALL) == {
        ("totalDuration", None, ""): (16_000, -1000),
        ("talkTimeSum", None, ""): (9000, 6000),
        ("talkTime", A, ""): (5000, 1000),
        ("talkTime", C, ""): (4000, 5000),
        ("talkSpeed", A, ""): (31, 19),
        ("nonTalkTime", None, ""): (4000, 1000),
        ("interruptions", None, ""): (2, -1),
        ("interruptions", A, ""): (2, -1),
        ("interruptions", C, ""): (0, 0),
        ("sentiment", A, ""): (2.5, 2.5),
        ("sentimentQuarter", A, "1"): (1.5, 3.5),
    }


def test_published_figures_of_a_chat_stand_beside_ours():
    assert beside(full_chat(), PUBLISHED_CHAT) == {
        ("agentGreeting", A, ""): (2500, 500),
        ("responseTimeAverage", A, ""): (4000, 0),
        ("responseTimeMaximum", A, ""): (4100, -100),
        ("sentiment", C, ""): (1, -1),
        ("sentimentWithAgent", C, ""): (4.5, 0.5),
        ("sentimentWithoutAgent", C, ""): (-5, 0),
        ("sentimentShift", C, "begin"): (-4, -1),
        ("sentimentShift", C, "end"): (5, 0),
        ("sentimentShiftWithAgent", C, "begin"): (0, 0),
        ("sentimentShiftWithAgent", C, "end"): (5, 0),
        ("sentimentProgressive", C, "CUSTOMER-1000"): (-1.5, round(-5 / 3 + 1.5, 9)),
    }


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"Sentiment": None, "TalkTime": 3, "Interruptions": [], "NonTalkTime": "x"},
        {"TotalConversationDurationMillis": float("nan")},
        {"TotalConversationDurationMillis": "15000", "TalkTime": {"TotalTimeMillis": None}},
    ],
    ids=["nothing", "wrong_shapes", "no_number", "texts_for_numbers"],
)
def test_what_has_not_the_documented_shape_was_not_published(tree):
    assert beside(imported_call(), tree) == {}
    assert beside(full_chat(), tree) == {}


def test_characteristics_of_a_call_keep_the_evidence_that_redaction_hides():
    c = characterise(voice_call().transcript, None, (C, A), Method())
    assert c.talk == {A: (Span(3000, 8000), Span(14_000, 15_000)), C: (Span(0, 9000),)}
    assert c.word_count == {A: 5, C: 6}
