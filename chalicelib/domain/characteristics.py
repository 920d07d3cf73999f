"""Conversation characteristics: talk time, non-talk time, interruptions, speed, loudness, responses.

Formulas, units and empty cases are in ``docs/metrics.md``; every function here is pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.transcript import Role, Span


@dataclass(frozen=True, slots=True)
class Interruption:
    """``turn_id`` of ``interrupter`` began while ``interrupted_turn_id`` of the other went on."""

    interrupter: Role
    begin_ms: int
    end_ms: int
    turn_id: str
    interrupted_turn_id: str

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.begin_ms


@dataclass(frozen=True, slots=True)
class ResponseTime:
    """Chat: how long ``role`` took to answer; ``slowest_turn_ids`` answered after ``maximum_ms``."""

    average_ms: int
    maximum_ms: int
    first_ms: int
    slowest_turn_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """``turn_id`` of ``role`` began ``wait_ms`` after ``after_turn_id`` of the other side had ended."""

    role: Role
    turn_id: str
    after_turn_id: str
    wait_ms: int


@dataclass(frozen=True, slots=True)
class Characteristics:
    """The product of the ``characteristics`` stage for one conversation.

    Voice fields are empty for chat and the other way round. ``interruptions`` is None where both sides
    share a channel, on which nobody hears who talks over whom. ``imported`` names the fields whose value
    was taken from an imported source because it could not be computed.
    ``method`` holds the thresholds used, by setting name. ``talk``, ``word_count``, ``handovers`` and
    ``questions`` (by turn id) are the evidence of other fields, kept because redaction hides it.
    """

    total_duration_ms: int
    talk_time_ms: Mapping[Role, int] = field(default_factory=dict)
    talk_time_sum_ms: int = 0
    talk_time_union_ms: int = 0
    non_talk: tuple[Span, ...] = ()
    interruptions: tuple[Interruption, ...] | None = ()
    talk_speed_wpm: Mapping[Role, int] = field(default_factory=dict)
    loudness: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    greeting_ms: int | None = None
    response_time: Mapping[Role, ResponseTime] = field(default_factory=dict)
    imported: tuple[str, ...] = ()
    method: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    talk: Mapping[Role, tuple[Span, ...]] = field(default_factory=dict)
    word_count: Mapping[Role, int] = field(default_factory=dict)
    longest_monologue: Mapping[Role, Span] = field(default_factory=dict)
    patience_ms: Mapping[Role, int] = field(default_factory=dict)
    handovers: tuple[Handover, ...] = ()
    questions: Mapping[str, int] = field(default_factory=dict)
    question_rate: Mapping[Role, float] = field(default_factory=dict)

    @property
    def non_talk_ms(self) -> int:
        return sum(gap.duration_ms for gap in self.non_talk)

    @property
    def longest_monologue_ms(self) -> dict[Role, int]:
        return {role: stretch.duration_ms for role, stretch in self.longest_monologue.items()}
