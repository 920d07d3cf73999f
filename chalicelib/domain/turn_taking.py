"""Who lets whom speak: the longest monologue, the patience before an own turn.

A turn that only shows that its speaker listens (back-channel, see ``interruptions``) takes the floor
from nobody: it breaks no monologue and is no handover.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from chalicelib.domain.characteristics import Handover
from chalicelib.domain.interruptions import is_backchannel
from chalicelib.domain.method import Method
from chalicelib.domain.rounding import whole
from chalicelib.domain.transcript import ANALYSED_ROLES, Role, Span, Transcript, Turn, TurnKind


def longest_monologues(transcript: Transcript, method: Method) -> dict[Role, Span]:
    """Per role the longest stretch of own talk, the first of equals; who never spoke is left out.

    Own words belong to one stretch while the next begins less than ``talk_join_ms`` after the latest
    end so far, and no turn of the other side that is no back-channel began after the word before it
    and by the time it begins. A turn without word times counts with its whole span.
    """
    floor = _floor_turns(transcript, method)
    found: dict[Role, Span] = {}
    for role in ANALYSED_ROLES:
        onsets = sorted(turn.begin_ms for turn in floor if turn.role is not role)
        stretches = _stretches(_spoken(transcript, role), onsets, method)
        if stretches:
            found[role] = max(stretches, key=lambda s: s.duration_ms)
    return found


def _floor_turns(transcript: Transcript, method: Method) -> list[Turn]:
    """Turns that take the floor, in order of their begin."""
    turns = [
        turn
        for turn in transcript.turns
        if turn.role in ANALYSED_ROLES
        and turn.kind is TurnKind.UTTERANCE
        and not is_backchannel(turn.text, method)
    ]
    return sorted(turns, key=lambda turn: turn.begin_ms)


def _spoken(transcript: Transcript, role: Role) -> list[Span]:
    turns = (t for t in transcript.turns if t.kind is TurnKind.UTTERANCE and t.role is role)
    return sorted(Span(s.begin_ms, s.end_ms) for turn in turns for s in turn.words or (turn,))


def _stretches(words: Iterable[Span], onsets: Sequence[int], method: Method) -> list[Span]:
    stretches: list[Span] = []
    before = 0
    for word in words:
        if stretches and _goes_on(stretches[-1].end_ms, before, word.begin_ms, onsets, method):
            last = stretches[-1]
            stretches[-1] = Span(last.begin_ms, max(last.end_ms, word.end_ms))
        else:
            stretches.append(word)
        before = word.begin_ms
    return stretches


def _goes_on(end_ms: int, before: int, begin: int, onsets: Sequence[int], method: Method) -> bool:
    """Whether a word at ``begin`` carries on a stretch whose last word began at ``before``."""
    gap = begin - end_ms
    joined = gap <= 0 or gap < method.talk_join_ms
    return joined and bisect_right(onsets, before) == bisect_right(onsets, begin)


def handovers(transcript: Transcript, method: Method) -> tuple[Handover, ...]:
    """At each change of speaker, in order of begins: how long the turn waited after the latest end of
    the other side's turns so far, and 0 where it began before that end."""
    found: list[Handover] = []
    latest: dict[Role, Turn] = {}
    last: Turn | None = None
    for turn in _floor_turns(transcript, method):
        if last is not None and last.role is not turn.role:
            other = latest[last.role]
            wait = max(0, turn.begin_ms - other.end_ms)
            found.append(Handover(turn.role, turn.id, other.id, wait))
        known = latest.get(turn.role)
        if known is None or turn.end_ms >= known.end_ms:
            latest[turn.role] = turn
        last = turn
    return tuple(found)


def patience_ms(found: Iterable[Handover]) -> dict[Role, int]:
    """Mean wait per role; a role that never took over is left out."""
    waits: dict[Role, list[int]] = {}
    for handover in found:
        waits.setdefault(handover.role, []).append(handover.wait_ms)
    return {role: whole(sum(own) / len(own)) for role, own in waits.items()}
