"""Rules over the API: published, tried on tests and on the past, explained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.flow import sweeps
from tests.fakes.rule_tools import FakeReader
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL, CHAT, OTHER, World, populated
from tests.unit.rule_requests import CARD, EXAMPLES, HELD, SUPERVISOR, code, post, put, steps


@pytest.fixture
def world(tmp_path) -> World:
    return populated(tmp_path)


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


TONE = {"name": "Tone", "when": {"statement": "The customer is content"}}


@pytest.fixture
def asking(tmp_path):
    """An installation whose sentences in rules a model judges."""
    made = populated(tmp_path)
    reader = FakeReader()
    tools = replace(made.services.tools, reader=reader)
    return World(replace(made.services, tools=tools)), reader


PAST = {
    "a_backtest": ("backtests", {}),
    "a_backtest_against_a_rule_with_a_sentence": ("backtests", {"version": 2, "against": 1}),
    "a_publication_for_the_whole_past": ("publications", {"version": 1, "from": None}),
    "a_publication_from_then_on": (
        "publications",
        {"version": 1, "from": "2026-05-01T00:00:00Z"},
    ),
}


@pytest.mark.parametrize(("path", "body"), PAST.values(), ids=PAST)
def test_a_model_is_asked_about_the_past_only_if_that_is_asked_for(asking, path, body):
    world, reader = asking
    post(world, "", TONE)
    put(world, {**CARD, "name": "Tone"}, '"1"', rule="tone")
    body = {"version": 1, **body}
    assert code(post(world, f"/tone/{path}", body)) == (422, "rules.with_model")
    assert steps(world) == []
    assert (reader.asked, world.services.rules.ledger()) == ([], ())
    assert post(world, f"/tone/{path}", {**body, "withModel": True}).status in (201, 202)
    steps(world)
    assert len(reader.asked) == 5, "four contacts, one of them with a call and a chat"


def test_a_rule_with_a_sentence_is_published_from_now_on_without_being_asked_twice(asking):
    world, _ = asking
    post(world, "", TONE)
    assert post(world, "/tone/publications", {"version": 1}).status == 201


def test_without_a_model_the_past_of_a_rule_with_a_sentence_costs_nothing(world):
    post(world, "", TONE)
    assert post(world, "/tone/backtests", {}).status == 202
    steps(world)
