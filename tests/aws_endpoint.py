"""A local HTTP server that speaks AWS's JSON and REST-JSON for real boto3 clients, and Transcribe behind it.

Requests come signed and serialised by boto3, answers go through its parser and error mapping. Anything
else is refused: another protocol or path, an unsigned request, an operation nobody wrote, and a
request that breaks the service model's enums, patterns or limits or a documented limit, which boto3 itself
does not check (``strict``). A fake that answers what the model does not know is told so, too.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from chalicelib.ports.storage import ObjectStore
from tests import aws_wire, strict
from tests.aws_faults import Altered, Cut, Fault, Garbage, Stall
from tests.aws_wire import Answer, Refused, Sent

__all__ = ["REGION", "Refused", "Service", "Transcribe", "client", "serving"]

REGION = "eu-central-1"

Operation = Callable[[dict[str, Any]], dict[str, Any]]


class Service:
    """One service: its model, and the operations that somebody wrote.

    ``faults`` befall the next calls, in order. ``requests`` holds what was accepted, ``called`` the
    operations that were asked for, with or without success. Raises ``NotImplementedError`` for a service
    of another protocol.
    """

    invalid = "BadRequestException"

    def __init__(self, name: str, operations: Mapping[str, Operation]) -> None:
        self.faults: deque[Fault] = deque()
        self.requests: list[dict[str, Any]] = []
        self.called: list[str] = []
        self.closing = threading.Event()
        self.model = ServiceModel(Loader().load_service_model(name, "service-2"), name)
        self._operations = operations
        if self.model.resolved_protocol not in aws_wire.SPOKEN:
            raise NotImplementedError(f"{name} speaks {self.model.resolved_protocol}")

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer as an object, for servers that write it themselves: faults are error answers."""
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, Refused):
            raise fault
        return self.answer(self.model.operation_model(operation), params)

    def answer(self, operation: OperationModel, params: dict[str, Any]) -> dict[str, Any]:
        """The right answer. Raises ``Refused``."""
        if operation.name not in self._operations:
            raise Refused(400, "UnknownOperationException", operation.name)
        problems = strict.problems(operation, params)
        if problems:
            raise Refused(400, self.invalid, "; ".join(problems))
        answer = self._operations[operation.name](params)
        wrong = list(strict.walk(operation.output_shape, answer, "answer")) if answer else []
        if wrong:
            raise Refused(500, "FakeIsWrong", "; ".join(wrong))
        return answer

    def handle(self, sent: Sent) -> tuple[Answer, Fault | None]:
        """What goes back for a request, and what befalls it on the way."""
        try:
            aws_wire.check_signature(self.model, sent, REGION)
            operation, params = aws_wire.read(self.model, sent)
            self.called.append(operation.name)
            fault = self.faults.popleft() if self.faults else None
            if isinstance(fault, Refused):
                raise fault
            answer: Mapping[str, Any] = self.answer(operation, params)
            if isinstance(fault, Altered):
                answer = fault.change(dict(answer))
            return aws_wire.write(operation, answer), fault
        except Refused as refused:
            return aws_wire.error(self.model, refused), None


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


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service

    def handle_error(self, *where: Any) -> None:
        """A client that went away meanwhile is what some tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*where)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Every method: the model says which one an operation has."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        sent = Sent.of(self.command, self.path, dict(self.headers.items()), body)
        answer, fault = self.server.service.handle(sent)
        if isinstance(fault, Stall):
            self.server.service.closing.wait(fault.seconds)
        if isinstance(fault, Garbage):
            answer = Answer(fault.status, fault.body, {"content-type": fault.content_type})
        self._send(answer, fault.after if isinstance(fault, Cut) else None)

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815

    def _send(self, answer: Answer, cut: int | None) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[:cut])
        self.close_connection = self.close_connection or cut is not None

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The endpoint's URL while it is served."""
    server = _Server(service)
    service.closing.clear()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        service.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def client(
    url: str, service: str = "transcribe", *, read_timeout: float = 5, strictly: bool = True
) -> Iterator[Any]:
    """A real client of that endpoint, with made-up credentials and no retries. Requests that AWS
    would refuse are not sent, unless not ``strictly``."""
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
        config=Config(
            retries={"total_max_attempts": 1}, read_timeout=read_timeout, connect_timeout=5
        ),
    )
    try:
        yield strict.install(made) if strictly else made
    finally:
        made.close()


@contextmanager
def asked(service: Service, *, read_timeout: float = 5) -> Iterator[Any]:
    """A real client of the service, while it is served."""
    name = service.model.service_name
    with serving(service) as url, client(url, name, read_timeout=read_timeout) as made:
        yield made
