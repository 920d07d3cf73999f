"""The thresholds of every metric, with their documented defaults; they are written into each result."""

from __future__ import annotations

from dataclasses import asdict, dataclass

BACKCHANNEL_ONLY = (
    "okay", "ok", "right", "uh", "um", "uh-huh", "yes", "sure", "mhm", "mm", "yeah",
)  # fmt: skip
BACKCHANNEL_OPEN = ("mhm", "mm", "yeah")


@dataclass(frozen=True, slots=True)
class Method:
    """Settings of the metric definitions; see ``docs/metrics.md``. Times in milliseconds."""

    talk_join_ms: int = 1500
    non_talk_min_ms: int = 3000
    non_talk_include_leading: bool = True
    interruption_min_overlap_ms: int = 2000
    interruption_backchannel_only: tuple[str, ...] = BACKCHANNEL_ONLY
    interruption_backchannel_open: tuple[str, ...] = BACKCHANNEL_OPEN
    turn_gap_ms: int = 1500
    turn_handover_gap_ms: int = 250

    def as_settings(self) -> dict[str, str | int | float | bool]:
        """Flat values for the result's method block and for fingerprints."""
        return {k: " ".join(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
