"""What was assessed, and what people said of it, over an object store: labels of every risk engine.

    control/risk/events/<name>.json         an event as it was last assessed
    control/risk/labels/<name>/<n>.json     verdicts about it, numbered, the last one wins
    control/risk/changes/<n>.json           marks: a verdict, or its event, came
    control/risk/departures/<n>.json        marks: an event with a verdict went away
    control/risk/model.json                 the model

``<name>`` is a hash of the event's id in the form that Fraud Detector takes: the id of a contact names its
event whether it was brought into that form or not. A verdict about an event that nobody has assessed yet is
kept: it counts from the day the event comes. A change is written after what it is about, so that a call
which broke off in between, and is made again, tells it at last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.errors import NotFound
from chalicelib.domain.risk.features import event_id
from chalicelib.domain.risk.model import Example, RiskModel
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports import numbered
from chalicelib.ports.prediction import RiskEvent
from chalicelib.ports.storage import ObjectStore

EVENTS, LABELS = "control/risk/events/", "control/risk/labels/"
CHANGES, DEPARTURES = "control/risk/changes/", "control/risk/departures/"
MODEL = "control/risk/model.json"
MARK = b"{}"


@dataclass(frozen=True, slots=True)
class Label:
    """A person's verdict about an event."""

    event_id: str
    fraud: bool
    at_ms: int


class RiskEvents:
    """Events, verdicts and the model of one installation."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._model: tuple[str, RiskModel] | None = None

    def remember(self, event: RiskEvent) -> None:
        """Keep the event as it is now; an earlier form of it is replaced."""
        body = dump(event)
        key = _event_key(event.id)
        if self._read(key) != body:
            self._store.put(key, body, content_type=numbered.JSON)
            if self.verdict(event.id):
                self._mark(CHANGES)

    def event(self, name: str) -> RiskEvent | None:
        body = self._read(_event_key(name))
        return load(RiskEvent, body) if body else None

    def label(self, label: Label) -> None:
        """The verdict that holds from now on; told twice in a row it is kept once."""
        if self.verdict(label.event_id) != label:
            numbered.append(self._store, partial(_label_key, label.event_id), dump(label))
        self._mark(CHANGES)

    def verdict(self, name: str) -> Label | None:
        """The last verdict."""
        key_of = partial(_label_key, name)
        count = numbered.last(self._store, key_of)
        body = self._read(key_of(count)) if count else b""
        return load(Label, body) if body else None

    def forget(self, name: str) -> None:
        """Remove the event, what was said of it, and a model that was trained with it."""
        labels = self._labels_of(name)
        model = self.model()
        trained = model is not None and event_id(name) in model.events
        if labels or trained:
            # It stands before the first trace is gone: what breaks off here is asked for again.
            self._mark(DEPARTURES)
        for key in (*reversed(labels), _event_key(name)):
            self._store.purge(key)
        if trained:
            self._store.purge(MODEL)

    def examples(self) -> Sequence[Example]:
        """The events with a verdict, in the order of time."""
        latest: dict[str, str] = {}
        for stat in self._store.list(LABELS):
            latest[stat.key.rpartition("/")[0]] = stat.key
        out = []
        for key in latest.values():
            body = self._read(key)
            label = load(Label, body) if body else None
            event = self.event(label.event_id) if label else None
            if label and event:
                out.append(
                    Example(event_id(event.id), event.at_ms, dict(event.variables), label.fraud)
                )
        return sorted(out, key=lambda example: (example.at_ms, example.event_id))

    def changes(self) -> int:
        """How often a verdict, or its event, came."""
        return numbered.last(self._store, partial(_mark_key, CHANGES))

    def departures(self) -> int:
        """How often an event with a verdict went away."""
        return numbered.last(self._store, partial(_mark_key, DEPARTURES))

    def model(self) -> RiskModel | None:
        """The model that is kept, read once as long as it is the same; None for what is no model."""
        stat = self._store.stat(MODEL)
        if stat is None:
            return None
        if self._model is None or self._model[0] != stat.etag:
            try:
                self._model = (stat.etag, load(RiskModel, self._read(MODEL)))
            except ValueError:
                return None
        return self._model[1]

    def keep(self, model: RiskModel) -> None:
        self._store.put(MODEL, dump(model), content_type=numbered.JSON)

    def discard(self) -> None:
        """There is no model any more."""
        self._store.purge(MODEL)

    def _labels_of(self, name: str) -> list[str]:
        return [stat.key for stat in self._store.list(f"{LABELS}{_name(name)}/")]

    def _mark(self, prefix: str) -> None:
        numbered.append(self._store, partial(_mark_key, prefix), MARK)

    def _read(self, key: str) -> bytes:
        try:
            return self._store.read(key)
        except NotFound:
            return b""


def _name(name: str) -> str:
    return fingerprint(event_id(name))


def _event_key(name: str) -> str:
    return f"{EVENTS}{_name(name)}.json"


def _label_key(name: str, number: int) -> str:
    return f"{LABELS}{_name(name)}/{number:08d}.json"


def _mark_key(prefix: str, number: int) -> str:
    return f"{prefix}{number:08d}.json"
