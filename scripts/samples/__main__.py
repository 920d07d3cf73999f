"""``python -m scripts.samples [--check]``: write ``samples/``, or say whether it is as generated."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from pathlib import Path

import numpy as np

from scripts.samples.generate import every, pretty
from scripts.samples.script import calls, cast, chats
from scripts.samples.voices import version

ROOT = Path(__file__).resolve().parents[2] / "samples"


def generated() -> dict[str, bytes]:
    """Every file of the folder by its path in it."""
    everyone = cast()
    made = list(every(everyone, calls(), chats()))
    manifest = {
        "synthetic": True,
        "notice": "Invented dialogues, synthetic voices. No real person, company or number.",
        "seed": everyone.seed,
        "tools": {
            "flite": version(),
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "contacts": [m.entry for m in made],
    }
    files = {key: body for m in made for key, body in m.files.items()}
    return {**files, "manifest.json": pretty(manifest)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.samples", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    check = parser.parse_args().check
    files = generated()
    if check:
        wrong = [p for p, b in files.items() if not _same(ROOT / p, b)]
        print("\n".join(wrong) if wrong else f"{len(files)} files as generated")
        return 1 if wrong else 0
    shutil.rmtree(ROOT, ignore_errors=True)
    for path, body in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_bytes(body)
    print(f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB in {ROOT.name}/")
    return 0


def _same(path: Path, body: bytes) -> bool:
    return path.is_file() and path.read_bytes() == body


if __name__ == "__main__":
    sys.exit(main())
