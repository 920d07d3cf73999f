"""What is deployed: least privilege, safe buckets, queues between events and functions, real events.

``make package`` itself (about a minute) is run by ``.ci/run``; these tests read its sources.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.aws.dynamo_items import table_definition
from chalicelib.api.routes import ROUTES
from chalicelib.config import STATEMENT_JUDGES, Settings
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import Span
from chalicelib.formats.eventbridge import hints, work_order
from functions.acoustics.work import Order
from scripts import package, zips
from scripts.infrastructure import heavy_functions, template

ROOT = Path(__file__).resolve().parents[2]
POLICIES = sorted((ROOT / ".chalice" / "policies").glob("*.json"))
CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
TEMPLATE = template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
HEAVY = {function.logical_id: function for function in heavy_functions()}
HANDLERS = {"ingest", "speech", "facts", "follow_ups", "reconcile"}
CALLED = {"lex_fulfilment"}
"""Handlers that no queue feeds: who calls them waits for the answer."""


def camel(handler):
    """A handler's name in the template."""
    return "".join(part.capitalize() for part in handler.split("_"))


ANY_RESOURCE_ALLOWED = {
    "transcribe:StartTranscriptionJob",
    "transcribe:StartCallAnalyticsJob",
    "comprehend:BatchDetectDominantLanguage",
    "comprehend:BatchDetectEntities",
    "comprehend:BatchDetectSentiment",
    "comprehend:DetectPiiEntities",
    "comprehend:BatchDetectKeyPhrases",
    "comprehend:BatchDetectTargetedSentiment",
    "comprehend:DetectToxicContent",
}
"""Actions that IAM offers no resource for."""


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {n: r["Properties"] for n, r in RESOURCES.items() if r.get("Type") == kind}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def plain(statements: list[Any]) -> Iterator[dict[str, Any]]:
    """Statements, the ones behind a condition included."""
    for statement in statements:
        yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def documents() -> Iterator[tuple[str, list[Any]]]:
    """Every permission policy by its owner."""
    for path in POLICIES:
        yield path.stem, json.loads(path.read_text("utf-8"))["Statement"]
    for name, role in of_type("AWS::IAM::Role").items():
        yield from ((name, p["PolicyDocument"]["Statement"]) for p in role["Policies"])
    for name, function in of_type("AWS::Serverless::Function").items():
        yield from ((name, p["Statement"]) for p in function["Policies"])


def all_grants() -> Iterator[tuple[str, dict[str, Any]]]:
    for owner, statements in documents():
        yield from ((f"{owner}.{s['Sid']}", s) for s in plain(statements))


GRANTS = list(all_grants())


def granted(handler: str, action: str) -> str:
    """Everything that the handler's policy lets this action touch, as text."""
    touched = [
        s["Resource"]
        for name, s in GRANTS
        if name.startswith(f"{handler}.") and action in s["Action"]
    ]
    return json.dumps(touched)


def bare(statement: dict[str, Any]) -> bool:
    return "*" in [r for r in listed(statement["Resource"]) if isinstance(r, str)]


