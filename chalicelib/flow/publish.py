"""The light stages in one go, and the row that publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import (
    ContactRecord,
    ContactRow,
    Made,
    Refusal,
    SkippedAnalysis,
    StageRun,
    Status,
)
from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.summary import Summary
from chalicelib.domain.transcript import Transcript
from chalicelib.flow import outputs, products, rows
from chalicelib.flow.outcome import Outcome, matched_rules
from chalicelib.flow.past import keep_subjects
from chalicelib.flow.survey import Survey, record_id, unchanged
from chalicelib.flow.table import Plan, Source
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports.services import Services
from chalicelib.stages import publication as publication_stage
from chalicelib.stages import record_redaction
from chalicelib.stages import transcript as transcript_stage
from chalicelib.stages.conversation import Material, Readings, Standing, analyse
from chalicelib.stages.masking import Masked, figures_with_sound
from chalicelib.stages.pii import PiiFindings


@dataclass(frozen=True)
class Desk:
    """Everything a publication is made from.

    ``inputs`` identify the rules and the record as it was written; ``record`` may be masked already.
    ``ended_ms``: the contact's end, by which its rules were chosen.
    """

    services: Services
    found: Survey
    plans: Mapping[str, Plan]
    row: ContactRow | None
    former: ContactAnalysis | None
    record: ContactRecord | None
    inputs: Mapping[str, str]
    rules: RuleSet
    heavy: rows.Heavy
    ended_ms: int


def publish(desk: Desk) -> Outcome:
    """Make the light products, write the analysis object, give the COMPLETED row."""
    begun = desk.services.clock()
    readings = [_read(desk, source) for source in desk.found.sources]
    record = _shown(desk.services, desk.record) if desk.record else None
    analysis = ContactAnalysis(desk.found.contact_id, tuple(r.redacted for r in readings), record)
    mark = fingerprint(
        {
            "plans": {
                c: {s: p.made.fingerprint for s, p in one.items()} for c, one in desk.plans.items()
            },
            "inputs": desk.inputs,
        }
    )
    key = object_keys.artifact_key("redacted", desk.found.contact_id, "analysis", mark)
    desk.services.redacted.put_if_absent(key, dump(analysis), content_type="application/json")
    original = replace(analysis, conversations=tuple(r.original for r in readings))
    keep_subjects(desk.services, desk.found.contact_id, mark, (r.subject for r in readings))
    outputs.keep_original(desk.services, original, mark)
    published = publication_stage.publish(
        analysis.conversations,
        record,
        desk.found.parts,
        analysis_key=key,
        rule_set=desk.rules.id,
    )
    published = replace(
        published, customer_ref=_customer(desk.services, desk.row, desk.found.record)
    )
    row = ContactRow(
        contact_id=desk.found.contact_id,
        version=0,
        status=Status.COMPLETED,
        updated_ms=0,
        parts=desk.found.parts,
        recipe=rows.completed_recipe(desk.plans, desk.inputs, mark),
        publication=outputs.noted(desk.services.settings, desk.found.contact_id, published),
        stages=(*desk.heavy.runs(), *_light_runs(desk, analysis, begun)),
    )
    matched = matched_rules(desk.services, desk.row, analysis, desk.rules, desk.ended_ms)
    return Outcome(row, matched, record.instance_arn if record else None)


def publish_only_record(
    services: Services, row: ContactRow | None, found: Survey, record: ContactRecord
) -> ContactRow:
    """The row of a contact of which no media has arrived."""
    published = replace(
        publication_stage.publish_record(_shown(services, record), found.parts),
        customer_ref=_customer(services, row, record),
    )
    mark = record_id(record)
    return ContactRow(
        contact_id=found.contact_id,
        version=0,
        status=Status.COMPLETED,
        updated_ms=0,
        parts=found.parts,
        recipe={rows.PUBLICATION: Made(mark, 1, {"record": mark, "conversations": ""})},
        publication=published,
        first_seen_ms=row.first_seen_ms if row else 0,
    )


def _customer(
    services: Services, row: ContactRow | None, record: ContactRecord | None
) -> str | None:
    """The customer's pseudonym. A record that is away, or masked, leaves the one that was published."""
    before = row.publication.customer_ref if row and row.publication else None
    named = record.attributes.get(services.settings.customer_attribute, "") if record else ""
    who = named.strip() or (record.customer_address or "" if record else "").strip()
    if not who or services.after.customers is None:
        return before
    return services.after.customers(who)


