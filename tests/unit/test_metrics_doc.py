"""docs/metrics.md names every figure and every setting, and its counts are those of today."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from functools import cache
from itertools import pairwise

import pytest

from chalicelib.adapters.engines.minilm_sentiment import MiniLmSentiment
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.domain.characteristics import Characteristics, ResponseTime
from chalicelib.domain.method import Method
from chalicelib.domain.sentiment import GroupSentiment, Sentiment, Shift
from chalicelib.domain.sentiment_summary import sentiment_of
from chalicelib.domain.transcript import ANALYSED_ROLES, Role
from chalicelib.domain.turn_groups import turn_groups
from chalicelib.domain.voice_metrics import characterise, words_per_minute
from chalicelib.formats import call_analytics, contact_lens
from tests.shared_data import ROOT, shared
from tests.unit.brute_force import brute_longest, brute_patience, oracle, timed
from tests.unit.conversations import ENGINE, A, C, call, sound

TEXT = (ROOT / "docs" / "metrics.md").read_text()
NOT_FIGURES = {"role", "turn_ids", "label"}


def names(*kinds):
    return [f.name for kind in kinds for f in fields(kind) if f.name not in NOT_FIGURES]


@pytest.mark.parametrize(
    "name", names(Characteristics, ResponseTime, Sentiment, GroupSentiment, Shift)
)
def test_every_figure_is_documented(name):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("setting", fields(Method), ids=lambda f: f.name)
def test_every_setting_is_documented_with_its_default(setting):
    value = Method().as_settings()[setting.name]
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    assert f"| `{setting.name}` | {shown} |" in TEXT


def row(engine):
    (found,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{engine}` |")]
    return found


def test_each_engine_is_documented_vader_with_its_version():
    engine = VaderSentiment.engine
    assert f"VADER {engine.version}," in row(engine.name)
    assert row(MiniLmSentiment.engine.name)


# The table of published values


@cache
def example(folder, name, read):
    doc = json.loads(shared(folder, name).read_text())
    transcript = read(doc)
    figures = characterise(transcript, None, (), Method())
    return (
        transcript,
        figures,
        sentiment_of(transcript, {}, ENGINE),
        doc["ConversationCharacteristics"],
    )


def equal(pairs):
    pairs = list(pairs)
    return f"{sum(a == b for a, b in pairs)} of {len(pairs)}"


def quarters(mood, want, figure):
    for role, published in want["Sentiment"]["SentimentByPeriod"]["QUARTER"].items():
        for ours, theirs in zip(mood.quarters[Role(role)], published, strict=True):
            bounds = (
                (ours.begin_ms, ours.end_ms),
                (theirs["BeginOffsetMillis"], theirs["EndOffsetMillis"]),
            )
            yield bounds if figure == "bounds" else (ours.score, theirs["Score"])


def loudness_lengths(transcript):
    recording = sound(([], [1.0] * 400), ([], [1.0] * 400))
    for turn in transcript.turns:
        bare = call(replace(turn, loudness=None))
        (ours,) = characterise(bare, recording, (C, A), Method()).loudness.values()
        yield len(ours), len(turn.loudness)


def common_rows(name, transcript, figures, mood, want):
    total = figures.total_duration_ms, want["TotalConversationDurationMillis"]
    overall = want["Sentiment"]["OverallSentiment"]
    return {
        (name, "total duration"): equal([total]),
        (name, "overall sentiment"): equal((mood.overall[Role(r)], x) for r, x in overall.items()),
        (name, "talk time total, as the sum of both published sides"): equal(talk_total(want)),
        (name, "quarter bounds"): equal(quarters(mood, want, "bounds")),
        (name, "quarter scores"): equal(quarters(mood, want, "scores")),
        (name, "length of loudness"): equal(loudness_lengths(transcript)),
    }


def documented_call():
    transcript, figures, mood, want = example(
        "contact_lens", "voice_v1.1.0.json", contact_lens.read
    )
    speeds = (
        (
            words_per_minute(
                sum(len(t.text.split()) for t in transcript.analysed_turns(role)),
                want["TalkTime"]["DetailsByParticipant"][role]["TotalTimeMillis"],
            ),
            want["TalkSpeed"]["DetailsByParticipant"][role]["AverageWordsPerMinute"],
        )
        for role in ANALYSED_ROLES
    )
    return {
        **common_rows("call", transcript, figures, mood, want),
        ("call", "talk speed, given the published talk time"): equal(speeds),
    }


def documented_chat():
    transcript, figures, mood, want = example(
        "contact_lens", "chat_complete.json", contact_lens.read
    )
    sentiment, responses = want["Sentiment"], want["ResponseTime"]
    groups = zip(mood.groups, sentiment["DetailsByTranscriptItemGroup"], strict=True)
    overall = sentiment["OverallSentiment"]["DetailsByParticipantRole"]
    published = {g.turn_ids for g in transcript.groups}
    runs = [g.turn_ids for g in turn_groups(replace(transcript, groups=None))]
    return {
        ("chat", "progressive scores"): equal(
            (round(ours.progressive, 9), round(theirs["ProgressiveScore"], 9))
            for ours, theirs in groups
        ),
        ("chat", "overall sentiment"): equal(
            (round(mood.overall[Role(r)], 9), round(x, 9)) for r, x in overall.items()
        ),
        ("chat", "greeting, mean and longest response"): equal(waits(figures, responses)),
        ("chat", "messages that took longest to answer"): equal(slowest(figures, responses)),
        ("chat", "runs that are one published group"): equal((run in published, True) for run in runs),
        ("chat", "sentiment shift (own definition)"): equal(shifts(mood, sentiment["SentimentShift"])),
    }  # fmt: skip


def waits(figures, responses):
    yield figures.greeting_ms, responses["AgentGreetingTimeMillis"]
    for role, theirs in responses["DetailsByParticipantRole"].items():
        ours = figures.response_time[Role(role)]
        yield ours.average_ms, theirs["Average"]["ValueMillis"]
        yield ours.maximum_ms, theirs["Maximum"]["ValueMillis"]


def slowest(figures, responses):
    for role, theirs in responses["DetailsByParticipantRole"].items():
        ids = [item["Id"] for item in theirs["Maximum"]["TranscriptItems"]]
        yield list(figures.response_time[Role(role)].slowest_turn_ids), ids


def near(pairs, most):
    return equal((abs(ours - theirs) <= most, True) for ours, theirs in pairs)


def overall_of(mood, want):
    for role, theirs in want["Sentiment"]["OverallSentiment"].items():
        yield mood.overall[Role(role)], theirs


def ranks(mood, want):
    """Per participant: the quarters from the worst to the best."""
    for role, published in want["Sentiment"]["SentimentByPeriod"]["QUARTER"].items():
        ours = [q.score for q in mood.quarters[Role(role)]]
        theirs = [q["Score"] for q in published]
        yield sorted(range(4), key=ours.__getitem__), sorted(range(4), key=theirs.__getitem__)


def talk_total(want):
    talk = want["TalkTime"]
    sides = talk["DetailsByParticipant"].values()
    yield sum(side["TotalTimeMillis"] for side in sides), talk["TotalTimeMillis"]


def shifts(mood, want):
    by_role = want["DetailsByParticipantRole"]
    with_agent = want["DetailsByInteraction"]["DetailsByParticipantRole"]["CUSTOMER"]["WithAgent"]
    for ours, theirs in (
        *((mood.shift[role], by_role[role]) for role in ANALYSED_ROLES),
        (mood.with_agent_shift, with_agent),
    ):
        yield ours.begin, theirs["BeginScore"]
        yield ours.end, theirs["EndScore"]


def real_call():
    transcript, figures, mood, want = example(
        "aws_reference_output",
        "transcribe_call_analytics_card1_49turns.json",
        call_analytics.read,
    )
    silences = [(g.begin_ms, g.end_ms) for g in figures.non_talk]
    published = [
        (i["BeginOffsetMillis"], i["EndOffsetMillis"]) for i in want["NonTalkTime"]["Instances"]
    ]
    by_role = want["Interruptions"]["InterruptionsByInterrupter"]
    found = {(i.interrupter, i.begin_ms, i.duration_ms) for i in figures.interruptions}
    wanted = [
        (r, i["BeginOffsetMillis"], i["DurationMillis"]) for r, own in by_role.items() for i in own
    ]
    assert len(found) == len(wanted) + 1
    talk = want["TalkTime"]["DetailsByParticipant"]
    return {
        **common_rows("real call", transcript, figures, mood, want),
        ("real call", "overall sentiment within 0.5"): near(overall_of(mood, want), 0.5),
        ("real call", "overall sentiment of the same sign"): equal(
            (ours > 0, theirs > 0) for ours, theirs in overall_of(mood, want)
        ),
        ("real call", "quarter scores within 1.5"): near(quarters(mood, want, "scores"), 1.5),
        ("real call", "quarters in the same order"): equal(ranks(mood, want)),
        ("real call", "non-talk instances"): equal(zip(silences, published, strict=True)),
        ("real call", "interruptions found, with one more"): equal((w in found, True) for w in wanted),
        ("real call", "talk time within 2.1 %"): equal(
            (abs(figures.talk_time_ms[Role(r)] / side["TotalTimeMillis"] - 1) <= 0.021, True)
            for r, side in talk.items()
        ),
    }  # fmt: skip


EVERY_OVERLAP = replace(
    Method(),
    interruption_min_overlap_ms=1,
    interruption_backchannel_only=(),
    interruption_backchannel_open=(),
)


@cache
def timed_calls():
    lines = shared("timed_conversations", "primock57.jsonl").read_text().splitlines()
    return tuple(timed(json.loads(line)) for line in lines)


def against_the_oracle(read, figure, method):
    """Instances of all conversations that Loupe and the brute-force oracle have in common."""
    for transcript in timed_calls():
        ours = set(read(characterise(transcript, None, (C, A), method)))
        theirs = set(oracle(transcript, method)[figure])
        yield from ((each in ours, each in theirs) for each in ours | theirs)


def silences(figures):
    return [(gap.begin_ms, gap.end_ms) for gap in figures.non_talk]


def interrupting(figures):
    return [each.turn_id for each in figures.interruptions]


def long_gaps():
    """Gaps of more than 3 s from one turn to the next: an instance if nobody spoke on through it."""
    for transcript in timed_calls():
        found = set(silences(characterise(transcript, None, (C, A), Method())))
        for first, second in pairwise(transcript.turns):
            gap = first.end_ms, second.begin_ms
            spoken = any(t.begin_ms < gap[1] and t.end_ms > gap[0] for t in transcript.turns)
            if gap[1] - gap[0] > 3000:
                yield gap in found, not spoken


def handed_over_early():
    """A turn that begins before the one before it, of the other side, has ended."""
    for transcript in timed_calls():
        found = set(interrupting(characterise(transcript, None, (C, A), EVERY_OVERLAP)))
        for first, second in pairwise(transcript.turns):
            if second.begin_ms < first.end_ms and first.role is not second.role:
                yield second.id in found, True


def talk_of_each():
    for transcript in timed_calls():
        yield (
            characterise(transcript, None, (C, A), Method()).talk_time_ms,
            oracle(transcript, Method())["talk"],
        )


def turn_taking():
    for transcript in timed_calls():
        figures = characterise(transcript, None, (C, A), Method())
        for role in ANALYSED_ROLES:
            yield (
                (figures.longest_monologue_ms[role], figures.patience_ms[role]),
                (brute_longest(transcript, role), brute_patience(transcript, role)),
            )


def hand_timed():
    name = "timed calls"
    every = against_the_oracle(interrupting, "interrupting", EVERY_OVERLAP)
    by_default = against_the_oracle(interrupting, "interrupting", Method())
    return {
        (name, "talk time of both sides, by conversation"): equal(talk_of_each()),
        (name, "non-talk instances"): equal(against_the_oracle(silences, "non_talk", Method())),
        (name, "gaps over 3 s from turn to turn, silent or not"): equal(long_gaps()),
        (name, "turns that begin inside one of the other side"): equal(every),
        (name, "overlaps of a turn with the one before it"): equal(handed_over_early()),
        (name, "interruptions with the default settings"): equal(by_default),
        (name, "longest monologue and patience, by side"): equal(turn_taking()),
    }


@pytest.mark.shared_data
def test_the_table_of_published_values_says_what_is_counted_today():
    rows = re.findall(
        r"^\| (call|chat|real call|timed calls) \| (.+?) \| (\d+ of \d+) \|$", TEXT, re.MULTILINE
    )
    written = {(name, value): count for name, value, count in rows}
    assert written == {**documented_call(), **documented_chat(), **real_call(), **hand_timed()}


@pytest.mark.parametrize(
    "named", re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT), ids=lambda n: n[1]
)
def test_every_test_that_the_page_names_exists(named):
    path, test = named
    assert f"\ndef {test}(" in (ROOT / path).read_text()


def test_the_page_names_tests():
    assert len(re.findall(r"`tests/[\w/]+\.py::\w+`", TEXT)) >= 7
