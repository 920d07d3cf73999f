"""Where the shared data sets lie; they are read in place and never copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared(*parts: str) -> Path:
    """A path inside the shared data; skips the test when it is absent, fails it where it must be there."""
    base = Path(os.environ.get("LOUPE_SHARED_DATA") or ROOT.parent / "shared" / "data")
    path = base.joinpath(*parts)
    if not path.exists():
        reason = f"shared data not found at {path}: set LOUPE_SHARED_DATA"
        if os.environ.get("CI") or os.environ.get("LOUPE_REQUIRE_SHARED_DATA"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
