"""What a recording sounds like, without its words: the product of the ``acoustics`` stage."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.transcript import Engine, Span


@dataclass(frozen=True, slots=True)
class ChannelAcoustics:
    """One channel of the recording.

    ``speech``: intervals with voice activity, sorted, disjoint.
    ``loudness``: one value per wall-clock second, 0..100, two decimals, 0 = digital silence:
    ``clip(100 + RMS in dBFS, 0, 100)``.
    ``peaks``: highest absolute sample per equal slice of the recording, 0..1, three decimals.
    """

    index: int
    speech: tuple[Span, ...]
    loudness: tuple[float, ...]
    peaks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Acoustics:
    """All channels. ``flags`` name repairs of the file and quality findings, such as
    ``truncated``, ``streamed``, ``mono``, ``channels_identical``, ``clipped``, ``silent``."""

    duration_ms: int
    sample_rate: int
    channels: tuple[ChannelAcoustics, ...]
    engine: Engine
    flags: tuple[str, ...] = ()
