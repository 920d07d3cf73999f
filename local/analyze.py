"""``loupe analyze``: one contact per path, no server, no data folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chalicelib.adapters.local.file_objects import FileObjects
from chalicelib.bootstrap import clock_ms, local_speech, rules_from
from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRecord, Part, PartKind, SkippedAnalysis
from chalicelib.domain.errors import EngineMissing, InputRefused
from chalicelib.domain.rules.engine import applies
from chalicelib.domain.rules.explain import quoting
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.transcript import Channel, Transcript
from chalicelib.formats import (
    contact_lens_writer,
    contact_record,
    explanation_text,
    native,
    object_keys,
    rule_text,
)
from chalicelib.ports.speech import SpeechJob, Transcriber
from chalicelib.stages import intake, record_redaction
from chalicelib.stages import transcript as transcript_stage
from chalicelib.stages.categories import compiled
from chalicelib.stages.conversation import Material, Readings, analyse
from chalicelib.stages.language import Given
from chalicelib.text_engines import readers
from local.acoustics import measure_object

FORMATS = {
    "recording": (PartKind.RECORDING, "wav"),
    "chat": (PartKind.CHAT, "connect-chat"),
    "transcribe": (PartKind.TRANSCRIPT, "transcribe"),
    "call-analytics": (PartKind.TRANSCRIPT, "call-analytics"),
    "contact-lens": (PartKind.TRANSCRIPT, "contact-lens"),
}


@dataclass(frozen=True)
class Options:
    """What the command line asked for; ``how`` is a name of ``FORMATS`` or ``auto``."""

    how: str = "auto"
    metadata: Path | None = None
    rules: Path | None = None
    output: str = "loupe"
    redaction: str = "redacted"


class Analyzer:
    """Analyses files one after the other with engines that stay loaded."""

    def __init__(self, settings: Settings, options: Options) -> None:
        self._settings = settings
        self._options = options
        self._rules: RuleSet = rules_from(options.rules, settings.limits)
        self._records: tuple[ContactRecord, ...] = ()
        if options.metadata:
            self._records = contact_record.read(options.metadata.read_bytes()).records
        self._readers = readers(settings)
        self._store = FileObjects()
        self._speech: Transcriber = local_speech(settings, self._store)

    def run(self, path: Path, step: Callable[[str], None]) -> dict[str, Any]:
        """The document of one path; ``step`` hears which stage begins. Raises ``InputRefused``."""
        return self._document(*self._with_record(*self._analysed(path, step)))

    def explain(self, path: Path, step: Callable[[str], None]) -> str:
        """How each number and each category of one path came about, to read. Raises ``InputRefused``."""
        contact_id, readings = self._analysed(path, step)
        shown, original = self._with_record(contact_id, readings)
        plain = self._options.redaction == "none"
        numbers = explanation_text.text(original if plain else shown)
        subject = readings.subject
        verdicts = [
            one
            for one in compiled(self._rules).explain(subject, self._readers.tools)
            if applies(one.rule, subject)
        ]
        rules = rule_text.categories(verdicts, quoting(subject.lines) if plain else None)
        return f"{numbers}\nCATEGORIES\n{rules}\n"

    def _analysed(self, path: Path, step: Callable[[str], None]) -> tuple[str, Readings]:
        """The contact's id and its one conversation."""
        key = object_keys.key_for_path(path)
        self._store.show(key, path)
        found = self._inspect(key)
        if found.part.refusal:
            raise InputRefused(found.part.refusal.code, found.part.refusal.detail)
        record = self._record(self._contact_id(found, key))
        material = self._material(found.part, (record and record.language) or "", step)
        material = replace(material, record=record)
        step("analysing")
        readings = analyse(
            material,
            settings=self._settings,
            rules=self._rules,
            readers=self._readers,
        )
        return self._contact_id(found, key), readings

    def _inspect(self, key: str) -> intake.Inspected:
        store = self._store
        stat = store.stat(key)
        if stat is None:
            raise InputRefused("file.missing", "there is no such file")
        if self._options.how == "auto":
            found = intake.inspect(store, stat, self._settings, clock_ms())
        else:
            found = intake.inspect_as(
                store, stat, self._settings, clock_ms(), *FORMATS[self._options.how]
            )
        if found.part.kind is PartKind.CONTACT_RECORD and not found.part.refusal:
            raise InputRefused("object.contact_record", "a contact record goes to --metadata")
        return found

    def _material(self, part: Part, stated: str, step: Callable[[str], None]) -> Material:
        """``stated``: the language that the contact record states, if it does."""
        given = Given(stated, self._settings.language, heard=part.kind is PartKind.RECORDING)
        if part.kind is not PartKind.RECORDING:
            step("reading")
            text = transcript_stage.read(part.format, self._store.read(part.key), self._settings)
            return Material(text.channel, part.key, part.etag, text, language=given)
        step("measuring")
        acoustics = measure_object(self._store, part.key, self._settings)
        step("transcribing")
        transcript, skipped = self._transcribe(part, acoustics.sample_rate, given)
        return Material(
            Channel.VOICE,
            part.key,
            part.etag,
            transcript,
            acoustics=acoustics,
            skipped=skipped,
            language=given,
        )

    def _transcribe(
        self, part: Part, rate: int, given: Given
    ) -> tuple[Transcript, tuple[SkippedAnalysis, ...]]:
        roles = transcript_stage.channel_roles(self._settings, 1 if "mono" in part.flags else 2)
        language = given.recorded or given.assumed
        assumed = not given.recorded and self._settings.language_id != "none"
        job = SpeechJob("analyze", part.key, part.etag, roles, rate, language, "", assumed)
        try:
            state = self._speech.start(job)
        except EngineMissing as missing:
            skip = SkippedAnalysis("transcript", missing.skip, missing.reason, "voice")
            return transcript_stage.without_words(language, roles, part.flags), (skip,)
        if state.transcript is None:
            why = state.failure
            raise InputRefused(
                why.code if why else "speech.failed", why.detail if why else "no transcript"
            )
        return state.transcript, ()

    @staticmethod
    def _contact_id(found: intake.Inspected, key: str) -> str:
        named = found.content_ids[0] if found.content_ids else None
        return named or object_keys.contact_id_in(key) or object_keys.provisional_id(key)

    def _record(self, contact_id: str) -> ContactRecord | None:
        """The contact's own record, or the only one that there is."""
        own = contact_record.latest(self._records, contact_id)
        only = self._records[0] if len(self._records) == 1 else None
        return own or (only and replace(only, contact_id=contact_id))

    def _with_record(
        self, contact_id: str, readings: Readings
    ) -> tuple[ContactAnalysis, ContactAnalysis]:
        record = self._record(contact_id)
        masked = record and record_redaction.shown(
            record, self._readers.pii, self._settings.language, self._settings.redaction
        )
        shown = ContactAnalysis(contact_id, (readings.redacted,), masked)
        return shown, ContactAnalysis(contact_id, (readings.original,), record)

    def _document(self, shown: ContactAnalysis, original: ContactAnalysis) -> dict[str, Any]:
        if self._options.output == "contact-lens":
            return self._contact_lens(shown, original)
        if self._options.redaction == "none":
            return native.document(original)
        return native.document(shown, original if self._options.redaction == "both" else None)

    def _contact_lens(self, shown: ContactAnalysis, original: ContactAnalysis) -> dict[str, Any]:
        if self._options.redaction == "none":
            return contact_lens_writer.write(original, original.conversations[0], redacted=False)
        document = contact_lens_writer.write(shown, shown.conversations[0], redacted=True)
        if self._options.redaction == "both":
            raw = contact_lens_writer.write(original, original.conversations[0], redacted=False)
            document["original"] = raw
        return document
