"""How often the rules look up at contacts of other people that nobody calls fraud: false alarms.

The customer's side of MultiDoGO's chats, and the chats in Connect's form with both sides. No contact record
goes with them: only what is said counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from chalicelib.domain.risk.cues import CUES, cues_of
from chalicelib.domain.risk.rules import Thresholds, decide, weighed
from chalicelib.domain.transcript import Channel, Engine, Role, Transcript, Turn, TurnKind
from tests.shared_data import shared

READ = Engine("bench", "1")


def chats() -> Iterator[tuple[str, Transcript]]:
    """Each with the name of its set."""
    for file in sorted(shared("multidogo_customer_turns").glob("*.jsonl")):
        for text in file.read_text("utf-8").splitlines():
            said = [("CUSTOMER", turn["text"]) for turn in json.loads(text)["turns"]]
            yield f"MultiDoGO {file.stem}", _transcript(said)
    for file in sorted(shared("chats_connect", "connect").rglob("*.json")):
        items = json.loads(file.read_text("utf-8"))["Transcript"]
        said = [
            (item["ParticipantRole"], item["Content"])
            for item in items
            if item.get("Type") == "MESSAGE"
        ]
        yield "chats in Connect's form", _transcript(said)


def _transcript(said: list[tuple[str, str]]) -> Transcript:
    turns = (
        Turn(str(n), role, Role(role), n, n, text, kind=TurnKind.MESSAGE)
        for n, (role, text) in enumerate(said)
        if role in ("AGENT", "CUSTOMER")
    )
    return Transcript(Channel.CHAT, "en", (), tuple(turns), READ)


def report() -> None:
    """Print how many contacts of each set go where, and by which cues."""
    outcomes: dict[str, Counter[str]] = {}
    cues: dict[str, Counter[str]] = {}
    for name, transcript in chats():
        known = {cue: str(seen.turns) for cue, seen in cues_of([transcript]).items()}
        rule = decide(known, weighed(known)[0], Thresholds())
        outcomes.setdefault(name, Counter())[rule.outcome] += 1
        cues.setdefault(name, Counter()).update(cue for cue, turns in known.items() if turns != "0")
    print("-- rules only, on contacts that nobody calls fraud")
    for name, found in outcomes.items():
        total = found.total()
        looked = total - found["approve"]
        heard = ", ".join(
            f"{cue.name} {cues[name][cue.name] / total:.1%}" for cue in CUES if cues[name][cue.name]
        )
        print(f"{name}: {total} contacts, {looked} not approved ({looked / total:.2%}); {heard}")


if __name__ == "__main__":
    report()
