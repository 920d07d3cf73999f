"""What a contact speaks of: people, places, products, dates, quantities, by Amazon Comprehend's types.

Found in the redacted text and pointing into it, so that nothing masked can be named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.domain.redaction import PiiSpan, masks_by_turn, raw_offsets
from chalicelib.domain.transcript import Engine, Transcript

TYPES = (
    "PERSON", "LOCATION", "ORGANIZATION", "COMMERCIAL_ITEM", "EVENT", "DATE", "QUANTITY", "TITLE", "OTHER",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """``turn.text[begin:end]`` is of one of ``TYPES``; ``score`` is 0..1 where the engine gives one."""

    turn_id: str
    begin: int
    end: int
    kind: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Entities:
    """``found`` in the order of the conversation. ``looked_for``: the types that the engine knows in
    this language; of the others nobody can say whether they are there. ``unread``: turns that the
    engine could not read, with its reason."""

    engine: Engine
    looked_for: tuple[str, ...]
    found: tuple[Entity, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def not_looked_for(self) -> tuple[str, ...]:
        return tuple(kind for kind in TYPES if kind not in self.looked_for)


@dataclass(frozen=True, slots=True)
class EntityGroup:
    """One thing that was spoken of, as it was first said; ``count`` is how often."""

    text: str
    kind: str
    count: int
    turn_ids: tuple[str, ...]


def quoted(entities: Entities, transcript: Transcript) -> Iterator[tuple[Entity, str]]:
    """Each entity with its text."""
    texts = {turn.id: turn.text for turn in transcript.turns}
    for entity in entities.found:
        yield entity, texts[entity.turn_id][entity.begin : entity.end]


def grouped(entities: Entities, transcript: Transcript) -> tuple[EntityGroup, ...]:
    """Equal texts of one type together, capitals and blanks aside; the most often said first."""
    groups: dict[tuple[str, str], EntityGroup] = {}
    for entity, text in quoted(entities, transcript):
        key = (entity.kind, " ".join(text.casefold().split()))
        known = groups.get(key, EntityGroup(text, entity.kind, 0, ()))
        turns = tuple(dict.fromkeys((*known.turn_ids, entity.turn_id)))
        groups[key] = replace(known, count=known.count + 1, turn_ids=turns)
    return tuple(sorted(groups.values(), key=lambda group: -group.count))


def to_original(entities: Entities, raw: Transcript, spans: Sequence[PiiSpan]) -> Entities:
    """The same entities beside the text before redaction."""
    masked = masks_by_turn(raw, spans)
    moved = [
        replace(entity, begin=begin, end=end)
        for entity in entities.found
        for begin, end in [raw_offsets(masked[entity.turn_id], entity.begin, entity.end)]
    ]
    return replace(entities, found=tuple(moved))
