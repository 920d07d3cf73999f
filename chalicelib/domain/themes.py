"""Themes: what many contacts are about, found and not asked for.

A contact speaks for itself by its **excerpts**, quoted from the redacted text: the highlighted issue of
each conversation; where there is none, the customer's first turns that say something. Contacts whose
excerpts mean like things are a theme (``Cluster``, made elsewhere). What it is called comes from its words:
those that its contacts have and the other themes have not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.summary import highlights_by_turn
from chalicelib.domain.theme_words import content_words, labels, without_masks
from chalicelib.domain.transcript import Channel, Engine, Role, Turn
from chalicelib.domain.vectors import Vector

ISSUE = "ISSUE"
FIRST_TURNS = 2
ENOUGH_WORDS = 2
LETTERS = 400
CUT = "…"
EXCERPTS_VERSION = 1
LABEL_TERMS = 3


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Text of one redacted turn, at most ``LETTERS`` long."""

    channel: Channel
    turn_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a contact says of itself; ``vectors`` as many as excerpts. Nothing said, no excerpts."""

    contact_id: str
    excerpts: tuple[Excerpt, ...]
    vectors: tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """An item of a cluster by its place in what was given. ``similarity`` to the middle of the
    others, -1 to 1; ``closest``: which of the item's vectors lies nearest to the middle of all."""

    item: int
    similarity: float
    closest: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items that are alike, the most typical first."""

    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ThemeContact:
    """A contact of a theme with the excerpt that puts it there."""

    contact_id: str
    similarity: float
    quote: Excerpt


@dataclass(frozen=True, slots=True)
class Theme:
    """``terms``: words that tell it from the others, weightiest first. ``contacts``: the most typical
    first. ``share``: of the contacts that said something, 0 to 1."""

    terms: tuple[str, ...]
    contacts: tuple[ThemeContact, ...]
    share: float

    @property
    def label(self) -> str:
        return ", ".join(self.terms[:LABEL_TERMS])

    @property
    def id(self) -> str:
        """The same contacts, the same id."""
        ids = "\n".join(sorted(contact.contact_id for contact in self.contacts))
        return hashlib.sha256(ids.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ThemeSet:
    """The themes of a set of contacts, largest first, and what is in none.

    ``considered``: analysed contacts that were looked at; ``silent`` of them had no text to go by,
    ``unassigned`` are like no others. ``searched_to_ms``: only contacts back to this time were looked
    at, because there are more than may be; None when there are no more.
    """

    themes: tuple[Theme, ...]
    considered: int
    silent: int
    unassigned: int
    engines: tuple[Engine, ...]
    searched_to_ms: int | None = None


def excerpts(analysis: ContactAnalysis) -> tuple[Excerpt, ...]:
    """What the contact says of itself, voice before chat, in the order it was said."""
    return tuple(
        Excerpt(conversation.channel, turn_id, cut(text))
        for conversation in analysis.conversations
        for turn_id, text in _of_conversation(conversation)
    )


def _of_conversation(conversation: Conversation) -> list[tuple[str, str]]:
    marked = highlights_by_turn(conversation.transcript, conversation.summary)
    issues = [(i, h.text) for i, found in marked.items() for h in found if h.kind == ISSUE]
    telling = [(i, text) for i, text in issues if content_words(text)]
    return telling or _first(conversation.transcript.analysed_turns(Role.CUSTOMER))


def _first(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """The customer's first turns with enough words that carry meaning, else the first with any."""
    for enough in (ENOUGH_WORDS, 1):
        telling = [t for t in turns if len(content_words(t.text)) >= enough]
        if telling:
            return [(t.id, t.text) for t in telling[:FIRST_TURNS]]
    return []


def cut(text: str) -> str:
    """The text without blanks around it, cut between words when it is long."""
    text = text.strip()
    if len(text) <= LETTERS:
        return text
    head = text[: LETTERS - len(CUT)]
    return (head.rpartition(" ")[0] or head) + CUT


def meaning(excerpt: Excerpt) -> str:
    """The excerpt as it is compared: what a mask hides says nothing, and that there is one little."""
    return without_masks(excerpt.text)


def themes_of(told: Sequence[Told], clusters: Sequence[Cluster]) -> tuple[Theme, ...]:
    """The clusters of ``told`` as themes, in their order."""
    words = [
        [[meaning(e) for e in told[member.item].excerpts] for member in cluster.members]
        for cluster in clusters
    ]
    return tuple(
        Theme(
            terms=terms,
            contacts=tuple(
                ThemeContact(
                    told[member.item].contact_id,
                    member.similarity,
                    told[member.item].excerpts[member.closest],
                )
                for member in cluster.members
            ),
            share=len(cluster.members) / len(told),
        )
        for cluster, terms in zip(clusters, labels(words), strict=True)
    )