def _shown(services: Services, record: ContactRecord) -> ContactRecord:
    settings = services.settings
    return record_redaction.shown(record, services.pii, settings.language, settings.redaction)


def _read(desk: Desk, source: Source) -> Readings:
    services, settings = desk.services, desk.services.settings
    slot = products.slot_of(
        services, desk.found.contact_id, source, desk.plans[source.name], "transcript"
    )
    made, skipped = _transcript(desk, slot)
    material = _material(desk, slot, made, skipped)
    standing = _standing(desk, source)
    if isinstance(made, Masked):
        policy = made.redaction
        settings = replace(settings, redaction_entities=policy.entities, redaction_mask=policy.mask)
        standing = _of_masked(desk, slot, made, material, standing)
    readings = analyse(
        material,
        settings=settings,
        rules=desk.rules,
        readers=services.readers,
        standing=standing,
    )
    _keep_written(desk, source, readings.redacted.summary)
    if slot.raw and not isinstance(made, Masked):
        body = dump(readings.findings)
        services.raw.put_if_absent(
            _findings_key(desk, source), body, content_type="application/json"
        )
    return readings


def _of_masked(
    desk: Desk, slot: products.Slot, made: Masked, material: Material, before: Standing
) -> Standing:
    """What was read from the original before it was masked. What stands of another masking is not of
    this text; a summary that is due is named by this masking. A language that a contact record states
    needs no reading."""
    settings = desk.services.settings
    channels = len(material.acoustics.channels) if material.acoustics else 2
    roles = transcript_stage.channel_roles(settings, channels)
    figures = before.characteristics or figures_with_sound(
        made, material.acoustics, roles, settings
    )
    former = desk.former.conversations if desk.former else ()
    same = any(c.transcript_key == material.transcript_key for c in former)
    own = same or desk.plans[slot.source.name]["summary"].due
    return Standing(
        characteristics=figures,
        sentiment=before.sentiment or made.sentiment,
        findings=PiiFindings(made.pii, ()),
        summary=before.summary if own else None,
        brought=made.brought,
        language=before.language or (None if slot.recorded else made.language),
        entities=before.entities if same else None,
    )


def _material(
    desk: Desk,
    slot: products.Slot,
    made: Transcript | Masked,
    skipped: tuple[SkippedAnalysis, ...],
) -> Material:
    source = slot.source
    acoustics = desk.heavy.products.get(f"{source.name}/acoustics")
    heard = acoustics.value if acoustics else None
    masked = isinstance(made, Masked)
    return Material(
        channel=source.channel,
        source_key=source.main.key,
        source_etag=source.main.etag,
        transcript=made.transcript if isinstance(made, Masked) else made,
        acoustics=heard if isinstance(heard, Acoustics) else None,
        acoustics_key=acoustics.slot.key() if acoustics else None,
        transcript_key=replace(slot, raw=not masked).key(),
        skipped=(*skipped, *(made.skipped if isinstance(made, Masked) else ())),
        language=slot.given(desk.services),
        record=desk.record,
    )


def _transcript(
    desk: Desk, slot: products.Slot
) -> tuple[Transcript | Masked, tuple[SkippedAnalysis, ...]]:
    spoken = desk.heavy.products.get(slot.name)
    if spoken is None:
        return _of_text(desk.services, slot), ()
    if isinstance(spoken.value, Transcript | Masked):
        return spoken.value, ()
    told = spoken.value if isinstance(spoken.value, Refusal) else Refusal("stage.skipped", "")
    reason = products.SKIPPED[told.code]
    skip = SkippedAnalysis("transcript", reason, told.detail, slot.source.name)
    return _no_words(desk.services, slot), (skip,)


