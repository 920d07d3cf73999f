"""What an imported source said of a conversation, as it was said and as it is stored for reading.

Nobody has redacted the source's summary as Loupe redacts: the detector looks through it like through a
turn, and what was masked in the conversation is masked where the summary says it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain import brought as domain
from chalicelib.domain.brought import Brought, BroughtSummary
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.redaction import PiiSpan, RedactionPolicy, redact
from chalicelib.domain.transcript import Transcript, Turn
from chalicelib.ports.language import PiiDetector
from chalicelib.stages.pii import as_turn

SUMMARY = "summary"
BLANKS = " \t\n.,;:!?"
SHORTEST, SHORTEST_OF_A_NAME = 2, 3


@dataclass(frozen=True, slots=True)
class Readings:
    """The source's word twice; ``skipped`` says what of it is not shown."""

    original: Brought | None = None
    shown: Brought | None = None
    skipped: tuple[SkippedAnalysis, ...] = ()


def make(
    raw: Transcript,
    spans: Sequence[PiiSpan],
    detector: PiiDetector,
    policy: RedactionPolicy,
    standing: Brought | None = None,
) -> Readings:
    """``spans`` are all findings in ``raw``. ``standing`` is what is shown already, if the redaction
    stands; a text whose original is not stored has nothing else. Raises ``Unavailable``; without a
    detector the summary is left out, and that is said."""
    original = domain.brought(raw)
    if original is None:
        return Readings(standing, standing)
    skipped = _unlisted(original, raw)
    categories = domain.to_redacted(original.categories, raw, policy.applied(spans))
    shown = replace(original, categories=categories)
    if original.summary is None:
        return Readings(original, shown, skipped)
    if standing and standing.summary:
        return Readings(original, replace(shown, summary=standing.summary), skipped)
    try:
        summary = _masked(original.summary.text, raw, spans, detector, policy)
    except EngineMissing as missing:
        skip = SkippedAnalysis("brought_summary", missing.skip, missing.reason, raw.channel.lower())
        return Readings(original, replace(shown, summary=None), (*skipped, skip))
    return Readings(original, replace(shown, summary=summary), skipped)


def _unlisted(said: Brought, raw: Transcript) -> tuple[SkippedAnalysis, ...]:
    left = len(said.categories) - len(domain.row_names(said))
    detail = f"{left} of the source's categories cannot be searched for: too many, or too long"
    skip = SkippedAnalysis("brought_categories", "QUOTA_EXCEEDED", detail, raw.channel.lower())
    return (skip,) if left else ()


def _masked(
    text: str,
    raw: Transcript,
    spans: Sequence[PiiSpan],
    detector: PiiDetector,
    policy: RedactionPolicy,
) -> BroughtSummary:
    turn = as_turn(SUMMARY, text)
    alone = replace(raw, participants=(), turns=(turn,))
    found = (*detector.spans((turn,), raw.language), *_said_again(turn, raw, spans))
    shown = redact(alone, policy.applied(found), policy).turns[0]
    masked = tuple(dict.fromkeys(redaction.entity for redaction in shown.redactions))
    return BroughtSummary(shown.text, masked, detector.engine)


def _said_again(turn: Turn, raw: Transcript, spans: Iterable[PiiSpan]) -> Iterator[PiiSpan]:
    """What was found in the conversation, where the turn has it too; of a name each of its words."""
    said = {each.id: each.text for each in raw.turns}
    secrets: dict[str, PiiSpan] = {}
    for span in spans:
        for secret in _secrets(said[span.turn_id][span.begin : span.end], span.entity):
            secrets.setdefault(secret.casefold(), span)
    for secret, span in secrets.items():
        for found in re.finditer(rf"(?<!\w){re.escape(secret)}(?!\w)", turn.text, re.IGNORECASE):
            yield replace(span, turn_id=turn.id, begin=found.start(), end=found.end())


def _secrets(text: str, entity: str) -> Iterator[str]:
    whole = text.strip(BLANKS)
    if len(whole) >= SHORTEST and any(c.isalnum() for c in whole):
        yield whole
    for word in whole.split() if entity == "NAME" else ():
        if len(word.strip(BLANKS)) >= SHORTEST_OF_A_NAME:
            yield word.strip(BLANKS)
