"""E-mail addresses as they are said: "john dot smith at example dot com", "jsmith 45 gmail com"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.adapters.engines.pii_shapes import Shape
from chalicelib.domain.spoken_numbers import digit_runs

_PROVIDER = (
    r"(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|aol|protonmail|ymail|comcast|verizon|msn)"
)
_LABEL = r"[A-Za-z0-9-]{1,63}"
_TLD = r"(?:com|net|org|edu|gov|info|biz|co|uk|us|ca|de|io|me|au|in)"
_DOT = r"(?:\s+(?:dot|point)\s+|\s?\.\s?)"
_SPOKEN = re.compile(
    rf"(?:\bat\s+|(?<!\S)@\s*)(?P<domain>{_LABEL}(?:{_DOT}{_LABEL}){{0,2}}{_DOT}{_TLD})\b",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    rf"(?<![\w.@+-])(?:at\s+|@\s*|[\w.+-]{{0,40}}){_PROVIDER}(?:{_DOT}|\s?)(?:com|net|co{_DOT}uk)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\be-?\s?mail|\bmail\b|\baddress\b", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_CONNECTORS = {"dot", ".", "underscore", "_", "dash", "hyphen", "-", "minus", "plus", "period"}
_STOP = {
    "is", "its", "it's", "at", "to", "email", "e-mail", "mail", "address", "my", "your", "and", "the",
    "for", "on", "id", "name", "as", "use", "send", "under", "that", "thats", "that's", "was", "me",
    "by", "with", "or", "from", "of", "in", "just", "yes", "yeah", "ok", "okay", "sure", "so", "um",
}  # fmt: skip
_SUBJECTS = {"i", "we", "you", "they", "he", "she", "who"}
_REACH = 160


def spoken_emails(text: str, before: str = "") -> Iterator[Shape]:
    """Spoken addresses in a text. ``before`` is what was said just before it.

    Outside of talk about e-mail only known providers and local parts that no sentence has count:
    "I ordered at example dot com" is no address.
    """
    asked = bool(_ASKED.search(text) or _ASKED.search(before))
    for found in _KNOWN.finditer(text):
        begin, _, _ = _local_part(text, found.start())
        yield Shape(begin, found.end(), "EMAIL")
    for found in _SPOKEN.finditer(text):
        begin, telling, verb = _local_part(text, found.start())
        if begin < found.start() and (telling or (asked and not verb)):
            yield Shape(begin, found.end(), "EMAIL")


def _local_part(text: str, end: int) -> tuple[int, bool, bool]:
    """Where the words before the domain that belong to the address begin, whether one of them tells
    that it is an address, and whether they are the verb of a sentence."""
    begin, plain, telling = end, 0, False
    for found in reversed(list(_WORD.finditer(text, max(0, end - _REACH), end))):
        word = found[0].lower().strip(",;:")
        if word in _SUBJECTS and plain:
            return begin, telling, True
        if word in _STOP or found[0][-1] in ";:!?" or plain == 2:
            break
        part = word in _CONNECTORS or len(word) == 1 or bool(digit_runs(word))
        telling = telling or part or any(c.isdigit() or c in "._" for c in word.strip("."))
        plain = 0 if part else plain + 1
        begin = found.start()
    return begin, telling, False
