"""From a transcript to everything that is said about it: the light stages, in the flow's order.

A product that still stands is handed in and not made again. Metrics, sentiment and categories are
made from the raw text, then carried over to the redacted one, which is all that is stored for reading.
The summary is made from the redacted text: it can quote nothing that was masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.config import Settings
from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.analysis import Conversation
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import ContactRecord, SkippedAnalysis
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.redaction import redact
from chalicelib.domain.rules.carry import to_redacted
from chalicelib.domain.rules.gather import subject_of
from chalicelib.domain.rules.subject import Subject
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.summary import Summary, to_original
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Engine,
    Role,
    Speakers,
    Transcript,
)
from chalicelib.domain.voice_metrics import characterise
from chalicelib.ports.generation import LanguageModel
from chalicelib.ports.language import PiiDetector, SentimentAnalyzer
from chalicelib.ports.summary import Summarizer
from chalicelib.stages import categories as categories_stage
from chalicelib.stages import pii as pii_stage
from chalicelib.stages import sentiment as sentiment_stage
from chalicelib.stages import summary as summary_stage
from chalicelib.stages.categories import Judging
from chalicelib.stages.generated_summary import CAPABILITY as GENERATED
from chalicelib.stages.generated_summary import Writer
from chalicelib.stages.pii import PiiFindings
from chalicelib.stages.transcript import channel_roles

BY_PARTICIPANT = ("talk_time", "interruptions", "talk_speed", "participant_sentiment")
OVERLAP_UNHEARD = "one channel holds both sides: separated speakers never talk at once there"
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
    record: ContactRecord | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Products of a former publication that are not due."""

    characteristics: Characteristics | None = None
    sentiment: Sentiment | None = None
    findings: PiiFindings | None = None
    summary: Summary | None = None


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
    judging: Judging,
    sentiment: SentimentAnalyzer,
    pii: PiiDetector,
    summarizer: Summarizer,
    model: LanguageModel | None = None,
    standing: Standing | None = None,
) -> Readings:
    """Run the light stages. Raises ``Unavailable`` when an engine may answer later."""
    kept = standing or Standing()
    raw = material.transcript
    roles = channel_roles(settings, len(material.acoustics.channels) if material.acoustics else 2)
    figures = kept.characteristics or characterise(raw, material.acoustics, roles, settings.method)
    mood, mood_skipped = (kept.sentiment, ()) if kept.sentiment else _sentiment(raw, sentiment)
    findings = kept.findings or pii_stage.make(raw, pii)
    spans = settings.redaction.applied(findings.spans)
    masked = replace(redact(raw, spans, settings.redaction), published=_figures(raw.published))
    limit = settings.model_max_chars
    writer = Writer(model, pii, settings.redaction, limit) if model else None
    summary, summary_skipped = _summary(masked, summarizer, writer, kept)
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
    matches, matches_skipped = categories_stage.make(subject, raw, judging.rules, judging.tools)
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
        engines=_engines(material, mood, findings, summary),
        skipped=(
            *material.skipped,
            *mood_skipped,
            *summary_skipped,
            *limits,
            *matches_skipped,
        ),
        summary=summary and to_original(summary, raw, spans),
        redaction=settings.redaction,
    )
    shown = replace(
        original,
        transcript=masked,
        categories=to_redacted(matches, raw, masked, spans),
        summary=summary,
    )
    return Readings(shown, original, findings, subject)


def _figures(published: Mapping[str, Any]) -> dict[str, Any]:
    """Published characteristics without texts, which nobody has redacted."""
    return {name: value for name, value in published.items() if name != "ContactSummary"}


def _sentiment(
    raw: Transcript, analyzer: SentimentAnalyzer
) -> tuple[Sentiment, tuple[SkippedAnalysis, ...]]:
    try:
        return sentiment_stage.make(raw, analyzer), ()
    except EngineMissing as missing:
        skip = SkippedAnalysis("sentiment", "ENGINE_MISSING", missing.reason, raw.channel.lower())
        return Sentiment(NO_ENGINE), (skip,)


def _summary(
    masked: Transcript, summarizer: Summarizer, writer: Writer | None, kept: Standing
) -> tuple[Summary | None, tuple[SkippedAnalysis, ...]]:
    made = kept.summary or summary_stage.make(masked, summarizer, writer)
    if isinstance(made, SkippedAnalysis):
        return None, (made,)
    return made, (made.not_generated,) if made.not_generated else ()


def _duration(material: Material, figures: Characteristics) -> int:
    if material.acoustics:
        return material.acoustics.duration_ms
    return figures.total_duration_ms


def _engines(
    material: Material, mood: Sentiment, findings: PiiFindings, summary: Summary | None
) -> Mapping[str, Engine]:
    engines = {
        "transcript": material.transcript.engine,
        "sentiment": mood.engine,
        "pii": findings.engine,
    }
    if summary:
        engines["summary"] = summary.engine
    if summary and summary.generated:
        engines[GENERATED] = summary.generated.engine
    if material.acoustics:
        engines["acoustics"] = material.acoustics.engine
    return engines


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
    if not language.casefold().startswith("en"):
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
