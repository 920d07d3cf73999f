"""Acoustics of a 60-minute stereo call, ours against webrtcvad: ``python -m bench.acoustics``.

Each engine runs in fresh processes, in turns, equally often, one thread; the best run counts. The bars:
at least eight times as fast as webrtcvad, by the clock and by CPU time, whichever is lower (a busy machine
slows the longer run more), and at most 24 MiB of extra memory. Exit code 1 when missed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.acoustics import engines
from bench.acoustics.signal import Spoken, write_call

SEED = 2
BAR_RATIO, BAR_MIB = 8.0, 24.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
READABLE = """\
signal     {minutes} min stereo 8 kHz 16 bit, synthetic (seed {seed}), sha256 {sha256:.16}
machine    {machine}, Python {python}, load {load}
{rows}
ratio      {ratio_by_clock:.1f} x webrtcvad by the clock, {ratio_by_cpu:.1f} x by CPU time;
           ours with all outputs, webrtcvad activity alone (bar {bar_ratio:g})
extra RSS  {extra_mib:.1f} MiB (bar {bar_mib:g})
{verdict}
"""


def child(engine: str, path: Path) -> dict:
    command = [sys.executable, "-m", "bench.acoustics.engines", engine, str(path)]
    done = subprocess.run(
        command, env=os.environ | ONE_THREAD, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def agreement(spans: list[list[list[int]]], turns: list[Spoken], minutes: int) -> float:
    """Share of 10 ms steps, both channels, in which the answer equals the timeline."""
    truth, found = np.zeros((2, 2, minutes * 6000), bool)
    for turn in turns:
        truth[turn.channel, round(turn.begin * 100) : round((turn.begin + turn.seconds) * 100)] = (
            True
        )
    for channel, intervals in enumerate(spans):
        for begin, end in intervals:
            found[channel, begin // 10 : end // 10] = True
    return float((truth == found).mean())


def summary(runs: list[dict], turns: list[Spoken], minutes: int) -> dict:
    best = min(runs, key=lambda run: run["seconds"])
    return {
        "version": best["version"],
        "seconds": [round(run["seconds"], 4) for run in runs],
        "cpu_seconds": [round(run["cpu"], 4) for run in runs],
        "times_real_time": round(minutes * 60 / best["seconds"]),
        "extra_mib": round(max(run["extra_kib"] for run in runs) / 1024, 1),
        "agreement_with_timeline": round(agreement(best["spans"], turns, minutes), 4),
    }


def compare(minutes: int, repeat: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.wav"
        turns = write_call(path, minutes * 60, SEED)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        runs: dict[str, list[dict]] = {name: [] for name in engines.ENGINES}
        for _ in range(repeat):
            for name, each in runs.items():
                each.append(child(name, path))
    found = {name: summary(each, turns, minutes) for name, each in runs.items()}
    ours, peer = found["loupe"], found["webrtcvad"]
    by_clock = min(peer["seconds"]) / min(ours["seconds"])
    by_cpu = min(peer["cpu_seconds"]) / min(ours["cpu_seconds"])
    ratio = min(by_clock, by_cpu)
    return {
        "minutes": minutes,
        "seed": SEED,
        "turns": len(turns),
        "sha256": sha256,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "engines": found,
        "ratio": round(ratio, 2),
        "ratio_by_clock": round(by_clock, 2),
        "ratio_by_cpu": round(by_cpu, 2),
        "extra_mib": ours["extra_mib"],
        "bar_ratio": BAR_RATIO,
        "bar_mib": BAR_MIB,
        "held": ratio >= BAR_RATIO and ours["extra_mib"] <= BAR_MIB,
    }


def readable(found: dict) -> str:
    rows = "\n".join(
        f"{name:<10} {min(e['seconds']):.3f} s = {e['times_real_time']:,} x real time, "
        f"+{e['extra_mib']} MiB, {e['agreement_with_timeline']:.1%} of the timeline ({e['version']})"
        for name, e in found["engines"].items()
    )
    verdict = "held" if found["held"] else "MISSED"
    return READABLE.format(rows=rows, verdict=verdict, **found)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.acoustics", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    given = parser.parse_args()
    found = compare(given.minutes, given.repeat)
    print(json.dumps(found, indent=2) if given.json else readable(found), end="")
    return 0 if found["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
