"""What AWS refuses, boto3 sends and the hook of the contract tests stops: measured, row by row."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader

from tests import strict, strict_limits
from tests.aws_endpoint import REGION

BOTOCORE_REFUSES, OF = 9, 29
CAMPAIGN = f"arn:aws:personalize:{REGION}:111122223333:campaign/next"
FLOW = f"arn:aws:sagemaker:{REGION}:111122223333:flow-definition/review"
BOT = {"botId": "ABCDEFGHIJ", "botAliasId": "TSTALIASID", "localeId": "en_US"}
CLASSIFIER = f"arn:aws:comprehend:{REGION}:111122223333:document-classifier-endpoint/topics"

PREDICTION = {
    "detectorId": "contacts",
    "eventId": "c-1",
    "eventTypeName": "contact",
    "entities": [{"entityType": "customer", "entityId": "a.b-1"}],
    "eventTimestamp": "2026-03-02T10:00:00Z",
    "eventVariables": {"hour": "10"},
}
RECOMMENDATIONS = {"campaignArn": CAMPAIGN, "userId": "u1", "numResults": 500}
EVENT = {"eventType": "shown", "sentAt": 1_700_000_000, "properties": '{"reason": "billing"}'}
EVENTS = {"trackingId": "t", "sessionId": "c-1", "eventList": [EVENT]}
SAID = {**BOT, "sessionId": "c-1", "text": "it was fine"}
BATCH = {"TextList": ["a" * 5000] * 25, "LanguageCode": "en"}
TRANSLATION = {"Text": "a" * 10_000, "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
SPEECH = {
    "OutputFormat": "pcm",
    "SampleRate": "8000",
    "VoiceId": "Joanna",
    "TextType": "ssml",
    "Text": "<speak>Hello.</speak>",
}
LOOP = {
    "HumanLoopName": "c-1-review",
    "FlowDefinitionArn": FLOW,
    "HumanLoopInput": {"InputContent": "{}"},
}
INDEX = {"IndexId": "a" * 36, "QueryText": "refund"}
CHANNELS = [
    {"ChannelId": 0, "ParticipantRole": "CUSTOMER"},
    {"ChannelId": 1, "ParticipantRole": "AGENT"},
]
JOB = {
    "CallAnalyticsJobName": "job-1",
    "Media": {"MediaFileUri": "s3://bucket/key.wav"},
    "ChannelDefinitions": CHANNELS,
}

PREDICT = ("frauddetector", "get_event_prediction")
RECOMMEND = ("personalize-runtime", "get_recommendations")
TELL = ("personalize-events", "put_events")
SAY = ("lexv2-runtime", "recognize_text")
MOODS = ("comprehend", "batch_detect_sentiment")
TRANSLATE = ("translate", "translate_text")
SPEAK = ("polly", "synthesize_speech")
REVIEW = ("sagemaker-a2i-runtime", "start_human_loop")
SEARCH = ("kendra", "retrieve")
ANALYSE = ("transcribe", "start_call_analytics_job")

GOOD = {
    "a_prediction": (PREDICT, PREDICTION),
    "recommendations": (RECOMMEND, RECOMMENDATIONS),
    "ten_events": (TELL, EVENTS | {"eventList": [EVENT] * 10}),
    "an_utterance_of_1024": (SAY, SAID | {"text": "a" * 1024}),
    "25_documents_of_5000_bytes": (MOODS, BATCH),
    "10000_bytes_to_translate": (TRANSLATE, TRANSLATION),
    "a_prompt": (SPEAK, SPEECH),
    "a_human_loop": (REVIEW, LOOP | {"HumanLoopName": "a" * 63}),
    "a_search": (SEARCH, INDEX),
    "a_call_of_two_channels": (ANALYSE, JOB),
    "a_message": (("sqs", "send_message"), {"QueueUrl": "https://q", "MessageBody": "é"}),
    "a_prediction_of_a_model": (
        ("sagemaker-runtime", "invoke_endpoint"),
        {"EndpointName": "risk-1", "Body": b"{}", "InferenceId": "c-1"},
    ),
    "ten_segments": (
        ("comprehend", "detect_toxic_content"),
        {"TextSegments": [{"Text": "a" * 1000}] * 10, "LanguageCode": "en"},
    ),
}  # fmt: skip


def without(params: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key != name}


YES, NO = True, False
"""Whether botocore alone refuses the row."""
BAD = {
    "no_event_timestamp": (PREDICT, without(PREDICTION, "eventTimestamp"), YES),
    "a_variable_that_is_a_number": (PREDICT, PREDICTION | {"eventVariables": {"hour": 10}}, YES),
    "an_entity_id_with_a_blank": (
        PREDICT,
        PREDICTION | {"entities": [{"entityType": "customer", "entityId": "a b"}]},
        NO,
    ),
    "no_variables": (PREDICT, PREDICTION | {"eventVariables": {}}, NO),
    "a_timestamp_out_of_utc": (
        PREDICT,
        PREDICTION | {"eventTimestamp": "2026-03-02T10:00:00+01:00"},
        NO,
    ),
    "an_unknown_parameter": (RECOMMEND, RECOMMENDATIONS | {"limit": 3}, YES),
    "a_campaign_that_is_no_arn": (RECOMMEND, RECOMMENDATIONS | {"campaignArn": "next"}, NO),
    "501_results": (RECOMMEND, RECOMMENDATIONS | {"numResults": 501}, NO),
    "properties_as_a_map": (TELL, EVENTS | {"eventList": [EVENT | {"properties": {}}]}, YES),
    "eleven_events": (TELL, EVENTS | {"eventList": [EVENT] * 11}, NO),
    "an_empty_utterance": (SAY, SAID | {"text": ""}, YES),
    "a_bot_id_of_nine_characters": (SAY, SAID | {"botId": "ABCDEFGHI"}, YES),
    "an_utterance_of_1025": (SAY, SAID | {"text": "a" * 1025}, NO),
    "a_session_with_a_slash": (SAY, SAID | {"sessionId": "c/1"}, NO),
    "an_empty_document": (MOODS, BATCH | {"TextList": [""]}, YES),
    "26_documents": (MOODS, BATCH | {"TextList": ["a"] * 26}, NO),
    "a_document_of_5001_bytes": (MOODS, BATCH | {"TextList": ["é" * 2500 + "a"]}, NO),
    "a_language_that_is_not_served": (MOODS, BATCH | {"LanguageCode": "fi"}, NO),
    "10001_characters": (TRANSLATE, TRANSLATION | {"Text": "a" * 10_001}, NO),
    "30000_bytes_in_10000_characters": (TRANSLATE, TRANSLATION | {"Text": "好" * 10_000}, NO),
    "a_voice_that_does_not_exist": (SPEAK, SPEECH | {"VoiceId": "Ada"}, NO),
    "pcm_at_44100": (SPEAK, SPEECH | {"SampleRate": "44100"}, NO),
    "broken_ssml": (SPEAK, SPEECH | {"Text": "<speak>AT&T</speak>"}, NO),
    "a_loop_in_upper_case": (REVIEW, LOOP | {"HumanLoopName": "C-1"}, NO),
    "a_loop_of_64_characters": (REVIEW, LOOP | {"HumanLoopName": "a" * 64}, NO),
    "a_short_index": (SEARCH, INDEX | {"IndexId": "a"}, YES),
    "a_call_of_one_channel": (ANALYSE, JOB | {"ChannelDefinitions": CHANNELS[:1]}, YES),
    "a_role_that_does_not_exist": (
        ANALYSE,
        JOB | {"ChannelDefinitions": [CHANNELS[0], CHANNELS[1] | {"ParticipantRole": "BOT"}]},
        NO,
    ),
    "a_job_name_with_a_blank": (ANALYSE, JOB | {"CallAnalyticsJobName": "job 1"}, NO),
}
MORE = {
    "eleven_segments": (
        ("comprehend", "detect_toxic_content"),
        {"TextSegments": [{"Text": "a"}] * 11, "LanguageCode": "en"},
    ),
    "a_segment_of_1001_bytes": (
        ("comprehend", "detect_toxic_content"),
        {"TextSegments": [{"Text": "a" * 1001}], "LanguageCode": "en"},
    ),
    "toxicity_in_german": (
        ("comprehend", "detect_toxic_content"),
        {"TextSegments": [{"Text": "a"}], "LanguageCode": "de"},
    ),
    "100001_bytes_of_personal_data": (
        ("comprehend", "detect_pii_entities"),
        {"Text": "a" * 100_001, "LanguageCode": "en"},
    ),
    "a_document_of_10001_bytes_to_classify": (
        ("comprehend", "classify_document"),
        {"Text": "a" * 10_001, "EndpointArn": CLASSIFIER},
    ),
    "a_document_given_twice": (
        ("comprehend", "classify_document"),
        {"Text": "a", "Bytes": b"a", "EndpointArn": CLASSIFIER},
    ),
    "properties_that_are_no_json": (TELL, EVENTS | {"eventList": [EVENT | {"properties": "a=1"}]}),
    "a_reserved_attribute": (SAY, SAID | {"requestAttributes": {"x-amz-lex:x": "1"}}),
    "ssml_without_speak": (SPEAK, SPEECH | {"Text": "<p>Hello.</p>"}),
    "a_body_that_is_too_large": (
        ("sagemaker-runtime", "invoke_endpoint"),
        {"EndpointName": "risk", "Body": b" " * 6_291_457},
    ),
    "a_control_character_in_an_id": (
        ("sagemaker-runtime", "invoke_endpoint"),
        {"EndpointName": "risk", "Body": b"", "InferenceId": "a\tb"},
    ),
    "an_event_that_is_no_json": (
        ("events", "put_events"),
        {"Entries": [{"Source": "loupe", "DetailType": "x", "Detail": "no"}]},
    ),
    "a_subject_of_two_lines": (
        ("sns", "publish"),
        {"TopicArn": "arn:aws:sns:x:1:t", "Message": "m", "Subject": "a\nb"},
    ),
    "a_wait_of_21_seconds": (
        ("sqs", "receive_message"),
        {"QueueUrl": "https://q", "WaitTimeSeconds": 21},
    ),
}
SERVICES = (
    "bedrock-runtime", "comprehend", "dynamodb", "events", "frauddetector", "kendra",
    "lexv2-models", "lexv2-runtime", "personalize", "personalize-events", "personalize-runtime",
    "polly", "s3", "sagemaker-a2i-runtime", "sagemaker-runtime", "secretsmanager", "sns", "sqs",
    "transcribe", "translate",
)  # fmt: skip


class Passed(Exception):
    """boto3 was about to send the request."""


def send(call: tuple[str, str], params: dict[str, Any], *, strictly: bool) -> None:
    """Raises what refuses the request, or ``Passed``."""
    service, operation = call
    client = boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )

    def stop(**_: Any) -> None:
        raise Passed

    client.meta.events.register("before-send", stop)
    if strictly:
        strict.install(client)
    try:
        getattr(client, operation)(**params)
    finally:
        client.close()


@pytest.mark.parametrize(("call", "params"), GOOD.values(), ids=GOOD)
def test_a_request_that_aws_takes_is_sent(call, params):
    with pytest.raises(Passed):
        send(call, params, strictly=True)


@pytest.mark.parametrize(
    ("call", "params"), [row[:2] for row in (*BAD.values(), *MORE.values())], ids=[*BAD, *MORE]
)
def test_a_request_that_aws_refuses_is_not_sent(call, params):
    with pytest.raises((strict.WouldBeRefused, ParamValidationError)):
        send(call, params, strictly=True)


@pytest.mark.parametrize(("call", "params", "refused"), BAD.values(), ids=BAD)
def test_botocore_alone_sends_most_of_them(call, params, refused):
    with pytest.raises(ParamValidationError if refused else Passed):
        send(call, params, strictly=False)


def test_of_29_bad_requests_botocore_refuses_9():
    assert len(BAD) == OF
    assert sum(refused for *_, refused in BAD.values()) == BOTOCORE_REFUSES


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_the_services_is_understood(service):
    shapes = Loader().load_service_model(service, "service-2")["shapes"]
    for pattern in {shape["pattern"] for shape in shapes.values() if "pattern" in shape}:
        strict.compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        pytest.param(r"\p{ASCII}*", "é", False, id="no_ascii"),
        pytest.param(r"\A\S[\p{Print}]*\z", "a\n", False, id="not_printable"),
        pytest.param(r"[\w]+", "é", False, id="a_word_is_ascii"),
        pytest.param(r"^[\p{L}\p{Z}]+$", "é a", True, id="letters_and_blanks"),
        pytest.param(r"^[a-z]+$", "a\n", False, id="no_line_break_at_the_end"),
        pytest.param(
            r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "a😀", True, id="pairs"
        ),
    ],
)
def test_patterns_are_read_as_java_reads_them(pattern, text, fits):
    assert bool(strict.compiled(pattern).fullmatch(text)) is fits


def test_the_table_of_documented_limits_names_operations_that_exist():
    for service, operation in strict_limits.LIMITS:
        assert operation in Loader().load_service_model(service, "service-2")["operations"]
