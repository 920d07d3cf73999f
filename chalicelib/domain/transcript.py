"""What was said or written in one conversation: turns in time order, with words where they are known.

Offsets are integer milliseconds from the start of the recording (voice) or from the first transcript
item (chat). Character offsets are Unicode code points, 0-based, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    """The media of a conversation, in Contact Lens's words."""

    VOICE = "VOICE"
    CHAT = "CHAT"


class Role(StrEnum):
    """Who a participant is. Only AGENT and CUSTOMER are analysed."""

    AGENT = "AGENT"
    CUSTOMER = "CUSTOMER"
    SYSTEM = "SYSTEM"
    CUSTOM_BOT = "CUSTOM_BOT"
    SUPERVISOR = "SUPERVISOR"
    UNKNOWN = "UNKNOWN"


ANALYSED_ROLES = (Role.AGENT, Role.CUSTOMER)


class TurnKind(StrEnum):
    """An utterance is spoken; messages, events and attachments are chat items."""

    UTTERANCE = "UTTERANCE"
    MESSAGE = "MESSAGE"
    EVENT = "EVENT"
    ATTACHMENT = "ATTACHMENT"


class SentimentLabel(StrEnum):
    """The label of one turn or turn group."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"
    MIXED = "MIXED"


@dataclass(frozen=True, slots=True)
class Engine:
    """What made a product: shown wherever its numbers are shown."""

    name: str
    version: str
    detail: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, ``begin_ms <= end_ms``."""

    begin_ms: int
    end_ms: int

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.begin_ms


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word with its punctuation as shown (``"calling."``); confidence 0..1 if known."""

    text: str
    begin_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Redaction:
    """A masked stretch of a turn: offsets into the *redacted* text, times if words have them."""

    begin: int
    end: int
    entity: str
    begin_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Highlight:
    """A labelled span of a turn: ``text == turn.text[begin:end]``."""

    kind: str
    begin: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance or chat item.

    ``sentiment``, ``loudness`` and ``highlights`` are set only where an imported source brought
    them; what Loupe computes lives in the products that compute it.
    """

    id: str
    participant_id: str
    role: Role
    begin_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    kind: TurnKind = TurnKind.UTTERANCE
    content_type: str = "text/plain"
    absolute_time: str | None = None
    display_name: str | None = None
    redactions: tuple[Redaction, ...] = ()
    sentiment: SentimentLabel | None = None
    loudness: tuple[float | None, ...] | None = None
    highlights: tuple[Highlight, ...] = ()

    @property
    def analysed(self) -> bool:
        """Whether sentiment, rules and talk metrics look at this turn."""
        return (
            self.role in ANALYSED_ROLES
            and self.kind in (TurnKind.UTTERANCE, TurnKind.MESSAGE)
            and self.content_type in ("text/plain", "text/markdown")
        )


@dataclass(frozen=True, slots=True)
class Participant:
    id: str
    role: Role
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class TurnGroup:
    """Consecutive chat messages of one participant, labelled together."""

    role: Role
    turn_ids: tuple[str, ...]
    sentiment: SentimentLabel | None = None


@dataclass(frozen=True, slots=True)
class SpeakerCue:
    """A turn of phrase that speaks for ``role``: by name and place, without its words.

    ``speaker`` is the label that the engine gave to the voice.
    """

    cue: str
    speaker: str
    role: Role
    points: int
    turn_id: str


@dataclass(frozen=True, slots=True)
class Speakers:
    """Voices that the engine separated on one channel, and how roles were, or were not, inferred.

    ``agent`` and ``customer`` are the engine's labels, None while undecided: ``lead``, the distance of
    both scores, is below ``margin``.
    """

    voices: int
    margin: int
    agent: str | None = None
    customer: str | None = None
    lead: int = 0
    cues: tuple[SpeakerCue, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation.

    ``speakers`` is there where the engine told the voices of one channel apart.
    ``groups`` are the turn groups an imported chat analysis published (else None: they are derived).
    ``published`` is the characteristics tree an imported source brought, verbatim, for comparison.
    ``flags`` name repairs and limits of the input, such as ``mono`` or ``truncated``.
    """

    channel: Channel
    language: str
    participants: tuple[Participant, ...]
    turns: tuple[Turn, ...]
    engine: Engine
    flags: tuple[str, ...] = ()
    groups: tuple[TurnGroup, ...] | None = None
    published: Mapping[str, Any] = field(default_factory=dict)
    contact_id: str | None = None
    instance_id: str | None = None
    speakers: Speakers | None = None

    def analysed_turns(self, role: Role | None = None) -> tuple[Turn, ...]:
        """Turns that count, of one role or of both, in time order."""
        return tuple(t for t in self.turns if t.analysed and role in (None, t.role))

    @property
    def has_words(self) -> bool:
        return any(t.words for t in self.turns)
