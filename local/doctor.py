"""``loupe doctor``: which engine serves which capability, and what is degraded and why."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chalicelib import __version__
from chalicelib.adapters.engines.faster_whisper import usable_model
from chalicelib.adapters.engines.langid import check as check_langid
from chalicelib.adapters.engines.minilm_sentiment import check as check_minilm
from chalicelib.adapters.engines.models import locate
from chalicelib.adapters.engines.rampart import Rampart
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.api import views
from chalicelib.api.models import CapabilityInfo
from chalicelib.bootstrap import local_vocabulary
from chalicelib.config import Settings
from chalicelib.domain.errors import EngineMissing, LoupeError
from chalicelib.domain.transcript import Engine
from chalicelib.ports.services import Services
from chalicelib.text_engines import (
    entity_finder,
    language_engines,
    language_identifier,
    language_model,
    sentence_vectors,
    summarizer,
    text_insight,
)
from functions.acoustics.measure import ENGINE as ACOUSTICS
from functions.audio_redaction.silence import ENGINE as AUDIO_REDACTION
from local import aws_services, data_folder

QUEUES = ("ingest", "acoustics", "speech", "facts", "audio_redaction", "follow_ups", "lake")


def capabilities(services: Services) -> list[CapabilityInfo]:
    """The engines of a running system, with their honesty notes."""
    readers = {
        "sentiment": services.sentiment.engine,
        "pii": services.pii.engine,
        "summary": services.summarizer.engine,
        **({"generated_summary": services.model.engine} if services.model else {}),
        "entities": services.entities.engine,
    }
    return _capabilities(services.settings, readers)


def _capabilities(settings: Settings, readers: Mapping[str, Engine]) -> list[CapabilityInfo]:
    """``readers``: the engines that read text, by capability."""
    return [
        _speech(settings),
        _language(settings),
        _info("acoustics", ACOUSTICS, "OK"),
        _sentiment(settings, readers["sentiment"]),
        _pii(settings, readers["pii"]),
        _info("summary", readers["summary"], "OK"),
        *_model(readers.get("generated_summary")),
        _info("entities", readers["entities"], "OK"),
        _info("insight", text_insight(settings).engine, "OK"),
        _info("audio_redaction", AUDIO_REDACTION, "OK"),
        _themes(settings),
    ]


def _model(engine: Engine | None) -> Iterator[CapabilityInfo]:
    """The language model, where one is to write; asking whether it answers would be a paid question."""
    if engine:
        yield _info("generated_summary", engine, "OK", f"{engine.detail}; not asked by doctor")


def _speech(settings: Settings) -> CapabilityInfo:
    try:
        model = locate(settings.whisper_model)
        local_vocabulary(settings)
    except LoupeError as error:
        none = Engine("none", "")
        return _info("transcript", none, "MISSING", str(error))
    engine = Engine("faster-whisper", model.name)
    try:
        usable_model(settings.whisper_model, settings.language)
    except EngineMissing as missing:
        return _info("transcript", engine, "DEGRADED", missing.reason)
    return _info("transcript", engine, "OK", model.detail)


def _language(settings: Settings) -> CapabilityInfo:
    identifier = language_identifier(settings)
    if identifier is None:
        none, detail = Engine("none", ""), f"{settings.language} is assumed for every text"
        return _info("language", none, "DEGRADED", detail)
    try:
        if settings.language_id == "langid":
            check_langid()
    except LoupeError as error:
        return _info("language", identifier.engine, "MISSING", f"{error}; it is assumed")
    return _info("language", identifier.engine, "OK")


def _pii(settings: Settings, engine: Engine) -> CapabilityInfo:
    if settings.pii == "patterns":
        return _info("pii", engine, "DEGRADED", "patterns alone: names and addresses are not found")
    try:
        if settings.pii == "rampart":
            Rampart().check()
    except LoupeError as error:
        return _info("pii", engine, "MISSING", f"{error}; LOUPE_PII=patterns does without")
    return _info("pii", engine, "OK")


def _sentiment(settings: Settings, engine: Engine) -> CapabilityInfo:
    try:
        if settings.sentiment == "minilm":
            check_minilm()
    except LoupeError as error:
        return _info(
            "sentiment", engine, "MISSING", f"{error}; LOUPE_SENTIMENT=vader needs no model"
        )
    return _info("sentiment", engine, "OK")


def _themes(settings: Settings) -> CapabilityInfo:
    vectors = sentence_vectors(settings)
    try:
        vectors.check()
    except LoupeError as error:
        return _info("themes", vectors.engine, "MISSING", str(error))
    return _info("themes", vectors.engine, "OK")


def _info(capability: str, engine: Engine, state: Any, detail: str = "") -> CapabilityInfo:  # noqa: ANN401
    return CapabilityInfo(
        capability=capability,
        engine=views.engine(engine),
        state=state,
        detail=detail or engine.detail,
    )


def report(settings: Settings, data: Path) -> dict[str, Any]:
    """Everything that ``doctor`` tells, as plain data. Raises ``NotLoupes`` for a strange folder."""
    sentiment, pii = language_engines(settings)
    model = language_model(settings)
    readers = {
        "sentiment": sentiment.engine,
        "pii": pii.engine,
        "summary": summarizer().engine,
        **({"generated_summary": model.engine} if model else {}),
        "entities": entity_finder(settings).engine,
    }
    found = _capabilities(settings, readers)
    return {
        "version": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cores": os.cpu_count(),
        "data": _data(data, settings),
        "raw": _raw(settings),
        "dashboard": _dashboard(),
        "capabilities": [c.model_dump(by_alias=True) for c in found],
        "aws": {
            "verified": False,
            "detail": "the AWS adapters are tested against emulations; nothing was run on a real account",
            "services": aws_services.told(settings),
        },
    }


def _raw(settings: Settings) -> dict[str, str]:
    """Whether originals are stored."""
    told = (
        "texts and recordings as they were said are kept, apart from the redacted ones"
        if settings.keeps_raw
        else "originals are removed once they are analysed; only redacted texts and recordings stay"
    )
    return {"mode": settings.raw, "detail": told}


def _data(data: Path, settings: Settings) -> dict[str, Any]:
    """The folder's state; one that does not exist yet is not made."""
    if not data.exists():
        return {"path": str(data), "exists": False}
    data_folder.existing(data)
    return {
        "path": str(data),
        "exists": True,
        "usedBytes": sum(_sizes(data)),
        "freeBytes": shutil.disk_usage(data).free,
        "queues": _queues(data / "queues.db", settings),
    }


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes of each file; a running system removes some while they are counted."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                yield (Path(parent) / name).lstat().st_size


