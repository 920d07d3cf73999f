"""The score of an evaluation, from the form and the answers alone.

A question's *share* is the points of its answer over the points of its best answer. By ``WEIGHTS`` the
share of a section is the mean of the shares in it, of questions and sections inside alike, weighted; the
form's is that of its sections. By ``POINTS`` it is the sum of points over the sum of possible points. A
percentage is 100 times the share, with two decimals, halves up.

What does not apply, was left open or has no points is in neither numerator nor denominator; a section
with nothing left leaves its own level likewise. An automatic fail makes its question and the whole form
0; sections keep what their questions give. While a required answer is missing there is no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from chalicelib.domain.evaluation.answer import Answer, choice
from chalicelib.domain.evaluation.form import Form, Question, Scoring, Section

DIGITS = 100


class Scored(StrEnum):
    """``INCOMPLETE``: a required answer is missing. ``NOT_SCORED``: nothing that applies has points."""

    SCORED = "SCORED"
    INCOMPLETE = "INCOMPLETE"
    NOT_SCORED = "NOT_SCORED"


@dataclass(frozen=True, slots=True)
class ItemScore:
    """Of a question or section. ``percent`` None: it does not count. ``points`` and ``possible`` are
    those of a question's answer, summed for a section."""

    percent: float | None
    points: int = 0
    possible: int = 0
    not_applicable: bool = False
    automatic_fail: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """``automatic_fails`` and ``missing`` are ids of questions, ``items`` by id of question or section."""

    status: Scored
    percent: float | None = None
    automatic_fails: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    items: Mapping[str, ItemScore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sum:
    """Shares as they are added up; ``whole`` 0 counts nowhere."""

    part: Fraction = Fraction(0)
    whole: int = 0

    @property
    def share(self) -> Fraction | None:
        return self.part / self.whole if self.whole else None


def score(form: Form, answers: Mapping[str, Answer]) -> Score:
    """The score of these answers, by question id. They are such as their questions take."""
    questions = tuple(form.questions())
    fails = tuple(q.id for q in questions if _fails(q, answers.get(q.id)))
    missing = tuple(q.id for q in questions if q.required and not _given(answers.get(q.id)))
    whole = _total(
        form.scoring, ((s.weight, _section(form.scoring, s, answers)) for s in form.sections)
    )
    status, percent = _outcome(form.scoring, whole, fails, missing)
    return Score(status, percent, fails, missing, dict(_items(form, answers)))


def _outcome(
    scoring: Scoring, whole: _Sum, fails: tuple[str, ...], missing: tuple[str, ...]
) -> tuple[Scored, float | None]:
    if missing:
        return Scored.INCOMPLETE, None
    if scoring is Scoring.NONE:
        return Scored.NOT_SCORED, None
    if fails:
        return Scored.SCORED, 0.0
    percent = _percent(whole)
    return (Scored.NOT_SCORED if percent is None else Scored.SCORED), percent


def _given(answer: Answer | None) -> bool:
    return answer is not None and answer.given


def _fails(question: Question, answer: Answer | None) -> bool:
    chosen = choice(question, answer) if answer else None
    return chosen is not None and chosen.automatic_fail


def _points(question: Question, answer: Answer | None) -> int:
    chosen = choice(question, answer) if answer else None
    return chosen.points if chosen and not chosen.automatic_fail else 0


def _question(question: Question, answer: Answer | None) -> _Sum:
    """Points of possible points; nothing where the question has none or no answer that applies."""
    if answer is None or choice(question, answer) is None:
        return _Sum()
    return _Sum(Fraction(_points(question, answer)), question.possible)


def _section(scoring: Scoring, section: Section, answers: Mapping[str, Answer]) -> _Sum:
    asked = ((q.weight, _question(q, answers.get(q.id))) for q in section.questions)
    inner = ((s.weight, _section(scoring, s, answers)) for s in section.sections)
    return _total(scoring, (*asked, *inner))


def _total(scoring: Scoring, parts: Iterable[tuple[int, _Sum]]) -> _Sum:
    if scoring is Scoring.NONE:
        return _Sum()
    if scoring is Scoring.POINTS:
        sums = [one for _, one in parts]
        return _Sum(sum((s.part for s in sums), Fraction(0)), sum(s.whole for s in sums))
    shares = [(weight, one.share) for weight, one in parts]
    known = [(weight, share) for weight, share in shares if share is not None]
    part = sum((weight * share for weight, share in known), Fraction(0))
    return _Sum(part, sum(weight for weight, _ in known))


def _percent(of: _Sum) -> float | None:
    share = of.share
    if share is None:
        return None
    return int(share * 100 * DIGITS + Fraction(1, 2)) / DIGITS


def _items(form: Form, answers: Mapping[str, Answer]) -> Iterator[tuple[str, ItemScore]]:
    for section in form.all_sections():
        inside = [q for one in section.all_sections() for q in one.questions]
        raw = [_question(q, answers.get(q.id)) for q in inside]
        yield (
            section.id,
            ItemScore(
                percent=_percent(_section(form.scoring, section, answers)),
                points=int(sum(s.part for s in raw)),
                possible=sum(s.whole for s in raw),
                not_applicable=bool(inside) and all(_is_na(answers.get(q.id)) for q in inside),
                automatic_fail=any(_fails(q, answers.get(q.id)) for q in inside),
            ),
        )
        for question in section.questions:
            yield question.id, _item(form.scoring, question, answers.get(question.id))


def _item(scoring: Scoring, question: Question, answer: Answer | None) -> ItemScore:
    reached = _question(question, answer)
    scored = scoring is not Scoring.NONE
    return ItemScore(
        percent=_percent(reached) if scored else None,
        points=int(reached.part),
        possible=reached.whole,
        not_applicable=_is_na(answer),
        automatic_fail=_fails(question, answer),
    )


def _is_na(answer: Answer | None) -> bool:
    return answer is not None and answer.not_applicable
