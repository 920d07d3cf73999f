"""The local server over a real socket: gate, API, pages, log."""

from __future__ import annotations

import logging
import re
import socket
import time

import pytest

from chalicelib.api.app import BODY_BYTES
from chalicelib.api.routes import ROUTES
from chalicelib.domain.contact import PartKind
from tests.integration.server_world import (
    HASHED,
    TOKEN,
    Running,
    address,
    announce,
    dashboard,
    problem,
    secured,
    up,
)
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL

__all__ = ["dashboard", "up"]


def test_the_api_answers_the_holder_of_the_token(up):
    answer = up.ask("/v1/contacts")
    assert (answer.status, len(answer.json["items"])) == (200, 7)
    secured(answer)


def test_an_id_with_blanks_and_signs_is_found_through_its_encoded_path(up):
    assert up.ask("/v1/contacts/an%20id%20with%20blanks%2C%20%23%C3%A9").json["contactId"] == BOTH


def test_not_modified_answers_have_no_body(up):
    etag = up.ask("/v1/contacts").headers["etag"]
    again = up.ask("/v1/contacts", headers={"If-None-Match": etag})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize("path", sorted({r.path for r in ROUTES if r.method == "GET"}))
def test_head_answers_as_get_without_the_body(up, path):
    path = path.replace("{contactId}", CALL)
    got, head = up.ask(path), up.ask(path, method="HEAD")
    assert (head.status, head.body) == (got.status, b"")
    for name in ("content-type", "content-length", "cache-control"):
        assert head.headers[name] == got.headers[name]
    if got.headers["cache-control"] != "no-store":
        assert head.headers["etag"] == got.headers["etag"]
        given = {"If-None-Match": got.headers["etag"]}
        assert up.ask(path, method="HEAD", headers=given).status == 304


def test_head_needs_the_token_too(up):
    assert up.ask("/v1/contacts", method="HEAD", token=None).status == 401


@pytest.mark.parametrize("route", ROUTES, ids=[f"{r.method} {r.path}" for r in ROUTES])
@pytest.mark.parametrize("token", [None, "wrong", TOKEN + "x", TOKEN[:-1], ""])
def test_no_resource_but_health_answers_without_the_token(up, route, token):
    path = re.sub(r"{\w+}", "none", route.path.replace("{contactId}", CALL))
    answer = up.ask(path, method=route.method, token=token)
    if route.open:
        assert (answer.status, answer.json["engines"], answer.json["queues"]) == (200, [], [])
    else:
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="loupe"'


@pytest.mark.parametrize(
    "given",
    [f"Basic {TOKEN}", TOKEN, "Bearer", "Bearer ", f"Bearer {TOKEN} {TOKEN}", "Bearer \xff\xfe"],
)
def test_the_token_comes_as_a_bearer_token_only(up, given):
    answer = up.ask("/v1/contacts", token=None, headers={"Authorization": given})
    problem(answer, 401, "unauthenticated")


def test_a_token_in_the_query_is_no_token(up):
    problem(up.ask(f"/v1/contacts?token={TOKEN}", token=None), 401, "unauthenticated")


def test_two_tokens_are_none(up):
    answer = up.ask("/v1/contacts", headers=[("Authorization", "Bearer other")])
    problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("path", ["/v1/contacts", "/v1/health", "/", "/assets/index-abc123.js"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}",
        "127.0.0.1:{port}.evil.example", "0.0.0.0:{port}", "[::]:{port}", "2130706433:{port}",
    ],
)  # fmt: skip
def test_another_host_is_refused_everywhere(up, path, host):
    problem(up.ask(path, host=host.format(port=up.port)), 421, "host")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}"]
)
def test_own_hosts_are_answered(up, host):
    assert up.ask("/v1/contacts", host=host.format(port=up.port)).status == 200


def test_two_hosts_are_refused(up):
    assert up.ask("/v1/contacts", headers=[("Host", up.host)]).status in (400, 421)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:{port}",
        "http://localhost:{port}", "http://127.0.0.1:{port}.evil.example", "",
    ],
)  # fmt: skip
def test_a_foreign_origin_is_refused_even_with_the_token(up, origin):
    answer = up.ask("/v1/contacts", headers={"Origin": origin.format(port=up.port)})
    problem(answer, 403, "origin")


def test_the_own_origin_is_answered(up):
    assert up.ask("/v1/contacts", headers={"Origin": f"http://{up.host}"}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("OPTIONS", "/v1/contacts", "GET, HEAD"),
        ("DELETE", f"/v1/contacts/{CALL}/analysis", "GET, HEAD"),
        ("HEAD", "/v1/uploads", "POST"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/media/x", "GET, HEAD"),
        ("POST", "/uploads/x", "PUT"),
        ("TRACE", "/", "GET, HEAD"),
    ],
)
def test_methods_are_allow_listed(up, method, path, allow):
    answer = up.ask(path, method=method)
    assert (answer.status, answer.headers["allow"]) == (405, allow)
    secured(answer)


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "", "application/jsonx"]
)
def test_a_simple_request_of_a_foreign_page_cannot_reach_a_json_handler(up, kind):
    answer = up.post("/v1/uploads", {"filename": "x", "size": 1}, headers={"Content-Type": kind})
    problem(answer, 415, "content_type")


