"""What an evaluation asks: sections in two levels with questions, each answer worth points.

A form does not know its versions; whoever keeps forms numbers them and never changes one that was
activated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Scoring(StrEnum):
    """``WEIGHTS``: shares of questions and sections by weight. ``POINTS``: points reached of points
    possible. ``NONE``: nothing is scored."""

    WEIGHTS = "WEIGHTS"
    POINTS = "POINTS"
    NONE = "NONE"


class QuestionType(StrEnum):
    SINGLESELECT = "SINGLESELECT"
    NUMERIC = "NUMERIC"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a single-select question. ``automatic_fail``: choosing it makes the score 0."""

    id: str
    text: str
    points: int = 0
    automatic_fail: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """What a number is worth: it holds for numbers above the range before it, up to ``up_to`` itself."""

    up_to: float
    points: int = 0
    automatic_fail: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric of the contact, by its name in ``rules.measures``; ``role`` where each side has one."""

    metric: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class WhenCategory:
    """Choose the option when the contact has the category, or with ``present`` False has it not."""

    category: str
    option_id: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class WhenFigure:
    """Choose the option when the metric lies within the bounds, which count; None: no bound."""

    figure: Figure
    option_id: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Automation:
    """How the contact's analysis answers a question.

    Single select: the first of ``cases`` that holds, else the option ``default``. Numeric: the value of
    ``figure``.
    """

    cases: tuple[WhenCategory | WhenFigure, ...] = ()
    default: str | None = None
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """``options`` belong to single select, ``minimum``, ``maximum`` and ``ranges`` to numeric.

    ``not_applicable``: whether that may be the answer. ``required``: without an answer there is no score.
    """

    id: str
    title: str
    type: QuestionType
    instructions: str = ""
    weight: int = 1
    required: bool = True
    not_applicable: bool = False
    options: tuple[Option, ...] = ()
    minimum: float = 0
    maximum: float = 0
    ranges: tuple[Range, ...] = ()
    automation: Automation | None = None

    @property
    def possible(self) -> int:
        """The points of the best answer; 0: the question is not scored."""
        worth = (*(o.points for o in self.options), *(r.points for r in self.ranges))
        return max(worth, default=0)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions come before the sections inside, of which there is one level."""

    id: str
    title: str
    instructions: str = ""
    weight: int = 1
    questions: tuple[Question, ...] = ()
    sections: tuple[Section, ...] = ()

    def all_sections(self) -> Iterator[Section]:
        """This one and those inside."""
        yield self
        for inner in self.sections:
            yield from inner.all_sections()


@dataclass(frozen=True, slots=True)
class Form:
    title: str
    sections: tuple[Section, ...]
    scoring: Scoring = Scoring.WEIGHTS
    description: str = ""

    def all_sections(self) -> Iterator[Section]:
        """Every section, in reading order."""
        for section in self.sections:
            yield from section.all_sections()

    def questions(self) -> Iterator[Question]:
        """Every question, in reading order."""
        for section in self.all_sections():
            yield from section.questions
