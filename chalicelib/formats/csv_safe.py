"""CSV that a spreadsheet shows and does not carry out.

A text that begins, after white space, like a formula gets a leading ``'``. There is no list of harmless
ones: a phone number begins with ``+``, and so does ``+1-1``. Who needs texts unchanged takes JSON Lines or
Parquet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

STARTS = tuple("=+-@|\t\r\n＝＋－＠")


def safe(text: str) -> str:
    """The text as a cell."""
    if text.startswith(STARTS) or text.lstrip().startswith(STARTS):
        return f"'{text}"
    return text


def row(cells: Sequence[object]) -> str:
    """One line with its end (RFC 4180); None is an empty cell, and numbers stay numbers."""
    out = io.StringIO()
    csv.writer(out).writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return safe(str(value))
