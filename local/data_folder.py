"""The data folder: one running system in it, its secrets, its samples."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from typing import IO

from chalicelib.domain.errors import LoupeError


class AlreadyRunning(LoupeError):
    """Another system works in this data folder."""


def lock(data: Path) -> IO[str]:
    """Take the folder for this process, until the returned file is closed or the process ends.

    Raises ``AlreadyRunning`` with the other's process id.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    data.chmod(0o700)
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    file = os.fdopen(handle, "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunning(f"{data} is in use by the process {pid}") from error
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file


def secret(data: Path, name: str) -> str:
    """A random secret of this installation, made at first use and kept with mode 0600."""
    path = data / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text().strip()
        if len(kept) >= 32:
            return kept
        path.unlink()
        return secret(data, name)
    with os.fdopen(handle, "w") as file:
        made = secrets.token_urlsafe(32)
        file.write(made)
        file.flush()
        os.fsync(handle)
    return made
