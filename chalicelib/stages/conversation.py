"""From a transcript to everything that is said about it: the light stages, in the flow's order.

A product that still stands is handed in and not made again. Metrics, sentiment and categories are
made from the raw text, then carried over to the redacted one, which is all that is stored for reading.
The summary and the entities are made from the redacted text: they can quote nothing that was masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.config import Settings
from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.analysis import Conversation
from chalicelib.domain.brought import Brought, numbers_of
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import ContactRecord, SkippedAnalysis
from chalicelib.domain.entities import Entities
from chalicelib.domain.entities import to_original as entities_to_original
from chalicelib.domain.errors import EngineMissing, LanguageNotServed
from chalicelib.domain.language import Language, primary
from chalicelib.domain.redaction import redact
from chalicelib.domain.rules.carry import to_redacted
from chalicelib.domain.rules.gather import subject_of
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.rules.subject import Subject
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.summary import GeneratedSummary, Summary, to_original
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Engine,
    Role,
    Speakers,
    Transcript,
)
from chalicelib.domain.voice_metrics import characterise
from chalicelib.ports.entities import EntityFinder
from chalicelib.ports.language import LanguageIdentifier, PiiDetector, SentimentAnalyzer
from chalicelib.ports.services import Readers
from chalicelib.ports.summary import Summarizer
from chalicelib.stages import brought as brought_stage
from chalicelib.stages import categories as categories_stage
from chalicelib.stages import entities as entities_stage
from chalicelib.stages import language as language_stage
from chalicelib.stages import pii as pii_stage
from chalicelib.stages import sentiment as sentiment_stage
from chalicelib.stages import summary as summary_stage
from chalicelib.stages.generated_summary import Writer
from chalicelib.stages.language import Given
from chalicelib.stages.pii import PiiFindings
from chalicelib.stages.transcript import channel_roles

BY_PARTICIPANT = ("talk_time", "interruptions", "talk_speed", "participant_sentiment")
OVERLAP_UNHEARD = "one channel holds both sides: separated speakers never talk at once there"
UNTOLD = Given()
NO_ENGINE = Engine("none", "", "no engine ran")


@dataclass(frozen=True, slots=True)
class Material:
    """What a conversation is made from; ``record`` as its rules see it."""

    channel: Channel
    source_key: str
    source_etag: str
    transcript: Transcript
    acoustics: Acoustics | None = None
    acoustics_key: str | None = None
    transcript_key: str | None = None
    skipped: tuple[SkippedAnalysis, ...] = ()
    language: Given = UNTOLD
    record: ContactRecord | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Products of a former publication that are not due."""

    characteristics: Characteristics | None = None
    sentiment: Sentiment | None = None
    findings: PiiFindings | None = None
    summary: Summary | None = None
    brought: Brought | None = None
    language: Language | None = None
    entities: Entities | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """One conversation twice: as stored for reading, and as it was said. ``subject`` is what its rules
    were judged on."""

    redacted: Conversation
    original: Conversation
    findings: PiiFindings
    subject: Subject


def analyse(
    material: Material,
    *,
    settings: Settings,
    rules: RuleSet,
    readers: Readers,
    standing: Standing | None = None,
) -> Readings:
    """Run the light stages. Raises ``Unavailable`` when an engine may answer later."""
    kept = standing or Standing()
    language, untold = (
        (kept.language, ())
        if kept.language
        else language_of(material.transcript, material.language, readers.identifier)
    )
    raw = replace(material.transcript, language=language.code)
    roles = channel_roles(settings, len(material.acoustics.channels) if material.acoustics else 2)
    figures = kept.characteristics or characterise(raw, material.acoustics, roles, settings.method)
    mood, mood_skipped = (
        (kept.sentiment, ()) if kept.sentiment else sentiment_of(raw, readers.sentiment)
    )
    findings = kept.findings or pii_stage.make(raw, readers.pii)
    spans = settings.redaction.applied(findings.spans)
    masked = replace(redact(raw, spans, settings.redaction), published=numbers_of(raw.published))
    said = brought_stage.make(raw, findings.spans, readers.pii, settings.redaction, kept.brought)
    entities, entities_skipped = _entities(masked, readers.entities, kept)
    writer = _writer(readers, settings)
    summary, summary_skipped = _summary(masked, readers.summarizer, writer, kept)
    duration = _duration(material, figures)
    limits = _limits(material)
    subject = subject_of(
        raw,
        duration,
        figures,
        mood,
        findings=findings.spans,
        record=material.record,
        skipped=(*material.skipped, *mood_skipped, *limits),
    )
    matches, matches_skipped = categories_stage.make(subject, raw, rules, readers.tools)
    original = Conversation(
        channel=material.channel,
        source_key=material.source_key,
        source_etag=material.source_etag,
        transcript=raw,
        characteristics=figures,
        sentiment=mood,
        categories=matches,
        duration_ms=duration,
        acoustics_key=material.acoustics_key,
        transcript_key=material.transcript_key,
        engines={
            **_engines(material, mood, findings),
            **_optional(language=language, entities=entities, summary=summary),
            **_optional(generated_summary=summary and summary.generated),
        },
        skipped=(
            *material.skipped,
            *untold,
            *mood_skipped,
            *_unread(raw, readers.pii),
            *entities_skipped,
            *summary_skipped,
            *said.skipped,
            *limits,
            *matches_skipped,
        ),
        summary=summary and to_original(summary, raw, spans),
        entities=entities and entities_to_original(entities, raw, spans),
        redaction=settings.redaction,
        language=language,
        brought=said.original,
    )
    shown = replace(
        original,
        transcript=masked,
        categories=to_redacted(matches, raw, masked, spans),
        summary=summary,
        entities=entities,
        brought=said.shown,
    )
    return Readings(shown, original, findings, subject)


