"""What people decided as lessons: redacted texts, split by customer, as manifests and as tests of rules."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.domain.contact import SkippedAnalysis, Status
from chalicelib.domain.review import Kind, Machine, Place, Source, Verdict
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.flow import labels, reviews
from chalicelib.flow.label_export import held_back, labelled, lessons, taught_rules
from chalicelib.flow.review_items import Asked, open_asked
from chalicelib.formats import rules_file
from chalicelib.formats.augmented_manifest import line
from local import cli
from tests.rules import says
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL, CHAT, OTHER


@pytest.fixture
def world(tmp_path):
    return w.populated(tmp_path)


def decided(world, contact_id, value, kind=Kind.SENTIMENT, source=Source.RANDOM, **place):
    """An item that two people answered alike."""
    row = world.services.contacts.get(contact_id)
    given = Place(**{"analysis_key": row.publication.analysis_key, **place})
    asked = Asked(kind, source, "?", place=given, machine=Machine("NEUTRAL"))
    item = open_asked(world.services, contact_id, asked, world.now_ms)
    for by in ("ada", "bo"):
        item = reviews.claim(world.services, item, item.revision, by)
        verdict = Verdict(by, value, world.now_ms)
        item = reviews.answer(world.services, item, item.revision, verdict)
    return item


def told(world, kind=Kind.SENTIMENT):
    return [labelled(lesson) for lesson in lessons(world.services, kind)]


def test_a_lesson_is_the_redacted_text_with_its_label(world):
    decided(world, CALL, "NEGATIVE", channel="VOICE", turn_id="t-0002")
    (one,) = told(world)
    document = json.loads(line(one))
    assert document == {
        "source": "My card is [CREDIT_DEBIT_NUMBER]",
        "sentiment": 1,
        "sentiment-metadata": {
            "class-name": "NEGATIVE",
            "confidence": 1.0,
            "type": "groundtruth/text-classification",
            "human-annotated": "yes",
            "creation-date": "2026-05-28T20:26:40.000",
            "job-name": "loupe-reviews",
        },
    }


def test_of_a_chat_the_group_of_messages_is_the_text(world):
    decided(world, CHAT, "MIXED", channel="CHAT", turn_id="m-1")
    assert [one.text for one in told(world)] == ["line 1"]


def test_of_a_whole_contact_everything_that_was_said_is_the_text(world):
    decided(world, CALL, "fraud", Kind.RISK, Source.RISK)
    (one,) = told(world, Kind.RISK)
    assert one.text == "AGENT: Hello there.\nCUSTOMER: My card is [CREDIT_DEBIT_NUMBER]"
    assert (one.value, one.classes.index(one.value)) == ("fraud", 0)


def test_the_last_decision_is_the_lesson(world):
    for source, value in ((Source.RANDOM, "NEGATIVE"), (Source.FEEDBACK, "MIXED")):
        decided(world, CALL, value, source=source, channel="VOICE", turn_id="t-0002")
        world.now_ms += 1000
    assert [one.value for one in told(world)] == ["MIXED"]
    ((first, last),) = labels.of_contact(world.services, CALL)
    assert [(one.version, one.value) for one in (first, last)] == [(1, "NEGATIVE"), (2, "MIXED")]


def test_each_kind_has_its_own_lessons(world):
    decided(world, CALL, "NEGATIVE", channel="VOICE", turn_id="t-0002")
    decided(world, CALL, "legitimate", Kind.RISK)
    assert [one.value for one in told(world, Kind.RISK)] == ["legitimate"]
    assert told(world, Kind.CATEGORY) == []


def test_a_contact_that_is_gone_teaches_nothing(world):
    decided(world, CALL, "fraud", Kind.RISK)
    world.put(w.row(CALL, status=Status.DELETED, tombstone="deleted"))
    assert told(world, Kind.RISK) == []


def test_what_nobody_searched_for_personal_data_has_no_text(world):
    skip = SkippedAnalysis("pii", "ENGINE_MISSING", "")
    world.publish(CALL, replace(w.voice("call.wav", None), skipped=(skip,)))
    decided(world, CALL, "NEGATIVE", channel="VOICE", turn_id="t-0002")
    decided(world, CALL, "fraud", Kind.RISK)
    assert [lesson.text for kind in (Kind.SENTIMENT, Kind.RISK) for lesson in lessons(world.services, kind)] == ["", ""]  # fmt: skip  # noqa: E501


def test_a_customer_is_in_one_part_only(world):
    for contact_id in (CALL, OTHER, BOTH):
        row = world.services.contacts.get(contact_id)
        known = replace(row.publication, customer_ref="the same customer")
        world.put(replace(row, publication=known))
        decided(world, contact_id, "fraud", Kind.RISK)
    parts = {lesson.held_back for lesson in lessons(world.services, Kind.RISK)}
    assert parts == {held_back("the same customer")}


def test_a_fifth_of_the_customers_is_held_back():
    share = sum(held_back(str(n)) for n in range(5000)) / 5000
    assert share == pytest.approx(0.2, abs=0.02)


@pytest.fixture
def ruled(world):
    """An installation whose rule finds "card", of which its author thinks billing."""
    rule = says("billing", "Billing dispute", 3, ["card"])
    book = ObjectRuleBook(world.services.redacted, RuleSet("base", (rule,)))
    world.services = replace(world.services, rules=book)
    return world


def test_judged_contacts_become_tests_of_their_rule(ruled):
    decided(ruled, CALL, "no", Kind.CATEGORY, channel="VOICE", about="Billing dispute")
    decided(ruled, OTHER, "yes", Kind.CATEGORY, channel="VOICE", about="Billing dispute")
    decided(ruled, BOTH, "yes", Kind.CATEGORY, about="No such category")
    found = list(lessons(ruled.services, Kind.CATEGORY))
    (rule,), left_out = taught_rules(ruled.services, found)
    assert left_out == 1
    assert sorted(example.matches for example in rule.examples) == [False, True]
    assert [(t.role, t.text, t.pause_ms) for t in rule.examples[0].turns] == [
        ("AGENT", "Hello there.", 0),
        ("CUSTOMER", "My card is [CREDIT_DEBIT_NUMBER]", 100),
    ]
    written = json.dumps(rules_file.document([rule])).encode()
    (again,) = rules_file.load(written).rules
    assert again == rule


def command(world_folder, tmp_path, *options):
    out = tmp_path / "out" / "labels.jsonl"
    data = ["--data", str(world_folder), "--out", str(out)]
    return cli.main(["follow-ups", "labels", *options, *data]), out


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A data folder as the command line finds it, with twenty customers' decisions."""
    from chalicelib.bootstrap import local_services

    monkeypatch.setenv("LOUPE_PII", "patterns")
    folder = tmp_path / "data"
    world = w.World(local_services(folder, cli.settings()))
    for number in range(20):
        contact_id = f"22222222-0000-4000-8000-{number:012d}"
        world.publish(contact_id, w.voice("call.wav", None))
        decided(world, contact_id, "NEGATIVE", channel="VOICE", turn_id="t-0002")
    return folder


def test_the_command_writes_both_parts(installed, tmp_path, capsys):
    code, out = command(installed, tmp_path, "--kind", "sentiment")
    test = out.with_name("labels.test.jsonl")
    parts = [path.read_text("utf-8").splitlines() for path in (out, test)]
    assert code == 0
    assert len(parts[0]) + len(parts[1]) == 20
    assert all(parts)
    assert json.loads(capsys.readouterr().out) == {
        "written": {str(out): len(parts[0]), str(test): len(parts[1])},
        "leftOut": 0,
    }


def test_tests_of_rules_are_of_categories(installed, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        command(installed, tmp_path, "--kind", "risk", "--as", "rule-tests")
    assert end.value.code == 2
    assert "--kind category" in capsys.readouterr().err


def test_an_installation_without_decisions_writes_empty_files(tmp_path):
    code, out = command(tmp_path / "data", tmp_path, "--kind", "category", "--as", "rule-tests")
    assert code == 0
    assert json.loads(out.read_text("utf-8")) == {"rules": []}
