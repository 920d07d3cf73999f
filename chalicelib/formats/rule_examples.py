"""The tests that a rule carries, in Loupe's own form.

    {"matches": true, "turns": [{"agent": "One moment."}, {"agent": "Thanks.", "pauseBefore": "12s"}]}
    {"matches": false, "name": "a short hold", "turns": [...], "metrics": {"hold": 20}}
    {"matches": true, "contact": "0a1b2c3d-..."}

``overlap`` lets a turn begin before the one before it ends. ``metrics`` (those of one side as ``{agent:
150}``) and ``fields`` are what turns cannot show, under the names that conditions have for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.rules.measures import METRICS
from chalicelib.domain.rules.rule import Example, ExampleTurn
from chalicelib.formats.rule_nodes import duration, field_name, milliseconds
from chalicelib.formats.rule_places import Place

SAYS: Mapping[str, str] = {"agent": "AGENT", "customer": "CUSTOMER"}
SIDES: Mapping[str, str] = {role: side for side, role in SAYS.items()}
PAUSE, OVERLAP = "pauseBefore", "overlap"
KNOWN = ("metrics", "fields")
TURNS, CHARACTERS, VALUES = 1000, 20_000, 100


def read_example(place: Place) -> Example:
    """One test. Raises ``RuleRefused``."""
    members = place.members(("matches", "name", "turns", "contact", *KNOWN), ("matches",))
    if ("turns" in members) == ("contact" in members):
        place.refuse("a test has turns or contact, one of them")
    for name in KNOWN:
        if name in members and "contact" in members:
            members[name].refuse("a contact has its own")
    turns = members["turns"].items(TURNS) if "turns" in members else []
    return Example(
        matches=members["matches"].truth(),
        turns=tuple(_turn(one, first=one is turns[0]) for one in turns),
        contact_id=members["contact"].filled(300) if "contact" in members else None,
        name=members["name"].text(300) if "name" in members else "",
        figures=tuple(_figures(members["metrics"])) if "metrics" in members else (),
        facts=tuple(_facts(members["fields"])) if "fields" in members else (),
    )


def _turn(place: Place, *, first: bool) -> ExampleTurn:
    members = place.members((*SAYS, PAUSE, OVERLAP))
    sides = [side for side in SAYS if side in members]
    if len(sides) != 1:
        place.refuse("a turn is {agent: text} or {customer: text}")
    if PAUSE in members and OVERLAP in members:
        place.refuse(f"a turn has {PAUSE} or {OVERLAP}, one of them")
    if OVERLAP in members and first:
        members[OVERLAP].refuse("there is no turn before this one")
    pause = milliseconds(members[PAUSE]) if PAUSE in members else 0
    overlap = milliseconds(members[OVERLAP]) if OVERLAP in members else 0
    return ExampleTurn(SAYS[sides[0]], members[sides[0]].text(CHARACTERS), pause - overlap)


def _figures(place: Place) -> Iterator[tuple[str, int | float]]:
    for name, one in place.members(METRICS).items():
        if not METRICS[name].by_role:
            yield name, one.number()
            continue
        for side, value in one.members(SAYS).items():
            yield f"{name}:{SAYS[side]}", value.number()


def _facts(place: Place) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, one in place.entries().items():
        field_name(Place(key, one.pointer))
        told = one.items(VALUES, least=0) if isinstance(one.value, list) else [one]
        yield key, tuple(each.text(1000) for each in told)


def write_example(one: Example) -> dict[str, Any]:
    """The test as ``read_example`` reads it."""
    told: dict[str, Any] = {"matches": one.matches}
    if one.name:
        told["name"] = one.name
    if one.contact_id:
        return {**told, "contact": one.contact_id}
    told["turns"] = [_write_turn(turn) for turn in one.turns]
    figures: dict[str, Any] = {}
    for key, value in one.figures:
        name, _, role = key.partition(":")
        if role:
            figures.setdefault(name, {})[SIDES[role]] = value
        else:
            figures[name] = value
    if figures:
        told["metrics"] = figures
    if one.facts:
        told["fields"] = {
            name: values[0] if len(values) == 1 else list(values) for name, values in one.facts
        }
    return told


def _write_turn(turn: ExampleTurn) -> dict[str, Any]:
    told = {SIDES[turn.role]: turn.text}
    if turn.pause_ms > 0:
        told[PAUSE] = duration(turn.pause_ms)
    if turn.pause_ms < 0:
        told[OVERLAP] = duration(-turn.pause_ms)
    return told
