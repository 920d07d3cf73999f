"""A whole local world for tests: real stores in a folder, real formats, a scripted transcriber.

``drain`` works the queues off the way the workers do, one message at a time, until nothing waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chalicelib.adapters.engines.extractive_summary import ExtractiveSummarizer
from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.adapters.local.folder_objects import FolderObjects
from chalicelib.adapters.local.leftovers import DatabaseLogs, InboxFolder
from chalicelib.adapters.local.local_facts import LocalFacts
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.bootstrap import DATABASES, starter_rules
from chalicelib.config import Settings
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.events import Fact, Hint
from chalicelib.domain.follow_up import Kind
from chalicelib.domain.rollup import add, contribution
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.summary import Summary
from chalicelib.domain.transcript import Channel, Engine, Participant, Role, Transcript, Turn, Word
from chalicelib.flow import advance, deliver_facts, follow_up, reconcile, speak
from chalicelib.flow.follow_ups.desk import Runner
from chalicelib.flow.follow_ups.kinds import RUNNERS
from chalicelib.ports.language import Failed, Mood
from chalicelib.ports.services import Queues, Services
from chalicelib.ports.speech import JobState, SpeechJob
from chalicelib.ports.storage import Commit, RowWrite
from local import acoustics, redacted_audio
from tests.fakes.language import FakeEntities, FakeIdentifier
from tests.fakes.rules import FixedRules
from tests.fakes.vectors import FakeClusterer, FakeVectors
from tests.wav_files import SECOND, wav

CONTACT = "0a1b2c3d-0000-4000-8000-000000000001"
OTHER = "0a1b2c3d-0000-4000-8000-000000000002"
CHAT_KEY = f"connect/acme/ChatTranscripts/2026/01/05/{CONTACT}_20260105T09:00_UTC.json"
CALL_KEY = f"connect/acme/CallRecordings/2026/01/05/{CONTACT}_20260105T09:00_UTC.wav"
RECORD_KEY = "contact-records/2026/01/05/records.json"


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_767_600_000_000

    def __call__(self) -> int:
        self.now += 1
        return self.now


def spoken(*lines: tuple[Role, str], start_ms: int = 0) -> Transcript:
    """A call in which these lines are said one after the other, a word every 300 ms."""
    turns, at = [], start_ms
    for number, (role, text) in enumerate(lines):
        words = []
        for word in text.split():
            words.append(Word(word, at, at + 250, 0.9))
            at += 300
        turns.append(
            Turn(f"t{number}", role, role, words[0].begin_ms, words[-1].end_ms, text, tuple(words))
        )
        at += 500
    people = (Participant("CUSTOMER", Role.CUSTOMER), Participant("AGENT", Role.AGENT))
    return Transcript(Channel.VOICE, "en-US", people, tuple(turns), Engine("scripted", "1"))


@dataclass
class ScriptedTranscriber:
    """Answers every job with the same outcome and remembers which jobs it was asked to start."""

    outcome: JobState = field(
        default_factory=lambda: JobState(
            "DONE",
            spoken(
                (Role.AGENT, "thank you for calling this call may be recorded"),
                (Role.CUSTOMER, "I want to cancel my subscription this is terrible"),
            ),
        )
    )
    error: Exception | None = None
    started: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    engine: Engine = field(default_factory=lambda: Engine("scripted", "1"))

    def start(self, job: SpeechJob) -> JobState:
        self.started.append(job.name)
        self.languages.append(job.language)
        if self.error:
            raise self.error
        return self.outcome

    def look(self, job: SpeechJob) -> JobState:
        return JobState("ABSENT")

    def forget(self, job: SpeechJob) -> None:
        self.started = [name for name in self.started if name != job.name]


class CountingSentiment(VaderSentiment):
    """The real engine, counting how many texts it was asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def score(self, texts: Any, language: str) -> list[Mood | Failed]:
        self.asked += len(texts)
        return list(super().score(texts, language))


