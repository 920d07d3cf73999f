"""Risk by an endpoint of Amazon SageMaker AI, which AWS names in place of Fraud Detector.

The endpoint gets ``application/json``

    {"event_id": "...", "event_timestamp": "2026-05-01T10:00:00.000Z", "entity_id": "..." or null,
     "variables": {"channel": "voice", "failed_verifications": "2"}}

and answers ``{"probability": 0.87}``, a calibrated probability of fraud, with ``"reasons"`` if it has any: a
list of ``{"name": "failed_verifications", "weight": 310.5}`` in points of the score. The score is 1,000 times
the probability; the outcome is that of Loupe's ordered rules. An endpoint learns nothing from a call: the
verdicts are kept here, as what its owner trains it with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, unavailable
from chalicelib.adapters.risk_events import Label, RiskEvents
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.follow_up import Reason
from chalicelib.domain.risk.features import event_id
from chalicelib.domain.risk.rules import TOP, Thresholds, decide, number, told
from chalicelib.domain.transcript import Engine
from chalicelib.formats.instants import iso
from chalicelib.ports.prediction import Assessment, RiskEvent
from chalicelib.ports.storage import ObjectStore

JSON = "application/json"
API = "2017-05-13"
MOST_BYTES, MOST_REASONS = 65_536, 5
_RETRIED = ("ModelNotReadyException", "InternalDependencyException")


class SageMakerRisk:
    """A ``RiskAssessor`` at an endpoint: variables and the customer's pseudonym leave this process.

    ``store`` keeps events and verdicts."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - botocore makes its classes at run time
        endpoint: str,
        store: ObjectStore,
        limits: Thresholds | None = None,
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._events = RiskEvents(store)
        self._limits = limits or Thresholds()
        self.engine = Engine("Amazon SageMaker AI", API, f"InvokeEndpoint {endpoint}")

    def assess(self, event: RiskEvent) -> Assessment:
        self._events.remember(event)
        answer = _parsed(self._asked(event))
        score = TOP * _probability(answer)
        reasons = tuple(_reasons(answer, event.variables))
        rule = decide(event.variables, score, self._limits)
        basis = f"the model behind the endpoint {self._endpoint}"
        return Assessment(self.engine, score, rule.outcome, rule.id, basis, told(rule, reasons))

    def label(self, event_id: str, fraud: bool, at_ms: int) -> None:
        self._events.label(Label(event_id, fraud, at_ms))

    def forget(self, event_id: str) -> None:
        self._events.forget(event_id)

    def _asked(self, event: RiskEvent) -> bytes:
        name = event_id(event.id)
        body = {
            "event_id": name,
            "event_timestamp": iso(event.at_ms),
            "entity_id": event.customer_ref,
            "variables": dict(event.variables),
        }
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self._endpoint,
                ContentType=JSON,
                Accept=JSON,
                InferenceId=name,
                Body=json.dumps(body).encode(),
            )
            read: bytes = answer["Body"].read(MOST_BYTES + 1)
        except AWS_ERRORS as error:
            raise _unavailable(error) from error
        return read


def _unavailable(error: Exception) -> Unavailable:
    """A container's own error passes if it is one of the server, not if it refuses what it was sent."""
    code = code_of(error)
    what = "SageMaker: InvokeEndpoint"
    if code == "ModelError" and isinstance(error, ClientError):
        status = int(error.response.get("OriginalStatusCode") or 500)
        return Unavailable(f"{what}: {code} {status}", retryable=status >= 500 or status == 429)
    if code in _RETRIED:
        return Unavailable(f"{what}: {code}")
    return unavailable(error, what)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise Unavailable("SageMaker: the answer is not the JSON that is agreed on")
    return answer


def _probability(answer: Mapping[str, Any]) -> float:
    value = answer.get("probability")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise Unavailable("SageMaker: the answer has no probability from 0 to 1")
    return float(value)


def _reasons(answer: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[Reason]:
    """Reasons that name a variable of the event; others are words of a stranger."""
    given = answer.get("reasons")
    for each in given[:MOST_REASONS] if isinstance(given, list) else ():
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str) and name in variables:
            weight = number(str(each.get("weight")))
            yield Reason(f"{name}, as the endpoint says", name, variables[name], weight)
