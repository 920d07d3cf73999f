"""Rules over the past on the command line: tried, published, withdrawn, over real stores."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.domain.contact import Status
from chalicelib.ports.storage import ContactQuery
from local import data_folder
from tests.integration.test_cli import loupe
from tests.world import World, call, chat, record

CONTACTS = [f"0a1b2c3d-0000-4000-8000-{number:012d}" for number in range(1, 5)]
CARD = "4111 1111 1111 1111"
RULE = """
rules:
  - name: Refund wanted
    phrases: [refund]
    role: CUSTOMER
    tests:
      - {matches: true, turns: [{customer: I want a refund}]}
"""


class Past(World):
    """Last month's contacts: three chats, two of which are about a refund, and a call."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.clock.now = time.time_ns() // 1_000_000 + 600_000
        book = ObjectRuleBook(self.services.redacted, self.rule_set)
        self.services = replace(self.services, rules=book)
        said = (f"A refund please, my card is {CARD}", "Hello", "I want my refund")
        for contact_id, line in zip(CONTACTS, said, strict=False):
            key = f"connect/acme/ChatTranscripts/2026/01/05/{contact_id}_20260105T09:00_UTC.json"
            self.put(key, chat([("AGENT", "Hello"), ("CUSTOMER", line)], contact_id))
        key = f"connect/acme/CallRecordings/2026/01/05/{CONTACTS[3]}_20260105T09:00_UTC.wav"
        self.put(key, call(20))
        self.put("contact-records/1.json", record(CONTACTS[0]))
        self.drain()

    def work(self) -> tuple[int, ...]:
        """How often an engine was asked anything."""
        return (len(self.speech.started), self.mood.asked, self.summaries.asked)

    def listed(self) -> set[str]:
        query = ContactQuery(categories=("Refund wanted",), statuses=(Status.COMPLETED,))
        return {row.contact_id for row in self.services.contacts.find(query).rows}

    def tile(self) -> int:
        days = self.services.contacts.rollups("D", "CATEGORY", "*", first="0", last="9")
        return sum(day.get("cat:Refund wanted", 0) for day in days.values())


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path / "data")


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    path = tmp_path / "refund.yaml"
    path.write_text(RULE)
    return path


def test_a_published_rule_reaches_last_months_contacts(past: Past, rule: Path) -> None:
    worked = past.work()
    assert worked[0] == 1
    done = loupe("rules", "publish", rule, "--from", "2026-01-01", "--data", past.folder)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["ruleId"], told["version"]) == ("refund-wanted", 1)
    assert "no system works in" in done.stderr
    past.drain()
    assert past.listed() == {CONTACTS[0], CONTACTS[2]}
    assert past.tile() == 2
    past.rollups_equal_rows()
    assert past.work() == worked
    gone = loupe("rules", "withdraw", "refund-wanted", "--whole-past", "--data", past.folder)
    assert gone.returncode == 0, gone.stderr
    past.drain()
    assert (past.listed(), past.tile(), past.work()) == (set(), 0, worked)


def test_publishing_what_is_the_latest_already_makes_no_new_version(past: Past, rule: Path) -> None:
    for _ in range(2):
        done = loupe("rules", "publish", rule, "--data", past.folder)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["version"], told["backfill"], done.stderr) == (1, None, "")
    assert len(past.services.rules.ledger()) == 2


