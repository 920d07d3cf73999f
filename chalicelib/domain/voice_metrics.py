"""Characteristics of a conversation: what ``characterise`` makes of words, turns and sound.

Words are the best evidence of who speaks when, turns a coarser one. Where an import has no word times,
the figures it published stand in, and where it published none, its turns do: ``imported`` says so.
Everything is computed before redaction, because a mask swallows words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.domain.acoustics import Acoustics, ChannelAcoustics
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.chat_metrics import greeting_ms, response_times
from chalicelib.domain.interruptions import interruptions
from chalicelib.domain.method import Method
from chalicelib.domain.published import (
    published_non_talk,
    published_talk_speed,
    published_talk_time,
)
from chalicelib.domain.questions import questions_in
from chalicelib.domain.rounding import half_away, whole
from chalicelib.domain.timeline import gaps, merge_intervals, union_ms
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Role,
    Span,
    Transcript,
    Turn,
    TurnKind,
)
from chalicelib.domain.turn_taking import handovers, longest_monologues, patience_ms

TURN_SPANS = "turn_spans"
MINUTE_MS = 60_000
SECOND_MS = 1000


def characterise(
    transcript: Transcript,
    acoustics: Acoustics | None,
    channel_roles: tuple[Role, ...],
    method: Method,
) -> Characteristics:
    """All characteristics of one conversation. Voice and chat fill different fields.

    ``channel_roles`` names who speaks on each channel of ``acoustics``. Where nobody can be told
    apart (a mono recording) only total duration, non-talk time and loudness are filled; where the
    speakers of one channel were separated and have roles, everything but interruptions.
    """
    if transcript.channel is Channel.CHAT:
        return _chat(transcript, method)
    return _voice(transcript, acoustics, channel_roles, method)


def _chat(transcript: Transcript, method: Method) -> Characteristics:
    return Characteristics(
        total_duration_ms=total_duration_ms(transcript),
        greeting_ms=greeting_ms(transcript),
        response_time=response_times(transcript),
        method=method.as_settings(),
        questions=(asked := _questions(transcript)),
        question_rate=_questions_a_message(transcript, asked),
    )


def _voice(
    transcript: Transcript,
    acoustics: Acoustics | None,
    channel_roles: tuple[Role, ...],
    method: Method,
) -> Characteristics:
    total = total_duration_ms(transcript)
    loud, loud_from = _loudness(transcript, acoustics, channel_roles)
    silence, silence_from = _non_talk(transcript, acoustics, method)
    imported = {*loud_from, *silence_from}
    if not _told_apart(transcript, channel_roles):
        return Characteristics(
            total,
            non_talk=silence,
            loudness=loud,
            imported=tuple(sorted(imported)),
            method=method.as_settings(),
        )
    stretches = _talk_stretches(transcript, method)
    talk, talk_from = _talk_time(transcript, stretches)
    words = {role: _word_count(transcript, role) for role in ANALYSED_ROLES}
    speed, speed_from = _talk_speed(transcript, talk, words)
    asked, waited = _questions(transcript), handovers(transcript, method)
    return Characteristics(
        total_duration_ms=total,
        talk_time_ms=talk,
        talk_time_sum_ms=sum(talk.values()),
        talk_time_union_ms=talk_union_ms(talk, stretches),
        non_talk=silence,
        interruptions=None if one_channel(transcript) else interruptions(transcript, method),
        talk_speed_wpm=speed,
        loudness=loud,
        imported=tuple(sorted({*imported, *talk_from, *speed_from})),
        method=method.as_settings(),
        talk=stretches,
        word_count=words,
        longest_monologue=longest_monologues(transcript, method),
        patience_ms=patience_ms(waited),
        handovers=waited,
        questions=asked,
        question_rate=_questions_a_minute(transcript, asked, talk),
    )


def total_duration_ms(transcript: Transcript) -> int:
    """End of the last turn or item of anybody, counted from 0; 0 when there is none."""
    return max((turn.end_ms for turn in transcript.turns), default=0)


def _told_apart(transcript: Transcript, channel_roles: tuple[Role, ...]) -> bool:
    """Whether speech can be given to AGENT and CUSTOMER: always, but for a signal that mixes both."""
    if any(turn.role in ANALYSED_ROLES for turn in transcript.turns):
        return True
    nobody = any(turn.role is Role.UNKNOWN for turn in transcript.turns)
    return not (nobody or "mono" in transcript.flags or Role.UNKNOWN in channel_roles)


def one_channel(transcript: Transcript) -> bool:
    """Whether both sides share a channel: separated speakers take turns there, they never overlap."""
    return "mono" in transcript.flags


def _spoken(transcript: Transcript, role: Role | None = None) -> tuple[Span, ...]:
    """Word intervals, and the whole span of a turn that has no word times."""
    turns = [t for t in transcript.turns if _is_speech(t) and role in (None, t.role)]
    return tuple(Span(s.begin_ms, s.end_ms) for t in turns for s in t.words or (t,))


def _is_speech(turn: Turn) -> bool:
    return turn.kind is TurnKind.UTTERANCE


def _talk_stretches(transcript: Transcript, method: Method) -> dict[Role, tuple[Span, ...]]:
    """When each side speaks: intervals merged over gaps shorter than ``talk_join_ms``."""
    return {
        role: merge_intervals(_spoken(transcript, role), join_ms=method.talk_join_ms)
        for role in ANALYSED_ROLES
    }


def _talk_time(
    transcript: Transcript, stretches: Mapping[Role, Sequence[Span]]
) -> tuple[dict[Role, int], tuple[str, ...]]:
    if not transcript.has_words and (published := published_talk_time(transcript.published)):
        return published, ("talk_time_ms", "talk_time_sum_ms", "talk_time_union_ms")
    talk = {role: sum(s.duration_ms for s in own) for role, own in stretches.items()}
    return talk, _turn_marker(transcript)


def talk_union_ms(talk: Mapping[Role, int], stretches: Mapping[Role, Sequence[Span]]) -> int:
    """Time in which either or both speak. With published talk times: their sum less the overlap of
    the turns of both sides, and never less than the longer of them."""
    joined = [span for own in stretches.values() for span in own]
    overlap = sum(span.duration_ms for span in joined) - union_ms(joined)
    return max(sum(talk.values()) - overlap, *talk.values())


def _turn_marker(transcript: Transcript) -> tuple[str, ...]:
    return (TURN_SPANS,) if any(not t.words for t in transcript.turns if _is_speech(t)) else ()


def _non_talk(
    transcript: Transcript, acoustics: Acoustics | None, method: Method
) -> tuple[tuple[Span, ...], tuple[str, ...]]:
    published = published_non_talk(transcript.published)
    if not transcript.has_words and acoustics is None and published is not None:
        return published, ("non_talk",)
    speech = [] if acoustics is None else [s for c in acoustics.channels for s in c.speech]
    found = non_talk(_spoken(transcript), speech, total_duration_ms(transcript), method)
    return found, _turn_marker(transcript)


def non_talk(
    spoken: Iterable[Span], speech: Iterable[Span], total_ms: int, method: Method
) -> tuple[Span, ...]:
    """Silences of both sides longer than ``non_talk_min_ms`` (strictly) inside ``[0, total_ms]``.

    ``speech`` is what the voice activity detector heard. It splits a gap between words: only what
    neither words nor sound fill is silence, so speech that recognition dropped makes no instance.
    """
    edges = [Span(0, 0)] if method.non_talk_include_leading else []
    heard = [Span(s.begin_ms, min(s.end_ms, total_ms)) for s in speech if s.begin_ms < total_ms]
    silences = gaps([*edges, *spoken, *heard])
    return tuple(gap for gap in silences if gap.duration_ms > method.non_talk_min_ms)


def _talk_speed(
    transcript: Transcript, talk: Mapping[Role, int], words: Mapping[Role, int]
) -> tuple[dict[Role, int], tuple[str, ...]]:
    if not transcript.has_words and (published := published_talk_speed(transcript.published)):
        return published, ("talk_speed_wpm",)
    speed = {role: words_per_minute(words[role], ms) for role, ms in talk.items()}
    return speed, ()


def _word_count(transcript: Transcript, role: Role) -> int:
    return sum(len(t.text.split()) for t in transcript.turns if _is_speech(t) and t.role is role)


def words_per_minute(words: int, talk_ms: int) -> int:
    """``AverageWordsPerMinute``: words over minutes of own talk time; 0 without talk time."""
    return whole(words * MINUTE_MS / talk_ms) if talk_ms else 0


def _questions(transcript: Transcript) -> dict[str, int]:
    """How many questions each turn asks, by its id; turns without one are left out."""
    counted = (
        (t.id, questions_in(t.text, transcript.language)) for t in transcript.analysed_turns()
    )
    return {turn_id: count for turn_id, count in counted if count}


def _asked_by(transcript: Transcript, asked: Mapping[str, int], role: Role) -> int:
    return sum(asked.get(turn.id, 0) for turn in transcript.analysed_turns(role))


def _questions_a_minute(
    transcript: Transcript, asked: Mapping[str, int], talk: Mapping[Role, int]
) -> dict[Role, float]:
    return {
        role: rate(_asked_by(transcript, asked, role) * MINUTE_MS, ms)
        for role, ms in talk.items()
        if ms
    }


def _questions_a_message(transcript: Transcript, asked: Mapping[str, int]) -> dict[Role, float]:
    return {
        role: rate(_asked_by(transcript, asked, role), len(own))
        for role in ANALYSED_ROLES
        if (own := transcript.analysed_turns(role))
    }


def rate(amount: int, by: int) -> float:
    """``amount`` for each of ``by``, two decimals."""
    return half_away(amount / by, 2)


def _loudness(
    transcript: Transcript, acoustics: Acoustics | None, channel_roles: Sequence[Role]
) -> tuple[dict[str, tuple[float | None, ...]], tuple[str, ...]]:
    """Per turn one value for each wall-clock second it touches."""
    heard: dict[str, tuple[float | None, ...]] = {}
    taken_over: dict[str, tuple[float | None, ...]] = {}
    for turn in (t for t in transcript.turns if _is_speech(t)):
        channel = _channel_of(turn.role, acoustics, channel_roles)
        if channel is not None:
            heard[turn.id] = loudness_of(turn, channel)
        elif turn.loudness is not None:
            taken_over[turn.id] = turn.loudness
    return {**heard, **taken_over}, ("loudness",) if taken_over else ()


def _channel_of(
    role: Role, acoustics: Acoustics | None, channel_roles: Sequence[Role]
) -> ChannelAcoustics | None:
    if acoustics is None:
        return None
    if len(acoustics.channels) == 1:
        return acoustics.channels[0]
    by_role = dict(zip(channel_roles, acoustics.channels, strict=False))
    return by_role.get(role)


def loudness_of(turn: Turn, channel: ChannelAcoustics) -> tuple[float, ...]:
    """Loudness 0..100 of each second from the turn's begin to its end, both touched ones included.

    A second after the end of the recording is silent: 0.
    """
    seconds = range(turn.begin_ms // SECOND_MS, turn.end_ms // SECOND_MS + 1)
    known = len(channel.loudness)
    return tuple(half_away(channel.loudness[s], 2) if s < known else 0.0 for s in seconds)
