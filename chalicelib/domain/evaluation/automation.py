"""Automated answers: the form's questions asked of a contact's analysis.

Everything comes from what was published, matched categories and figures, so the same analysis gives the
same answers. What is not known is no answer: a figure that the analysis lacks, a category whose rule
could not be judged, a number outside of the question's bounds. The first case that holds decides, so one
that nobody can judge stops the search: it might have been the one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.evaluation.answer import Answer, Automated, Evidence
from chalicelib.domain.evaluation.form import (
    Automation,
    Figure,
    Form,
    Question,
    WhenCategory,
    WhenFigure,
)
from chalicelib.domain.rules.measures import figures
from chalicelib.domain.rules.rule import CategoryMatch
from chalicelib.domain.transcript import Channel

DIGITS = 2


@dataclass(frozen=True, slots=True)
class _Seen:
    """One conversation as automation sees it. ``untold``: capabilities that were skipped, with why."""

    channel: Channel
    figures: Mapping[str, float]
    matches: Mapping[str, CategoryMatch]
    untold: Mapping[str, str]


def automated(form: Form, analysis: ContactAnalysis) -> dict[str, Automated]:
    """What automation says, by id of each question that has one."""
    seen = tuple(_conversations(analysis))
    return {
        question.id: _answer(question, question.automation, seen)
        for question in form.questions()
        if question.automation
    }


def _conversations(analysis: ContactAnalysis) -> Iterator[_Seen]:
    for one in analysis.conversations:
        known = figures(
            one.transcript, one.duration_ms, one.characteristics, one.sentiment, analysis.record
        )
        matches = {match.name: match for match in one.categories}
        untold = {skip.capability: skip.detail or skip.reason for skip in one.skipped}
        yield _Seen(one.channel, known, matches, untold)


def _answer(question: Question, automation: Automation, seen: tuple[_Seen, ...]) -> Automated:
    if automation.figure:
        return _number(question, automation.figure, seen)
    looked: list[Evidence] = []
    for case in automation.cases:
        found = _look(case, seen)
        if isinstance(found, str):
            return Automated(None, tuple(looked), found)
        looked.append(found)
        if _holds(case, found):
            return Automated(Answer(question.id, option_id=case.option_id), (found,))
    if automation.default is None:
        return Automated(None, tuple(looked), "no case holds")
    return Automated(Answer(question.id, option_id=automation.default), tuple(looked))


def _number(question: Question, figure: Figure, seen: tuple[_Seen, ...]) -> Automated:
    found = _figure(figure, seen)
    if isinstance(found, str) or found.value is None:
        return Automated(None, reason=str(found))
    if not question.minimum <= found.value <= question.maximum:
        bounds = f"{question.minimum:g} to {question.maximum:g}"
        return Automated(None, (found,), f"{found.value:g} is not in {bounds}")
    return Automated(Answer(question.id, number=found.value), (found,))


def _look(case: WhenCategory | WhenFigure, seen: tuple[_Seen, ...]) -> Evidence | str:
    """What there is to see, or why nobody can tell."""
    if isinstance(case, WhenFigure):
        return _figure(case.figure, seen)
    return _category(case.category, seen)


def _category(name: str, seen: tuple[_Seen, ...]) -> Evidence | str:
    for one in seen:
        if match := one.matches.get(name):
            return Evidence(
                name,
                present=True,
                channel=one.channel.value,
                rule_id=match.rule_id,
                rule_version=match.rule_version,
                points=match.points,
            )
    for one in seen:
        for capability in (f"category:{name}", "categories", "transcript"):
            if capability in one.untold:
                return f"whether it is {name} is not known: {one.untold[capability]}"
    return Evidence(name, present=False)


def _figure(figure: Figure, seen: tuple[_Seen, ...]) -> Evidence | str:
    """The voice conversation comes first; what it does not know, the chat may."""
    key = f"{figure.metric}:{figure.role}" if figure.role else figure.metric
    for one in seen:
        if key in one.figures:
            return Evidence(
                figure.metric,
                value=round(one.figures[key], DIGITS),
                role=figure.role,
                channel=one.channel.value,
            )
    return f"{key} is not known of this contact"


def _holds(case: WhenCategory | WhenFigure, found: Evidence) -> bool:
    if isinstance(case, WhenCategory):
        return found.present is case.present
    value = found.value
    above = case.at_least is None or (value is not None and value >= case.at_least)
    below = case.at_most is None or (value is not None and value <= case.at_most)
    return above and below
