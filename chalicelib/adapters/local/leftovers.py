"""What a data folder may still hold of a contact beside its stores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from chalicelib.adapters.local.database import Database
from chalicelib.domain.errors import Unavailable
from chalicelib.formats import object_keys, record_lines
from chalicelib.ports.erasure import Subject

CHUNK = 1024 * 1024
INBOX = "inbox.path"


class DatabaseLogs:
    """The write-ahead logs of the databases, where what was overwritten is legible until they are emptied.
    A ``Holder`` that is asked when all others have been."""

    name = "database logs"

    def __init__(self, *paths: Path) -> None:
        self._paths = paths

    def forget(self, subject: Subject) -> int:  # noqa: ARG002
        """Empty them; it counts nothing."""
        for path in self._paths:
            Database(path, "logs", ()).settle()
        return 0


class InboxFolder:
    """Files in the inbox that became the contact's objects: a ``Holder``.

    The folder is the one that the running system has noted in the data folder, else ``inbox`` there. A file
    is known by its bytes, since a taken file may have another name than its object.
    """

    name = "inbox files"

    def __init__(self, data: Path) -> None:
        self._data = data

    def forget(self, subject: Subject) -> int:
        """Remove them; from files of contact records the contact's lines."""
        try:
            return sum(self._forget(path, subject) for path in self._files())
        except OSError as error:
            raise Unavailable(f"the inbox: {error.strerror or 'cannot be read'}") from error

    def _files(self) -> Iterator[Path]:
        noted = self._data / INBOX
        folder = Path(noted.read_text("utf-8")) if noted.is_file() else self._data / "inbox"
        found = sorted(folder.rglob("*")) if folder.is_dir() else []
        yield from (path for path in found if path.is_file() and not path.is_symlink())

    def _forget(self, path: Path, subject: Subject) -> int:
        named = object_keys.contact_id_in(path.name) in subject.contact_ids
        same = any(part.size == path.stat().st_size for part in subject.parts)
        if named or (same and _digest(path) in {part.etag for part in subject.parts}):
            path.unlink(missing_ok=True)
            return 1
        return _cut(path, frozenset(subject.contact_ids))


def _cut(path: Path, contact_ids: frozenset[str]) -> int:
    """A file of contact records without the contact's lines."""
    if path.suffix == ".wav":
        return 0
    body = path.read_bytes()
    if not any(one.encode() in body.lower() for one in contact_ids):
        return 0
    try:
        left = record_lines.without(body, contact_ids)
    except UnicodeDecodeError:
        return 0
    if left == body:
        return 0
    if left is None:
        path.unlink()
        return 1
    beside = path.with_name(f".{path.name}.cut")
    beside.write_bytes(left)
    beside.replace(path)
    return 1


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
