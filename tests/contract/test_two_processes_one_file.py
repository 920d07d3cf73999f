"""A second process comes and goes while the first works on: nothing that was written is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from chalicelib.adapters.local.sqlite_queue import SqliteQueue

VISITOR = """
import sys
from pathlib import Path
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
queue = SqliteQueue(Path(sys.argv[1]), "ingest", visibility_s=60, max_receives=3)
queue.send({"from": "visitor"})
queue.close()
"""


def test_a_visitor_that_leaves_takes_nothing_away(tmp_path: Path) -> None:
    path = tmp_path / "queues.db"
    queues = [SqliteQueue(path, n, visibility_s=60, max_receives=3) for n in ("ingest", "speech")]
    queues[0].send({"from": "host"})
    subprocess.run([sys.executable, "-c", VISITOR, str(path)], check=True)
    queues[1].send({"from": "host"})

    count = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "print(c.execute('SELECT count(*) FROM messages').fetchone()[0])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", count, str(path)], capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "3"
