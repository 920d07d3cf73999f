"""The description of the API is valid, complete and not stale."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from chalicelib.api import openapi
from chalicelib.api.resolver import resolver
from chalicelib.api.routes import ROUTES
from local import openapi as command

COMMITTED = command.COMMITTED


@pytest.fixture(scope="module")
def document():
    return json.loads(COMMITTED.read_text(encoding="utf-8"))


def test_the_committed_document_is_the_one_that_the_routes_make():
    assert COMMITTED.read_text(encoding="utf-8") == openapi.text(resolver()), (
        "stale: run python -m local.openapi"
    )


def test_it_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_it_describes_exactly_the_routes(document):
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }
    assert described == {(r.method, r.path) for r in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=[f"{r.method} {r.path}" for r in ROUTES])
def test_every_operation_names_its_problems_and_its_need_for_a_token(document, route):
    operation = document["paths"][route.path][route.method.lower()]
    told = set(map(int, operation["responses"]))
    assert told == {route.status, *route.problems, *({304} if route.method == "GET" else ())}
    assert operation.get("security") == (None if route.open else [{"token": []}])
    assert operation["summary"]
    for status in route.problems:
        assert "application/problem+json" in operation["responses"][str(status)]["content"]


def test_it_holds_no_schema_that_nothing_uses(document):
    text = json.dumps(document)
    assert all(f"schemas/{name}" in text for name in document["components"]["schemas"])
    assert "HTTPValidationError" not in text


def test_the_command_notices_a_stale_document(tmp_path: Path, monkeypatch):
    copy = tmp_path / "openapi.json"
    monkeypatch.setattr(command, "COMMITTED", copy)
    assert command.main(["--check"]) == 1
    assert command.main([]) == 0
    assert command.main(["--check"]) == 0
    copy.write_text(copy.read_text().replace("Loupe", "Other"))
    assert command.main(["--check"]) == 1


def test_every_resource_is_in_the_documentation():
    text = (COMMITTED.parent / "api.md").read_text(encoding="utf-8")
    missing = [f"{r.method} {r.path}" for r in ROUTES if f"{r.method} {r.path}" not in text]
    assert missing == []
