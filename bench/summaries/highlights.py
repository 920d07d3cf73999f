"""Highlights beside labelled turns, in the shared chats.

``highlight_labels.jsonl`` names, for each chat, the turns that a careful supervisor would take as its
issue, outcome and action item, by id and without their text: several where each would do, none where
the chat has none. The labels were written before the engine's highlights of these chats were looked at.
A highlight is right when it lies in an accepted turn. Chats at even positions, sorted by file name,
may be read while cues are worked on; the odd ones are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalicelib.adapters.engines.extractive_summary import ExtractiveSummarizer
from chalicelib.domain.summary import KINDS
from chalicelib.domain.transcript import Role, Turn
from chalicelib.formats import connect_chat

LABELS = Path(__file__).with_name("highlight_labels.jsonl")
Marked = Mapping[str, str]
System = Callable[[Sequence[Turn]], Marked]


@dataclass(frozen=True, slots=True)
class Chat:
    """``accepted``: ids of the turns that will do, by kind."""

    name: str
    turns: tuple[Turn, ...]
    accepted: Mapping[str, frozenset[str]]


def chats(folder: Path) -> tuple[Chat, ...]:
    """The labelled chats, sorted by file name."""
    files = {path.name: path for path in (folder / "chats_connect" / "connect").rglob("*.json")}
    labels = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    return tuple(
        Chat(
            one["chat"],
            connect_chat.read(files[one["chat"]].read_bytes()).analysed_turns(),
            {kind: frozenset(one[kind]) for kind in KINDS},
        )
        for one in sorted(labels, key=lambda label: label["chat"])
    )


def ours(turns: Sequence[Turn]) -> Marked:
    made = ExtractiveSummarizer().summarise(turns, "en")
    return {each.kind: each.turn_id for each in made.highlights}


def edges(turns: Sequence[Turn]) -> Marked:
    """The baseline: the customer's first turn, and twice the agent's last."""
    customer = [turn.id for turn in turns if turn.role is Role.CUSTOMER]
    agent = [turn.id for turn in turns if turn.role is Role.AGENT]
    issue = {"ISSUE": customer[0]} if customer else {}
    return issue | ({"OUTCOME": agent[-1], "ACTION_ITEM": agent[-1]} if agent else {})


SYSTEMS: Mapping[str, System] = {"loupe": ours, "edges": edges}


def compare(of: Iterable[Chat]) -> dict[str, dict[str, dict[str, int]]]:
    """Counts by kind and system: see ``counts``."""
    known = tuple(of)
    marked = {name: [system(chat.turns) for chat in known] for name, system in SYSTEMS.items()}
    return {
        kind: {
            name: counts(
                [(c.accepted[kind], m.get(kind)) for c, m in zip(known, made, strict=True)]
            )
            for name, made in marked.items()
        }
        for kind in KINDS
    }


def counts(pairs: Sequence[tuple[frozenset[str], str | None]]) -> dict[str, int]:
    """``right`` of ``marked`` is the precision, ``right`` of ``labelled`` the coverage; ``false`` were
    marked where there is none."""
    return {
        "chats": len(pairs),
        "labelled": sum(1 for accepted, _ in pairs if accepted),
        "marked": sum(1 for _, turn in pairs if turn is not None),
        "right": sum(1 for accepted, turn in pairs if turn in accepted),
        "false": sum(1 for accepted, turn in pairs if turn is not None and not accepted),
    }


def halves(of: Sequence[Chat]) -> dict[str, tuple[Chat, ...]]:
    return {"all": tuple(of), "read": tuple(of[::2]), "unread": tuple(of[1::2])}


def measure(folder: Path) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    return {name: compare(part) for name, part in halves(chats(folder)).items()}


def readable(found: Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]]) -> str:
    lines = []
    for half, kinds in found.items():
        for kind, systems in kinds.items():
            for name, n in systems.items():
                lines.append(
                    f"{half:<7}{kind:<12}{name:<6}"
                    f"  precision {share(n['right'], n['marked'])} ({n['right']} of {n['marked']})"
                    f"  coverage {share(n['right'], n['labelled'])} ({n['right']} of {n['labelled']})"
                    f"  false {n['false']} of {n['chats'] - n['labelled']}"
                )
    return "\n".join(["highlights: labelled turns of the chats", *lines])


def share(part: int, of: int) -> str:
    return f"{part / of:.2f}" if of else "-"
