"""Scores of many evaluations, as sums and counts that can be added up further."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.evaluation.evaluation import Evaluation
from chalicelib.domain.rounding import half_away

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Totals:
    """``scored`` of the ``evaluations`` have a score; ``hundredths`` is the sum of those, in 1/100 %."""

    evaluations: int = 0
    scored: int = 0
    hundredths: int = 0
    automatic_fails: int = 0

    @property
    def score_sum(self) -> float:
        return self.hundredths / HUNDREDTHS

    @property
    def average(self) -> float | None:
        if not self.scored:
            return None
        return half_away(self.hundredths / self.scored / HUNDREDTHS, 2)

    def plus(self, one: Evaluation) -> Totals:
        percent = one.score.percent
        return replace(
            self,
            evaluations=self.evaluations + 1,
            scored=self.scored + (percent is not None),
            hundredths=self.hundredths + round((percent or 0) * HUNDREDTHS),
            automatic_fails=self.automatic_fails + bool(one.score.automatic_fails),
        )


def total(evaluations: Iterable[Evaluation]) -> Totals:
    """Of all together."""
    summed = Totals()
    for one in evaluations:
        summed = summed.plus(one)
    return summed


def by_form_and_agent(
    evaluations: Iterable[Evaluation],
) -> dict[tuple[str, str | None], tuple[str | None, Totals]]:
    """By form id and agent id, with the agent's name, in the order of both."""
    found: dict[tuple[str, str | None], tuple[str | None, Totals]] = {}
    for one in evaluations:
        key = (one.form_id, one.agent_id)
        name, summed = found.get(key, (one.agent_name, Totals()))
        found[key] = (name or one.agent_name, summed.plus(one))
    return dict(sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or "")))
