"""The tables of the contact store, as numbered migrations: rows with what filters need, words, roll-ups."""

from __future__ import annotations

from chalicelib.adapters.local.sqlite_listing import FILTER_COLUMNS

TRANSCRIPTS = (
    """CREATE TABLE transcripts (
         id INTEGER PRIMARY KEY, owner TEXT NOT NULL UNIQUE, mark TEXT NOT NULL,
         passages TEXT NOT NULL, agent TEXT NOT NULL, customer TEXT NOT NULL, others TEXT NOT NULL)""",
    """CREATE VIRTUAL TABLE transcript_words USING fts5 (
         agent, customer, others, content = 'transcripts', content_rowid = 'id',
         tokenize = 'unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER transcript_added AFTER INSERT ON transcripts BEGIN
         INSERT INTO transcript_words (rowid, agent, customer, others)
           VALUES (new.id, new.agent, new.customer, new.others); END""",
    """CREATE TRIGGER transcript_removed AFTER DELETE ON transcripts BEGIN
         INSERT INTO transcript_words (transcript_words, rowid, agent, customer, others)
           VALUES ('delete', old.id, old.agent, old.customer, old.others);
         INSERT OR IGNORE INTO transcript_traces VALUES (1); END""",
    "CREATE TABLE transcript_traces (left_behind INTEGER PRIMARY KEY)",
)

MIGRATIONS = (
    (
        """CREATE TABLE contacts (
             contact_id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL,
             sort_ms INTEGER NOT NULL, queue_id TEXT, agent_id TEXT,
             seq INTEGER NOT NULL UNIQUE, body BLOB NOT NULL)""",
        """CREATE INDEX contacts_by_time ON contacts (sort_ms DESC, contact_id)
             WHERE status != 'DELETED'""",
        """CREATE INDEX contacts_by_queue ON contacts (queue_id, sort_ms DESC, contact_id)
             WHERE status != 'DELETED'""",
        """CREATE INDEX contacts_by_agent ON contacts (agent_id, sort_ms DESC, contact_id)
             WHERE status != 'DELETED'""",
        "CREATE INDEX contacts_by_status ON contacts (status, sort_ms DESC, contact_id)",
        """CREATE TABLE contact_tags (
             contact_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
             PRIMARY KEY (contact_id, kind, value)) WITHOUT ROWID""",
        "CREATE INDEX contacts_by_tag ON contact_tags (kind, value, contact_id)",
        """CREATE TABLE rollups (
             period TEXT NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL,
             bucket TEXT NOT NULL, counter TEXT NOT NULL, n INTEGER NOT NULL,
             PRIMARY KEY (period, dimension, value, bucket, counter)) WITHOUT ROWID""",
        "CREATE TABLE owners (name TEXT PRIMARY KEY, contact_id TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE outbox (
             position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, fact BLOB NOT NULL)""",
    ),
    (
        "ALTER TABLE contacts ADD COLUMN refused INTEGER NOT NULL DEFAULT 0",
        """UPDATE contacts SET refused = 1
             WHERE json_extract(CAST(body AS TEXT), '$.failure') IS NOT NULL
             OR EXISTS (SELECT 1 FROM json_each(CAST(body AS TEXT), '$.parts') AS part
               WHERE json_extract(part.value, '$.refusal') IS NOT NULL
               AND json_extract(part.value, '$.state') = 'PRESENT')""",
        """CREATE INDEX contacts_refused ON contacts (sort_ms DESC, contact_id)
             WHERE refused = 1 AND status != 'DELETED'""",
    ),
    # An object's key may hold a customer's name: owners are known by its hash.
    ("UPDATE owners SET name = sha256(name)",),
    FILTER_COLUMNS,
    TRANSCRIPTS,
)
