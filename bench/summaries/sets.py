"""Dialogues with written notes, read from the shared data: turns of two roles and the reference."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.transcript import Role, Turn

MARKS = re.compile(r"</?UNSURE>|<UNIN/>|<INAUDIBLE_SPEECH/>")
LINE = re.compile(r"\[(doctor|patient|[a-z_]+)\] ?(.*)")
HEADING = re.compile(r"^[A-Z][A-Z &/]+$", re.MULTILINE)
ROLES = {"doctor": Role.AGENT, "patient": Role.CUSTOMER}


@dataclass(frozen=True, slots=True)
class Dialogue:
    name: str
    turns: tuple[Turn, ...]
    reference: str


def aci(folder: Path, *, heading: str = "") -> Iterator[Dialogue]:
    """Clinic visits with the whole note, or with one section of it."""
    data = json.loads((folder / "summaries" / "aci_valid.json").read_text())["data"]
    for one in data:
        said = [found.groups() for found in map(LINE.match, one["src"].splitlines()) if found]
        turns = _turns((ROLES.get(who, Role.UNKNOWN), text) for who, text in said)
        reference = section(one["tgt"], heading) if heading else HEADING.sub("", one["tgt"])
        if reference.strip():
            yield Dialogue(one["file"], turns, reference)


def section(note: str, heading: str) -> str:
    """The text under one of the headings, ``""`` if the note has none such."""
    places = [*HEADING.finditer(note)]
    for here, after in zip(places, [*places[1:], None], strict=True):
        if re.search(heading, here.group()):
            return note[here.end() : after.start() if after else len(note)]
    return ""


def primock(folder: Path) -> Iterator[Dialogue]:
    """Consultations by telephone, with the doctor's own note."""
    path = folder / "timed_conversations" / "primock57.jsonl"
    for line in path.read_text().splitlines():
        one = json.loads(line)
        said = ((Role(turn["role"]), MARKS.sub("", turn["text"])) for turn in one["turns"])
        yield Dialogue(one["id"], _turns(said), one["note"])


def _turns(said: Iterator[tuple[Role, str]]) -> tuple[Turn, ...]:
    turns = (Turn(f"t{n}", role, role, n, n, text) for n, (role, text) in enumerate(said))
    return tuple(turn for turn in turns if turn.analysed and turn.text.strip())
