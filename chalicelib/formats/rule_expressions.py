"""The regular expressions that rules hold, each with its place, so that they can be checked before saving.

Only Loupe's own form has them, and it says what rules are made of one for one: the place in the rule is
the place in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.rule import Group, Node, RegexMatch, Rule
from chalicelib.formats.rule_nodes import GROUPS
from chalicelib.formats.rule_places import SCHEMA

MOST = 200
_NAMES = {operator: name for name, operator in GROUPS.items()}


def check(rules: Iterable[Rule], refuse: Callable[[str], None]) -> None:
    """Check the expressions of a list of rules, by a function that raises ``RuleRefused`` for a bad one.

    Raises it with the JSON pointer (``/rules/0/when/regex/0``); also for more than ``MOST`` in all.
    """
    told = (
        place
        for number, rule in enumerate(rules)
        for place in expressions(rule.when, f"/rules/{number}/when")
    )
    _check(told, refuse)


def check_rule(rule: Rule, refuse: Callable[[str], None]) -> None:
    """The same for a document that is one rule: pointers begin with ``/when``."""
    _check(expressions(rule.when, "/when"), refuse)


def expressions(node: Node, pointer: str) -> Iterator[tuple[str, str]]:
    """Pointers and expressions below a condition."""
    if isinstance(node, Group):
        for number, member in enumerate(node.members):
            yield from expressions(member, f"{pointer}/{_NAMES[node.operator]}/{number}")
    elif isinstance(node, RegexMatch):
        for number, pattern in enumerate(node.patterns):
            yield f"{pointer}/regex/{number}", pattern


def _check(told: Iterable[tuple[str, str]], refuse: Callable[[str], None]) -> None:
    for number, (pointer, pattern) in enumerate(told):
        if number >= MOST:
            raise RuleRefused(SCHEMA, f"there are more than {MOST} expressions", pointer)
        try:
            refuse(pattern)
        except RuleRefused as refused:
            raise RuleRefused(refused.code, refused.reason, pointer) from refused