class TestPolicies:
    def test_every_function_has_a_policy_of_its_own(self):
        functions = CONFIG["stages"][package.STAGE]["lambda_functions"]
        files = [f["iam_policy_file"] for f in functions.values()]
        assert CONFIG["autogen_policy"] is False
        assert set(functions) == HANDLERS | CALLED | {"api_handler"}
        assert sorted(files) == [f"policies/{p.name}" for p in POLICIES]

    @pytest.mark.parametrize(("name", "statement"), GRANTS, ids=[name for name, _ in GRANTS])
    def test_a_grant_names_its_actions_and_resources(self, name, statement):
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", a) for a in listed(statement["Action"]))
        if bare(statement):
            assert set(statement["Action"]) <= ANY_RESOURCE_ALLOWED

    def test_the_api_reads_nothing_with_personal_data_in_products(self):
        assert "RawBucket" not in granted("api", "s3:GetObject")
        assert "RawKey" not in granted("api", "kms:Decrypt")
        assert "RedactedBucket" in granted("api", "s3:GetObject")

    def test_the_api_writes_what_people_decide_and_nothing_else(self):
        written = json.loads(granted("api", "s3:PutObject"))
        flat = [w for one in written for w in (one if isinstance(one, list) else [one])]
        prefix = "${RedactedBucket.Arn}/"
        assert sorted({one["Fn::Sub"].removeprefix(prefix) for one in flat}) == [
            "control/*",
            "redacted/artifacts/*/evaluations/*",
        ]
        assert granted("api", "s3:DeleteObject") == "[]"

    @pytest.mark.parametrize("handler", ["facts", "reconcile"])
    def test_who_delivers_writes_what_came_of_actions_and_nothing_else(self, handler):
        names = (
            "actions",
            "actions-pending",
            "action-slots",
            "alerts",
            "review-items",
            "reviews-of",
        )
        whole = [{"Fn::Sub": f"${{RedactedBucket.Arn}}/control/{name}/*"} for name in names]
        sweeps = {"Fn::Sub": "${RedactedBucket.Arn}/control/sweeps/*"}
        evaluations = [
            {"Fn::Sub": "${RedactedBucket.Arn}/control/evaluations/*"},
            {"Fn::Sub": "${RedactedBucket.Arn}/redacted/artifacts/*/evaluations/*"},
        ]
        follow_ups = [
            {"Fn::Sub": "${RedactedBucket.Arn}/control/follow-ups/*"},
            {"Fn::Sub": "${RedactedBucket.Arn}/control/follow-up-days/*"},
        ]
        delivered = [whole, follow_ups, evaluations]
        labels = [{"Fn::Sub": f"${{RedactedBucket.Arn}}/control/{n}/*"} for n in ("labels", "risk")]
        loops = [{"Fn::Sub": "${RedactedBucket.Arn}/control/review-loops/*"}]
        written = {"facts": delivered, "reconcile": [sweeps, *delivered, labels]}
        removed = {"facts": [[whole[1]]], "reconcile": [[whole[1]], loops]}
        assert json.loads(granted(handler, "s3:PutObject")) == written[handler]
        assert json.loads(granted(handler, "s3:DeleteObject")) == removed[handler]

    def test_who_carries_out_follow_ups_opens_reviews(self):
        written = granted("follow_ups", "s3:PutObject")
        for name in ("review-items", "reviews-of", "review-loops"):
            assert "${RedactedBucket.Arn}/control/" + name in written

    @pytest.mark.parametrize("handler", ["facts", "reconcile"])
    def test_who_evaluates_by_a_rule_reads_the_form_and_the_analysis(self, handler):
        read = granted(handler, "s3:GetObject")
        for key in ("control/evaluation-forms/*", "redacted/artifacts/*/analysis/*"):
            assert "${RedactedBucket.Arn}/" + key in read

    def test_who_delivers_may_notify_the_one_topic_where_there_is_one(self):
        asking = {n: s["Resource"] for n, s in GRANTS if "sns:Publish" in listed(s["Action"])}
        topic = {"Ref": "NotificationTopicArn"}
        assert asking == {"facts.Notify": topic, "reconcile.Notify": topic}
        behind = {
            s["Fn::If"][0]
            for _, statements in documents()
            for s in statements
            if "Fn::If" in s and s["Fn::If"][1]["Sid"] == "Notify"
        }
        assert behind == {"HasNotificationTopic"}

    @pytest.mark.parametrize("handler", ["api", "ingest", "reconcile"])
    def test_who_needs_the_rules_reads_them(self, handler):
        assert "${RedactedBucket.Arn}/control/*" in granted(handler, "s3:GetObject")
        assert '["RedactedBucket", "Arn"]' in granted(handler, "s3:ListBucket")

    def test_the_past_is_swept_by_one_handler_and_asked_for_by_three(self):
        swept = json.loads(granted("ingest", "s3:PutObject"))[-1]
        assert swept == {"Fn::Sub": "${RedactedBucket.Arn}/control/sweeps/*"}
        for handler in ("api", "ingest", "reconcile"):
            assert '["IngestQueue", "Arn"]' in granted(handler, "sqs:SendMessage")

    def test_who_fulfils_intents_writes_surveys_and_tasks_and_nothing_else(self):
        names = ("surveys", "bot-deeds", "review-items", "reviews-of")
        whole = [{"Fn::Sub": f"${{RedactedBucket.Arn}}/control/{name}/*"} for name in names]
        assert json.loads(granted("lex_fulfilment", "s3:PutObject")) == [whole]
        assert granted("lex_fulfilment", "s3:DeleteObject") == "[]"

    def test_lex_is_asked_by_who_leads_dialogues_where_it_was_chosen(self):
        asking = {n: s["Resource"] for n, s in GRANTS if "lex:RecognizeText" in listed(s["Action"])}
        assert set(asking) == {"api.LeadDialogues", "follow_ups.LeadDialogues"}
        assert all(one["Fn::Sub"].endswith(":bot-alias/*") for one in asking.values())
        behind = {
            s["Fn::If"][0]
            for _, statements in documents()
            for s in statements
            if "Fn::If" in s and s["Fn::If"][1]["Sid"] == "LeadDialogues"
        }
        assert behind == {"UsesLex"}

    def test_only_lex_may_call_the_fulfilment(self):
        told = of_type("AWS::Lambda::Permission")["LexMayFulfil"]
        assert told["Principal"] == "lexv2.amazonaws.com"
        assert told["FunctionName"] == {"Ref": "LexFulfilment"}
        assert told["SourceAccount"] == {"Ref": "AWS::AccountId"}

    def test_nobody_may_write_sources_but_to_cut_an_erased_contact_out_of_its_records(self):
        writing = {
            name: json.dumps(statement["Resource"])
            for name, statement in GRANTS
            if "s3:PutObject" in listed(statement["Action"])
            and "Sources" in json.dumps(statement["Resource"])
        }
        assert set(writing) == {"ingest.CutRecords"}
        assert "contact-records/*" in writing["ingest.CutRecords"]

    def test_who_erases_reaches_every_version_in_every_bucket(self):
        for action in ("s3:DeleteObjectVersion", "s3:ListBucketVersions"):
            touched = granted("ingest", action)
            assert all(f"{name}Bucket" in touched for name in ("Sources", "Raw", "Redacted"))
        for job in ("transcribe:DeleteTranscriptionJob", "transcribe:DeleteCallAnalyticsJob"):
            assert "ingest.EraseJobs" in {n for n, s in GRANTS if job in listed(s["Action"])}
        assert "s3:DeleteObjectVersion" not in {
            a
            for n, s in GRANTS
            if n.startswith(("api.", "facts.", "reconcile."))
            for a in s["Action"]
        }

    def test_who_looks_at_contacts_may_remove_originals_where_none_is_stored(self):
        removing = {
            name
            for name, s in GRANTS
            if "s3:DeleteObject" in listed(s["Action"]) and "Sources" in json.dumps(s["Resource"])
        }
        assert removing == {
            "ingest.EraseSources",
            "ingest.RemoveSources",
            "speech.RemoveSources",
        }
        conditions = {
            (s["Fn::If"][1]["Sid"], s["Fn::If"][0], json.dumps(s["Fn::If"][2]))
            for _, statements in documents()
            for s in statements
            if "Fn::If" in s and s["Fn::If"][1]["Sid"] in ("RemoveSources", "ForgetJobs")
        }
        nothing = json.dumps({"Ref": "AWS::NoValue"})
        assert conditions == {
            ("RemoveSources", "RawIsNeverStored", nothing),
            ("ForgetJobs", "RawIsNeverStored", nothing),
        }
        assert TEMPLATE["Conditions"]["RawIsNeverStored"] == {
            "Fn::Equals": [{"Ref": "RawStorage"}, "never"]
        }

    @pytest.mark.parametrize("handler", sorted(HANDLERS))
    def test_a_handler_takes_from_its_own_queue_only(self, handler):
        own = [{"Fn::GetAtt": [f"{camel(handler)}Queue", "Arn"]}]
        assert json.loads(granted(handler, "sqs:ReceiveMessage")) == own

    @pytest.mark.parametrize(
        "action",
        [
            "BatchDetectDominantLanguage",
            "BatchDetectEntities",
            "BatchDetectSentiment",
            "DetectPiiEntities",
        ],
    )
    def test_who_reads_text_may_ask_comprehend_and_nobody_else(self, action):
        asking = {name for name, s in GRANTS if f"comprehend:{action}" in listed(s["Action"])}
        again = set() if "Pii" in action else {"follow_ups.ReadAgain"}
        deeper = {"follow_ups.ReadDeeper"} if "Language" in action else set()
        masking = {f"{owner}.FindPersonalData" for owner in ("api", "follow_ups", "lex_fulfilment")}
        masks = masking if action == "DetectPiiEntities" else set()
        assert asking == {"ingest.ReadText", "speech.ReadText"} | again | deeper | masks

    def test_who_carries_out_follow_ups_reads_deeper_where_that_was_chosen(self):
        own = dict(documents())["follow_ups"]
        behind = {s["Fn::If"][1]["Sid"]: s["Fn::If"] for s in own if "Fn::If" in s}
        assert {sid: each[0] for sid, each in behind.items()} == {
            "ReadAgain": "UsesComprehend",
            "ReadDeeper": "UsesInsight",
            "Classify": "UsesClassifier",
            "LeadDialogues": "UsesLex",
            "FindPersonalData": "UsesComprehend",
            "AssessRisk": "UsesFraudDetector",
            "AskRiskEndpoint": "UsesRiskEndpoint",
            "RankNextActions": "UsesPersonalize",
            "TeachNextActions": "UsesPersonalize",
            "AskReviewers": "HasReviewFlow",
            "ReadReviewers": "HasReviewFlow",
        }
        assert behind["Classify"][1]["Resource"] == {"Ref": "ComprehendClassifier"}

    def test_comprehend_may_be_asked_only_where_it_was_chosen(self):
        (chosen,) = {
            s["Fn::If"][0]
            for _, statements in documents()
            for s in statements
            if "Fn::If" in s and s["Fn::If"][1]["Sid"] in ("ReadText", "FindPersonalData")
        }
        parameters = [e["Fn::Equals"][0]["Ref"] for e in TEMPLATE["Conditions"][chosen]["Fn::Or"]]
        assert parameters == ["SentimentEngine", "PiiEngine", "LanguageIdEngine", "EntityEngine"]

    @pytest.mark.parametrize(
        ("sid", "action", "condition"),
        [
            pytest.param("AskModel", "bedrock:InvokeModel", "UsesModel", id="models"),
            pytest.param(
                "AskGuardrail", "bedrock:ApplyGuardrail", "UsesGuardrail", id="guardrails"
            ),
        ],
    )
    def test_only_who_reads_text_asks_what_was_chosen_and_named(self, sid, action, condition):
        asking = {name for name, s in GRANTS if action in listed(s["Action"])}
        assert asking == {f"ingest.{sid}", f"speech.{sid}"}
        behind = [
            (s["Fn::If"][0], json.dumps(s["Fn::If"][1]["Resource"]))
            for _, statements in documents()
            for s in statements
            if "Fn::If" in s and s["Fn::If"][1]["Sid"] == sid
        ]
        assert [each for each, _ in behind] == [condition] * 2
        assert all("Ref" in resource and "*" not in resource for _, resource in behind)

    @pytest.mark.parametrize("name", HEAVY)
    def test_a_heavy_function_may_not_do_more_than_it_asks(self, name):
        asked = {a for s in HEAVY[name].told["policy"] for a in s["Action"]}
        trigger = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}
        around = trigger | {"sqs:GetQueueAttributes", "kms:Decrypt", "kms:GenerateDataKey"}
        around |= {"logs:CreateLogStream", "logs:PutLogEvents"}
        given = {a for owner, s in GRANTS if owner.startswith(f"{name}.") for a in s["Action"]}
        assert asked <= given <= asked | around

    def test_audio_redaction_writes_redacted_audio_and_nothing_else(self):
        (written,) = json.loads(granted("AudioRedaction", "s3:PutObject"))
        assert written == {"Fn::Sub": "${RedactedBucket.Arn}/redacted/audio/*"}


