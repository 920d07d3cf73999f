"""Explanations in a terminal: readable, and no control over the terminal."""

from __future__ import annotations

import pytest

from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.explain.explanation import Metric
from chalicelib.domain.explain.formulas import FORMULAS
from chalicelib.formats.explanation_text import printable, text
from tests.unit.analyses import CONVERSATIONS, contact, conversation, full_chat, voice_call
from tests.unit.conversations import C, call, said


def paragraph(shown, head):
    """The lines about one number."""
    return next(p for p in shown.split("\n\n") if p.startswith(head)).splitlines()


@pytest.mark.parametrize("make", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_every_number_of_every_kind_of_conversation_works_out(make):
    shown = text(contact(make()))
    assert shown.count("  formula: ") == shown.count("  works out: ") > 0
    assert "not the stored number" not in shown


def test_a_score_is_told_with_its_turns_weights_and_engine():
    assert paragraph(text(contact(voice_call())), "sentiment AGENT") == [
        "sentiment AGENT = 5 points",
        f"  formula: {FORMULAS[Metric.SENTIMENT].text} (docs/metrics.md#sentiment)",
        '  - POSITIVE, AGENT-3000, 3000-8000 ms, 5 points, weight 1, "but that is good"',
        "  works out: 5 / 1 = 5, rounded 5",
        "  engine: fake-sentiment 1 (labels by the words of a test)",
    ]


def test_settings_are_told_as_they_were_used():
    lines = paragraph(text(contact(voice_call())), "nonTalkTime")
    assert "  settings: non_talk_min_ms = 3000, non_talk_include_leading = True" in lines


def test_what_the_source_published_stands_beside_it():
    made = conversation(
        call(said(C, (0, 1000)), published={"TotalConversationDurationMillis": 1200})
    )
    lines = paragraph(text(contact(made)), "totalDuration")
    assert "  published: 1200, difference -200" in lines


def test_both_conversations_and_the_record_have_their_heading():
    shown = text(contact(voice_call(), full_chat(), record=ContactRecord("c", holds=1)))
    at = [shown.index(f"\n\n{head}\n") for head in ("VOICE", "CHAT", "CONTACT RECORD")]
    assert at == sorted(at)


@pytest.mark.parametrize(
    ("said_text", "shown"),
    [
        ("a\x1b[31mred", "a\N{REPLACEMENT CHARACTER}[31mred"),
        ("two\r\nlines", "two lines"),
        ("right\u202eleft", "right\N{REPLACEMENT CHARACTER}left"),
        ("\x9b2J", "\N{REPLACEMENT CHARACTER}2J"),
        ("Grüße, 你好", "Grüße, 你好"),
    ],
    ids=["an_escape", "line_breaks", "a_change_of_direction", "a_c1_control", "letters_stay"],
)
def test_what_was_said_cannot_steer_the_terminal(said_text, shown):
    assert printable(said_text) == shown
    made = conversation(call(said(C, (0, 1000), text=f"good {said_text}")))
    assert f'"good {shown}"' in text(contact(made))
