"""The entity list: a table of types and phrases, UTF-8, tabs between cells, one phrase a line.

Type	Phrase
COMMERCIAL_ITEM	Basic Internet
ORGANIZATION	Acme Telecom
"""

from __future__ import annotations

from typing import NoReturn

from chalicelib.domain.entities import TYPES
from chalicelib.domain.entity_list import MAX_PARTS, EntityList, parts_of
from chalicelib.domain.errors import InputRefused

MAX_BYTES = 1024**2
HEADER = ["Type", "Phrase"]


def load(body: bytes) -> EntityList:
    """The list. Raises ``InputRefused`` ``entities.schema``, ``entities.encoding``,
    ``entities.too_large``, with the line that is wrong."""
    if len(body) > MAX_BYTES:
        raise InputRefused("entities.too_large", f"more than {MAX_BYTES} bytes")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused("entities.encoding", "the file is not UTF-8") from error
    rows = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
        if line.strip()
    ]
    if not rows or rows[0][1] != HEADER:
        _refuse(rows[0][0] if rows else 1, "the header is Type and Phrase, with a tab between")
    phrases: dict[str, str] = {}
    for number, cells in rows[1:]:
        kind, phrase = _cells(number, cells)
        if phrases.setdefault(phrase.casefold(), kind) != kind:
            _refuse(number, "has a phrase that another line has under another type")
    return EntityList(phrases)


def _cells(number: int, cells: list[str]) -> tuple[str, str]:
    if len(cells) != len(HEADER):
        _refuse(number, f"has {len(cells)} cells, not {len(HEADER)}")
    kind, phrase = cells
    if kind not in TYPES:
        _refuse(number, f"Type is one of {', '.join(TYPES)}")
    if not any(c.isalnum() for c in phrase) or not 1 <= len(parts_of(phrase)) <= MAX_PARTS:
        _refuse(number, f"Phrase has letters or digits and at most {MAX_PARTS} words and marks")
    return kind, phrase


def _refuse(line: int, what: str) -> NoReturn:
    raise InputRefused("entities.schema", f"line {line}: {what}")
