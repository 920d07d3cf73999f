"""The local endpoint that contract tests talk to: it hears what boto3 says, and fails as AWS does."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from tests import aws_faults
from tests.aws_endpoint import REGION, Refused, Service, asked, client, serving
from tests.aws_faults import Cut, Garbage, Stall, with_errors, with_fields

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAMPAIGN = f"arn:aws:personalize:{REGION}:111122223333:campaign/next"
FLOW = f"arn:aws:sagemaker:{REGION}:111122223333:flow-definition/review"
BOT = {"botId": "ABCDEFGHIJ", "botAliasId": "TSTALIASID", "localeId": "en_US"}
SAID = {**BOT, "sessionId": "c-1:2", "text": "it was fine ☺"}
UNDERSTOOD = {
    "messages": [{"contentType": "PlainText", "content": "From 1 to 5?"}],
    "sessionState": {
        "intent": {"name": "Survey", "state": "InProgress", "slots": {"Score": None}},
        "dialogAction": {"type": "ElicitSlot", "slotToElicit": "Score"},
    },
    "interpretations": [{"intent": {"name": "Survey"}, "nluConfidence": {"score": 0.9}}],
    "sessionId": "c-1:2",
}
MOODS = {"Positive": 1.0, "Negative": 0.0, "Neutral": 0.0, "Mixed": 0.0}
BATCH = {"TextList": ["good", "good"], "LanguageCode": "en"}
JUDGED = {
    "ResultList": [
        {"Index": i, "Sentiment": "POSITIVE", "SentimentScore": MOODS} for i in range(2)
    ],
    "ErrorList": [],
}
LOOP = {
    "HumanLoopName": "c-1",
    "CreationTime": NOON,
    "HumanLoopStatus": "InProgress",
    "HumanLoopArn": f"arn:aws:sagemaker:{REGION}:111122223333:human-loop/c-1",
    "FlowDefinitionArn": FLOW,
}
EVENT = {"eventType": "shown", "sentAt": NOON, "properties": "{}", "impression": ["a", "b"]}

TRIPS: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "an_utterance": ("lexv2-runtime", "RecognizeText", SAID, UNDERSTOOD),
    "a_session_is_removed": (
        "lexv2-runtime",
        "DeleteSession",
        {**BOT, "sessionId": "c-1"},
        {**BOT, "sessionId": "c-1"},
    ),
    "recommendations": (
        "personalize-runtime",
        "GetRecommendations",
        {"campaignArn": CAMPAIGN, "userId": "u", "numResults": 2, "context": {"reason": "billing"}},
        {"itemList": [{"itemId": "a", "score": 0.5}], "recommendationId": "r"},
    ),
    "events_with_times": (
        "personalize-events",
        "PutEvents",
        {"trackingId": "t", "sessionId": "c-1", "eventList": [EVENT]},
        {},
    ),
    "a_model_gets_bytes": (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "risk-1", "Body": b"\x00{}", "ContentType": "text/csv", "InferenceId": "c"},
        {"Body": b"0.7", "ContentType": "text/csv", "InvokedProductionVariant": "one"},
    ),
    "a_human_loop_by_its_path": (
        "sagemaker-a2i-runtime",
        "DescribeHumanLoop",
        {"HumanLoopName": "c-1"},
        LOOP,
    ),
    "human_loops_by_a_query": (
        "sagemaker-a2i-runtime",
        "ListHumanLoops",
        {"FlowDefinitionArn": FLOW, "MaxResults": 3, "CreationTimeAfter": NOON},
        {"HumanLoopSummaries": []},
    ),
    "a_batch_in_json_1_1": ("comprehend", "BatchDetectSentiment", BATCH, JUDGED),
    "a_prediction": (
        "frauddetector",
        "DeleteEvent",
        {"eventId": "c-1", "eventTypeName": "contact", "deleteAuditHistory": True},
        {},
    ),
    "a_document_as_bytes": (
        "comprehend",
        "ClassifyDocument",
        {
            "Bytes": b"a",
            "EndpointArn": f"arn:aws:comprehend:{REGION}:111122223333:document-classifier-endpoint/t",
        },
        {"Classes": [{"Name": "billing", "Score": 0.9}]},
    ),
    "a_job_that_deletes_data": (
        "personalize",
        "DescribeDataDeletionJob",
        {"dataDeletionJobArn": f"arn:aws:personalize:{REGION}:111122223333:data-deletion-job/j"},
        {"dataDeletionJob": {"status": "ACTIVE", "creationDateTime": NOON}},
    ),
}  # fmt: skip


def fake(service: str, operation: str, answer: Mapping[str, Any]) -> Service:
    made = Service(service, {})

    def keep(params: dict[str, Any]) -> dict[str, Any]:
        made.requests.append(params)
        return dict(answer)

    made._operations = {operation: keep}
    return made


def ask(aws: Any, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    names = {v: k for k, v in aws.meta.method_to_api_mapping.items()}
    answer = getattr(aws, names[operation])(**params)
    del answer["ResponseMetadata"]
    return {k: v.read() if hasattr(v, "read") else v for k, v in answer.items()}


@pytest.mark.parametrize(("service", "operation", "params", "answer"), TRIPS.values(), ids=TRIPS)
def test_the_service_gets_what_the_caller_passed_and_the_caller_what_it_said(
    service, operation, params, answer
):
    made = fake(service, operation, answer)
    with asked(made) as aws:
        got = ask(aws, operation, params)
    assert made.requests == [params]
    assert got == answer | ({"Body": answer["Body"]} if "Body" in answer else {})
    assert made.called == [operation]


ERRORS = {
    "throttled": (aws_faults.THROTTLED, "ThrottlingException", 429),
    "broken": (aws_faults.BROKEN, "InternalServerException", 500),
    "a_function_failed": (aws_faults.DEPENDENCY, "DependencyFailedException", 424),
    "a_function_answered_wrongly": (aws_faults.GATEWAY, "BadGatewayException", 502),
}


@pytest.mark.parametrize(("fault", "code", "status"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_raised_by_its_type_and_the_next_call_is_answered(fault, code, status):
    made = fake("lexv2-runtime", "RecognizeText", UNDERSTOOD)
    made.faults.append(fault)
    with asked(made) as aws:
        with pytest.raises(getattr(aws.exceptions, code)) as raised:
            aws.recognize_text(**SAID)
        assert aws.recognize_text(**SAID)["sessionId"] == "c-1:2"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert len(made.requests) == 1


BROKEN = {
    "a_body_that_is_cut_off": (Cut(3), (ConnectionClosedError, ResponseStreamingError)),
    "an_answer_that_comes_too_late": (Stall(30), ReadTimeoutError),
    "a_proxy_answers": (Garbage(status=502), ClientError),
}


@pytest.mark.parametrize("service", ["lexv2-runtime", "comprehend"])
@pytest.mark.parametrize(("fault", "error"), BROKEN.values(), ids=BROKEN)
def test_a_connection_can_break(service, fault, error):
    operation, params, answer = {
        "lexv2-runtime": ("RecognizeText", SAID, UNDERSTOOD),
        "comprehend": ("BatchDetectSentiment", BATCH, JUDGED),
    }[service]
    made = fake(service, operation, answer)
    made.faults.append(fault)
    with asked(made, read_timeout=0.2) as aws:
        with pytest.raises(error):
            ask(aws, operation, params)
        assert ask(aws, operation, params) == answer


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [("lexv2-runtime", "RecognizeText", SAID), ("comprehend", "BatchDetectSentiment", BATCH)],
)
def test_something_else_that_answers_looks_like_an_answer_without_fields(
    service, operation, params
):
    """So an adapter must miss the fields that it needs."""
    made = fake(service, operation, UNDERSTOOD if service == "lexv2-runtime" else JUDGED)
    made.faults.append(Garbage())
    with asked(made) as aws:
        assert ask(aws, operation, params) == {}


def test_an_answer_can_say_what_no_model_knows():
    made = fake("comprehend", "BatchDetectSentiment", JUDGED)
    odd = {**JUDGED["ResultList"][0], "Sentiment": "PUZZLED"}
    made.faults += [with_fields(ResultList=[odd, odd], Weather="fine")]
    with asked(made) as aws:
        got = ask(aws, "BatchDetectSentiment", BATCH)
    assert [each["Sentiment"] for each in got["ResultList"]] == ["PUZZLED"] * 2
    assert "Weather" not in got  # boto3 drops it; that it is no error is the point


def test_single_texts_of_a_batch_can_fail():
    made = fake("comprehend", "BatchDetectSentiment", JUDGED)
    made.faults.append(with_errors("InternalServerException", 1))
    with asked(made) as aws:
        got = ask(aws, "BatchDetectSentiment", BATCH)
    assert [each["Index"] for each in got["ResultList"]] == [0]
    assert [each["Index"] for each in got["ErrorList"]] == [1]


def posted(url: str, headers: Mapping[str, str], body: bytes = b"{}") -> tuple[int, str]:
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with io.BytesIO(error.read()) as told:
            kind = error.headers.get("x-amzn-errortype")
            return error.code, kind or json.load(told)["__type"]


SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260302/eu-central-1/comprehend/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "Comprehend_20171127.BatchDetectSentiment",
}
STRANGE = {
    "unsigned": ({"authorization": ""}, 403, "IncompleteSignatureException"),
    "signed_for_another_service": (
        {"authorization": SIGNED["authorization"].replace("comprehend", "lex")},
        403,
        "IncompleteSignatureException",
    ),
    "signed_for_another_region": (
        {"authorization": SIGNED["authorization"].replace(REGION, "us-east-1")},
        403,
        "IncompleteSignatureException",
    ),
    "cbor": ({"content-type": "application/cbor"}, 415, "UnsupportedProtocol"),
    "smithy": ({"smithy-protocol": "rpc-v2-cbor"}, 415, "UnsupportedProtocol"),
    "json_1_0": ({"content-type": "application/x-amz-json-1.0"}, 415, "UnsupportedProtocol"),
    "of_another_service": (
        {"x-amz-target": "Textract.DetectDocumentText"},
        400,
        "UnknownOperationException",
    ),
    "of_no_operation": (
        {"x-amz-target": "Comprehend_20171127.Guess"},
        400,
        "UnknownOperationException",
    ),
    "of_an_operation_that_nobody_wrote": (
        {"x-amz-target": "Comprehend_20171127.DetectSyntax"},
        400,
        "UnknownOperationException",
    ),
    "with_too_little": ({}, 400, "BadRequestException"),
}


@pytest.mark.parametrize(("headers", "status", "kind"), STRANGE.values(), ids=STRANGE)
def test_a_request_is_refused(headers, status, kind):
    with serving(fake("comprehend", "BatchDetectSentiment", JUDGED)) as url:
        assert posted(url + "/", SIGNED | headers) == (status, kind)


def test_a_path_that_no_operation_has_is_refused():
    lex = {"authorization": SIGNED["authorization"].replace("comprehend", "lex")}
    with serving(fake("lexv2-runtime", "RecognizeText", UNDERSTOOD)) as url:
        assert posted(f"{url}/bots/x", lex) == (404, "UnknownOperationException")


def test_a_limit_is_kept_by_the_endpoint_too_for_clients_without_the_hook():
    with (
        serving(fake("comprehend", "BatchDetectSentiment", JUDGED)) as url,
        client(url, "comprehend", strictly=False) as aws,
        pytest.raises(ClientError, match="26 texts of 25"),
    ):
        aws.batch_detect_sentiment(TextList=["a"] * 26, LanguageCode="en")


def test_a_fake_that_says_what_the_service_does_not_say_is_told_so():
    with (
        asked(fake("comprehend", "BatchDetectSentiment", {"ResultList": [], "Moods": []})) as aws,
        pytest.raises(ClientError, match="FakeIsWrong") as raised,
    ):
        aws.batch_detect_sentiment(**BATCH)
    assert "answer.ErrorList is missing" in str(raised.value)
    assert "answer.Moods is unknown" in str(raised.value)


@pytest.mark.parametrize("service", ["sns", "s3"])
def test_a_service_of_another_protocol_is_refused_at_once(service):
    with pytest.raises(NotImplementedError, match=f"{service} speaks"):
        Service(service, {})


def test_errors_of_an_operation_are_named_as_it_names_them():
    made = fake("frauddetector", "DeleteEvent", {})
    made.faults.append(Refused(400, "ResourceNotFoundException", "no event type"))
    with asked(made) as aws, pytest.raises(aws.exceptions.ResourceNotFoundException):
        aws.delete_event(eventId="c-1", eventTypeName="contact")
