"""Words and patterns found the slow way: one regular expression, tried at every word."""

from __future__ import annotations

import re
from functools import cache

from chalicelib.domain.rules.rule import ANY, AnyOf, ExactMatch, Number, Proximity

WORD = r"\w+(?:'\w+)*"
BETWEEN = r"[^\w]+"
END = r"(?!\w)(?!'\w)"
NUMBER = {
    False: r"(?<!\d[.,])\d+(?:,\d{3})*(?![.,]?\d)(?!\w)",
    True: r"(?<!\d[.,])\d+(?:,\d{3})*(?:\.\d+)?(?![.,]?\d)(?!\w)",
}


def phrase(text, star=True):
    """An expression for these words, None without any."""
    words = [re.escape(word) for word in re.findall(WORD, plain(text))]
    if not words:
        return None
    rest = r"\w*(?:'\w+)*" if star and text.strip().endswith("*") else ""
    return BETWEEN.join(words) + rest + END


def element(part):
    if isinstance(part, Number):
        return NUMBER[part.decimal]
    texts = [p.text for p in part.alternatives] if isinstance(part, AnyOf) else [part.text]
    some = list(filter(None, map(phrase, texts)))
    return f"(?:{'|'.join(some)})" if some else None


def pattern(parts):
    made, near = "", None
    for part in parts:
        if isinstance(part, Proximity):
            near = part
            continue
        piece = element(part)
        if piece is None:
            continue
        gap = rf"{BETWEEN}(?:{WORD}{BETWEEN}){{0,{near.distance if near else 0}}}"
        if near and not near.within:
            made += f"(?!{gap}{piece})"
        else:
            made += f"{gap}{piece}" if made else piece
        near = None
    return made or None


@cache
def expression(node):
    """All that the condition looks for, None where it looks for nothing."""
    if isinstance(node, ExactMatch):
        found = [phrase(text, star=False) for text in node.phrases]
    else:
        found = [pattern(parts) for parts in node.patterns]
    some = list(filter(None, found))
    return re.compile("|".join(f"(?:{one})" for one in some)) if some else None


def plain(text):
    return text.lower().replace("’", "'").replace("`", "'")


def begins(node, line):
    """Offsets in the line where one of the expressions matches."""
    text, wanted = plain(line.text), expression(node)
    words = re.finditer(WORD, text) if wanted else ()
    return [word.start() for word in words if wanted.match(text, word.start())]


def said(node, subject):
    """(line, offset) of each place where the words begin, in scope."""
    window = node.scope.window
    low, high = window.bounds(subject.duration_ms) if window else (0, float("inf"))
    return [
        (line, offset)
        for line in subject.lines
        if node.scope.role in (None, ANY, line.role)
        for offset in begins(node, line)
        if low <= line.said_ms(offset) < high
    ]


def satisfies(node, text):
    wanted = expression(node)
    return bool(wanted and wanted.fullmatch(plain(text)))
