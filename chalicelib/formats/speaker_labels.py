"""``results.speaker_labels`` of Amazon Transcribe: who spoke each word of one channel.

Newer documents repeat the label in each item; older ones keep it here alone, by start time. A word that
neither names takes the label of the segment in which it begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.formats.json_fields import mapping, milliseconds, sequence, text

WHERE = "results.speaker_labels.segments"


@dataclass(frozen=True, slots=True)
class SpeakerLabels:
    """``by_start``: labels of words by their begin as written; ``segments``: begin, end and label."""

    by_start: Mapping[str, str]
    segments: tuple[tuple[int, int, str], ...]

    def of(self, item: Mapping[str, Any], default: str) -> str:
        """The label of a word; ``default`` where nothing names one, and for marks without one."""
        own = item.get("speaker_label")
        if own is not None:
            return text(own, "speaker_label")
        start = item.get("start_time")
        if start is None:
            return default
        return self.by_start.get(str(start)) or self._around(start) or default

    def _around(self, start: object) -> str | None:
        at = milliseconds(start, "start_time", per_unit=1000)
        before = bisect_right(self.segments, at, key=lambda segment: segment[0])
        found = self.segments[before - 1] if before else None
        return found[2] if found and at < found[1] else None


def read(results: Mapping[str, Any]) -> SpeakerLabels:
    """Raises ``InputRefused`` ``transcript.schema`` for labels of another shape."""
    labels = mapping(results.get("speaker_labels", {}), "results.speaker_labels")
    by_start: dict[str, str] = {}
    segments: list[tuple[int, int, str]] = []
    for each in sequence(labels.get("segments", ()), WHERE):
        segment = mapping(each, WHERE)
        segments += _segment(segment)
        for one in sequence(segment.get("items", ()), f"{WHERE}[].items"):
            item = mapping(one, f"{WHERE}[].items[]")
            label = text(item.get("speaker_label"), f"{WHERE}[].items[].speaker_label")
            by_start[str(item.get("start_time"))] = label
    return SpeakerLabels(by_start, tuple(sorted(segments)))


def _segment(segment: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Begin, end and label; nothing of a segment that leaves one of them to its items."""
    if any(segment.get(name) is None for name in ("start_time", "end_time", "speaker_label")):
        return []
    begin, end = (
        milliseconds(segment[name], f"{WHERE}[].{name}", per_unit=1000)
        for name in ("start_time", "end_time")
    )
    return [(begin, end, text(segment["speaker_label"], f"{WHERE}[].speaker_label"))]
