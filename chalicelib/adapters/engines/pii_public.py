"""Addresses and telephone numbers that are no person's: a shop's, a help line's.

An agent says whose they are, "you can reach us at", "our store is at", or answers a customer who asks for
them, "what's the number of the nearest branch?". A word of what is the customer's own, "the one you
have on file", ends it. What a customer says is never taken for public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chalicelib.adapters.engines.pii_keywords import HARMLESS
from chalicelib.adapters.engines.pii_shapes import Shape
from chalicelib.domain.transcript import Role, Turn

PUBLIC = "PUBLIC"
ENTITIES = {"PHONE", "ADDRESS", "BANK_ACCOUNT_NUMBER"}
"""What can be public. A number that is only said to be "the number" counts as an account's."""

_PLACE = (
    r"(?:store|shop|office|branch|outlet|restaurant|showroom|warehouse|headquarters|location|clinic|pharmacy"
    r"|depot|dealer(?:ship)?|garage|hotel|head office|service cent(?:er|re)|centre|center)"
)
_PUBLIC = re.compile(
    r"\b(?:call|reach|contact|text|ring|dial|phone|visit|find|write to|mail|fax|get|message"
    r"|come (?:to|see)) us\b"
    rf"|\bour (?:\w+[ -]){{0,3}}(?:numbers?|line|phone|fax|address|zip|postcode|team|{_PLACE})\b"
    rf"|\b(?:the|a|an|your|any) (?:nearest|closest|local|main) (?:\w+ ){{0,2}}{_PLACE}\b"
    rf"|\b{_PLACE}(?:'s|’s)? (?:is|at|on|zip"
    r"|postcode|address|number|phone)\b"
    r"|\b(?:customer|technical|tech|public|emergency|support) (?:services?|support|care|relations|help)?"
    r" ?(?:department |team |desk )?(?:number|line|is (?:at|on))\b"
    r"|\b(?:help|hot|info(?:rmation)?|crisis|emergency|service|support)[- ]?(?:line|desk)\b|\btoll[- ]free\b"
    r"|(?<!land )\bline (?:is|at|on)\b"
    r"|\b(?:call|ring|dial|contact|reach) (?:the (?!number|phone|cell|mobile|customer|line)|their|them\b)"
    r"|\bwe(?:'re|’re| are) (?:at|on|located)\b|\bthere(?:'s|’s| is) one\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\byour (?!nearest|closest|local)|\byours\b|\bon (?:file|record)\b|\b(?:his|her|their) \w+"
    r"|\byou(?:'re|’re| are) (?:at|on)\b"
    r"|\bi (?:have|see|show)\b|\bi['’]ve (?:got)?|\bso that(?:'s|’s)|\b(?:call|reach|text|ring) you\b",
    re.IGNORECASE,
)
_SOUGHT = re.compile(
    r"\b(?:numbers?|address|location|located|zip|post ?code|where)\b", re.IGNORECASE
)
_ASKS = re.compile(
    r"\?|\b(?:what|which|where|can (?:i|you)|could (?:i|you)|do you have|may i)\b", re.IGNORECASE
)
_MINE = re.compile(
    r"\b(?:my|mine|me|i|i'm|you (?:have|see|show)|you've|going|ship\w*|send\w*|deliver\w*"
    r"|order|package|account|on file|on record"
    r"|his|her)\b(?! (?:get|have|call|ring|visit|the|go|reach|find|return|send|mail))",
    re.IGNORECASE,
)


def public_stretches(turns: Sequence[Turn]) -> Iterator[Sequence[Shape]]:
    """The stretches of each turn in which a number or an address is no person's."""
    sought = False
    for turn in turns:
        if turn.role is Role.AGENT:
            yield _stretches(turn.text, public=sought)
        else:
            sought = _seeks(turn.text)
            yield ()


def without_nobodys(found: Sequence[Shape]) -> list[Shape]:
    """The findings but for those in a public stretch and telephone numbers that are an order's or so."""
    nobodys = [shape for shape in found if shape.entity in (HARMLESS, PUBLIC)]
    return [shape for shape in found if not is_nobodys(shape, nobodys)]


def is_nobodys(shape: Shape, found: Sequence[Shape]) -> bool:
    """Whether what else was found says that this is nobody's."""
    harmless = (h for h in found if h.entity == HARMLESS and shape.entity == "PHONE")
    public = (p for p in found if p.entity == PUBLIC and shape.entity in ENTITIES)
    return any(h.begin < shape.end and shape.begin < h.end for h in harmless) or any(
        p.begin <= shape.begin < p.end for p in public
    )


def _seeks(text: str) -> bool:
    """Whether a customer asks where somebody else is to be found."""
    return bool(_ASKS.search(text) and _SOUGHT.search(text)) and not _MINE.search(text)


def _stretches(text: str, *, public: bool) -> list[Shape]:
    """From each word of what is public to the next word of what is not."""
    cues = [(m.start(), True) for m in _PUBLIC.finditer(text)]
    cues += [(m.start(), False) for m in _OWN.finditer(text)]
    out = []
    begin = 0
    for at, now in [*sorted(cues), (len(text), False)]:
        if public:
            out.append(Shape(begin, at, PUBLIC))
        begin, public = at, now
    return out
