"""What the API refuses, with which status and code. Bad input never answers 500."""

from __future__ import annotations

import ast
import base64
import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import chalicelib.api
from chalicelib.api.app import BODY_BYTES
from chalicelib.api.problems import CONTENT_TYPE
from chalicelib.api.resolver import strict_json
from chalicelib.api.routes import ROUTES
from chalicelib.api.seals import Seals
from chalicelib.domain.errors import BadRequest, Contention, EngineMissing
from chalicelib.domain.principal import LISTEN, Principal, PrincipalRole
from tests.unit.api_world import ADMIN, BOTH, CALL, CHAT, World, populated

AGENT = Principal("g", PrincipalRole.AGENT, agent_id="agent-1")
SECOND = Principal("second", PrincipalRole.ADMIN)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    return populated(tmp_path_factory.mktemp("world"))


def problem(answer, status: int, code: str):
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json["instance"] == "req-1"
    assert answer.json["status"] == status


def path_of(route) -> str:
    names = dict.fromkeys(re.findall(r"{(\w+)}", route.path), "none")
    return route.path.format(**{**names, "contactId": CALL})


@pytest.mark.parametrize("route", ROUTES, ids=[f"{r.method} {r.path}" for r in ROUTES])
def test_without_a_token_only_health_answers(world, route):
    answer = world.ask(path_of(route), method=route.method, who=None)
    if route.path == "/v1/health":
        assert answer.status == 200
    else:
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="loupe"'


def test_unknown_paths_do_not_answer_strangers(world):
    assert world.ask("/v1/nothing", who=None).status == 401


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [(r.method, path_of(r), r.permission) for r in ROUTES if r.permission],
    ids=[f"{r.method} {r.path}" for r in ROUTES if r.permission],
)
def test_an_agent_may_only_read_own_contacts(world, method, path, needed):
    answer = world.ask(path, method=method, who=AGENT, body=None)
    if needed == "contacts:read":
        assert answer.status == 200
    elif needed == "evaluations:read":
        assert answer.status in (200, 404, 422)
    else:
        problem(answer, 403, "forbidden")


def test_who_may_listen_may_not_hear_the_raw_recording(world):
    listener = Principal("g", PrincipalRole.AGENT, agent_id="agent-1", granted=frozenset({LISTEN}))
    asked = f"/v1/contacts/{CALL}/recording"
    problem(world.ask(asked, who=listener, redaction="none"), 403, "forbidden")
    problem(world.ask(asked, who=listener, redaction="maybe"), 400, "parameter")


PARAMETERS = [
    ("/v1/contacts", {"maxResults": 0}, "parameter"),
    ("/v1/contacts", {"maxResults": -1}, "parameter"),
    ("/v1/contacts", {"maxResults": 101}, "parameter"),
    ("/v1/contacts", {"maxResults": 10**9}, "parameter"),
    ("/v1/contacts", {"maxResults": "1" * 5000}, "parameter"),
    ("/v1/contacts", {"maxResults": "ten"}, "parameter"),
    ("/v1/contacts", {"maxResults": ""}, "parameter"),
    ("/v1/contacts", {"maxResults": [1, 2]}, "parameter"),
    ("/v1/contacts", {"startTime": "yesterday"}, "parameter"),
    ("/v1/contacts", {"startTime": "1700000000"}, "parameter"),
    ("/v1/contacts", {"startTime": "2026-05-04T10:00:00"}, "parameter"),
    ("/v1/contacts", {"startTime": "2026-13-04T10:00:00Z"}, "parameter"),
    ("/v1/contacts", {"startTime": "0001-01-01T00:00:00+14:00"}, None),
    ("/v1/contacts", {"startTime": "9999-12-31T23:59:59-14:00"}, None),
    ("/v1/contacts", {"startTime": "2026-05-05T00:00:00Z", "endTime": "2026-05-04T00:00:00Z"}, "range"),
    ("/v1/contacts", {"startTime": "2026-05-05T00:00:00Z", "endTime": "2026-05-05T00:00:00Z"}, None),
    ("/v1/contacts", {"channel": "FAX"}, "parameter"),
    ("/v1/contacts", {"status": "completed"}, "parameter"),
    ("/v1/contacts", {"queueId": ""}, "parameter"),
    ("/v1/contacts", {"queueId": ["q"] * 101}, "parameter"),
    ("/v1/contacts", {"queueId": "\x00' OR 1=1 --"}, None),
    ("/v1/contacts", {"category": "é" * 256}, None),
    ("/v1/contacts", {"category": "é" * 257}, "parameter"),
    ("/v1/contacts", {"sort": "time"}, "query"),
    ("/v1/contacts", {"max_results": 5}, "query"),
    ("/v1/contacts", {"nextToken": "x"}, "cursor"),
    ("/v1/contacts", {"nextToken": "x" * 5000}, "parameter"),
    ("/v1/contacts", {"nextToken": "ü.ü"}, "cursor"),
    ("/v1/contacts", {"nextToken": ""}, "cursor"),
    ("/v1/feed", {"since": "x.y"}, "cursor"),
    ("/v1/feed", {"since": ""}, None),
    ("/v1/quarantine", {"nextToken": "."}, "cursor"),
    ("/v1/health", {"verbose": 1}, "query"),
    (f"/v1/contacts/{CALL}", {"view": "original"}, "query"),
    (f"/v1/contacts/{CALL}/analysis", {"format": "xml"}, "parameter"),
    (f"/v1/contacts/{CALL}/analysis", {"channel": "voice"}, "parameter"),
    (f"/v1/contacts/{CALL}/waveform", {"points": 49}, "parameter"),
    (f"/v1/contacts/{CALL}/waveform", {"points": 4001}, "parameter"),
    (f"/v1/contacts/{CALL}/waveform", {"points": "1e3"}, "parameter"),
    (f"/v1/contacts/{CALL}/transcript", {"from": -1}, "parameter"),
    (f"/v1/contacts/{CALL}/transcript", {"from": 5, "to": 4}, "range"),
    (f"/v1/contacts/{CALL}/transcript", {"participantRole": "BOSS"}, "parameter"),
    (f"/v1/contacts/{CALL}/transcript", {"nextToken": "1"}, "cursor"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "query", "code"),
    PARAMETERS,
    ids=[f"{p.removeprefix('/v1')}?{str(q)[:60]}" for p, q, _ in PARAMETERS],
)
def test_malformed_parameters_are_400_and_odd_ones_are_taken(world, path, query, code):
    answer = world.ask(path, **query)
    if code is None:
        assert answer.status == 200
    else:
        problem(answer, 400, code)


