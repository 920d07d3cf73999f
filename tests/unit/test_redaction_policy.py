"""What is masked, and as what: from the settings to the text, the record, the document and the plan."""

import re

import pytest

from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.errors import SettingsError
from chalicelib.domain.redaction import RedactionPolicy
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.flow.converge import engine_settings
from chalicelib.flow.table import plan
from chalicelib.formats import connect_chat, contact_lens_writer
from chalicelib.stages.categories import Judging
from chalicelib.stages.conversation import Material, analyse
from chalicelib.stages.record_redaction import shown
from tests.chat_files import body, chat, message
from tests.fakes.language import FakePiiDetector, FakeSentiment, FakeSummarizer
from tests.unit.test_flow_table import CALL, INPUTS
from tests.world import World

FOUND = FakePiiDetector({"Kim": "NAME", "4111": "CREDIT_DEBIT_NUMBER"})
SAID = "I am Kim, card 4111"

POLICIES = {
    "everything_by_its_entity": ({}, "I am [NAME], card [CREDIT_DEBIT_NUMBER]", "[NAME]"),
    "everything_as_pii": ({"LOUPE_REDACTION_MASK": "pii"}, "I am [PII], card [PII]", "[PII]"),
    "names_alone": ({"LOUPE_REDACTION_ENTITIES": "NAME"}, "I am [NAME], card 4111", "[NAME]"),
    "cards_alone_and_then_names_show": (
        {"LOUPE_REDACTION_ENTITIES": "CREDIT_DEBIT_NUMBER"},
        "I am Kim, card [CREDIT_DEBIT_NUMBER]",
        "Kim Lee",
    ),
    "a_list_with_commas_as_pii": (
        {"LOUPE_REDACTION_ENTITIES": "NAME, PHONE,SSN", "LOUPE_REDACTION_MASK": "pii"},
        "I am [PII], card 4111",
        "[PII]",
    ),
}


def analysed(env):
    raw = connect_chat.read(body(chat(message("CUSTOMER", SAID, DisplayName="Kim Lee"))))
    material = Material(raw.channel, "chat.json", "etag", raw)
    return analyse(
        material,
        settings=Settings.from_env(env),
        judging=Judging(RuleSet("none", ()), Tools()),
        sentiment=FakeSentiment(),
        pii=FOUND,
        summarizer=FakeSummarizer(),
    )


@pytest.mark.parametrize(("env", "text", "name"), POLICIES.values(), ids=POLICIES)
def test_a_conversation_is_masked_as_it_was_asked(env, text, name):
    readings = analysed(env)
    (turn,) = readings.redacted.transcript.turns
    assert (turn.text, turn.display_name) == (text, name)
    assert [turn.text[r.begin : r.end] for r in turn.redactions] == re.findall(r"\[\w+\]", text)
    assert readings.original.transcript.turns[0].text == SAID


@pytest.mark.parametrize(("env", "text", "name"), POLICIES.values(), ids=POLICIES)
def test_the_findings_are_kept_whole(env, text, name):
    assert [s.entity for s in analysed(env).findings.spans] == ["NAME", "CREDIT_DEBIT_NUMBER"]


@pytest.mark.parametrize(("env", "text", "name"), POLICIES.values(), ids=POLICIES)
def test_a_contact_record_is_masked_alike(env, text, name):
    record = ContactRecord("c", attributes={"note": SAID})
    policy = Settings.from_env(env).redaction
    assert shown(record, FOUND, "en-US", policy).attributes["note"] == text


ASKED = {
    "everything": ({}, {"RedactionMaskMode": "ENTITY_TYPE"}),
    "as_pii": ({"LOUPE_REDACTION_MASK": "pii"}, {"RedactionMaskMode": "PII"}),
    "a_choice": (
        {"LOUPE_REDACTION_ENTITIES": "SSN NAME"},
        {"RedactionEntitiesRequested": ["NAME", "SSN"], "RedactionMaskMode": "ENTITY_TYPE"},
    ),
    "a_choice_that_found_nothing": (
        {"LOUPE_REDACTION_ENTITIES": "SSN", "LOUPE_REDACTION_MASK": "pii"},
        {"RedactionEntitiesRequested": ["SSN"], "RedactionMaskMode": "PII"},
    ),
}


@pytest.mark.parametrize(("env", "expected"), ASKED.values(), ids=ASKED)
def test_contact_lens_output_says_what_was_asked(env, expected):
    conversation = analysed(env).redacted
    document = contact_lens_writer.write(
        ContactAnalysis("c", (conversation,)), conversation, redacted=True
    )
    assert document["ContentMetadata"]["RedactionTypesMetadata"] == {"PII": expected}


REFUSED = {
    "an_entity_nobody_knows": ("LOUPE_REDACTION_ENTITIES", "NAME CARD"),
    "a_mask_nobody_knows": ("LOUPE_REDACTION_MASK", "stars"),
    "a_detector_nobody_knows": ("LOUPE_PII", "magic"),
}


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
def test_a_choice_that_is_none_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


def test_the_order_of_a_list_makes_no_other_policy():
    one, other = ("SSN,NAME", "NAME SSN SSN")
    policies = {Settings.from_env({"LOUPE_REDACTION_ENTITIES": e}).redaction for e in (one, other)}
    assert policies == {RedactionPolicy(("NAME", "SSN"))}


def marks(folder, **settings):
    services = World(folder, **settings).services
    planned = plan(CALL, {}, INPUTS, engine_settings(services), {})
    return {name: stage.made.fingerprint for name, stage in planned.items()}


CHANGES = {
    "another_mask": {"redaction_mask": "pii"},
    "fewer_entities": {"redaction_entities": ("NAME",)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_policy_makes_another_redaction_of_the_same_findings(change, tmp_path):
    before, after = marks(tmp_path / "a"), marks(tmp_path / "b", **change)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"redaction", "summary", "categories"}
