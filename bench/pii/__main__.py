"""Personal data found in labelled text: ``python -m bench.pii [--show]``.

- Sentences from templates, by character: a character of a counted type is found when any mask lies over
  it; characters of other labelled types count neither way. The sentences of every other template were
  read while the detector was made; those of the rest were not.
- Customers' typed turns: how many of the labelled names and numbers are covered, and how many turns
  without any are masked all the same. The set has no agents' turns, so no question is known; agents
  called by name ("thanks drew") are labelled as nothing.
- Chats of both sides: every turn with a mask.
- Alarms of both were read one by one. ``alarm_judgements.jsonl`` says of a turn, by its id alone, whether
  what is masked is a person's name, address or number, or false; what nobody judged is false.
- Numbers as they are said, in four sets of dialogues by four authors. Three were read while the detector
  learnt from them, so they show no more than that nothing is forgotten; the fourth was not.

Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.pii import peers, sets
from bench.pii.measures import COUNTED, Alarms, Interval, Labelled, Score, alarms, covered, score
from chalicelib.adapters.engines.pii_combined import CombinedPii
from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.adapters.engines.rampart import Rampart
from chalicelib.domain.redaction import PiiSpan
from chalicelib.domain.transcript import Role, Turn
from chalicelib.ports.language import PiiDetector

HALVES = {"read": (0,), "unread": (1,), "all": (0, 1)}
Counts = dict[str, tuple[int, int]]
BARS = {"f2": 0.92, "recall": 0.92, "spoken": 0.95, "alarms_per_200": 1.0}
TYPED = {
    "name": "name", "address": "address", "ssn": "ssn", "card_number": "card_number",
    "phone_number": "phone", "phonenumber": "phone", "email_address": "email_address",
    "current_zipcode": "zip", "new_zipcode": "zip",
}  # fmt: skip
PERSONAL = {
    *TYPED, "account_number", "target_account_number", "account_id", "policyid", "claimid", "username",
    "password", "booking_confirmation_number",
}  # fmt: skip


def find(detector: PiiDetector, turns: Sequence[Turn]) -> list[list[Interval]]:
    """What is masked in each turn."""
    by_turn: dict[str, list[PiiSpan]] = {turn.id: [] for turn in turns}
    for span in detector.spans(turns, "en-US"):
        by_turn[span.turn_id].append(span)
    return [[(s.begin, s.end) for s in by_turn[turn.id]] for turn in turns]


def conversation(texts: Sequence[str], roles: Sequence[Role] | None = None) -> list[Turn]:
    sides = roles or [Role.CUSTOMER] * len(texts)
    return [
        Turn(str(i), side, side, i, i, text)
        for i, (text, side) in enumerate(zip(texts, sides, strict=True))
    ]


def written(detector: PiiDetector) -> dict[str, Score]:
    """The template sentences: those that were read, those that were not, all."""
    texts = sets.templates()
    return _halves(texts, [find(detector, conversation([one.text]))[0] for one in texts])


def _halves(texts: Sequence[Labelled], found: Sequence[Sequence[Interval]]) -> dict[str, Score]:
    out = {}
    for name, half in HALVES.items():
        own = [i for i, text in enumerate(texts) if int(text.group) % 2 in half]
        out[name] = score([texts[i] for i in own], [found[i] for i in own])
    return out


def typed(detector: PiiDetector) -> tuple[dict[str, tuple[int, int]], Alarms]:
    """Coverage of each kind of slot, and alarms in turns without a personal one."""
    counts: dict[str, list[int]] = {}
    quiet: list[tuple[str, str, Sequence[Interval]]] = []
    for turns, keys in zip(sets.customers(), sets.customer_ids(), strict=True):
        found = find(detector, conversation([text for text, _ in turns]))
        for (text, slots), key, masks in zip(turns, keys, found, strict=True):
            if slots is None:
                continue
            if not any(kind in PERSONAL for *_, kind in slots):
                quiet.append((key, text, masks))
            for begin, end, kind in slots:
                if kind in TYPED:
                    own = counts.setdefault(TYPED[kind], [0, 0])
                    own[0] += covered(begin, end, masks)
                    own[1] += 1
    return {kind: (hit, of) for kind, (hit, of) in counts.items()}, alarms(quiet, sets.judged())


def chats(detector: PiiDetector) -> Alarms:
    """Every turn of the whole chats that is masked anywhere."""
    turns = [
        turn
        for (texts, roles), keys in zip(sets.chats(), sets.chat_ids(), strict=True)
        for turn in zip(keys, texts, find(detector, conversation(texts, roles)), strict=True)
    ]
    return alarms(turns, sets.judged())


def spoken(detector: PiiDetector, path: Path) -> tuple[Counts, Alarms]:
    """Coverage of numbers by type, and alarms in the dialogues that hold none."""
    counts: dict[str, list[int]] = {}
    quiet: list[tuple[str, str, Sequence[Interval]]] = []
    for index, (texts, roles, spans) in enumerate(sets.spoken(path)):
        found = find(detector, conversation(texts, roles))
        if not spans:
            keys = [f"{index}/{turn}" for turn, _ in enumerate(texts)]
            quiet += zip(keys, texts, found, strict=True)
        for turn, begin, end, kind in spans:
            own = counts.setdefault(kind, [0, 0])
            own[0] += covered(begin, end, found[turn])
            own[1] += 1
    return {kind: (hit, of) for kind, (hit, of) in sorted(counts.items())}, alarms(quiet)


def speed(detector: PiiDetector) -> tuple[int, float]:
    """Turns of one long contact, and the CPU seconds that its search takes."""
    texts = [text for own, _ in sets.chats() for text in own][:300]
    find(detector, conversation(texts[:1]))
    began = time.process_time()
    find(detector, conversation(texts))
    return len(texts), time.process_time() - began


def peer() -> dict[str, Score]:
    """Presidio's patterns over the template sentences; empty where it is not installed."""
    search = peers.presidio()
    texts = sets.templates()
    return _halves(texts, [search(one.text) for one in texts]) if search else {}


