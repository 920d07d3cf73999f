"""Characteristics against published calls, and against a brute-force oracle on real timing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.method import Method
from chalicelib.domain.transcript import ANALYSED_ROLES, Role, Span
from chalicelib.domain.voice_metrics import characterise, words_per_minute
from chalicelib.formats import call_analytics, contact_lens
from tests.shared_data import shared
from tests.unit.brute_force import TICK, oracle, timed
from tests.unit.conversations import A, C, call, said, sound

METHOD = Method()


def figures(transcript, acoustics=None, method=METHOD):
    return characterise(transcript, acoustics, (C, A), method)


@pytest.mark.shared_data
def test_the_documented_call_keeps_its_published_figures():
    doc = json.loads(shared("contact_lens", "voice_v1.1.0.json").read_text())
    transcript = contact_lens.read(doc)
    c = figures(transcript)
    want = doc["ConversationCharacteristics"]
    assert c.total_duration_ms == want["TotalConversationDurationMillis"]
    assert c.talk_time_sum_ms == want["TalkTime"]["TotalTimeMillis"]
    assert c.non_talk_ms == 0
    assert c.interruptions == ()
    for role in ANALYSED_ROLES:
        speed = want["TalkSpeed"]["DetailsByParticipant"][role]["AverageWordsPerMinute"]
        words = sum(len(t.text.split()) for t in transcript.analysed_turns(role))
        assert words_per_minute(words, c.talk_time_ms[role]) == speed
    assert all(len(t.loudness) == len(heard(t)) for t in transcript.turns)


def heard(turn):
    """Loudness that Loupe would compute for the turn."""
    recording = sound(([], [1.0] * 400), ([], [1.0] * 400))
    return figures(call(replace(turn, loudness=None)), recording).loudness[turn.id]


@pytest.fixture
def card_call():
    path = shared("aws_reference_output", "transcribe_call_analytics_card1_49turns.json")
    doc = json.loads(path.read_text())
    return call_analytics.read(doc), doc["ConversationCharacteristics"]


@pytest.mark.shared_data
def test_the_real_call_has_the_published_duration_silence_and_loudness_lengths(card_call):
    transcript, want = card_call
    c = figures(transcript)
    assert c.total_duration_ms == want["TotalConversationDurationMillis"] == 279_060
    assert c.non_talk == (Span(216_450, 224_140),)
    assert c.non_talk_ms == want["NonTalkTime"]["TotalTimeMillis"]
    assert len(transcript.turns) == 49
    assert all(len(t.loudness) == len(heard(t)) for t in transcript.turns)


@pytest.mark.shared_data
def test_talk_time_of_the_real_call_is_within_five_percent(card_call):
    transcript, want = card_call
    c = figures(transcript)
    for role in ANALYSED_ROLES:
        published = want["TalkTime"]["DetailsByParticipant"][role]["TotalTimeMillis"]
        assert c.talk_time_ms[role] == pytest.approx(published, rel=0.05)
    published_sum = sum(
        side["TotalTimeMillis"] for side in want["TalkTime"]["DetailsByParticipant"].values()
    )
    assert published_sum == want["TalkTime"]["TotalTimeMillis"]
    assert c.talk_time_sum_ms == sum(c.talk_time_ms.values())


@pytest.mark.shared_data
def test_all_published_interruptions_of_the_real_call_are_found_with_one_more(card_call):
    transcript, want = card_call
    published = {
        (Role(role), each["BeginOffsetMillis"], each["DurationMillis"])
        for role, own in want["Interruptions"]["InterruptionsByInterrupter"].items()
        for each in own
    }
    found = {(i.interrupter, i.begin_ms, i.duration_ms) for i in figures(transcript).interruptions}
    assert published <= found
    assert len(found - published) == 1


def agree(transcript, method=METHOD):
    c, want = figures(transcript, method=method), oracle(transcript, method)
    assert [(g.begin_ms, g.end_ms) for g in c.non_talk] == want["non_talk"]
    assert c.talk_time_ms == want["talk"]
    assert c.talk_time_union_ms == want["union"]
    assert {i.turn_id for i in c.interruptions} == want["interrupting"]
    return c


@st.composite
def timed_calls(draw):
    turns = draw(
        st.lists(
            st.tuples(
                st.sampled_from([A, C]),
                st.integers(0, 2000),
                st.integers(1, 900),
                st.sampled_from(["yeah", "no wait", "okay okay", "mm right", "but"]),
            ),
            max_size=12,
        )
    )
    return call(
        *(
            replace(said(role, (b * TICK, (b + n) * TICK), text=text), id=f"t-{i}")
            for i, (role, b, n, text) in enumerate(turns)
        )
    )


@given(timed_calls())
def test_random_calls_agree_with_the_oracle(transcript):
    agree(transcript)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "method",
    [METHOD, Method(500, 1000, True, 200, (), ())],
    ids=["defaults", "tight_thresholds_without_backchannel"],
)
def test_hand_timed_conversations_agree_with_the_oracle(method):
    path = shared("timed_conversations", "primock57.jsonl")
    conversations = [json.loads(line) for line in path.read_text().splitlines()]
    found = [agree(timed(conversation), method) for conversation in conversations]
    assert len(found) == 17
    assert sum(len(c.interruptions) for c in found) > 20
    assert sum(len(c.non_talk) for c in found) >= 9
