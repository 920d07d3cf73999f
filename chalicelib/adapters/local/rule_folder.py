"""Rule documents on disk: a file, or all of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chalicelib.domain.errors import InputRefused

ENDINGS = (".yaml", ".yml", ".json")


def files_under(path: Path) -> list[Path]:
    """The file itself, or the rule files below a folder in the order of their paths.

    Raises ``InputRefused`` (``file.missing``, ``rules.none``).
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputRefused("file.missing", "there is no such file")
    found = sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    if not found:
        raise InputRefused("rules.none", f"there is no {', '.join(ENDINGS)} file in this folder")
    return found


def read(path: Path) -> bytes:
    """Raises ``InputRefused`` (``file.unreadable``)."""
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or "the file cannot be read"
        raise InputRefused("file.unreadable", why) from error


def documents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each rule file at this path."""
    for file in files_under(path):
        yield str(file), read(file)