def show(title: str, halves: dict[str, Score]) -> None:
    for name, s in halves.items():
        print(f"{title:10} {name:7} P {s.precision:.3f}  R {s.recall:.3f}  F2 {s.f2:.3f}")


def shares(counts: dict[str, tuple[int, int]]) -> str:
    return "\n".join(
        f"  {kind:28} {hit:4} of {of:4}  {hit / of:.3f}" for kind, (hit, of) in counts.items()
    )


def told(found: Alarms) -> str:
    """How many turns are masked, and how many of them a person would not have masked."""
    masked, false = len(found.masked), len(found.false)
    return (
        f"{masked} of {found.turns} turns masked, {found.per_200:.2f} per 200;"
        f" {false} judged false or not judged, {found.false_per_200:.2f} per 200"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.pii")
    parser.add_argument("--engine", choices=("rampart", "patterns"), default="rampart")
    parser.add_argument(
        "--show", action="store_true", help="print every turn that counts as an alarm"
    )
    options = parser.parse_args()
    detector = CombinedPii(Rampart()) if options.engine == "rampart" else PatternPii()
    print(f"engine     {detector.engine.name} {detector.engine.version}")
    turns, seconds = speed(detector)
    print(f"speed      {turns} turns of one contact in {seconds:.2f} s of CPU, one thread\n")
    halves = written(detector)
    show("written", halves)
    by_type = halves["all"]
    print(shares({kind: (by_type.covered[kind], by_type.spans[kind]) for kind in COUNTED}))
    show("presidio", peer())
    typed_counts, typed_alarms = typed(detector)
    print(f"\ntyped by customers, {told(typed_alarms)}")
    print(shares(typed_counts))
    masked = chats(detector)
    print(f"\nchats      {told(masked)}")
    recalls = {}
    for path in sets.SPOKEN_SETS:
        spoken_counts, spoken_alarms = spoken(detector, path)
        hit, of = (sum(column) for column in zip(*spoken_counts.values(), strict=True))
        recalls[path.stem] = hit / of
        print(f"{path.stem:16} {hit} of {of} numbers, {hit / of:.3f}; {told(spoken_alarms)}")
        print(shares(spoken_counts))
        if options.show:
            print(*spoken_alarms.masked, sep="\n")
    if options.show:
        print(*typed_alarms.masked, *masked.masked, sep="\n")
    results = {
        "f2 of unread sentences": halves["unread"].f2 >= BARS["f2"],
        "recall of unread sentences": halves["unread"].recall >= BARS["recall"],
        **{f"recall of {name}": share >= BARS["spoken"] for name, share in recalls.items()},
        "false alarms in typed turns": typed_alarms.false_per_200 < BARS["alarms_per_200"],
        "false alarms in chats": masked.false_per_200 < BARS["alarms_per_200"],
    }
    print()
    for name, reached in results.items():
        print(f"{'reached' if reached else 'MISSED '}  {name}")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
