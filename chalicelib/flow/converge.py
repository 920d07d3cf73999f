"""Which row do these parts imply? Pure decision, apart from products read, made and asked for."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import (
    ContactRecord,
    ContactRow,
    PartKind,
    PartState,
    Refusal,
    Status,
    Waiting,
)
from chalicelib.domain.transcript import Transcript
from chalicelib.flow import products, release, rows
from chalicelib.flow.outcome import Outcome
from chalicelib.flow.publish import Desk, publish, publish_only_record
from chalicelib.flow.rule_input import input_of
from chalicelib.flow.survey import Survey, record_id
from chalicelib.flow.table import HERE, LANGUAGE, Plan, Planned, Source, plan
from chalicelib.formats import instants, object_keys
from chalicelib.formats.artifact import load
from chalicelib.ports.language import LanguageIdentifier
from chalicelib.ports.services import Services
from chalicelib.stages.generated_summary import settings_of
from chalicelib.stages.masking import Masked


def converge(
    services: Services, row: ContactRow | None, found: Survey, *, ask_again: bool
) -> Outcome | None:
    """The row that the survey implies; None when there is nothing to say.

    ``ask_again``: ask for heavy products even when the row already waits for them.
    """
    if not found.sources:
        bare = _without_media(services, row, found)
        return Outcome(bare) if bare else None
    former = _former(services, row)
    record, record_mark = _record(row, found, former)
    ended_ms = _ended_ms(row, found)
    rules = services.rules.in_force(ended_ms)
    inputs = {"record": record_mark, "rules": input_of(services, rules), **_stated(record)}
    plans = plans_of(services, row, found, inputs)
    if row and row.publication and (_stands(row, plans, inputs) or _source_is_away(found, plans)):
        parts = release.released(services, row, found, plans, former)
        return Outcome(rows.standing(row, parts))
    heavy = _heavy(services, row, found, plans, ask_again=ask_again)
    if heavy.failure:
        return Outcome(rows.failed(row, found, heavy))
    if heavy.waits:
        return Outcome(rows.in_progress(row, found, heavy))
    return publish(
        Desk(services, found, plans, row, former, record, inputs, rules, heavy, ended_ms)
    )


def _ended_ms(row: ContactRow | None, found: Survey) -> int:
    """When the contact ended, for choosing its rules: as published, else the best guess at it. A guess
    that the publication corrects makes the categories stale, and the next look chooses again."""
    if row and row.publication:
        return row.publication.disconnect_ms
    record = found.record.disconnect_time if found.record else None
    at = instants.parse(record) if record else None
    parts = [source.main for source in found.sources]
    starts = [object_keys.started_ms(part.key) or part.modified_ms for part in parts]
    return at.ms if at else max(starts)


def plans_of(
    services: Services, row: ContactRow | None, found: Survey, inputs: Mapping[str, str]
) -> dict[str, Plan]:
    """A plan for every conversation of the contact."""
    attempts = {name: w.attempt for name, w in row.waiting.items()} if row else {}
    recipe = row.recipe if row else {}
    settings = engine_settings(services)
    return {s.name: plan(s, recipe, inputs, settings, attempts) for s in found.sources}


def slots_of(
    services: Services, row: ContactRow | None, found: Survey
) -> tuple[products.Slot, ...]:
    """Where the heavy products of a contact lie, or will lie."""
    record, _ = _record(row, found, _former(services, row))
    return _slots(services, found, plans_of(services, row, found, _stated(record)))


def _stated(record: ContactRecord | None) -> dict[str, str]:
    """The language that the contact record states, as an input."""
    return {LANGUAGE: record.language} if record and record.language else {}


def engine_settings(services: Services) -> dict[str, object]:
    """The settings that fingerprints may read, by the name the table uses."""
    settings, speech = services.settings, services.transcriber.engine
    method = settings.method
    known: dict[str, object] = {
        "method": {**method.as_settings(), "customer_channel": settings.customer_channel},
        "speech": [
            speech.name,
            speech.version,
            speech.detail,
            settings.language,
            settings.customer_channel,
            method.turn_gap_ms,
            method.turn_handover_gap_ms,
        ],
        "language": [*_engine(services.identifier), settings.language],
        "sentiment": [services.sentiment.engine.name, services.sentiment.engine.version],
        "pii": [services.pii.engine.name, services.pii.engine.version],
        "summary": [
            services.summarizer.engine.name,
            services.summarizer.engine.version,
            *(settings_of(services.model) if services.model else ()),
        ],
        "entities": [
            services.entities.engine.name,
            services.entities.engine.version,
            services.entities.engine.detail,
        ],
        "redaction": [*settings.redaction.entities, settings.redaction.mask],
    }
    masking = [known[name] for name in ("method", "language", "sentiment", "pii", "redaction")]
    return known if settings.keeps_raw else {**known, "masking": masking}


def _engine(identifier: LanguageIdentifier | None) -> list[str]:
    return [identifier.engine.name, identifier.engine.version] if identifier else ["none", ""]


def _slots(
    services: Services, found: Survey, plans: Mapping[str, Plan]
) -> tuple[products.Slot, ...]:
    return tuple(
        products.slot_of(services, found.contact_id, source, plans[source.name], planned.stage.name)
        for source in found.sources
        for planned in plans[source.name].values()
        if planned.stage.place != HERE
    )


def _heavy(
    services: Services,
    row: ContactRow | None,
    found: Survey,
    plans: Mapping[str, Plan],
    *,
    ask_again: bool,
) -> rows.Heavy:
    """Fetch what is there, note what failed, ask for what is missing."""
    heavy = rows.Heavy()
    for slot in _slots(services, found, plans):
        before = row.waiting.get(slot.name) if row else None
        note = products.note_of(services, slot, before)
        product = products.fetch(services, slot) or _of_service(services, slot, note is before)
        if product is None and _too_late(services, note):
            product = Refusal("stage.timeout", "this stage did not finish before its deadline")
        if isinstance(product, Refusal) and product.code not in products.SKIPPED:
            heavy.failed(slot, product, note)
        elif product is not None:
            heavy.made(slot, product, note, products.finished_ms(services, slot))
        else:
            if ask_again or note is not before:
                products.request(services, slot, row.version if row else 0)
            heavy.waits[slot.name] = note
    return heavy


def _too_late(services: Services, note: Waiting) -> bool:
    return services.clock() - note.since_ms > services.settings.waiting_deadline_s * 1000


def _of_service(
    services: Services, slot: products.Slot, asked: bool
) -> Transcript | Masked | Refusal | None:
    """What an outside service has finished under the name that the row waits for."""
    if not asked or slot.stage != "transcript":
        return None
    return products.settle(services, slot, services.transcriber.look(slot.job(services)))


def _without_media(services: Services, row: ContactRow | None, found: Survey) -> ContactRow | None:
    if found.refused:
        return rows.quarantined(row, found)
    if found.only_record:
        record = found.record
        return publish_only_record(services, row, found, record) if record else None
    if row is None and not found.parts:
        return None
    return rows.deleted(row, found)


def _stands(row: ContactRow, plans: Mapping[str, Plan], inputs: Mapping[str, str]) -> bool:
    """Whether the publication is what would be made today, from the same inputs."""
    made = row.recipe.get(rows.PUBLICATION)
    return (
        row.status is Status.COMPLETED
        and made is not None
        and made.inputs == rows.publication_inputs(plans, inputs)
        and not any(p.due for one in plans.values() for p in one.values())
    )


def _source_is_away(found: Survey, plans: Mapping[str, Plan]) -> bool:
    """Whether something due would have to read an object that is no longer there."""
    return any(
        _reads_away(source, planned)
        for source in found.sources
        for planned in plans[source.name].values()
        if planned.due
    )


def _reads_away(source: Source, planned: Planned) -> bool:
    parts = {"audio": source.audio, "text": source.text}
    read = (parts.get(name) for name in planned.stage.reads)
    return any(p is not None and p.state is not PartState.PRESENT for p in read)


def _former(services: Services, row: ContactRow | None) -> ContactAnalysis | None:
    if row is None or row.publication is None or not row.publication.analysis_key:
        return None
    return load(ContactAnalysis, services.redacted.read(row.publication.analysis_key))


def _record(
    row: ContactRow | None, found: Survey, former: ContactAnalysis | None
) -> tuple[ContactRecord | None, str]:
    """The contact record with the identity it was published under.

    Of a released object there is only the masked record, but it is still the same record.
    """
    released = any(
        p.kind is PartKind.CONTACT_RECORD and p.state is PartState.RELEASED for p in found.parts
    )
    if found.record or not (row and former and released):
        return found.record, record_id(found.record)
    made = row.recipe.get(rows.PUBLICATION)
    return former.record, made.inputs.get("record", "") if made else ""
