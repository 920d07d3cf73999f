"""The summary of a conversation, from its redacted text alone.

Highlights that a source brought along are kept instead of ours. What an engine cites is checked: a
highlight that is not in the transcript would be an invention. A language model, where there is one, adds
a text of its own (``generated_summary``); without it the summary is still whole.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.summary import (
    KINDS,
    KeyHighlight,
    Summary,
    both_sides_spoke,
    imported_highlights,
)
from chalicelib.domain.transcript import Transcript, Turn
from chalicelib.domain.word_offsets import set_masks
from chalicelib.ports.summary import Summarizer
from chalicelib.stages import generated_summary
from chalicelib.stages.generated_summary import Writer

TOO_LITTLE = "a summary needs a turn of the customer and one of the agent"


def make(
    redacted: Transcript, summarizer: Summarizer, writer: Writer | None = None
) -> Summary | SkippedAnalysis:
    """The product of the ``summary`` stage, or why there is none. Raises ``Unavailable``."""
    name = redacted.channel.lower()
    if not both_sides_spoke(redacted):
        return SkippedAnalysis("summary", "INSUFFICIENT_CONVERSATION_CONTENT", TOO_LITTLE, name)
    try:
        made = summarizer.summarise(redacted.analysed_turns(), redacted.language)
    except EngineMissing as missing:
        return SkippedAnalysis("summary", "ENGINE_MISSING", missing.reason, name)
    _check(made, redacted)
    imported = imported_highlights(redacted)
    marked = replace(made, highlights=imported) if imported else made
    return _with_generated(marked, redacted, writer) if writer else marked


def _with_generated(summary: Summary, redacted: Transcript, writer: Writer) -> Summary:
    written = generated_summary.make(redacted, writer)
    if isinstance(written, SkippedAnalysis):
        return replace(summary, not_generated=written)
    return replace(summary, generated=written)


def _check(summary: Summary, transcript: Transcript) -> None:
    turns = {turn.id: turn for turn in transcript.turns}
    cited = [i for sentence in summary.sentences for i in sentence.turn_ids]
    cited += [i for phrase in summary.key_phrases for i in phrase.turn_ids]
    kinds = [h.kind for h in summary.highlights]
    if len(set(kinds)) < len(kinds) or not set(kinds) <= set(KINDS) or not set(cited) <= set(turns):
        raise Unavailable("the summary engine cited what is not in the conversation")
    if not all(_quotes(turns.get(h.turn_id), h) for h in summary.highlights):
        raise Unavailable("the summary engine marked what cannot be quoted")


def _quotes(turn: Turn | None, highlight: KeyHighlight) -> bool:
    """Whether the span is text of the turn, without blanks at its ends and without half a mask."""
    if turn is None or not 0 <= highlight.begin < highlight.end <= len(turn.text):
        return False
    quoted = turn.text[highlight.begin : highlight.end]
    return quoted == quoted.strip() and not any(
        m.begin < edge < m.end for m in set_masks(turn) for edge in (highlight.begin, highlight.end)
    )
