"""Rules over the past: what a backtest counts, what a publication categorises again."""

from dataclasses import replace

import pytest

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.domain.errors import NotFound
from chalicelib.domain.events import Hint
from chalicelib.domain.rules.backtest import Change
from chalicelib.flow import advance, sweeps
from chalicelib.flow.sweeps import BACKTEST, DONE, RUNNING, Sweep
from chalicelib.ports.rules import WITHDRAWN, Entry
from tests.rules import says
from tests.unit.api_world import World as Api
from tests.world import CHAT_KEY, CONTACT, World, chat

REFUND = says("refund", "Refund", 1, ["hello"])


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    book = ObjectRuleBook(world.services.redacted, world.rule_set)
    world.services = replace(world.services, rules=book)
    world.put(CHAT_KEY, chat())
    world.drain()
    return world


def saved(world, rule=REFUND, expected=0):
    return world.services.rules.save(rule, expected=expected, at_ms=1, by="ada")


def entry(world, rule, from_ms=None):
    return Entry(rule.id, rule.version, from_ms, world.clock() + 10**12, "ada")


def backtest(world, rule, **fields):
    known = {"against": None, "since_ms": None, "until_ms": None, "at_ms": 1, "by": "ada"}
    wanted = Sweep("", BACKTEST, rule.id, rule.version, **{**known, **fields})
    begun = sweeps.start(world.services, wanted)
    world.drain()
    return sweeps.get(world.services, begun.id)


def today(world):
    """The counters of the one day there is, which equal the rows behind them."""
    world.rollups_equal_rows()
    (day,) = world.services.contacts.rollups("D", "ALL", "*", first="0", last="9").values()
    found = world.services.contacts.rollups("D", "CATEGORY", "*", first="0", last="9").values()
    return {**day, **{name: n for each in found for name, n in each.items()}}


def categories(world):
    return world.row().publication.categories


def test_publishing_reaches_the_past_without_a_word_being_read_again(world):
    before = world.row()
    rule = saved(world)
    asked = (world.mood.asked, world.summaries.asked)
    _, sweep = sweeps.publish(world.services, entry(world, rule))
    world.drain()
    assert categories(world) == (*before.publication.categories, "Refund")
    assert (world.mood.asked, world.summaries.asked) == asked
    done = sweeps.get(world.services, sweep.id)
    assert (done.state, done.hints, done.tally.contacts) == (DONE, 1, 1)
    day = today(world)
    assert day["cat:Refund"] == 1
    assert day["n"] == 1


def test_a_withdrawn_rule_leaves_the_past_that_it_is_withdrawn_from(world):
    rule = saved(world)
    sweeps.publish(world.services, entry(world, rule))
    world.drain()
    gone = replace(entry(world, rule), version=WITHDRAWN)
    sweeps.publish(world.services, gone)
    world.drain()
    assert "Refund" not in categories(world)
    assert "cat:Refund" not in today(world)


def test_a_rule_for_contacts_to_come_leaves_the_past_alone(world):
    rule = saved(world)
    one = entry(world, rule)
    _, sweep = sweeps.publish(world.services, replace(one, from_ms=one.at_ms))
    world.drain()
    assert sweep is None
    assert "Refund" not in categories(world)


def test_a_contact_that_does_not_change_is_not_committed_again(world):
    version = world.row().version
    rule = saved(world, replace(REFUND, when=says("x", "x", 1, ["never said"]).when))
    _, sweep = sweeps.publish(world.services, entry(world, rule))
    world.drain()
    assert sweeps.get(world.services, sweep.id).hints == 0
    assert world.row().version == version


def test_a_backtest_counts_and_changes_nothing(world):
    before = world.row()
    counted = backtest(world, saved(world))
    tally = counted.tally
    assert (counted.state, tally.contacts, tally.matched) == (DONE, 1, 1)
    assert tally.changes == {Change.ADDED: 1}
    assert tally.samples == {Change.ADDED: (CONTACT,)}
    assert world.row() == before


def test_a_backtest_against_another_version_compares_with_that(world):
    first = saved(world)
    second = saved(world, replace(REFUND, when=says("x", "x", 1, ["never said"]).when), expected=1)
    tally = backtest(world, second, against=first.version).tally
    assert (tally.matched, tally.changes) == (0, {Change.REMOVED: 1})


def test_a_range_is_a_range(world):
    at = world.row().publication.disconnect_ms
    rule = saved(world)
    assert backtest(world, rule, since_ms=at, until_ms=at + 1).tally.contacts == 1
    assert backtest(world, rule, since_ms=at + 1).tally.contacts == 0
    assert backtest(world, rule, until_ms=at).tally.contacts == 0


def test_a_step_that_comes_twice_counts_once(world):
    rule = saved(world)
    begun = sweeps.start(
        world.services, Sweep("", BACKTEST, rule.id, 1, None, None, None, 1, "ada")
    )
    for _ in range(3):
        advance(world.services, Hint(sweep=begun.id))
    assert sweeps.get(world.services, begun.id).tally.contacts == 1


def test_a_step_that_was_lost_is_asked_for_by_the_sweep_of_lost_events(world):
    rule = saved(world)
    _, begun = sweeps.publish(world.services, entry(world, rule))
    for message in world.services.queues.ingest.receive(10):
        world.services.queues.ingest.done(message)
    world.reconcile()
    assert sweeps.get(world.services, begun.id).state == RUNNING  # it may still go on by itself
    world.clock.now += 16 * 60_000
    world.reconcile()
    assert sweeps.get(world.services, begun.id).state == DONE
    assert "Refund" in categories(world)
    assert sweeps.resume(world.services, patience_ms=0) == 0


def test_a_backfill_that_a_crash_left_out_is_made_up_for(world):
    rule = saved(world)
    world.services.rules.publish(entry(world, rule))
    world.reconcile()
    assert "Refund" in categories(world)


def test_an_unknown_sweep(world):
    with pytest.raises(NotFound):
        sweeps.get(world.services, "nothing")


def test_tile_list_and_old_versions_agree_after_the_past_was_categorised_again(world):
    api = Api(world.services)
    rule = saved(world)
    before = api.ask(f"/v1/contacts/{CONTACT}/versions").json["items"]
    asked = (world.mood.asked, world.summaries.asked, list(world.speech.started))
    told = api.ask(
        f"/v1/rules/{rule.id}/publications", method="POST", body={"version": 1, "from": None}
    )
    assert told.status == 201
    world.drain()
    listed = api.ask("/v1/contacts", category="Refund").json["items"]
    assert [one["contactId"] for one in listed] == [CONTACT]
    assert today(world)["cat:Refund"] == len(listed)
    assert (world.mood.asked, world.summaries.asked, world.speech.started) == asked
    now, *old = api.ask(f"/v1/contacts/{CONTACT}/versions").json["items"]
    assert {"name": "Refund", "ruleId": "refund", "ruleVersion": 1} in now["categories"]
    assert now["current"] is True
    assert [one["id"] for one in old] == [one["id"] for one in before]
    assert all("Refund" not in str(one["categories"]) for one in old)
    whole = api.ask(f"/v1/contacts/{CONTACT}/analysis", version=old[0]["id"])
    assert whole.status == 200
    assert "Refund" not in whole.text
    why = api.ask(f"/v1/contacts/{CONTACT}/rules/{rule.id}").json["conversations"][0]
    assert (why["categorised"], why["state"]) == (1, "MET")
