"""What a look comes to: the row, and the rules whose actions follow from it.

Rules reach contacts that were there already when they are published over the past, or when the rule file
of the installation is another. Their actions are quiet then, unless the publication asks for them. So are
those of rules that are judged with other tools than before: another threshold, another model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.events import Fact
from chalicelib.domain.rules.actions import CATEGORY, Matched, Occasion, follow
from chalicelib.domain.rules.needs import needs
from chalicelib.domain.rules.rule import Rule, RuleSet
from chalicelib.flow.rule_input import input_of, rules_in
from chalicelib.ports.rules import Entry
from chalicelib.ports.services import Services


@dataclass(frozen=True)
class Outcome:
    """``matched`` is empty unless the contact was published just now."""

    row: ContactRow
    matched: tuple[Matched, ...] = ()
    instance_arn: str | None = None


def first_analysed_ms(row: ContactRow | None) -> int:
    """When the contact was analysed for the first time; 0: never. Of rows that do not say so, when they
    were first seen."""
    if row is None:
        return 0
    analysed = row.publication is not None and bool(row.publication.analysis_key)
    return row.analysed_ms or (row.first_seen_ms if analysed else 0)


def matched_rules(
    services: Services,
    row: ContactRow | None,
    analysis: ContactAnalysis,
    rules: RuleSet,
    ended_ms: int,
) -> tuple[Matched, ...]:
    """The rules that matched and have actions, in the analysis's order, each once."""
    acting = {
        (rule.id, rule.version): rule
        for rule in rules.rules
        if any(action.kind != CATEGORY for action in rule.actions)
    }
    if not acting:
        return ()
    hush = _Hush(services, row, rules, ended_ms)
    found: dict[str, Matched] = {}
    for conversation in analysis.conversations:
        for match in conversation.categories:
            rule = acting.get((match.rule_id, match.rule_version))
            if rule and rule.id not in found:
                found[rule.id] = Matched(rule, conversation.channel, hush.over(rule))
    return tuple(found.values())


class _Hush:
    """Whether the actions of a rule are kept quiet for a contact."""

    def __init__(
        self, services: Services, row: ContactRow | None, rules: RuleSet, ended_ms: int
    ) -> None:
        self._analysed_ms = first_analysed_ms(row)
        told = row.publication if row else None
        self._other_rules = told is not None and told.rule_set not in ("", rules.id)
        self._other_tools = row is not None and _other_tools(row, input_of(services, rules))
        self._ended_ms = ended_ms
        self._ledger = services.rules.ledger() if self._analysed_ms else ()

    def over(self, rule: Rule) -> bool:
        if not self._analysed_ms:
            return False
        if self._other_tools and needs([rule]):
            return True
        entry = next(self._entries(rule), None)
        if entry is None:
            return self._other_rules
        return entry.quiet and self._analysed_ms < entry.at_ms

    def _entries(self, rule: Rule) -> Iterator[Entry]:
        """The lines that put this version in force for the contact, the latest first."""
        for entry in reversed(self._ledger):
            same = (entry.rule_id, entry.version) == (rule.id, rule.version)
            if same and entry.covers(self._ended_ms):
                yield entry


def _other_tools(row: ContactRow, mark: str) -> bool:
    """Whether the same rules were judged with other tools before."""
    judged = (made.inputs["rules"] for made in row.recipe.values() if "rules" in made.inputs)
    return any(rules_in(was) == rules_in(mark) and was != mark for was in judged)


def with_actions(
    row: ContactRow | None, outcome: Outcome, now: int
) -> tuple[ContactRow, tuple[Fact, ...]]:
    """The row with what was told for its contact, and the facts of what is told now."""
    new = outcome.row
    told = row.told if row else ()
    known = new.publication
    occasion = Occasion(
        contact_id=new.contact_id,
        at_ms=now,
        agent_id=known.agent_id if known else None,
        queue_id=known.queue_id if known else None,
        instance_arn=outcome.instance_arn,
    )
    ids, facts = follow(occasion, outcome.matched, frozenset(told))
    analysed = known is not None and bool(known.analysis_key)
    return (
        replace(
            new,
            told=(*told, *ids),
            analysed_ms=first_analysed_ms(row) or (now if analysed else 0),
        ),
        facts,
    )
