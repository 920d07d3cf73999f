"""``loupe rules`` as scripts see it: lines, problem documents, files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.engines import re2_expressions
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.rules.rule import Rule
from chalicelib.formats import connect_rules, rule_forms, rules_file
from chalicelib.formats.rule_forms import Form
from chalicelib.ports.rules import Entry
from tests.integration.test_cli import ROOT, loupe
from tests.shared_data import shared
from tests.world import CHAT_KEY, CONTACT, World, chat

PACK = ROOT / "chalicelib/formats/rules/pack"
REFUND = """
rules:
  - name: Refund
    channel: CHAT
    phrases: [refund]
    role: CUSTOMER
    tests:
      - {matches: true, turns: [{customer: I want a refund}]}
"""
FAILS = REFUND + "      - {matches: true, name: money, turns: [{customer: money back}]}\n"
REFUSED = "rules: [{name: A, phrases: [a]}, {name: B, phrase: [b]}]"


def written(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(stderr: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stderr.splitlines()]


@pytest.fixture
def refund(tmp_path: Path) -> Path:
    return written(tmp_path / "refund.yaml", REFUND)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return written(tmp_path / "bad.json", '{"rules": [{"name": "A", "phrase": ["a"]}]}')


def lens_rule() -> bytes:
    (rule,) = rules_file.load(REFUND.encode()).rules
    return connect_rules.dump(rule)


def test_check_names_each_file_with_its_rules(refund: Path, tmp_path: Path) -> None:
    lens = written(tmp_path / "lens.json", lens_rule())
    done = loupe("rules", "check", refund, lens)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"ok {refund}: 1 rule", f"ok {lens}: 1 rule"]


def test_check_warns_of_actions_that_are_not_carried_out_and_is_content(tmp_path: Path) -> None:
    case = "    actions: [{kind: CREATE_CASE}, {kind: CREATE_TASK}, {kind: DANCE}]\n"
    path = written(tmp_path / "case.yaml", REFUND + case)
    done = loupe("rules", "check", path)
    assert (done.returncode, done.stderr) == (0, "")
    begins, why = f"warning {path}: rule refund, action", "is not carried out"
    assert done.stdout.splitlines() == [
        f"{begins} 0 (CREATE_CASE) {why}: Amazon Connect Cases is not part of Loupe",
        f"{begins} 2 (DANCE) {why}: Loupe knows no action DANCE",
        f"ok {path}: 1 rule",
    ]


def test_a_refused_file_is_one_problem_line_with_its_place_and_the_others_are_checked(
    refund: Path, bad: Path, tmp_path: Path
) -> None:
    done = loupe("rules", "check", bad, tmp_path / "nowhere.yaml", refund)
    assert done.returncode == 3
    assert done.stdout.splitlines() == [f"ok {refund}: 1 rule"]
    first, second = problems(done.stderr)
    assert (first["code"], first["instance"]) == ("rules.schema", str(bad))
    assert first["pointer"] == "/rules/0/phrase"
    assert first["detail"].startswith("/rules/0/phrase: there is no such member")
    assert (second["code"], second["instance"]) == ("file.missing", str(tmp_path / "nowhere.yaml"))


def test_independent_files_may_have_rules_of_one_name_but_not_a_folder(tmp_path: Path) -> None:
    one = written(tmp_path / "set/one.yaml", REFUND)
    two = written(tmp_path / "set/two.yaml", REFUND)
    assert loupe("rules", "check", one, two).returncode == 0
    done = loupe("rules", "check", tmp_path / "set")
    assert done.returncode == 3
    (problem,) = problems(done.stderr)
    assert problem["instance"] == str(tmp_path / "set")
    assert str(one) in problem["detail"]
    assert str(two) in problem["detail"]


@pytest.mark.shared_data
def test_every_public_rule_is_accepted_unchanged() -> None:
    files = sorted(shared("contact_lens_rules").rglob("*.json"))
    done = loupe("rules", "check", *files)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert sum(line.startswith("ok ") for line in lines) == len(files) >= 25
    assert all(line.startswith(("ok ", "warning ")) for line in lines)


def test_the_tests_of_the_pack_pass() -> None:
    done = loupe("rules", "test", PACK, LOUPE_PII="patterns")
    assert (done.returncode, done.stderr) == (0, "")
    count = sum(len(rule.examples) for rule in rules_file.starter().rules)
    *lines, summary = done.stdout.splitlines()
    assert len(lines) == count
    assert all(line.startswith("ok   ") for line in lines)
    assert summary == f"{count} passed, 0 failed, 0 skipped, 0 rules without tests"


def test_a_failed_test_says_what_was_needed_and_seen(tmp_path: Path) -> None:
    path = written(tmp_path / "fails.yaml", FAILS)
    done = loupe("rules", "test", path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        'ok   Refund: 1 "I want a refund"',
        "FAIL Refund: 2 money — needed a match, saw none",
        '     no: needed: the customer says "refund"; saw: nothing of it',
        "1 passed, 1 failed, 0 skipped, 0 rules without tests",
    ]


def test_results_as_json(tmp_path: Path) -> None:
    path = written(tmp_path / "fails.yaml", FAILS)
    done = loupe("rules", "test", path, "--format", "json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert (document["passed"], document["failed"], document["skipped"]) == (1, 1, 0)
    failed = document["tests"][1]
    assert (failed["file"], failed["ruleId"], failed["result"]) == (str(path), "refund", "FAILED")
    assert failed["explanation"] == {
        "state": "NOT_MET",
        "needed": 'the customer says "refund"',
        "saw": "nothing of it",
        "parts": [],
    }


def test_a_refused_file_outweighs_failed_tests(tmp_path: Path, bad: Path) -> None:
    path = written(tmp_path / "fails.yaml", FAILS)
    done = loupe("rules", "test", path, bad)
    assert done.returncode == 3
    assert "1 passed, 1 failed" in done.stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one analysed chat in which a refund is asked for."""
    world = World(tmp_path / "data")
    world.put(CHAT_KEY, chat([("AGENT", "Hello"), ("CUSTOMER", "I want a refund now")]))
    world.drain()
    return world.folder


