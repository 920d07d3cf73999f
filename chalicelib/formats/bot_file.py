"""Bot files in YAML or JSON, read strictly, and the bots that come with Loupe.

bot: survey
description: Asks how it went.
language: en-US
greeting: One question.
missed: I did not understand that.
gaveUp: I will stop here.
intents:
- name: Survey
examples: [take the survey]
slots:
- {name: Score, kind: number, low: 1, high: 5, prompt: How was it?, retry: 1 to 5 please.}
fulfil: survey
closing: Thank you.
failed: That went wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from chalicelib.domain.bot import Bot, Condition, Deed, Intent, Slot, SlotKind
from chalicelib.formats.rule_places import Place, parsed
from chalicelib.formats.rules_yaml import yaml_place

MAX_BYTES = 1024 * 1024
MESSAGE = 1024
"""The longest message and utterance of Lex V2."""
EXAMPLES, INTENTS, SLOTS, VALUES = 1500, 100, 20, 100
ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,99}")

BOT = (
    "bot", "description", "language", "greeting", "missed", "gaveUp", "opensWith", "retries", "intents",
)  # fmt: skip
INTENT = (
    "name", "examples", "slots", "confirm", "declined", "fulfil", "task", "hook", "closing", "failed",
)  # fmt: skip
SLOT = ("name", "kind", "prompt", "retry", "low", "high", "values", "onlyIf")


def load(body: bytes) -> Bot:
    """The bot in a file. Raises ``InputRefused`` whose detail begins with the place."""
    if body.lstrip()[:1] in (b"{", b"[", b""):
        return read(parsed(body, "", MAX_BYTES))
    return read(yaml_place(body, MAX_BYTES))


@cache
def shipped() -> Mapping[str, Bot]:
    """The bots that come with Loupe, by id."""
    folder = files("chalicelib.formats").joinpath("bots")
    found = [load(one.read_bytes()) for one in folder.iterdir() if one.name.endswith(".yaml")]
    return {bot.id: bot for bot in sorted(found, key=lambda bot: bot.id)}


def read(place: Place) -> Bot:
    """One bot. Raises ``InputRefused``."""
    needed = ("bot", "description", "language", "greeting", "missed", "gaveUp", "intents")
    found = place.members(BOT, needed)
    listed = found["intents"].items(INTENTS)
    intents = tuple(map(_intent, listed))
    _once([intent.name for intent in intents], listed)
    names = [intent.name for intent in intents]
    return Bot(
        id=_named(found["bot"], ID),
        description=found["description"].filled(MESSAGE),
        language=found["language"].filled(20),
        greeting=found["greeting"].filled(MESSAGE),
        missed=found["missed"].filled(MESSAGE),
        gave_up=found["gaveUp"].filled(MESSAGE),
        intents=intents,
        opens_with=found["opensWith"].one_of(names) if "opensWith" in found else "",
        retries=found["retries"].whole(0, 10) if "retries" in found else 2,
    )


def _intent(place: Place) -> Intent:
    found = place.members(INTENT, ("name", "examples", "closing", "failed"))
    slots = _slots(found["slots"]) if "slots" in found else ()
    deed = Deed(found["fulfil"].one_of(tuple(Deed))) if "fulfil" in found else Deed.ANSWER
    confirm, declined, task = (_text(found, name) for name in ("confirm", "declined", "task"))
    if bool(confirm) != bool(declined):
        place.refuse("confirm and declined belong together")
    if deed is Deed.TASK and not task:
        place.refuse("task is missing: what a person is asked to do")
    return Intent(
        name=_named(found["name"], NAME),
        examples=tuple(one.filled(MESSAGE) for one in found["examples"].items(EXAMPLES)),
        closing=found["closing"].filled(MESSAGE),
        failed=found["failed"].filled(MESSAGE),
        slots=slots,
        confirm=confirm,
        declined=declined,
        deed=deed,
        task=task,
        hook=found["hook"].truth() if "hook" in found else False,
    )


def _text(found: Mapping[str, Place], name: str) -> str:
    return found[name].filled(MESSAGE) if name in found else ""


def _slots(place: Place) -> tuple[Slot, ...]:
    listed = place.items(SLOTS, least=0)
    slots = tuple(map(_slot, listed))
    _once([slot.name for slot in slots], listed)
    for number, (slot, where) in enumerate(zip(slots, listed, strict=True)):
        wanted = slot.only_if
        before = next((one for one in slots[:number] if wanted and one.name == wanted.slot), None)
        if wanted and (before is None or not before.takes(wanted.value)):
            where.refuse("onlyIf names a slot before this one, and a value that it may have")
    return slots


def _slot(place: Place) -> Slot:
    found = place.members(SLOT, ("name", "kind", "prompt", "retry"))
    kind = SlotKind(found["kind"].one_of(tuple(SlotKind)))
    if (kind is SlotKind.ENUM) != ("values" in found):
        place.refuse("an enum has values, and nothing else has")
    low, high = (found[name].whole(0) if name in found else None for name in ("low", "high"))
    if kind is not SlotKind.NUMBER and (low, high) != (None, None):
        place.refuse("only a number has low and high")
    if low is not None and high is not None and low > high:
        place.refuse("low is above high")
    return Slot(
        name=_named(found["name"], NAME),
        kind=kind,
        prompt=found["prompt"].filled(MESSAGE),
        retry=found["retry"].filled(MESSAGE),
        low=low,
        high=high,
        values=_values(found["values"]) if "values" in found else {},
        only_if=_condition(found["onlyIf"]) if "onlyIf" in found else None,
    )


def _values(place: Place) -> Mapping[str, tuple[str, ...]]:
    found = place.entries()
    if not 0 < len(found) <= VALUES:
        place.refuse(f"there are 1 to {VALUES} values")
    return {
        name: tuple(one.filled(140) for one in words.items(VALUES, least=0))
        for name, words in found.items()
    }


def _condition(place: Place) -> Condition:
    found = place.members(("slot", "value"), ("slot", "value"))
    return Condition(found["slot"].filled(100), found["value"].filled(140))


def _named(place: Place, form: re.Pattern[str]) -> str:
    name = place.filled(100)
    return name if form.fullmatch(name) else place.refuse(f"a name is of the form {form.pattern}")


def _once(names: Sequence[str], places: Sequence[Place]) -> None:
    for number, (name, place) in enumerate(zip(names, places, strict=True)):
        if name in names[:number]:
            place.refuse(f"{name} is there twice")
