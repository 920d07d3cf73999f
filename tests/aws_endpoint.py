"""A local HTTP server that speaks AWS JSON 1.1 for real boto3 clients, and Transcribe behind it.

Requests come signed and serialised by boto3, answers go through its parser and error mapping. Anything
else is refused: another protocol or path, an unsigned request, an operation nobody wrote, and a
request that breaks the service model's enums, patterns or limits, which boto3 itself does not check.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from chalicelib.ports.storage import ObjectStore

PROTOCOL = "application/x-amz-json-1.1"
REGION = "eu-central-1"


class Refused(Exception):
    """An error answer: HTTP status, error type, message."""

    def __init__(self, status: int, kind: str, message: str = "") -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


Operation = Callable[[dict[str, Any]], dict[str, Any]]


class Service:
    """One service: its model, and the operations that somebody wrote.

    ``faults`` are raised by the next calls, in order. ``requests`` holds what was accepted.
    """

    invalid = "BadRequestException"

    def __init__(self, name: str, operations: dict[str, Operation]) -> None:
        self.faults: deque[Refused] = deque()
        self.requests: list[dict[str, Any]] = []
        self.model = ServiceModel(Loader().load_service_model(name, "service-2"))
        self._operations = operations

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.faults:
            raise self.faults.popleft()
        if operation not in self._operations:
            raise Refused(400, "UnknownOperationException", operation)
        shape = self.model.operation_model(operation).input_shape
        problems = list(_problems(shape, params, operation))
        if problems:
            raise Refused(400, self.invalid, "; ".join(problems))
        return self._operations[operation](params)


class Transcribe(Service):
    """The service's memory. Jobs stay QUEUED until a test moves them.

    ``results`` is what the service writes outputs to, whatever the bucket is called; ``requests``
    holds every accepted start.
    """

    def __init__(self, results: ObjectStore) -> None:
        self.results = results
        self._jobs: dict[str, dict[str, Any]] = {}
        operations: dict[str, Operation] = {
            "StartTranscriptionJob": self._start("TranscriptionJob"),
            "GetTranscriptionJob": self._get("TranscriptionJob"),
            "DeleteTranscriptionJob": self._delete("TranscriptionJob"),
            "StartCallAnalyticsJob": self._start("CallAnalyticsJob"),
            "GetCallAnalyticsJob": self._get("CallAnalyticsJob"),
            "DeleteCallAnalyticsJob": self._delete("CallAnalyticsJob"),
        }
        super().__init__("transcribe", operations)

    def complete(self, name: str, output: object) -> None:
        """The job is done: its output lies where the request asked for it."""
        job = self._jobs[name]
        self.results.put(job["key"], json.dumps(output).encode())
        job["status"] = "COMPLETED"

    def fail(self, name: str, reason: str) -> None:
        self._jobs[name] |= {"status": "FAILED", "reason": reason}

    def _start(self, kind: str) -> Operation:
        def start(params: dict[str, Any]) -> dict[str, Any]:
            name = params[f"{kind}Name"]
            if name in self._jobs:
                raise Refused(409, "ConflictException", "The requested job name already exists.")
            location = params.get("OutputLocation", "s3://x/").split("/", 3)[3]
            key = params.get("OutputKey", location)
            self._jobs[name] = {"kind": kind, "key": key, "status": "QUEUED"}
            self.requests.append(params)
            return {kind: self._answer(name)}

        return start

    def _get(self, kind: str) -> Operation:
        return lambda params: {kind: self._answer(self._known(kind, params))}

    def _delete(self, kind: str) -> Operation:
        def delete(params: dict[str, Any]) -> dict[str, Any]:
            del self._jobs[self._known(kind, params)]
            return {}

        return delete

    def _known(self, kind: str, params: dict[str, Any]) -> str:
        """Standard jobs that are not there are a BadRequest, Call Analytics jobs a NotFound."""
        name = params[f"{kind}Name"]
        if self._jobs.get(name, {}).get("kind") == kind:
            return str(name)
        if kind == "TranscriptionJob":
            message = "The requested job couldn't be found. Check the job name and try your request again."
            raise Refused(400, "BadRequestException", message)
        raise Refused(404, "NotFoundException", "We can't find the requested job.")

    def _answer(self, name: str) -> dict[str, Any]:
        job = self._jobs[name]
        reason = {"FailureReason": job["reason"]} if "reason" in job else {}
        return {f"{job['kind']}Name": name, f"{job['kind']}Status": job["status"], **reason}


def _problems(shape: Shape, value: Any, where: str) -> Iterator[str]:
    """What the service model forbids: enum, pattern, sizes. Types and names boto3 has checked."""
    limits = shape.metadata
    if getattr(shape, "is_document_type", False) or isinstance(value, bool):
        return
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from _problems(shape.members[name], each, f"{where}.{name}")
        return
    if shape.type_name == "list":
        for each in value:
            yield from _problems(shape.member, each, where)
    yield from _bounds(limits, value, where)


def _bounds(limits: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if limits.get("enum") and value not in limits["enum"]:
        yield f"{where} is not one of the allowed values"
    if (
        "pattern" in limits
        and isinstance(value, str)
        and not re.fullmatch(limits["pattern"], value)
    ):
        yield f"{where} does not match {limits['pattern']}"
    size = value if isinstance(value, int | float) else len(value)
    if not limits.get("min", size) <= size <= limits.get("max", size):
        yield f"{where} is too small or too large"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            self._answer(200, self.server.service.call(self._operation(), json.loads(body)))
        except Refused as refused:
            self._answer(refused.status, {"__type": refused.kind, "message": str(refused)})

    def _operation(self) -> str:
        model = self.server.service.model
        target = self.headers.get("x-amz-target", "")
        prefix = f"{model.metadata['targetPrefix']}."
        signed = self.headers.get("authorization", "")
        if self.headers.get("content-type") != PROTOCOL or "smithy-protocol" in self.headers:
            raise Refused(400, "UnsupportedProtocol", "only AWS JSON 1.1 is spoken here")
        if self.path != "/" or not target.startswith(prefix):
            raise Refused(400, "UnknownOperationException", target)
        if f"/{REGION}/{model.signing_name}/aws4_request" not in signed:
            raise Refused(
                403, "IncompleteSignatureException", f"not signed for {model.signing_name}"
            )
        return target.removeprefix(prefix)

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", PROTOCOL)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The endpoint's URL while it is served."""
    server = _Server(service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def client(url: str, service: str = "transcribe") -> Iterator[Any]:
    """A real client of that endpoint, with made-up credentials and no retries."""
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=5, connect_timeout=5),
    )
    try:
        yield made
    finally:
        made.close()
