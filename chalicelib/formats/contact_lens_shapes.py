"""The part of Contact Lens's analysis files that Loupe reads, as strict shapes.

Unknown keys pass; a known key with another type than documented does not. ``chalicelib/formats/schemas``
has the whole documents as JSON Schemas.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal

LONGEST_MS = 24 * 3600 * 1000
VOICE_VERSIONS = ("1.1.0", "VOICE-2022-11-30")
CHAT_VERSIONS = ("CHAT-2022-11-30",)

Millis = Annotated[int, Field(ge=0, le=LONGEST_MS)]
Label = Literal["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"]
Analysed = Literal["AGENT", "CUSTOMER"]


class Shape(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_pascal, strict=True, frozen=True, allow_inf_nan=False
    )


class TimeSpan(Shape):
    begin_offset_millis: Millis
    end_offset_millis: Millis

    @model_validator(mode="after")
    def _ends_after_begin(self) -> Self:
        if self.end_offset_millis < self.begin_offset_millis:
            raise ValueError("ends before it begins")
        return self


class CharSpan(Shape):
    begin_offset_char: int = Field(ge=0)
    end_offset_char: int = Field(ge=0)


class Detected(Shape):
    character_offsets: CharSpan
    text: str | None = None


class Redacted(Shape):
    """Voice has times, chat has characters; some exports wrap the times in one more list."""

    redacted_timestamps: list[TimeSpan | list[TimeSpan]] = []
    character_offsets: list[CharSpan] = []

    @property
    def times(self) -> list[TimeSpan]:
        nested = (t if isinstance(t, list) else [t] for t in self.redacted_timestamps)
        return [time for times in nested for time in times]


class Person(Shape):
    participant_id: str
    participant_role: str | None = None
    display_name: str | None = None


class VoiceTurn(TimeSpan):
    id: str
    participant_id: str
    content: str
    sentiment: Label | None = None
    loudness_score: list[float | None] | None = None
    redaction: Redacted | None = None
    issues_detected: list[Detected] = []
    outcomes_detected: list[Detected] = []
    action_items_detected: list[Detected] = []


class ChatItem(Shape):
    id: str
    absolute_time: str
    type: str
    content_type: str = ""
    content: str = ""
    participant_id: str = ""
    participant_role: str | None = None
    display_name: str | None = None
    redaction: Redacted | None = None


class SpeakerTime(Shape):
    total_time_millis: Millis


class TalkTime(Shape):
    details_by_participant: dict[str, SpeakerTime] = {}


class SpeakerSpeed(Shape):
    average_words_per_minute: int = Field(ge=0)


class TalkSpeed(Shape):
    details_by_participant: dict[str, SpeakerSpeed] = {}


class NonTalkTime(Shape):
    instances: list[TimeSpan] = []


class VoiceFigures(Shape):
    talk_time: TalkTime | None = None
    talk_speed: TalkSpeed | None = None
    non_talk_time: NonTalkTime | None = None


class ItemRef(Shape):
    id: str
    character_offsets: CharSpan | None = None


class ItemGroup(Shape):
    participant_role: Analysed
    sentiment: Label
    transcript_items: list[ItemRef] = Field(min_length=1)


class ChatSentiment(Shape):
    details_by_transcript_item_group: list[ItemGroup] | None = None


class ItemsDetected(Shape):
    transcript_items: list[ItemRef]


class SummaryItems(Shape):
    issues_detected: list[ItemsDetected] = []
    outcomes_detected: list[ItemsDetected] = []
    action_items_detected: list[ItemsDetected] = []


class ChatSummary(Shape):
    summary_items_detected: list[SummaryItems] = []


class ChatFigures(Shape):
    sentiment: ChatSentiment | None = None
    contact_summary: ChatSummary | None = None


class Metadata(Shape):
    contact_id: str | None = None
    instance_id: str | None = None


class Content(Shape):
    output: str = "Raw"


class SeparatedVoices(Shape):
    """Who was inferred to be who on one channel."""

    voices: int
    lead: int
    margin: int
    agent: str | None = None
    customer: str | None = None


class OwnKey(Shape):
    """What Loupe writes beside AWS's keys."""

    version: str = ""
    flags: list[str] = []
    speakers: SeparatedVoices | None = None


class Analysis(Shape):
    version: str
    language_code: str = Field(min_length=1)
    participants: list[Person]
    content_metadata: Content = Content()
    customer_metadata: Metadata = Metadata()
    loupe: OwnKey | None = None


class VoiceAnalysis(Analysis):
    version: Literal[VOICE_VERSIONS]  # type: ignore[valid-type]
    conversation_characteristics: VoiceFigures
    transcript: list[VoiceTurn]


class ChatAnalysis(Analysis):
    version: Literal[CHAT_VERSIONS]  # type: ignore[valid-type]
    conversation_characteristics: ChatFigures
    transcript: list[ChatItem]


class CustomModel(Shape):
    """A model of the customer's own that the source used, such as a vocabulary."""

    type: str
    name: str
    id: str


class SkippedEntity(Shape):
    category_name: str | None = None
    rule_id: str | None = None


class SkippedFeature(Shape):
    """What the source did not analyse, and why."""

    feature: str
    reason_code: str
    skipped_entities: list[SkippedEntity] | None = None
