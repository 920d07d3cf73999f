"""What of a contact goes into its risk: a few documented figures as text, never what was said.

All values are strings of 1 to 8,192 characters, as Amazon Fraud Detector wants them. What is not known is
left out, which is not the same as 0. No name, address, number of a card or account is among them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRecord, Publication
from chalicelib.domain.risk.cues import FAILED_CHECK, cues_of

ADDRESS_CHANGED = "address_changed"
DAY_MS = 24 * 3600 * 1000
WEEK_MS = 7 * DAY_MS
MOST_FAILED_CHECKS = 99

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    FAILED_CHECK: ("failedverifications", "verificationfailures", "failedauthentications"),
    ADDRESS_CHANGED: ("anichanged", "addresschanged", "phonechanged"),
}
"""Contact attributes that are read, by the variable they fill; written with or without ``_``, ``-``,
blanks and capitals."""

_YES, _NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n")
_EVENT_ID = re.compile(r"[0-9a-z_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Repeats:
    """Other contacts of the same customer that began in the day and the week before this one."""

    day: int
    week: int


@dataclass(frozen=True, slots=True)
class Features:
    """``places``: where in the conversation a variable shows first, in milliseconds."""

    variables: Mapping[str, str]
    places: Mapping[str, int] = field(default_factory=dict)


def event_id(contact_id: str) -> str:
    """The contact id in small letters; a hash of it where that is no event id of Fraud Detector."""
    small = contact_id.lower()
    if _EVENT_ID.fullmatch(small):
        return small
    return hashlib.sha256(small.encode("utf-8", "surrogatepass")).hexdigest()


def features(
    published: Publication, analysis: ContactAnalysis, repeats: Repeats | None = None
) -> Features:
    """The variables of a contact; ``repeats`` is None where the customer is not known."""
    cues = cues_of(conversation.transcript for conversation in analysis.conversations)
    begun = datetime.fromtimestamp(published.initiation_ms / 1000, UTC)
    told = {
        "channel": published.channel.value.lower(),
        "hour_utc": str(begun.hour),
        "duration_s": str(max(published.duration_ms, 0) // 1000),
        **{name: str(seen.turns) for name, seen in cues.items()},
        **_history(repeats),
        **_recorded(analysis.record),
    }
    places = {
        name: seen.begin_ms
        for name, seen in cues.items()
        if seen.begin_ms is not None and told[name] == str(seen.turns)
    }
    return Features(told, places)


def _history(repeats: Repeats | None) -> dict[str, str]:
    if repeats is None:
        return {}
    return {"repeats_24h": str(repeats.day), "repeats_7d": str(repeats.week)}


def _recorded(record: ContactRecord | None) -> dict[str, str]:
    """What the contact record tells. An attribute counts before what the transcript lets guess."""
    if record is None:
        return {}
    known = {re.sub(r"[\W_]", "", k).lower(): v for k, v in record.attributes.items()}
    failed = _first(known, ATTRIBUTES[FAILED_CHECK])
    changed = _first(known, ATTRIBUTES[ADDRESS_CHANGED])
    out = {"transfers": str(_transfers(record))}
    if re.fullmatch(r"[0-9]{1,6}", failed):
        out[FAILED_CHECK] = str(min(int(failed), MOST_FAILED_CHECKS))
    if changed in _YES + _NO:
        out[ADDRESS_CHANGED] = "1" if changed in _YES else "0"
    return out


def _first(known: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((known[name].strip().lower() for name in names if name in known), "")


def _transfers(record: ContactRecord) -> int:
    """0, 1, or 2 for a chain of which this contact is at least the third."""
    if not record.previous_contact_id or record.previous_contact_id == record.contact_id:
        return 0
    first = record.initial_contact_id
    return 2 if first and first not in (record.previous_contact_id, record.contact_id) else 1
