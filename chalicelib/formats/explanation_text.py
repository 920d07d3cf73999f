"""Explanations as text to read in a terminal.

What was said is data: control characters in it would steer the terminal and are replaced.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.explain.contact import explain_contact
from chalicelib.domain.explain.explanation import Explanation, Input
from chalicelib.domain.explain.formulas import comes_out, formula_of, working
from chalicelib.domain.language import Language
from chalicelib.domain.transcript import Engine

PAGE = "docs/metrics.md"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def text(analysis: ContactAnalysis) -> str:
    """Every number of the contact, each with what it is made of."""
    lines = [f"Contact {printable(analysis.contact_id)}"]
    for told in explain_contact(analysis):
        lines += ["", told.channel.value if told.channel else "CONTACT RECORD"]
        lines += [
            _language(c.language) for c in analysis.conversations if c.channel is told.channel
        ]
        for each in told.explanations:
            lines += ["", *_lines(each)]
    return "\n".join(lines) + "\n"


def _language(of: Language | None) -> str:
    if of is None:
        return "Language: not looked at"
    figures = {"confidence": of.confidence, "margin": of.margin, "words": of.words}
    facts = [
        of.how.lower(),
        of.detail,
        *(f"{name} {_number(value)}" for name, value in figures.items() if value is not None),
        of.engine and _engine(of.engine),
    ]
    return f"Language {printable(of.code)}: " + ", ".join(printable(f) for f in facts if f)


def printable(said: str) -> str:
    """Blanks for line breaks, a mark for everything else that is no visible character."""
    flat = " ".join(said.split())
    return "".join(REPLACEMENT if unicodedata.category(c)[0] == "C" else c for c in flat)


def _lines(e: Explanation) -> Iterator[str]:
    formula = formula_of(e)
    yield f"{_name(e)} = {_number(e.value)} {e.unit}"
    yield f"  formula: {formula.text} ({PAGE}#{formula.id})"
    for each in e.inputs:
        yield f"  - {_input(each)}"
    yield f"  works out: {working(e)}{'' if comes_out(e) else ' (not the stored number)'}"
    yield from _provenance(e)


def _name(e: Explanation) -> str:
    return " ".join(printable(word) for word in (e.metric.value, e.role or "", e.part) if word)


def _number(value: float) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _input(of: Input) -> str:
    points = of.weight is not None
    parts = (
        printable(of.what),
        of.turn_id and printable(of.turn_id),
        of.span and f"{of.span.begin_ms}-{of.span.end_ms} ms",
        of.quantity is not None and f"{_number(of.quantity)}{' points' if points else ''}",
        points and f"weight {of.weight}",
        of.text and f'"{printable(of.text)}"',
    )
    return ", ".join(part for part in parts if part)


def _provenance(e: Explanation) -> Iterable[str]:
    if e.settings:
        given = ", ".join(f"{name} = {value}" for name, value in e.settings.items())
        yield f"  settings: {printable(given)}"
    if e.engine is not None:
        yield f"  engine: {_engine(e.engine)}"
    if e.imported:
        yield "  imported: taken over as published"
    if e.published is not None and e.difference is not None:
        yield f"  published: {_number(e.published)}, difference {_number(e.difference)}"


def _engine(engine: Engine) -> str:
    detail = f" ({engine.detail})" if engine.detail else ""
    return printable(f"{engine.name} {engine.version}{detail}")
