"""A summary in a language model's own words, of which only what the conversation bears out is kept.

The model gets the redacted turns as data. Each sentence has to cite turns and is checked against them;
one that fails refuses the whole answer, because what is left out may change what is said. What
passes is searched for personal data like any text. There are two questions at most for one look: a
summary is worth no waiting contact, so after them the analysis is published without it, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.claims import doubt, echoes
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.errors import (
    Declined,
    EngineMissing,
    InvalidOutput,
    LoupeError,
    NotAnswered,
    Throttled,
    TooLong,
    Unavailable,
    Unfounded,
)
from chalicelib.domain.redaction import RedactionPolicy, redact
from chalicelib.domain.summary import GeneratedSummary, SummarySentence
from chalicelib.domain.transcript import Transcript, Turn
from chalicelib.formats import summary_prompt
from chalicelib.ports.generation import LanguageModel
from chalicelib.ports.language import PiiDetector
from chalicelib.stages.pii import as_turn

CAPABILITY = "generated_summary"
QUESTIONS = 2

_CODES: tuple[tuple[type[LoupeError], str], ...] = (
    (Throttled, "QUOTA_EXCEEDED"),
    (Declined, "FAILED_SAFETY_GUIDELINES"),
    (Unfounded, "FAILED_SAFETY_GUIDELINES"),
    (TooLong, "INVALID_ANALYSIS_CONFIGURATION"),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and what watches over it. ``max_chars``: the most of a conversation that is given."""

    model: LanguageModel
    pii: PiiDetector
    policy: RedactionPolicy
    max_chars: int


def settings_of(model: LanguageModel) -> list[object]:
    """What goes into the stage's fingerprint."""
    return [model.engine.name, model.engine.version, summary_prompt.VERSION]


def make(masked: Transcript, writer: Writer) -> GeneratedSummary | SkippedAnalysis:
    """The summary of a redacted conversation in which both sides spoke, or why there is none."""
    turns = summary_prompt.numbered(masked.analysed_turns())
    try:
        _fits(turns, writer.max_chars)
        claims = _masked(_written(turns, writer.model), masked, writer)
    except (NotAnswered, Unavailable, EngineMissing) as error:
        return SkippedAnalysis(CAPABILITY, _code(error), str(error), masked.channel.lower())
    return GeneratedSummary(writer.model.engine, claims)


def _fits(turns: Mapping[str, Turn], most: int) -> None:
    size = sum(len(turn.text) for turn in turns.values())
    if size > most:
        raise TooLong(f"the conversation has {size} characters, LOUPE_MODEL_MAX_CHARS is {most}")


def _written(turns: Mapping[str, Turn], model: LanguageModel) -> tuple[SummarySentence, ...]:
    """Claims that hold, citing the conversation's turns. A refused answer is told why and asked anew."""
    question, refused = summary_prompt.data(turns), ""
    for left in reversed(range(QUESTIONS)):
        try:
            asked = summary_prompt.instructions(refused)
            claims = summary_prompt.claims(model.answer(asked, question, summary_prompt.SCHEMA))
            _believe(claims, turns)
        except InvalidOutput as error:
            refused = str(error)
            if not left:
                raise
        except Unavailable as error:
            if not left or not error.retryable:
                raise
        else:
            return tuple(
                replace(claim, turn_ids=tuple(turns[i].id for i in claim.turn_ids))
                for claim in claims
            )
    raise AssertionError("the last question answers or raises")


def _believe(claims: tuple[SummarySentence, ...], turns: Mapping[str, Turn]) -> None:
    for number, claim in enumerate(claims, start=1):
        why = doubt(claim, turns)
        if not why and echoes(claim.text, summary_prompt.INSTRUCTIONS):
            why = "it repeats the instructions"
        if why:
            raise Unfounded(f"sentence {number}: {why}")


def _masked(
    claims: tuple[SummarySentence, ...], masked: Transcript, writer: Writer
) -> tuple[SummarySentence, ...]:
    """The claims searched like turns of the conversation, whose masks they keep."""
    turns = tuple(as_turn(f"sentence-{n}", claim.text) for n, claim in enumerate(claims))
    found = writer.policy.applied(writer.pii.spans(turns, masked.language))
    shown = redact(replace(masked, turns=turns), found, writer.policy).turns
    return tuple(replace(claim, text=turn.text) for claim, turn in zip(claims, shown, strict=True))


def _code(error: LoupeError) -> str:
    """Contact Lens's reason code."""
    known = next((code for kind, code in _CODES if isinstance(error, kind)), None)
    lasting = isinstance(error, Unavailable) and not error.retryable
    return known or ("INVALID_ANALYSIS_CONFIGURATION" if lasting else "INTERNAL_ERROR")
