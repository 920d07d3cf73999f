"""Rules about the contact record: what it tells, what it leaves empty and what nobody knows."""

import json

import pytest

from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.rules.engine import CompiledRules, applies
from chalicelib.domain.rules.facts import facts
from chalicelib.domain.rules.finding import State, Tools
from chalicelib.domain.rules.rule import Fact, Rule, RuleSet
from chalicelib.domain.rules.subject import Subject
from chalicelib.domain.transcript import Channel
from chalicelib.formats import contact_record

ARN = "arn:aws:connect:eu-west-2:111122223333:instance/the-instance"
BASE = {"ContactId": "c"}
SELF = (("AiAgentUseCase", "SelfService"),)
HANDED = (*SELF, ("AiAgentEscalatedToHuman", "TRUE"))
AGENTS = {
    "WisdomInfo": {
        "AiAgents": [
            {"AiAgentVersionId": "bot:2", "AiUseCase": "SelfService", "AiAgentEscalated": False},
            {"AiAgentVersionId": "aid:1", "AiUseCase": "AgentAssistance"},
        ]
    }
}
ISSUE = {"DisconnectDetails": {"PotentialDisconnectIssue": "AGENT_DEVICE_ISSUE"}}
PROFILE = {"Agent": {"RoutingProfile": {"ARN": f"{ARN}/routing-profile/basic"}}}
GROUPS = {"Agent": {"HierarchyGroups": {"Level2": {"ARN": f"{ARN}/agent-group/north"}}}}
KEYED = {"Attributes": {"path": "a/b"}, "SegmentAttributes": {"Tier": {"ValueString": "gold"}}}
MET, NOT_MET, UNKNOWN = State


def subject(fields):
    (record,) = contact_record.read(json.dumps({**BASE, **fields}).encode()).records
    return Subject(Channel.VOICE, "en-US", 1000, (), facts=facts(record))


def judged(node, subject, **fields):
    rule = Rule("r", "r", 1, node, **fields)
    (verdict,) = CompiledRules(RuleSet("s", (rule,))).explain(subject, Tools())
    return verdict.finding.state


CASES = {
    "a_routing_profile_by_arn": (PROFILE, Fact("routing_profile", (f"{ARN}/routing-profile/basic",)), MET),
    "another_routing_profile": (PROFILE, Fact("routing_profile", (f"{ARN}/routing-profile/x",)), NOT_MET),
    "no_routing_profile": (BASE, Fact("routing_profile", ("x",)), NOT_MET),
    "a_group_of_the_agent": (GROUPS, Fact("hierarchy", (f"{ARN}/agent-group/north",)), MET),
    "a_disconnect_issue": (ISSUE, Fact("potential_disconnect_issue", ("AGENT_DEVICE_ISSUE",)), MET),
    "a_disconnect_issue_where_none_is_asked_for": (ISSUE, Fact("potential_disconnect_issue", ()), NOT_MET),
    "no_disconnect_issue": (BASE, Fact("potential_disconnect_issue", ()), MET),
    "an_ai_agent_of_any_version": (AGENTS, Fact("ai_agent", ("bot",), filters=SELF), MET),
    "an_ai_agent_of_this_version": (AGENTS, Fact("ai_agent", ("bot:2",), filters=SELF), MET),
    "an_ai_agent_of_another_version": (AGENTS, Fact("ai_agent", ("bot:1",), filters=SELF), NOT_MET),
    "an_ai_agent_for_another_use": (AGENTS, Fact("ai_agent", ("aid",), filters=SELF), NOT_MET),
    "an_ai_agent_that_did_not_hand_over": (AGENTS, Fact("ai_agent", ("bot",), filters=HANDED), NOT_MET),
    "an_attribute": (KEYED, Fact("attribute:path", ("a/b",)), MET),
    "an_attribute_is_no_arn": (KEYED, Fact("attribute:path", ("b",)), NOT_MET),
    "an_attribute_that_is_not_there": (KEYED, Fact("attribute:else", ("b",)), NOT_MET),
    "an_attribute_that_is_not_there_negated": (KEYED, Fact("attribute:else", ("b",), negate=True), MET),
    "a_segment_attribute": (KEYED, Fact("segment:Tier", ("silver", "gold")), MET),
    "a_segment_attribute_that_is_not_there": (BASE, Fact("segment:Tier", ("gold",)), NOT_MET),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "node", "state"), CASES.values(), ids=CASES)
def test_a_condition_on_the_record(fields, node, state):
    assert judged(node, subject(fields)) is state


@pytest.mark.parametrize(
    "name", ["routing_profile", "hierarchy", "potential_disconnect_issue", "ai_agent"]
)
def test_what_an_older_reading_of_the_record_left_out_is_not_known(name):
    older = Subject(Channel.VOICE, "en-US", 1000, (), facts=facts(ContactRecord("c")))
    assert judged(Fact(name, ("x",)), older) is UNKNOWN
    assert judged(Fact(name, ("x",), negate=True), older) is UNKNOWN


@pytest.mark.parametrize(
    ("tags", "asked", "applied"),
    [
        pytest.param({"team": "north"}, (("team", "north"),), True, id="tagged_so"),
        pytest.param({"team": "south"}, (("team", "north"),), False, id="tagged_otherwise"),
        pytest.param({}, (("team", "north"),), False, id="not_tagged"),
        pytest.param({"team": "north"}, (("team", "north"), ("x", "y")), False, id="half_of_them"),
        pytest.param({}, (), True, id="no_tag_asked_for"),
    ],
)
def test_a_rule_is_judged_on_contacts_with_its_tags_only(tags, asked, applied):
    rule = Rule("r", "r", 1, Fact("queue", ()), tags=asked)
    assert applies(rule, subject({"Tags": tags})) is applied
    judged = CompiledRules(RuleSet("s", (rule,))).judge(subject({"Tags": tags}), Tools())
    assert bool(judged.verdicts) is applied
