"""Risk without a service: ordered rules from the first day, a model once people have said enough.

The outcome is always a rule's (``chalicelib.domain.risk.rules``). What the rules weigh is the score:
additive weights set by hand, labelled ``rules only``, until there are ``LEAST_LABELS`` verdicts with
``LEAST_OF_EACH`` of each kind, and a model of them has shown on the latest events that it finds more than
the rules do; from then on 1,000 times the calibrated probability of that model. It is trained on this
installation's own verdicts, which are no corpus of fraud: it knows what reviewers here called so.

The model is kept as JSON beside the events (``chalicelib.adapters.risk_events``), never as a pickle: who
can write to the store can change a score, but can run nothing. It is made anew when a tenth more verdicts
came, and at once when an event that it was trained with is forgotten. Where scikit-learn is missing, a
model that is there is used and none is made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec

from chalicelib.adapters.engines.risk_training import too_few, train
from chalicelib.adapters.risk_events import Label, RiskEvents
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.risk.model import Example, Quality, RiskModel
from chalicelib.domain.risk.rules import Thresholds, decide, told, weighed
from chalicelib.domain.transcript import Engine
from chalicelib.ports.prediction import Assessment, RiskEvent
from chalicelib.ports.storage import ObjectStore

RULES_ONLY = "rules only"
NOT_MEASURED = Quality(0, 0, 0.0, 0.0, 0.0)
SURE = 0.8
"""A model scores when it beats the rules in this share of redrawn samples of the latest events."""
NEW_SHARE = 10
"""A model is made anew when the verdicts that came since are this part of those it was made from."""


class LocalRisk:
    """A ``RiskAssessor`` over ``store``. The same event has the same answer until a verdict comes in."""

    engine = Engine(
        "local-risk", "1", "ordered rules, and trees over own verdicts; not Amazon Fraud Detector"
    )

    def __init__(
        self,
        store: ObjectStore,
        limits: Thresholds | None = None,
        trainer: Callable[[Sequence[Example]], RiskModel] = train,
    ) -> None:
        self._events = RiskEvents(store)
        self._train = trainer
        self._limits = limits or Thresholds()
        self._training = threading.Lock()
        self._tried: tuple[tuple[int, int], str] | None = None

    def assess(self, event: RiskEvent) -> Assessment:
        self._events.remember(event)
        with self._training:
            model, missing = self._current()
        if model is not None and not finds_more(model):
            missing, model = _no_more(model), None
        if model is None:
            score, reasons = weighed(event.variables)
            basis = f"{RULES_ONLY}: {missing}"
        else:
            score, reasons = model.score(event.variables)
            basis = _basis(model)
        rule = decide(event.variables, score, self._limits)
        return Assessment(self.engine, score, rule.outcome, rule.id, basis, told(rule, reasons))

    def label(self, event_id: str, fraud: bool, at_ms: int) -> None:
        self._events.label(Label(event_id, fraud, at_ms))

    def forget(self, event_id: str) -> None:
        self._events.forget(event_id)

    def _current(self) -> tuple[RiskModel | None, str]:
        """The model to ask, or why there is none."""
        now = self._events.changes(), self._events.departures()
        model = self._events.model()
        if model and now[1] != model.departures:
            self._events.discard()
            model = None
        if model and (now[0] - model.upto) * NEW_SHARE < len(model.events):
            return model, ""
        if self._tried and self._tried[0] == now:
            return model, self._tried[1]
        made, missing = self._made(model)
        self._tried = (now, missing)
        return made, missing

    def _made(self, old: RiskModel | None) -> tuple[RiskModel | None, str]:
        """A model of all verdicts up to now, or why none can be made."""
        upto, departures = self._events.changes(), self._events.departures()
        examples = self._events.examples()
        if missing := too_few(examples):
            self._events.discard()
            return None, missing
        try:
            model = self._train(examples)
        except EngineMissing as error:
            return old, error.reason
        self._events.keep(replace(model, upto=upto, departures=departures))
        if self._events.departures() != departures:
            self._events.discard()
            return None, "an event was forgotten while a model was made of it"
        return self._events.model(), ""


def finds_more(model: RiskModel) -> bool:
    """Whether the model has shown on the latest events that it finds more than the rules."""
    return model.quality is not None and model.quality.surely >= SURE


def _no_more(model: RiskModel) -> str:
    """Why a model that there is does not score."""
    quality = model.quality or NOT_MEASURED
    return (
        f"a model of {len(model.events)} verdicts has not shown that it finds more"
        f" (AUC {quality.auc:.3f}, the rules {quality.rules_auc:.3f})"
    )


def _basis(model: RiskModel) -> str:
    told_of = f"a model of {len(model.events)} verdicts, {model.frauds} of them fraud"
    quality = model.quality or NOT_MEASURED
    return (
        f"{told_of}; on the latest {quality.events} AUC {quality.auc:.3f},"
        f" (the rules {quality.rules_auc:.3f}), calibration error {quality.ece:.3f}"
    )


def check() -> None:
    """Raise ``EngineMissing`` where no model could be made; the rules need nothing."""
    if find_spec("sklearn") is None:
        raise EngineMissing("risk model", "scikit-learn is not installed here: rules only")
