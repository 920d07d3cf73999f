"""The local server over a real socket: gate, API, uploads, media, pages."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvicorn

from chalicelib.api.app import BODY_BYTES
from chalicelib.api.routes import ROUTES
from chalicelib.config import Settings
from chalicelib.domain.contact import PartKind
from local import server
from local.media import Signer
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL, populated

TOKEN = "start-token-for-tests-0123456789"
LIMIT = 200_000
HASHED = "public, max-age=31536000, immutable"


class Running:
    """A server on a free port of loopback; ``ask`` sends exactly the given headers."""

    def __init__(self, folder: Path, dashboard: Path | None) -> None:
        self.listening = socket.create_server((server.HOST, 0))
        self.port = self.listening.getsockname()[1]
        self.signer = Signer(b"a secret for tests", clock=lambda: self.now_s)
        self.now_s = w.NOW_MS / 1000
        self.world = populated(folder, Settings(max_audio_bytes=LIMIT), self.signer.url)
        app = server.build(
            self.world.services,
            token=TOKEN,
            port=self.port,
            signer=self.signer,
            dashboard=dashboard,
            capabilities=list,
        )
        config = uvicorn.Config(app, log_level="error", access_log=False, server_header=False)
        self.http = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.http.run, kwargs={"sockets": [self.listening]}, daemon=True
        )

    def start(self) -> Running:
        self.thread.start()
        while not self.http.started:
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        self.http.should_exit = True
        self.thread.join(10)
        self.listening.close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, path, *, method="GET", headers=None, body=None, token=TOKEN, host=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            sent = {"Host": host or self.host}
            if token:
                sent["Authorization"] = f"Bearer {token}"
            if body is not None:
                sent["Content-Length"] = str(len(body))
            pairs = [*{**sent, **(headers if isinstance(headers, dict) else {})}.items()]
            for name, value in pairs + (headers if isinstance(headers, list) else []):
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        found = {k.lower(): v for k, v in answer.getheaders()}
        is_json = "json" in found.get("content-type", "") and raw
        return SimpleNamespace(
            status=answer.status, headers=found, body=raw, json=json.loads(raw) if is_json else None
        )

    def post(self, path, document, **more):
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        return self.ask(
            path, method="POST", headers=headers, body=json.dumps(document).encode(), **more
        )


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Loupe</title>")
    (folder / "config.json").write_text('{"api": "./v1"}')
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    return folder


@pytest.fixture(scope="module")
def up(tmp_path_factory, dashboard):
    running = Running(tmp_path_factory.mktemp("data"), dashboard).start()
    yield running
    running.stop()


def problem(answer, status: int, code: str):
    assert (answer.status, answer.json and answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    secured(answer)


def secured(answer):
    policy = answer.headers["content-security-policy"]
    for rule in (
        "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "media-src 'self'", "connect-src 'self'", "object-src 'none'", "base-uri 'none'",
        "frame-ancestors 'none'",
    ):  # fmt: skip
        assert rule in policy.split("; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "server" not in answer.headers


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


@pytest.mark.parametrize("route", ROUTES, ids=[f"{r.method} {r.path}" for r in ROUTES])
@pytest.mark.parametrize("token", [None, "wrong", TOKEN + "x", TOKEN[:-1], ""])
def test_no_resource_but_health_answers_without_the_token(up, route, token):
    path = route.path.format(contactId=CALL, uploadId="none", quarantineId="none")
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
        ("OPTIONS", "/v1/contacts", "GET"),
        ("DELETE", f"/v1/contacts/{CALL}", "GET"),
        ("HEAD", "/v1/contacts", "GET"),
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


# Uploads


def announce(up, filename: str, size: int):
    return up.post("/v1/uploads", {"filename": filename, "size": size}).json


def test_a_file_goes_from_the_page_into_the_sources(up):
    body = w.wav_bytes(1.0)
    told = announce(up, "dropped call.wav", len(body))
    put = up.ask(told["url"], method="PUT", body=body, token=None)
    assert (put.status, put.body) == (204, b"")
    done = up.ask(f"/v1/uploads/{told['uploadId']}/complete", method="POST")
    assert done.json == {"objectKey": "inbox/dropped call.wav", "contactIds": []}
    assert up.world.services.sources.read("inbox/dropped call.wav") == body
    [message] = up.world.services.queues.ingest.receive()
    assert message.body["key"] == "inbox/dropped call.wav"


@pytest.mark.parametrize(
    ("size", "body", "status", "code"),
    [
        (3, b"abcd", 413, "upload.too_large"),
        (5, b"abcd", 400, "upload.size"),
        (LIMIT, b"x" * (LIMIT + 1), 413, "body.too_large"),
        (0, b"", 204, None),
        (4, b"abcd", 204, None),
        (LIMIT, b"x" * LIMIT, 204, None),
    ],
    ids=[
        "more than announced",
        "less than announced",
        "more than allowed",
        "nothing",
        "exactly",
        "the most",
    ],
)
def test_exactly_the_announced_bytes_are_taken(up, size, body, status, code):
    told = announce(up, f"sized-{size}-{len(body)}.wav", size)
    answer = up.ask(told["url"], method="PUT", body=body, token=None)
    if code:
        problem(answer, status, code)
        assert up.world.services.sources.stat(f"inbox/sized-{size}-{len(body)}.wav") is None
    else:
        assert answer.status == status


def test_an_upload_address_cannot_be_made_up_and_expires(up):
    told = announce(up, "late.wav", 1)
    problem(up.ask(told["url"] + "A", method="PUT", body=b"x", token=None), 400, "upload")
    problem(up.ask("/uploads/none", method="PUT", body=b"x"), 400, "upload")
    up.world.now_ms += 3_600_000
    try:
        problem(up.ask(told["url"], method="PUT", body=b"x", token=None), 403, "upload.expired")
    finally:
        up.world.now_ms = w.NOW_MS


def test_a_foreign_page_cannot_put(up):
    told = announce(up, "foreign.wav", 1)
    answer = up.ask(
        told["url"], method="PUT", body=b"x", headers={"Origin": "https://evil.example"}
    )
    problem(answer, 403, "origin")


# Media


def address(up, contact_id: str = CALL) -> str:
    return up.ask(f"/v1/contacts/{contact_id}/recording").json["url"]


def test_a_recording_plays_without_a_token_through_its_signed_address(up):
    answer = up.ask(address(up), token=None)
    assert (answer.status, answer.body) == (200, w.wav_bytes())
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "content-encoding" not in answer.headers
    secured(answer)


WHOLE = w.wav_bytes()
RANGES = [
    ("bytes=0-", 206, 0, len(WHOLE)),
    ("bytes=0-0", 206, 0, 1),
    ("bytes=40-99", 206, 40, 100),
    ("bytes=1000-", 206, 1000, len(WHOLE)),
    ("bytes=-100", 206, len(WHOLE) - 100, len(WHOLE)),
    (f"bytes=-{len(WHOLE) * 2}", 206, 0, len(WHOLE)),
    (f"bytes=0-{len(WHOLE) * 2}", 206, 0, len(WHOLE)),
    (f"bytes={len(WHOLE) - 1}-", 206, len(WHOLE) - 1, len(WHOLE)),
    (f"bytes={len(WHOLE)}-", 416, 0, 0),
    ("bytes=99999999-", 416, 0, 0),
    ("bytes=-0", 416, 0, 0),
    ("bytes=5-4", 200, 0, len(WHOLE)),
    ("bytes=-", 200, 0, len(WHOLE)),
    ("bytes=a-b", 200, 0, len(WHOLE)),
    ("bytes=0-1,5-6", 200, 0, len(WHOLE)),
    ("frames=0-1", 200, 0, len(WHOLE)),
    ("bytes=" + "9" * 5000 + "-", 200, 0, len(WHOLE)),
]


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"), RANGES, ids=[r[0][:24] for r in RANGES]
)
def test_ranges(up, asked, status, start, end):
    answer = up.ask(address(up), headers={"Range": asked}, token=None)
    assert answer.status == status
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(WHOLE)}"
        return
    assert answer.body == WHOLE[start:end]
    assert int(answer.headers["content-length"]) == end - start
    expected = f"bytes {start}-{end - 1}/{len(WHOLE)}" if status == 206 else None
    assert answer.headers.get("content-range") == expected


def test_head_tells_the_size_and_ignores_ranges(up):
    answer = up.ask(address(up), method="HEAD", headers={"Range": "bytes=0-1"}, token=None)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (
        200,
        b"",
        str(len(WHOLE)),
    )


def test_if_range_gives_the_whole_when_the_object_is_another(up):
    etag = up.ask(address(up), method="HEAD").headers["etag"]
    same = up.ask(address(up), headers={"Range": "bytes=0-1", "If-Range": etag})
    other = up.ask(address(up), headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (same.status, other.status) == (206, 200)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("expires=1", "expires=2"), ("type=audio%2Fwav", "type=text%2Fhtml"), ("signature=", "signature=A"),
        ("/media/Y", "/media/Z"), ("&signature=", "&nothing="), ("/media/", "/media/*"),
    ],
)  # fmt: skip
def test_no_part_of_a_media_address_can_be_changed(up, old, new):
    given = address(up)
    assert old in given
    problem(up.ask(given.replace(old, new, 1)), 403, "media.signature")


def test_a_media_address_expires(up):
    given = address(up)
    up.now_s += 299
    assert up.ask(given, method="HEAD").status == 200
    up.now_s += 1
    try:
        problem(up.ask(given), 403, "media.expired")
    finally:
        up.now_s = w.NOW_MS / 1000


def test_an_address_never_lasts_longer_than_five_minutes(up):
    given = up.signer.url("k", 86_400, "audio/wav")
    assert f"expires={int(up.now_s) + 300}&" in given


def test_a_removed_object_is_not_found(up):
    problem(up.ask(up.signer.url("nothing", 60, "audio/wav")), 404, "not_found")


def test_what_is_no_audio_is_a_download(up):
    up.world.services.sources.put("page.html", b"<script>alert(1)</script>")
    answer = up.ask(up.signer.url("page.html", 60, "text/html"))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


def test_mu_law_is_served_as_pcm_with_ranges(up):
    from local import pcm

    codes = bytes(range(256)) * 4
    head = (
        b"RIFF" + (50 + len(codes)).to_bytes(4, "little") + b"WAVEfmt " + (18).to_bytes(4, "little")
        + b"\x07\x00\x01\x00" + (8000).to_bytes(4, "little") * 2 + b"\x01\x00\x08\x00\x00\x00"
        + b"data" + len(codes).to_bytes(4, "little")
    )  # fmt: skip
    up.world.services.sources.put("mulaw.wav", head + codes)
    given = up.signer.url("mulaw.wav", 60, "audio/wav")
    whole = up.ask(given).body
    assert len(whole) == 44 + 2 * len(codes)
    assert whole[20:22] == b"\x01\x00"
    assert whole[44:] == b"".join(pcm.mulaw(c).to_bytes(2, "little", signed=True) for c in codes)
    part = up.ask(given, headers={"Range": "bytes=41-700"})
    assert (part.status, part.body) == (206, whole[41:701])
    assert up.ask(given, method="HEAD").headers["etag"].endswith('-pcm"')


# Pages and log


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


def test_the_access_log_holds_no_query_token_or_signed_name(up, caplog):
    caplog.set_level(logging.INFO, logger="loupe.access")
    told = announce(up, "secretname.wav", 1)
    up.ask(told["url"], method="PUT", body=b"x", token=None)
    up.ask(f"/v1/uploads/{told['uploadId']}/complete", method="POST")
    media = address(up)
    up.ask(media)
    up.ask(f"/v1/contacts?nextToken=secretquery&token={TOKEN}")
    lines = "\n".join(
        record.getMessage() for record in caplog.records if record.name == "loupe.access"
    )
    assert "GET '/v1/contacts' 400" in lines
    for secret in (TOKEN, "secretquery", told["uploadId"], media.split("?")[0], "signature"):
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
