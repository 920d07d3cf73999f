"""One SQLite file, shared by threads and processes.

WAL with ``synchronous=FULL``: what was committed survives the process and the power. A component
brings its schema as numbered migrations; each runs in one transaction together with its version, so
that one that dies half-way runs again. Several components may live in one file.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from chalicelib.domain.errors import SettingsError, Unavailable

BUSY_S = 15.0
Migrations = Sequence[Sequence[str]]

_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -16000",
)
_LASTING = frozenset(
    (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CANTOPEN,
    )
)
_MISTAKES = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISUSE)


class Database:
    """Connections to one file, lent to one thread at a time and kept for the next.

    Raises ``Unavailable`` when the file is locked too long, full or damaged, ``SettingsError`` when a
    newer version of Loupe has written it.
    """

    def __init__(self, path: Path, component: str, migrations: Migrations) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._inherited: list[sqlite3.Connection] = []
        self._owner = os.getpid()
        self._lock = Lock()
        _create_private(path)
        self._migrate(component, migrations)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Statements that see one state of the file."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All statements or none, durable when the block is left; alone among writers."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def settle(self) -> None:
        """Bring all that was committed from the log into the file, and empty the log: what was overwritten
        there is legible in it until then. Raises ``Unavailable`` while somebody reads all the time."""
        deadline = time.monotonic() + BUSY_S
        with _translated(self.path):
            connection = self._borrow()
            try:
                while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    if time.monotonic() > deadline:
                        raise Unavailable(f"the log of {self.path.name} is in use")
                    time.sleep(0.05)
            finally:
                self._give_back(connection)

    def close(self) -> None:
        """Close what is idle; the next use opens anew."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with _translated(self.path):
            connection = self._borrow()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()  # which rolls back
                raise
            self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._owner != os.getpid():
                # SQLite forbids a child to use, and even to close, what its parent opened.
                self._inherited, self._idle, self._owner = self._idle, [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return _connect(self.path)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            self._idle.append(connection)

    def _migrate(self, component: str, migrations: Migrations) -> None:
        with self.writing() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_versions"
                " (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
            )
        while self._migrated_one(component, migrations):
            pass

    def _migrated_one(self, component: str, migrations: Migrations) -> bool:
        with self.writing() as connection:
            version = _version(connection, component)
            if version > len(migrations):
                raise SettingsError(f"{self.path} was written by a newer version of Loupe")
            if version == len(migrations):
                return False
            for statement in migrations[version]:
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_versions VALUES (?, ?)"
                " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
                (component, version + 1),
            )
            return True


def now_ms() -> int:
    """The wall clock, epoch milliseconds."""
    return time.time_ns() // 1_000_000


def _version(connection: sqlite3.Connection, component: str) -> int:
    row = connection.execute(
        "SELECT version FROM schema_versions WHERE component = ?", (component,)
    ).fetchone()
    return int(row[0]) if row else 0


def _create_private(path: Path) -> None:
    """Create the file with mode 0600, and never open one that is there.

    Closing any descriptor of a database file drops the POSIX locks that SQLite holds on it in this
    process: another process would then take itself for the last one and remove the write-ahead log.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}", retryable=False) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        _into_wal(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.create_function("sha256", 1, _sha256, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _into_wal(connection: sqlite3.Connection) -> None:
    """The first switch to WAL ignores the busy timeout when another process switches too."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            with closing(connection.execute("PRAGMA journal_mode = WAL")):
                return
        except sqlite3.OperationalError as error:
            if not _busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _MISTAKES:
            raise
        raise Unavailable(f"{path}: {error}", retryable=code not in _LASTING) from error
