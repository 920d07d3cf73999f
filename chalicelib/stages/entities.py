"""Entities of a conversation, from its redacted text alone.

A finding that touches a mask is dropped: "[NAME]" is a place for a name, and no name.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.entities import TYPES, Entities, Entity
from chalicelib.domain.errors import EngineMissing, LanguageNotServed, Unavailable
from chalicelib.domain.transcript import Role, Transcript, Turn, TurnKind
from chalicelib.domain.word_offsets import set_masks
from chalicelib.ports.entities import EntityFinder, Mentions
from chalicelib.ports.language import Failed

READ = (Role.CUSTOMER, Role.AGENT, Role.UNKNOWN)


def make(redacted: Transcript, finder: EntityFinder) -> Entities | SkippedAnalysis:
    """The product of the ``entities`` stage, or why there is none. Raises ``Unavailable``."""
    language, name = redacted.language, redacted.channel.lower()
    kinds = finder.types(language)
    if not kinds:
        reason = f"{finder.engine.name} finds no entities, the conversation is in {language!r}"
        return SkippedAnalysis("entities", LanguageNotServed.skip, reason, name)
    turns = [turn for turn in redacted.turns if _read(turn)]
    try:
        results = finder.find([turn.text for turn in turns], language)
    except EngineMissing as missing:
        return SkippedAnalysis("entities", missing.skip, missing.reason, name)
    if len(results) != len(turns):
        raise Unavailable(f"entities came back for {len(results)} of {len(turns)} texts")
    found: list[Entity] = []
    unread: dict[str, str] = {}
    for turn, result in zip(turns, results, strict=True):
        if isinstance(result, Failed):
            unread[turn.id] = result.reason
        else:
            found += _entities(turn, result)
    return Entities(finder.engine, kinds, tuple(found), unread)


def _read(turn: Turn) -> bool:
    kinds = (TurnKind.UTTERANCE, TurnKind.MESSAGE)
    return turn.role in READ and turn.kind in kinds and bool(turn.text.strip())


def _entities(turn: Turn, mentions: Mentions) -> Iterator[Entity]:
    """What was found in a turn, outside its masks. Raises ``Unavailable`` for what cannot be there."""
    masked = [(mask.begin, mask.end) for mask in set_masks(turn)]
    for m in mentions:
        if m.kind not in TYPES or not 0 <= m.begin < m.end <= len(turn.text):
            raise Unavailable("the entity engine marked what is not in the conversation")
        if not any(begin < m.end and m.begin < end for begin, end in masked):
            yield Entity(turn.id, m.begin, m.end, m.kind, m.score)
