"""Small conversations for tests, written as one line a turn."""

from __future__ import annotations

from chalicelib.domain.acoustics import Acoustics, ChannelAcoustics
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Participant,
    Role,
    SentimentLabel,
    Span,
    Transcript,
    Turn,
    TurnKind,
    Word,
)

A, C, U = Role.AGENT, Role.CUSTOMER, Role.UNKNOWN
POS, NEG, NEU, MIX = (
    SentimentLabel.POSITIVE,
    SentimentLabel.NEGATIVE,
    SentimentLabel.NEUTRAL,
    SentimentLabel.MIXED,
)
ENGINE = Engine("test", "1")
JOINED = "application/vnd.amazonaws.connect.event.participant.joined"


def said(role: Role, *words: tuple[int, int], text: str | None = None, label=None) -> Turn:
    """An utterance whose words have these times; its text is one ``w`` a word unless given."""
    return Turn(
        id=f"{role}-{words[0][0]}",
        participant_id=role.value,
        role=role,
        begin_ms=words[0][0],
        end_ms=max(end for _, end in words),
        text=" ".join("w" for _ in words) if text is None else text,
        words=tuple(Word("w", begin, end) for begin, end in words),
        sentiment=label,
    )


def span(role: Role, begin: int, end: int, text: str = "w", **kw) -> Turn:
    """An utterance without word times."""
    return Turn(f"{role}-{begin}", role.value, role, begin, end, text, **kw)


def call(*turns: Turn, **kw) -> Transcript:
    people = tuple(Participant(role.value, role) for role in (A, C))
    ordered = tuple(sorted(turns, key=lambda t: t.begin_ms))
    return Transcript(Channel.VOICE, "en-US", people, ordered, ENGINE, **kw)


def wrote(role: Role, at: int, text: str = "w", **kw) -> Turn:
    kw = {"kind": TurnKind.MESSAGE, **kw}
    return Turn(f"{role}-{at}", kw.pop("who", role.value), role, at, at, text, **kw)


def event(role: Role, at: int, content_type: str = JOINED) -> Turn:
    return wrote(role, at, "", kind=TurnKind.EVENT, content_type=content_type)


def chat(*items: Turn, **kw) -> Transcript:
    return Transcript(Channel.CHAT, "en-US", (), tuple(items), ENGINE, **kw)


def sound(
    *channels: tuple[list[tuple[int, int]], list[float]], duration: int = 60_000
) -> Acoustics:
    """Channels as (speech intervals, loudness per second)."""
    return Acoustics(
        duration,
        8000,
        tuple(
            ChannelAcoustics(n, tuple(Span(*s) for s in speech), tuple(loudness), ())
            for n, (speech, loudness) in enumerate(channels)
        ),
        ENGINE,
    )
