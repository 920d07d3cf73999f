"""Texts with the intent that people gave them, read from the shared data. An item is one contact."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.themes import excerpts, meaning
from chalicelib.domain.transcript import Channel, Engine, Role, Transcript, Turn, TurnKind

SEED = 7
ENGINE = Engine("bench", "1")
NO_INTENT = (
    "openinggreeting", "closinggreeting", "contentonly", "outofdomain", "confirmation", "rejection",
    "thankyou",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """What one contact says, and its intent; None: it has none of the set's intents."""

    texts: tuple[str, ...]
    intent: str | None


def banking77(folder: Path, most: int) -> list[Item]:
    """So many of the training queries, drawn once."""
    with (folder / "intents" / "banking77_train.csv").open(encoding="utf-8") as lines:
        return _drawn([Item((r["text"],), r["category"]) for r in csv.DictReader(lines)], most)


def clinc150(folder: Path, most: int) -> list[Item]:
    """The validation part: 150 intents, and queries out of scope. ``NEAR`` was chosen on the other."""
    parts = json.loads((folder / "intents" / "clinc150_train_val.json").read_text("utf-8"))
    known = _drawn([Item((text,), intent) for text, intent in parts["val"]], most)
    return known + [Item((text,), None) for text, _ in parts["oos_val"]]


def natcs(folder: Path, most: int) -> list[Item]:
    """Utterances of insurance customers in the style of speech."""
    lines = (folder / "intents" / "natcs_development_utterances.jsonl").read_text("utf-8")
    found = map(json.loads, lines.splitlines())
    return _drawn([Item((one["utterance"],), one["intent"]) for one in found], most)


def multidogo(folder: Path, most: int) -> list[Item]:
    """The customer's side of whole conversations, by the excerpts that Loupe takes. The intent is the
    first one that is no greeting, answer or thanks. How excerpts are chosen was tried on half of these
    conversations, so this is no held-out figure."""
    paths = sorted((folder / "multidogo_customer_turns").glob("*.jsonl"))
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    return _drawn([item for line in lines if (item := _conversation(json.loads(line)))], most)


def _conversation(one: dict[str, Any]) -> Item | None:
    intent = next((i for t in one["turns"] for i in t["intents"] if i not in NO_INTENT), None)
    said = excerpts(_analysis(one["conversationId"], list(_turns(one["turns"]))))
    if intent is None or not said:
        return None
    return Item(tuple(map(meaning, said)), f"{one['domain']}/{intent}")


def _turns(turns: list[dict[str, Any]]) -> Iterator[Turn]:
    for turn in turns:
        at, text = turn["turn"] * 1000, turn["text"]
        yield Turn(f"t{at}", "c", Role.CUSTOMER, at, at, text, kind=TurnKind.MESSAGE)


def _analysis(contact_id: str, turns: list[Turn]) -> ContactAnalysis:
    said = Transcript(Channel.CHAT, "en-US", (), tuple(turns), ENGINE)
    conversation = Conversation(
        Channel.CHAT, "", "", said, Characteristics(0), Sentiment(ENGINE), (), 0
    )
    return ContactAnalysis(contact_id, (conversation,))


def _drawn(items: list[Item], most: int) -> list[Item]:
    random.Random(SEED).shuffle(items)
    return items[:most]
