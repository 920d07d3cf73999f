"""Why a rule matched or did not, in words: what each condition needed, and what was seen.

    no: needed: all of these; saw: 1 of 2 hold
      yes: needed: the customer says "refund"; saw: "refund" at 0:04
      no: needed: longest_non_talk is at least 10 s; saw: 0 s

What was said is quoted only for those who may read it: ``quote`` gives the words of a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from chalicelib.domain.rules.facts import KEYED
from chalicelib.domain.rules.finding import Finding, Point, State
from chalicelib.domain.rules.measures import METRICS
from chalicelib.domain.rules.rule import (
    ANY,
    AnyOf,
    Comparison,
    Condition,
    Edge,
    ExactMatch,
    Fact,
    Ground,
    Group,
    Interrupting,
    Measure,
    Node,
    Number,
    Operator,
    PatternMatch,
    PatternPart,
    PersonalData,
    Plain,
    Proximity,
    RegexMatch,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
    Statement,
    Unit,
    Window,
)
from chalicelib.domain.rules.subject import Line

SHOWN, PLACES, CHARACTERS = 4, 3, 80
WHO: Mapping[str | None, str] = {"AGENT": "the agent", "CUSTOMER": "the customer"}
Quote = Callable[[Point], str]


@dataclass(frozen=True, slots=True)
class Told:
    """One condition or group: what it needed, what was seen, and its members."""

    state: State
    needed: str
    saw: str
    parts: tuple[Told, ...] = ()


def told(finding: Finding, quote: Quote | None = None) -> Told:
    """The finding in words. Without ``quote`` it tells nothing that was said or written."""
    parts = tuple(told(part, quote) for part in finding.parts)
    return Told(finding.state, needed(finding.node), _saw(finding, quote), parts)


def grounds(finding: Finding) -> tuple[Ground, ...]:
    """Why a finding is met where nothing can be shown; quotes nothing."""
    if not finding.met:
        return ()
    if finding.parts and not finding.node.negate:
        return tuple(ground for part in finding.parts for ground in grounds(part))
    return () if finding.points else (Ground(needed(finding.node), _saw(finding, None)),)


def needed(node: Node) -> str:
    """What the group or condition asks for."""
    if isinstance(node, Group):
        kind = "all" if node.operator is Operator.AND else "any"
        return f"{'not ' if node.negate else ''}{kind} of these"
    return f"{'not: ' if node.negate else ''}{_asked(node)}"


def _asked(node: Condition) -> str:  # noqa: C901, PLR0911 one line a kind
    match node:
        case ExactMatch():
            return f"{_says(node.scope)} {_quoted(node.phrases)}{_when(node.scope.window)}"
        case PatternMatch():
            some = _some(["".join(_pattern(parts)) for parts in node.patterns])
            return f"{_says(node.scope)} {some}{_when(node.scope.window)}"
        case SemanticMatch():
            said = f"{_says(node.scope)} something like {_quoted(node.examples)}"
            return f"{said}{_when(node.scope.window)}"
        case Statement():
            return f"a language model finds true: {_quoted((node.text,))}"
        case RegexMatch():
            some = _some([f"/{one}/" for one in node.patterns])
            return f"{_says(node.scope)} what fits {some}{_when(node.scope.window)}"
        case PersonalData():
            which = f"personal data ({_some(node.entities)})" if node.entities else "personal data"
            return f"{_says(node.scope)} {which}{_when(node.scope.window)}"
        case SentimentState():
            share = (
                "a turn" if node.share is None else f"at least {100 * node.share:g} % of the turns"
            )
            return f"{share} of {_who(node.scope.role)} {node.label}{_when(node.scope.window)}"
        case Fact():
            return _field(node)
        case Measure():
            return _measure(node)
        case Silence():
            return f"nobody speaks for {_seconds(node.threshold_ms)}{_when(node.window)}"
        case Interrupting():
            length = f" for {_seconds(node.threshold_ms)}" if node.threshold_ms else ""
            return f"{_who(node.scope.role)} interrupts{length}{_when(node.scope.window)}"
        case _:  # pragma: no cover
            assert_never(node)


def _who(role: str | None) -> str:
    return WHO.get(role, "anybody")


def _says(scope: Scope) -> str:
    return f"{_who(scope.role)} says"


def _some(texts: Iterable[str]) -> str:
    """The first few, and how many more there are."""
    every = list(texts)
    shown = every[:SHOWN] if len(every) > SHOWN + 1 else every
    rest = len(every) - len(shown)
    if rest:
        return f"{', '.join(shown)} or {rest} more"
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _quoted(texts: Iterable[str]) -> str:
    return _some([f'"{text}"' for text in texts])


def _pattern(parts: Iterable[PatternPart]) -> Iterable[str]:
    between = ""
    for part in parts:
        match part:
            case Proximity(distance, within):
                between = f" {'within' if within else 'not within'} {distance} words of "
                continue
            case Plain(text):
                shown = f'"{text.strip()}"'
            case AnyOf(alternatives):
                shown = f"({_quoted(one.text.strip() for one in alternatives)})"
            case Number(decimal):
                shown = "a number" if decimal else "a whole number"
        yield f"{between}{shown}"
        between = " then "


def _field(node: Fact) -> str:
    where = "".join(f" with {name} = {value}" for name, value in node.filters)
    return f"{node.name}{where} is {_quoted(node.values) if node.values else 'empty'}"


def _measure(node: Measure) -> str:
    metric = METRICS[node.metric]
    bound = "at least" if node.comparison is Comparison.AT_LEAST else "at most"
    whose = ""
    if metric.by_role:
        whose = " of either side" if node.role in (None, ANY) else f" of {_who(node.role)}"
    return f"{node.metric}{whose} is {bound} {node.value:g} {metric.unit}"


def _seconds(length_ms: int) -> str:
    return f"{length_ms / 1000:g} s"


def _when(window: Window | None) -> str:
    if window is None:
        return ""
    percent = window.unit is Unit.PERCENT

    def length(value: int) -> str:
        return f"{value} %" if percent else _seconds(value)

    match window.edge:
        case Edge.BETWEEN:
            return f" from {length(window.begin)} to {length(window.end)} of the contact"
        case Edge.FIRST:
            return f" in the first {length(window.end)}"
        case Edge.LAST | Edge.PAST:
            return f" in the last {length(window.end)}"


def _saw(finding: Finding, quote: Quote | None) -> str:
    if finding.parts:
        holding = sum(1 for part in finding.parts if part.met)
        return f"{holding} of {len(finding.parts)} hold"
    if finding.state is State.UNKNOWN:
        return f"nobody can know: {finding.reason}"
    figure, places = _figure(finding, quote), _places(finding, quote)
    if places and not figure and quote is None:
        return f"it {places}"
    return ", ".join(filter(None, (figure, places))) or "nothing of it"


def _figure(finding: Finding, quote: Quote | None) -> str:
    node = finding.node
    if isinstance(node, Fact) and node.name.startswith(KEYED) and quote is None:
        return "nothing" if finding.saw == "nothing" else "a value that is not shown here"
    return finding.saw


def _places(finding: Finding, quote: Quote | None) -> str:
    points = finding.points
    if not points or isinstance(finding.node, Fact | Measure):
        return ""
    shown = [_place(point, quote) for point in points[:PLACES]]
    more = len(points) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _place(point: Point, quote: Quote | None) -> str:
    minutes, seconds = divmod(max(point.begin_ms, 0) // 1000, 60)
    at = f"at {minutes}:{seconds:02d}"
    if quote is None or not point.turn_id:
        return at
    text = quote(point)
    return f'"{text if len(text) <= CHARACTERS else f"{text[: CHARACTERS - 1]}…"}" {at}'


def quoting(lines: Iterable[Line]) -> Quote:
    """Quotes from these lines, by their ids."""
    texts = {line.id: line.text for line in lines}
    return lambda point: texts.get(point.turn_id, "")[point.begin : point.end]
