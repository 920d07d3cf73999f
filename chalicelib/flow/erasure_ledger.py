"""The ledger of erasures: outside the contact table, so that it outlives a restore of that table.

An entry is a row of numbered objects, each a revision that is created and never changed. It names contacts
by keyed hashes alone; only a store that still has the contact can tell whom it is about. An entry that is
not settled has an object in ``OPEN`` beside it, which a sweep lists instead of reading all that ever was.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from chalicelib.domain.erasure import Erasure, ErasureState
from chalicelib.domain.errors import BadRequest, Contention, NotFound
from chalicelib.domain.events import Hint
from chalicelib.formats.artifact import dump, load
from chalicelib.ports import numbered
from chalicelib.ports.services import Services

LEDGER, OPEN, HOLDS = "control/erasures/", "control/erasures-open/", "control/holds/"
KEY = "control/erasures-key"
JSON = "application/json"
TRIES = 20
ERASE = "erase"
REASON = re.compile(r"[a-z0-9-]{1,40}")

Change = Callable[[Erasure], Erasure]
_Next = Callable[[Erasure | None], Erasure]


def marker(services: Services) -> Callable[[str], str]:
    """Makes the keyed hash that stands for a contact. The key is this installation's own, made once."""
    store = services.redacted
    if store.stat(KEY) is None:
        store.put_if_absent(KEY, secrets.token_hex(32).encode(), content_type="text/plain")
    key = store.read(KEY)

    def mark(contact_id: str) -> str:
        name = contact_id.encode("utf-8", "surrogatepass")
        return hmac.new(key, name, hashlib.sha256).hexdigest()[:32]

    return mark


def mark_of(services: Services, contact_id: str) -> str:
    """The keyed hash of one contact."""
    return marker(services)(contact_id)


def contact_entry(services: Services, contact_id: str) -> str:
    """The id of a contact's erasure: asked for twice, it is the same."""
    return f"contact-{mark_of(services, contact_id)}"


def customer_entry(customer: str) -> str:
    """The id of a customer's erasure, from the pseudonym."""
    return f"customer-{customer.rpartition('-')[2]}"


def latest(services: Services, entry_id: str) -> Erasure | None:
    """The entry as it stands."""
    number = numbered.last(services.redacted, partial(_key, entry_id))
    if not number:
        return None
    return load(Erasure, services.redacted.read(_key(entry_id, number)))


def get(services: Services, entry_id: str) -> Erasure:
    """As ``latest``. Raises ``NotFound``."""
    found = latest(services, entry_id)
    if found is None:
        raise NotFound(f"there is no such erasure: {entry_id}")
    return found


def ask(services: Services, contact_id: str, *, by: str, reason: str) -> Erasure:
    """Ask for a contact's erasure, known or still to come; the hint for who does it is sent."""
    asked = _asked(services, contact_entry(services, contact_id), by, reason)
    row = services.contacts.get(contact_id)
    known = row.publication.customer_ref if row and row.publication else None
    found = open_entry(services, replace(asked, of_customer=known or ""))
    services.queues.ingest.send(Hint(contact_id=contact_id, reason=ERASE).to_body())
    return found


def ask_for_all(
    services: Services, customer: str, entries: tuple[str, ...], *, by: str, reason: str
) -> Erasure:
    """Ask for the erasure of a customer, given by the pseudonym; ``entries``: those of the contacts."""
    asked = _asked(services, customer_entry(customer), by, reason)
    found = open_entry(services, replace(asked, marks=entries, customer=customer))
    services.queues.ingest.send(Hint(sweep=found.id, reason=ERASE).to_body())
    return found


def _asked(services: Services, entry_id: str, by: str, reason: str) -> Erasure:
    if not REASON.fullmatch(reason):
        raise BadRequest("reason", "a reason is a word of lower-case letters, digits and hyphens")
    now = services.clock()
    return Erasure(entry_id, 0, ErasureState.PENDING, now, now, by, reason)


def open_entry(services: Services, asked: Erasure) -> Erasure:
    """Write down what was asked for, before anything is done about it; the entry as it stands.

    What was found by former attempts stays counted.
    """
    services.redacted.put(_open_key(asked.id), b"{}", content_type=JSON)

    def begun(before: Erasure | None) -> Erasure:
        if before is None:
            return asked
        marks = tuple(dict.fromkeys((*before.marks, *asked.marks)))
        return replace(
            before,
            state=ErasureState.PENDING,
            by=asked.by,
            reason=asked.reason,
            marks=marks,
            of_customer=asked.of_customer or before.of_customer,
        )

    return _write(services, asked.id, begun)


def note(services: Services, entry_id: str, change: Change) -> Erasure:
    """The next revision, made from the last one by ``change``. Raises ``NotFound``."""

    def changed(before: Erasure | None) -> Erasure:
        if before is None:
            raise NotFound(f"there is no such erasure: {entry_id}")
        return change(before)

    return _write(services, entry_id, changed)


def close(services: Services, entry_id: str) -> None:
    """Nothing that was under way when the entry was opened can still come to an end."""
    services.redacted.delete(_open_key(entry_id))


def is_settled(services: Services, entry_id: str) -> bool:
    """Whether the entry was closed."""
    return services.redacted.stat(_open_key(entry_id)) is None


def still_open(services: Services) -> Iterator[Erasure]:
    """Entries that are not settled."""
    for stat in services.redacted.list(OPEN):
        found = latest(services, stat.key.removeprefix(OPEN).removesuffix(".json"))
        if found:
            yield found


def every(services: Services) -> Iterator[Erasure]:
    """Every entry as it stands: for a replay."""
    ids = dict.fromkeys(
        stat.key.removeprefix(LEDGER).partition("/")[0] for stat in services.redacted.list(LEDGER)
    )
    for entry_id in ids:
        yield get(services, entry_id)


def _write(services: Services, entry_id: str, change: _Next) -> Erasure:
    for _ in range(TRIES):
        before = latest(services, entry_id)
        after = change(before)
        number = before.revision + 1 if before else 1
        written = replace(after, revision=number, changed_ms=services.clock())
        if numbered.put(services.redacted, _key(entry_id, number), dump(written)):
            return written
    raise Contention(f"the erasure {entry_id} kept moving")


def _key(entry_id: str, number: int) -> str:
    return f"{LEDGER}{entry_id}/{number:08d}.json"


def _open_key(entry_id: str) -> str:
    return f"{OPEN}{entry_id}.json"


def hold(services: Services, contact_id: str, *, by: str, reason: str, on: bool) -> None:
    """Put a contact under legal hold, or release it."""
    body = {"on": on, "by": by, "reason": reason, "at_ms": services.clock()}
    key_of = partial(_hold_key, mark_of(services, contact_id))
    numbered.append(services.redacted, key_of, dump(body))


def is_held(services: Services, contact_id: str) -> bool:
    """Whether nothing of the contact may be removed."""
    key_of = partial(_hold_key, mark_of(services, contact_id))
    number = numbered.last(services.redacted, key_of)
    return bool(number) and bool(load(dict, services.redacted.read(key_of(number)))["on"])


def _hold_key(mark: str, number: int) -> str:
    return f"{HOLDS}{mark}/{number:08d}.json"
