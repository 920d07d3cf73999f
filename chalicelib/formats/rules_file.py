"""Rules as a file: JSON that is read strictly, because a mistyped rule that never matches helps nobody.

    {"rules": [{"name": "Refund request", "phrases": ["refund", "money back"], "role": "CUSTOMER"}]}

``id`` is made of the name where it is missing, ``version`` is 1, ``role`` is ANY (either side),
``channel`` is ANY (voice and chat) and ``negate`` is false. The id of the rule set is the hash of its
rules, whatever the file looks like.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.rules.rule import EVERYWHERE, ExactMatch, Rule, RuleSet, Scope
from chalicelib.domain.rules.words import tokens
from chalicelib.domain.transcript import Channel
from chalicelib.formats import json_guard
from chalicelib.formats.artifact import fingerprint

T = TypeVar("T")

AREA = "rules"
MAX_BYTES = 4 * 1024**2
MAX_RULES = 500
MAX_PHRASES = 100
MAX_NAME = 200
MAX_PHRASE = 500

_ROLES = {"AGENT": "AGENT", "CUSTOMER": "CUSTOMER", "ANY": None}
_CHANNELS = {"VOICE": Channel.VOICE, "CHAT": Channel.CHAT, "ANY": None}
_FIELDS = {"id", "name", "version", "phrases", "role", "negate", "channel"}
_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")


def load(body: bytes) -> RuleSet:
    """The rule set in a file.

    Raises ``InputRefused``: ``rules.json``, ``rules.encoding``, ``rules.schema`` (the detail names the
    rule by its place), ``object.empty``, ``object.too_large``.
    """
    value = json_guard.parse(body, area=AREA, max_bytes=MAX_BYTES).value
    if not isinstance(value, dict) or not isinstance(value.get("rules"), list):
        raise InputRefused("rules.schema", 'the file is an object with a list of "rules"')
    if value.keys() != {"rules"}:
        raise InputRefused("rules.schema", 'the file has entries beside "rules"')
    if len(value["rules"]) > MAX_RULES:
        raise InputRefused("rules.schema", f"there are more than {MAX_RULES} rules")
    rules = tuple(_rule(entry, f"rule {i}") for i, entry in enumerate(value["rules"], start=1))
    _check_unique("name", (rule.name for rule in rules))
    _check_unique("id", (rule.id for rule in rules))
    return rule_set(rules)


def rule_set(rules: Iterable[Rule]) -> RuleSet:
    """Rules with the id that their content has."""
    rules = tuple(rules)
    return RuleSet(fingerprint([_content(rule) for rule in rules]), rules)


@cache
def starter() -> RuleSet:
    """The categories that a new installation begins with."""
    return load(files("chalicelib.formats").joinpath("rules/starter.json").read_bytes())


def _rule(entry: object, where: str) -> Rule:
    if not isinstance(entry, dict):
        raise InputRefused("rules.schema", f"{where} is not an object")
    unknown = sorted(str(name) for name in entry.keys() - _FIELDS)
    if unknown:
        raise InputRefused("rules.schema", f"{where} has an unknown entry: {unknown[0]}")
    name = _name(entry, where)
    return Rule(
        id=_id(entry, name, where),
        name=name,
        version=_version(entry, where),
        when=ExactMatch(
            _phrases(entry, where),
            Scope(role) if (role := _choice(entry, "role", _ROLES, where)) else EVERYWHERE,
            _negate(entry, where) or None,
        ),
        channel=_choice(entry, "channel", _CHANNELS, where),
    )


def _name(entry: dict[str, Any], where: str) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= MAX_NAME:
        raise InputRefused("rules.schema", f"{where} needs a name of 1 to {MAX_NAME} characters")
    return name.strip()


def _id(entry: dict[str, Any], name: str, where: str) -> str:
    own = entry.get("id", "-".join(token.word for token in tokens(name)))
    if isinstance(own, str) and _ID.fullmatch(own):
        return own
    if "id" not in entry:
        return f"rule-{fingerprint(name)[:12]}"
    raise InputRefused("rules.schema", f"{where}: an id has letters, digits and . _ : - only")


def _version(entry: dict[str, Any], where: str) -> int:
    version = entry.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputRefused("rules.schema", f"{where}: a version is a whole number from 1 on")
    return version


def _phrases(entry: dict[str, Any], where: str) -> tuple[str, ...]:
    phrases = entry.get("phrases")
    if not isinstance(phrases, list) or not 1 <= len(phrases) <= MAX_PHRASES:
        raise InputRefused("rules.schema", f"{where} needs 1 to {MAX_PHRASES} phrases")
    if not all(isinstance(p, str) and len(p) <= MAX_PHRASE and tokens(p) for p in phrases):
        raise InputRefused(
            "rules.schema", f"{where} has a phrase without a word, or too long a one"
        )
    return tuple(phrase.strip() for phrase in phrases)


def _choice(entry: dict[str, Any], name: str, choices: Mapping[str, T], where: str) -> T:
    chosen = entry.get(name, "ANY")
    if not isinstance(chosen, str) or chosen not in choices:
        raise InputRefused("rules.schema", f"{where}: {name} is one of {', '.join(choices)}")
    return choices[chosen]


def _negate(entry: dict[str, Any], where: str) -> bool:
    negate = entry.get("negate", False)
    if not isinstance(negate, bool):
        raise InputRefused("rules.schema", f"{where}: negate is true or false")
    return negate


def _check_unique(what: str, values: Iterable[str]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise InputRefused("rules.schema", f"two rules have the {what} {twice[0]}")


def _content(value: object) -> object:
    """A rule as plain values, with the kinds of its conditions."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {f.name: _content(getattr(value, f.name)) for f in fields(value)}
        return {"kind": type(value).__name__, **told}
    if isinstance(value, tuple):
        return [_content(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