def language_of(
    transcript: Transcript, given: Given, identifier: LanguageIdentifier | None
) -> tuple[Language, tuple[SkippedAnalysis, ...]]:
    """The language, and what was missing to identify it."""
    language, missing = language_stage.make(transcript, given, identifier)
    if missing is None:
        return language, ()
    name = transcript.channel.lower()
    return language, (SkippedAnalysis("language", missing.skip, missing.reason, name),)


def _unread(raw: Transcript, detector: PiiDetector) -> tuple[SkippedAnalysis, ...]:
    """What the search for personal data leaves unread in this language; the rest of it was done."""
    limit = detector.limits(raw.language)
    name = raw.channel.lower()
    return (SkippedAnalysis("pii_words", LanguageNotServed.skip, limit, name),) if limit else ()


def sentiment_of(
    raw: Transcript, analyzer: SentimentAnalyzer
) -> tuple[Sentiment, tuple[SkippedAnalysis, ...]]:
    """Sentiment of the text as it was said, or why there is none."""
    try:
        return sentiment_stage.make(raw, analyzer), ()
    except EngineMissing as missing:
        skip = SkippedAnalysis("sentiment", missing.skip, missing.reason, raw.channel.lower())
        return Sentiment(NO_ENGINE), (skip,)


def _writer(readers: Readers, settings: Settings) -> Writer | None:
    """Who has a model write a summary, if one is to be asked."""
    if readers.model is None:
        return None
    return Writer(readers.model, readers.pii, settings.redaction, settings.model_max_chars)


def _summary(
    masked: Transcript, summarizer: Summarizer, writer: Writer | None, kept: Standing
) -> tuple[Summary | None, tuple[SkippedAnalysis, ...]]:
    made = kept.summary or summary_stage.make(masked, summarizer, writer)
    if isinstance(made, SkippedAnalysis):
        return None, (made,)
    return made, (made.not_generated,) if made.not_generated else ()


def _entities(
    masked: Transcript, finder: EntityFinder, kept: Standing
) -> tuple[Entities | None, tuple[SkippedAnalysis, ...]]:
    made = kept.entities or entities_stage.make(masked, finder)
    return (made, ()) if isinstance(made, Entities) else (None, (made,))


def _duration(material: Material, figures: Characteristics) -> int:
    if material.acoustics:
        return material.acoustics.duration_ms
    return figures.total_duration_ms


def _engines(material: Material, mood: Sentiment, findings: PiiFindings) -> Mapping[str, Engine]:
    engines = {
        "transcript": material.transcript.engine,
        "sentiment": mood.engine,
        "pii": findings.engine,
    }
    if material.acoustics:
        engines["acoustics"] = material.acoustics.engine
    return engines


def _optional(
    **made: Language | Entities | Summary | GeneratedSummary | None,
) -> Mapping[str, Engine]:
    """The engines of products that a conversation may lack."""
    return {name: one.engine for name, one in made.items() if one and one.engine}


def _mixed(material: Material) -> tuple[str, str] | None:
    """Why it is not known who speaks, as reason and detail; None when each side has its channel."""
    channels = len(material.acoustics.channels) if material.acoustics else 2
    if channels == 1 or "mono" in material.transcript.flags:
        return ("MONO_RECORDING", "one channel holds both sides: who speaks is not known")
    if "channels_identical" in material.transcript.flags:
        return ("CHANNELS_IDENTICAL", "both channels hold the same sound: who speaks is not known")
    return None


def _unheard(material: Material) -> tuple[SkippedAnalysis, ...]:
    """What is not known by participant, and why."""
    raw, name = material.transcript, material.channel.lower()
    if raw.speakers is None:
        mixed = _mixed(material)
        return tuple(SkippedAnalysis(c, *mixed, name) for c in BY_PARTICIPANT) if mixed else ()
    if raw.speakers.agent is None:
        why = _undecided(raw.speakers, raw.language)
        return tuple(SkippedAnalysis(c, "ROLES_UNKNOWN", why, name) for c in BY_PARTICIPANT)
    return (SkippedAnalysis("interruptions", "ONE_CHANNEL", OVERLAP_UNHEARD, name),)


def _undecided(speakers: Speakers, language: str) -> str:
    told = "the engine separated the speakers, but who is the agent is not known"
    if speakers.voices != len(ANALYSED_ROLES):
        return f"{told}: it heard {speakers.voices} voices"
    if primary(language) != "en":
        return f"{told}: it can be told from English only"
    return (
        f"{told}: what they said leads by {speakers.lead} of the {speakers.margin} points it takes"
    )


def _limits(material: Material) -> tuple[SkippedAnalysis, ...]:
    """What this input cannot give, said once, with its reason."""
    name = material.channel.lower()
    out: list[SkippedAnalysis] = []
    raw = material.transcript
    if material.channel is Channel.VOICE and material.acoustics is None:
        out.append(SkippedAnalysis("acoustics", "NO_AUDIO", "imported without its recording", name))
    unheard = _unheard(material)
    out += unheard
    if len(unheard) < len(BY_PARTICIPANT):
        out += [
            SkippedAnalysis(f"{role.lower()}_metrics", "NO_TURNS", f"no {role.lower()} turn", name)
            for role in (Role.CUSTOMER, Role.AGENT)
            if not raw.analysed_turns(role)
        ]
    return tuple(out)