def test_a_problem_points_at_the_parameter_and_does_not_repeat_the_input(world):
    answer = world.ask("/v1/contacts", startTime="<script>", maxResults=0)
    assert {e["pointer"] for e in answer.json["errors"]} == {
        "/query/startTime",
        "/query/maxResults",
    }
    assert "<script>" not in answer.text
    assert world.ask("/v1/contacts", sort="x").json["errors"][0]["pointer"] == "/query/sort"


BODIES = [
    ("no body", None, 422, "body"),
    ("not JSON", "{", 400, "json"),
    ("NaN", '{"filename":"x","size":NaN}', 400, "json"),
    ("a key twice", '{"filename":"x","filename":"y","size":1}', 400, "json"),
    ("too deep", "[" * 100_000, 400, "json"),
    ("too many digits", '{"filename":"x","size":' + "1" * 5000 + "}", 400, "json"),
    ("two documents", "{} {}", 400, "json"),
    ("a list", "[]", 422, "body"),
    ("a string", '"x"', 422, "body"),
    ("null", "null", 422, "body"),
    ("nothing in it", "{}", 422, "body"),
    ("an unknown field", '{"filename":"x","size":1,"path":"/etc"}', 422, "body"),
    ("a negative size", '{"filename":"x","size":-1}', 422, "body"),
    ("a size in words", '{"filename":"x","size":"many"}', 422, "body"),
    ("an empty name", '{"filename":"","size":1}', 422, "body"),
    ("a name too long", json.dumps({"filename": "x" * 256, "size": 1}), 422, "body"),
    ("a name of 1,027 bytes", json.dumps({"filename": "\U0001f600" * 255, "size": 1}), 422, "upload.filename"),  # noqa: E501
    ("a folder", '{"filename":"/","size":1}', 422, "upload.filename"),
    ("a lone surrogate", '{"filename":"\\ud800","size":1}', 422, "body"),
    ("more than is allowed", '{"filename":"x","size":2147483649}', 413, "upload.too_large"),
    ("as much as is allowed", '{"filename":"x","size":2147483648}', 201, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES]
)
def test_bodies(world, body, status, code):
    answer = world.ask("/v1/uploads", method="POST", body=body)
    if code is None:
        assert answer.status == status
    else:
        problem(answer, status, code)


def test_a_body_of_more_than_6_mb_is_refused(world):
    answer = world.ask("/v1/uploads", method="POST", body="x" * (BODY_BYTES + 1))
    problem(answer, 413, "body.too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/octet-stream"])
def test_a_body_of_another_type_is_refused(world, kind):
    answer = world.ask(
        "/v1/uploads",
        method="POST",
        body={"filename": "x", "size": 1},
        headers={"Content-Type": kind},
    )
    problem(answer, 415, "content_type")


def test_a_body_that_is_not_utf_8_is_refused(world):
    event = {
        "httpMethod": "POST",
        "path": "/v1/uploads",
        "headers": {},
        "body": base64.b64encode(b"\xff\xfe{}").decode(),
        "isBase64Encoded": True,
        "requestContext": {"requestId": "req-1", "authorizer": _admin()},
    }
    response = world.handler(event, None)
    assert (response["statusCode"], json.loads(response["body"])["code"]) == (400, "json")


def _admin() -> dict[str, str]:
    from chalicelib.api.identity import authorizer

    return authorizer(ADMIN)


