"""The tests that a rule carries, run: snippets become conversations, and the rule says what it says.

A snippet is a call, or a chat for a rule about chats, in which every turn takes ``TURN_MS``. Engines are
asked only where the rule has a condition that needs them; a test that cannot be judged without one that is
missing is skipped with the reason, neither passed nor failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.config import Settings
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.errors import EngineMissing, NotFound
from chalicelib.domain.redaction import PiiSpan
from chalicelib.domain.rules.engine import CompiledRules, applies
from chalicelib.domain.rules.facts import TAG
from chalicelib.domain.rules.finding import Finding, State, Tools
from chalicelib.domain.rules.gather import subject_of
from chalicelib.domain.rules.rule import (
    Example,
    Measure,
    Node,
    PersonalData,
    Rule,
    RuleSet,
    SentimentState,
    conditions_of,
)
from chalicelib.domain.rules.subject import Subject
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Engine,
    Participant,
    Role,
    Transcript,
    Turn,
    TurnKind,
)
from chalicelib.domain.voice_metrics import characterise
from chalicelib.ports.language import PiiDetector, SentimentAnalyzer
from chalicelib.stages import pii as pii_stage
from chalicelib.stages import sentiment as sentiment_stage

TURN_MS = 4000
WRITTEN = Engine("none", "", "a snippet of a rule's test")
Stored = Callable[[str], Sequence[Subject]]


class Result(StrEnum):
    PASSED = "PASSED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Ground:
    """What tests run on. ``stored`` gives the conversations of a contact and raises ``NotFound``; None:
    there are no contacts here."""

    settings: Settings
    sentiment: SentimentAnalyzer
    pii: PiiDetector
    tools: Tools
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A test with its result. ``number`` counts from 1; ``finding`` and ``subject`` tell why, ``reason``
    why not."""

    rule: Rule
    number: int
    example: Example
    result: Result
    finding: Finding | None = None
    subject: Subject | None = None
    reason: str = ""


def run(rule: Rule, ground: Ground) -> Iterator[Ran]:
    """All tests of a rule, in order. Raises ``Unavailable`` when an engine may answer later."""
    compiled = CompiledRules(RuleSet(f"tests of {rule.id}", (rule,)))
    for number, example in enumerate(rule.examples, 1):
        yield _run(Ran(rule, number, example, Result.SKIPPED), compiled, ground)


def _run(test: Ran, compiled: CompiledRules, ground: Ground) -> Ran:
    if test.example.contact_id is None:
        return _judged(test, compiled, ground.tools, (snippet(test.rule, test.example, ground),))
    if ground.stored is None:
        return replace(test, reason="there is no data folder that holds the contact")
    try:
        subjects = tuple(ground.stored(test.example.contact_id))
    except NotFound as missing:
        return replace(test, result=Result.FAILED, reason=str(missing))
    due = tuple(one for one in subjects if applies(replace(test.rule, real_time=False), one))
    if due:
        return _judged(test, compiled, ground.tools, due)
    passed = subjects and not test.example.matches
    reason = "the rule does not apply to it" if subjects else "nothing is kept of this contact"
    result = Result.PASSED if passed else Result.FAILED
    return replace(test, result=result if subjects else Result.SKIPPED, reason=reason)


def _judged(test: Ran, compiled: CompiledRules, tools: Tools, subjects: Sequence[Subject]) -> Ran:
    """The conversation that matches speaks for the contact, else its first."""
    judged = [(one, *_verdict(compiled, one, tools)) for one in subjects]
    subject, finding, lacking = next((j for j in judged if j[1] and j[1].met), judged[0])
    told = replace(test, subject=subject, finding=finding)
    if finding is None:
        return replace(told, result=Result.FAILED, reason=lacking)
    if finding.state is State.UNKNOWN and lacking:
        return replace(told, result=Result.SKIPPED, reason=lacking)
    right = finding.met is test.example.matches
    return replace(told, result=Result.PASSED if right else Result.FAILED)


def _verdict(compiled: CompiledRules, subject: Subject, tools: Tools) -> tuple[Finding | None, str]:
    """The finding, and why a capability is not there, or why the rule failed."""
    (verdict,) = compiled.explain(subject, tools)
    lacking = compiled.judge(subject, tools, any_channel=True).lacking
    missing = {name: why for name, why in subject.missing.items() if name in ("sentiment", "pii")}
    return verdict.finding, verdict.error or next(iter((*lacking.values(), *missing.values())), "")


def snippet(rule: Rule, example: Example, ground: Ground) -> Subject:
    """What the rule sees of the snippet; what the example states takes the place of what was found."""
    transcript = _transcript(rule, example, ground.settings)
    numbers = characterise(transcript, None, ANALYSED_ROLES, ground.settings.method)
    nodes = tuple(conditions_of(rule.when))
    mood, no_mood = _mood(nodes, example, transcript, ground)
    findings, no_findings = _findings(nodes, transcript, ground)
    figures = dict(example.figures)
    length_ms = _length_ms(numbers, figures)
    found = subject_of(
        transcript, length_ms, numbers, mood, findings=findings, skipped=(*no_mood, *no_findings)
    )
    tags = {f"{TAG}{key}": (value,) for key, value in rule.tags}
    return replace(
        found,
        figures={**found.figures, **figures},
        facts={**found.facts, **tags, **dict(example.facts)},
    )


def _length_ms(numbers: Characteristics, figures: dict[str, int | float]) -> int:
    stated = figures.get("duration")
    return numbers.total_duration_ms if stated is None else round(stated * 1000)


def _transcript(rule: Rule, example: Example, settings: Settings) -> Transcript:
    channel = rule.channel or Channel.VOICE
    kind = TurnKind.MESSAGE if channel is Channel.CHAT else TurnKind.UTTERANCE
    turns: list[Turn] = []
    end = 0
    for number, one in enumerate(example.turns, 1):
        begin = max(end + one.pause_ms, 0)
        end = begin + TURN_MS
        role = Role(one.role)
        turns.append(Turn(f"t{number}", role, role, begin, end, one.text, kind=kind))
    people = tuple(Participant(role, role) for role in ANALYSED_ROLES)
    return Transcript(channel, settings.language, people, tuple(turns), WRITTEN)


def _mood(
    nodes: Iterable[Node], example: Example, transcript: Transcript, ground: Ground
) -> tuple[Sentiment, tuple[SkippedAnalysis, ...]]:
    stated = {name.partition(":")[0] for name, _ in example.figures}
    if not any(_feels(node, stated) for node in nodes):
        return Sentiment(WRITTEN), ()
    try:
        return sentiment_stage.make(transcript, ground.sentiment), ()
    except EngineMissing as missing:
        return Sentiment(WRITTEN), (_skipped("sentiment", missing),)


def _findings(
    nodes: Iterable[Node], transcript: Transcript, ground: Ground
) -> tuple[tuple[PiiSpan, ...], tuple[SkippedAnalysis, ...]]:
    if not any(isinstance(node, PersonalData) for node in nodes):
        return (), ()
    try:
        return pii_stage.make(transcript, ground.pii).spans, ()
    except EngineMissing as missing:
        return (), (_skipped("pii", missing),)


def _skipped(capability: str, missing: EngineMissing) -> SkippedAnalysis:
    return SkippedAnalysis(capability, missing.skip, missing.reason)


def _feels(node: Node, stated: set[str]) -> bool:
    """Whether a condition needs labels, or figures of them that nobody has stated."""
    if isinstance(node, Measure):
        return node.metric.startswith("sentiment") and node.metric not in stated
    return isinstance(node, SentimentState)
