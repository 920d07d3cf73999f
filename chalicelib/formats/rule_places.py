"""Reading a rule document place by place: each value knows its JSON pointer and says what it should be.

Rules are read strictly, unknown members included: a mistyped rule that never matches helps nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from sys import float_info
from typing import NoReturn

from chalicelib.domain.errors import InputRefused, RuleRefused
from chalicelib.domain.rules.words import words
from chalicelib.formats import json_guard
from chalicelib.formats.artifact import fingerprint

AREA = "rules"
SCHEMA, NOT_EXPRESSIBLE = "rules.schema", "rules.not_expressible"

ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")


@dataclass(frozen=True, slots=True)
class Place:
    """A JSON value and where it stands."""

    value: object
    pointer: str = ""

    def refuse(self, reason: str) -> NoReturn:
        raise RuleRefused(SCHEMA, reason, self.pointer)

    def at(self, name: str | int, value: object) -> Place:
        return Place(value, f"{self.pointer}/{_escaped(str(name))}")

    def entries(self) -> dict[str, Place]:
        """The members of an object, whatever they are called."""
        if not isinstance(self.value, dict):
            self.refuse("this is not an object")
        return {str(name): self.at(name, value) for name, value in self.value.items()}

    def members(self, known: Collection[str], required: Iterable[str] = ()) -> dict[str, Place]:
        """The members of an object that may have these and must have the required ones."""
        found = self.entries()
        for name, place in found.items():
            if name not in known:
                place.refuse(f"there is no such member here, only {_listed(known)}")
        for name in required:
            if name not in found:
                self.refuse(f"{name} is missing")
        return found

    def items(self, most: int | None = None, *, least: int = 1) -> list[Place]:
        """The items of a list that is not empty and not too long."""
        if not isinstance(self.value, list):
            self.refuse("this is not a list")
        if len(self.value) < least:
            self.refuse("the list is empty")
        if most is not None and len(self.value) > most:
            self.refuse(f"there are {len(self.value)} entries, at most {most} are possible")
        return [self.at(number, value) for number, value in enumerate(self.value)]

    def text(self, most: int | None = None) -> str:
        if not isinstance(self.value, str):
            self.refuse("this is not a string")
        if most is not None and len(self.value) > most:
            self.refuse(f"this is longer than {most} characters")
        return self.value

    def filled(self, most: int | None = None) -> str:
        """A text that is not blank."""
        text = self.text(most)
        return text if text.strip() else self.refuse("this is empty")

    def one_of(self, choices: Collection[str]) -> str:
        value = self.value
        if not isinstance(value, str) or value not in choices:
            self.refuse(f"this is not one of {_listed(choices)}")
        return value

    def truth(self) -> bool:
        return (
            self.value if isinstance(self.value, bool) else self.refuse("this is not true or false")
        )

    def number(self) -> int | float:
        """A number, no truth, that a float can hold."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse("this is not a number")
        return value if abs(value) <= float_info.max else self.refuse("this number is too large")

    def whole(self, low: int, high: int | None = None) -> int:
        """A whole number in bounds; 45.0 is one."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse("this is not a whole number")
        whole = value
        if whole < low or (high is not None and whole > high):
            bounds = f"from {low} on" if high is None else f"{low} to {high}"
            self.refuse(f"this number is not {bounds}")
        return whole


def parsed(body: bytes, pointer: str, max_bytes: int) -> Place:
    """The document in these bytes, read as ``json_guard`` reads; every refusal has the pointer."""
    try:
        value, flags = json_guard.parse(body, area=AREA, max_bytes=max_bytes)
    except InputRefused as refused:
        raise RuleRefused(refused.code, refused.detail, pointer) from refused
    if flags:
        raise RuleRefused(f"{AREA}.json", "a character is half of a surrogate pair", pointer)
    return Place(value, pointer)


def id_of(name: str) -> str:
    """The id of a rule that has a name alone."""
    plain = "-".join(words(name))
    return plain if ID.fullmatch(plain) else f"rule-{fingerprint(name)[:12]}"


def with_words(texts: Collection[str], place: Place) -> tuple[str, ...]:
    """Texts of which at least one has a word: without, nothing could match."""
    if not any(map(words, texts)):
        place.refuse("there is no word in it")
    return tuple(texts)


def not_expressible(reason: str, pointer: str) -> RuleRefused:
    return RuleRefused(NOT_EXPRESSIBLE, reason, pointer)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
