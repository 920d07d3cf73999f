"""Evaluations over an object store: numbered records among the products of their contact.

Each write is the next number, which only one of two writers gets; whoever removes the contact's products
removes its evaluations. A note of each submission lies in one place for all contacts, by the day of
submitting: it holds ids alone, is written before the record that it tells of, and counts only where that
record agrees. So a note that a lost race or a removed contact left behind is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib import queries
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.evaluation.evaluation import Evaluation, State, Step
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

NOTES = "control/evaluations/"
STAGE = "evaluations"
JSON = "application/json"
ID = re.compile(r"[0-9a-f]{32}")
READ_BOUND = 200


@dataclass(frozen=True, slots=True)
class Note:
    """A submission. ``name`` places it among all others, later ones above."""

    contact_id: str
    evaluation_id: str
    form_id: str
    agent_id: str | None
    submitted_ms: int

    @property
    def name(self) -> str:
        at = datetime.fromtimestamp(self.submitted_ms / 1000, UTC)
        return f"{at:%Y-%m-%d}/{self.submitted_ms:015d}-{self.evaluation_id}"


class Evaluations:
    """The evaluations of one contact. Ids are 32 hex digits; anything else is none."""

    def __init__(self, store: ObjectStore, contact_id: str) -> None:
        self._store = store
        self._contact_id = contact_id

    def ids(self) -> list[str]:
        return list(self._revisions())

    def all(self) -> Iterator[Evaluation]:
        """Every evaluation as it is now, oldest first."""
        found = [self._read(one, revision) for one, revision in self._revisions().items()]
        return iter(sorted(found, key=lambda one: (one.created_ms, one.id)))

    def latest(self, evaluation_id: str) -> Evaluation:
        """The evaluation as it is now. Raises ``NotFound``."""
        revision = self._revisions(evaluation_id).get(evaluation_id)
        if revision is None:
            raise NotFound
        return self._read(evaluation_id, revision)

    def first(self, evaluation_id: str) -> Evaluation:
        """The evaluation as it was created. Raises ``NotFound``."""
        return self._read(evaluation_id, 1)

    def create(self, evaluation: Evaluation) -> bool:
        """Write the first record; False when the evaluation is there already."""
        return self._put(evaluation)

    def write(self, evaluation: Evaluation) -> None:
        """Write the record after the one it was made from. Raises ``VersionMoved``."""
        if evaluation.history and evaluation.history[-1].step is Step.SUBMIT:
            _take_note(self._store, evaluation)
        if not self._put(evaluation):
            raise VersionMoved(f"the evaluation {evaluation.id} was changed by somebody else")

    def _put(self, evaluation: Evaluation) -> bool:
        key = self._key(evaluation.id, evaluation.revision)
        return self._store.put_if_absent(key, dump(evaluation), content_type=JSON)

    def _read(self, evaluation_id: str, revision: int) -> Evaluation:
        return load(Evaluation, self._store.read(self._key(evaluation_id, revision)))

    def _key(self, evaluation_id: str, revision: int) -> str:
        return object_keys.artifact_key(
            "redacted", self._contact_id, STAGE, evaluation_id, revision
        )

    def _revisions(self, evaluation_id: str = "") -> dict[str, int]:
        """The latest revision by id, of all or of one."""
        if evaluation_id and not ID.fullmatch(evaluation_id):
            return {}
        folder = f"{object_keys.artifact_prefix('redacted', self._contact_id)}{STAGE}/"
        found: dict[str, int] = {}
        for stat in self._store.list(folder + evaluation_id):
            one, _, number = stat.key[len(folder) :].removesuffix(".json").partition("-")
            found[one] = max(found.get(one, 0), int(number))
        return found


def of_contact(services: Services, row: ContactRow) -> Evaluations:
    """The evaluations of a contact that was read for somebody who may see it."""
    return Evaluations(services.redacted, row.contact_id)


def _take_note(store: ObjectStore, evaluation: Evaluation) -> None:
    note = Note(
        evaluation.contact_id,
        evaluation.id,
        evaluation.form_id,
        evaluation.agent_id,
        evaluation.submitted_ms or 0,
    )
    store.put_if_absent(f"{NOTES}{note.name}.json", dump(note), content_type=JSON)


def may_see(principal: Principal, evaluation: Evaluation) -> bool:
    """Of a contact that is visible. An agent sees the own evaluations, once they are submitted."""
    if principal.role is not PrincipalRole.AGENT:
        return True
    return evaluation.state is not State.DRAFT and is_evaluated(principal, evaluation)


def is_evaluated(principal: Principal, evaluation: Evaluation) -> bool:
    """Whether the evaluation is about this principal."""
    return principal.agent_id is not None and evaluation.agent_id == principal.agent_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """Submitted evaluations in ``[start_ms, end_ms)``; no ids: any. ``before``: a place to go on from."""

    start_ms: int
    end_ms: int
    agent_ids: tuple[str, ...] = ()
    form_ids: tuple[str, ...] = ()
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Newest first. ``cursor`` continues, None at the end; ``searched_to_ms`` is set when the read bound
    ended the search before that."""

    evaluations: tuple[Evaluation, ...]
    cursor: str | None = None
    searched_to_ms: int | None = None


def submitted(services: Services, principal: Principal, wanted: Wanted, limit: int) -> Found:
    """Visible evaluations that were submitted in a period; at most ``READ_BOUND`` notes are read."""
    found: list[Evaluation] = []
    for read, note in enumerate(_notes(services.redacted, wanted), start=1):
        evaluation = _told(services, principal, note, wanted)
        found += [evaluation] if evaluation else []
        if len(found) == limit:
            return Found(tuple(found), note.name)
        if read == READ_BOUND:
            return Found(tuple(found), note.name, note.submitted_ms)
    return Found(tuple(found))


def _notes(store: ObjectStore, wanted: Wanted) -> Iterator[Note]:
    day = datetime.fromtimestamp((wanted.end_ms - 1) / 1000, UTC).date()
    first = datetime.fromtimestamp(wanted.start_ms / 1000, UTC).date()
    while day >= first:
        keys = [stat.key for stat in store.list(f"{NOTES}{day}/")]
        for key in reversed(keys):
            name = key[len(NOTES) :].removesuffix(".json")
            at_ms = int(name.partition("/")[2].partition("-")[0])
            inside = wanted.start_ms <= at_ms < wanted.end_ms
            if inside and (wanted.before is None or name < wanted.before):
                yield load(Note, store.read(key))
        day -= timedelta(days=1)


def _told(
    services: Services, principal: Principal, note: Note, wanted: Wanted
) -> Evaluation | None:
    """What a note tells of, if it is wanted, visible and true."""
    if wanted.agent_ids and note.agent_id not in wanted.agent_ids:
        return None
    if wanted.form_ids and note.form_id not in wanted.form_ids:
        return None
    try:
        row = queries.contact(services, principal, note.contact_id)
        found = of_contact(services, row).latest(note.evaluation_id)
    except NotFound:
        return None
    true = found.submitted_ms == note.submitted_ms
    return found if true and may_see(principal, found) else None
