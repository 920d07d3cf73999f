"""``loupe rules check``: whether rule files can be read, and their regular expressions compiled."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from chalicelib.adapters.local import rule_folder
from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.rule import Group, Node, Operator, RegexMatch, Rule
from chalicelib.formats import rule_forms
from chalicelib.formats.explanation_text import printable

REGEX = "rules.regex"


class Checker:
    """``unchecked``: how many expressions nobody could compile."""

    def __init__(self) -> None:
        self._compile = compiler()
        self.unchecked = 0

    def check(self, file: Path) -> None:
        """Print what a file holds. Raises ``InputRefused``."""
        rules = rule_forms.load(rule_folder.read(file))
        for number, rule in enumerate(rules):
            self._expressions(f"/rules/{number}/when", rule)
        print(f"ok {printable(str(file))}: {len(rules)} {'rule' if len(rules) == 1 else 'rules'}")

    def _expressions(self, pointer: str, rule: Rule) -> None:
        for place, expression in expressions(rule.when, pointer):
            if self._compile is None:
                self.unchecked += 1
            elif why := self._compile(expression):
                raise RuleRefused(REGEX, f"RE2 refuses this expression: {why}", place)


def expressions(node: Node, pointer: str) -> Iterator[tuple[str, str]]:
    """Each regular expression under a condition with its place in Loupe's form, the one form that has
    any."""
    if isinstance(node, Group):
        name = "all" if node.operator is Operator.AND else "any"
        for number, member in enumerate(node.members):
            yield from expressions(member, f"{pointer}/{name}/{number}")
    if isinstance(node, RegexMatch):
        for number, one in enumerate(node.patterns):
            yield f"{pointer}/regex/{number}", one


def compiler() -> Callable[[str], str] | None:
    """Says why RE2 refuses an expression, or nothing; None where RE2 is not installed."""
    try:
        re2 = importlib.import_module("re2")
    except ImportError:
        return None

    def refusal(expression: str) -> str:
        try:
            re2.compile(expression)
        except re2.error as error:
            return printable(str(error)) or "it cannot be compiled"
        return ""

    return refusal
