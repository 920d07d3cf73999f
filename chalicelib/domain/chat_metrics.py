"""How fast a chat was answered: greeting and response times.

Everything is milliseconds between MESSAGE items; bots and system messages are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from chalicelib.domain.characteristics import ResponseTime
from chalicelib.domain.rounding import whole
from chalicelib.domain.transcript import ANALYSED_ROLES, Role, Transcript, Turn, TurnKind

JOINED = "participant.joined"


def agent_joined_ms(transcript: Transcript) -> int | None:
    """When the first AGENT joined, None if no such event is there."""
    return next((t.begin_ms for t in transcript.turns if t.role is Role.AGENT and _joins(t)), None)


def _joins(turn: Turn) -> bool:
    return turn.kind is TurnKind.EVENT and turn.content_type.endswith(JOINED)


def greeting_ms(transcript: Transcript) -> int | None:
    """``AgentGreetingTimeMillis``: from the AGENT's joining to the first AGENT message after it.

    None without the event or without a message.
    """
    joined = agent_joined_ms(transcript)
    if joined is None:
        return None
    waits = (
        turn.begin_ms - joined
        for turn in _messages(transcript)
        if turn.role is Role.AGENT and turn.begin_ms >= joined
    )
    return next(waits, None)


def response_times(transcript: Transcript) -> dict[Role, ResponseTime]:
    """Per responding role: at each change of speaker, first message of the responder minus the last
    message of the other. A role that never responds is left out."""
    answers: dict[Role, list[tuple[int, str]]] = {}
    runs = [tuple(run) for _, run in groupby(_messages(transcript), key=lambda t: t.role)]
    for asked, answered in pairwise(runs):
        wait = answered[0].begin_ms - asked[-1].begin_ms
        answers.setdefault(answered[0].role, []).append((wait, answered[0].id))
    return {role: _summary(waits) for role, waits in answers.items()}


def _messages(transcript: Transcript) -> Iterable[Turn]:
    return (t for t in transcript.turns if t.kind is TurnKind.MESSAGE and t.role in ANALYSED_ROLES)


def _summary(answers: Sequence[tuple[int, str]]) -> ResponseTime:
    waits = [wait for wait, _ in answers]
    longest = max(waits)
    return ResponseTime(
        average_ms=whole(sum(waits) / len(waits)),
        maximum_ms=longest,
        first_ms=waits[0],
        slowest_turn_ids=tuple(turn_id for wait, turn_id in answers if wait == longest),
    )
