"""Finding contacts by what was said in them, and the index that some answers need.

A search answers contact ids; ``queries.search`` reads rows and texts anew and judges both, so that an
index that is behind shows nothing that is deleted, masked or another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.passages import Passage, Words
from chalicelib.ports.storage import ContactQuery


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Contacts that ``within`` matches and in which the words were said. Newest first."""

    words: Words
    within: ContactQuery


@dataclass(frozen=True, slots=True)
class Hit:
    """``mark``: the analysis that was searched, by its object key. ``passages``: its text, where the
    index has it."""

    contact_id: str
    at_ms: int
    mark: str = ""
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """``cursor`` continues after the last hit, None at the end."""

    hits: tuple[Hit, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """The search takes its time: ask again with its id."""

    search_id: str


class TranscriptSearch(Protocol):
    """Every method raises ``Unavailable`` when the service does not answer."""

    def search(
        self, query: TextQuery, *, cursor: str | None = None, limit: int = 50
    ) -> Hits | Running:
        """Contacts with the words, newest first, ties by contact id."""

    def result(
        self, search_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Hits | Running:
        """What a running search found. Raises ``NotFound``."""


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one contact, under the mark of its analysis."""

    contact_id: str
    mark: str
    passages: tuple[Passage, ...]


class TranscriptIndex(Protocol):
    """What has to be told of every text; one that reads the lake needs none."""

    def mark(self, contact_id: str) -> str:
        """Which analysis of the contact is indexed; empty for none."""

    def put(self, document: Document) -> None:
        """Index this text in place of the contact's former one."""

    def remove(self, contact_id: str) -> None:
        """Nothing of the contact is found any more."""

    def tidy(self) -> None:
        """Nothing of what was removed is stored any more."""
