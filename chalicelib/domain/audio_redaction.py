"""Which stretches of a recording are silenced, from what the redaction of its text has found.

Silencing is safe before it is pretty: times are padded, where times are missing the whole turn goes, and
where nobody knows which channel holds a speaker all of them go. What text redaction did not find stays
audible, and so does what one side's microphone caught of the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.timeline import merge_intervals
from chalicelib.domain.transcript import Redaction, Role, Span, Transcript, Turn

PADDING_MS = 250
"""Added on both sides, since speech engines give words inexact times: with 150 ms the first digit of a
sample's card number was still recognised in its silenced copy, with 250 ms it was not."""

MIXED = frozenset({"mono", "channels_identical"})
"""Flags of a transcript whose channels do not tell the speakers apart."""

Silences = tuple[tuple[Span, ...], ...]
"""For each channel of a recording what is silenced: in order, apart, within the recording."""


def silences(transcript: Transcript, roles: Sequence[Role], duration_ms: int) -> Silences:
    """What is silenced in a recording whose channels hold ``roles``, from its redacted transcript."""
    told_apart = not MIXED.intersection(transcript.flags)
    found: list[list[Span]] = [[] for _ in roles]
    for turn in transcript.turns:
        own = [channel for channel, role in enumerate(roles) if told_apart and role is turn.role]
        spans = [_padded(turn, redaction, duration_ms) for redaction in turn.redactions]
        for channel in own or range(len(roles)):
            found[channel] += spans
    return tuple(merge_intervals(s for s in own if s.begin_ms < s.end_ms) for own in found)


def _padded(turn: Turn, redaction: Redaction, duration_ms: int) -> Span:
    """Ends before it begins where all of it lies outside of the recording."""
    begin_ms, end_ms = _times(turn, redaction)
    return Span(max(0, begin_ms - PADDING_MS), min(duration_ms, end_ms + PADDING_MS))


def _times(turn: Turn, redaction: Redaction) -> tuple[int, int]:
    """When the masked words were spoken; the whole turn where that is not known."""
    begin_ms, end_ms = redaction.begin_ms, redaction.end_ms
    if begin_ms is None or end_ms is None or end_ms < begin_ms:
        return turn.begin_ms, turn.end_ms
    return begin_ms, end_ms


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """Make ``target_key`` from the recording ``source_key`` as long as it has this etag."""

    source_key: str
    source_etag: str
    target_key: str
    silences: Silences

    def to_body(self) -> dict[str, str]:
        """As a message; spans are pairs of milliseconds, one list for each channel."""
        return {
            "key": self.source_key,
            "etag": self.source_etag,
            "targetKey": self.target_key,
            "silences": json.dumps(plain(self.silences), separators=(",", ":")),
        }

    @classmethod
    def from_body(cls, body: Mapping[str, str]) -> CopyOrder:
        """Raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
        channels = json.loads(body["silences"])
        spans = tuple(tuple(Span(int(b), int(e)) for b, e in channel) for channel in channels)
        return cls(body["key"], body["etag"], body["targetKey"], spans)


def plain(spans: Silences) -> list[list[list[int]]]:
    """The silences as JSON has them."""
    return [[[span.begin_ms, span.end_ms] for span in channel] for channel in spans]
