"""Evaluation forms over an object store: numbered records that are created and never changed.

A record is what the form was after one write, so two people who save at once cannot undo each other: the
second finds the number taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.evaluation.form import Form
from chalicelib.domain.evaluation.versions import FormRecord
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

PREFIX = "control/evaluation-forms/"
JSON = "application/json"
ID = re.compile(r"[0-9a-f]{32}")


class FormBook:
    """Ids are 32 hex digits; anything else is no form."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def all(self) -> Iterator[FormRecord]:
        """Every form as it is now, by id."""
        latest = {_folder(stat.key): stat.key for stat in self._store.list(PREFIX)}
        for key in latest.values():
            yield load(FormRecord, self._store.read(key))

    def ids(self) -> set[str]:
        return {_folder(stat.key) for stat in self._store.list(PREFIX)}

    def latest(self, form_id: str) -> FormRecord:
        """The form as it is now. Raises ``NotFound``."""
        keys = [stat.key for stat in self._store.list(_prefix(form_id))]
        if not keys:
            raise NotFound
        return load(FormRecord, self._store.read(keys[-1]))

    def version(self, form_id: str, version: int) -> Form:
        """The form of a frozen version. Raises ``NotFound``."""
        for frozen in self.latest(form_id).frozen:
            if frozen.version == version:
                return self._record(form_id, frozen.revision).form
        raise NotFound

    def first(self, form_id: str) -> FormRecord:
        """The form as it was created. Raises ``NotFound``."""
        return self._record(form_id, 1)

    def create(self, record: FormRecord) -> bool:
        """Write the first record; False when the form is there already."""
        return self._put(record)

    def write(self, record: FormRecord) -> None:
        """Write the record after the one it was made from. Raises ``VersionMoved``."""
        if not self._put(record):
            raise VersionMoved(f"the form {record.id} was changed by somebody else")

    def _put(self, record: FormRecord) -> bool:
        key = _key(record.id, record.revision)
        return self._store.put_if_absent(key, dump(record), content_type=JSON)

    def _record(self, form_id: str, revision: int) -> FormRecord:
        return load(FormRecord, self._store.read(_key(form_id, revision)))


def form_book(services: Services) -> FormBook:
    """The forms of an installation."""
    return FormBook(services.redacted)


def _prefix(form_id: str) -> str:
    if not ID.fullmatch(form_id):
        raise NotFound
    return f"{PREFIX}{form_id}/"


def _key(form_id: str, revision: int) -> str:
    return f"{_prefix(form_id)}{revision:08d}.json"


def _folder(key: str) -> str:
    return key[len(PREFIX) :].partition("/")[0]