def _queues(path: Path, settings: Settings) -> dict[str, dict[str, int]]:
    if not path.is_file():
        return {}
    depths = {
        name: SqliteQueue(
            path, name, visibility_s=settings.visibility_s, max_receives=settings.max_receives
        ).depth()
        for name in QUEUES
    }
    return {
        name: {"waiting": depth.waiting, "inFlight": depth.in_flight, "dead": depth.dead}
        for name, depth in depths.items()
    }


def _dashboard() -> dict[str, Any]:
    built = (Path(__file__).resolve().parents[1] / "dashboard" / "dist" / "index.html").is_file()
    return {"built": built, "detail": "" if built else "run `make setup` to build it"}


def show(found: dict[str, Any]) -> str:
    """The report as a table for a person."""
    table = Table(title=f"Loupe {found['version']}")
    for column in ("capability", "state", "engine", "note"):
        table.add_column(column, overflow="fold")
    for c in found["capabilities"]:
        table.add_row(
            c["capability"],
            c["state"],
            f"{c['engine']['name']} {c['engine']['version']}",
            c["detail"],
        )
    console = Console(file=None, record=True, width=min(120, shutil.get_terminal_size().columns))
    with console.capture() as capture:
        console.print(table)
        data = dict(found["data"])
        queues = data.pop("queues", {})
        console.print(f"data: {data}")
        for name, depth in queues.items():
            told = ", ".join(f"{number} {state}" for state, number in depth.items())
            console.print(f"queue {name}: {told}")
        console.print(f"raw: {found['raw']['mode']}, {found['raw']['detail']}")
        console.print(f"dashboard: {found['dashboard']}")
        console.print(f"aws: {found['aws']['detail']}")
        for line in aws_services.lines(found["aws"]["services"]):
            console.print(f"aws: {line}")
        console.print(
            f"python {found['python']}, sqlite {found['sqlite']}, {found['cores']} cores, {sys.platform}"
        )
    return capture.get()