CONTACT_TESTS = f"""
      - {{matches: true, contact: {CONTACT}}}
      - {{matches: false, name: must not, contact: {CONTACT}}}
      - {{matches: false, name: no such, contact: nobody}}
"""


def test_contacts_of_the_data_folder_are_tests_too_and_are_not_quoted(
    data: Path, tmp_path: Path
) -> None:
    path = written(tmp_path / "contact.yaml", REFUND.rstrip() + CONTACT_TESTS)
    done = loupe("rules", "test", path, "--data", data)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1:] == [
        f"ok   Refund: 2 contact {CONTACT}",
        "FAIL Refund: 3 must not — needed no match, saw one",
        '     yes: needed: the customer says "refund"; saw: it at 0:20',
        "FAIL Refund: 4 no such — needed no match, saw there is no contact nobody",
        "2 passed, 2 failed, 0 skipped, 0 rules without tests",
    ]


def test_without_a_data_folder_tests_of_contacts_are_skipped_with_the_reason(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "contact.yaml", REFUND.rstrip() + CONTACT_TESTS)
    nowhere = tmp_path / "nowhere"
    done = loupe("rules", "test", path, "--data", nowhere)
    assert done.returncode == 0
    assert done.stdout.count("— there is no data folder that holds the contact") == 3
    assert not nowhere.exists()


def book(data: Path) -> Any:
    return local_services(data, Settings()).rules


