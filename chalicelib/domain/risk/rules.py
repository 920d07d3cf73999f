"""From variables and a score to an outcome: additive weights and ordered rules, both as data.

The weights are chosen by hand, not fitted: they say what a supervisor would want to look at, and they
carry the score until enough verdicts are there for a model. The rules apply in either case, the first
that matches decides. An outcome withholds automatic call-backs and asks a person at most; nothing here
acts on a customer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.follow_up import Reason

APPROVE, REVIEW, BLOCK = "approve", "review", "block-callback"
OUTCOMES = (APPROVE, REVIEW, BLOCK)
TOP = 1000.0
SCORE = "score"


@dataclass(frozen=True, slots=True)
class Weight:
    """``points`` for each unit of the variable, for at most ``units`` of them."""

    name: str
    points: float
    units: int
    text: str


WEIGHTS = (
    Weight("failed_verifications", 300, 3, "checks of identity that failed"),
    Weight("payment_redirection_terms", 300, 2, "money or goods to somewhere else"),
    Weight("remote_access_terms", 300, 2, "remote access, or told by somebody what to do"),
    Weight("gift_card_terms", 250, 2, "gift cards"),
    Weight("check_refusal_terms", 250, 2, "would not answer a check of identity"),
    Weight("account_change_terms", 200, 2, "a change of account or contact data"),
    Weight("address_changed", 150, 1, "calls from another number than before"),
    Weight("urgency_terms", 100, 2, "urgency"),
    Weight("repeats_24h", 50, 4, "other contacts of the customer in 24 hours"),
    Weight("transfers", 50, 2, "transfers"),
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which on a person looks, and automatic call-backs are withheld."""

    review: float = 500
    block: float = 900


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The variable (or ``score``) is known and this high."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches when all of ``when`` do."""

    id: str
    when: tuple[AtLeast, ...]
    outcome: str
    text: str


def rules(limits: Thresholds) -> tuple[Rule, ...]:
    """In their order; the last one always matches."""
    return (
        Rule("score-block", (AtLeast(SCORE, limits.block),), BLOCK, "the score is very high"),
        Rule(
            "failed-check-then-change",
            (AtLeast("failed_verifications", 2), AtLeast("account_change_terms", 1)),
            REVIEW,
            "a change of the account was asked for after checks of identity failed",
        ),
        Rule(
            "refused-check-then-change",
            (AtLeast("check_refusal_terms", 1), AtLeast("account_change_terms", 1)),
            REVIEW,
            "a change of the account was asked for and a check of identity refused",
        ),
        Rule(
            "redirection-from-another-number",
            (AtLeast("payment_redirection_terms", 1), AtLeast("address_changed", 1)),
            REVIEW,
            "money or goods were to go somewhere else, asked from another number than before",
        ),
        Rule(
            "gift-cards-by-instruction",
            (AtLeast("gift_card_terms", 1), AtLeast("remote_access_terms", 1)),
            REVIEW,
            "gift cards were spoken of beside instructions of somebody else",
        ),
        Rule("score-review", (AtLeast(SCORE, limits.review),), REVIEW, "the score is high"),
        Rule("otherwise", (), APPROVE, "no rule asks for more"),
    )


def number(text: str) -> float | None:
    """The value of a variable as a finite number, if it is one."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def decide(variables: Mapping[str, str], score: float, limits: Thresholds) -> Rule:
    """The first rule that matches."""
    known = {**{name: number(text) for name, text in variables.items()}, SCORE: score}
    return next(rule for rule in rules(limits) if all(_holds(each, known) for each in rule.when))


def by_score(score: float, limits: Thresholds) -> Rule:
    """What the thresholds alone say."""
    return decide({}, score, limits)


def weighed(variables: Mapping[str, str]) -> tuple[float, tuple[Reason, ...]]:
    """The rules-only score with what made it, heaviest first; weights are points of the score."""
    reasons = []
    for weight in WEIGHTS:
        value = number(variables.get(weight.name, "")) or 0.0
        points = weight.points * min(max(value, 0.0), weight.units)
        if points:
            value_text = variables[weight.name]
            reasons.append(Reason(weight.text, weight.name, value_text, points))
    reasons.sort(key=lambda reason: -(reason.weight or 0.0))
    return min(sum(reason.weight or 0.0 for reason in reasons), TOP), tuple(reasons)


def told(rule: Rule, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The reasons behind the rule that decided, so that there is always one."""
    return (Reason(rule.text, rule.id), *reasons)


def _holds(condition: AtLeast, known: Mapping[str, float | None]) -> bool:
    value = known.get(condition.name)
    return value is not None and value >= condition.value
