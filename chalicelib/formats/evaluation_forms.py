"""Evaluation forms as JSON, read strictly: each refusal has the JSON pointer of its place.

    {"title": "Service", "scoring": "WEIGHTS", "sections": [
      {"id": "opening", "title": "Opening", "weight": 2, "questions": [
        {"id": "greeting", "title": "Was the customer greeted?", "type": "SINGLESELECT",
         "options": [{"id": "yes", "text": "Yes", "points": 1}, {"id": "no", "text": "No"}],
         "automation": {"cases": [{"category": "Greeting", "option": "yes"}], "default": "no"}}]}]}

``docs/evaluations.md`` describes every member. What has its default may be left out and is not written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.evaluation.form import (
    Automation,
    Figure,
    Form,
    Option,
    Question,
    QuestionType,
    Range,
    Scoring,
    Section,
    WhenCategory,
    WhenFigure,
)
from chalicelib.domain.rules.measures import METRICS
from chalicelib.domain.transcript import ANALYSED_ROLES
from chalicelib.formats.rule_places import Place, parsed

SCHEMA = "form.schema"
HIGHEST = 100
LARGEST = 1_000_000_000
ID_CHARACTERS = "._:-"
FORM = ("title", "description", "scoring", "sections")
SECTION = ("id", "title", "instructions", "weight", "questions", "sections")
ASKED = ("id", "title", "type", "instructions", "weight", "required", "notApplicable")
OWN: Mapping[QuestionType, tuple[str, ...]] = {
    QuestionType.SINGLESELECT: ("options", "automation"),
    QuestionType.NUMERIC: ("min", "max", "ranges", "automation"),
    QuestionType.TEXT: (),
}
PRESENCE = {"PRESENT": True, "NOT_PRESENT": False}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a form may be; the defaults are what Contact Lens documents for its own."""

    forms: int = 50
    versions: int = 50
    sections: int = 100
    questions: int = 100
    levels: int = 2
    options: int = 256
    title: int = 200
    text: int = 4000
    document_bytes: int = 1024**2


DEFAULTS = Limits()


def load(body: bytes, limits: Limits = DEFAULTS) -> Form:
    """The form in a file. Raises ``RuleRefused``."""
    try:
        place = parsed(body, "", limits.document_bytes)
    except RuleRefused as refused:
        raise _renamed(refused) from refused
    return read(place.value, limits)


def read(value: object, limits: Limits = DEFAULTS) -> Form:
    """The form in a parsed document. Raises ``RuleRefused`` with code ``form.schema``."""
    try:
        return _form(Place(value), limits)
    except RuleRefused as refused:
        raise _renamed(refused) from refused


@cache
def sample() -> Form:
    """A form to begin with: eight questions, most of them answered by the analysis."""
    return load(files("chalicelib.formats").joinpath("forms/service_quality.json").read_bytes())


def _renamed(refused: RuleRefused) -> RuleRefused:
    """The same refusal, of a form and not of rules."""
    return RuleRefused("form." + refused.code.partition(".")[2], refused.reason, refused.pointer)


def _told(members: Mapping[str, Place], name: str, default: T, reader: Callable[[Place], T]) -> T:
    return reader(members[name]) if name in members else default


def _form(place: Place, limits: Limits) -> Form:
    members = place.members(FORM, ("title", "sections"))
    scoring = Scoring(_told(members, "scoring", "WEIGHTS", lambda at: at.one_of(tuple(Scoring))))
    form = Form(
        title=members["title"].filled(limits.title),
        description=_told(members, "description", "", lambda at: at.text(limits.text)),
        scoring=scoring,
        sections=_sections(members["sections"], scoring, limits, 1),
    )
    _check_whole(place, form, limits)
    return form


def _check_whole(place: Place, form: Form, limits: Limits) -> None:
    for count, most, what in (
        (sum(1 for _ in form.all_sections()), limits.sections, "sections"),
        (sum(1 for _ in form.questions()), limits.questions, "questions"),
    ):
        if count > most:
            place.at("sections", None).refuse(
                f"there are {count} {what}, at most {most} are possible"
            )
    ids = Counter(one for section in form.all_sections() for one in _ids(section))
    for one, count in ids.items():
        if count > 1:
            place.at("sections", None).refuse(f"the id {one} is there {count} times")


def _ids(section: Section) -> Iterator[str]:
    yield section.id
    yield from (question.id for question in section.questions)


def _sections(place: Place, scoring: Scoring, limits: Limits, level: int) -> tuple[Section, ...]:
    if level > limits.levels:
        place.refuse(f"sections have at most {limits.levels} levels")
    return tuple(_section(at, scoring, limits, level) for at in place.items(limits.sections))


def _section(place: Place, scoring: Scoring, limits: Limits, level: int) -> Section:
    members = place.members(SECTION, ("id", "title"))
    if "questions" not in members and "sections" not in members:
        place.refuse("a section has questions or sections")
    asked: list[Place] = _told(members, "questions", [], lambda at: at.items(limits.questions))
    return Section(
        id=_id(members["id"]),
        title=members["title"].filled(limits.title),
        instructions=_told(members, "instructions", "", lambda at: at.text(limits.text)),
        weight=_weight(members, scoring),
        questions=tuple(_question(at, scoring, limits) for at in asked),
        sections=_told(
            members, "sections", (), lambda at: _sections(at, scoring, limits, level + 1)
        ),
    )


def _id(place: Place) -> str:
    own = place.filled(100)
    fits = own.isascii() and all(c.isalnum() or c in ID_CHARACTERS for c in own)
    return own if fits else place.refuse("an id has letters, digits and . _ : - only")


