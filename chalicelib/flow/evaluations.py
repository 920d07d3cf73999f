"""Evaluations over an object store: numbered records among the products of their contact.

Each write is the next number, which only one of two writers gets; whoever removes the contact's products
removes its evaluations. Each evaluation has a place in the contact's numbered list.

A note of each submission lies in one place for all contacts, by the day of submitting: it holds ids
alone, is written before the record that it tells of, and counts only where that record agrees. So a note
that a lost race or a removed contact left behind is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from chalicelib import queries
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import InputRefused, NotFound, VersionMoved
from chalicelib.domain.evaluation.automation import automated
from chalicelib.domain.evaluation.evaluation import Evaluation, State, Step, answered
from chalicelib.domain.evaluation.scoring import score
from chalicelib.domain.evaluation.versions import FormRecord
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.flow.form_book import form_book
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, load
from chalicelib.ports import numbered
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

NOTES = "control/evaluations/"
STAGE = "evaluations"
MOST = 10
ID = re.compile(r"[0-9a-f]{32}")
READ_BOUND = 200


@dataclass(frozen=True, slots=True)
class Note:
    """A submission, as its day tells it."""

    contact_id: str
    evaluation_id: str
    form_id: str
    agent_id: str | None
    submitted_ms: int


class Evaluations:
    """The evaluations of one contact. Ids are 32 hex digits; anything else is none."""

    def __init__(self, store: ObjectStore, contact_id: str) -> None:
        self._store = store
        self._contact_id = contact_id

    def ids(self) -> list[str]:
        """Every evaluation, in the order of creation."""
        return list(dict.fromkeys(b.decode() for b in numbered.bodies(self._store, self._place)))

    def all(self) -> Iterator[Evaluation]:
        """Every evaluation as it is now, oldest first."""
        for evaluation_id in self.ids():
            try:
                yield self.latest(evaluation_id)
            except NotFound:  # whoever took the place did not come to write the evaluation
                continue

    def latest(self, evaluation_id: str) -> Evaluation:
        """The evaluation as it is now. Raises ``NotFound``."""
        if not ID.fullmatch(evaluation_id):
            raise NotFound
        latest = numbered.last(self._store, partial(self._key, evaluation_id))
        return self._read(evaluation_id, latest)

    def first(self, evaluation_id: str) -> Evaluation:
        """The evaluation as it was created. Raises ``NotFound``."""
        return self._read(evaluation_id, 1)

    def create(self, evaluation: Evaluation) -> bool:
        """Write the first record; False when the evaluation is there already. Raises ``InputRefused``
        when the contact has as many as it may have."""
        if evaluation.id not in self.ids():
            body = evaluation.id.encode()
            if numbered.append(self._store, self._place, body, MOST) is None:
                raise InputRefused("evaluation.limit", f"a contact has at most {MOST} evaluations")
        return self._put(evaluation)

    def write(self, evaluation: Evaluation) -> None:
        """Write the record after the one it was made from. Raises ``VersionMoved``."""
        if evaluation.history and evaluation.history[-1].step is Step.SUBMIT:
            _take_note(self._store, evaluation)
        if not self._put(evaluation):
            raise VersionMoved(f"the evaluation {evaluation.id} was changed by somebody else")

    def _put(self, evaluation: Evaluation) -> bool:
        key = self._key(evaluation.id, evaluation.revision)
        return numbered.put(self._store, key, dump(evaluation))

    def _read(self, evaluation_id: str, revision: int) -> Evaluation:
        return load(Evaluation, self._store.read(self._key(evaluation_id, revision)))

    def _key(self, name: str, number: int) -> str:
        return object_keys.artifact_key("redacted", self._contact_id, STAGE, f"{name}-{number}")

    def _place(self, number: int) -> str:
        return self._key("place", number)


def of_contact(services: Services, row: ContactRow) -> Evaluations:
    """The evaluations of a contact that was read for somebody who may see it."""
    return Evaluations(services.redacted, row.contact_id)


def begun(
    services: Services,
    row: ContactRow,
    analysis: ContactAnalysis,
    record: FormRecord,
    *,
    evaluation_id: str,
    by: str,
) -> Evaluation:
    """A new draft by the form's version in use; automation has answered what it can."""
    version = record.current or 0
    form = form_book(services).version(record.id, version)
    known, now = row.publication, services.clock()
    bare = Evaluation(
        id=evaluation_id,
        contact_id=row.contact_id,
        form_id=record.id,
        form_version=version,
        agent_id=known.agent_id if known else None,
        agent_name=known.agent_name if known else None,
        evaluator=by,
        created_ms=now,
        score=score(form, {}),
        automated=automated(form, analysis),
        analysis_key=known.analysis_key if known else "",
    )
    return answered(bare, form, (), by, now)


def _take_note(store: ObjectStore, evaluation: Evaluation) -> None:
    at_ms = evaluation.submitted_ms or 0
    note = Note(
        evaluation.contact_id, evaluation.id, evaluation.form_id, evaluation.agent_id, at_ms
    )
    numbered.append(store, partial(_note_key, _day(at_ms)), dump(note))


def _day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


def _note_key(day: date, number: int) -> str:
    return f"{NOTES}{day}/{number}.json"


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
    for read, (place, note) in enumerate(_notes(services.redacted, wanted), start=1):
        evaluation = _told(services, principal, note, wanted)
        found += [evaluation] if evaluation else []
        if len(found) == limit:
            return Found(tuple(found), place)
        if read == READ_BOUND:
            return Found(tuple(found), place, note.submitted_ms)
    return Found(tuple(found))


def _notes(store: ObjectStore, wanted: Wanted) -> Iterator[tuple[str, Note]]:
    """Notes with their places, newest first."""
    day, highest = _begin(wanted)
    first = _day(wanted.start_ms)
    while day >= first:
        top = numbered.last(store, partial(_note_key, day)) if highest is None else highest
        for number in range(top, 0, -1):
            yield f"{day}/{number}", load(Note, store.read(_note_key(day, number)))
        day, highest = day - timedelta(days=1), None


def _begin(wanted: Wanted) -> tuple[date, int | None]:
    """The day to begin with, and its highest number where that is known."""
    if wanted.before is None:
        return _day(wanted.end_ms - 1), None
    day, _, number = wanted.before.partition("/")
    return date.fromisoformat(day), int(number) - 1


def _told(
    services: Services, principal: Principal, note: Note, wanted: Wanted
) -> Evaluation | None:
    """What a note tells of, if it is wanted, visible and true."""
    if not wanted.start_ms <= note.submitted_ms < wanted.end_ms:
        return None
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
