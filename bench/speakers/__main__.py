"""Roles inferred for speakers whose roles are known: ``python -m bench.speakers``.

Needs the shared data (``LOUPE_SHARED_DATA``). Each conversation loses its roles, as if an engine had
separated two voices, and ``speaker_roles`` says who is the agent, or that it does not know. Speakers are
perfectly separated here, so this measures the inference alone. Beside it: whoever speaks first is the
agent. Exit code 1 when more than one decided conversation in a hundred has its roles turned around.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.summaries import sets
from chalicelib.domain.speaker_roles import with_roles
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Engine,
    Participant,
    Role,
    Transcript,
    Turn,
)

SGD = {"USER": Role.CUSTOMER, "SYSTEM": Role.AGENT}
MOST_WRONG = 0.01
Said = list[tuple[Role, str]]


def chats(folder: Path) -> Iterator[Said]:
    for path in sorted((folder / "chats_connect" / "connect").rglob("*.json")):
        items = json.loads(path.read_text("utf-8"))["Transcript"]
        yield [(Role(i["ParticipantRole"]), i["Content"]) for i in items if i["Type"] == "MESSAGE"]


def assistants(folder: Path) -> Iterator[Said]:
    """Users of a virtual assistant, who speak first and are never greeted."""
    for path in sorted((folder / "sgd").glob("dev_dialogues_*.json")):
        for one in json.loads(path.read_text("utf-8")):
            yield [(SGD[turn["speaker"]], turn["utterance"]) for turn in one["turns"]]


def visits(dialogues: Iterable[sets.Dialogue]) -> Iterator[Said]:
    for one in dialogues:
        yield [(turn.role, turn.text) for turn in one.turns]


def without_roles(said: Said) -> Transcript:
    turns = tuple(
        Turn(f"t-{n}", role, Role.UNKNOWN, n, n, text)
        for n, (role, text) in enumerate(said)
        if role in ANALYSED_ROLES and text.strip()
    )
    people = tuple(Participant(role, Role.UNKNOWN) for role in ANALYSED_ROLES)
    return Transcript(Channel.VOICE, "en-US", people, turns, Engine("bench", ""))


def outcome(transcript: Transcript) -> str:
    speakers = with_roles(transcript).speakers
    if speakers is None:
        return "one voice"
    if speakers.agent is None:
        return "undecided"
    return "right" if speakers.agent == Role.AGENT else "wrong"


def measure(conversations: Iterable[Said]) -> dict[str, int]:
    made = [without_roles(said) for said in conversations]
    found = Counter(map(outcome, made))
    first = sum(t.turns[0].participant_id == Role.AGENT for t in made if t.turns)
    names = ("right", "undecided", "wrong", "one voice")
    return {"conversations": len(made), **{n: found[n] for n in names}, "first is agent": first}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.speakers", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    given = parser.parse_args()
    where = os.environ.get("LOUPE_SHARED_DATA")
    if not where:
        parser.error("LOUPE_SHARED_DATA is not set")
    folder = Path(where)
    found = {
        "chats": measure(chats(folder)),
        "primock57": measure(visits(sets.primock(folder))),
        "sgd": measure(assistants(folder)),
        "aci": measure(visits(sets.aci(folder))),
    }
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        for name, each in found.items():
            print(f"{name:<10}" + "  ".join(f"{key} {value}" for key, value in each.items()))
    wrong = sum(each["wrong"] for each in found.values())
    decided = wrong + sum(each["right"] for each in found.values())
    return 0 if wrong <= MOST_WRONG * decided else 1


if __name__ == "__main__":
    sys.exit(main())
