"""What Amazon Comprehend takes: texts of so many UTF-8 bytes, in the languages that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, unavailable
from chalicelib.domain.errors import LanguageNotServed, Unavailable
from chalicelib.domain.language import primary

API = "2017-11-27"

REFUSALS = ("InvalidRequestException", "TextSizeLimitExceededException")

_SENTENCE_END = re.compile(r"[.!?]+[\"')\]]*\s+|[。！？]+|\n+")
_BLANK = re.compile(r"\s+")


class TextRefused(Unavailable):
    """A request is refused for what it holds; asked again, it would be again."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Comprehend: {code}", retryable=False)
        self.code = code


def size(text: str) -> int:
    """Bytes of the text as it is sent."""
    return len(text.encode("utf-8", "surrogatepass"))


def pieces(text: str, limit: int) -> Iterator[str]:
    """The text in parts of at most ``limit`` bytes, which together are the text: cut behind a sentence
    where one ends, else behind a blank, else between two characters."""
    at = 0
    while at < len(text):
        head = _head(text[at : at + limit], limit)
        cut = len(head) if at + len(head) == len(text) else _cut(head)
        yield text[at : at + cut]
        at += cut


def spoken_language(language: str, allowed: Collection[str]) -> str | None:
    """The service's code of a language tag, such as ``en`` of ``en-US``; None for any other."""
    whole = next((code for code in allowed if code.lower() == language.lower()), None)
    part = primary(language)
    return whole or (part if part in allowed else None)


def call(
    operation: Callable[..., Mapping[str, Any]],
    capability: str,
    request: Mapping[str, Any],
    needs: Collection[str],
) -> Mapping[str, Any]:
    """The service's answer with the fields that it ``needs``: boto3 reads the page of a proxy as an answer
    without any. Raises ``LanguageNotServed`` for a language that the service does not read there,
    ``TextRefused`` and ``Unavailable``."""
    try:
        answer = operation(**request)
    except AWS_ERRORS as error:
        code = code_of(error)
        if code == "UnsupportedLanguageException":
            reason = f"Amazon Comprehend does not read {request['LanguageCode']!r} here"
            raise LanguageNotServed(capability, reason) from error
        if code in REFUSALS:
            raise TextRefused(code) from error
        raise unavailable(error, "Comprehend") from error
    missing = [name for name in needs if name not in answer]
    if missing:
        raise Unavailable(f"Comprehend: an answer without {', '.join(missing)}")
    return answer


def _head(text: str, limit: int) -> str:
    """As many characters as fit."""
    return text.encode("utf-8", "surrogatepass")[:limit].decode("utf-8", "ignore") or text[:1]


def _cut(head: str) -> int:
    for boundary in (_SENTENCE_END, _BLANK):
        ends = [found.end() for found in boundary.finditer(head)]
        if ends:
            return ends[-1]
    return len(head)
