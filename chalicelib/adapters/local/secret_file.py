"""Random secrets of one installation, each in a file of its own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SHORTEST = 32


def secret(folder: Path, name: str) -> str:
    """The secret of this name, made at first use and kept with mode 0600."""
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text().strip()
        if len(kept) >= SHORTEST:
            return kept
        path.unlink()
        return secret(folder, name)
    with os.fdopen(handle, "w") as file:
        made = secrets.token_urlsafe(SHORTEST)
        file.write(made)
        file.flush()
        os.fsync(handle)
    return made
