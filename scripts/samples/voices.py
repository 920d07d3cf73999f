"""Speech from flite, a separate program (Carnegie Mellon's own free licence)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from scripts.samples.audio import Samples, spoken_part, telephone
from scripts.samples.script import Voice


def version() -> str:
    """What flite calls itself; raises ``SystemExit`` with the remedy when it is not installed."""
    if shutil.which("flite") is None:
        raise SystemExit("samples: flite is not installed (apt-get install flite)")
    out = subprocess.run(["flite", "--version"], capture_output=True, text=True, check=False).stdout
    return next(line.split()[1] for line in out.splitlines() if "version:" in line)


def speak(voice: Voice, text: str) -> Samples:
    """The text as 8 kHz telephone speech without silence around it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        subprocess.run([*_command(voice), "-t", text, "-o", str(path)], check=True)
        with wave.open(str(path)) as clip:
            pcm = np.frombuffer(clip.readframes(clip.getnframes()), "<i2") / 32768
            return spoken_part(telephone(pcm, clip.getframerate()))


def _command(voice: Voice) -> list[str]:
    pitch = [] if voice.pitch is None else ["--setf", f"int_f0_target_mean={voice.pitch}"]
    stretch = ["--setf", f"duration_stretch={voice.stretch}"]
    return ["flite", "-voice", voice.voice, *stretch, *pitch]
