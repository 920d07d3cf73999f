"""A day of the lake: rows to Parquet, and the file in SQL.

    python -m bench.lake [--contacts 100000]

Contacts are copies of one synthetic chat with about 2,700 characters of text.
Gathering rows is not measured: it is one read of the analysis for each contact that changed.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from chalicelib.formats.lake_row import line, row_of
from functions.lake.parquet import write
from local.lake_sql import Bounds, Session
from tests.unit.analyses import contact, full_chat
from tests.unit.api_world import publication, row

WORDS = ("my parcel did not arrive", "please look into order", "thank you for waiting", "I see")
QUERY = (
    "SELECT queue_name, count(*), avg(sentiment_overall_score_customer) FROM contacts"
    " WHERE text_customer LIKE '%order 77%' GROUP BY 1"
)


def rows(contacts: int) -> Iterator[bytes]:
    conversation = full_chat()
    shown = publication(
        analysis_key="k", channel=conversation.channel, channels=(conversation.channel,)
    )
    cells = dict(row_of(row("c", publication=shown), contact(conversation)))
    for number in range(contacts):
        text = " ".join(f"{WORDS[(number + i) % 4]} {number * 31 + i * 7}" for i in range(60))
        cells |= {"contact_id": f"c-{number}", "text_agent": text, "text_customer": text}
        yield line(cells) + b"\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    contacts = parser.parse_args().contacts
    begun = time.perf_counter()
    body = write(rows(contacts))
    written = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "part.parquet"
        file.write_bytes(body)
        session = Session([file], {}, Bounds(memory_mb=2048))
    loaded = time.perf_counter()
    with session, session.answered(QUERY) as answer:
        found = list(answer.rows)
    asked = time.perf_counter()
    print(
        json.dumps(
            {
                "contacts": contacts,
                "megabytes": round(len(body) / 1e6, 1),
                "write_s": round(written - begun, 2),
                "load_s": round(loaded - written, 2),
                "query_s": round(asked - loaded, 3),
                "groups": len(found),
            }
        )
    )


if __name__ == "__main__":
    main()
