"""Evaluation forms over an object store: numbered records that are created and never changed.

A record is what the form was after one write, so two people who save at once cannot undo each other: the
second finds the number taken. Each form has a place in a numbered list, which also bounds how many there
are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from chalicelib.domain.errors import InputRefused, NotFound, VersionMoved
from chalicelib.domain.evaluation.form import Form
from chalicelib.domain.evaluation.versions import FormRecord
from chalicelib.formats.artifact import dump, load
from chalicelib.formats.evaluation_forms import DEFAULTS
from chalicelib.ports import numbered
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

PREFIX = "control/evaluation-forms/"
ID = re.compile(r"[0-9a-f]{32}")


class FormBook:
    """Ids are 32 hex digits; anything else is no form."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def ids(self) -> list[str]:
        """Every form, in the order of creation."""
        return list(dict.fromkeys(b.decode() for b in numbered.bodies(self._store, _place)))

    def all(self) -> Iterator[FormRecord]:
        """Every form as it is now."""
        for form_id in self.ids():
            try:
                yield self.latest(form_id)
            except NotFound:  # whoever took the place did not come to write the form
                continue

    def latest(self, form_id: str) -> FormRecord:
        """The form as it is now. Raises ``NotFound``."""
        if not ID.fullmatch(form_id):
            raise NotFound
        return self._record(form_id, numbered.last(self._store, partial(_key, form_id)))

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
        """Write the first record; False when the form is there already. Raises ``InputRefused`` when
        there are as many forms as there may be."""
        if record.id not in self.ids():
            body = record.id.encode()
            if numbered.append(self._store, _place, body, DEFAULTS.forms) is None:
                raise InputRefused("form.limit", f"there are at most {DEFAULTS.forms} forms")
        return self._put(record)

    def write(self, record: FormRecord) -> None:
        """Write the record after the one it was made from. Raises ``VersionMoved``."""
        if not self._put(record):
            raise VersionMoved(f"the form {record.id} was changed by somebody else")

    def _put(self, record: FormRecord) -> bool:
        return numbered.put(self._store, _key(record.id, record.revision), dump(record))

    def _record(self, form_id: str, revision: int) -> FormRecord:
        return load(FormRecord, self._store.read(_key(form_id, revision)))


def form_book(services: Services) -> FormBook:
    """The forms of an installation."""
    return FormBook(services.redacted)


def _place(number: int) -> str:
    return f"{PREFIX}places/{number}"


def _key(form_id: str, revision: int) -> str:
    return f"{PREFIX}{form_id}/{revision}.json"
