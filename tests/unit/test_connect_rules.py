"""Contact Lens rules: what is read, what is refused and where, and that nothing is lost on the way out."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import InputRefused, RuleRefused
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.rule import (
    Action,
    AnyOf,
    Comparison,
    Edge,
    ExactMatch,
    Fact,
    Group,
    Interrupting,
    Measure,
    Number,
    Operator,
    PatternMatch,
    PersonalData,
    Plain,
    Proximity,
    Publish,
    RegexMatch,
    Rule,
    RuleSet,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
    Statement,
    Unit,
    Window,
)
from chalicelib.domain.transcript import Channel, SentimentLabel
from chalicelib.formats import connect_rules
from tests.unit.connect_documents import (
    AGENT,
    CALL,
    CATEGORY,
    CHAT,
    CLOSING,
    CUSTOMER,
    EITHER,
    ENGLISH,
    EXACT,
    FAR,
    FILTER,
    HANDED,
    LIVE,
    LIVE_CHAT,
    NEAR,
    ONE,
    OPENING,
    PAST,
    USE,
    condition,
    deep,
    document,
    load,
    number,
    plain,
)
from tests.unit.rule_strategies import connect_rules as any_rule

HALF_MINUTE = Window(Edge.FIRST, 30_000)
TEN_S = Window(Edge.LAST, 10_000)
USED = (("AiAgentUseCase", "SelfService"), ("AiAgentEscalatedToHuman", "TRUE"))

CONDITIONS = {
    "exact_words": (
        CALL,
        condition("ExactMatch.Transcript", "refund", "money back", filters=(CUSTOMER, OPENING)),
        ExactMatch(("refund", "money back"), Scope("CUSTOMER", HALF_MINUTE)),
    ),
    "exact_words_negated_with_the_window_first": (
        CHAT,
        condition("ExactMatch.Transcript", "hi", event=CHAT, filters=(CLOSING, AGENT), Negate=True),
        ExactMatch(("hi",), Scope("AGENT", TEN_S), negate=True),
    ),
    "exact_words_of_the_past_seconds": (
        LIVE,
        condition("ExactMatch.Transcript", "help", event=LIVE, filters=(EITHER, PAST)),
        ExactMatch(("help",), Scope("ANY", Window(Edge.PAST, 20_000))),
    ),
    "meaning": (
        CALL,
        condition("SemanticMatch.Transcript", "I want to leave", filters=(CUSTOMER,)),
        SemanticMatch(("I want to leave",), Scope("CUSTOMER")),
    ),
    "a_statement": (
        CHAT,
        condition(
            "SemanticMatch.Phrase",
            "The agent promised a call.",
            operator="EQUALS",
            event=CHAT,
            Negate=False,
        ),
        Statement("The agent promised a call.", negate=False),
    ),
    "patterns": (
        CALL,
        condition("PatternMatch.Transcript", NEAR, FAR, filters=(ENGLISH, CUSTOMER), Negate=False),
        PatternMatch(
            (
                (Plain("send "), Proximity(3), AnyOf((Plain("invoice*"), Plain("bill")))),
                (Number(True), Proximity(2, within=False), Plain("euro")),
            ),
            Scope("CUSTOMER"),
            "EN",
            negate=False,
        ),
    ),
    "an_agent": (CALL, condition("Agent.AgentId", "a", "b"), Fact("agent", ("a", "b"))),
    "a_queue": (CALL, condition("Queue.QueueId", "q"), Fact("queue", ("q",))),
    "not_a_queue_while_it_lasts": (
        LIVE,
        condition("Queue.QueueId", "q", event=LIVE, Negate=True),
        Fact("queue", ("q",), negate=True),
    ),
    "no_queue": (CALL, condition("Queue.QueueId", operator="EQUALS"), Fact("queue", ())),
    "no_queue_without_operands": (
        CALL,
        {"Operator": "EQUALS", "ComparisonValue": "$.ContactLens.PostCall.Queue.QueueId"},
        Fact("queue", ()),
    ),
    "an_attribute_whose_key_has_a_dot": (
        LIVE_CHAT,
        condition("ContactAttribute.a.b c", "1", operator="EQUALS", event=LIVE_CHAT, Negate=True),
        Fact("attribute:a.b c", ("1",), negate=True),
    ),
    "a_segment_attribute": (
        CHAT,
        condition("SegmentAttributes.UserDefined.Tier", "gold", event=CHAT),
        Fact("segment:Tier", ("gold",)),
    ),
    "a_routing_profile": (
        CALL,
        condition("Agent.RoutingProfile", "arn:x"),
        Fact("routing_profile", ("arn:x",)),
    ),
    "a_hierarchy": (CALL, condition("Agent.HierarchyGroup.ARN", "x"), Fact("hierarchy", ("x",))),
    "an_initiation_method": (
        CALL,
        condition("InitiationMethod", "INBOUND", "API"),
        Fact("initiation_method", ("INBOUND", "API")),
    ),
    "a_disconnect_reason": (
        CHAT,
        condition("DisconnectReason", "IDLE_DISCONNECT", event=CHAT),
        Fact("disconnect_reason", ("IDLE_DISCONNECT",)),
    ),
    "a_disconnect_issue": (
        CALL,
        condition("PotentialDisconnectIssue", "AGENT_DEVICE_ISSUE"),
        Fact("potential_disconnect_issue", ("AGENT_DEVICE_ISSUE",)),
    ),
    "no_disconnect_issue": (
        CALL,
        condition("PotentialDisconnectIssue", operator="EQUALS"),
        Fact("potential_disconnect_issue", ()),
    ),
    "an_ai_agent": (
        CALL,
        condition("AiAgent.IdWithVersion", "u:1", filters=(HANDED, USE)),
        Fact("ai_agent", ("u:1",), filters=USED),
    ),
    "a_sentiment": (
        LIVE,
        condition(
            "Sentiment.State", "NEGATIVE", operator="EQUALS", event=LIVE, filters=(CUSTOMER, PAST)
        ),
        SentimentState(SentimentLabel.NEGATIVE, Scope("CUSTOMER", Window(Edge.PAST, 20_000))),
    ),
    "an_overall_score": (
        CALL,
        number("Sentiment.OverallScore", -5, filters=(AGENT,)),
        Measure("sentiment", Comparison.AT_LEAST, -5, "AGENT"),
    ),
    "a_shift_is_two_scores": (
        CHAT,
        {
            "Operator": "AND",
            "Operands": [
                number("Sentiment.Score.Beginning", 2, CHAT, filters=(CUSTOMER,)),
                number("Sentiment.Score.End", -1, CHAT, "NumberLessOrEqualTo", (CUSTOMER,)),
            ],
        },
        Group(
            Operator.AND,
            (
                Measure("sentiment_begin", Comparison.AT_LEAST, 2, "CUSTOMER"),
                Measure("sentiment_end", Comparison.AT_MOST, -1, "CUSTOMER"),
            ),
        ),
    ),
    "after_contact_work": (
        CALL,
        number("Agent.AfterContactWorkDurationSecs", 0),
        Measure("after_contact_work", Comparison.AT_LEAST, 0),
    ),
    "talk_time": (
        CALL,
        number("TalkTime.TotalTimeSecs", 60, filters=(AGENT,)),
        Measure("talk_time", Comparison.AT_LEAST, 60, "AGENT"),
    ),
    "loudness": (
        CALL,
        number("Loudness.HighestLoudnessScore", 90, filters=(CUSTOMER,)),
        Measure("loudness", Comparison.AT_LEAST, 90, "CUSTOMER"),
    ),
    **{
        metric: (event, number(path, 7, event), Measure(metric, Comparison.AT_LEAST, 7))
        for event, path, metric in (
            (CHAT, "Agent.AgentInteractionDurationSecs", "interaction"),
            (CALL, "NonTalkTime.TotalTimeSecs", "non_talk"),
            (CALL, "NonTalkTime.LongestTimeSecs", "longest_non_talk"),
            (CALL, "Agent.NonTalkTimePct", "non_talk_share"),
            (CALL, "Interruptions.Instances", "interruptions"),
            (CALL, "Agent.CustomerHoldDurationSecs", "hold"),
            (CALL, "Agent.LongestHoldDurationSecs", "longest_hold"),
            (CALL, "Agent.NumberOfHolds", "holds"),
            (CALL, "Agent.CustomerHoldDurationPct", "hold_share"),
            (CHAT, "ResponseTime.Agent.FirstResponseTimeSecs", "first_response"),
            (CHAT, "ResponseTime.Agent.AverageTimeSecs", "average_response"),
            (CHAT, "ResponseTime.Agent.LongestTimeSecs", "longest_response"),
        )
    },
}


@pytest.mark.parametrize(("event", "written", "node"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_read_and_written_again(event, written, node):
    made = document(written, event=event)
    rule = load(made)
    assert rule.when == Group(Operator.AND, (node,))
    assert plain(connect_rules.export(rule)) == plain(made)
    CompiledRules(RuleSet("s", (rule,)))


def test_what_is_around_the_function_is_read():
    rule = load(
        document(
            condition("Agent.AgentId", "a", event=LIVE_CHAT),
            event=LIVE_CHAT,
            operator="OR",
            PublishStatus="DRAFT",
            Actions=[
                {"ActionType": "GENERATE_EVENTBRIDGE_EVENT", "EventBridgeAction": {"Name": "n"}},
                CATEGORY,
            ],
        )
    )
    assert rule == Rule(
        id="refund-asked",
        name="Refund asked",
        version=1,
        when=Group(Operator.OR, (Fact("agent", ("a",)),)),
        channel=Channel.CHAT,
        real_time=True,
        actions=(
            Action("GENERATE_EVENTBRIDGE_EVENT", {"Name": "n"}),
            Action("ASSIGN_CONTACT_CATEGORY"),
        ),
        status=Publish.DRAFT,
    )


TASK = {
    "Name": "Call back",
    "ContactFlowId": "f",
    "References": {"a": {"Type": "URL", "Value": "x"}},
}
WHOLE = {
    "tags_to_ask_for_first": document(ONE, PreEvaluationFilters={"AndConditions": [FILTER]}),
    "an_integration": document(
        ONE, TriggerEventSource={"EventSourceName": CALL, "IntegrationAssociationId": "i"}
    ),
    "other_members_of_the_request": document(
        ONE, InstanceId="i", ClientToken="t", Tags={"owner": "quality"}
    ),
    "an_action_with_a_body": document(
        ONE, Actions=[{"ActionType": "CREATE_TASK", "TaskAction": TASK}, CATEGORY]
    ),
    "a_category_action_without_a_body": document(
        ONE, Actions=[{"ActionType": "ASSIGN_CONTACT_CATEGORY"}]
    ),
    "what_describe_rule_answers": {
        "Rule": document(
            condition("Queue.QueueId", operator="EQUALS"),
            RuleId="r-1",
            RuleArn="arn:r-1",
            CreatedTime=1772444000.5,
            LastUpdatedTime="2026-03-02T09:33:20Z",
            LastUpdatedBy="arn:me",
            Tags={},
        )
    },
    "groups_in_groups_to_depth_five": document(
        {"Operator": "OR", "Operands": [{"Operator": "AND", "Operands": [
            {"Operator": "OR", "Operands": [ONE], "Negate": False}, ONE]}]}
    ),
    "a_number_written_as_a_fraction": document(number("NonTalkTime.TotalTimeSecs", 45.0)),
    "a_name_in_any_script": document(ONE, Name="Возврат: 退款 / ~1 'x' \" 👍"),
}  # fmt: skip


@pytest.mark.parametrize("made", WHOLE.values(), ids=WHOLE)
def test_a_document_is_written_again_as_it_was(made):
    rule = load(made)
    assert plain(connect_rules.export(rule)) == plain(made)
    assert connect_rules.load(connect_rules.dump(rule)) == rule


def test_the_tags_to_ask_for_are_the_rules():
    assert load(WHOLE["tags_to_ask_for_first"]).tags == (("team", "north"),)


def test_a_described_rule_keeps_its_id():
    assert load(WHOLE["what_describe_rule_answers"]).id == "r-1"


def test_a_list_holds_several_rules_with_what_is_special_of_each():
    made = [
        WHOLE["a_category_action_without_a_body"],
        document(CONDITIONS["an_ai_agent"][1], Name="b"),
    ]
    rules = connect_rules.load_all(json.dumps(made).encode())
    assert [plain(connect_rules.export(rule)) for rule in rules] == list(map(plain, made))


@pytest.mark.parametrize(
    ("limits", "made"),
    [
        pytest.param({"depth": 6}, document(deep(4)), id="deeper"),
        pytest.param({"conditions": 51}, document(*[ONE] * 51), id="more_conditions"),
        pytest.param({"phrases": 101}, document(condition(EXACT, *"a" * 101)), id="more_words"),
        pytest.param({"name": 300}, document(ONE, Name="x" * 201), id="a_longer_name"),
    ],
)
def test_limits_can_be_set(limits, made):
    assert load(made, **limits).name == made["Name"]
    with pytest.raises(RuleRefused):
        connect_rules.export(load(made, **limits))


def rule(node, **fields):
    return Rule("r", "Rule", 1, node, **{"channel": Channel.VOICE, **fields})


SAID = ExactMatch(("a",))
NOT_EXPRESSIBLE = {
    "both_channels": (rule(SAID, channel=None), "for voice or for chat"),
    "a_negated_group": (rule(Group(Operator.OR, (SAID,), negate=True)), "only conditions"),
    "a_regular_expression": (rule(RegexMatch(("a",))), "no condition like RegexMatch"),
    "personal_data": (rule(PersonalData(())), "no condition like PersonalData"),
    "a_silence_in_a_window": (rule(Silence(1000)), "no condition like Silence"),
    "an_interruption": (rule(Interrupting(1000)), "no condition like Interrupting"),
    "a_figure_of_its_own": (rule(Measure("patience", Comparison.AT_MOST, 1)), "patience"),
    "a_threshold_of_its_own": (rule(SemanticMatch(("a",), threshold=0.8)), "no threshold"),
    "half_of_the_turns": (
        rule(SentimentState(SentimentLabel.NEGATIVE, share=0.5)),
        "not of a share",
    ),
    "mixed_sentiment": (rule(SentimentState(SentimentLabel.MIXED)), "not one of"),
    "a_window_in_the_middle": (
        rule(ExactMatch(("a",), Scope(window=Window(Edge.BETWEEN, 9000, 1000)))),
        "first or the last whole seconds",
    ),
    "a_window_in_percent": (
        rule(ExactMatch(("a",), Scope(window=Window(Edge.FIRST, 10, unit=Unit.PERCENT)))),
        "whole seconds",
    ),
    "half_a_second": (
        rule(ExactMatch(("a",), Scope(window=Window(Edge.FIRST, 1500)))),
        "whole seconds",
    ),
    "the_past_of_a_finished_call": (
        rule(ExactMatch(("a",), Scope(window=Window(Edge.PAST, 1000)))),
        "First or Last",
    ),
    "meaning_in_real_time": (rule(SemanticMatch(("a",)), real_time=True), "has no condition"),
    "a_negated_agent": (rule(Fact("agent", ("a",), negate=True)), "cannot be negated"),
    "a_figure_between_whole_numbers": (
        rule(Measure("sentiment", Comparison.AT_MOST, 2.5)),
        "not a whole number",
    ),
    "a_condition_with_two_values_for_an_attribute": (
        rule(Fact("attribute:a", ("1", "2"))),
        "only one operand",
    ),
    "an_action_of_its_own": (rule(SAID, actions=(Action("WEBHOOK"),)), "no action WEBHOOK"),
}


@pytest.mark.parametrize(("made", "reason"), NOT_EXPRESSIBLE.values(), ids=NOT_EXPRESSIBLE)
def test_what_contact_lens_cannot_say_is_named(made, reason):
    with pytest.raises(RuleRefused) as refused:
        connect_rules.export(made)
    assert refused.value.code == "rules.not_expressible"
    assert reason in refused.value.detail


def test_a_rule_from_elsewhere_becomes_a_rule_that_sets_a_category():
    made = connect_rules.export(rule(SAID, extra={"call-analytics": {"members": {"Tags": []}}}))
    assert plain(made) == plain(document(condition(EXACT, "a"), Name="Rule"))


def test_filters_that_changed_since_are_written_in_the_usual_order():
    read = load(document(condition(EXACT, "a", filters=(OPENING, AGENT))))
    changed = replace(read, when=Group(Operator.AND, (ExactMatch(("a",), Scope("AGENT")),)))
    (node,) = plain(connect_rules.export(changed))["Function"]["RuleFunction"]["Operands"]
    assert [f["Type"] for f in node["FilterClause"]["Filters"]] == ["ParticipantRole"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_rule())
def test_a_rule_that_is_written_is_read_again_as_itself(made):
    assert connect_rules.load(connect_rules.dump(made)) == made
    CompiledRules(RuleSet("s", (made,)))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_rule(), st.data())
def test_a_document_with_its_members_in_any_order_is_written_again_as_it_was(made, data):
    function = json.loads(connect_rules.export(made)["Function"])
    for node in function["RuleFunction"]["Operands"]:
        if "FilterClause" in node:
            node["FilterClause"]["Filters"] = data.draw(
                st.permutations(node["FilterClause"]["Filters"])
            )
    shuffled = {**connect_rules.export(made), "Function": json.dumps(function)}
    assert plain(connect_rules.export(load(shuffled))) == plain(shuffled)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    with pytest.raises(InputRefused):
        connect_rules.load(body)
