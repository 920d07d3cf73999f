"""Two detectors in one: a model finds names and addresses, patterns find numbers and say what they are.

The model reads one turn at a time and would not know that "kim lee" answers "may I have your name?".
So it is given a short answer behind the words that its question left out: "my name is kim lee".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from chalicelib.adapters.engines.pii_keywords import HARMLESS
from chalicelib.adapters.engines.pii_named import named
from chalicelib.adapters.engines.pii_patterns import PatternPii, pattern_spans
from chalicelib.adapters.engines.pii_public import PUBLIC, is_nobodys
from chalicelib.adapters.engines.pii_shapes import Shape
from chalicelib.adapters.engines.rampart import Token
from chalicelib.domain.redaction import PiiSpan, merge
from chalicelib.domain.shadow_text import shadow
from chalicelib.domain.transcript import Engine, Turn

_ASKED = (
    (re.compile(r"\bzip|\bpost(?:al)? ?code", re.IGNORECASE), "my zip code is "),
    (re.compile(r"(?<!mail )\baddress\b|\bwhere do you live", re.IGNORECASE), "my address is "),
    (re.compile(r"(?<!user)(?<!user )\bname\b", re.IGNORECASE), "my name is "),
)
_REQUEST = re.compile(
    r"\?|\b(?:please|may i|can i|could (?:i|you)|what(?:'s| is)|tell me|need|confirm|verify|provide"
    r"|give me)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{4}")
_ANSWER_WORDS = 12


class Labeller(Protocol):
    """A model that labels stretches of texts."""

    engine: Engine

    def label(self, texts: Sequence[str]) -> list[list[Token]]:
        """The tokens of each text that may be something. Raises ``EngineMissing``."""


class CombinedPii:
    """A ``PiiDetector``: everything that either finds, and the patterns' word on what a number is."""

    def __init__(self, model: Labeller) -> None:
        self._model = model
        self._patterns = PatternPii()
        patterns = self._patterns.engine
        self.engine = Engine(
            f"{model.engine.name}+{patterns.name}",
            f"{model.engine.version}+{patterns.version}",
            "names and addresses by a small model, numbers by patterns; neither finds everything",
        )

    def spans(self, turns: Sequence[Turn], language: str) -> Sequence[PiiSpan]:
        """Findings of all turns, in order, none overlapping another. Raises ``EngineMissing``."""
        found: dict[str, list[PiiSpan]] = {turn.id: [] for turn in turns}
        findings = self._patterns.findings(turns, language)
        nobodys = {
            turn.id: [shape for shape in own if shape.entity in (HARMLESS, PUBLIC)]
            for turn, own in zip(turns, findings, strict=True)
        }
        texts = {turn.id: turn.text for turn in turns}
        for span in pattern_spans(turns, findings):
            found[span.turn_id].append(span)
        for span in self._modelled(turns):
            if not _is_nobodys(span, texts[span.turn_id], nobodys[span.turn_id]):
                found[span.turn_id].append(_typed(span, found[span.turn_id]))
        return [span for turn in turns for span in merge(found[turn.id])]

    def limits(self, language: str) -> str:
        unread = self._patterns.limits(language)
        return unread and f"{unread}; the model still read it, measured for English alone"

    def _modelled(self, turns: Sequence[Turn]) -> Iterator[PiiSpan]:
        """What the model finds, in texts as they look."""
        seen = [shadow(turn.text) for turn in turns]
        leads = [*_lead_ins(turns)]
        texts = [lead + own.text for lead, own in zip(leads, seen, strict=True)]
        labelled = self._model.label(texts)
        for turn, own, lead, tokens in zip(turns, seen, leads, labelled, strict=True):
            for shape in named(lead + own.text, tokens, asked=bool(lead)):
                begin, end = max(0, shape.begin - len(lead)), shape.end - len(lead)
                if begin < end:
                    place = own.original(begin, end)
                    yield PiiSpan(turn.id, *place, shape.entity, self._model.engine.name)


def _lead_ins(turns: Sequence[Turn]) -> Iterator[str]:
    """The words that a question before each turn left to be understood, or nothing."""
    asked, by = "", ""
    for turn in turns:
        answers = turn.participant_id != by and len(turn.text.split()) <= _ANSWER_WORDS
        yield asked if answers else ""
        if turn.participant_id != by or _request(turn.text):
            asked, by = _request(turn.text), turn.participant_id


def _request(text: str) -> str:
    if not _REQUEST.search(text):
        return ""
    return next((lead for pattern, lead in _ASKED if pattern.search(text)), "")


def _is_nobodys(span: PiiSpan, text: str, nobodys: Sequence[Shape]) -> bool:
    """Whether the patterns say so, or know it as the number of an order, a flight or the like."""
    shape = Shape(span.begin, span.end, span.entity)
    number = span.entity != "NAME" and not _WORD.search(text, span.begin, span.end)
    touched = (n.begin < span.end and span.begin < n.end for n in nobodys if n.entity == HARMLESS)
    return (number and any(touched)) or is_nobodys(shape, nobodys)


def _typed(span: PiiSpan, numbers: Sequence[PiiSpan]) -> PiiSpan:
    """The span under the type of a pattern's finding that it touches, if it is no name or address."""
    if span.entity in ("NAME", "ADDRESS"):
        return span
    known = (n.entity for n in numbers if n.begin < span.end and span.begin < n.end)
    return replace(span, entity=next(known, span.entity))