def test_a_running_system_is_not_asked_for(past: Past, rule: Path) -> None:
    with data_folder.lock(past.folder):
        done = loupe("rules", "publish", rule, "--whole-past", "--data", past.folder)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_backtest_counts_and_writes_nothing(past: Past, rule: Path, workers: int) -> None:
    before = [(row.contact_id, row.version) for row in past.rows()]
    asked = ("rules", "backtest", rule, "--data", past.folder, "--workers", str(workers))
    done = loupe(*asked, "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["contacts"], told["matched"], told["added"], told["kept"]) == (4, 2, 2, 0)
    assert {one["name"]: one["count"] for one in told["byQueue"]} == {"Billing": 1, "": 1}
    assert {one["contactId"] for one in told["samples"]["added"]} == {CONTACTS[0], CONTACTS[2]}
    assert "refund" in done.stdout
    assert CARD not in done.stdout
    assert [(row.contact_id, row.version) for row in past.rows()] == before
    assert past.services.rules.ledger() == ()
    assert "refund-wanted" not in past.services.rules.ids()


def test_a_backtest_to_read(past: Past, rule: Path) -> None:
    done = loupe("rules", "backtest", rule, "--data", past.folder, "--workers", "1")
    assert done.stdout.startswith("Refund wanted (refund-wanted, version 1) against what is")
    assert "4 contacts: 2 match, 0 unknown\n2 added, 0 removed, 0 kept\n" in done.stdout
    assert "CUSTOMER: I want my refund" in done.stdout
    assert CARD not in done.stdout


def test_a_backtest_against_a_version_and_in_a_range(past: Past, rule: Path) -> None:
    loupe("rules", "publish", rule, "--data", past.folder)
    rule.write_text(RULE.replace("[refund]", "[hello]"))
    asked = ("rules", "backtest", rule, "--data", past.folder, "--format", "json", "--against", "1")
    told = json.loads(loupe(*asked, "--workers", "1").stdout)
    assert (told["added"], told["removed"], told["kept"]) == (1, 2, 0)
    late = json.loads(loupe(*asked, "--since", "2026-02-01", "--workers", "1").stdout)
    assert late["contacts"] == 0


REFUSED = [
    ("an_unknown_rule", ("backtest", "nothing"), 1, "there is no such rule"),
    ("a_file_of_two_rules", ("backtest", "two"), 3, "2 rules"),
    ("no_date", ("backtest", "x", "--since", "soon"), 2, "is no date"),
    ("two_ranges", ("publish", "x", "--whole-past", "--from", "2026-01-01"), 2, "not allowed"),
    (
        "an_unknown_version",
        ("publish", "recording-disclosure", "--version", "9"),
        1,
        "no version 9",
    ),
    ("a_version_of_a_file", ("publish", "one", "--version", "2"), 3, "rules.version"),
    ("a_rule_that_never_was", ("withdraw", "nothing"), 1, "there is no such rule"),
]


@pytest.mark.parametrize(
    ("asked", "code", "why"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_is_refused_publishes_nothing(
    past: Past, rule: Path, asked: tuple[str, ...], code: int, why: str
) -> None:
    two = rule.with_name("two.yaml")
    two.write_text(RULE + "  - {name: Other, phrases: [other]}\n")
    files = {"one": str(rule), "two": str(two)}
    done = loupe("rules", *(files.get(word, word) for word in asked), "--data", past.folder)
    assert (done.returncode, done.stdout) == (code, "")
    assert why in done.stderr
    assert past.services.rules.ledger() == ()


MODEL = {
    "LOUPE_RULE_STATEMENTS": "model",
    "LOUPE_SUMMARY": "openai",
    "LOUPE_MODEL_ID": "none",
    "LOUPE_MODEL_URL": "http://127.0.0.1:9/v1",
}
TONE = "rules: [{name: Tone, when: {statement: The customer is content}}]"


@pytest.mark.parametrize("command", [("backtest",), ("publish", "--whole-past")])
def test_a_model_is_not_asked_about_the_past_by_accident(
    past: Past, rule: Path, command: tuple[str, ...]
) -> None:
    rule.write_text(TONE)
    name, *more = command
    done = loupe("rules", name, rule, *more, "--data", past.folder, **MODEL)
    assert (done.returncode, done.stdout) == (3, "")
    problem = json.loads(done.stderr)
    assert problem["code"] == "rules.with_model"
    assert "--with-model" in problem["detail"]
    assert past.services.rules.ledger() == ()
    without = loupe("rules", name, rule, *more, "--data", past.folder)
    assert without.returncode == 0


def test_another_folder_is_no_data_folder(tmp_path: Path) -> None:
    done = loupe("rules", "backtest", "x", "--data", tmp_path)
    assert done.returncode == 1
    assert "is no data folder of Loupe" in done.stderr
    assert list(tmp_path.iterdir()) == []
