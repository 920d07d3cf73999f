"""``loupe up``: server, workers, inbox and reconciler in one process tree over one data folder."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import uvicorn

from chalicelib.adapters.engines.faster_whisper import FasterWhisper
from chalicelib.adapters.local.leftovers import INBOX
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.contact import Refusal
from chalicelib.domain.errors import LoupeError, SettingsError
from chalicelib.domain.events import Hint
from chalicelib.flow import (
    advance,
    deliver_facts,
    follow_up,
    give_up,
    give_up_follow_up,
    reconcile,
    speak,
)
from chalicelib.ports.messaging import Message
from chalicelib.ports.services import Services
from local import acoustics, data_folder, redacted_audio, server
from local.doctor import capabilities
from local.intake import Inbox, files_under, take
from local.loop import attempt, keep_going
from local.media import REDACTED, Signer
from local.progress import Steps
from local.workers import Job, Workers

log = logging.getLogger("loupe")

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples" / "connect"
DASHBOARD = ROOT / "dashboard" / "dist"
RECONCILE_S = 300
LIGHT_THREADS = 2
TOKEN_LENGTH = 16
# Together under five seconds: answers that are being sent, then messages that are being worked on.
ANSWERS_END_S = 2
WORK_ENDS_S = 2.0


@dataclass(frozen=True)
class Plan:
    """What the command line asked for."""

    data: Path
    port: int
    inbox: Path
    token: str | None
    samples: bool
    browser: bool


def run(plan: Plan, settings: Settings) -> int:
    """Run until interrupted; the exit code."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s"
    )
    if plan.token and len(plan.token) < TOKEN_LENGTH:
        raise SettingsError(f"the start token has at least {TOKEN_LENGTH} characters")
    with data_folder.lock(plan.data), _listen(plan.port) as listening:
        tempfile.tempdir = str(data_folder.private(plan.data / "temporary"))
        return _serve(plan, settings, listening)


def _serve(plan: Plan, settings: Settings, listening: socket.socket) -> int:
    port = listening.getsockname()[1]
    signer = Signer(data_folder.secret(plan.data, "media.key").encode())
    services = local_services(
        plan.data, settings, sign=signer.url, sign_redacted=signer.of_store(REDACTED).url
    )
    token = plan.token or data_folder.secret(plan.data, "token")
    app = server.build(
        services,
        token=token,
        port=port,
        signer=signer,
        dashboard=DASHBOARD,
        capabilities=lambda: capabilities(services),
    )
    http = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=ANSWERS_END_S,
        )
    )
    url = f"http://{HOST}:{port}/#token={quote(token, safe='')}"
    with _ended_by_signals(http):
        parts = _begin(plan, settings, services)
        threading.Thread(target=_tell, args=(http, url, plan, services, parts), daemon=True).start()
        try:
            http.run(sockets=[listening])
        finally:
            parts.stop()
    return 0


