"""``loupe up``: server, workers, inbox and reconciler in one process tree over one data folder."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.contact import Refusal
from chalicelib.domain.errors import LoupeError
from chalicelib.domain.events import Hint
from chalicelib.flow import advance, deliver_facts, give_up, reconcile, speak
from chalicelib.ports.messaging import Message
from chalicelib.ports.services import Services
from local import acoustics, data_folder, server
from local.doctor import capabilities
from local.intake import Inbox, files_under, take
from local.media import Signer
from local.progress import Steps
from local.workers import Job, Workers

log = logging.getLogger("loupe")

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples" / "connect"
DASHBOARD = ROOT / "dashboard" / "dist"
RECONCILE_S = 300
LIGHT_THREADS = 2


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
    with data_folder.lock(plan.data), _listen(plan.port) as listening:
        port = listening.getsockname()[1]
        signer = Signer(data_folder.secret(plan.data, "media.key").encode())
        services = local_services(plan.data, settings, sign=signer.url)
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
            uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        )
        parts = _begin(plan, settings, services)
        url = f"http://{HOST}:{port}/#token={token}"
        threading.Thread(target=_tell, args=(http, url, plan, services, parts), daemon=True).start()
        try:
            http.run(sockets=[listening])
        finally:
            parts.stop()
    return 0


class Parts:
    """The threads beside the server."""

    def __init__(self, workers: Workers, inbox: Inbox) -> None:
        self.workers = workers
        self.inbox = inbox
        self.stopping = threading.Event()

    def stop(self) -> None:
        self.stopping.set()
        self.inbox.stop()
        self.workers.stop()


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise LoupeError(
            f"port {port} on {HOST}: {error.strerror}; choose another with --port"
        ) from error
    return listening


def _begin(plan: Plan, settings: Settings, services: Services) -> Parts:
    for queue in (q.queue for q in jobs(services)):
        if isinstance(queue, SqliteQueue):
            queue.release()
    workers = Workers(
        jobs(services), visibility_s=settings.visibility_s, max_receives=settings.max_receives
    )
    parts = Parts(workers, Inbox(services, plan.inbox))
    if plan.samples:
        load_samples(services, plan.data)
    workers.start()
    parts.inbox.start()
    threading.Thread(target=_sweep, args=(services, parts), daemon=True).start()
    return parts


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
    done.write_text(json.dumps({"synthetic": True, "keys": taken}))
    return len(taken)


def _sweep(services: Services, parts: Parts) -> None:
    """Reconcile at start and from time to time; deliver what a crash left in the outbox."""
    while True:
        try:
            reconcile(services)
            _deliver(services)
        except LoupeError as error:
            log.warning("reconcile: %s", error)
        if parts.stopping.wait(RECONCILE_S):
            return


def _tell(http: uvicorn.Server, url: str, plan: Plan, services: Services, parts: Parts) -> None:
    """Say when it listens, how far the work is, and when nothing waits."""
    while not http.started:
        if parts.stopping.wait(0.05):
            return
    print(f"ready {url}", flush=True)
    if plan.browser and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        webbrowser.open(url)
    most = 0
    idle = False
    with Steps(0) as steps:
        while not parts.stopping.wait(0.5):
            left = outstanding(services)
            most = max(most, left) if left else 0
            steps.show(most - left, most, f"{left} to go" if left else "nothing waits")
            if left == 0 and not idle:
                print("idle", flush=True)
            idle = left == 0


def outstanding(services: Services) -> int:
    """How much waits or runs: messages of the ingest queue, and contacts in progress."""
    depth = services.queues.ingest.depth()
    unfinished = sum(1 for _ in services.contacts.unfinished())
    return depth.waiting + depth.in_flight + unfinished