class CountingSummarizer(ExtractiveSummarizer):
    """The real engine, counting how many conversations it was asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def summarise(self, turns: Any, language: str) -> Summary:
        self.asked += 1
        return super().summarise(turns, language)


class World:
    """Stores under one folder, and the acts of a producer and of the workers."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.clock = Clock()
        self.speech = ScriptedTranscriber()
        self.languages = FakeIdentifier()
        self.entities = FakeEntities()
        self.mood = CountingSentiment()
        self.summaries = CountingSummarizer()
        self.rule_set: RuleSet = starter_rules()
        self.runners: Mapping[Kind, Runner] = RUNNERS
        chosen = replace(Settings(follow_ups=()), **settings)
        products = FolderObjects(folder / "products")
        queues = [
            SqliteQueue(
                folder / "queues.db",
                name,
                visibility_s=chosen.visibility_s,
                max_receives=chosen.max_receives,
                clock=self.clock,
            )
            for name in ("ingest", "acoustics", "speech", "facts", "audio_redaction", "follow_ups")
        ]
        self.services = Services(
            settings=chosen,
            sources=FolderObjects(folder / "sources"),
            raw=products,
            redacted=products,
            contacts=SqliteContacts(folder / "contacts.db"),
            queues=Queues(*queues),
            facts=LocalFacts(folder / "facts.db", clock=self.clock),
            transcriber=self.speech,
            identifier=self.languages,
            sentiment=self.mood,
            pii=PatternPii(),
            summarizer=self.summaries,
            entities=self.entities,
            vectors=FakeVectors(),
            clusterer=FakeClusterer(),
            rules=FixedRules(lambda: self.rule_set),
            tools=Tools(),
            clock=self.clock,
            beside=(InboxFolder(folder),),
            afterwards=(DatabaseLogs(*(folder / f"{name}.db" for name in DATABASES)),),
        )

    def put(self, key: str, body: bytes, *, hint: bool = True) -> None:
        self.services.sources.put(key, body)
        if hint:
            self.hint(Hint(key=key))

    def delete(self, key: str, *, hint: bool = True) -> None:
        self.services.sources.delete(key)
        if hint:
            self.hint(Hint(key=key))

    def hint(self, *hints: Hint) -> None:
        for hint in hints:
            self.services.queues.ingest.send(hint.to_body())

    def drain(self, *, rounds: int = 200) -> None:
        """Work until no queue holds anything. A message that raises stays the test's problem."""
        q = self.services.queues
        for _ in range(rounds):
            busy = False
            for queue, act in (
                (q.ingest, lambda m: advance(self.services, Hint.from_body(m.body))),
                (q.acoustics, lambda m: acoustics.work(self.services, m.body)),
                (q.speech, lambda m: speak(self.services, Hint.from_body(m.body))),
                (q.facts, lambda _: deliver_facts(self.services)),
                (q.audio_redaction, lambda m: redacted_audio.work(self.services, m.body)),
                (q.follow_ups, lambda m: follow_up(self.services, m.body, self.runners)),
            ):
                for message in queue.receive(1):
                    busy = True
                    act(message)
                    queue.done(message)
            if not busy:
                return
        raise AssertionError("the queues never became empty")

    def reconcile(self) -> None:
        reconcile(self.services)
        self.drain()

    def forge(self, row: ContactRow, version: int) -> None:
        """Put a row in the place of version ``version``, as another release may have left it."""
        self.services.contacts.commit(Commit([RowWrite(row, version)]))

    def row(self, contact_id: str = CONTACT) -> ContactRow:
        row = self.services.contacts.get(contact_id)
        assert row is not None, f"no row for {contact_id}"
        return row

    def rows(self) -> list[ContactRow]:
        return [self.row(contact_id) for contact_id in self.services.contacts.ids()]

    def facts(self) -> list[Fact]:
        return [fact for _, fact in self.services.facts.published()]

    def rollups_equal_rows(self) -> None:
        """Every roll-up counter is the sum over the rows, and nothing else is counted."""
        expected = add(*(contribution(row) for row in self.rows()))
        for key, counters in expected.items():
            stored = self.services.contacts.rollups(
                key.period, key.dimension, key.value, first=key.bucket, last=key.bucket
            )
            assert dict(stored.get(key.bucket, {})) == counters, key
        total = sum(c["n"] for k, c in expected.items() if (k.period, k.dimension) == ("D", "ALL"))
        days = self.services.contacts.rollups("D", "ALL", "*", first="0000", last="9999")
        assert sum(c.get("n", 0) for c in days.values()) == total

    def seen(self) -> dict[str, Any]:
        """What a user can see, without versions and times: for comparing two worlds."""
        return {row.contact_id: _visible(row) for row in self.rows()}