def test_a_body_of_more_than_6_mb_is_refused_by_its_announcement(up):
    headers = {"Content-Type": "application/json", "Content-Length": str(BODY_BYTES + 1)}
    problem(up.ask("/v1/uploads", method="POST", headers=headers), 413, "body.too_large")


def test_a_chunked_body_is_counted_while_it_comes(up):
    with socket.create_connection(("127.0.0.1", up.port), timeout=10) as raw:
        head = (
            f"POST /v1/uploads HTTP/1.1\r\nHost: {up.host}\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        raw.sendall(head.encode())
        block = b"%x\r\n%s\r\n" % (1 << 20, b" " * (1 << 20))
        for _ in range(7):
            raw.sendall(block)
        assert raw.recv(64).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/contacts?a=1", 400, "query"),
        ("/v1/contacts?" + "&".join(f"queueId={n}" for n in range(300)), 400, "query"),
        ("/v1/contacts?status=%FF%FE", 400, "parameter"),
        ("/v1/nothing", 404, "not_found"),
        ("/v1", 404, "not_found"),
        ("/nothing", 404, "not_found"),
        ("/../../etc/passwd", 404, "not_found"),
        ("/%2e%2e/%2e%2e/etc/passwd", 404, "not_found"),
    ],
)
def test_refusals_are_problem_documents(up, path, status, code):
    problem(up.ask(path), status, code)


def test_repeated_parameters_arrive_as_alternatives(up):
    answer = up.ask("/v1/contacts?status=FAILED&status=QUARANTINED")
    assert len(answer.json["items"]) == 2


def test_pages_are_open_and_cached_by_their_names(up):
    for path, kept in (
        ("/", "no-cache"),
        ("/config.json", "no-cache"),
        ("/assets/index-abc123.js", HASHED),
    ):
        answer = up.ask(path, token=None)
        assert (answer.status, answer.headers["cache-control"]) == (200, kept)
        secured(answer)
    assert up.ask("/").headers["content-type"].startswith("text/html")


def test_without_a_dashboard_the_page_says_how_to_build_it(tmp_path):
    running = Running(tmp_path, tmp_path / "nothing").start()
    try:
        answer = running.ask("/", token=None)
        assert answer.status == 503
        assert b"make setup" in answer.body
        secured(answer)
        assert running.ask("/v1/version").status == 200
    finally:
        running.stop()


def _access_log_with(caplog, last: str) -> str:
    """The access log once it holds this line: it is written when the answer has gone out."""
    for _ in range(500):
        found = [r.getMessage() for r in caplog.records if r.name == "loupe.access"]
        if any(line.startswith(last) for line in found):
            return "\n".join(found)
        time.sleep(0.01)
    raise AssertionError(f"{last} was not told")


def test_the_access_log_holds_no_query_token_or_signed_name(up, caplog):
    caplog.set_level(logging.INFO, logger="loupe.access")
    told = announce(up, "secretname.wav", 1)
    up.ask(told["url"], method="PUT", body=b"x", token=None)
    up.ask(f"/v1/uploads/{told['uploadId']}/complete", method="POST")
    media = address(up)
    up.ask(media)
    up.ask("/v1/searches/secretquestion")
    up.ask(f"/v1/contacts?nextToken=secretquery&token={TOKEN}")
    lines = _access_log_with(caplog, "GET '/v1/contacts' 400")
    for secret in (
        TOKEN,
        "secretquery",
        "secretquestion",
        told["uploadId"],
        media.split("?")[0],
        "signature",
    ):
        assert secret not in lines


def test_a_fault_inside_is_a_problem_without_internals(up, monkeypatch, caplog):
    def broken(key):
        raise ZeroDivisionError("the secret 4711")

    monkeypatch.setattr(up.world.services.sources, "stat", broken)
    answer = up.ask(up.signer.url("k", 60, "audio/wav"))
    problem(answer, 500, "internal")
    assert b"4711" not in answer.body


def test_it_listens_on_loopback_only(up):
    assert up.listening.getsockname()[0] == "127.0.0.1"


def test_a_part_of_another_kind_is_no_recording(up):
    up.world.put(w.row("chat-only", parts=(w.part("c.json", PartKind.CHAT),)))
    answer = up.ask("/v1/contacts/chat-only/recording")
    problem(answer, 404, "recording.none")


def test_too_many_requests_of_one_caller_are_429(tmp_path):
    up = Running(tmp_path, None, api_rate_per_minute=12).start()
    try:
        statuses = [up.ask("/v1/version").status for _ in range(4)]
        assert statuses == [200, 200, 429, 429]
        refused = up.ask("/v1/version")
        problem(refused, 429, "rate")
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        assert up.ask("/v1/health", token="").status == 200
        assert up.ask("/").status in (200, 404, 503)
    finally:
        up.stop()
