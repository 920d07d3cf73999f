"""Interruptions: Loupe's own, parameterised definition, since Amazon publishes none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.domain.characteristics import Interruption
from chalicelib.domain.method import Method
from chalicelib.domain.transcript import ANALYSED_ROLES, Transcript, Turn, TurnKind


def interruptions(transcript: Transcript, method: Method) -> tuple[Interruption, ...]:
    """Turns that begin inside a turn of the other side and overlap it by at least
    ``interruption_min_overlap_ms``, unless they are back-channel.

    At most one per interrupting turn (the longest overlap), in time order.
    """
    turns = [
        turn
        for turn in transcript.turns
        if turn.role in ANALYSED_ROLES and turn.kind is TurnKind.UTTERANCE
    ]
    found: list[Interruption] = []
    going_on: list[Turn] = []
    for turn in sorted(turns, key=lambda t: t.begin_ms):
        going_on = [t for t in going_on if t.end_ms > turn.begin_ms]
        hit = _interrupted(turn, going_on)
        if hit and _counts(turn, hit, method):
            found.append(_interruption(turn, hit))
        going_on.append(turn)
    return tuple(found)


def _interrupted(turn: Turn, going_on: Iterable[Turn]) -> Turn | None:
    """The other side's turn that overlaps the most with ``turn``, the first of equals."""
    others = (t for t in going_on if t.role is not turn.role and t.begin_ms < turn.begin_ms)
    return max(others, key=lambda other: _overlap_end(turn, other), default=None)


def _overlap_end(turn: Turn, other: Turn) -> int:
    return min(turn.end_ms, other.end_ms)


def _counts(turn: Turn, other: Turn, method: Method) -> bool:
    overlap = _overlap_end(turn, other) - turn.begin_ms
    return overlap >= method.interruption_min_overlap_ms and not is_backchannel(turn.text, method)


def is_backchannel(text: str, method: Method) -> bool:
    """Whether somebody only shows that they listen: every word is one of
    ``interruption_backchannel_only``, or the first is one of ``interruption_backchannel_open``."""
    words = _plain_words(text)
    only = all(word in method.interruption_backchannel_only for word in words)
    return only or words[0] in method.interruption_backchannel_open


def _plain_words(text: str) -> Sequence[str]:
    bare = (word.strip(".,;:!?…-–—\"'()") for word in text.casefold().split())
    return [word for word in bare if word]


def _interruption(turn: Turn, other: Turn) -> Interruption:
    return Interruption(
        interrupter=turn.role,
        begin_ms=turn.begin_ms,
        end_ms=_overlap_end(turn, other),
        turn_id=turn.id,
        interrupted_turn_id=other.id,
    )
