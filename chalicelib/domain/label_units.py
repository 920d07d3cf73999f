"""What gets a sentiment label: a turn of a voice conversation, a turn group of a chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.transcript import (
    Channel,
    Role,
    SentimentLabel,
    Transcript,
    Turn,
    TurnGroup,
    TurnKind,
)
from chalicelib.domain.turn_groups import turn_groups


@dataclass(frozen=True, slots=True)
class LabelUnit:
    """``text`` to be labelled under ``id``, the id of its first turn.

    ``label`` is set where none has to be asked for: an imported label is kept, and nothing said is
    NEUTRAL. ``begin_ms`` is None when an imported group
    names only turns that its transcript does not hold.
    """

    id: str
    role: Role
    turn_ids: tuple[str, ...]
    text: str
    begin_ms: int | None
    label: SentimentLabel | None = None
    imported: bool = False


def label_units(transcript: Transcript) -> tuple[LabelUnit, ...]:
    """All units of the conversation, labelled or not.

    Voice: every utterance, those of an unknown speaker too. Chat: turn groups, their messages joined
    by newlines.
    """
    if transcript.channel is Channel.CHAT:
        by_id = {turn.id: turn for turn in transcript.turns}
        return tuple(_group_unit(group, by_id) for group in turn_groups(transcript))
    return tuple(_turn_unit(turn) for turn in transcript.turns if turn.kind is TurnKind.UTTERANCE)


def texts_to_label(transcript: Transcript) -> tuple[LabelUnit, ...]:
    """The units whose label an engine has to find."""
    return tuple(unit for unit in label_units(transcript) if unit.label is None)


def _turn_unit(turn: Turn) -> LabelUnit:
    return LabelUnit(
        id=turn.id,
        role=turn.role,
        turn_ids=(turn.id,),
        text=turn.text,
        begin_ms=turn.begin_ms,
        label=turn.sentiment or _silent(turn.text),
        imported=turn.sentiment is not None,
    )


def _group_unit(group: TurnGroup, by_id: Mapping[str, Turn]) -> LabelUnit:
    turns = [by_id[turn_id] for turn_id in group.turn_ids if turn_id in by_id]
    text = "\n".join(turn.text for turn in turns)
    return LabelUnit(
        id=group.turn_ids[0],
        role=group.role,
        turn_ids=group.turn_ids,
        text=text,
        begin_ms=min((turn.begin_ms for turn in turns), default=None),
        label=group.sentiment or _silent(text),
        imported=group.sentiment is not None,
    )


def _silent(text: str) -> SentimentLabel | None:
    return None if text.strip() else SentimentLabel.NEUTRAL
