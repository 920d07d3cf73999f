"""SQL over the lake: goldens over a small world, functions that say what their ports say, and no way out."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.errors import EngineMissing, InputRefused
from chalicelib.domain.language import believed, words_in
from chalicelib.flow.masked_text import masked
from chalicelib.formats.lake_row import line, row_of
from chalicelib.formats.lake_schema import TABLE
from functions.lake.parquet import write
from local.lake_functions import Function, SqlFailed, functions
from local.lake_sql import Bounds, Session
from tests.fakes.language import FakeIdentifier, FakeSentiment
from tests.unit.analyses import RECORD, contact, empty_chat, full_chat, voice_call
from tests.unit.api_world import publication, row
from tests.world import World

DAY_MS = 86_400_000
ENDED = 1_767_603_600_000
TEXTS = ("this is good", "this is bad", "a table", "good morning, mail me at kim@example.com")


def cells(contact_id, conversation, risk=None, **known):
    shown = publication(
        analysis_key="k", channel=conversation.channel, channels=(conversation.channel,), **known
    )
    return row_of(row(contact_id, publication=shown), contact(conversation, record=RECORD), risk)


def world_of() -> list[bytes]:
    """Three contacts on two days; one has a quote, a line break and what looks like a formula."""
    from chalicelib.domain.follow_up import Result

    call = cells(
        "c-1",
        voice_call(),
        Result("review", score=640.0),
        disconnect_ms=ENDED,
        categories=("Refund", "No greeting"),
        queue_name="Billing",
        sentiment_customer=-2.5,
    )
    talk = cells(
        "c-2",
        full_chat(),
        disconnect_ms=ENDED + DAY_MS,
        categories=("Refund",),
        queue_name="=HYPERLINK(1)",
        sentiment_customer=3.0,
    )
    silent = cells(
        "c-3",
        empty_chat(),
        disconnect_ms=ENDED + DAY_MS,
        categories=(),
        queue_name='a "b"\nc',
        sentiment_customer=None,
    )
    return [b"\n".join(map(line, (call, talk))) + b"\n", line(silent) + b"\n"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("lake")
    out = []
    for number, rows in enumerate(world_of()):
        out.append(folder / f"{number}.parquet")
        out[-1].write_bytes(write([rows]))
    return out


def ask(session: Session, sql: str) -> list[tuple[object, ...]]:
    with session.answered(sql) as answer:
        return list(answer.rows)


@pytest.fixture(scope="module")
def session(files):
    with Session(files, {}, Bounds(timeout_s=20)) as opened:
        yield opened


GOLDENS = [
    pytest.param(
        "SELECT contact_id, disconnect_day, channel FROM contacts ORDER BY 1",
        [
            ("c-1", "2026-01-05", "VOICE"),
            ("c-2", "2026-01-06", "CHAT"),
            ("c-3", "2026-01-06", "CHAT"),
        ],
        id="contacts_by_day",
    ),
    pytest.param(
        "SELECT category, count(*) FROM contact_categories GROUP BY 1 ORDER BY 1",
        [("No greeting", 1), ("Refund", 2)],
        id="contacts_by_category",
    ),
    pytest.param(
        "SELECT contact_id, category_match(contact_id, 'Refund'), category(contact_id, 'Refund')"
        " FROM contacts ORDER BY 1",
        [("c-1", 1, True), ("c-2", 1, True), ("c-3", 0, False)],
        id="whether_a_category_matched",
    ),
    pytest.param(
        "SELECT category_match('nobody', 'Refund'), category_match(NULL, 'x'), risk(NULL),"
        " category('c-1', NULL)",
        [(None, None, None, None)],
        id="null_in_is_null_out_and_so_is_an_unknown_contact",
    ),
    pytest.param(
        "SELECT contact_id, risk(contact_id) FROM contacts ORDER BY 1",
        [("c-1", 640.0), ("c-2", None), ("c-3", None)],
        id="the_stored_risk",
    ),
    pytest.param(
        "SELECT sentiment_overall_score_customer, interruptions_agent_count,"
        " interruptions_time_agent_ms FROM contact_lens_conversational_analytics"
        " WHERE channel = 'VOICE'",
        [(-2.5, 1, 5000)],
        id="connects_table_with_connects_names",
    ),
    pytest.param(
        "SELECT text_customer FROM contacts WHERE text_customer LIKE '%[PII]%' ORDER BY contact_id",
        [("this is bad, I am [PII]",), ("it is bad [PII]\nall good",)],
        id="what_the_customer_said_is_redacted",
    ),
    pytest.param(
        "WITH d AS (SELECT disconnect_day, count(*) n FROM contacts GROUP BY 1)"
        " SELECT max(n) FROM d",
        [(2,)],
        id="a_common_table_expression",
    ),
]


@pytest.mark.parametrize(("sql", "rows"), GOLDENS)
def test_an_answer(session, sql, rows):
    assert ask(session, sql) == rows


def test_the_view_has_connects_columns_alone(session):
    with session.answered(f"SELECT * FROM {TABLE} LIMIT 0") as answer:
        assert answer.columns[0] == "aws_account_id"
        assert answer.columns[-1] == "data_lake_last_processed_timestamp"


def test_an_empty_lake_has_its_tables():
    with Session([], {}) as empty:
        assert ask(empty, "SELECT count(*) FROM contacts") == [(0,)]


def test_columns_that_come_twice_get_a_number(session):
    with session.answered("SELECT 1 AS a, 2 AS a, 3 AS a_2") as answer:
        assert answer.columns == ("a", "a_2", "a_2_2")


WRITES = [
    "INSERT INTO contacts SELECT * FROM contacts",
    "UPDATE contacts SET channel = 'x'",
    "DELETE FROM contacts",
    "WITH gone AS (DELETE FROM contacts RETURNING *) SELECT * FROM gone",
    "EXPLAIN ANALYZE DELETE FROM contacts",
    "MERGE INTO contacts USING contacts c ON false WHEN MATCHED THEN DELETE",
    "DROP TABLE contacts",
    "CREATE TABLE mine (i INTEGER)",
    "CREATE TEMP TABLE mine (i INTEGER)",
    "ALTER TABLE contacts ADD COLUMN mine INTEGER",
    "CREATE MACRO risk(a) AS 1",
    "COPY contacts TO '/tmp/out.csv'",
    "EXPORT DATABASE '/tmp/out'",
    "ATTACH '/tmp/other.db'",
    "ATTACH ':memory:' AS other",
    "DETACH memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "PRAGMA enable_profiling",
    "PRAGMA table_info('contacts')",
    "CALL pragma_version()",
    "PREPARE p AS SELECT 1",
    "BEGIN",
    "COMMIT",
    "VACUUM",
    "CHECKPOINT",
    "USE memory",
    "SELECT 1; DROP TABLE contacts",
    "SELECT 1; SELECT 2",
    "",
    "-- nothing",
]
READS = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('/etc/*')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'https://example.com/a.parquet'",
    "SELECT * FROM read_parquet('s3://bucket/key')",
    "SELECT * FROM sqlite_scan('/tmp/contacts.db', 'contacts')",
    "SELECT * FROM query('COPY contacts TO ''/tmp/out.csv''')",
    "SELECT getenv('HOME')",
]


@pytest.mark.parametrize("sql", WRITES)
def test_what_is_no_single_select_is_refused(session, sql):
    with pytest.raises(InputRefused) as refused:
        ask(session, sql)
    assert refused.value.code == "sql.refused"
    assert ask(session, "SELECT count(*) FROM contacts") == [(3,)]


@pytest.mark.parametrize("sql", READS)
def test_files_network_and_surroundings_are_out_of_reach(session, sql):
    with pytest.raises(InputRefused) as refused:
        ask(session, sql)
    assert refused.value.code in ("sql.refused", "sql.error")
    assert "root:" not in str(refused.value)


def test_variables_of_this_process_are_no_tables(session):
    files = [1]  # noqa: F841 what DuckDB would look for
    with pytest.raises(InputRefused, match=r"sql\.error"):
        ask(session, "SELECT * FROM files")


def test_a_mistake_in_a_query_is_told(session):
    with pytest.raises(InputRefused, match="nobody"):
        ask(session, "SELECT nobody FROM contacts")
    with pytest.raises(InputRefused, match=r"sql\.error"):
        ask(session, "SELEC 1")
    with pytest.raises(InputRefused, match="100000"):
        ask(session, f"SELECT '{'x' * 100_000}'")


def test_a_query_that_takes_too_long_is_stopped(files):
    with Session(files, {}, Bounds(timeout_s=0.3)) as session:
        begun = time.monotonic()
        with pytest.raises(InputRefused, match=r"sql\.timeout"):
            ask(session, "SELECT count(*) FROM range(1000000000) a, range(100000) b")
        assert time.monotonic() - begun < 5
        assert ask(session, "SELECT 1") == [(1,)]


def test_functions_are_stopped_in_the_middle_of_a_column(files):
    slow = Function(lambda text: time.sleep(0.05) or text, "VARCHAR")
    with Session(files, {"slow": slow}, Bounds(timeout_s=0.3)) as session:
        begun = time.monotonic()
        with pytest.raises(InputRefused, match=r"sql\.timeout"):
            ask(session, "SELECT slow(CAST(i AS VARCHAR)) FROM range(2000) t(i)")
        assert time.monotonic() - begun < 5


def test_a_query_that_takes_too_much_memory_is_stopped(files):
    with (
        Session(files, {}, Bounds(memory_mb=128)) as session,
        pytest.raises(InputRefused, match=r"sql\.memory"),
    ):
        ask(session, "SELECT string_agg(repeat('x', 1000000)) FROM range(100000)")


class TestFunctions:
    @pytest.fixture
    def services(self, tmp_path):
        return World(tmp_path).services

    def answers(self, services, call: str) -> dict[str, object]:
        with Session([], functions(services)) as session:
            texts = ", ".join(f"('{text}')" for text in TEXTS)
            return dict(ask(session, f"SELECT t, {call} FROM (VALUES {texts}) v(t)"))

    def test_sentiment_is_the_ports(self, services):
        moods = services.sentiment.score(TEXTS, "en-US")
        assert self.answers(services, "sentiment(t)") == {
            text: mood.label.value for text, mood in zip(TEXTS, moods, strict=True)
        }
        assert self.answers(services, "sentiment_score(t)") == {
            text: pytest.approx(mood.score * 5) for text, mood in zip(TEXTS, moods, strict=True)
        }

    def test_redaction_is_the_ports(self, services):
        policy = services.settings.redaction
        assert self.answers(services, "pii_redact(t)") == {
            text: masked(text, services.pii, policy, "en-US") for text in TEXTS
        }
        assert "[EMAIL]" in str(self.answers(services, "pii_redact(t)")[TEXTS[3]])

    def test_the_language_is_the_one_that_the_pipeline_believes(self, services):
        told = replace(services, identifier=FakeIdentifier({"guten": "de"}))
        long = "guten tag ich habe eine frage zu meiner rechnung"
        with Session([], functions(told)) as session:
            (answer,) = ask(session, f"SELECT language('{long}'), language('guten tag')")
        assert answer == ("de", None)
        assert believed({"de": 1.0}, words_in(long))

    @pytest.mark.parametrize("name", ["sentiment", "sentiment_score", "pii_redact", "language"])
    def test_null_in_is_null_out(self, services, name):
        with Session([], functions(services)) as session:
            assert ask(session, f"SELECT {name}(NULL)") == [(None,)]

    @pytest.mark.parametrize(
        ("changes", "call", "code"),
        [
            pytest.param(
                {"sentiment": FakeSentiment(unreadable="bad")},
                "sentiment('bad')",
                "sentiment.unreadable",
                id="a_text_that_cannot_be_read",
            ),
            pytest.param(
                {"sentiment": FakeSentiment(languages=("de",))},
                "sentiment('bad')",
                "language.not_served",
                id="a_language_that_the_engine_does_not_read",
            ),
            pytest.param(
                {"identifier": None}, "language('a')", "engine.missing", id="an_engine_that_lacks"
            ),
            pytest.param(
                {"identifier": FakeIdentifier(unreadable="a")},
                "language('a')",
                "language.unreadable",
                id="a_text_whose_language_cannot_be_told",
            ),
        ],
    )
    def test_an_error_has_the_ports_code(self, services, changes, call, code):
        with (
            Session([], functions(replace(services, **changes))) as session,
            pytest.raises(SqlFailed) as failed,
        ):
            ask(session, f"SELECT {call}")
        assert failed.value.code == code
        assert not isinstance(failed.value, EngineMissing)