def test_method_and_path_are_found_where_chalice_leaves_them(world):
    event = {
        "headers": None,
        "multiValueQueryStringParameters": None,
        "body": None,
        "requestContext": {
            "httpMethod": "GET",
            "path": "/v1/version",
            "resourcePath": "/v1/version",
            "authorizer": _admin(),
        },
    }
    assert world.handler(event, None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/contacts/", 404, "not_found"),
        ("GET", f"/v1/contacts/{CALL}/nothing", 404, "not_found"),
        ("GET", "/v1/contacts/nobody", 404, "not_found"),
        ("GET", "/v1/contacts/..", 404, "not_found"),
        ("GET", "/v1/contacts/%2e%2e", 404, "not_found"),
        ("GET", "/v1/contacts/" + "x" * 5000, 404, "not_found"),
        ("GET", '/v1/contacts/a"b\\c#d?e', 404, "not_found"),
        ("GET", "/v1/contacts/\x00", 404, "not_found"),
        ("PATCH", f"/v1/contacts/{CALL}", 405, "method"),
        ("HEAD", "/v1/uploads", 405, "method"),
        ("GET", "/v1/uploads", 405, "method"),
        ("OPTIONS", "/v1/uploads", 405, "method"),
        ("POST", "/v1/uploads/tampered/complete", 400, "upload"),
        ("POST", "/v1/uploads/../complete", 400, "upload"),
    ],
)
def test_unknown_resources_and_methods(world, method, path, status, code):
    answer = world.ask(path, method=method)
    problem(answer, status, code)
    if status == 405:
        assert answer.headers["allow"] in ("DELETE, GET, HEAD", "POST")


def token(world, **query) -> str:
    return world.ask("/v1/contacts", maxResults=1, **query).json["nextToken"]


def test_a_page_token_works_for_its_own_list_only(world):
    given = token(world)
    assert world.ask("/v1/contacts", maxResults=3, nextToken=given).status == 200
    problem(world.ask("/v1/contacts", nextToken=given, status="COMPLETED"), 400, "cursor")
    problem(world.ask("/v1/contacts", nextToken=given, who=SECOND), 400, "cursor")
    problem(world.ask("/v1/quarantine", nextToken=given), 400, "cursor")
    problem(world.ask("/v1/feed", since=given), 400, "cursor")
    other = World(world.services)
    assert other.ask("/v1/contacts", nextToken=given).status == 200


def test_any_changed_character_breaks_a_page_token(world):
    given = token(world)
    for position in range(0, len(given), 3):
        other = "A" if given[position] != "A" else "B"
        broken = given[:position] + other + given[position + 1 :]
        assert world.ask("/v1/contacts", nextToken=broken).json["code"] == "cursor"
    for broken in (given[:-1], given + "A", given + "=", given.upper(), given.replace(".", "")):
        assert world.ask("/v1/contacts", nextToken=broken).json["code"] == "cursor"


def test_a_transcript_token_dies_with_its_filter_and_contact(world):
    page = world.ask(f"/v1/contacts/{CHAT}/transcript").json
    given = page["nextToken"]
    problem(world.ask(f"/v1/contacts/{CHAT}/transcript", nextToken=given, to=5), 400, "cursor")
    problem(world.ask(f"/v1/contacts/{BOTH}/transcript", nextToken=given), 400, "cursor")


def test_fields_of_a_token_cannot_be_moved_into_each_other():
    seals = Seals(b"secret")
    given = seals.seal("cursor", "ab", "c", "1")
    with pytest.raises(BadRequest):
        seals.open("cursor", "a", "bc", given)
    with pytest.raises(BadRequest):
        Seals(b"another").open("cursor", "ab", "c", given)
    assert seals.open("cursor", "ab", "c", given) == "1"


class Failing:
    """A contact store that fails as it is told."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get(self, contact_id: str):
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ZeroDivisionError("the secret 4711"), 500, "internal"),
        (Contention("the secret 4711"), 503, "busy"),
        (EngineMissing("speech", "the secret 4711"), 503, "engine.missing"),
        (KeyError("the secret 4711"), 500, "internal"),
    ],
    ids=["a fault", "contention", "a missing engine", "a bug"],
)
def test_what_goes_wrong_inside_is_logged_and_not_told(world, caplog, error, status, code):
    from dataclasses import replace

    broken = World(replace(world.services, contacts=Failing(error)))
    with caplog.at_level(logging.ERROR):
        answer = broken.ask(f"/v1/contacts/{CALL}")
    problem(answer, status, code)
    assert "4711" not in answer.text
    assert ("req-1" in caplog.text) is (status == 500)


def test_requests_of_many_threads_do_not_mix(world):
    def ask(number: int) -> bool:
        contact_id = (CALL, CHAT, BOTH)[number % 3]
        return world.ask(f"/v1/contacts/{contact_id}").json["contactId"] == contact_id

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(240)))


def test_strict_json_takes_what_is_json():
    assert strict_json('{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}


def test_the_api_reads_contacts_through_the_queries_alone():
    reads = []
    for path in Path(chalicelib.api.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("contacts", "redacted", "raw"):
                owner = ast.unparse(node.value)
                if owner.endswith("services"):
                    reads.append(f"{path.name}: {ast.unparse(node)}")
    assert reads == []
