"""``loupe export`` and ``loupe sql`` as a person and a script see them, over a real data folder."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from chalicelib.formats.lake_schema import COLUMNS, TABLE
from local import lake
from tests.integration.test_cli import loupe
from tests.world import CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, chat, record

MAIL = "canary@example.com"
SAID = [("AGENT", "How may I help?"), ("CUSTOMER", f"this is terrible, mail {MAIL}")]
ENV = {"LOUPE_SENTIMENT": "vader", "LOUPE_PII": "patterns", "LOUPE_VECTORS": "none"}


def filled(folder: Path) -> World:
    """Two contacts of 5 January, one of them in a queue whose name is a formula to a spreadsheet."""
    world = World(folder, source_gone="delete")
    world.put(CHAT_KEY, chat(SAID))
    world.put(CHAT_KEY.replace(CONTACT, OTHER), chat(contact_id=OTHER))
    queue = {"ARN": "arn:aws:connect:eu-central-1:1:instance/0/queue/q", "Name": "=1+1"}
    world.put(RECORD_KEY, record(OTHER, Queue=queue))
    world.drain()
    return world


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake") / "data"
    folder.mkdir()
    filled(folder)
    return folder


def sql(data: Path, query: str, *more: str):
    return loupe("sql", query, "--data", data, *more, **ENV)


def test_a_table_to_read(data):
    done = sql(data, "SELECT contact_id, turns FROM contacts ORDER BY 1")
    assert (done.returncode, done.stderr) == (0, "")
    head, rule, *rows = done.stdout.splitlines()
    assert head.split() == ["contact_id", "turns"]
    assert set(rule) == {"-", " "}
    assert [row.split() for row in rows] == [[CONTACT, "2"], [OTHER, "2"]]


def test_json_lines_hold_values_as_they_are(data):
    query = (
        "SELECT queue_name, categories, disconnect_timestamp, 'nan'::DOUBLE AS odd FROM contacts"
    )
    done = sql(data, f"{query} WHERE contact_id = '{OTHER}'", "--format", "json")
    (told,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert told["queue_name"] == "=1+1"
    assert told["disconnect_timestamp"] == "2026-01-05 09:04:00"
    assert isinstance(told["categories"], list)
    assert told["odd"] is None


def test_csv_is_safe_in_a_spreadsheet_and_numbers_stay_numbers(data):
    query = f"SELECT queue_name AS \"=cmd\", -1 AS n FROM contacts WHERE contact_id = '{OTHER}'"
    done = sql(data, query, "--format", "csv")
    assert list(csv.reader(io.StringIO(done.stdout))) == [["'=cmd", "n"], ["'=1+1", "-1"]]


def test_functions_answer_over_columns(data):
    query = "SELECT sentiment(text_customer) AS mood, pii_redact('mail a@example.com') AS masked"
    done = sql(data, f"{query} FROM contacts WHERE contact_id = '{CONTACT}'", "--format", "json")
    assert json.loads(done.stdout) == {"mood": "NEGATIVE", "masked": "mail [EMAIL]"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("DELETE FROM contacts", "sql.refused", id="a_write"),
        pytest.param("SELECT * FROM read_text('/etc/passwd')", "sql.refused", id="a_file"),
        pytest.param("SELEC", "sql.error", id="a_mistake"),
    ],
)
def test_a_refused_query_is_a_problem_document(data, query, code):
    done = sql(data, query)
    assert (done.returncode, done.stdout) == (3, "")
    assert json.loads(done.stderr)["code"] == code


def test_a_query_has_a_time_limit(data):
    done = sql(data, "SELECT count(*) FROM range(1000000000) a, range(1000) b", "--timeout", "0.5")
    assert (done.returncode, json.loads(done.stderr)["code"]) == (3, "sql.timeout")


@pytest.mark.parametrize("more", [("--timeout", "0"), ("--memory", "x"), ("--format", "xml")])
def test_wrong_options_are_wrong_usage(data, more):
    assert sql(data, "SELECT 1", *more).returncode == 2


def test_a_folder_that_is_none_of_loupes_is_said_to_be(tmp_path):
    done = sql(tmp_path, "SELECT 1")
    assert done.returncode == 1
    assert "no data folder" in done.stderr


class TestExport:
    def read(self, folder: Path, columns: str = "contact_id") -> list[tuple[object, ...]]:
        files = f"{folder}/{TABLE}/*/*.parquet"
        return duckdb.sql(
            f"SELECT {columns} FROM read_parquet('{files}', hive_partitioning=true) ORDER BY 1"
        ).fetchall()

    def test_it_writes_a_folder_a_day_that_other_programs_read(self, data, tmp_path):
        done = loupe("export", "--parquet", tmp_path / "out", "--data", data, **ENV)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["days"] == 1
        assert self.read(tmp_path / "out", "contact_id, disconnect_day::VARCHAR") == [
            (CONTACT, "2026-01-05"),
            (OTHER, "2026-01-05"),
        ]
        (file,) = (tmp_path / "out").rglob("*.parquet")
        assert file.stat().st_mode & 0o077 == 0
        assert MAIL.encode() not in file.read_bytes()
        said = self.read(tmp_path / "out", "text_customer")
        assert any("[EMAIL]" in str(text) for (text,) in said)

    def test_its_files_have_the_columns_of_the_schema(self, data, tmp_path):
        loupe("export", "--parquet", tmp_path, "--data", data, **ENV)
        (file,) = tmp_path.rglob("*.parquet")
        told = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{file}', hive_partitioning=false)")
        assert [row[0] for row in told.fetchall()] == [column.name for column in COLUMNS]

    @pytest.mark.parametrize(
        ("since", "until", "days"),
        [
            pytest.param("2026-01-05", "2026-01-06", 1, id="the_day"),
            pytest.param("2026-01-06", "2026-02-01", 0, id="later_days"),
            pytest.param("2026-01-01", "2026-01-05", 0, id="until_leaves_its_day_out"),
        ],
    )
    def test_days_are_chosen(self, data, tmp_path, since, until, days):
        chosen = ("--since", since, "--until", until)
        done = loupe("export", "--parquet", tmp_path, "--data", data, *chosen, **ENV)
        assert json.loads(done.stdout)["days"] == days

    def test_reversed_days_are_wrong_usage(self, data, tmp_path):
        chosen = ("--since", "2026-01-05", "--until", "2026-01-05")
        assert loupe("export", "--parquet", tmp_path, "--data", data, *chosen).returncode == 2

    def test_what_was_deleted_leaves_the_exported_files_with_the_next_export(self, tmp_path):
        data, out = tmp_path / "data", tmp_path / "out"
        data.mkdir()
        world = filled(data)
        loupe("export", "--parquet", out, "--data", data, **ENV)
        world.delete(CHAT_KEY)
        world.drain()
        loupe("export", "--parquet", out, "--data", data, **ENV)
        assert self.read(out) == [(OTHER,)]
        world.delete(CHAT_KEY.replace(CONTACT, OTHER))
        world.drain()
        loupe("export", "--parquet", out, "--data", data, **ENV)
        assert list(out.rglob("*.parquet")) == []
        assert lake.catch_up(world.services) == 0
