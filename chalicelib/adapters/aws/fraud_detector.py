"""Risk by Amazon Fraud Detector: a detector of the account scores the event and its rules decide.

The service is closed to new customers (2025-11-07) and may have ended; this adapter is for those who have a
detector. The events and verdicts are kept here as well: Fraud Detector takes no label for an event that it
does not store, so an event is sent again together with its first verdict where the service says that it knows
none, and a verdict that came before its event waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, unavailable
from chalicelib.adapters.risk_events import Label, RiskEvents
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.follow_up import Reason
from chalicelib.domain.risk.features import event_id
from chalicelib.domain.risk.rules import OUTCOMES, TOP, Thresholds, decide, told, weighed
from chalicelib.domain.transcript import Engine
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.instants import iso
from chalicelib.ports.prediction import Assessment, RiskEvent
from chalicelib.ports.storage import ObjectStore

API = "2019-11-15"
NOBODY = "unknown"
MOST_CHARACTERS = 8192
_ENTITY = re.compile(r"[0-9A-Za-z_.@+-]{1,256}")
_RETRIED = ("ConflictException", "ResourceUnavailableException")
_UNKNOWN = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class Detector:
    """What the account calls its detector. ``version`` empty: the active one. ``labels``: fraud, legit."""

    id: str
    event_type: str
    version: str = ""
    entity_type: str = "customer"
    labels: tuple[str, str] = ("fraud", "legit")


class FraudDetectorRisk:
    """A ``RiskAssessor`` at the service: variables and the customer's pseudonym leave this process.

    ``store`` keeps events and verdicts."""

    engine = Engine("Amazon Fraud Detector", API, "GetEventPrediction")

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - botocore makes its classes at run time
        detector: Detector,
        store: ObjectStore,
        limits: Thresholds | None = None,
    ) -> None:
        self._client = client
        self._detector = detector
        self._events = RiskEvents(store)
        self._limits = limits or Thresholds()

    def assess(self, event: RiskEvent) -> Assessment:
        """Score and outcome of the detector. An outcome that is none of Loupe's goes by the score."""
        self._events.remember(event)
        asked = {"detectorId": self._detector.id, **self._sent(event)}
        if self._detector.version:
            asked["detectorVersionId"] = self._detector.version
        with _translated("GetEventPrediction"):
            answer = self._client.get_event_prediction(**asked)
        assessment = self._read(event, answer)
        if label := self._events.verdict(event.id):
            self._tell(label, event)
        return assessment

    def label(self, event_id: str, fraud: bool, at_ms: int) -> None:
        """Kept here first, then told to the service, which may not know the event yet."""
        label = Label(event_id, fraud, at_ms)
        self._events.label(label)
        self._tell(label, self._events.event(event_id))

    def forget(self, event_id: str) -> None:
        """At the service first, with its audit history: what breaks off is asked for again."""
        named = self._named(event_id)
        _knew("DeleteEvent", self._client.delete_event, **named, deleteAuditHistory=True)
        self._events.forget(event_id)

    def _tell(self, label: Label, event: RiskEvent | None) -> None:
        """The verdict to an event that the service stores; else the event goes along."""
        named = self._named(label.event_id)
        fraud, legit = self._detector.labels
        told = {
            "assignedLabel": fraud if label.fraud else legit,
            "labelTimestamp": iso(label.at_ms),
        }
        if _knew("UpdateEventLabel", self._client.update_event_label, **named, **told):
            return
        if event:
            _knew("SendEvent", self._client.send_event, **self._sent(event), **told)

    def _named(self, name: str) -> dict[str, Any]:
        return {"eventId": event_id(name), "eventTypeName": self._detector.event_type}

    def _sent(self, event: RiskEvent) -> dict[str, Any]:
        return {
            **self._named(event.id),
            "entities": [
                {"entityType": self._detector.entity_type, "entityId": _entity(event.customer_ref)}
            ],
            "eventTimestamp": iso(event.at_ms),
            "eventVariables": {
                name: text[:MOST_CHARACTERS] for name, text in event.variables.items() if text
            },
        }

    def _read(self, event: RiskEvent, answer: Mapping[str, Any]) -> Assessment:
        scores = list(_scores(answer))
        own_score, own_reasons = weighed(event.variables)
        score = max((value for _, value in scores), default=own_score)
        basis = (
            "a model of Amazon Fraud Detector"
            if scores
            else "rules of Amazon Fraud Detector, which gave no score: the score is Loupe's own weights"
        )
        reasons = tuple(Reason(f"score of {name}", name, f"{value:g}") for name, value in scores)
        found = _outcome(answer)
        if found:
            rule_id, outcome = found
            first = Reason(f"rule {rule_id} of the detector", rule_id, outcome)
            all_reasons = (first, *(reasons or own_reasons))
            return Assessment(self.engine, score, outcome, rule_id, basis, all_reasons)
        rule = decide(event.variables, score, self._limits)
        more = (
            Reason("the detector named no outcome that is known here"),
            *(reasons or own_reasons),
        )
        return Assessment(self.engine, score, rule.outcome, rule.id, basis, told(rule, more))


def _scores(answer: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Each score by the name of model and score, within 0..1000."""
    for model in answer.get("modelScores") or ():
        version = model.get("modelVersion") or {}
        name = version.get("modelId") or version.get("arn") or "the model"
        for kind, value in sorted((model.get("scores") or {}).items()):
            if not 0 <= value <= TOP:
                raise Unavailable("Fraud Detector: a score is not in 0..1000")
            yield f"{name} {kind}", float(value)


def _outcome(answer: Mapping[str, Any]) -> tuple[str, str] | None:
    """The severest known outcome of the rules that matched, with the first rule that names it."""
    known: Sequence[tuple[str, str]] = [
        (rule.get("ruleId") or "", outcome.replace("_", "-"))
        for rule in answer.get("ruleResults") or ()
        for outcome in rule.get("outcomes") or ()
        if outcome.replace("_", "-") in OUTCOMES
    ]
    return max(known, key=lambda found: OUTCOMES.index(found[1]), default=None)


def _entity(ref: str | None) -> str:
    if not ref:
        return NOBODY
    return ref if _ENTITY.fullmatch(ref) and ref != NOBODY else fingerprint(ref)


def _knew(what: str, call: Callable[..., object], **params: object) -> bool:
    """Whether the service knew what the call was about."""
    with _translated(what):
        try:
            call(**params)
        except AWS_ERRORS as error:
            if code_of(error) != _UNKNOWN:
                raise
            return False
    return True


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Raise ``Unavailable`` for AWS's errors."""
    try:
        yield
    except AWS_ERRORS as error:
        code = code_of(error)
        if code in _RETRIED:
            raise Unavailable(f"Fraud Detector: {what}: {code}") from error
        raise unavailable(error, f"Fraud Detector: {what}") from error
