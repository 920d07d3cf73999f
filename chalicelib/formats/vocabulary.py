"""A vocabulary file: the table that Amazon Transcribe's custom vocabularies are made of.

    Phrase<TAB>SoundsLike<TAB>IPA<TAB>DisplayAs
    Data-dog<TAB>day-ta-dog<TAB><TAB>Datadog
    A.W.S.<TAB><TAB><TAB>AWS

Columns come in any order; only ``Phrase`` must be there. Words of a phrase are joined by hyphens. ``IPA``
is read over, as the service does by now. The file is read strictly: it names the line that is wrong, and
what passes here the service takes too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import NoReturn

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.vocabulary import Spelling, Term, Vocabulary
from chalicelib.formats.artifact import fingerprint

MAX_BYTES = 50 * 1024
MAX_PHRASE = 256
COLUMNS = ("Phrase", "SoundsLike", "IPA", "DisplayAs")

_JOINTS = "-.'’"


def load(body: bytes) -> Vocabulary:
    """The vocabulary in a file.

    Raises ``InputRefused``: ``object.empty``, ``object.too_large``, ``vocabulary.encoding``,
    ``vocabulary.schema`` (the detail names the line).
    """
    if len(body) > MAX_BYTES:
        raise InputRefused("object.too_large", f"a vocabulary has at most {MAX_BYTES} bytes")
    rows = _rows(_text(body))
    number, header = next(rows, (0, []))
    if not number:
        raise InputRefused("object.empty", "the vocabulary holds nothing")
    columns = _columns(number, header)
    lines = [(n, _term(n, columns, cells)) for n, cells in rows]
    if not lines:
        raise InputRefused("object.empty", "the vocabulary has a header and no phrase")
    _check_unique(lines)
    terms = tuple(term for _, term in lines)
    return Vocabulary(fingerprint([asdict(term) for term in terms]), terms)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise InputRefused("vocabulary.encoding", f"line {line} is not UTF-8") from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold something, by their number, in cells."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, [cell.strip() for cell in line.split("\t")]


def _columns(line: int, header: list[str]) -> list[str]:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or len(set(header)) < len(header) or "Phrase" not in header:
        _refuse(
            line, f"the header is Phrase and any of {', '.join(COLUMNS[1:])}, with tabs between"
        )
    return header


def _term(line: int, columns: list[str], cells: list[str]) -> Term:
    if len(cells) > len(columns):
        _refuse(line, f"has {len(cells)} cells under {len(columns)} columns")
    row = dict(zip(columns, cells, strict=False))
    if not row.get("Phrase"):
        _refuse(line, "has no Phrase")
    return Term(_spoken(line, "Phrase", row), _spoken(line, "SoundsLike", row), _display(line, row))


def _spoken(line: int, column: str, row: Mapping[str, str]) -> str:
    text = row.get(column, "")
    if len(text) > MAX_PHRASE:
        _refuse(line, f"{column} has more than {MAX_PHRASE} characters")
    if " " in text:
        _refuse(line, f"{column} has a blank; words are joined by hyphens")
    if not all(c in _JOINTS or unicodedata.category(c)[0] in "LM" for c in text):
        _refuse(line, f"{column} is letters, apostrophes, hyphens and full stops, numbers in words")
    if text and not text.strip(_JOINTS):
        _refuse(line, f"{column} has no letter")
    return " ".join(text.replace("-", " ").split())


def _display(line: int, row: Mapping[str, str]) -> str:
    text = row.get("DisplayAs", "")
    if len(text) > MAX_PHRASE or not text.isprintable():
        _refuse(line, f"DisplayAs is at most {MAX_PHRASE} characters that can be shown")
    return " ".join(text.split())


def _check_unique(lines: list[tuple[int, Term]]) -> None:
    """Two terms that are heard alike are a mistake: only one could be written."""
    seen: dict[Spelling, tuple[int, str]] = {}
    phrases: dict[str, int] = {}
    for line, term in lines:
        first = phrases.setdefault(term.phrase.casefold(), line)
        if first != line:
            _refuse(line, f"has the Phrase of line {first} again")
        for spelling in term.spellings():
            known, written = seen.setdefault(spelling, (line, term.written))
            if written != term.written:
                _refuse(line, f"sounds like line {known} and is written another way")


def _refuse(line: int, what: str) -> NoReturn:
    raise InputRefused("vocabulary.schema", f"line {line}: {what}")
