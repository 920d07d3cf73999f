"""Rules over the API: written with preconditions, refused by place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.domain.errors import RuleRefused
from chalicelib.formats import connect_rules
from tests.rules import says
from tests.unit import api_world as w
from tests.unit.api_world import CALL, CHAT, World, populated
from tests.unit.rule_requests import (
    AGENT,
    CARD,
    EXAMPLES,
    READER,
    SUPERVISOR,
    WRITER,
    code,
    post,
    put,
)


@pytest.fixture
def world(tmp_path) -> World:
    return populated(tmp_path)


def test_a_rule_is_written_in_versions_that_stay(world):
    made = post(world, "", CARD)
    assert (made.status, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"] == "/v1/rules/card"
    changed = put(world, {**CARD, "phrases": ["my other card"]}, '"1"')
    assert (changed.status, changed.json["version"], changed.headers["etag"]) == (200, 2, '"2"')
    first = world.ask("/v1/rules/card", version=1)
    assert first.json["document"]["when"]["words"] == ["my card"]
    assert world.ask("/v1/rules/card").json["version"] == 2
    listed = world.ask("/v1/rules/card/versions").json
    assert [one["version"] for one in listed["items"]] == [2, 1]
    assert listed["inForce"] is None
    assert listed["items"][0]["savedBy"] == "start-token"


def test_what_is_read_can_be_written_back(world):
    post(world, "", {**CARD, "tests": EXAMPLES[:2], "tags": {"line": "sales"}})
    shown = world.ask("/v1/rules/card").json["document"]
    assert put(world, shown, '"1"').json["document"] == {**shown, "version": 2}


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        pytest.param(None, (428, "precondition.missing"), id="without_a_version_it_is_428"),
        pytest.param(" ", (428, "precondition.missing"), id="an_empty_one_is_none"),
        pytest.param('"1"', (412, "precondition.stale"), id="an_earlier_version_is_stale"),
        pytest.param('"9"', (412, "precondition.stale"), id="a_later_version_is_stale"),
        pytest.param('W/"2"', (412, "precondition.stale"), id="a_weak_tag_never_matches"),
        pytest.param("2", (412, "precondition.stale"), id="a_tag_has_quotes"),
        pytest.param('"2"', 200, id="the_latest_version_is_taken"),
        pytest.param('"7", "2"', 200, id="one_of_several_is_enough"),
        pytest.param("*", 200, id="any_version_there_is"),
    ],
)
def test_a_write_names_the_version_it_was_made_from(world, match, expected):
    post(world, "", CARD)
    put(world, CARD, '"1"')
    answer = put(world, CARD, match)
    assert (answer.status if expected == 200 else code(answer)) == expected
    assert world.ask("/v1/rules/card").json["version"] == (3 if expected == 200 else 2)


REFUSED = [
    ("an_unknown_member", {**CARD, "priority": 1}, "rules.schema", "/body/priority"),
    ("an_empty_list", {**CARD, "phrases": []}, "rules.schema", "/body/phrases"),
    ("a_wrong_type", {**CARD, "phrases": [7]}, "rules.schema", "/body/phrases/0"),
    ("an_unknown_operator", {"name": "x", "when": {"nor": []}}, "rules.schema", "/body/when"),
    ("no_name_and_no_form", {"when": {"words": ["a"]}}, "rules.schema", "/body"),
    ("two_rules_at_once", {"rules": [CARD, {**CARD, "name": "b"}]}, "rules.schema", "/body"),
    ("half_a_surrogate_pair", {**CARD, "name": "\ud800"}, "rules.json", "/body"),
    ("a_bad_id", {**CARD, "id": "../x"}, "rules.schema", "/body/id"),
    (
        "a_bad_function_of_contact_lens",
        {"Name": "x", "TriggerEventSource": {"EventSourceName": "OnPostCallAnalysisAvailable"},
         "Function": "{}", "Actions": [], "PublishStatus": "DRAFT"},
        "rules.schema",
        "/body/Function",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "refused", "pointer"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_bad_rule_is_refused_by_its_place_and_nothing_is_saved(world, body, refused, pointer):
    before = list(world.services.rules.ids())
    answer = post(world, "", body)
    assert code(answer) == (422, refused)
    (error,) = answer.json["errors"]
    assert error["pointer"].startswith(pointer)
    assert error["code"] == refused
    assert list(world.services.rules.ids()) == before


class OneExpression:
    """Takes no pattern that looks behind."""

    def find(self, pattern, text):
        return []

    def check(self, pattern):
        if "(?<" in pattern:
            raise RuleRefused("rules.regex", "look-behind is not supported")


def regex(pattern):
    return {"name": "Number", "when": {"any": [{"words": ["a"]}, {"regex": ["ok", pattern]}]}}


def test_an_expression_that_the_engine_does_not_take_is_refused_when_it_is_saved(tmp_path):
    world = populated(tmp_path)
    tools = replace(world.services.tools, expressions=OneExpression())
    world = World(replace(world.services, tools=tools))
    answer = post(world, "", regex("(?<=x)y"))
    assert code(answer) == (422, "rules.regex")
    (error,) = answer.json["errors"]
    assert error["pointer"] == "/body/when/any/1/regex/1"
    assert error["detail"] == "look-behind is not supported"
    wrapped = post(world, "", {"rules": [regex("(?<=x)y")]}).json["errors"][0]
    assert wrapped["pointer"] == "/body/rules/0/when/any/1/regex/1"
    assert code(world.ask("/v1/rules/number")) == (404, "not_found")
    assert post(world, "", regex("x+y")).status == 201


def test_an_expression_that_nobody_can_check_is_not_saved(world):
    assert code(post(world, "", regex("x+"))) == (503, "engine.missing")
    assert code(world.ask("/v1/rules/number")) == (404, "not_found")


def test_saving_warns_of_actions_that_are_not_carried_out(world):
    rule = {"name": "Case", "phrases": ["case"], "actions": [{"kind": "CREATE_CASE"}]}
    made = post(world, "", rule)
    told = "rule case, action 0 (CREATE_CASE) is not carried out: Amazon Connect Cases is not part of Loupe"
    assert (made.status, made.json["warnings"]) == (201, [told])
    after = {**rule, "actions": [{"kind": "CREATE_TASK"}]}
    headers = {"If-Match": made.headers["etag"]}
    saved = world.ask("/v1/rules/case", method="PUT", body=after, headers=headers)
    assert (saved.status, saved.json["warnings"]) == (200, [])


def test_documents_of_contact_lens_are_detected_and_given_back(world):
    rule = replace(says("x", "Spoken", 1, ["refund"]), channel=w.Channel.VOICE)
    document = connect_rules.export(rule)
    made = post(world, "", document)
    assert made.status == 201
    path = f"/v1/rules/{made.json['id']}"
    back = world.ask(path, format="contact-lens")
    given, got = document, back.json["document"]
    assert json.loads(got.pop("Function")) == json.loads(given.pop("Function"))
    assert got == given
    assert back.headers["etag"] == '"1-contact-lens"'


def test_a_form_that_cannot_hold_the_rule_says_so(world):
    post(world, "", CARD)
    answer = world.ask("/v1/rules/card", format="call-analytics")
    assert code(answer) == (422, "rules.not_expressible")
    assert answer.json["errors"][0]["pointer"].startswith("/document")


WHO = [
    ("GET", "/v1/rules", (403, 200, 200)),
    ("GET", "/v1/rules/greeting", (403, 200, 200)),
    ("GET", "/v1/rules/greeting/versions", (403, 200, 200)),
    ("GET", "/v1/rule-publications", (403, 200, 200)),
    ("GET", f"/v1/contacts/{CALL}/rules/greeting", (403, 200, 200)),
    ("GET", f"/v1/contacts/{CHAT}/rules/greeting", (403, 404, 404)),
    ("GET", f"/v1/contacts/{CALL}/versions", (200, 200, 200)),
    ("POST", "/v1/rules/greeting/tests", (403, 200, 200)),
    ("POST", "/v1/rules", (403, 403, 422)),
    ("PUT", "/v1/rules/greeting", (403, 403, 428)),
    ("POST", "/v1/rules/greeting/publications", (403, 403, 422)),
    ("POST", "/v1/rules/greeting/backtests", (403, 403, 403)),
    ("GET", "/v1/backtests/0123456789abcdef", (403, 403, 403)),
    ("GET", "/v1/backtests/0123456789abcdef/samples", (403, 403, 403)),
]


@pytest.mark.parametrize(
    ("method", "path", "statuses"), WHO, ids=[f"{m} {p.removeprefix('/v1')}" for m, p, _ in WHO]
)
def test_who_may_do_what(world, method, path, statuses):
    body = None if method == "GET" else {}
    asked = [world.ask(path, method=method, who=who, body=body).status
             for who in (AGENT, SUPERVISOR, WRITER)]  # fmt: skip
    assert tuple(asked) == statuses


def test_who_does_not_see_every_contact_gets_no_counts_of_them(world):
    answer = post(world, "/greeting/backtests", {}, who=WRITER)
    assert code(answer) == (403, "backtest.scope")
    assert code(post(world, "/greeting/backtests", {}, who=READER)) == (403, "forbidden")


MISSING = [
    ("GET", "/v1/rules/nothing", "not_found"),
    ("GET", "/v1/rules/%2e%2e", "not_found"),
    ("GET", "/v1/rules/nothing/versions", "not_found"),
    ("GET", "/v1/rules/greeting?version=9", "rule.version"),
    ("PUT", "/v1/rules/nothing", "not_found"),
    ("POST", "/v1/rules/nothing/tests", "not_found"),
    ("POST", "/v1/rules/nothing/backtests", "not_found"),
    ("POST", "/v1/rules/nothing/publications", "not_found"),
    ("GET", "/v1/backtests/none", "not_found"),
    ("GET", "/v1/backtests/0123456789abcdef", "not_found"),
    ("GET", f"/v1/contacts/{CALL}/rules/nothing", "not_found"),
    ("GET", f"/v1/contacts/{CALL}/rules/greeting?version=9", "rule.version"),
    ("GET", f"/v1/contacts/{CALL}/analysis?version=0123456789abcdef", "analysis.version"),
    ("GET", f"/v1/contacts/{CALL}/analysis?version=../../x", "analysis.version"),
    ("GET", "/v1/contacts/nobody/versions", "not_found"),
]


@pytest.mark.parametrize(("method", "path", "missing"), MISSING, ids=[m[1] for m in MISSING])
def test_what_is_not_there_is_404(world, method, path, missing):
    path, _, version = path.partition("?version=")
    query = {"version": version} if version else {}
    bodies = {"PUT": CARD, "POST": {}, "GET": None}
    body = {"withdraw": True} if path.endswith("/publications") else bodies[method]
    assert code(world.ask(path, method=method, body=body, **query)) == (404, missing)


BODIES = [
    ("neither_version_nor_withdrawal", "publications", {}, 422),
    ("version_and_withdrawal", "publications", {"version": 1, "withdraw": True}, 422),
    ("version_zero", "publications", {"version": 0}, 422),
    ("a_version_not_there", "publications", {"version": 9}, 404),
    ("a_local_time", "publications", {"version": 1, "from": "2026-05-04T10:00:00"}, 422),
    ("a_time_before_all", "publications", {"version": 1, "from": "0001-01-01T00:00:00Z"}, 422),
    ("an_unknown_member", "publications", {"version": 1, "loud": True}, 422),
    ("a_range_that_ends_first", "backtests",
     {"since": "2026-05-05T00:00:00Z", "until": "2026-05-04T00:00:00Z"}, 400),
    ("against_a_version_not_there", "backtests", {"against": 5}, 404),
    ("examples_that_are_no_list", "tests", {"examples": {}}, 422),
    ("an_example_without_turns", "tests", {"examples": [{"matches": True}]}, 422),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "body", "status"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES]
)
def test_bodies_that_are_refused_change_nothing(world, what, body, status):
    assert post(world, f"/greeting/{what}", body).status == status
    assert world.services.rules.ledger() == ()
    assert not world.services.queues.ingest.receive(1)


def test_a_name_in_force_belongs_to_one_rule(world):
    post(world, "", {"name": "Greeting", "id": "other", "phrases": ["hi"]})
    answer = post(world, "/other/publications", {"version": 1})
    assert code(answer) == (422, "rules.name")