class TestStorage:
    @pytest.mark.parametrize("name", ["SourcesBucket", "RawBucket", "RedactedBucket"])
    def test_a_bucket_is_private_encrypted_versioned_and_tells_eventbridge(self, name):
        bucket = of_type("AWS::S3::Bucket")[name]
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"] == {
            "EventBridgeEnabled": True
        }
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        key = rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]["Fn::GetAtt"][0]
        assert key == name.replace("Bucket", "Key")
        assert RESOURCES[key]["Properties"]["EnableKeyRotation"] is True
        assert RESOURCES[name]["DeletionPolicy"] == "Retain"

    @pytest.mark.parametrize("name", ["SourcesBucket", "RawBucket", "RedactedBucket"])
    def test_a_bucket_answers_over_tls_only(self, name):
        (statement,) = of_type("AWS::S3::BucketPolicy")[f"{name}Policy"]["PolicyDocument"][
            "Statement"
        ]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_the_table_is_the_one_that_the_adapter_uses(self):
        table = of_type("AWS::DynamoDB::Table")["ContactsTable"]
        defined = table_definition()
        assert {name: table[name] for name in defined} == defined

    def test_the_table_can_be_restored_to_any_minute(self):
        table = RESOURCES["ContactsTable"]
        restore = table["Properties"]["PointInTimeRecoverySpecification"]
        assert restore == {"PointInTimeRecoveryEnabled": True}
        assert table["DeletionPolicy"] == "Retain"


