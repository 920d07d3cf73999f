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


def check(rules: Rule | Iterable[Rule], refuse: Callable[[str], None], document: str = "") -> None:
    """Check the expressions of a rule or of a list, by a function that raises ``RuleRefused`` for a bad one.

    Raises it with the JSON pointer (``/when/regex/0``, in a list ``/rules/0/when/regex/0``) below that of the
    document; also for more than ``MOST`` in all.
    """
    for number, (below, pattern) in enumerate(_all(rules)):
        pointer = document + below
        if number >= MOST:
            raise RuleRefused(SCHEMA, f"there are more than {MOST} expressions", pointer)
        try:
            refuse(pattern)
        except RuleRefused as refused:
            raise RuleRefused(refused.code, refused.reason, pointer) from refused


def count(rules: Iterable[Rule]) -> int:
    """How many expressions there are."""
    return sum(1 for _ in _all(rules))


def _all(rules: Rule | Iterable[Rule]) -> Iterator[tuple[str, str]]:
    if isinstance(rules, Rule):
        yield from expressions(rules.when, "/when")
        return
    for number, rule in enumerate(rules):
        yield from expressions(rule.when, f"/rules/{number}/when")


def expressions(node: Node, pointer: str) -> Iterator[tuple[str, str]]:
    """Pointers and expressions below a condition."""
    if isinstance(node, Group):
        for number, member in enumerate(node.members):
            yield from expressions(member, f"{pointer}/{_NAMES[node.operator]}/{number}")
    elif isinstance(node, RegexMatch):
        for number, pattern in enumerate(node.patterns):
            yield f"{pointer}/regex/{number}", pattern
