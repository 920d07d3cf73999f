"""Rules for tests, and what they say of a transcript."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import Any

from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.gather import subject_of
from chalicelib.domain.rules.rule import CategoryMatch, ExactMatch, Rule, RuleSet, Scope
from chalicelib.domain.rules.subject import Subject
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.transcript import Channel, Engine, Transcript
from chalicelib.domain.voice_metrics import total_duration_ms
from chalicelib.stages import categories

NOBODY = Sentiment(Engine("none", ""))
_sets = count()


def says(
    rule_id: str,
    name: str,
    version: int,
    phrases: Iterable[str],
    *,
    role: str | None = None,
    negate: bool = False,
    channel: Channel | None = None,
) -> Rule:
    """A rule that looks for phrases."""
    return Rule(
        rule_id, name, version, ExactMatch(tuple(phrases), Scope(role), negate or None), channel
    )


def subject(transcript: Transcript, **known: Any) -> Subject:
    """What rules see of a transcript without any other product; ``known`` replaces fields."""
    numbers = Characteristics(total_duration_ms(transcript))
    return replace(subject_of(transcript, numbers.total_duration_ms, numbers, NOBODY), **known)


def evaluate(
    rules: RuleSet, transcript: Transcript, tools: Tools | None = None
) -> tuple[CategoryMatch, ...]:
    """The categories of a transcript."""
    fresh = RuleSet(f"test-{next(_sets)}", CompiledRules(rules).rules)
    return categories.make(subject(transcript), transcript, fresh, tools or Tools())[0]
