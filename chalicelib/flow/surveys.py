"""Answers of surveys: each kept once, under its contact, by session and intent.

The reason is kept as it may be shown, masked. Whoever removes what is known of a contact removes all under
``prefix_of`` of its id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports import numbered
from chalicelib.ports.storage import ObjectStore

SURVEYS = "control/surveys/"


@dataclass(frozen=True, slots=True)
class Survey:
    """``contact_id`` is empty where the session named none. ``call_back_on``: an ISO date, empty when the
    customer named none; ``call_back`` None: not asked."""

    contact_id: str
    session: str
    intent: str
    bot: str
    at_ms: int
    score: int | None
    reason: str = ""
    call_back: bool | None = None
    call_back_on: str = ""


def keep(store: ObjectStore, survey: Survey) -> bool:
    """Keep the answer; False when this session has answered this intent before: the first one stays."""
    return numbered.put(store, key_of(survey), dump(survey))


def key_of(survey: Survey) -> str:
    mark = fingerprint([survey.session, survey.intent])
    return f"{prefix_of(survey.contact_id)}{mark}.json"


def prefix_of(contact_id: str) -> str:
    """Everything that a contact's customer answered lies under this prefix."""
    return f"{SURVEYS}{fingerprint(contact_id)}/"


def every(store: ObjectStore) -> Iterator[Survey]:
    """All answers, in no order that means anything."""
    for stat in store.list(SURVEYS):
        yield load(Survey, store.read(stat.key))
