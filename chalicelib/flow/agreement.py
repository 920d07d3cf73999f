"""How far reviewers agree, kind by kind, on the first two independent verdicts of each item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.agreement import Agreement, alpha, kappa, measured
from chalicelib.domain.review import Kind, ReviewItem, Verdict, first_two

Pair = tuple[Verdict, Verdict]
MANY = "more than two reviewers: kappa is of two fixed ones"


@dataclass(frozen=True, slots=True)
class OfKind:
    """``reviewers``: how many different people answered."""

    kind: Kind
    reviewers: int
    kappa: Agreement
    alpha: Agreement


def agreements(items: Iterable[ReviewItem]) -> list[OfKind]:
    """Of every kind that is judged, also where nobody has answered twice yet."""
    known = list(items)
    judged = [kind for kind in Kind if kind is not Kind.OTHER]
    return [_of_kind(kind, first_two(i for i in known if i.kind is kind)) for kind in judged]


def _of_kind(kind: Kind, pairs: Sequence[Pair]) -> OfKind:
    people = sorted({verdict.by for pair in pairs for verdict in pair})
    values = [tuple(verdict.value for verdict in pair) for pair in pairs]
    return OfKind(kind, len(people), _kappa(pairs, people), measured(values, alpha))


def _kappa(pairs: Sequence[Pair], people: Sequence[str]) -> Agreement:
    """Kappa of two people, each always on the same side, whoever answered first."""
    if len(people) > 2:
        return Agreement(len(pairs), reason=MANY)
    sides = [sorted(pair, key=lambda verdict: verdict.by) for pair in pairs]
    return measured([tuple(verdict.value for verdict in pair) for pair in sides], kappa)
