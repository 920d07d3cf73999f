"""A producer's script, the world it acts on, and the workers of that world: the real handlers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.config import Settings
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import LoupeError
from chalicelib.domain.events import Hint
from chalicelib.domain.rollup import RollupKey, add, contribution
from chalicelib.domain.rules.actions import RULE_MATCHED
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.flow import deliver_facts, erasure_ledger, reconcile
from chalicelib.ports.services import Queues, Services
from local.up import jobs
from local.workers import Job
from tests.chaos.files import implied, written
from tests.chaos.speech import Speech
from tests.chaos.steps import Steps, stepped
from tests.fakes.language import (
    FakeEntities,
    FakeIdentifier,
    FakePiiDetector,
    FakeSentiment,
    FakeSummarizer,
)
from tests.fakes.messaging import MemoryFacts, MemoryQueue
from tests.fakes.rules import FixedRules
from tests.fakes.stores import MemoryContacts, MemoryObjects, Ticking
from tests.fakes.vectors import FakeClusterer, FakeVectors
from tests.rules import says
from tests.world import Clock

RULES = RuleSet("chaos", (says("r1", "Mood", 1, ("good", "bad")),))
QUEUES = ("ingest", "acoustics", "speech", "facts", "audio_redaction", "follow_ups")
MANY, QUICK, LONG_S = 1_000, 3, 3_600


@dataclass(frozen=True)
class Put:
    """The producer writes an object."""

    key: str
    body: bytes


@dataclass(frozen=True)
class Delete:
    """The producer removes an object."""

    key: str


@dataclass(frozen=True)
class Erase:
    """Somebody asks that a contact be erased."""

    contact_id: str


@dataclass(frozen=True)
class Script:
    """What a producer does, one act after the other.

    ``swept``: events alone do not bring the end about, a sweep is needed (somebody's contact record
    went with a file that names others). ``service``: transcription is an outside service's.
    """

    name: str
    acts: tuple[Put | Delete | Erase, ...]
    settings: Mapping[str, Any] = field(default_factory=lambda: {"source_gone": "delete"})
    service: bool = False
    swept: bool = False


def memory_services(settings: Settings, clock: Clock, speech: Speech) -> Services:
    """Every port in memory. Objects have a clock of their own, so that faults do not move it."""
    products = MemoryObjects(Ticking())
    queues = [
        MemoryQueue(
            name,
            visibility_s=settings.visibility_s,
            max_receives=settings.max_receives,
            clock=clock,
        )
        for name in QUEUES
    ]
    return Services(
        settings=settings,
        sources=MemoryObjects(Ticking(1_767_603_600_000)),
        raw=products,
        redacted=products,
        contacts=MemoryContacts(),
        queues=Queues(*queues),
        facts=MemoryFacts(),
        transcriber=speech,
        identifier=FakeIdentifier(),
        sentiment=FakeSentiment(),
        pii=FakePiiDetector({"4111": "CREDIT_DEBIT_NUMBER"}),
        summarizer=FakeSummarizer(),
        entities=FakeEntities(),
        vectors=FakeVectors(),
        clusterer=FakeClusterer(),
        rules=FixedRules(lambda: RULES),
        tools=Tools(),
        clock=clock,
    )


Make = Callable[[Settings, Clock, Speech], Services]


class Scene:
    """One run of one script. ``plain`` are the services as the rest of the world uses them."""

    def __init__(self, script: Script, make: Make = memory_services) -> None:
        self.script = script
        self.steps = Steps()
        self.speech = Speech(service=script.service, told=self._finished)
        settings = replace(
            Settings(follow_ups=()), max_receives=MANY, visibility_s=86_400, **dict(script.settings)
        )
        self.plain = make(settings, Clock(), self.speech)
        self.buckets: list[dict[str, Any]] = []
        self.use(stepped(self.plain, self.steps))

    def use(self, services: Services) -> None:
        """The services that the workers are given."""
        self.services = services
        self.jobs = jobs(services)

    def act(self, number: int, *, told: bool = True) -> None:
        """The producer's act of this number; ``told``: its event is not lost."""
        act = self.script.acts[number]
        if isinstance(act, Erase):
            erasure_ledger.ask(self.plain, act.contact_id, by="chaos", reason="request")
            self.buckets.append(self.bucket())
            return
        if isinstance(act, Put):
            self.plain.sources.put(act.key, act.body)
        else:
            self.plain.sources.delete(act.key)
        self.buckets.append(self.bucket())
        if told:
            self.plain.queues.ingest.send(Hint(key=act.key).to_body())

    def bucket(self) -> dict[str, Any]:
        """The objects that are there now: stat and bytes by key."""
        sources = self.plain.sources
        return {stat.key: (stat, sources.read(stat.key)) for stat in sources.list()}

    def drain(self) -> None:
        """Work until no queue shows anything and no outside job runs."""
        for _ in range(MANY):
            worked = [self.work(job) for job in self.jobs]
            if not any(worked) and not self.speech.finish():
                return
        raise AssertionError("the queues never became empty")

    def work(self, job: Job) -> bool:
        """One message of one queue, as a worker does it: what fails is given back."""
        messages = job.queue.receive(1)
        for message in messages:
            try:
                job.handle(message)
            except LoupeError:
                job.queue.retry(message, delay_s=0 if message.receives <= QUICK else LONG_S)
            else:
                job.queue.done(message)
        return bool(messages)

    def release(self) -> int:
        """What a start after a crash does: held messages show again; how many."""
        return sum([queue.release() for queue in self.queues])

    def finish(self) -> None:
        """All is worked off, also what was held or given back for later."""
        self.drain()
        while self.release():
            self.drain()

    @property
    def queues(self) -> list[Any]:
        return [getattr(self.plain.queues, name) for name in QUEUES]

    def sweep(self) -> int:
        """Reconcile, deliver what lies in the outbox, work; how many hints there were."""
        with self.steps.quiet():
            found = reconcile(self.plain)
            while deliver_facts(self.plain):
                pass
            self.drain()
        return found.hints

    def rows(self) -> dict[str, ContactRow]:
        store = self.plain.contacts
        return {contact_id: store.get(contact_id) for contact_id in store.ids()}

    def seen(self) -> dict[str, Any]:
        """What a user can see of it all: deleted contacts and parts that are gone are not there."""
        rows = self.rows().items()
        return {name: visible(row) for name, row in rows if row.status is not Status.DELETED}

    def consistent(self) -> None:
        """Roll-ups and files are what the rows say, nothing is stuck, no recording is paid for twice."""
        rows = self.rows().values()
        assert written(self.plain) == implied(self.plain, rows), "the files are not the rows'"
        assert counted(self.plain, rows) == add(*(contribution(row) for row in rows))
        stuck = [row.contact_id for row in rows if row.status is Status.IN_PROGRESS]
        assert not stuck, f"in progress, and nothing is under way: {stuck}"
        for recording, names in self.speech.names.items():
            assert len(names) == 1, f"{recording} was transcribed as {sorted(names)}"

    def told(self) -> None:
        """Everything that was committed was published, and nothing waits to be."""
        assert not self.plain.contacts.outbox()
        latest: Counter[str] = Counter()
        for fact in self._facts():
            if fact.name == RULE_MATCHED:
                continue
            latest[fact.contact_id] = max(latest[fact.contact_id], fact.detail["version"])
        for row in self.rows().values():
            if row.status is not Status.DELETED:
                assert latest[row.contact_id] == row.version

    def _facts(self) -> list[Any]:
        bus = self.plain.facts
        return (
            list(bus.facts.values())
            if isinstance(bus, MemoryFacts)
            else [f for _, f in bus.published()]
        )

    def _finished(self, job: str) -> None:
        self.plain.queues.ingest.send(Hint(job=job).to_body())


def visible(row: ContactRow) -> dict[str, Any]:
    """A row without versions and times."""
    there = [part for part in row.parts if part.state != "GONE"]
    return {
        "status": row.status,
        "publication": row.publication and replace(row.publication, analysis_key=""),
        "refusals": sorted(p.refusal.code for p in there if p.refusal),
        "parts": sorted((p.key, p.state, p.etag, p.superseded) for p in there),
    }


def counted(services: Services, rows: Any) -> dict[Any, dict[str, int]]:
    """Every roll-up that is stored; where the store cannot list them, those that can be thought of."""
    store = services.contacts
    if isinstance(store, MemoryContacts):
        return store.all_rollups()
    asked = {(k.period, k.dimension, k.value) for row in rows for k in contribution(row)}
    return {
        RollupKey(*dimension, bucket): dict(counters)
        for dimension in asked | {("D", "ALL", "*"), ("H", "ALL", "*")}
        for bucket, counters in store.rollups(*dimension, first="0000", last="9999").items()
    }