def _visible(row: ContactRow) -> Mapping[str, Any]:
    return {
        "status": row.status,
        "tombstone": row.tombstone,
        "publication": row.publication,
        "refusals": sorted(p.refusal.code for p in row.parts if p.refusal),
        "states": sorted((p.key, p.state) for p in row.parts),
    }


def chat(
    lines: Iterable[tuple[str, str]] = (
        ("AGENT", "Hello, how can I help?"),
        ("CUSTOMER", "Thank you!"),
    ),
    contact_id: str = CONTACT,
) -> bytes:
    """A Connect chat transcript; one line every ten seconds, participants joining first."""
    roles = ("CUSTOMER", "AGENT")
    joined = "application/vnd.amazonaws.connect.event.participant.joined"
    items: list[dict[str, Any]] = [
        {
            "AbsoluteTime": "2026-01-05T09:00:00.000Z",
            "Id": f"j-{role}",
            "Type": "EVENT",
            "ContentType": joined,
            "ParticipantId": f"p-{role}",
            "ParticipantRole": role,
            "DisplayName": role.title(),
        }
        for role in roles
    ]
    for number, (role, text) in enumerate(lines, 1):
        at = f"2026-01-05T09:{number * 10 // 60:02d}:{number * 10 % 60:02d}.000Z"
        items.append(
            {
                "AbsoluteTime": at,
                "Id": f"m-{number}",
                "Type": "MESSAGE",
                "ContentType": "text/plain",
                "Content": text,
                "ParticipantId": f"p-{role}",
                "ParticipantRole": role,
                "DisplayName": role.title(),
            }
        )
    return json.dumps(
        {
            "Version": "2019-08-26",
            "AWSAccountId": "111122223333",
            "InstanceId": "00000000-0000-0000-0000-000000000000",
            "InitialContactId": contact_id,
            "ContactId": contact_id,
            "Participants": [{"ParticipantId": f"p-{role}"} for role in roles],
            "Transcript": items,
        }
    ).encode()


def call(seconds: int) -> bytes:
    """A silent stereo recording at 8 kHz; what is said in it is the scripted transcriber's."""
    return wav(SECOND * seconds)


def record(contact_id: str = CONTACT, **changes: Any) -> bytes:
    """A contact record: agent Ada in the queue Billing."""
    arn = "arn:aws:connect:eu-central-1:111122223333:instance/0"
    document = {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "ContactId": contact_id,
        "Channel": "CHAT",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2026-01-05T08:59:00Z",
        "DisconnectTimestamp": "2026-01-05T09:04:00Z",
        "LastUpdateTimestamp": "2026-01-05T09:05:00Z",
        "InstanceARN": arn,
        "Agent": {
            "ARN": f"{arn}/agent/ada",
            "Username": "ada",
            "AgentInteractionDuration": 200,
            "AfterContactWorkDuration": 20,
            "CustomerHoldDuration": 10,
        },
        "Queue": {"ARN": f"{arn}/queue/billing", "Name": "Billing"},
        "Attributes": {"tier": "gold"},
        **changes,
    }
    return json.dumps(document).encode()
