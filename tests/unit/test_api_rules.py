"""Rules over the API: written with preconditions, refused by place, published, tried on the past."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.principal import (
    RULES_WRITE,
    Principal,
    PrincipalRole,
)
from chalicelib.flow import sweeps
from chalicelib.formats import connect_rules
from tests.rules import says
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL, CHAT, OTHER, World, populated

AGENT = Principal("g", PrincipalRole.AGENT, agent_id="agent-1")
SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
WRITER = replace(SUPERVISOR, granted=frozenset({RULES_WRITE}))
READER = Principal("r", PrincipalRole.ADMIN)
CARD = {"name": "Card", "phrases": ["my card"], "role": "CUSTOMER"}
HELD = {"name": "Card", "when": {"metric": "hold", "atLeast": 5}}
EXAMPLES = [
    {"matches": True, "turns": [{"customer": "It is my card"}]},
    {"matches": False, "turns": [{"agent": "It is my card"}]},
    {"matches": True, "name": "wrong", "turns": [{"customer": "Hello"}]},
]


@pytest.fixture
def world(tmp_path) -> World:
    return populated(tmp_path)


def post(world, path, body, **known):
    return world.ask(f"/v1/rules{path}", method="POST", body=body, **known)


def put(world, body, match=None, rule="card", **known):
    headers = {} if match is None else {"If-Match": match}
    return world.ask(f"/v1/rules/{rule}", method="PUT", body=body, headers=headers, **known)


def code(answer):
    return (answer.status, answer.json["code"])


def steps(world):
    """Work off what sweeps asked for; the contacts that were asked to be categorised again."""
    asked = []
    queue = world.services.queues.ingest
    while messages := queue.receive(1):
        for message in messages:
            if sweep := message.body.get("sweep"):
                sweeps.step(world.services, sweep)
            else:
                asked.append(message.body["contactId"])
            queue.done(message)
    return asked


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
            raise ValueError("look-behind is not supported")


def regex(pattern):
    return {"name": "Number", "when": {"any": [{"words": ["a"]}, {"regex": ["ok", pattern]}]}}


def test_an_expression_that_the_engine_does_not_take_is_refused_when_it_is_saved(tmp_path):
    world = populated(tmp_path)
    tools = replace(world.services.tools, expressions=OneExpression())
    world = World(replace(world.services, tools=tools))
    answer = post(world, "", regex("(?<=x)y"))
    assert code(answer) == (422, "rules.regex")
    assert answer.json["errors"][0]["pointer"] == "/body/when/any/1/regex/1"
    assert code(world.ask("/v1/rules/number")) == (404, "not_found")
    assert post(world, "", regex("x+y")).status == 201


def test_an_expression_that_nobody_can_check_is_not_saved(world):
    assert code(post(world, "", regex("x+"))) == (503, "engine.missing")
    assert code(world.ask("/v1/rules/number")) == (404, "not_found")


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


@pytest.mark.parametrize(
    ("start", "begins", "contacts"),
    [
        pytest.param({}, w.NOW_MS, None, id="from_now_on_no_past_is_touched"),
        pytest.param({"from": None}, None, [CALL, OTHER, BOTH], id="null_is_the_whole_past"),
        pytest.param(
            {"from": "2026-05-27T00:00:00Z"}, 1_779_840_000_000, [CALL], id="a_time_is_the_past_since"
        ),
    ],
)  # fmt: skip
def test_a_publication_reaches_as_far_back_as_it_says(world, start, begins, contacts):
    post(world, "", CARD)
    made = post(world, "/card/publications", {"version": 1, **start})
    assert made.status == 201
    (entry,) = world.services.rules.ledger()
    assert (entry.version, entry.from_ms, entry.quiet) == (1, begins, True)
    assert (made.json["backfill"] is None) is (contacts is None)
    assert steps(world) == (contacts or [])
    (line,) = world.ask("/v1/rule-publications").json["items"]
    if contacts is None:
        assert line["backfill"] is None
    else:
        told = line["backfill"]
        assert (told["state"], told["changed"]) == ("DONE", len(contacts))


def test_the_list_tells_what_is_in_force_and_since_when(world):
    def told():
        (one,) = [r for r in world.ask("/v1/rules").json["items"] if r["id"] == "card"]
        return one["status"], one["version"], one["inForce"] and one["inForce"]["version"]

    post(world, "", CARD)
    assert told() == ("DRAFT", 1, None)
    post(world, "/card/publications", {"version": 1, "from": "2026-05-27T00:00:00Z"})
    put(world, CARD, '"1"')
    assert told() == ("PUBLISHED", 2, 1)
    in_force = world.ask("/v1/rules/card/versions").json["inForce"]
    assert in_force["from"] == "2026-05-27T00:00:00.000Z"
    gone = post(world, "/card/publications", {"withdraw": True, "from": None, "quiet": False})
    assert (gone.json["version"], gone.json["quiet"]) == (None, False)
    assert told() == ("WITHDRAWN", 2, None)


def test_lists_have_pages(world):
    for number in range(3):
        post(world, "", {**CARD, "name": f"Card {number}"})
        post(world, f"/card-{number}/publications", {"version": 1})
    for path, key, of_all in (("/v1/rules", "id", 4), ("/v1/rule-publications", "number", 3)):
        seen, token = [], {}
        while True:
            page = world.ask(path, maxResults=2, **token).json
            seen += [one[key] for one in page["items"]]
            if page["nextToken"] is None:
                break
            token = {"nextToken": page["nextToken"]}
        assert len(seen) == len(set(seen)) == of_all
    of_one = world.ask("/v1/rule-publications", ruleId="card-1").json["items"]
    assert [one["ruleId"] for one in of_one] == ["card-1"]


def test_a_rule_runs_its_own_tests_and_those_of_the_request(world):
    post(world, "", {**CARD, "tests": EXAMPLES[:1]})
    told = post(
        world, "/card/tests", {"examples": [*EXAMPLES[1:], {"matches": True, "contact": CALL}]}
    )
    assert [(one["source"], one["result"]) for one in told.json["items"]] == [
        ("RULE", "PASSED"), ("REQUEST", "PASSED"), ("REQUEST", "FAILED"), ("REQUEST", "PASSED"),
    ]  # fmt: skip
    assert (told.json["passed"], told.json["failed"]) == (3, 1)
    why = told.json["items"][2]["explanation"]
    assert why["needed"] == 'the customer says "my card"'
    assert why["saw"] == "nothing of it"


def test_a_test_on_a_contact_that_is_not_visible_is_one_on_no_contact(world):
    post(world, "", CARD)
    asked = {"examples": [{"matches": True, "contact": CHAT}, {"matches": True, "contact": "no"}]}
    told = post(world, "/card/tests", asked, who=SUPERVISOR).json["items"]
    assert [(one["result"], one["reason"]) for one in told] == [
        ("FAILED", "there is no such contact")
    ] * 2


def test_a_backtest_counts_by_queue_agent_and_day_and_changes_nothing(world):
    post(world, "", CARD)
    begun = post(world, "/card/backtests", {})
    assert (begun.status, begun.json["state"]) == (202, "RUNNING")
    assert begun.headers["location"] == f"/v1/backtests/{begun.json['id']}"
    assert steps(world) == []
    told = world.ask(begun.headers["location"]).json
    counts = {name: told[name] for name in ("state", "contacts", "matched", "added", "removed")}
    assert counts == {"state": "DONE", "contacts": 4, "matched": 3, "added": 3, "removed": 0}
    assert told["byQueue"] == [{"name": "Billing", "count": 3}]
    assert [day["name"] for day in told["byDay"]] == ["2026-05-24", "2026-05-25", "2026-05-27"]
    assert world.services.rules.ledger() == ()


def test_samples_quote_what_is_shown_and_nothing_else(world):
    post(world, "", CARD)
    begun = post(world, "/card/backtests", {"since": "2026-05-27T00:00:00Z"}).json
    steps(world)
    (one,) = world.ask(f"/v1/backtests/{begun['id']}/samples").json["items"]
    (quote,) = one["quotes"]
    assert (one["contactId"], quote["segmentId"]) == (CALL, "t-0002")
    assert quote["text"] == "My card is [CREDIT_DEBIT_NUMBER]"
    assert quote["text"][quote["beginChar"] : quote["endChar"]] == "My card"
    kept = world.ask(f"/v1/backtests/{begun['id']}/samples", change="KEPT").json
    assert kept == {"change": "KEPT", "items": []}


def test_against_a_version_a_backtest_tells_what_is_lost(world):
    post(world, "", CARD)
    put(world, {**CARD, "phrases": ["never said"]}, '"1"')
    begun = post(world, "/card/backtests", {"against": 1}).json
    steps(world)
    told = world.ask(f"/v1/backtests/{begun['id']}").json
    assert (told["version"], told["matched"], told["removed"]) == (2, 0, 3)


def test_a_backfill_is_no_backtest(world):
    made = post(world, "/greeting/publications", {"version": 1, "from": None}).json
    assert code(world.ask(f"/v1/backtests/{made['backfill']['id']}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("rule", "state", "saw"),
    [
        pytest.param(CARD, "MET", '"My card" at 0:01', id="a_match_quotes_its_evidence"),
        pytest.param({**CARD, "role": "AGENT"}, "NOT_MET", "nothing of it", id="a_miss_says_what_was_seen"),
        pytest.param(HELD, "UNKNOWN", "nobody can know", id="what_nobody_knows_has_its_reason"),
    ],
)  # fmt: skip
def test_why_a_contact_matches_or_not(world, rule, state, saw):
    made = post(world, "", rule)
    assert made.status == 201, made.text
    why = world.ask(f"/v1/contacts/{CALL}/rules/card", version=1).json
    (spoken,) = why["conversations"]
    assert (spoken["state"], why["inForce"]) == (state, False)
    assert spoken["explanation"]["saw"].startswith(saw)


def test_without_a_version_the_rule_in_force_for_the_contact_is_explained(world):
    post(world, "", CARD)
    asked = f"/v1/contacts/{CALL}/rules/card"
    assert code(world.ask(asked)) == (404, "rule.not_in_force")
    post(world, "/card/publications", {"version": 1})
    assert code(world.ask(asked)) == (404, "rule.not_in_force")
    post(world, "/card/publications", {"version": 1, "from": None})
    assert world.ask(asked).json["inForce"] is True


def test_an_unknown_sweep_is_not_found(world):
    with pytest.raises(NotFound):
        sweeps.get(world.services, "0123456789abcdef")
