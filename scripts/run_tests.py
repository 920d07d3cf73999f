"""Runs the test groups one after the other and prints how long each took."""

from __future__ import annotations

import os
import subprocess
import sys
import time

COVERED = ("chalicelib.domain", "chalicelib.formats", "chalicelib.stages", "chalicelib.flow")
GROUPS = {
    "fast": ["-n", "2", "tests/unit", "tests/contract", "tests/functions", "tests/architecture"],
    "chaos": ["-n", "2", "tests/chaos"],
    "integration": ["tests/integration"],
    "browser": ["tests/e2e"],
}
BAR = 95


def main() -> int:
    """Exit code: 0 when every group is green and the coverage bar is met."""
    failed = [name for name, arguments in GROUPS.items() if not _run(name, arguments)]
    if failed:
        print(f"failed: {', '.join(failed)}")
        return 1
    return 0


def _run(name: str, arguments: list[str]) -> bool:
    started = time.monotonic()
    coverage = [f"--cov={package}" for package in COVERED]
    coverage += ["--cov-branch", f"--cov-fail-under={BAR}", "--cov-report=term:skip-covered"]
    command = [sys.executable, "-m", "pytest", *arguments, *(coverage if name == "fast" else [])]
    done = subprocess.run([*command, *sys.argv[1:]], check=False, env={**os.environ})
    print(f"== {name}: {time.monotonic() - started:.0f} s, exit {done.returncode}", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
