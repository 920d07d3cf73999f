"""Local speech recognition against the clock: ``python -m bench.speech [CALL.wav] [--json]``.

Runs the transcriber as it is deployed (worker processes, pinned model) over one stereo recording, once
to load the model and then ``--runs`` times, for each way to share two cores; the median run counts.
Without a path it takes the longest synthetic sample. The figure is speed, not accuracy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

from chalicelib.adapters.engines.faster_whisper import FasterWhisper
from chalicelib.adapters.local.file_objects import FileObjects
from chalicelib.domain.method import Method
from chalicelib.domain.transcript import Role
from chalicelib.formats.wav import parse
from chalicelib.ports.speech import SpeechJob

ROOT = Path(__file__).resolve().parents[2]
SHARES = ((1, 1), (1, 2), (2, 1))
ROW = "workers {workers} threads {threads}  {seconds:6.1f} s  {ratio:5.1f} x real time  first {first:5.1f} s"


def measure(path: Path, workers: int, threads: int, runs: int) -> dict[str, float]:
    """Seconds of the first run, which loads the model, and of the median of the others."""
    sources = FileObjects({"call": path})
    stat = sources.stat("call")
    assert stat
    roles = (Role.CUSTOMER, Role.AGENT)
    job = SpeechJob("bench", "call", stat.etag, roles, 8000, "en-US", "")
    info = parse(
        lambda at, length: sources.read("call", start=at, length=length),
        stat.size,
        max_bytes=stat.size,
        max_seconds=4 * 3600,
    )
    engine = FasterWhisper(sources, workers=workers, threads=threads, method=Method())
    try:
        first, *others = [_seconds(engine, job) for _ in range(runs + 1)]
    finally:
        engine.close()
    seconds = statistics.median(others)
    share = {"workers": workers, "threads": threads}
    return {
        **share,
        "first": first,
        "seconds": seconds,
        "ratio": info.duration_ms / 1000 / seconds,
    }


def _seconds(engine: FasterWhisper, job: SpeechJob) -> float:
    started = time.perf_counter()
    state = engine.start(job)
    assert state.transcript, state.failure
    assert state.transcript.turns
    return time.perf_counter() - started


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("call", nargs="?", type=Path)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    samples = (ROOT / "samples").rglob("*.wav")
    path = given.call or max(samples, key=lambda sample: sample.stat().st_size)
    rows = [measure(path, workers, threads, given.runs) for workers, threads in SHARES]
    if given.json:
        print(json.dumps({"call": path.name, "rows": rows}))
        return
    load = os.getloadavg()[0]
    print(f"call       {path.name}")
    print(f"machine    {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}")
    for row in rows:
        print(ROW.format(**row))


if __name__ == "__main__":
    main()
