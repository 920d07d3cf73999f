"""The analysis of one contact as it is stored for reading: redacted, whole, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.brought import Brought
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import ContactRecord, SkippedAnalysis
from chalicelib.domain.entities import Entities
from chalicelib.domain.language import Language
from chalicelib.domain.redaction import EVERYTHING, RedactionPolicy
from chalicelib.domain.rules.rule import CategoryMatch
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.summary import Summary
from chalicelib.domain.transcript import Channel, Engine, Transcript


@dataclass(frozen=True, slots=True)
class Conversation:
    """One medium of the contact with all its products. ``transcript`` is the redacted one.

    ``acoustics_key`` names the object with waveform peaks, if there is audio.
    ``summary`` and ``entities`` are absent where ``skipped`` says why.
    ``redaction`` is what was asked to be masked.
    ``brought`` is what an imported source said, apart from what Loupe found.
    ``language`` is absent in analyses that were made before it was identified, and
    ``entities`` in those that were made before they were looked for.
    ``duration_ms`` is the length of the recording (voice) or from first to last item (chat).
    """

    channel: Channel
    source_key: str
    source_etag: str
    transcript: Transcript
    characteristics: Characteristics
    sentiment: Sentiment
    categories: tuple[CategoryMatch, ...]
    duration_ms: int
    acoustics_key: str | None = None
    transcript_key: str | None = None
    engines: Mapping[str, Engine] = field(default_factory=dict)
    skipped: tuple[SkippedAnalysis, ...] = ()
    summary: Summary | None = None
    redaction: RedactionPolicy = EVERYTHING
    brought: Brought | None = None
    language: Language | None = None
    entities: Entities | None = None


@dataclass(frozen=True, slots=True)
class ContactAnalysis:
    """``conversations`` holds at most one voice and one chat conversation, voice first."""

    contact_id: str
    conversations: tuple[Conversation, ...]
    record: ContactRecord | None = None
    schema: str = "loupe/1"
