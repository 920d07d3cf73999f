"""One engine in a fresh process: from the file on disk to its answer. Each imports only its own.

``loupe`` gives speech intervals, loudness, waveform and quality of both channels, then the shared
silences and the overlaps. ``webrtcvad`` gives voice activity alone, so it does less.
"""

# ruff: noqa: PLC0415
from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

Spans = list[tuple[int, int]]
LIMIT_BYTES, LIMIT_S = 2 * 1024**3, 4 * 3600


def loupe() -> tuple[str, Callable[[Path], list[Spans]]]:
    from chalicelib.domain.timeline import gaps
    from functions.acoustics.measure import ENGINE
    from functions.acoustics.work import run
    from functions.recording import Limits, Recording

    def measure(path: Path) -> list[Spans]:
        with path.open("rb") as file:
            found = run(Recording(file, path.stat().st_size), Limits(LIMIT_BYTES, LIMIT_S))
        one, other = (channel.speech for channel in found.channels)
        silences = [gap for gap in gaps([*one, *other]) if gap.duration_ms > 3000]
        assert silences
        assert overlaps(one, other)
        assert len(found.channels[0].loudness) == len(found.channels[1].loudness) > 0
        return [[(s.begin_ms, s.end_ms) for s in channel.speech] for channel in found.channels]

    return f"{ENGINE.name} {ENGINE.version}, numpy {np.__version__}", measure


def overlaps(one, other) -> Spans:
    """Stretches in which both speak; both sorted and disjoint."""
    out, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        begin, end = max(one[i].begin_ms, other[j].begin_ms), min(one[i].end_ms, other[j].end_ms)
        if begin < end:
            out.append((begin, end))
        if one[i].end_ms < other[j].end_ms:
            i += 1
        else:
            j += 1
    return out


def webrtcvad() -> tuple[str, Callable[[Path], list[Spans]]]:
    import wave
    from importlib.metadata import version

    import webrtcvad as peer

    def measure(path: Path) -> list[Spans]:
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        width = rate // 50 * 2
        answer = []
        for channel in (0, 1):
            vad = peer.Vad(2)
            raw = np.ascontiguousarray(both[:, channel]).tobytes()
            frames = range(0, len(raw) - width + 1, width)
            active = np.array([vad.is_speech(raw[at : at + width], rate) for at in frames])
            edges = np.flatnonzero(np.diff(active.astype(np.int8), prepend=0, append=0)) * 20
            answer.append([(int(a), int(b)) for a, b in edges.reshape(-1, 2)])
        return answer

    return f"webrtcvad-wheels {version('webrtcvad-wheels')}", measure


ENGINES = {"loupe": loupe, "webrtcvad": webrtcvad}


def memory_kib(field: str) -> int:
    """``VmRSS`` or ``VmHWM`` of this process. ``ru_maxrss`` would include the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


def main(engine: str, path: str) -> None:
    version, measure = ENGINES[engine]()
    before = memory_kib("VmRSS")
    started, used = time.perf_counter(), time.process_time()
    spans = measure(Path(path))
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    extra = memory_kib("VmHWM") - before
    told = {"version": version, "seconds": seconds, "cpu": cpu, "extra_kib": extra, "spans": spans}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
