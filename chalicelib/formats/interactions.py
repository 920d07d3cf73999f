"""Interaction logs in the form in which Amazon Personalize takes them, as CSV or as JSON Lines.

    USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,REASON,SESSION_ID
    u-1,offer-upgrade,1767225600,accepted,,Price complaint,c-77

``TIMESTAMP`` is in seconds. ``EVENT_VALUE``, ``REASON`` and ``SESSION_ID`` may be missing, other columns are
read over, as the service's schemas may have more. Without a session an interaction belongs to those of the
same customer on the same day (UTC). The file is read strictly: it names the line that is wrong.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from typing import NoReturn

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.next_action import NO_REASON, Event, Interaction

MAX_BYTES = 512 * 1024**2
MAX_TEXT = 256
MAX_SECONDS = 253_402_300_799
DAY_S = 86_400
REQUIRED = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE")

OF_TYPE: Mapping[str, Event] = {
    **{event.value: event for event in Event},
    "viewed": Event.SHOWN,
    "taken": Event.ACCEPTED,
    "not taken": Event.DECLINED,
}
"""Loupe's events and those of Personalize's actions. Any other (``click``, ``purchase``) is a taking."""

Row = Mapping[str, object]


def load(body: bytes) -> list[Interaction]:
    """The interactions, in the order of the file.

    Raises ``InputRefused``: ``object.empty``, ``object.too_large``, ``interactions.encoding``,
    ``interactions.schema`` (both name the line).
    """
    if len(body) > MAX_BYTES:
        raise InputRefused("object.too_large", f"an interaction log has at most {MAX_BYTES} bytes")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise InputRefused("interactions.encoding", f"line {line} is not UTF-8") from error
    rows = _json_rows(text) if text.lstrip().startswith("{") else _csv_rows(text)
    found = [_interaction(number, row) for number, row in rows]
    if not found:
        raise InputRefused("object.empty", "the log holds no interaction")
    return found


def _json_rows(text: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            _refuse(number, "is not a JSON document")
        if not isinstance(row, dict):
            _refuse(number, "is not an object")
        yield number, row


def _csv_rows(text: str) -> Iterator[tuple[int, Row]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header)
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                _refuse(lines.line_num, f"has {len(cells)} cells under {len(header)} columns")
            yield lines.line_num, dict(zip(header, cells, strict=True))
    except csv.Error:
        _refuse(lines.line_num, "is not CSV")


def _check_header(header: list[str]) -> None:
    if not header:
        return
    missing = [name for name in REQUIRED if name not in header]
    if missing or len(set(header)) < len(header):
        what = f"has no {' and no '.join(missing)}" if missing else "has a column twice"
        _refuse(1, f"the header {what}")


def _interaction(line: int, row: Row) -> Interaction:
    customer, action = _text(line, row, "USER_ID"), _text(line, row, "ITEM_ID")
    seconds = _seconds(line, row)
    kind = _text(line, row, "EVENT_TYPE")
    _value(line, row)
    return Interaction(
        id=f"line-{line:09d}",
        customer_ref=customer,
        session=_text(line, row, "SESSION_ID", f"{customer} {seconds // DAY_S}"),
        action=action,
        event=OF_TYPE.get(kind.casefold(), Event.ACCEPTED).value,
        at_ms=seconds * 1000,
        reason=_text(line, row, "REASON", NO_REASON),
    )


def _text(line: int, row: Row, name: str, otherwise: str | None = None) -> str:
    """A text or a whole number, as logs have both for ids."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return otherwise if otherwise is not None else _refuse(line, f"has no {name}")
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        _refuse(line, f"{name} is a text of at most {MAX_TEXT} characters")
    return value.strip()


def _seconds(line: int, row: Row) -> int:
    value = row.get("TIMESTAMP")
    text = str(value).strip() if isinstance(value, int | str) else ""
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) <= MAX_SECONDS):
        _refuse(line, "TIMESTAMP is a time in whole seconds since 1970")
    return int(text)


def _value(line: int, row: Row) -> None:
    """Is not used, but a log in which it is no number is not what it is taken for."""
    value = row.get("EVENT_VALUE")
    if value is None or value == "":
        return
    try:
        fine = not isinstance(value, bool) and math.isfinite(float(str(value)))
    except ValueError:
        fine = False
    if not fine:
        _refuse(line, "EVENT_VALUE is not a number")


def _refuse(line: int, what: str) -> NoReturn:
    raise InputRefused("interactions.schema", f"line {line}: {what}")
