"""A transcript whose original is kept nowhere: masked at once, with what only the original tells.

What counts or hears the words that a mask swallows is made before it: figures, labels, the times of words.
Everything else (rules, summary) is made of the masked text, at first as well as later, so that nothing
depends on when it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.config import Settings
from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.brought import Brought, numbers_of
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.language import Language
from chalicelib.domain.redaction import RedactionPolicy, redact
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.transcript import Engine, Role, Span, Transcript, Turn, Word
from chalicelib.domain.voice_metrics import characterise
from chalicelib.ports.services import Readers
from chalicelib.stages import brought as brought_stage
from chalicelib.stages import pii as pii_stage
from chalicelib.stages.conversation import language_of, sentiment_of
from chalicelib.stages.language import Given

REASON = "RAW_NOT_STORED"
DETAIL = "the original is not stored: rules and summary read the redacted text"


@dataclass(frozen=True, slots=True)
class Masked:
    """The product of the ``transcript`` stage where originals are not stored.

    ``figures`` know nothing of the sound yet. ``word_times`` (by turn id) are without the words.
    ``redaction`` is what was asked to be masked, ``pii`` what found it. ``brought`` is what an imported
    source said, masked like the text.
    """

    transcript: Transcript
    figures: Characteristics
    word_times: Mapping[str, tuple[Span, ...]]
    sentiment: Sentiment
    language: Language
    pii: Engine
    redaction: RedactionPolicy
    skipped: tuple[SkippedAnalysis, ...] = ()
    brought: Brought | None = None

    @property
    def engine(self) -> Engine:
        return self.transcript.engine


def make(
    raw: Transcript,
    roles: tuple[Role, ...],
    settings: Settings,
    *,
    given: Given,
    readers: Readers,
) -> Masked:
    """Read what only the original tells, then mask it. Raises ``EngineMissing`` and ``Unavailable``.

    ``roles`` names who speaks on each channel of the recording.
    """
    language, untold = language_of(raw, given, readers.identifier)
    raw = replace(raw, language=language.code)
    mood, skipped = sentiment_of(raw, readers.sentiment)
    findings = pii_stage.make(raw, readers.pii)
    policy = settings.redaction
    masked = redact(raw, policy.applied(findings.spans), policy)
    said = brought_stage.make(raw, findings.spans, readers.pii, policy)
    unstored = SkippedAnalysis("original", REASON, DETAIL, raw.channel.lower())
    return Masked(
        transcript=replace(masked, published=numbers_of(raw.published)),
        figures=characterise(raw, None, roles, settings.method),
        word_times={t.id: tuple(Span(w.begin_ms, w.end_ms) for w in t.words) for t in raw.turns},
        sentiment=mood,
        language=language,
        pii=findings.engine,
        redaction=policy,
        skipped=(*untold, *skipped, *said.skipped, unstored),
        brought=said.shown,
    )


def figures_with_sound(
    masked: Masked, acoustics: Acoustics | None, roles: tuple[Role, ...], settings: Settings
) -> Characteristics:
    """The characteristics as they would be of the original: sound needs times and no words."""
    timed = replace(
        masked.transcript,
        turns=tuple(_timed(t, masked.word_times.get(t.id, ())) for t in masked.transcript.turns),
    )
    heard = characterise(timed, acoustics, roles, settings.method)
    return replace(
        masked.figures, non_talk=heard.non_talk, loudness=heard.loudness, imported=heard.imported
    )


def _timed(turn: Turn, times: tuple[Span, ...]) -> Turn:
    return replace(turn, words=tuple(Word("", s.begin_ms, s.end_ms) for s in times))
