"""Why rules matched or did not, as text to read in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.domain.rules.engine import Verdict, unjudged
from chalicelib.domain.rules.explain import Quote, Told, told
from chalicelib.domain.rules.finding import State
from chalicelib.formats.explanation_text import printable

ANSWERS: Mapping[State, str] = {
    State.MET: "yes",
    State.NOT_MET: "no",
    State.UNKNOWN: "unknown",
}


def lines(of: Told, indent: str = "") -> Iterator[str]:
    """A condition a line, members below their group."""
    yield f"{indent}{ANSWERS[of.state]}: needed: {printable(of.needed)}; saw: {printable(of.saw)}"
    for part in of.parts:
        yield from lines(part, f"{indent}  ")


def categories(verdicts: Iterable[Verdict], quote: Quote | None) -> str:
    """Every rule that applies to a conversation: those that matched, then the others with what they
    lack."""
    every = sorted(verdicts, key=lambda one: not one.matched)
    return "\n".join(line for one in every for line in ("", *_rule(one, quote)))


def _rule(verdict: Verdict, quote: Quote | None) -> Iterator[str]:
    rule = verdict.rule
    version = f"({printable(rule.id)}, version {rule.version})"
    yield f"{printable(rule.name)} {version}: {_outcome(verdict)}"
    if verdict.finding is not None:
        yield from lines(told(verdict.finding, quote), "  ")


def _outcome(verdict: Verdict) -> str:
    if verdict.finding is None:
        return f"failed: {printable(verdict.error)}"
    if verdict.matched:
        return "matched"
    if verdict.finding.state is State.UNKNOWN:
        reasons = "; ".join(unjudged(verdict.finding))
        return f"not matched, as it cannot be judged: {printable(reasons)}"
    return "not matched"
