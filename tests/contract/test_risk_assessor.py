"""What every assessor of risk promises to the follow-up that asks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.adapters.aws.fraud_detector import Detector, FraudDetectorRisk
from chalicelib.adapters.aws.sagemaker_risk import SageMakerRisk
from chalicelib.adapters.engines.risk_local import LocalRisk
from chalicelib.adapters.risk_events import RiskEvents
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.risk.features import event_id
from chalicelib.domain.risk.rules import OUTCOMES, Thresholds
from chalicelib.ports.prediction import RiskAssessor, RiskEvent
from tests.aws_endpoint import asked
from tests.aws_faults import BROKEN, THROTTLED, Cut, Garbage
from tests.aws_wire import Refused
from tests.fakes.stores import MemoryObjects
from tests.risk_services import DETECTOR, ENDPOINT, EVENT_TYPE, Endpoint, FraudDetector

NINE_MS = 1_767_603_600_123
EVENT = RiskEvent(
    "0a1b2c3d-0000-4000-8000-00000000000a",
    NINE_MS,
    {"channel": "voice", "failed_verifications": "2", "urgency_terms": "1"},
    "cu-0123456789abcdef",
)
QUIET = RiskEvent("quiet-1", NINE_MS, {"channel": "chat", "failed_verifications": "0"})


@pytest.fixture
def store() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def service() -> FraudDetector:
    return FraudDetector()


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def detector(service, store) -> Iterator[FraudDetectorRisk]:
    with asked(service) as client:
        yield FraudDetectorRisk(client, Detector(DETECTOR, EVENT_TYPE), store)


@pytest.fixture
def sagemaker(endpoint, store) -> Iterator[SageMakerRisk]:
    with asked(endpoint) as client:
        yield SageMakerRisk(client, ENDPOINT, store)


@pytest.fixture
def local(store) -> LocalRisk:
    return LocalRisk(store)


@pytest.fixture(params=["local", "detector", "sagemaker"])
def risk(request: pytest.FixtureRequest) -> RiskAssessor:
    return request.getfixturevalue(request.param)


def verdicts(store) -> list[bool]:
    return [example.fraud for example in RiskEvents(store).examples()]


def traces(store, event: RiskEvent) -> list[str]:
    return [stat.key for stat in store.list() if event.id.encode() in store.read(stat.key)]


# All of them


def test_an_assessment_is_whole(risk):
    found = risk.assess(EVENT)
    assert found.engine == risk.engine
    assert all((found.engine.name, found.engine.version))
    assert 0 <= found.score <= 1000
    assert found.outcome in OUTCOMES
    assert all((found.rule, found.basis, found.reasons))


def test_a_quiet_event_is_approved_with_a_reason(risk):
    found = risk.assess(QUIET)
    assert (found.score, found.outcome) == (0, "approve")
    assert found.reasons


def test_two_failed_checks_under_pressure_ask_for_a_review(risk):
    found = risk.assess(EVENT)
    assert (found.score, found.outcome, found.rule) == (700, "review", "score-review")


def test_the_same_event_has_the_same_answer_and_is_kept_once(risk, store):
    first = risk.assess(EVENT)
    kept = traces(store, EVENT)
    assert risk.assess(EVENT) == first
    assert traces(store, EVENT) == kept


def test_the_last_verdict_wins(risk, store):
    risk.assess(EVENT)
    for fraud in (True, False, True, True):
        risk.label(EVENT.id, fraud, NINE_MS)
    assert verdicts(store) == [True]
    risk.label(EVENT.id, False, NINE_MS + 1)
    assert verdicts(store) == [False]


def test_a_verdict_about_an_event_that_nobody_knows_is_kept_until_it_comes(risk, store):
    risk.label(EVENT.id, True, NINE_MS)
    assert verdicts(store) == []
    risk.assess(EVENT)
    assert verdicts(store) == [True]


def test_what_is_forgotten_leaves_no_trace_and_others_stay(risk, store):
    for event in (EVENT, QUIET):
        risk.assess(event)
        risk.label(event.id, True, NINE_MS)
    risk.forget(EVENT.id)
    assert traces(store, EVENT) == []
    assert verdicts(store) == [True]


def test_forgetting_what_is_not_there_is_no_error(risk):
    risk.forget(EVENT.id)
    risk.forget(EVENT.id)


@pytest.mark.parametrize("contact_id", ["0A1B-9", "Call 1/2", "x" * 100])
def test_an_event_is_forgotten_under_the_id_of_its_contact_too(risk, store, contact_id):
    event = replace(EVENT, id=event_id(contact_id))
    risk.assess(event)
    risk.label(contact_id, True, NINE_MS)
    assert verdicts(store) == [True]
    risk.forget(contact_id.lower())
    assert traces(store, event) == []
    assert verdicts(store) == []


def test_an_event_can_come_again_after_it_was_forgotten(risk, store):
    risk.assess(EVENT)
    risk.label(EVENT.id, True, NINE_MS)
    risk.forget(EVENT.id)
    risk.assess(EVENT)
    assert verdicts(store) == []


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(replace(EVENT, id="Call 1/2"), id="an_id_that_no_service_takes"),
        pytest.param(replace(EVENT, id="x" * 100), id="a_long_id"),
        pytest.param(replace(EVENT, customer_ref=None), id="nobody_known"),
        pytest.param(replace(EVENT, customer_ref="jo doe"), id="a_name_with_a_blank"),
        pytest.param(replace(EVENT, customer_ref="unknown"), id="a_reserved_name"),
        pytest.param(replace(EVENT, variables={**EVENT.variables, "long": "x" * 9000}), id="long"),
        pytest.param(
            replace(EVENT, variables={**EVENT.variables, "none": ""}), id="an_empty_value"
        ),
        pytest.param(replace(EVENT, at_ms=0), id="long_ago"),
    ],
)
def test_every_event_fits_into_the_limits(risk, event):
    assert risk.assess(event).score == 700
    risk.label(event.id, True, NINE_MS)
    risk.forget(event.id)


# Amazon Fraud Detector


def test_fraud_detector_is_asked_by_its_names(detector, service):
    detector.assess(EVENT)
    assert service.requests == [
        {
            "detectorId": DETECTOR,
            "eventId": EVENT.id,
            "eventTypeName": EVENT_TYPE,
            "entities": [{"entityType": "customer", "entityId": "cu-0123456789abcdef"}],
            "eventTimestamp": "2026-01-05T09:00:00.123Z",
            "eventVariables": dict(EVENT.variables),
        }
    ]


def test_fraud_detector_is_asked_for_a_version_where_one_is_named(service, store):
    with asked(service) as client:
        named = Detector(DETECTOR, EVENT_TYPE, version="3", entity_type="caller")
        FraudDetectorRisk(client, named, store).assess(replace(EVENT, customer_ref=None))
    assert service.requests[0]["detectorVersionId"] == "3"
    assert service.requests[0]["entities"] == [{"entityType": "caller", "entityId": "unknown"}]


@pytest.mark.parametrize(
    ("outcomes", "outcome", "rule"),
    [
        pytest.param(["approve"], "approve", "rule_1", id="its_rule_counts_before_the_score"),
        pytest.param(["block_callback"], "block-callback", "rule_1", id="written_its_own_way"),
        pytest.param(["approve", "review"], "review", "rule_1", id="of_several_the_severest"),
        pytest.param(["call_police"], "review", "score-review", id="unknown_goes_by_the_score"),
        pytest.param([], "review", "score-review", id="no_rule_goes_by_the_score"),
    ],
)
def test_the_outcome_of_fraud_detectors_rules_is_taken(detector, service, outcomes, outcome, rule):
    service.outcomes = outcomes
    found = detector.assess(EVENT)
    assert (found.outcome, found.rule, found.score) == (outcome, rule, 700)


def test_a_detector_without_a_model_has_the_score_of_the_own_weights_and_says_so(detector, service):
    service.scores, service.outcomes = False, ["review"]
    found = detector.assess(replace(EVENT, variables={"channel": "voice", "urgency_terms": "1"}))
    assert (found.score, found.outcome) == (100, "review")
    assert "gave no score" in found.basis


def test_a_verdict_goes_to_the_event_that_fraud_detector_stores(detector, service):
    detector.assess(EVENT)
    detector.label(EVENT.id, True, NINE_MS)
    detector.label(EVENT.id, False, NINE_MS + 1000)
    stored = service.stored[EVENT.id]
    assert (stored["assignedLabel"], stored["labelTimestamp"]) == (
        "legit",
        "2026-01-05T09:00:01.123Z",
    )
    assert "SendEvent" not in service.called


def test_an_event_that_fraud_detector_does_not_store_is_sent_with_its_verdict(detector, service):
    service.ingests = False
    detector.assess(EVENT)
    detector.label(EVENT.id, True, NINE_MS)
    stored = service.stored[EVENT.id]
    assert (stored["assignedLabel"], stored["eventVariables"]) == ("fraud", dict(EVENT.variables))


def test_a_verdict_that_came_before_its_event_is_told_with_it(detector, service):
    detector.label(EVENT.id, True, NINE_MS)
    assert service.stored == {}
    detector.assess(EVENT)
    assert service.stored[EVENT.id]["assignedLabel"] == "fraud"


def test_a_verdict_that_could_not_be_told_is_told_when_it_is_given_again(detector, service):
    detector.assess(EVENT)
    service.faults.append(THROTTLED)
    with pytest.raises(Unavailable):
        detector.label(EVENT.id, True, NINE_MS)
    detector.label(EVENT.id, True, NINE_MS)
    assert service.stored[EVENT.id]["assignedLabel"] == "fraud"


def test_fraud_detector_forgets_first_so_that_a_fault_is_asked_for_again(detector, service, store):
    detector.assess(EVENT)
    service.faults.append(BROKEN)
    with pytest.raises(Unavailable):
        detector.forget(EVENT.id)
    assert traces(store, EVENT)
    detector.forget(EVENT.id)
    assert (service.stored, traces(store, EVENT)) == ({}, [])


@pytest.mark.parametrize(
    ("fault", "retryable"),
    [
        pytest.param(THROTTLED, True, id="throttled"),
        pytest.param(BROKEN, True, id="broken"),
        pytest.param(Refused(400, "ConflictException"), True, id="somebody_else_changes_it"),
        pytest.param(Refused(400, "ResourceUnavailableException"), True, id="not_up_yet"),
        pytest.param(Refused(400, "ValidationException"), False, id="refused"),
        pytest.param(Refused(400, "ResourceNotFoundException"), False, id="no_such_detector"),
        pytest.param(Refused(403, "AccessDeniedException"), False, id="not_allowed"),
        pytest.param(Cut(), True, id="cut_off"),
    ],
)
def test_fraud_detector_that_does_not_answer_is_unavailable(detector, service, fault, retryable):
    service.faults.append(fault)
    with pytest.raises(Unavailable, match=r"^Fraud Detector: ") as caught:
        detector.assess(EVENT)
    assert caught.value.retryable is retryable
    assert "failed_verifications" not in str(caught.value)
    assert detector.assess(EVENT).score == 700


def test_a_score_beyond_the_scale_is_no_answer(service, store):
    class Wrong:
        def get_event_prediction(self, **_):
            return {"modelScores": [{"scores": {"s": 1001.0}}]}

    with pytest.raises(Unavailable, match="a score is not in"):
        FraudDetectorRisk(Wrong(), Detector(DETECTOR, EVENT_TYPE), store).assess(EVENT)


# Amazon SageMaker AI


def test_the_endpoint_is_asked_with_the_documented_request(sagemaker, endpoint):
    sagemaker.assess(EVENT)
    (request,) = endpoint.requests
    assert request["Body"] == {
        "event_id": EVENT.id,
        "event_timestamp": "2026-01-05T09:00:00.123Z",
        "entity_id": "cu-0123456789abcdef",
        "variables": dict(EVENT.variables),
    }
    assert (request["ContentType"], request["Accept"], request["InferenceId"]) == (
        "application/json",
        "application/json",
        EVENT.id,
    )


def test_the_endpoint_gives_reasons_for_variables_that_were_sent_alone(sagemaker):
    _, *reasons = sagemaker.assess(EVENT).reasons
    assert [(r.name, r.value, r.weight) for r in reasons] == [("failed_verifications", "2", 310.5)]


def test_own_rules_and_thresholds_decide_on_the_score_of_the_endpoint(endpoint, store):
    with asked(endpoint) as client:
        strict = SageMakerRisk(client, ENDPOINT, store, Thresholds(100, 650))
        assert strict.assess(EVENT).outcome == "block-callback"
        patterned = replace(EVENT, variables={**EVENT.variables, "account_change_terms": "1"})
        assert SageMakerRisk(client, ENDPOINT, store).assess(patterned).rule == (
            "failed-check-then-change"
        )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="no_json"),
        pytest.param(b"0.7", id="no_object"),
        pytest.param(b"{}", id="no_probability"),
        pytest.param(b'{"probability": "0.7"}', id="a_text"),
        pytest.param(b'{"probability": true}', id="a_truth"),
        pytest.param(b'{"probability": 1.01}', id="more_than_certain"),
        pytest.param(b'{"probability": NaN}', id="no_number"),
        pytest.param(b'{"probability": 0.7, "x": "' + b"y" * 70_000 + b'"}', id="too_large"),
        pytest.param(b"[" * 50_000, id="nested_without_end"),
    ],
)
def test_an_endpoint_that_answers_something_else_is_unavailable_for_now(sagemaker, endpoint, body):
    endpoint.answer_with = body
    with pytest.raises(Unavailable) as caught:
        sagemaker.assess(EVENT)
    assert caught.value.retryable


@pytest.mark.parametrize(
    "reasons",
    ["many", None, [1, None, {"name": ["x"]}, {"name": "urgency_terms", "weight": "heavy"}]],
    ids=["a_word", "nothing", "of_other_shapes"],
)
def test_reasons_of_another_shape_are_left_out_or_without_weight(sagemaker, endpoint, reasons):
    endpoint.answer_with = json.dumps({"probability": 0.5, "reasons": reasons}).encode()
    _, *found = sagemaker.assess(EVENT).reasons
    assert [(r.name, r.weight) for r in found] in ([], [("urgency_terms", None)])


def model_error(status: int | None) -> Garbage:
    told = {"__type": "ModelError", "Message": "x", "OriginalStatusCode": status}
    return Garbage(json.dumps(told).encode(), 424, "application/json")


@pytest.mark.parametrize(
    ("fault", "retryable"),
    [
        pytest.param(model_error(500), True, id="the_container_broke"),
        pytest.param(model_error(429), True, id="the_container_is_busy"),
        pytest.param(model_error(400), False, id="the_container_refuses"),
        pytest.param(model_error(None), True, id="the_container_says_nothing"),
        pytest.param(Refused(429, "ModelNotReadyException"), True, id="not_loaded_yet"),
        pytest.param(Refused(530, "InternalDependencyException"), True, id="a_dependency"),
        pytest.param(Refused(503, "ServiceUnavailable"), True, id="no_service"),
        pytest.param(Refused(400, "ThrottlingException"), True, id="throttled"),
        pytest.param(Refused(400, "ValidationError"), False, id="no_such_endpoint"),
        pytest.param(Refused(403, "AccessDeniedException"), False, id="not_allowed"),
        pytest.param(Cut(), True, id="cut_off"),
    ],
)
def test_an_endpoint_that_does_not_answer_is_unavailable(sagemaker, endpoint, fault, retryable):
    endpoint.faults.append(fault)
    with pytest.raises(Unavailable, match=r"^SageMaker: ") as caught:
        sagemaker.assess(EVENT)
    assert caught.value.retryable is retryable
    assert sagemaker.assess(EVENT).score == 700
