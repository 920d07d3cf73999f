"""What a contact was about: highlights, summary sentences, key phrases, and what a model wrote of it.

Everything is made from the redacted text and points into it. A highlight is one sentence of one turn;
a contact has at most one computed issue, outcome and action item, and not every contact has all three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.redaction import PiiSpan, masks_by_turn, raw_offsets
from chalicelib.domain.transcript import ANALYSED_ROLES, Engine, Highlight, Transcript

KINDS = ("ISSUE", "OUTCOME", "ACTION_ITEM")
COMPUTED, IMPORTED = "computed", "imported"


@dataclass(frozen=True, slots=True)
class KeyHighlight:
    """``turn.text[begin:end]`` labelled as one of ``KINDS``; ``source`` says who labelled it."""

    kind: str
    turn_id: str
    begin: int
    end: int
    source: str = COMPUTED


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """One sentence of the summary with the turns that it stands on."""

    text: str
    turn_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyPhrase:
    """What was spoken of; ``count`` is how often it was said, in ``turn_ids``."""

    text: str
    count: int
    turn_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GeneratedSummary:
    """What a language model wrote: each claim is a sentence with the turns that bear it out."""

    engine: Engine
    claims: tuple[SummarySentence, ...]

    @property
    def text(self) -> str:
        return " ".join(claim.text for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Summary:
    """``sentences`` in the order of the conversation, ``key_phrases`` with the weightiest first.

    Everything but ``generated`` is quoted. Where a model was asked, either ``generated`` is there or
    ``not_generated`` says why it is not.
    """

    engine: Engine
    highlights: tuple[KeyHighlight, ...] = ()
    sentences: tuple[SummarySentence, ...] = ()
    key_phrases: tuple[KeyPhrase, ...] = ()
    generated: GeneratedSummary | None = None
    not_generated: SkippedAnalysis | None = None

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


def both_sides_spoke(transcript: Transcript) -> bool:
    """Whether there is an analysed turn with text of each side: less cannot be summarised."""
    return all(
        any(turn.text.strip() for turn in transcript.analysed_turns(role))
        for role in ANALYSED_ROLES
    )


def imported_highlights(transcript: Transcript) -> tuple[KeyHighlight, ...]:
    """The highlights that a source brought along, in time order."""
    return tuple(
        KeyHighlight(h.kind, turn.id, h.begin, h.end, IMPORTED)
        for turn in transcript.turns
        for h in turn.highlights
    )


def highlights_by_turn(
    transcript: Transcript, summary: Summary | None
) -> Mapping[str, tuple[Highlight, ...]]:
    """The highlights of each turn that has any: those of the summary, else those of the source."""
    found = summary.highlights if summary else imported_highlights(transcript)
    texts = {turn.id: turn.text for turn in transcript.turns}
    out: dict[str, tuple[Highlight, ...]] = {}
    for h in found:
        quoted = Highlight(h.kind, h.begin, h.end, texts[h.turn_id][h.begin : h.end])
        out[h.turn_id] = (*out.get(h.turn_id, ()), quoted)
    return out


def to_original(summary: Summary, raw: Transcript, spans: Sequence[PiiSpan]) -> Summary:
    """The same summary beside the text before redaction: computed highlights point into that text,
    imported ones are where their source put them, sentences stay redacted."""
    masked = masks_by_turn(raw, spans)
    moved = [
        replace(h, begin=begin, end=end)
        for h in summary.highlights
        if h.source == COMPUTED
        for begin, end in [raw_offsets(masked[h.turn_id], h.begin, h.end)]
    ]
    return replace(summary, highlights=(*imported_highlights(raw), *moved))
