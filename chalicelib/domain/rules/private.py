"""Turns as they may leave the machine."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.redaction import PiiSpan, merge
from chalicelib.domain.rules.subject import Line


def masked(line: Line) -> Line:
    """The line with every piece of personal data that was found in it behind ``[ENTITY]``, whatever an
    installation shows to people."""
    found = (PiiSpan(line.id, begin, end, entity, "") for entity, begin, end in line.entities)
    parts, at = [], 0
    for span in merge(found):
        parts += [line.text[at : span.begin], f"[{span.entity}]"]
        at = span.end
    return replace(line, text="".join([*parts, line.text[at:]]), entities=(), word_begins=())
