"""Amazon Fraud Detector and an endpoint of SageMaker as far as Loupe asks them, behind ``aws_endpoint``."""

from __future__ import annotations

import json
from typing import Any

from tests.aws_endpoint import Service
from tests.aws_wire import Refused

DETECTOR, EVENT_TYPE, ENTITY_TYPE, ENDPOINT = "contacts", "contact", "customer", "risk-1"


def score_of(variables: dict[str, str]) -> float:
    """What both say of an event: 300 for each failed check, 100 for each urgent turn."""
    failed, urgent = variables.get("failed_verifications", "0"), variables.get("urgency_terms", "0")
    return min(1000.0, 300.0 * float(failed) + 100.0 * float(urgent))


class FraudDetector(Service):
    """``stored``: events by their id, with label and time of it once they are told. ``outcomes``: what its
    one rule says, whatever the score; empty: it gives the score alone. ``scores``: whether it has a model."""

    invalid = "ValidationException"

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.outcomes: list[str] = []
        self.scores = True
        self.ingests = True
        super().__init__(
            "frauddetector",
            {
                "GetEventPrediction": self._predict,
                "SendEvent": self._send,
                "UpdateEventLabel": self._label,
                "DeleteEvent": self._delete,
            },
        )

    def _predict(self, params: dict[str, Any]) -> dict[str, Any]:
        self._known(params)
        if params["detectorId"] != DETECTOR:
            raise Refused(400, "ResourceNotFoundException", "there is no such detector")
        self.requests.append(params)
        if self.ingests:
            before = self.stored.get(params["eventId"], {})
            self.stored[params["eventId"]] = {**before, **_event(params)}
        version = {
            "modelId": "contacts_model",
            "modelType": "ONLINE_FRAUD_INSIGHTS",
            "modelVersionNumber": "1.0",
        }
        scores = {"contacts_model_insightscore": score_of(params["eventVariables"])}
        return {
            "modelScores": [{"modelVersion": version, "scores": scores}] if self.scores else [],
            "ruleResults": [{"ruleId": "rule_1", "outcomes": self.outcomes}]
            if self.outcomes
            else [],
        }

    def _send(self, params: dict[str, Any]) -> dict[str, Any]:
        self._known(params)
        if ("assignedLabel" in params) != ("labelTimestamp" in params):
            raise Refused(400, "ValidationException", "a label and its time belong together")
        self.stored[params["eventId"]] = {**_event(params), **_told(params)}
        return {}

    def _label(self, params: dict[str, Any]) -> dict[str, Any]:
        self._known(params)
        if params["eventId"] not in self.stored:
            raise Refused(400, "ResourceNotFoundException", "no such event")
        self.stored[params["eventId"]] |= _told(params)
        return {}

    def _delete(self, params: dict[str, Any]) -> dict[str, Any]:
        self._known(params)
        if params.get("deleteAuditHistory") is not True:
            raise Refused(400, "ValidationException", "this test wants the history gone, too")
        self.stored.pop(params["eventId"], None)
        return {}

    def _known(self, params: dict[str, Any]) -> None:
        if params["eventTypeName"] != EVENT_TYPE:
            raise Refused(400, "ValidationException", "there is no such event type")


def _event(params: dict[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in ("eventVariables", "eventTimestamp", "entities")}


def _told(params: dict[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in ("assignedLabel", "labelTimestamp") if name in params}


class Endpoint(Service):
    """``answer_with``: another body than the right one."""

    invalid = "ValidationError"

    def __init__(self) -> None:
        self.answer_with: bytes | None = None
        super().__init__("sagemaker-runtime", {"InvokeEndpoint": self._invoke})

    def _invoke(self, params: dict[str, Any]) -> dict[str, Any]:
        if params["EndpointName"] != ENDPOINT:
            raise Refused(400, "ValidationError", "there is no such endpoint")
        asked = json.loads(params["Body"])
        self.requests.append({**params, "Body": asked})
        probability = score_of(asked["variables"]) / 1000
        reasons = [{"name": "failed_verifications", "weight": 310.5}, {"name": "moon", "weight": 1}]
        body = json.dumps({"probability": probability, "reasons": reasons}).encode()
        return {
            "Body": body if self.answer_with is None else self.answer_with,
            "ContentType": "application/json",
        }
