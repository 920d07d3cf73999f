"""The scripts as written in ``cast.toml``, ``calls/*.toml`` and ``chats/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Agent:
    id: str
    name: str
    display: str
    routing: str


@dataclass(frozen=True, slots=True)
class Queue:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A flite voice; ``stretch`` lengthens every sound, ``pitch`` is the mean fundamental in Hz."""

    voice: str
    stretch: float = 1.0
    pitch: int | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """What all contacts share."""

    seed: int
    namespace: UUID
    bucket: str
    prefix: str
    account: str
    region: str
    instance: str
    agents: Mapping[str, Agent]
    queues: Mapping[str, Queue]
    voices: Mapping[str, Voice]

    def uuid(self, *parts: object) -> str:
        """The same id for the same name, always."""
        return str(uuid5(self.namespace, "/".join(str(p) for p in parts)))

    def arn(self, resource: str) -> str:
        base = f"arn:aws:connect:{self.region}:{self.account}:instance/{self.instance}"
        return f"{base}/{resource}" if resource else base


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of a call. It starts ``gap_ms`` after everything before it has ended, or
    ``overlap_ms`` before the other side ends; neither: after a short natural pause."""

    role: str
    text: str
    gap_ms: int | None = None
    overlap_ms: int | None = None
    db: float = 0.0


@dataclass(frozen=True, slots=True)
class Contact:
    """What a call and a chat have in common. ``name`` is the file's."""

    name: str
    about: str
    start: datetime
    queue: str
    attributes: Mapping[str, str]
    queue_wait_s: int
    agent: str | None = None
    after_contact_work_s: int = 0
    hold_s: int = 0
    initiation_method: str = "INBOUND"
    disconnect_reason: str = "CUSTOMER_DISCONNECT"


@dataclass(frozen=True, slots=True)
class Call(Contact):
    agent_voice: str = ""
    customer_voice: str = ""
    customer_number: str = ""
    disclosure: bool = False
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Chat(Contact):
    customer_name: str = ""
    items: tuple[Mapping[str, Any], ...] = field(default=())


def cast() -> Cast:
    raw = _toml(HERE / "cast.toml")
    return Cast(
        **{
            **raw,
            "namespace": UUID(raw["namespace"]),
            "agents": {k: Agent(**v) for k, v in raw["agents"].items()},
            "queues": {k: Queue(**v) for k, v in raw["queues"].items()},
            "voices": {k: Voice(**v) for k, v in raw["voices"].items()},
        }
    )


def calls() -> tuple[Call, ...]:
    return tuple(
        Call(lines=tuple(_line(t) for t in raw.pop("turns")), **raw) for raw in _contacts("calls")
    )


def chats() -> tuple[Chat, ...]:
    return tuple(Chat(items=tuple(raw.pop("items")), **raw) for raw in _contacts("chats"))


def _contacts(folder: str) -> list[dict[str, Any]]:
    return [
        {**raw, "name": path.stem, "start": datetime.fromisoformat(raw["start"]).astimezone(UTC)}
        for path in sorted((HERE / folder).glob("*.toml"))
        for raw in [_toml(path)]
    ]


def _line(raw: dict[str, Any]) -> Line:
    role = "agent" if "agent" in raw else "customer"
    return Line(role=role.upper(), text=raw.pop(role), **raw)


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
