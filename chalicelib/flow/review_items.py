"""Review items as they are kept: a row of numbered objects, one for each step, created and never changed.

Of two people who take the same step at once, one is told so. Beside them lies one name for each item under
its contact, written before the item: it counts only where the item is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.follow_up import Reason
from chalicelib.domain.review import (
    NOWHERE,
    Kind,
    Machine,
    Place,
    ReviewItem,
    Source,
    State,
    Verdict,
    as_of,
)
from chalicelib.domain.review import with_verdict as after_verdict
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports import numbered
from chalicelib.ports.services import Services

ITEMS = "control/review-items/"
OF_CONTACT = "reviews-of"
DAY_MS = 86_400_000
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person is asked about a contact. ``name`` tells no value; ``description`` and ``reasons`` may.

    ``wanted``: independent verdicts, None for as many as the settings say (a task: one).
    """

    kind: Kind
    source: Source
    name: str
    description: str = ""
    reasons: tuple[Reason, ...] = ()
    place: Place = NOWHERE
    machine: Machine | None = None
    wanted: int | None = None
    verdict: Verdict | None = None


def open_asked(services: Services, contact_id: str, asked: Asked, at_ms: int) -> ReviewItem:
    """Open an item, once for the same question of the same cause; the item as it stands. A verdict that
    comes with it is the first opinion."""
    mark = _mark(contact_id, asked)
    known = next((one for one in ids_of(services, contact_id) if one.endswith(mark)), None)
    if known:
        try:
            return get(services, known)
        except NotFound:
            at_ms = int(
                known.partition("-")[0]
            )  # whoever took the name did not come to write the item
    settings, judged = services.settings, asked.kind is not Kind.OTHER
    item = ReviewItem(
        id=f"{at_ms:013d}-{mark}",
        revision=1,
        state=State.OPEN,
        contact_id=contact_id,
        rule_id="",
        rule_name="",
        rule_version=0,
        name=asked.name,
        description=asked.description,
        opened_ms=at_ms,
        changed_ms=at_ms,
        kind=asked.kind,
        source=asked.source,
        place=asked.place,
        machine=asked.machine,
        reasons=asked.reasons,
        wanted=asked.wanted or (settings.reviewers if judged else 1),
        expires_ms=at_ms + settings.review_days * DAY_MS if judged else None,
        by=asked.verdict.by if asked.verdict else "",
    )
    create(services, after_verdict(item, asked.verdict) if asked.verdict else item)
    return get(services, item.id)


def _mark(contact_id: str, asked: Asked) -> str:
    """Equal for equal questions: a retried call opens nothing twice, nor does a newer publication."""
    place, said = asked.place, asked.verdict
    told = [contact_id, asked.kind, asked.source, place.channel, place.turn_id, place.about]
    own = [said.by, said.value, place.analysis_key] if said else [asked.name]
    return fingerprint([*told, *own])


def create(services: Services, item: ReviewItem) -> bool:
    """Write a new item; False when it is there already."""
    name = f"{prefix_of(item.contact_id)}{item.id}"
    services.redacted.put_if_absent(name, b"", content_type="text/plain")
    return numbered.put(services.redacted, _key(item.id, item.revision), dump(item))


def write(services: Services, item: ReviewItem) -> ReviewItem:
    """Write the step after the one it was made from. Raises ``VersionMoved`` when somebody was faster."""
    if not numbered.put(services.redacted, _key(item.id, item.revision), dump(item)):
        raise VersionMoved("somebody else took the next step")
    return item


def get(services: Services, item_id: str) -> ReviewItem:
    """The item as it stands. Raises ``NotFound``."""
    key_of = partial(_key, item_id)
    revision = numbered.last(services.redacted, key_of) if len(item_id) <= LONGEST_ID else 0
    if not revision:
        raise NotFound(f"there is no such review item: {item_id}")
    return _read(services, key_of(revision))


def newest(services: Services, limit: int | None = None) -> list[ReviewItem]:
    """Items as they stand, the last opened first; at most ``limit``, or all."""
    latest: dict[str, str] = {}
    for stat in services.redacted.list(ITEMS):
        latest[stat.key.rpartition("/")[0]] = stat.key
    return [_read(services, latest[folder]) for folder in sorted(latest, reverse=True)[:limit]]


def ids_of(services: Services, contact_id: str) -> list[str]:
    """The names of a contact's items, the last opened first."""
    names = services.redacted.list(prefix_of(contact_id))
    return sorted((stat.key.rpartition("/")[2] for stat in names), reverse=True)


def of_contact(services: Services, contact_id: str) -> list[ReviewItem]:
    """A contact's items as they stand, the last opened first."""
    found = []
    for item_id in ids_of(services, contact_id):
        try:
            found.append(get(services, item_id))
        except NotFound:
            continue  # a name whose item was never written
    return found


def prefix_of(contact_id: str) -> str:
    """The names of a contact's items lie under this prefix."""
    return object_keys.control_prefix(OF_CONTACT, contact_id)


def _read(services: Services, key: str) -> ReviewItem:
    return as_of(load(ReviewItem, services.redacted.read(key)), services.clock())


def _key(item_id: str, revision: int) -> str:
    return f"{ITEMS}{item_id}/{revision:08d}.json"
