"""Turn groups of a chat: the unit that gets one sentiment label.

A group is a maximal run of consecutive MESSAGE items of one AGENT or CUSTOMER. Events and attachments
do not break a run; a message of anybody else (the other side, a bot, the system) does. Messages whose
content is not text keep the run together but are not part of the group.
"""

from __future__ import annotations

from itertools import groupby

from chalicelib.domain.transcript import ANALYSED_ROLES, Transcript, Turn, TurnGroup, TurnKind


def turn_groups(transcript: Transcript) -> tuple[TurnGroup, ...]:
    """The groups an imported analysis published, as published, else those derived from the messages,
    in time order."""
    if transcript.groups is not None:
        return transcript.groups
    messages = (turn for turn in transcript.turns if turn.kind is TurnKind.MESSAGE)
    runs = (tuple(run) for _, run in groupby(messages, key=_speaker))
    return tuple(
        TurnGroup(run[0].role, ids)
        for run in runs
        if run[0].role in ANALYSED_ROLES and (ids := tuple(t.id for t in run if t.analysed))
    )


def _speaker(turn: Turn) -> tuple[str, str]:
    return turn.role, turn.participant_id
