"""Event files in the upload format of Amazon Fraud Detector: a CSV with ``EVENT_TIMESTAMP`` and
``EVENT_LABEL``, any other columns are what is known of the event."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.risk.history import Happened
from chalicelib.formats.instants import parse

TIME, LABEL = "EVENT_TIMESTAMP", "EVENT_LABEL"
TOLD, ID = "LABEL_TIMESTAMP", "EVENT_ID"
OWN = (TIME, LABEL, TOLD, ID, "ENTITY_TYPE")
FRAUD, LEGIT = ("fraud", "1", "true", "yes"), ("legit", "0", "false", "no")


def read(body: bytes) -> list[Happened]:
    """The events in the order of time. Raises ``InputRefused`` with the number of the line."""
    try:
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        names = rows.fieldnames or []
        for name in (TIME, LABEL):
            if name not in names:
                raise InputRefused("fraud_events.columns", f"there is no column {name}")
        return sorted(_events(rows), key=lambda event: event.at_ms)
    except UnicodeDecodeError:
        raise InputRefused("fraud_events.text", "the file is not UTF-8") from None
    except csv.Error as error:
        raise InputRefused("fraud_events.text", f"the file is no CSV: {error}") from None


def _events(rows: csv.DictReader[str]) -> Iterator[Happened]:
    for at, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise InputRefused("fraud_events.row", f"line {at} has not as many cells as the header")
        moment = parse(row[TIME])
        if moment is None:
            raise InputRefused("fraud_events.time", f"line {at}: {TIME} is no ISO 8601 time")
        told = parse(row.get(TOLD))
        yield Happened(
            row.get(ID) or str(at),
            moment.ms,
            {name: text for name, text in row.items() if name not in OWN and text},
            _verdict(row, at),
            told.ms if told else None,
        )


def _verdict(row: Mapping[str, str], at: int) -> bool | None:
    """None for an empty label: nobody knows yet."""
    label = row[LABEL].strip().lower()
    if label and label not in FRAUD + LEGIT:
        known = ", ".join(FRAUD + LEGIT)
        raise InputRefused("fraud_events.label", f"line {at}: {LABEL} is none of {known}")
    return label in FRAUD if label else None