def test_imported_rules_are_saved_and_not_in_force(refund: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = loupe("rules", "import", refund, "--data", data)
    assert (done.returncode, done.stdout) == (0, "saved refund version 1: Refund\n")
    assert book(data).get("refund").rule.name == "Refund"
    assert "refund" not in {rule.id for rule in book(data).in_force().rules}


@pytest.mark.skipif(not re2_expressions.installed(), reason="RE2 is not installed")
@pytest.mark.parametrize("command", ["check", "import", "publish"])
def test_an_expression_that_re2_refuses_is_refused_by_its_place_by_every_command(
    command: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    local_services(data, Settings())
    path = written(tmp_path / "bad.yaml", "rules: [{name: Bad, when: {regex: ['ok', '(?=a)']}}]")
    done = loupe("rules", command, path, "--data", data)
    assert (done.returncode, done.stdout) == (3, "")
    (problem,) = problems(done.stderr)
    assert (problem["code"], problem["pointer"]) == ("rules.regex", "/rules/0/when/regex/1")
    assert problem["detail"].startswith("/rules/0/when/regex/1: RE2 refuses this")
    assert "bad" not in book(data).ids()


def test_importing_again_saves_what_changed_alone(refund: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    loupe("rules", "import", refund, "--data", data)
    again = loupe("rules", "import", refund, "--data", data)
    assert again.stdout == "unchanged refund version 1: Refund\n"
    written(refund, REFUND.replace("[refund]", "[refund, money]"))
    changed = loupe("rules", "import", refund, "--data", data)
    assert changed.stdout == "saved refund version 2: Refund\n"


def test_of_a_refused_file_nothing_is_saved_and_of_the_others_all(
    refund: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    half = written(tmp_path / "half.yaml", REFUSED)
    done = loupe("rules", "import", half, refund, "--data", data)
    assert (done.returncode, done.stdout) == (3, "saved refund version 1: Refund\n")
    assert problems(done.stderr)[0]["pointer"] == "/rules/1/phrase"
    assert book(data).versions("a") == []


def test_of_a_folder_with_a_name_twice_nothing_is_saved(tmp_path: Path) -> None:
    written(tmp_path / "set/one.yaml", REFUND)
    written(tmp_path / "set/two.yaml", REFUND)
    done = loupe("rules", "import", tmp_path / "set", "--data", tmp_path / "data")
    assert (done.returncode, done.stdout) == (3, "")
    assert book(tmp_path / "data").versions("refund") == []


def test_an_id_that_no_address_can_hold_is_refused(tmp_path: Path) -> None:
    described = {**json.loads(lens_rule()), "RuleId": "../../up"}
    path = written(tmp_path / "lens.json", json.dumps({"Rule": described}))
    done = loupe("rules", "import", path, "--data", tmp_path / "data")
    assert (done.returncode, done.stdout) == (3, "")
    assert problems(done.stderr)[0]["pointer"] == "/id"


def test_what_is_in_force_is_exported_and_reads_back_equal(tmp_path: Path) -> None:
    book(tmp_path / "data")
    done = loupe("rules", "export", "--data", tmp_path / "data")
    assert (done.returncode, done.stderr) == (0, "")
    assert rule_forms.load(done.stdout.encode()) == rules_file.starter().rules


def test_one_rule_is_exported_by_name_or_id_and_a_draft_too(refund: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    loupe("rules", "import", refund, "--data", data)
    done = loupe("rules", "export", "refund", "Legal threat", "--data", data)
    assert [rule.name for rule in rule_forms.load(done.stdout.encode())] == [
        "Refund",
        "Legal threat",
    ]
    unknown = loupe("rules", "export", "nobody", "--data", data)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "there is no such rule: nobody" in unknown.stderr


@pytest.mark.parametrize("form", ["loupe", "contact-lens"])
def test_a_folder_gets_a_file_for_each_rule(refund: Path, tmp_path: Path, form: str) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    loupe("rules", "import", refund, "--data", data)
    done = loupe("rules", "export", "refund", "--data", data, "--format", form, "--out", out)
    (file,) = out.iterdir()
    assert (done.returncode, done.stdout) == (0, f"{file}\n")
    (rule,) = rule_forms.load(file.read_bytes())
    assert rule.name == "Refund"


def test_what_a_form_cannot_say_is_told_and_the_others_are_exported(tmp_path: Path) -> None:
    book(tmp_path / "data")
    names = ("Apology", "Dead air", "Long hold")
    done = loupe("rules", "export", *names, "--data", tmp_path / "data", "--format", "contact-lens")
    assert done.returncode == 3
    assert [r.name for r in rule_forms.load(done.stdout.encode())] == ["Dead air", "Long hold"]
    (problem,) = problems(done.stderr)
    assert (problem["code"], problem["instance"]) == ("rules.not_expressible", "apology")
    assert problem["pointer"] == "/TriggerEventSource"


def test_the_list_tells_what_is_in_force_and_what_is_saved(refund: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    loupe("rules", "import", refund, "--data", data)
    lines = loupe("rules", "list", "--data", data).stdout.splitlines()
    cells = {line.split()[0]: line.split() for line in lines}
    assert lines[0].split() == ["ID", "IN", "FORCE", "SAVED", "CHANNEL", "TESTS", "NAME"]
    assert cells["refund"][1:] == ["-", "1", "CHAT", "1", "Refund"]
    assert cells["dead-air"][1:] == ["1", "1", "VOICE", "6", "Dead", "air"]
    book(data).publish(Entry("refund", 1, None, 1, "test"))
    again = loupe("rules", "list", "--data", data).stdout
    assert next(line for line in again.splitlines() if line.startswith("refund ")).split()[1] == "1"


@pytest.mark.parametrize("command", ["list", "export"])
def test_without_a_data_folder_there_is_nothing_to_list(tmp_path: Path, command: str) -> None:
    done = loupe("rules", command, "--data", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is no data folder of Loupe" in done.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", ["list", "export", "test"])
def test_a_strange_folder_is_not_made_a_data_folder(tmp_path: Path, command: str) -> None:
    path = written(tmp_path / "contact.yaml", REFUND.rstrip() + CONTACT_TESTS)
    strange = tmp_path / "strange"
    strange.mkdir()
    loupe("rules", command, *([path] if command == "test" else []), "--data", strange)
    assert list(strange.iterdir()) == []


def test_a_folder_of_rules_of_several_forms_judges_a_contact(tmp_path: Path) -> None:
    written(tmp_path / "rules/lens.json", lens_rule())
    own = Rule(
        "hello", "Hello", 1, rules_file.load(b"rules: [{name: x, phrases: [hello]}]").rules[0].when
    )
    written(tmp_path / "rules/own.yaml", rule_forms.dump([own], Form.LOUPE))
    contact = written(
        tmp_path / f"{CONTACT}_20260105T09:00_UTC.json",
        chat([("AGENT", "Hello"), ("CUSTOMER", "A refund please")]),
    )
    done = loupe("analyze", contact, "--rules", tmp_path / "rules")
    assert done.returncode == 0, done.stderr
    (conversation,) = json.loads(done.stdout)["conversations"]
    assert {match["name"] for match in conversation["categories"]} == {"Hello", "Refund"}


def test_explain_tells_why_each_category_is_there_and_is_not_without_quotes(tmp_path: Path) -> None:
    contact = written(
        tmp_path / f"{CONTACT}_20260105T09:00_UTC.json",
        chat([("AGENT", "Hello"), ("CUSTOMER", "I am Joe, card 4111 1111 1111 1111")]),
    )
    shown = loupe("analyze", contact, "--explain", LOUPE_PII="patterns").stdout
    told = shown.partition("\nCATEGORIES\n")[2]
    assert "Card data spoken (card-data-spoken, version 1): matched\n  yes: needed:" in told
    assert "Refund request (refund-request, version 1): not matched\n  no: needed:" in told
    assert "Dead air" not in told
    assert "4111" not in told
    plain = loupe("analyze", contact, "--explain", "--redaction", "none", LOUPE_PII="patterns")
    assert 'saw: "4111 1111 1111 1111" at 0:20' in plain.stdout
