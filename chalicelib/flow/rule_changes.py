"""Rules that people write: checked, saved, published."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.errors import EngineMissing, InputRefused
from chalicelib.domain.rules.conditions import EXPRESSIONS
from chalicelib.domain.rules.finding import Checker, Tools
from chalicelib.domain.rules.needs import Need, needs
from chalicelib.domain.rules.rule import Rule
from chalicelib.formats import rule_expressions
from chalicelib.formats.rule_document import Handed
from chalicelib.ports.rules import WITHDRAWN, Entry
from chalicelib.ports.services import Services

WITH_MODEL = "rules.with_model"
MANY_QUESTIONS = (
    "the rule has a sentence that the language model judges: over the past that is a question for every "
    "conversation; ask for it with withModel (--with-model)"
)
NO_CHECKER = "the engine for regular expressions is not installed: none can be checked"


def save(services: Services, handed: Handed, *, expected: int, by: str) -> Rule:
    """Keep the rule as the version after ``expected``; nothing of what is in force changes.

    Raises ``RuleRefused`` for a regular expression that is not taken, ``EngineMissing`` where none can be
    checked, and ``VersionMoved``.
    """
    check(handed, services.tools)
    return services.rules.save(handed.rule, expected=expected, at_ms=services.clock(), by=by)


def check(handed: Handed, tools: Tools) -> None:
    """Whether every regular expression is taken; one that is refused is never saved.

    Raises ``RuleRefused``, ``EngineMissing``.
    """
    checker: object = tools.expressions
    refuse = checker.check if isinstance(checker, Checker) else _nobody
    rule_expressions.check(handed.rule, refuse, handed.pointer)


def _nobody(_: str) -> None:
    raise EngineMissing(EXPRESSIONS, NO_CHECKER)


def spare_model(services: Services, *rules: Rule, asked: bool) -> None:
    """Raise ``InputRefused`` where judging the past by these rules would ask a language model about every
    contact, unless somebody ``asked`` for that."""
    if services.tools.reader and not asked and Need.READER in needs(rules):
        raise InputRefused(WITH_MODEL, MANY_QUESTIONS)


def entry(
    services: Services,
    rule_id: str,
    version: int,
    *,
    by: str,
    from_ms: int | None = None,
    whole_past: bool = False,
    quiet: bool = True,
) -> Entry:
    """A line for the ledger: for contacts that end from then on, by default from now on.

    Raises as ``save`` does, and ``NotFound`` for a version that there is not.
    """
    if version != WITHDRAWN:
        check(Handed(services.rules.get(rule_id, version).rule), services.tools)
    now = services.clock()
    line = Entry(rule_id, version, now if from_ms is None else from_ms, now, by, quiet)
    return replace(line, from_ms=None) if whole_past else line
