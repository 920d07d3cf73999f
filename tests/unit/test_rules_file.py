"""Rules as a file: what is read, and what is refused with a reason."""

import json

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import Channel
from chalicelib.formats import connect_chat, rules_file
from tests.chat_files import body, talk
from tests.rules import evaluate, says
from tests.shared_data import shared

RULE = {"name": "Refund request", "phrases": ["refund", " money back "]}


def load(*rules, **beside):
    return rules_file.load(json.dumps({"rules": list(rules), **beside}).encode())


def test_a_rule_with_nothing_but_name_and_phrases():
    (rule,) = load(RULE).rules
    assert rule == says("refund-request", "Refund request", 1, ("refund", "money back"))


def test_every_field():
    entry = {**RULE, "id": "r.1", "version": 4, "role": "AGENT", "negate": True, "channel": "VOICE"}
    (rule,) = load(entry).rules
    assert rule == says(
        "r.1",
        "Refund request",
        4,
        ("refund", "money back"),
        role="AGENT",
        negate=True,
        channel=Channel.VOICE,
    )


def test_a_name_in_another_script_gets_an_id_that_fits_into_an_address():
    (rule,) = load({**RULE, "name": "退款"}).rules
    assert rule.id.startswith("rule-")


def test_no_rules_are_a_rule_set_too():
    assert load().rules == ()


def test_the_id_is_the_content_and_not_the_file():
    spaced = json.dumps({"rules": [{**RULE, "role": "ANY", "version": 1}]}, indent=4).encode()
    assert rules_file.load(spaced).id == load(RULE).id
    assert load({**RULE, "version": 2}).id != load(RULE).id


def test_the_id_knows_examples_of_meaning_but_no_tests():
    card, other = ({"name": "Refund", "when": {"meaning": [said]}} for said in ("refund", "bye"))
    tested = {**card, "tests": [{"matches": True, "turns": [{"customer": "refund"}]}]}
    assert load(card).id == load(tested).id != load(other).id


BAD = {
    "a_list": (b"[]", "rules.schema"),
    "no_rules": (b"{}", "rules.schema"),
    "rules_that_are_no_list": (b'{"rules": {}}', "rules.schema"),
    "no_list": (b"rules:", "rules.schema"),
    "not_yaml": (b"rules: [", "rules.yaml"),
    "a_fraction_that_no_float_holds": (b"rules: [{name: x, extra: {x: 1.0e999}}]", "rules.yaml"),
    "a_bound_that_no_float_holds": (
        b"rules: [{name: x, when: {metric: duration, atLeast: 1%0400d}}]" % 0,
        "rules.schema",
    ),
    "not_json": (b'{"rules": [', "rules.json"),
    "duplicate_keys": (b'{"rules": [], "rules": []}', "rules.json"),
    "utf_16": ('{"rules": []}'.encode("utf-16"), "rules.encoding"),
    "no_bytes": (b"", "object.empty"),
}


@pytest.mark.parametrize(("data", "code"), BAD.values(), ids=BAD)
def test_a_file_that_is_no_rule_set(data, code):
    with pytest.raises(InputRefused) as refused:
        rules_file.load(data)
    assert refused.value.code == code


BAD_RULES = {
    "not_an_object": ["x"],
    "an_unknown_entry": [{**RULE, "phrase": "refund"}],
    "no_name": [{"phrases": ["x"]}],
    "a_blank_name": [{**RULE, "name": "  "}],
    "a_name_that_is_too_long": [{**RULE, "name": "x" * 201}],
    "no_phrases": [{"name": "x"}],
    "an_empty_list_of_phrases": [{**RULE, "phrases": []}],
    "too_many_phrases": [{**RULE, "phrases": ["x"] * 101}],
    "a_phrase_without_a_word": [{**RULE, "phrases": ["..."]}],
    "a_phrase_that_is_too_long": [{**RULE, "phrases": ["x" * 501]}],
    "a_phrase_that_is_no_text": [{**RULE, "phrases": [5]}],
    "an_unknown_role": [{**RULE, "role": "BOT"}],
    "a_role_that_is_no_text": [{**RULE, "role": ["AGENT"]}],
    "an_unknown_channel": [{**RULE, "channel": "FAX"}],
    "a_version_that_is_no_number": [{**RULE, "version": "1"}],
    "version_zero": [{**RULE, "version": 0}],
    "a_version_that_is_a_truth": [{**RULE, "version": True}],
    "negate_that_is_no_truth": [{**RULE, "negate": "yes"}],
    "an_id_with_a_blank": [{**RULE, "id": "a b"}],
    "an_id_that_is_no_text": [{**RULE, "id": 5}],
    "two_rules_of_one_name": [RULE, {**RULE, "id": "other"}],
    "two_rules_of_one_id": [RULE, {**RULE, "name": "Other", "id": "refund-request"}],
    "more_rules_than_are_read": [{**RULE, "name": f"r{i}"} for i in range(501)],
}


@pytest.mark.parametrize("rules", BAD_RULES.values(), ids=BAD_RULES)
def test_a_rule_that_is_refused(rules):
    with pytest.raises(InputRefused) as refused:
        load(*rules)
    assert refused.value.code == "rules.schema"


def test_an_entry_beside_the_rules_is_refused():
    with pytest.raises(InputRefused, match="/rulez: there is no such member"):
        load(RULE, rulez=[])


def test_the_reason_names_the_rule_by_its_place():
    with pytest.raises(InputRefused, match="/rules/1/phrase: there is no such member here"):
        load(RULE, {**RULE, "name": "x", "phrase": ""})


SAID = {
    "Recording disclosure": ("AGENT", "Hello, this call may be recorded for quality."),
    "Cancellation": ("CUSTOMER", "I'd like to cancel my contract"),
    "Refund request": ("CUSTOMER", "I want my money back."),
    "Billing dispute": ("CUSTOMER", "You charged me twice!"),
    "Escalation request": ("CUSTOMER", "Let me speak to your manager"),
    "Legal threat": ("CUSTOMER", "I will take legal action"),
    "Repeat contact": ("CUSTOMER", "I already called, it is still not fixed"),
    "Callback promise": ("AGENT", "We’ll call you tomorrow."),
    "Apology": ("AGENT", "I'm sorry about that."),
    "Strong language": ("CUSTOMER", "This is ridiculous"),
    "Satisfied closing": ("CUSTOMER", "Thank you so much!"),
}


@pytest.mark.parametrize(("name", "line"), SAID.items(), ids=SAID)
def test_the_starter_set_hears(name, line):
    other = ("CUSTOMER" if line[0] == "AGENT" else "AGENT", "Hello")
    transcript = connect_chat.read(body(talk(other, line)))
    assert [match.name for match in evaluate(rules_file.starter(), transcript)] == [name]


def test_the_starter_set_misses_a_disclosure_in_calls_only():
    (rule,) = [r for r in rules_file.starter().rules if r.when.negate]
    assert (rule.name, rule.channel) == ("Missing recording disclosure", Channel.VOICE)
    assert {rule.when.phrases} == {
        r.when.phrases for r in rules_file.starter().rules if r.name == "Recording disclosure"
    }


@pytest.mark.shared_data
def test_the_starter_set_on_the_shared_chats():
    counts = {}
    for file in shared("chats_connect", "connect").rglob("*.json"):
        for match in evaluate(rules_file.starter(), connect_chat.read(file.read_bytes())):
            counts[match.name] = counts.get(match.name, 0) + 1
    assert counts == {"Apology": 1, "Refund request": 2, "Satisfied closing": 1}
