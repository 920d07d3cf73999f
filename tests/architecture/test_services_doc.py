"""``docs/services.md`` says which calls are made to AWS: it must say all of them, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import boto3
import pytest

from chalicelib.config import Settings
from local import aws_services
from local.aws_services import CLOSED, NOT_CHECKED, OPEN, SERVICES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "services.md").read_text("utf-8")
POLICIES = ROOT / ".chalice" / "policies"
ADAPTERS = ROOT / "chalicelib" / "adapters" / "aws"
CLIENTS = {
    "Athena": "athena",
    "Augmented AI": "sagemaker-a2i-runtime",
    "Bedrock": "bedrock-runtime",
    "Comprehend": "comprehend",
    "EventBridge": "events",
    "Fraud Detector": "frauddetector",
    "Lex V2": "lexv2-runtime",
    "Personalize": "personalize",
    "Personalize events": "personalize-events",
    "Personalize runtime": "personalize-runtime",
    "S3": "s3",
    "SNS": "sns",
    "SQS": "sqs",
    "SageMaker": "sagemaker-runtime",
    "Secrets Manager": "secretsmanager",
    "Transcribe": "transcribe",
}
OTHER_WAYS = {"dynamo_table.py", "dynamo_contacts.py", "dynamo_feed.py", "dynamo_listing.py"}
"""Modules that speak to DynamoDB through pynamodb."""
IAM = {
    "head_object": "s3:GetObject",
    "list_objects_v2": "s3:ListBucket",
    "list_object_versions": "s3:ListBucketVersions",
    "delete_objects": "s3:DeleteObjectVersion",
    "send_message_batch": "sqs:SendMessage",
    "delete_message_batch": "sqs:DeleteMessage",
    "converse": "bedrock:InvokeModel",
}
"""Where the permission has another name than the operation."""


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, its head left out."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows[1:]]


CALLS = table("Calls")


@cache
def methods(service: str) -> dict[str, str]:
    """The methods of a service's client, each with its operation."""
    client = boto3.client(service, region_name="eu-central-1")
    return dict(client.meta.method_to_api_mapping)


@cache
def signing_name(service: str) -> str:
    return str(boto3.client(service, region_name="eu-central-1").meta.service_model.signing_name)


def named(path: Path) -> Iterator[str]:
    """Attributes and texts of a module: what could be the method of a client."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def made() -> set[tuple[str, str]]:
    """Every call that an adapter makes, with its module."""
    known = {method for service in CLIENTS.values() for method in methods(service)}
    return {
        (name, path.name)
        for path in ADAPTERS.glob("*.py")
        if path.name not in OTHER_WAYS
        for name in named(path)
        if name in known
    }


def test_the_page_names_the_calls_that_are_made_and_no_others():
    assert {(call, adapter) for _, call, _, adapter in CALLS} == made()


@pytest.mark.parametrize(("service", "call", "permission", "adapter"), CALLS)
def test_a_call_stands_with_the_permission_that_it_needs(service, call, permission, adapter):
    operation = methods(CLIENTS[service])[call]
    assert permission == IAM.get(call, f"{signing_name(CLIENTS[service])}:{operation}")


def test_what_the_package_does_not_grant_is_said_on_the_page():
    paths = [*POLICIES.glob("*.json"), ROOT / "infrastructure" / "functions.yaml"]
    text = "\n".join(path.read_text("utf-8") for path in paths)
    granted = set(re.findall(r"\b[a-z0-9-]+:[A-Z][A-Za-z]+\b", text))
    lacking = {(service, action) for service, _, action, _ in CALLS if action not in granted}
    (told,) = [
        line for line in PAGE.splitlines() if line.startswith("**Not granted by the package**")
    ]
    assert all(action in told or service.split()[0] in told for service, action in lacking)
    assert all(service != "S3" or action in told for service, action in lacking)


def test_the_page_tells_the_status_that_doctor_tells():
    rows = [[each.name, each.status, each.since, each.instead] for each in SERVICES]
    assert table("Status") == rows


def test_a_status_is_dated_where_it_is_a_closing():
    assert {each.status for each in SERVICES} == {OPEN, NOT_CHECKED, CLOSED}
    for each in SERVICES:
        assert bool(re.fullmatch(r"\d{4}-\d\d-\d\d", each.since)) == (each.status == CLOSED)


def test_doctor_tells_which_setting_chooses_a_service():
    chosen = Settings(speech="call-analytics", insight="comprehend")
    lines = list(aws_services.lines(aws_services.told(chosen)))
    by = "chosen by LOUPE_SPEECH=call-analytics"
    assert f"Amazon Transcribe: no notice found; {by}" in lines
    assert "Amazon Comprehend: no notice found; chosen by LOUPE_INSIGHT=comprehend" in lines
    assert all("closed" in line or "no" in line for line in lines)


def test_doctor_warns_of_what_nobody_new_can_have_though_nothing_chooses_it():
    lines = list(aws_services.lines(aws_services.told(Settings())))
    closed = [line for line in lines if CLOSED in line]
    assert [line.split(":")[0] for line in closed] == [
        s.name for s in SERVICES if s.status == CLOSED
    ]
    assert all("since 20" in line and "instead:" in line for line in closed)
    assert not any("chosen by" in line for line in lines)
