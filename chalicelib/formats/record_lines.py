"""A file of contact records without those of some contacts; every other record stays as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from chalicelib.formats.object_keys import canonical_id

_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def without(body: bytes, contact_ids: frozenset[str]) -> bytes | None:
    """The file with the others' records, as it was where none is of these contacts; None when no record is
    left. Text that is no record stays, unless it mentions one of them.

    Raises ``UnicodeDecodeError`` for what is no UTF-8.
    """
    text = body.decode("utf-8-sig")
    pieces = list(_pieces(text))
    kept = [piece for piece in pieces if not _about(piece, contact_ids)]
    if len(kept) == len(pieces):
        return body
    if not any(_is_record(piece) for piece in kept):
        return None
    array = text.lstrip().startswith("[")
    return ("[" + ",".join(kept) + "]" if array else "\n".join(kept) + "\n").encode()


def _pieces(text: str) -> Iterator[str]:
    """The values of an array, or of lines with or without separators; else what stands up to the line's
    end."""
    at = len(text) - len(text.lstrip())
    if text[at : at + 1] == "[":
        at += 1
    end = len(text.rstrip())
    while (at := _after_blanks(text, at)) < end:
        try:
            _, after = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            after = text.find("\n", at)
            after = end if after < 0 else after
        piece = text[at:after]
        at = after
        if piece.strip() != "]":
            yield piece


def _after_blanks(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _about(piece: str, contact_ids: frozenset[str]) -> bool:
    named = _contact_of(piece)
    if named is not None:
        return named in contact_ids
    return any(contact_id in piece or contact_id.upper() in piece for contact_id in contact_ids)


def _is_record(piece: str) -> bool:
    return _contact_of(piece) is not None


def _contact_of(piece: str) -> str | None:
    try:
        value = json.loads(piece)
    except (ValueError, RecursionError):
        return None
    fields = value.items() if isinstance(value, dict) else ()
    named = next((v for name, v in fields if name.lower() == "contactid"), None)
    return canonical_id(named) if isinstance(named, str) else None
