"""What a match brings about: told once for a contact and version, in AWS's words."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.rules import actions
from chalicelib.domain.rules.actions import Matched, Occasion, action_id, follow, order_of
from chalicelib.domain.rules.rule import Action
from chalicelib.domain.transcript import Channel
from tests.rules import says

ARN = "arn:aws:connect:eu-central-1:111122223333:instance/i"
WHOLE = Occasion("c-1", 1000, "ada", "billing", ARN)
BARE = Occasion("c-1", 1000)
EVENT = Action(actions.EVENT, {"Name": "tell the CRM"})
TASK = Action(actions.TASK, {"Name": "Look at $.ContactLens.PostCall.ContactId."})
CASES = "Amazon Connect Cases is not part of Loupe"
CATEGORY = Action(actions.CATEGORY)


def rule(*acts, version=1, rule_id="r"):
    return replace(says(rule_id, "Refund", version, ["refund"]), actions=acts)


def matched(*acts, channel=Channel.VOICE, quiet=False, **known):
    return Matched(rule(*acts, **known), channel, quiet)


def ids_of(*numbers, version=1, rule_id="r"):
    return tuple(action_id("c-1", rule(version=version, rule_id=rule_id), n) for n in numbers)


ONCE = {
    "a_match_is_told": ((), [matched(EVENT)], ids_of(0), 1),
    "each_action_is_told": ((), [matched(EVENT, TASK)], ids_of(0, 1), 2),
    "a_category_is_no_news": ((), [matched(CATEGORY)], (), 0),
    "beside_a_category_the_rest_is_told": ((), [matched(CATEGORY, TASK)], ids_of(1), 1),
    "what_was_told_is_not_told_again": (ids_of(0), [matched(EVENT)], (), 0),
    "an_action_that_was_added_is_told": (ids_of(0), [matched(EVENT, TASK)], ids_of(1), 1),
    "a_new_version_is_told": (ids_of(0), [matched(EVENT, version=2)], ids_of(0, version=2), 1),
    "a_quiet_match_counts_as_told": ((), [matched(EVENT, quiet=True)], ids_of(0), 0),
    "a_rule_of_both_conversations_is_told_once": (
        (),
        [matched(EVENT), matched(EVENT, channel=Channel.CHAT)],
        ids_of(0),
        1,
    ),
    "another_rule_has_other_ids": (
        ids_of(0),
        [matched(EVENT, rule_id="s")],
        ids_of(0, rule_id="s"),
        1,
    ),
    "no_match_tells_nothing": (ids_of(0), [], (), 0),
}


@pytest.mark.parametrize(("before", "matches", "told", "facts"), ONCE.values(), ids=ONCE)
def test_at_most_once(before, matches, told, facts):
    ids, found = follow(WHOLE, matches, before)
    assert (ids, len(found)) == (told, facts)
    assert {fact.id for fact in found} <= set(ids)


def test_another_contact_has_other_ids():
    assert action_id("c-1", rule(), 0) != action_id("c-2", rule(), 0)


EVENTS = {
    "a_call": (WHOLE, Channel.VOICE, "Contact Lens Post Call Rules Matched", ""),
    "a_chat": (WHOLE, Channel.CHAT, "Contact Lens Post Chat Rules Matched", ""),
    "a_contact_without_a_record": (
        BARE,
        Channel.VOICE,
        "Contact Lens Post Call Rules Matched",
        "instanceArn contactArn agentArn queueArn",
    ),
    "a_contact_without_an_agent": (
        Occasion("c-1", 1000, None, "billing", ARN),
        Channel.VOICE,
        "Contact Lens Post Call Rules Matched",
        "agentArn",
    ),
}
ARNS = {
    "instanceArn": ARN,
    "contactArn": f"{ARN}/contact/c-1",
    "agentArn": f"{ARN}/agent/ada",
    "queueArn": f"{ARN}/queue/billing",
}


@pytest.mark.parametrize(("occasion", "channel", "kind", "left"), EVENTS.values(), ids=EVENTS)
def test_an_event_has_the_shape_of_aws(occasion, channel, kind, left):
    (fact,) = follow(occasion, [matched(EVENT, channel=channel)], ())[1]
    known = {name: arn for name, arn in ARNS.items() if name not in left.split()}
    named = {"version": "1.0", "ruleName": "Refund", "actionName": "tell the CRM"}
    assert (fact.detail_type, fact.contact_id) == (kind, "c-1")
    assert fact.detail == {**named, **known, **({"leftOut": left} if left else {})}


VARIABLES = {
    "the_contact": ("see $.ContactLens.PostCall.ContactId", "see c-1"),
    "at_the_end_of_a_sentence": ("$.ContactLens.PostChat.ContactId. Look.", "c-1. Look."),
    "agent_and_queue": (
        "$.ContactLens.RealTimeCall.Agent.AgentId/$.ContactLens.PostCall.Queue.QueueId",
        "ada/billing",
    ),
    "what_only_begins_like_one": ("$.ContactLens.PostCall.ContactIdentity", None),
    "what_loupe_does_not_know": ("$.ContactLens.PostCall.Customer.Name", None),
}


@pytest.mark.parametrize(("text", "filled"), VARIABLES.values(), ids=VARIABLES)
def test_variables_are_filled_in_everywhere(text, filled):
    body = {"Description": text, "References": {"url": {"Value": [text, 5]}}}
    (fact,) = follow(WHOLE, [matched(Action(actions.TASK, body))], ())[1]
    expected = filled or text
    assert order_of(fact).body == {
        "Description": expected,
        "References": {"url": {"Value": [expected, 5]}},
    }


def test_a_variable_of_which_nothing_is_known_says_so():
    body = {"Content": "$.ContactLens.PostCall.Agent.AgentId"}
    (fact,) = follow(BARE, [matched(Action(actions.NOTIFICATION, body))], ())[1]
    assert order_of(fact).body == {"Content": "unknown"}


def test_an_order_is_what_the_fact_says():
    (fact,) = follow(WHOLE, [matched(TASK)], ())[1]
    json.dumps(fact.detail)
    order = order_of(fact, "sns")
    assert (order.id, order.via) == (f"{fact.id}-sns", "sns")
    assert (order.kind, order.contact_id, order.rule_id) == (actions.TASK, "c-1", "r")
    assert (order.rule_version, order.at_ms, order.channel) == (1, 1000, "VOICE")
    assert (order.agent_id, order.queue_id) == ("ada", "billing")


def test_what_is_not_carried_out_is_said_before():
    cases, dance = actions.warnings([rule(CATEGORY, TASK, Action("CREATE_CASE"), Action("DANCE"))])
    assert cases == f"rule r, action 2 (CREATE_CASE) is not carried out: {CASES}"
    assert dance == "rule r, action 3 (DANCE) is not carried out: Loupe knows no action DANCE"