def _weight(members: Mapping[str, Place], scoring: Scoring) -> int:
    if "weight" in members and scoring is not Scoring.WEIGHTS:
        members["weight"].refuse(f"weights count nothing where scoring is {scoring.value}")
    return _told(members, "weight", 1, lambda at: at.whole(0, HIGHEST))


def _question(place: Place, scoring: Scoring, limits: Limits) -> Question:
    anything = {name for names in OWN.values() for name in names}
    told = place.members((*ASKED, *anything), ("type",))
    kind = QuestionType(told["type"].one_of(tuple(QuestionType)))
    members = place.members((*ASKED, *OWN[kind]), ("id", "title"))
    options = _options(place, members, limits) if kind is QuestionType.SINGLESELECT else ()
    low, high, ranges = (
        _numbers(place, members, limits) if kind is QuestionType.NUMERIC else (0, 0, ())
    )
    return Question(
        id=_id(members["id"]),
        title=members["title"].filled(limits.title),
        type=kind,
        instructions=_told(members, "instructions", "", lambda at: at.text(limits.text)),
        weight=_weight(members, scoring),
        required=_told(members, "required", kind is not QuestionType.TEXT, Place.truth),
        not_applicable=_told(members, "notApplicable", False, Place.truth),
        options=options,
        minimum=low,
        maximum=high,
        ranges=ranges,
        automation=_told(members, "automation", None, lambda at: _automation(at, kind, options)),
    )


def _options(place: Place, members: Mapping[str, Place], limits: Limits) -> tuple[Option, ...]:
    if "options" not in members:
        place.refuse("options is missing")
    at = members["options"]
    options = tuple(_option(item, limits) for item in at.items(limits.options))
    if len(options) < 2:
        at.refuse("there are at least 2 options")
    if len({option.id for option in options}) < len(options):
        at.refuse("two options have the same id")
    return options


def _option(place: Place, limits: Limits) -> Option:
    members = place.members(("id", "text", "points", "automaticFail"), ("id", "text"))
    return Option(_id(members["id"]), members["text"].filled(limits.title), *_worth(members))


def _worth(members: Mapping[str, Place]) -> tuple[int, bool]:
    points = _told(members, "points", 0, lambda at: at.whole(0, HIGHEST))
    fails = _told(members, "automaticFail", False, Place.truth)
    if fails and points:
        members["points"].refuse("an answer that fails has no points")
    return points, fails


def _number(place: Place) -> float:
    value = place.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        place.refuse("this is not a number")
    if not abs(value) <= LARGEST:
        place.refuse(f"this number is not within {LARGEST:,} of 0")
    return float(value)


def _numbers(
    place: Place, members: Mapping[str, Place], limits: Limits
) -> tuple[float, float, tuple[Range, ...]]:
    for name in ("min", "max"):
        if name not in members:
            place.refuse(f"{name} is missing")
    low, high = _number(members["min"]), _number(members["max"])
    if low >= high:
        members["max"].refuse("max is not above min")
    items: list[Place] = _told(members, "ranges", [], lambda at: at.items(limits.options))
    return low, high, tuple(_ranges(items, low, high))


def _ranges(items: list[Place], low: float, high: float) -> Iterator[Range]:
    """Each begins where the one before ends, so there are neither gaps nor overlaps."""
    before = low
    for number, item in enumerate(items):
        members = item.members(("upTo", "points", "automaticFail"), ("upTo",))
        up_to = _number(members["upTo"])
        if up_to < before or (number and up_to == before):
            members["upTo"].refuse("ranges ascend, from min on")
        yield Range(up_to, *_worth(members))
        before = up_to
    if items and before != high:
        items[-1].refuse(f"the last range ends at max, {high:g}")


def _automation(place: Place, kind: QuestionType, options: tuple[Option, ...]) -> Automation:
    if kind is QuestionType.NUMERIC:
        return Automation(figure=_figure(place, place.members(("metric", "role"), ("metric",))))
    members = place.members(("cases", "default"), ("cases",))
    ids = [option.id for option in options]
    return Automation(
        cases=tuple(_case(at, ids) for at in members["cases"].items(HIGHEST)),
        default=_told(members, "default", None, lambda at: at.one_of(ids)),
    )


def _case(place: Place, options: list[str]) -> WhenCategory | WhenFigure:
    known = ("category", "condition", "metric", "role", "atLeast", "atMost", "option")
    members = place.members(known, ("option",))
    if ("category" in members) == ("metric" in members):
        place.refuse("a case has category or metric, one of them")
    option = members["option"].one_of(options)
    if "category" in members:
        _without(members, ("role", "atLeast", "atMost"), "category")
        presence = _told(members, "condition", "PRESENT", lambda at: at.one_of(PRESENCE))
        return WhenCategory(members["category"].filled(200), option, PRESENCE[presence])
    _without(members, ("condition",), "metric")
    low, high = (_told(members, name, None, _number) for name in ("atLeast", "atMost"))
    if low is None and high is None:
        place.refuse("a metric is compared: atLeast, atMost or both")
    if low is not None and high is not None and low > high:
        members["atMost"].refuse("atMost is below atLeast")
    return WhenFigure(_figure(place, members), option, low, high)


def _without(members: Mapping[str, Place], names: tuple[str, ...], beside: str) -> None:
    for name in names:
        if name in members:
            members[name].refuse(f"beside {beside} there is no {name}")


def _figure(place: Place, members: Mapping[str, Place]) -> Figure:
    metric = members["metric"].one_of(METRICS)
    if not METRICS[metric].by_role:
        if "role" in members:
            members["role"].refuse(f"{metric} is one figure for both sides")
        return Figure(metric)
    if "role" not in members:
        place.refuse(f"{metric} has a role: AGENT or CUSTOMER")
    return Figure(metric, members["role"].one_of([role.value for role in ANALYSED_ROLES]))
