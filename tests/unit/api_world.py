# ruff: noqa: E501
"""A small installation for the API's tests: real local stores, known contacts, a clock that stands."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalicelib.adapters.audit_trail import ObjectAudit
from chalicelib.adapters.local.folder_objects import FolderObjects
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.adapters.local.sqlite_transcripts import SqliteTranscripts
from chalicelib.adapters.people import ObjectPeople
from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.api import app
from chalicelib.api.identity import authorizer, principal_of
from chalicelib.api.model_base import EngineInfo
from chalicelib.api.models import CapabilityInfo
from chalicelib.config import Settings
from chalicelib.domain.acoustics import Acoustics, ChannelAcoustics
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.characteristics import Characteristics, Interruption, ResponseTime
from chalicelib.domain.contact import (
    ContactRecord,
    ContactRow,
    Part,
    PartKind,
    PartState,
    Publication,
    Refusal,
    SkippedAnalysis,
    StageRun,
    Status,
    Waiting,
)
from chalicelib.domain.principal import Principal, holder_of_start_token
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import CategoryMatch, PointOfInterest, RuleSet
from chalicelib.domain.sentiment import Quarter, Sentiment, Shift, TurnSentiment
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Participant,
    Redaction,
    Role,
    SentimentLabel,
    Span,
    Transcript,
    Turn,
    TurnKind,
    Word,
)
from chalicelib.flow import search_index
from chalicelib.formats.artifact import dump
from chalicelib.ports.services import Queues, Services
from chalicelib.ports.storage import Commit, RowWrite
from local import uploads
from local.redacted_audio import make_copy
from tests.fakes.vectors import FakeClusterer, FakeVectors
from tests.rules import says

NOW_MS = 1_780_000_000_000
DAY_MS = 86_400_000
GREETING = says("greeting", "Greeting", 1, ["hello there"])
ENGINE = Engine("test-engine", "1.0", "for tests")
ADMIN = holder_of_start_token()
RATE = 8000

CALL, CHAT, OTHER, RUNNING, REFUSED, FAILED, BOTH = (
    "11111111-0000-4000-8000-000000000001",
    "11111111-0000-4000-8000-000000000002",
    "11111111-0000-4000-8000-000000000003",
    "11111111-0000-4000-8000-000000000004",
    "11111111-0000-4000-8000-000000000005",
    "11111111-0000-4000-8000-000000000006",
    "an id with blanks, #é",
)
LONG_TURNS = 450


def wav_bytes(seconds: float = 2.0, channels: int = 2) -> bytes:
    """16-bit PCM with a ramp, so that every position has its own value."""
    frames = int(seconds * RATE)
    samples = [(i * 7 + c * 1000) % 30000 for i in range(frames) for c in range(channels)]
    data = struct.pack(f"<{len(samples)}h", *samples)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1,
                       channels, RATE, RATE * channels * 2, channels * 2, 16, b"data", len(data))  # fmt: skip
    return head + data


def publication(**known: Any) -> Publication:
    given = {
        "analysis_key": "",
        "channel": Channel.VOICE,
        "channels": (Channel.VOICE,),
        "initiation_ms": NOW_MS - DAY_MS,
        "disconnect_ms": NOW_MS - DAY_MS + 2000,
        "duration_ms": 2000,
        "agent_id": "agent-1",
        "agent_name": "Ada",
        "queue_id": "queue-1",
        "queue_name": "Billing",
        "sentiment_customer": -1.25,
        "agent_talk_ms": 500,
        "customer_talk_ms": 700,
        "non_talk_ms": 800,
        "interruptions": 1,
        "categories": ("Billing dispute",),
        "attributes": {"language": "en"},
        "skipped": (SkippedAnalysis("summary", "NOT_SUPPORTED", "no summaries", "voice"),),
    }
    return Publication(**{**given, **known})


def row(contact_id: str, **known: Any) -> ContactRow:
    given = {
        "contact_id": contact_id,
        "version": 1,
        "status": Status.COMPLETED,
        "updated_ms": NOW_MS,
        "first_seen_ms": NOW_MS - DAY_MS,
    }
    return ContactRow(**{**given, **known})


def part(key: str, kind: PartKind = PartKind.RECORDING, **known: Any) -> Part:
    given = {"etag": "e1", "format": "wav", "size": 44, "modified_ms": NOW_MS - DAY_MS}
    return Part(key=key, kind=kind, **{**given, **known})


def turn(number: int, role: Role, text: str, **known: Any) -> Turn:
    given = {
        "id": f"t-{number:04d}",
        "participant_id": role.value,
        "role": role,
        "begin_ms": (number - 1) * 1000,
        "end_ms": (number - 1) * 1000 + 900,
        "text": text,
    }
    return Turn(**{**given, **known})


def voice(source_key: str, acoustics_key: str | None) -> Conversation:
    said = (
        turn(1, Role.AGENT, "Hello there.", words=(Word("Hello", 0, 400, 0.9), Word("there.", 400, 900, None))),
        turn(2, Role.CUSTOMER, "My card is [CREDIT_DEBIT_NUMBER]", redactions=(Redaction(11, 32, "CREDIT_DEBIT_NUMBER", 1500, 1900),)),
    )  # fmt: skip
    figures = Characteristics(
        total_duration_ms=2000,
        talk_time_ms={Role.AGENT: 500, Role.CUSTOMER: 700},
        talk_time_sum_ms=1200,
        talk_time_union_ms=1100,
        non_talk=(Span(900, 1000),),
        interruptions=(Interruption(Role.AGENT, 1000, 1400, "t-0001", "t-0002"),),
        talk_speed_wpm={Role.AGENT: 120},
        loudness={"t-0001": (60.5, None)},
        greeting_ms=300,
        method={"non_talk_min_ms": 3000},
    )
    mood = Sentiment(
        ENGINE,
        turns=(TurnSentiment("t-0002", SentimentLabel.NEGATIVE, -0.6, 0.8),),
        overall={Role.CUSTOMER: -1.25},
        quarters={Role.CUSTOMER: tuple(Quarter(n * 500, n * 500 + 500, -5.0) for n in range(4))},
        shift={Role.CUSTOMER: Shift(-5.0, 1.0)},
    )
    people = (Participant("AGENT", Role.AGENT, "Ada"), Participant("CUSTOMER", Role.CUSTOMER))
    match = CategoryMatch(
        "Billing dispute", "r1", 2, (PointOfInterest("t-0002", 0, 7, 1000, 1200),)
    )
    return Conversation(
        channel=Channel.VOICE,
        source_key=source_key,
        source_etag="e1",
        transcript=Transcript(Channel.VOICE, "en-US", people, said, ENGINE),
        characteristics=figures,
        sentiment=mood,
        categories=(match,),
        duration_ms=2000,
        acoustics_key=acoustics_key,
        engines={"transcript": ENGINE},
    )


def chat(turns: int = 3) -> Conversation:
    written = tuple(
        turn(n, Role.CUSTOMER if n % 2 else Role.AGENT, f"line {n}", id=f"m-{n}", kind=TurnKind.MESSAGE,
             end_ms=(n - 1) * 1000, absolute_time="2026-05-28T20:26:40Z")
        for n in range(1, turns + 1)
    )  # fmt: skip
    people = (Participant("AGENT", Role.AGENT), Participant("CUSTOMER", Role.CUSTOMER, "Cleo"))
    figures = Characteristics(
        total_duration_ms=turns * 1000,
        response_time={Role.AGENT: ResponseTime(1000, 1000, 1000, ("m-2",))},
    )
    return Conversation(
        channel=Channel.CHAT,
        source_key="connect/acme/ChatTranscripts/chat.json",
        source_etag="e2",
        transcript=Transcript(Channel.CHAT, "en-US", people, written, ENGINE),
        characteristics=figures,
        sentiment=Sentiment(ENGINE),
        categories=(),
        duration_ms=turns * 1000,
    )


def acoustics() -> Acoustics:
    channels = tuple(
        ChannelAcoustics(i, (Span(0, 900),), (50.0, 60.0), tuple(n / 1000 for n in range(1000)))
        for i in range(2)
    )
    return Acoustics(2000, RATE, channels, ENGINE)


@dataclass
class World:
    """The installation and its API. ``ask`` sends one request as API Gateway would."""

    services: Services
    capabilities: list[CapabilityInfo] = field(default_factory=list)
    upload_url: Callable[[str], str] | None = uploads.url
    now_ms: int = NOW_MS
    copy: Callable[[CopyOrder], bool] | None = None

    def __post_init__(self) -> None:
        self.services = replace(self.services, clock=lambda: self.now_ms)
        self.handler = app.build(
            self.services,
            principal_of,
            secret=b"a secret for tests",
            capabilities=lambda: self.capabilities,
            upload_url=self.upload_url,
            copy=self.copy or (lambda order: make_copy(self.services, order)),
        )

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        who: Principal | None = ADMIN,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> SimpleNamespace:
        many = {
            k.rstrip("_"): [str(x) for x in (v if isinstance(v, list) else [v])]
            for k, v in query.items()
        }
        event = {
            "httpMethod": method,
            "path": path,
            "headers": {"Content-Type": "application/json", **(headers or {})},
            "queryStringParameters": {k: v[-1] for k, v in many.items()} or None,
            "multiValueQueryStringParameters": many or None,
            "body": body if body is None or isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
            "requestContext": {"requestId": "req-1", "stage": "", "authorizer": authorizer(who) if who else {}},
        }  # fmt: skip
        return answer(self.handler(event, None))

    def put(self, *rows: ContactRow) -> None:
        known = {r.contact_id: self.services.contacts.get(r.contact_id) for r in rows}
        writes = []
        for one in rows:
            before = known[one.contact_id]
            version = before.version + 1 if before else 1
            writes.append(
                RowWrite(replace(one, version=version), before.version if before else None)
            )
        owners = {p.key: r.contact_id for r in rows for p in r.parts}
        self.services.contacts.commit(Commit(writes, owners=owners))

    def publish(self, contact_id: str, *conversations: Conversation, **known: Any) -> ContactRow:
        """A contact with its analysis stored."""
        key = f"redacted/artifacts/{len(contact_id)}{contact_id[-1]}/analysis.json"
        record = ContactRecord(contact_id, disconnect_reason="CUSTOMER_DISCONNECT")
        self.services.redacted.put(key, dump(ContactAnalysis(contact_id, conversations, record)))
        parts = known.pop("parts", ())
        channels = tuple(c.channel for c in conversations)
        shown = publication(analysis_key=key, channel=channels[0], channels=channels, **known)
        made = row(contact_id, publication=shown, parts=parts)
        self.put(made)
        search_index.settle(self.services, made)
        return made


def answer(response: dict[str, Any]) -> SimpleNamespace:
    headers = {k.lower(): v[-1] for k, v in response["multiValueHeaders"].items()}
    text = response["body"] or ""
    return SimpleNamespace(
        status=response["statusCode"],
        headers=headers,
        text=text,
        json=json.loads(text) if text else None,
    )


def services(
    folder: Path, settings: Settings | None = None, sign: Any = None, sign_redacted: Any = None
) -> Services:
    chosen = settings or Settings()

    def queue(name: str) -> SqliteQueue:
        return SqliteQueue(folder / "queues.db", name, visibility_s=30, max_receives=3)

    products = FolderObjects(
        folder / "products", sign=sign_redacted or (lambda k, s, t: f"/signed/redacted/{s}/{t}")
    )
    contacts = SqliteContacts(folder / "contacts.db")
    words = SqliteTranscripts(folder / "contacts.db")
    return Services(
        settings=chosen,
        sources=FolderObjects(
            folder / "sources", sign=sign or (lambda k, s, t: f"/signed/{s}/{t}")
        ),
        raw=products,
        redacted=products,
        contacts=contacts,
        queues=Queues(
            *map(
                queue,
                ("ingest", "acoustics", "speech", "facts", "audio_redaction", "follow_ups", "lake"),
            )
        ),
        facts=None,
        transcriber=None,
        identifier=None,
        sentiment=None,
        pii=None,
        summarizer=None,
        entities=None,
        vectors=FakeVectors(),
        clusterer=FakeClusterer(),
        rules=ObjectRuleBook(products, RuleSet("base", (GREETING,))),
        tools=Tools(),
        people=ObjectPeople(products),
        audit=ObjectAudit(
            products, FolderObjects(folder / "audit-heads"), lambda: b"audit", clock=lambda: NOW_MS
        ),
        clock=lambda: NOW_MS,
        search=words,
        index=words,
    )


def populated(
    folder: Path, settings: Settings | None = None, sign: Any = None, sign_redacted: Any = None
) -> World:
    """One of each: call, chat, another queue's call, running, refused, failed, call with chat."""
    world = World(services(folder, settings, sign, sign_redacted))
    sources, redacted = world.services.sources, world.services.redacted
    stat = sources.put("connect/acme/CallRecordings/call.wav", wav_bytes())
    key, played = stat.key, part(stat.key, size=stat.size, etag=stat.etag)
    redacted.put("redacted/artifacts/a/acoustics.json", dump(acoustics()))
    call = replace(voice(key, "redacted/artifacts/a/acoustics.json"), source_etag=stat.etag)
    world.publish(CALL, call, parts=(played,))
    world.publish(
        CHAT,
        chat(LONG_TURNS),
        disconnect_ms=NOW_MS - 2 * DAY_MS,
        queue_id="queue-2",
        agent_id="agent-2",
    )
    gone = part("connect/acme/CallRecordings/other.wav", state=PartState.RELEASED)
    world.publish(
        OTHER,
        replace(call, acoustics_key=None),
        disconnect_ms=NOW_MS - 3 * DAY_MS,
        queue_id="queue-2",
        agent_id="agent-1",
        categories=(),
        parts=(gone,),
    )
    run = StageRun("acoustics", "voice", "RUNNING", started_ms=NOW_MS, engine=ENGINE, attempt=1)
    world.put(
        row(RUNNING, status=Status.IN_PROGRESS, stages=(run,), waiting={"voice/transcript": Waiting("f", NOW_MS)}),
        row(REFUSED, status=Status.QUARANTINED, parts=(part("bad.wav", refusal=Refusal("audio.header", "the file ends inside its header", NOW_MS)),)),
        row(FAILED, status=Status.FAILED, failed_stage="transcript", failure=Refusal("stage.timeout", "nothing was heard", NOW_MS)),
    )  # fmt: skip
    world.publish(BOTH, call, chat(2), disconnect_ms=NOW_MS - 4 * DAY_MS, parts=(played,))
    world.capabilities.append(
        CapabilityInfo(capability="sentiment", engine=EngineInfo(name="lexicon", version="1"), state="OK", detail="not Amazon Comprehend")
    )  # fmt: skip
    return world
