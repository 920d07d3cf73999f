"""Rule documents of every form: told apart, refused by their place, written so that they read equal."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.local import rule_folder
from chalicelib.bootstrap import rules_from, starter_rules
from chalicelib.domain.errors import InputRefused, RuleRefused
from chalicelib.domain.rules.rule import Group, Interrupting, Operator, Rule
from chalicelib.domain.transcript import Channel
from chalicelib.formats import call_analytics_categories, connect_rules, rule_forms, rules_file
from chalicelib.formats.rule_forms import Form
from chalicelib.formats.rule_places import Place
from tests.rules import says
from tests.unit.own_rules import own_rules
from tests.unit.rule_strategies import categories
from tests.unit.rule_strategies import connect_rules as contact_lens_rules

CALLS = {"channel": Channel.VOICE}
ONE = says("refund", "Refund", 1, ("refund",), role="CUSTOMER", **CALLS)
TWO = says("cancel", "Cancel", 1, ("cancel",), role="AGENT", **CALLS)
EITHER = says("either", "Either", 1, ("either",))
LENS = connect_rules.export(ONE)
CATEGORY = call_analytics_categories.export(ONE)
NATIVE = rules_file.document((ONE,))


def encoded(document):
    return json.dumps(document).encode()


FORMS = {
    "own_json": (encoded(NATIVE), Form.LOUPE, 1),
    "own_yaml": (rule_forms.dump((ONE, TWO), Form.LOUPE), Form.LOUPE, 2),
    "own_without_rules": (b"rules: []", Form.LOUPE, 0),
    "a_contact_lens_rule": (encoded(LENS), Form.CONTACT_LENS, 1),
    "a_described_contact_lens_rule": (encoded({"Rule": LENS}), Form.CONTACT_LENS, 1),
    "contact_lens_rules": (
        encoded([LENS, {**LENS, "Name": "Other"}]),
        Form.CONTACT_LENS,
        2,
    ),
    "a_category": (encoded(CATEGORY), Form.CALL_ANALYTICS, 1),
    "a_described_category": (encoded({"CategoryProperties": CATEGORY}), Form.CALL_ANALYTICS, 1),
    "categories": (
        encoded([CATEGORY, {**CATEGORY, "CategoryName": "Other"}]),
        Form.CALL_ANALYTICS,
        2,
    ),
    "listed_categories": (encoded({"Categories": [CATEGORY]}), Form.CALL_ANALYTICS, 1),
}


@pytest.mark.parametrize(("body", "form", "count"), FORMS.values(), ids=FORMS)
def test_a_document_is_known_by_what_it_holds(body, form, count):
    assert rule_forms.form_of(rules_file.place_of(body)) is form
    assert len(rule_forms.load(body)) == count


STRANGE = {
    "another_object": (b'{"a": 1}', "the document: this is no rule document"),
    "a_text": (b"hello", "the document: this is no rule document"),
    "an_empty_list": (b"[]", "the list is empty"),
    "a_list_of_rule_files": (encoded([NATIVE]), "/0: this is no rule document"),
    "a_list_of_two_forms": (encoded([LENS, CATEGORY]), "/1/CategoryName: there is no such member"),
    "a_refused_rule_in_a_list": (encoded([LENS, {**LENS, "Name": ""}]), "/1/Name: this is empty"),
    "two_of_one_name": (encoded([LENS, LENS]), "/1: another rule"),
}


@pytest.mark.parametrize(("body", "reason"), STRANGE.values(), ids=STRANGE)
def test_what_is_no_rule_document_is_refused_by_its_place(body, reason):
    with pytest.raises(RuleRefused) as refused:
        rule_forms.load(body)
    assert refused.value.code == "rules.schema"
    assert reason in refused.value.detail


@pytest.mark.parametrize(
    "mark", ["\x85", "\u2028", "\u2029", "\r\n", "\x00", "\ufeff", "\t", "'\""]
)
def test_strange_characters_survive_in_yaml(mark):
    rule = says("r", f"a{mark}b", 1, (f"x{mark}y", f"refund{mark}.{mark}x"))
    assert rule_forms.load(rule_forms.dump((rule,), Form.LOUPE)) == (rule,)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(own_rules())
def test_a_rule_is_read_as_it_was_written_in_yaml_and_in_json(rule):
    document = rules_file.document((rule,))
    assert rule_forms.load(rule_forms.dump((rule,), Form.LOUPE)) == (rule,)
    assert rule_forms.load(encoded(document)) == (rule,)
    assert rules_file.read(Place(rules_file.write(rule))) == rule


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(Form), st.data())
def test_rules_of_another_form_are_kept_in_the_own_one(form, data):
    rules = contact_lens_rules() if form is Form.CONTACT_LENS else categories()
    made = rule_forms.load(rule_forms.dump((data.draw(rules),), _written_as(form)))
    kept = rule_forms.load(rule_forms.dump(made, Form.LOUPE))
    assert rule_forms.dump(kept, _written_as(form)) == rule_forms.dump(made, _written_as(form))


def _written_as(form):
    return Form.CONTACT_LENS if form is Form.CONTACT_LENS else Form.CALL_ANALYTICS


@pytest.mark.parametrize("form", Form)
def test_several_rules_are_one_document_in_every_form(form):
    read = rule_forms.load(rule_forms.dump((ONE, TWO), form))
    assert [rule.name for rule in read] == ["Refund", "Cancel"]


UNSAYABLE = {
    "a_rule_for_both_channels": (EITHER, Form.CONTACT_LENS, "for voice or for chat"),
    "an_interruption_of_a_length": (
        Rule("r", "Cut off", 1, Group(Operator.AND, (Interrupting(2000),)), Channel.VOICE),
        Form.CONTACT_LENS,
        "/Function/RuleFunction/Operands/0",
    ),
    "or_in_a_category": (
        Rule("r", "Or", 1, Group(Operator.OR, (ONE.when, TWO.when)), Channel.VOICE),
        Form.CALL_ANALYTICS,
        "/Rules",
    ),
}


@pytest.mark.parametrize(("rule", "form", "reason"), UNSAYABLE.values(), ids=UNSAYABLE)
def test_what_a_form_cannot_say_is_told_with_the_rules_name(rule, form, reason):
    with pytest.raises(RuleRefused) as refused:
        rule_forms.dump((ONE, rule), form)
    assert refused.value.code == "rules.not_expressible"
    assert reason in refused.value.detail
    assert f"(rule {rule.name})" in refused.value.detail


def folder(path, **files):
    for name, rules in files.items():
        (path / name.replace("_", "/")).parent.mkdir(parents=True, exist_ok=True)
        (path / f"{name.replace('_', '/')}.yaml").write_bytes(rule_forms.dump(rules, Form.LOUPE))
    return path


def test_a_folder_is_one_rule_set_of_all_files_below_it_in_order(tmp_path):
    folder(tmp_path, b=(TWO,), a_deep=(EITHER,))
    (tmp_path / "c.json").write_bytes(encoded(LENS))
    (tmp_path / "README.md").write_text("no rules")
    assert [rule.id for rule in rules_from(tmp_path).rules] == ["either", "cancel", "refund"]


def test_without_a_path_the_pack_is_in_force():
    assert rules_from(None) == starter_rules() == rules_file.starter()


def test_a_name_in_two_files_is_refused_with_both(tmp_path):
    again = says("other", "Refund", 1, ("again",))
    with pytest.raises(RuleRefused, match=r"the name Refund \(in .*a\.yaml and .*b\.yaml\)"):
        rules_from(folder(tmp_path, a=(ONE,), b=(again,)))


def test_an_id_in_two_files_is_refused_with_both(tmp_path):
    again = says("refund", "Other", 1, ("again",))
    with pytest.raises(RuleRefused, match=r"the id refund \(in .*a\.yaml and .*b\.yaml\)"):
        rules_from(folder(tmp_path, a=(ONE,), b=(again,)))


def test_a_refusal_in_a_folder_says_in_which_file(tmp_path):
    folder(tmp_path, a=(ONE,))
    (tmp_path / "b.yaml").write_text("rules: [{name: x}]")
    with pytest.raises(RuleRefused, match=r"/rules/0: .* \(in .*b\.yaml\)"):
        rules_from(tmp_path)


@pytest.mark.parametrize(("name", "code"), [("nowhere", "file.missing"), ("empty", "rules.none")])
def test_a_path_without_rules_is_refused(tmp_path, name, code):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputRefused) as refused:
        rule_folder.files_under(tmp_path / name)
    assert refused.value.code == code
