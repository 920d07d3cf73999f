"""The summary of a conversation, as the API answers it."""

from __future__ import annotations

from typing import Literal

from chalicelib.api.model_base import EngineInfo, Model


class HighlightInfo(Model):
    """A labelled stretch of a segment's ``content``; ``source`` tells who labelled it."""

    kind: Literal["ISSUE", "OUTCOME", "ACTION_ITEM"]
    segment_id: str
    begin_char: int
    end_char: int
    text: str
    source: Literal["computed", "imported"]


class SummarySentenceInfo(Model):
    text: str
    segment_ids: list[str]


class KeyPhraseInfo(Model):
    text: str
    count: int
    segment_ids: list[str]


class GeneratedSummaryInfo(Model):
    """What a language model wrote: ``sentences`` make up ``text``, each with the segments that bear it
    out."""

    engine: EngineInfo
    text: str
    sentences: list[SummarySentenceInfo]


class SummaryInfo(Model):
    """Made from the redacted text. ``sentences`` are quoted, in the order of the conversation;
    ``generated`` is null unless a language model was asked and what it wrote passed every check."""

    engine: EngineInfo
    highlights: list[HighlightInfo]
    sentences: list[SummarySentenceInfo]
    key_phrases: list[KeyPhraseInfo]
    generated: GeneratedSummaryInfo | None