def _of_text(services: Services, slot: products.Slot) -> Transcript | Masked:
    """The transcript of a text that was brought, read once and kept as a product."""
    kept = products.fetch(services, slot)
    if isinstance(kept, Transcript | Masked):
        return kept
    part = slot.source.text
    if part is None:
        raise NotFound(slot.key())
    stat = services.sources.stat(part.key)
    if stat is None or stat.etag != part.etag:
        raise VersionMoved(f"the object {part.key!r} was replaced after it was judged")
    made = transcript_stage.read(part.format, services.sources.read(part.key), services.settings)
    unchanged(services, stat)
    return products.keep(services, slot, made)


def _no_words(services: Services, slot: products.Slot) -> Transcript:
    flags = slot.source.main.flags
    return transcript_stage.without_words(slot.language(services), slot.roles(services), flags)


def _standing(desk: Desk, source: Source) -> Standing:
    """Products of the former publication whose stages are not due."""
    before = _before(desk, source)
    plan = desk.plans[source.name]
    findings = None if plan["pii"].due else _findings(desk, source)
    written = _written(desk, source)
    if before is None:
        return Standing(findings=findings, summary=written)
    return Standing(
        characteristics=None if plan["characteristics"].due else before.characteristics,
        sentiment=None if plan["sentiment"].due else before.sentiment,
        findings=findings,
        summary=written if plan["summary"].due else before.summary,
        brought=None if plan["redaction"].due else before.brought,
        entities=None if plan["entities"].due else before.entities,
        language=None if plan["language"].due else before.language,
    )


def _before(desk: Desk, source: Source) -> Conversation | None:
    former = desk.former.conversations if desk.former else ()
    return next((c for c in former if c.channel is source.channel), None)


def _findings_key(desk: Desk, source: Source) -> str:
    mark = desk.plans[source.name]["pii"].made.fingerprint
    return object_keys.artifact_key("raw", desk.found.contact_id, "pii", mark)


def _findings(desk: Desk, source: Source) -> PiiFindings | None:
    try:
        return load(PiiFindings, desk.services.raw.read(_findings_key(desk, source)))
    except NotFound:
        return None


def _written_key(desk: Desk, source: Source) -> str:
    mark = desk.plans[source.name]["summary"].made.fingerprint
    return object_keys.artifact_key("redacted", desk.found.contact_id, "summary", mark)


def _written(desk: Desk, source: Source) -> Summary | None:
    """The summary that a look before this one had a model write, and did not come to commit."""
    if desk.services.model is None:
        return None
    try:
        return load(Summary, desk.services.redacted.read(_written_key(desk, source)))
    except NotFound:
        return None


def _keep_written(desk: Desk, source: Source, summary: Summary | None) -> None:
    """Keep what a model wrote: asked again it would write something else, and be paid again.

    Raises ``VersionMoved`` when another look has kept another text meanwhile.
    """
    if desk.services.model is None or summary is None or not desk.plans[source.name]["summary"].due:
        return
    key, body = _written_key(desk, source), dump(summary)
    store = desk.services.redacted
    new = store.put_if_absent(key, body, content_type="application/json")
    if not new and store.read(key) != body:
        raise VersionMoved("another look had the summary written first")


def _light_runs(desk: Desk, analysis: ContactAnalysis, begun: int) -> tuple[StageRun, ...]:
    took = desk.services.clock() - begun
    out = []
    for conversation in analysis.conversations:
        name = conversation.channel.lower()
        for stage, planned in desk.plans[name].items():
            if f"{name}/{stage}" in desk.heavy.products:
                continue
            run = StageRun(
                stage=stage,
                conversation=name,
                state="DONE",
                fingerprint=planned.made.fingerprint,
                started_ms=begun if planned.due else None,
                engine=conversation.engines.get(stage),
                attempt=planned.made.attempt,
            )
            out.append(run)
    done = StageRun("publication", "contact", "DONE", started_ms=begun, duration_ms=took)
    return (*out, done)
