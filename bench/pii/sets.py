"""The labelled sets, read where they lie."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.pii.measures import Labelled
from chalicelib.domain.transcript import Role
from chalicelib.formats import connect_chat

ROOT = Path(__file__).resolve().parents[2]
SPOKEN_SETS = tuple(
    Path(__file__).with_name(f"spoken_numbers{number}.jsonl") for number in ("", "_2", "_3", "_4")
)
JUDGED = Path(__file__).with_name("alarm_judgements.jsonl")


def shared(*parts: str) -> Path:
    """A place in the shared data."""
    base = os.environ.get("LOUPE_SHARED_DATA") or ROOT.parent / "shared" / "data"
    return Path(base).joinpath(*parts)


def templates() -> list[Labelled]:
    """Template-made sentences; ``group`` is the template."""
    lines = shared("pii", "presidio_synth_v2.jsonl").read_text("utf-8").splitlines()
    return [
        Labelled(
            one["text"],
            [(s["begin"], s["end"], s["type"]) for s in one["spans"]],
            str(one["template"]),
        )
        for one in map(json.loads, lines)
    ]


def customers() -> Iterator[list[tuple[str, list[tuple[int, int, str]] | None]]]:
    """Conversations of typed customer turns, each with its slots as spans. Turns whose labels do not
    match their tokens have None for spans and are only read."""
    for file in sorted(shared("multidogo_customer_turns").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            yield [(t["text"], _slots(t["text"], t["slots"])) for t in json.loads(line)["turns"]]


def customer_ids() -> Iterator[list[str]]:
    """Conversation and number of each turn of ``customers``, in the same order."""
    for file in sorted(shared("multidogo_customer_turns").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            one = json.loads(line)
            yield [f"{one['conversationId']}/{turn['turn']}" for turn in one["turns"]]


def chat_ids() -> Iterator[list[str]]:
    """File and number of each turn of ``chats``, in the same order."""
    for file in sorted(shared("chats_connect", "connect").rglob("*.json")):
        yield [f"{file.stem}/{i}" for i, _ in enumerate(connect_chat.read(file.read_bytes()).turns)]


def judged() -> dict[str, str]:
    """What a person said of an alarm, by the id of its turn."""
    lines = JUDGED.read_text("utf-8").splitlines()
    return {one["turn"]: one["code"] for one in map(json.loads, lines)}


def _slots(text: str, labels: Sequence[str]) -> list[tuple[int, int, str]] | None:
    """Neighbouring tokens of one slot are one span."""
    tokens = text.split()
    if len(tokens) != len(labels):
        return None
    spans: list[tuple[int, int, str]] = []
    at = 0
    before = "O"
    for token, label in zip(tokens, labels, strict=True):
        begin = text.index(token, at)
        at = begin + len(token)
        if label != "O" and label == before:
            spans[-1] = (spans[-1][0], at, label)
        elif label != "O":
            spans.append((begin, at, label))
        before = label
    return spans


def chats() -> Iterator[tuple[list[str], list[Role]]]:
    """Whole chats of both sides."""
    for file in sorted(shared("chats_connect", "connect").rglob("*.json")):
        turns = connect_chat.read(file.read_bytes()).turns
        yield [turn.text for turn in turns], [turn.role for turn in turns]


def spoken(
    path: Path,
) -> Iterator[tuple[list[str], list[Role], list[tuple[int, int, int, str]]]]:
    """Dialogues with spoken numbers: texts, roles and ``(turn, begin, end, type)``."""
    for line in path.read_text("utf-8").splitlines():
        one = json.loads(line)
        yield (
            [turn["text"] for turn in one["turns"]],
            [Role(turn["role"]) for turn in one["turns"]],
            [(s["turn"], s["begin"], s["end"], s["type"]) for s in one["spans"]],
        )
