"""How fast a chat was answered: greeting and response times.

Everything is milliseconds between MESSAGE items; bots and system messages are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from chalicelib.domain.characteristics import ResponseTime
from chalicelib.domain.rounding import whole
from chalicelib.domain.transcript import ANALYSED_ROLES, Role, Transcript, Turn, TurnKind

JOINED = "participant.joined"


def agent_joined(transcript: Transcript) -> Turn | None:
    """The event with which the first AGENT joined, None if no such event is there."""
    return next((t for t in transcript.turns if t.role is Role.AGENT and _joins(t)), None)


def agent_joined_ms(transcript: Transcript) -> int | None:
    """When the first AGENT joined, None if no such event is there."""
    joined = agent_joined(transcript)
    return None if joined is None else joined.begin_ms


def agent_since(transcript: Transcript) -> int | None:
    """When the AGENT came: the joining event, else the first thing the AGENT did."""
    joined = agent_joined_ms(transcript)
    if joined is not None:
        return joined
    return next((turn.begin_ms for turn in transcript.turns if turn.role is Role.AGENT), None)


def _joins(turn: Turn) -> bool:
    return turn.kind is TurnKind.EVENT and turn.content_type.endswith(JOINED)


def greeting_ms(transcript: Transcript) -> int | None:
    """``AgentGreetingTimeMillis``: from the AGENT's joining to the first AGENT message after it.

    None without the event or without a message.
    """
    joined, greeting = agent_joined_ms(transcript), greeting_turn(transcript)
    return None if joined is None or greeting is None else greeting.begin_ms - joined


def greeting_turn(transcript: Transcript) -> Turn | None:
    """The first AGENT message after the AGENT joined."""
    joined = agent_joined_ms(transcript)
    if joined is None:
        return None
    mine = (turn for turn in _messages(transcript) if turn.role is Role.AGENT)
    return next((turn for turn in mine if turn.begin_ms >= joined), None)


@dataclass(frozen=True, slots=True)
class Response:
    """``turn_id`` answered ``asked_turn_id`` after ``wait_ms``."""

    role: Role
    turn_id: str
    asked_turn_id: str
    wait_ms: int


def responses(transcript: Transcript) -> tuple[Response, ...]:
    """At each change of speaker: first message of the responder minus the last message of the other."""
    runs = [tuple(run) for _, run in groupby(_messages(transcript), key=lambda t: t.role)]
    return tuple(
        Response(mine[0].role, mine[0].id, theirs[-1].id, mine[0].begin_ms - theirs[-1].begin_ms)
        for theirs, mine in pairwise(runs)
    )


def response_times(transcript: Transcript) -> dict[Role, ResponseTime]:
    """Per responding role. A role that never responds is left out."""
    answers: dict[Role, list[Response]] = {}
    for response in responses(transcript):
        answers.setdefault(response.role, []).append(response)
    return {role: _summary(own) for role, own in answers.items()}


def _messages(transcript: Transcript) -> Iterable[Turn]:
    return (t for t in transcript.turns if t.kind is TurnKind.MESSAGE and t.role in ANALYSED_ROLES)


def _summary(answers: Sequence[Response]) -> ResponseTime:
    waits = [answer.wait_ms for answer in answers]
    longest = max(waits)
    return ResponseTime(
        average_ms=whole(sum(waits) / len(waits)),
        maximum_ms=longest,
        first_ms=waits[0],
        slowest_turn_ids=tuple(a.turn_id for a in answers if a.wait_ms == longest),
    )
