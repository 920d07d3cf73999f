"""The data folder: one running system in it, its secrets, its samples."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from chalicelib.adapters.local.secret_file import secret
from chalicelib.domain.errors import LoupeError

__all__ = [
    "AlreadyRunning",
    "NotLoupes",
    "existing",
    "is_one",
    "lock",
    "private",
    "running",
    "secret",
    "write_private",
]


class AlreadyRunning(LoupeError):
    """Another system works in this data folder."""


class NotLoupes(LoupeError):
    """A folder in which Loupe has never worked."""


def is_one(data: Path) -> bool:
    """Whether a system of Loupe's has worked in this folder."""
    return (data / "contacts.db").is_file()


def existing(data: Path) -> Path:
    """The folder, if a system of Loupe's has worked in it; nothing is created.

    Raises ``NotLoupes`` for any other.
    """
    if not is_one(data):
        raise NotLoupes(f"{data} is no data folder of Loupe: it holds no contacts.db")
    return data


def private(folder: Path) -> Path:
    """The folder, made if need be and closed to other users."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a small file that only this user may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def lock(data: Path) -> IO[str]:
    """Take the folder for this process, until the returned file is closed or the process ends.

    Raises ``AlreadyRunning`` with the other's process id.
    """
    private(data)
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


def running(data: Path) -> bool:
    """Whether a system works in this folder now."""
    try:
        lock(data).close()
    except AlreadyRunning:
        return True
    return False