class TestQueues:
    @pytest.mark.parametrize(
        "name",
        [f"{name}Queue" for name in (*map(camel, sorted(HANDLERS)), *HEAVY)],
    )
    def test_a_queue_has_dead_letters_with_an_alarm(self, name):
        redrive = of_type("AWS::SQS::Queue")[name]["RedrivePolicy"]
        dead = redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]
        alarms = json.dumps(of_type("AWS::CloudWatch::Alarm"))
        assert redrive["maxReceiveCount"] == Settings().max_receives
        assert f'"Fn::GetAtt": ["{dead}", "QueueName"]' in alarms
        assert f'"Fn::GetAtt": ["{name}", "QueueName"]' in alarms

    @pytest.mark.parametrize("handler", sorted(HANDLERS))
    def test_a_message_is_hidden_for_six_times_the_handlers_time_limit(self, handler):
        limit = CONFIG["stages"][package.STAGE]["lambda_functions"][handler]["lambda_timeout"]
        queue = of_type("AWS::SQS::Queue")[f"{camel(handler)}Queue"]
        assert queue["VisibilityTimeout"] >= 6 * limit

    @pytest.mark.parametrize("name", HEAVY)
    def test_a_heavy_function_too_has_six_times_its_time_limit(self, name):
        queue = of_type("AWS::SQS::Queue")[f"{name}Queue"]
        assert queue["VisibilityTimeout"] >= 6 * HEAVY[name].told["timeoutS"]
        assert RESOURCES[name]["Properties"]["Events"][f"{name}SqsEventSource"]["Properties"][
            "Queue"
        ] == {"Fn::GetAtt": [f"{name}Queue", "Arn"]}

    @pytest.mark.parametrize("handler", sorted(HANDLERS))
    def test_one_failed_message_does_not_bring_back_the_batch(self, handler):
        events = RESOURCES[camel(handler)]["Properties"]["Events"]
        (source,) = events.values()
        assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]

    @pytest.mark.parametrize(("name", "rule"), of_type("AWS::Events::Rule").items(), ids=str)
    def test_a_rule_calls_no_function_but_a_queue_that_lets_it(self, name, rule):
        for target in rule["Targets"]:
            queue = target["Arn"]["Fn::GetAtt"][0]
            dead = target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
            assert RESOURCES[queue]["Type"] == "AWS::SQS::Queue"
            for policy in (f"{queue}Policy", f"{dead}Policy"):
                assert f'["{name}", "Arn"]' in json.dumps(of_type("AWS::SQS::QueuePolicy")[policy])

    def test_what_the_ingest_handler_writes_does_not_wake_it(self):
        rules = of_type("AWS::Events::Rule")
        redacted = rules["ProductWrittenRule"]["EventPattern"]["detail"]["object"]["key"]
        raw = rules["TranscriptWrittenRule"]["EventPattern"]["detail"]["object"]["key"]
        assert redacted == [
            {"wildcard": "redacted/artifacts/*/acoustics/*"},
            {"prefix": "redacted/audio/"},
        ]
        assert raw == [{"prefix": "raw/transcribe/"}]


