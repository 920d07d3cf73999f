"""Where in a transcript words were found."""

from __future__ import annotations

from typing import Literal

from chalicelib.api.model_base import Model


class SnippetInfo(Model):
    """A piece of a segment: ``text`` begins at ``offset`` of its content; ``ranges`` are of the piece,
    in characters, the end excluded."""

    segment_id: str
    channel: Literal["VOICE", "CHAT"]
    participant_role: Literal["AGENT", "CUSTOMER", "OTHER"]
    text: str
    offset: int
    ranges: list[tuple[int, int]]