@contextmanager
def _ended_by_signals(http: uvicorn.Server) -> Iterator[None]:
    """An interrupt is an ordinary end, also before the server listens and when it hands it on after."""

    def end(*_: object) -> None:
        http.should_exit = True

    before = {sign: signal.signal(sign, end) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


class Parts:
    """The threads beside the server, and the processes that recognise speech."""

    def __init__(self, services: Services, workers: Workers, inbox: Inbox) -> None:
        self.services = services
        self.workers = workers
        self.inbox = inbox
        self.stopping = threading.Event()

    def stop(self) -> None:
        """Workers are told first, so that what the end cuts off is not counted as a failure."""
        self.stopping.set()
        self.inbox.stop()
        self.workers.halt()
        if isinstance(self.services.transcriber, FasterWhisper):
            attempt("speech engine", self.services.transcriber.close)
        self.workers.stop(WORK_ENDS_S)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise LoupeError(
            f"port {port} on {HOST}: {error.strerror}; choose another with --port"
        ) from error
    return listening


def _begin(plan: Plan, settings: Settings, services: Services) -> Parts:
    _give_back(services)
    workers = Workers(
        jobs(services), visibility_s=settings.visibility_s, max_receives=settings.max_receives
    )
    parts = Parts(services, workers, Inbox(services, plan.inbox))
    if plan.inbox.is_relative_to(plan.data):
        data_folder.private(plan.inbox)
    data_folder.write_private(plan.data / INBOX, str(plan.inbox.resolve()))
    if plan.samples:
        load_samples(services, plan.data)
    workers.start()
    parts.inbox.start()
    sweep = ("reconcile", lambda: _sweep(services), parts.stopping)
    threading.Thread(
        target=keep_going, args=sweep, kwargs={"pause_s": RECONCILE_S}, daemon=True
    ).start()
    return parts


def _give_back(services: Services) -> None:
    """Dead letters get another chance, since every look decides anew; cut-off work is not counted."""
    for queue in (job.queue for job in jobs(services)):
        if again := queue.redrive():
            log.warning("%s: %d dead letters are tried again", queue.name, again)
        if isinstance(queue, SqliteQueue):
            queue.release()


def jobs(services: Services) -> list[Job]:
    """Which queue is worked off by what."""
    queues = services.queues
    return [
        Job(queues.ingest, _hinted(lambda hint: advance(services, hint)), threads=LIGHT_THREADS),
        Job(
            queues.acoustics,
            lambda message: acoustics.work(services, message.body),
            give_up=lambda message, why: acoustics.fail(
                services, message.body, Refusal("stage.failed", why)
            ),
        ),
        Job(
            queues.speech,
            _hinted(lambda hint: speak(services, hint)),
            give_up=lambda message, why: give_up(services, Hint.from_body(message.body), why),
        ),
        Job(queues.facts, lambda _: _deliver(services)),
        Job(queues.audio_redaction, lambda message: redacted_audio.work(services, message.body)),
        Job(
            queues.follow_ups,
            lambda message: follow_up(services, message.body),
            give_up=lambda message, why: give_up_follow_up(services, message.body, why),
        ),
    ]


def _hinted(act: Callable[[Hint], object]) -> Callable[[Message], None]:
    def handle(message: Message) -> None:
        act(Hint.from_body(message.body))

    return handle


def _deliver(services: Services) -> None:
    while deliver_facts(services):
        pass


def load_samples(services: Services, data: Path) -> int:
    """Hand the synthetic samples in, once per data folder; how many files."""
    done = data / "samples.json"
    if done.exists() or not SAMPLES.is_dir():
        return 0
    taken = [take(services, path).key for path in files_under(SAMPLES)]
    data_folder.write_private(done, json.dumps({"synthetic": True, "keys": taken}))
    return len(taken)


def _sweep(services: Services) -> None:
    """Look for what events missed; deliver what a crash left in the outbox."""
    reconcile(services)
    _deliver(services)


def _tell(http: uvicorn.Server, url: str, plan: Plan, services: Services, parts: Parts) -> None:
    """Say when it listens, how far the work is, and when nothing waits."""
    while not http.started:
        if parts.stopping.wait(0.05):
            return
    print(f"ready {url}", flush=True)
    if plan.browser and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        attempt("browser", lambda: webbrowser.open(url))
    with Steps(0) as steps:
        teller = Teller(services, steps)
        keep_going("progress", teller.look, parts.stopping, pause_s=0.5)


class Teller:
    """How far the work is, since the last time that nothing waited."""

    def __init__(self, services: Services, steps: Steps) -> None:
        self._services = services
        self._steps = steps
        self._most = 0
        self._idle = False

    def look(self) -> None:
        left = outstanding(self._services)
        self._most = max(self._most, left) if left else 0
        text = f"{left} to go" if left else "nothing waits"
        self._steps.show(self._most - left, self._most, text)
        if left == 0 and not self._idle:
            print("idle", flush=True)
        self._idle = left == 0


def outstanding(services: Services) -> int:
    """How much waits or runs: messages of the ingest queue, and contacts in progress."""
    depth = services.queues.ingest.depth()
    unfinished = sum(1 for _ in services.contacts.unfinished())
    return depth.waiting + depth.in_flight + unfinished