class TestFunctions:
    def test_the_environment_holds_only_settings_that_exist(self):
        variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        names = {n.removeprefix("LOUPE_").lower() for n in variables if n.startswith("LOUPE_")}
        assert names <= set(Settings.__dataclass_fields__)

    def test_every_setting_of_a_place_on_aws_is_given(self):
        variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        places = {"bucket", "table", "event_bus", "queue", "data_access_role", "api_secret"}
        wanted = {n for n in Settings.__dataclass_fields__ if any(p in n for p in places)}
        assert {f"LOUPE_{n.upper()}" for n in wanted} <= set(variables)

    def test_a_classifier_is_named_only_where_comprehend_asks_it(self):
        rule = TEMPLATE["Rules"]["ClassifierIsAskedByComprehend"]
        assert '"ComprehendClassifier"' in json.dumps(rule["RuleCondition"])
        (needed,) = rule["Assertions"]
        assert needed["Assert"] == {"Fn::Equals": [{"Ref": "InsightEngine"}, "comprehend"]}

    def test_sentences_in_rules_are_judged_only_where_there_is_a_model_on_aws(self):
        variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        parameter = variables["LOUPE_RULE_STATEMENTS"]["Ref"]
        told = TEMPLATE["Parameters"][parameter]
        assert (told["Default"], tuple(told["AllowedValues"])) == ("off", STATEMENT_JUDGES)
        rule = TEMPLATE["Rules"]["SentencesNeedAModel"]
        assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": parameter}, "model"]}
        (needed,) = rule["Assertions"]
        assert needed["Assert"] == TEMPLATE["Conditions"]["UsesModel"]

    def test_no_threshold_is_asked_for_where_there_are_no_vectors(self):
        requirements = (ROOT / "requirements.txt").read_text("utf-8")
        variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        assert ("LOUPE_SEMANTIC_THRESHOLD" in variables) is ("onnxruntime" in requirements)

    @pytest.mark.parametrize("name", [*map(camel, sorted(HANDLERS | CALLED)), "APIHandler", *HEAVY])
    def test_a_function_logs_where_logs_are_kept_for_a_while(self, name):
        group = RESOURCES[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        assert of_type("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {
            "Ref": "LogRetentionDays"
        }


CLEAN = """
import socket
socket.socket.connect = None
import app, json, sys
print(json.dumps({
    "loaded": [m for m in ("boto3", "pynamodb", "numpy", "local") if m in sys.modules],
    "handlers": sorted(app.app.handler_map),
    "strings": sorted(source.handler_string for source in app.app.event_sources),
    "called": sorted(one.handler_string for one in app.app.pure_lambda_functions),
    "routes": sorted([m, p] for p, by in app.app.routes.items() for m in by),
    "signed": sorted({e.authorizer.name for by in app.app.routes.values() for e in by.values()}),
}))
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, Any]:
    """What importing ``app.py`` gives with nothing in the environment: no credentials, no region."""
    done = subprocess.run(
        [sys.executable, "-c", CLEAN], cwd=ROOT, env={}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


class TestApp:
    def test_importing_it_loads_no_cloud_library(self, imported):
        assert imported["loaded"] == []

    def test_every_handler_lives_in_app_so_that_its_middleware_runs(self, imported):
        assert imported["called"] == sorted(f"app.{h}" for h in CALLED)
        assert imported["strings"] == sorted(f"app.{h}" for h in HANDLERS)

    def test_every_route_of_the_api_is_mounted_and_signed(self, imported):
        assert imported["routes"] == sorted([r.method, r.path] for r in ROUTES)
        assert imported["signed"] == ["sigv4"]


@pytest.mark.parametrize("name", sorted(TEMPLATE["Parameters"]))
def test_every_parameter_is_described_where_deployment_is(name):
    assert f"| `{name}` |" in (ROOT / "docs" / "deploy.md").read_text("utf-8")


EVENTS = sorted((ROOT / "events").glob("*.json"))


class TestEvents:
    def test_there_is_a_real_shaped_event_for_every_trigger(self):
        there = {p.stem.partition(".")[0] for p in EVENTS}
        assert there >= HANDLERS | CALLED | {"api", "sqs_acoustics", "sqs_audio_redaction"}

    @pytest.mark.parametrize(
        "path", [p for p in EVENTS if p.stem.startswith("ingest.")], ids=lambda p: p.stem
    )
    def test_ingest_reads_its_events(self, path):
        read = json.loads(path.read_text("utf-8"))
        found = [hint for record in read["Records"] for hint in hints(record["body"])]
        assert len(found) == (0 if path.stem == "ingest.s3-test" else 1)

    def test_speech_reads_its_event(self):
        read = json.loads((ROOT / "events" / "speech.waiting.json").read_text("utf-8"))
        assert [h.contact_id for r in read["Records"] for h in hints(r["body"])]

    def test_acoustics_reads_its_event(self):
        read = json.loads((ROOT / "events" / "sqs_acoustics.json").read_text("utf-8"))
        assert [Order.from_json(r["body"]).artifact_key for r in read["Records"]]

    def test_audio_redaction_reads_its_event(self):
        read = json.loads((ROOT / "events" / "sqs_audio_redaction.json").read_text("utf-8"))
        orders = [CopyOrder.from_body(json.loads(r["body"])) for r in read["Records"]]
        assert [order.silences for order in orders] == [((Span(850, 2150),), ())]

    def test_follow_ups_reads_its_event(self):
        read = json.loads((ROOT / "events" / "follow_ups.due.json").read_text("utf-8"))
        assert [work_order(r["body"]).keys() for r in read["Records"]] == [
            {"contactId", "followUp"}
        ]

    def test_the_schedule_is_no_hint(self):
        read = json.loads((ROOT / "events" / "reconcile.scheduled.json").read_text("utf-8"))
        with pytest.raises(InputRefused):
            hints(read["Records"][0]["body"])


class TestPacking:
    LOCK = "a==1 \\\n    --hash=sha256:00\nb-c==2.1 ; sys_platform == 'linux' \\\n    --hash=sha256:11\n"

    def test_pins_keep_versions_and_markers_and_lose_hashes(self):
        assert package.pins(self.LOCK) == "a==1\nb-c==2.1 ; sys_platform == 'linux'\n"

    def test_a_function_gets_the_locks_hashes(self, tmp_path):
        (tmp_path / "lock.txt").write_text(self.LOCK)
        (tmp_path / "wanted.txt").write_text("a==1\n")
        locked = package.locked_like(tmp_path / "wanted.txt", tmp_path / "lock.txt")
        assert locked == "a==1 \\\n    --hash=sha256:00"

    def test_a_requirement_that_is_not_locked_stops_the_packaging(self, tmp_path):
        (tmp_path / "lock.txt").write_text(self.LOCK)
        (tmp_path / "wanted.txt").write_text("a==2\n")
        with pytest.raises(SystemExit, match="locked"):
            package.locked_like(tmp_path / "wanted.txt", tmp_path / "lock.txt")

    @pytest.fixture
    def packed(self, tmp_path: Path) -> Path:
        folder = tmp_path / "code"
        folder.mkdir()
        (folder / "good.py").write_text("import boto3\ndef run(e, c): pass\n")
        (folder / "bad.py").write_text("import numpy\ndef run(e, c): pass\n")
        zips.pack(folder, tmp_path / "code.zip")
        return tmp_path / "code.zip"

    def test_a_zip_ships_byte_code(self, packed):
        tag = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
        assert f"__pycache__/good.{tag}.pyc" in zipfile.ZipFile(packed).namelist()

    def test_the_same_content_gives_the_same_zip(self, packed):
        before = packed.read_bytes()
        zips.repack(packed)
        assert packed.read_bytes() == before

    def test_a_handler_that_needs_only_what_lambda_has_is_fine(self, packed):
        assert "imports alone" in zips.check(packed, ["good.run"])

    @pytest.mark.parametrize("handler", ["bad.run", "good.missing", "absent.run"])
    def test_a_handler_that_cannot_be_imported_stops_the_packaging(self, packed, handler):
        with pytest.raises(SystemExit, match="cannot be imported"):
            zips.check(packed, [handler])
