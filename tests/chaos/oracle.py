"""What the objects in the bucket imply, as one pure fold: knows no row, no queue, no earlier state.

Of the product it uses the judgement of single objects and the analysis of single conversations, which
are pure functions of bytes; who owns what, what counts and what is refused it decides on its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.config import Settings
from chalicelib.domain.contact import ContactRecord, Part, PartKind, Status
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.transcript import Channel
from chalicelib.formats import object_keys
from chalicelib.stages import intake, publication
from chalicelib.stages import transcript as texts
from chalicelib.stages.categories import Judging
from chalicelib.stages.conversation import Conversation, Material, analyse
from local.acoustics import measure_object
from tests.chaos.speech import said_in
from tests.fakes.language import FakePiiDetector, FakeSentiment, FakeSummarizer
from tests.fakes.stores import MemoryObjects

Bucket = Mapping[str, Any]
PII = {"4111": "CREDIT_DEBIT_NUMBER"}


class Truth:
    """The contacts that a bucket implies: by id, what a user sees of each and what was said."""

    def __init__(self, bucket: Bucket, settings: Settings, rules: Any) -> None:
        self._settings, self._rules = settings, rules
        self._found = {key: judged(*entry, settings) for key, entry in bucket.items()}
        self._bodies = {key: body for key, (_, body) in bucket.items()}
        self._records = self._newest_records()
        self.contacts = {c: self._contact(c, sorted(keys)) for c, keys in self._owned().items()}

    def conversations(self, contact_id: str) -> tuple[Conversation, ...]:
        return self.contacts[contact_id][1]

    @property
    def seen(self) -> dict[str, Any]:
        return {contact_id: shown for contact_id, (shown, _) in self.contacts.items()}

    def _newest_records(self) -> dict[str, ContactRecord]:
        newest: dict[str, ContactRecord] = {}
        for found in self._found.values():
            for record in found.records:
                known = newest.get(record.contact_id)
                if known is None or record.last_update > known.last_update:
                    newest[record.contact_id] = record
        return newest

    def _owned(self) -> dict[str, set[str]]:
        owned: dict[str, set[str]] = defaultdict(set)
        for key, found in self._found.items():
            for owner in found.content_ids or (self._owner(key),):
                owned[owner].add(key)
        return owned

    def _owner(self, key: str) -> str:
        claims = (r.contact_id for r in self._records.values() if key in r.media_keys)
        named = object_keys.contact_id_in(key)
        return named or next(claims, None) or object_keys.provisional_id(key)

    def _contact(self, contact_id: str, keys: list[str]) -> tuple[dict[str, Any], Any]:
        parts = [self._part(contact_id, key) for key in keys]
        usable = [p for p in parts if not p.refusal]
        counts = {
            max((p for p in usable if _kind(p) == kind), key=lambda p: (p.modified_ms, p.etag)).key
            for kind in {_kind(p) for p in usable}
        }
        counts |= {p.key for p in usable if p.kind is PartKind.CONTACT_RECORD}
        media = [p for p in usable if p.kind is not PartKind.CONTACT_RECORD and p.key in counts]
        spoken = tuple(self._conversation(p) for p in sorted(media, key=_voice_first))
        shown = {
            "status": Status.COMPLETED,
            "publication": self._publication(contact_id, parts, spoken),
            "refusals": sorted(p.refusal.code for p in parts if p.refusal),
            "parts": sorted(
                (p.key, p.state, p.etag, not p.refusal and p.key not in counts) for p in parts
            ),
        }
        if not media and len(usable) < len(parts):
            shown |= {"status": Status.QUARANTINED, "publication": None}
        return shown, spoken

    def _part(self, contact_id: str, key: str) -> Part:
        found = self._found[key]
        if found.part.kind is PartKind.CONTACT_RECORD and not found.part.refusal:
            return found.part
        return intake.identity(found.part, found.content_ids, contact_id, 0)

    def _publication(
        self, contact_id: str, parts: Iterable[Part], spoken: tuple[Conversation, ...]
    ) -> Any:
        record = self._records.get(contact_id)
        if spoken:
            return publication.publish(
                spoken, record, parts, analysis_key="", rule_set=self._rules.id
            )
        return publication.publish_record(record, parts) if record else None

    def _conversation(self, part: Part) -> Conversation:
        return conversation(part, self._bodies[part.key], self._settings, self._rules)


def _kind(part: Part) -> str:
    return part.key if part.kind is PartKind.CONTACT_RECORD else part.kind


def _voice_first(part: Part) -> bool:
    return part.kind is PartKind.CHAT


_REMEMBERED: dict[Any, Any] = {}


def judged(stat: Any, body: bytes, settings: Settings) -> intake.Inspected:
    """What this object is, looked at alone."""
    found = _REMEMBERED.get((stat.key, stat.etag))
    if found is None:
        store = MemoryObjects()
        store.put(stat.key, body)
        found = _REMEMBERED[stat.key, stat.etag] = intake.inspect(store, stat, settings, 0)
    return replace(found, part=replace(found.part, modified_ms=stat.modified_ms, etag=stat.etag))


def conversation(part: Part, body: bytes, settings: Settings, rules: Any) -> Conversation:
    """What is said in this object and about it, without the names of stored products."""
    name = ("said", part.key, part.etag, rules.id)
    if name not in _REMEMBERED:
        _REMEMBERED[name] = _analysed(part, body, settings, rules)
    return _REMEMBERED[name]


def _analysed(part: Part, body: bytes, settings: Settings, rules: Any) -> Conversation:
    voice = part.kind is PartKind.RECORDING
    store = MemoryObjects()
    store.put(part.key, body)
    material = Material(
        channel=Channel.VOICE if voice else Channel.CHAT,
        source_key=part.key,
        source_etag=part.etag,
        transcript=said_in(part.etag) if voice else texts.read(part.format, body, settings),
        acoustics=measure_object(store, part.key, settings) if voice else None,
    )
    readings = analyse(
        material,
        settings=settings,
        judging=Judging(rules, Tools()),
        sentiment=FakeSentiment(),
        pii=FakePiiDetector(PII),
        summarizer=FakeSummarizer(),
    )
    return readings.redacted


def nameless(one: Conversation) -> Conversation:
    """The conversation without the names of its stored products."""
    return replace(one, acoustics_key=None, transcript_key=None)
