"""The rules as an input of ``categories``: which they are, and what judges them where words do not do.

The mark of the tools is there only where a rule in force needs them: another threshold redoes nothing for an
installation whose rules look for words.
"""

from __future__ import annotations

from chalicelib.domain.rules.needs import Need, needs
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.formats import statement_prompt
from chalicelib.formats.artifact import fingerprint
from chalicelib.ports.services import Services

TOOLS = "+"


def input_of(services: Services, rules: RuleSet) -> str:
    """The id of the rule set, with a mark of the tools that it needs."""
    needed = sorted(needs(rules.rules))
    if not needed:
        return rules.id
    told = _tools(services)
    return f"{rules.id}{TOOLS}{fingerprint({need: told[need] for need in needed})[:16]}"


def rules_in(mark: str) -> str:
    """The id of the rule set in an input."""
    return mark.partition(TOOLS)[0]


def _tools(services: Services) -> dict[Need, list[object]]:
    vectors, tools = services.vectors.engine, services.tools
    model = services.model if tools.reader else None
    asked = [model.engine.name, model.engine.version, statement_prompt.VERSION] if model else []
    return {
        Need.MEANING: [vectors.name, vectors.version],
        Need.THRESHOLD: [services.settings.semantic_threshold],
        Need.READER: asked,
        Need.EXPRESSIONS: [tools.expressions is not None],
    }
