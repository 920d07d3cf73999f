"""Contact Lens rules that are refused: why, and the JSON pointer of the place."""

import json

import pytest

from chalicelib.domain.errors import InputRefused, RuleRefused
from chalicelib.formats import connect_rules
from tests.unit.connect_documents import (
    AGENT,
    CATEGORY,
    CHAT,
    CLOSING,
    CUSTOMER,
    EITHER,
    ENGLISH,
    EXACT,
    FILTER,
    FIRST,
    HANDED,
    LIVE,
    NEAR,
    ONE,
    OPENING,
    TOP,
    condition,
    deep,
    document,
    load,
    number,
    tokens,
)


def without(name, made=None):
    return {k: v for k, v in (made or document(ONE)).items() if k != name}


def function(value):
    return document(Function=value if isinstance(value, str) else json.dumps(value))


OPERATOR, OPERANDS, VALUE = (f"{FIRST}/{n}" for n in ("Operator", "Operands", "ComparisonValue"))
FILTERS = f"{FIRST}/FilterClause/Filters"
PATTERN = "PatternMatch.Transcript"


def pattern(*pairs, **more):
    return document(condition(PATTERN, tokens(*pairs), **more))


NEARBY = ("PROXIMITY", {"Distance": 1, "IsWithin": True})
APART = ("PROXIMITY", {"Distance": 1, "IsWithin": False})

REFUSED = {
    "no_object": ([1], "", "not an object"),
    "no_name": (without("Name"), "", "Name is missing"),
    "a_blank_name": (document(ONE, Name=" "), "/Name", "empty"),
    "a_name_that_is_too_long": (document(ONE, Name="x" * 201), "/Name", "longer than 200"),
    "an_unknown_member": (document(ONE, Colour="red"), "/Colour", "no such member"),
    "no_event": (document(ONE, TriggerEventSource={}), "/TriggerEventSource", "missing"),
    "an_event_that_is_not_about_a_conversation": (
        document(ONE, event="OnCaseCreate"),
        "/TriggerEventSource/EventSourceName",
        "not about a conversation",
    ),
    "an_unknown_event": (
        document(ONE, event="OnWhim"),
        "/TriggerEventSource/EventSourceName",
        "not one of",
    ),
    "no_actions": (document(ONE, Actions=[]), "/Actions", "empty"),
    "no_category": (
        document(ONE, Actions=[{"ActionType": "CREATE_CASE", "CreateCaseAction": {}}]),
        "/Actions",
        "needs ASSIGN_CONTACT_CATEGORY",
    ),
    "an_unknown_action": (
        document(ONE, Actions=[{"ActionType": "DANCE"}]),
        "/Actions/0/ActionType",
        "not one of",
    ),
    "the_body_of_another_action": (
        document(ONE, Actions=[{**CATEGORY, "TaskAction": {}}]),
        "/Actions/0/TaskAction",
        "not the body",
    ),
    "an_unknown_status": (document(ONE, PublishStatus="LIVE"), "/PublishStatus", "not one of"),
    "no_filters_before": (
        document(ONE, PreEvaluationFilters={"AndConditions": []}),
        "/PreEvaluationFilters/AndConditions",
        "empty",
    ),
    "a_filter_on_evaluations": (
        document(
            ONE,
            PreEvaluationFilters={
                "AndConditions": [{**FILTER, "ResourceType": "CONTACT_EVALUATION"}]
            },
        ),
        "/PreEvaluationFilters/AndConditions/0/ResourceType",
        "not one of CONTACT",
    ),
    "a_function_that_is_an_object": (document(Function={}), "/Function", "not a string"),
    "a_function_that_is_no_json": (function("{"), "/Function", "rules.json"),
    "a_function_with_a_key_twice": (
        function('{"Version": "2022-11-25", "Version": "2022-11-25"}'),
        "/Function",
        "same key twice",
    ),
    "a_function_with_not_a_number": (function('{"Version": NaN}'), "/Function", "NaN"),
    "a_function_with_half_a_character": (
        function('{"Version": "\\ud800"}'),
        "/Function",
        "surrogate",
    ),
    "another_version": (
        function({"Version": "2030-01-01", "RuleFunction": ONE}),
        "/Function/Version",
        "not one of 2022-11-25",
    ),
    "no_wrapper": (
        function({"Operator": "AND", "Operands": [ONE]}),
        "/Function/Operator",
        "no such",
    ),
    "a_lone_condition": (
        function({"Version": "2022-11-25", "RuleFunction": ONE}),
        TOP,
        "outermost operator",
    ),
    "an_unknown_group_operator": (document(ONE, operator="XOR"), f"{TOP}/Operator", "not one of"),
    "an_empty_group": (document(), f"{TOP}/Operands", "empty"),
    "a_negated_group": (
        document({"Operator": "OR", "Operands": [ONE], "Negate": True}),
        f"{FIRST}/Negate",
        "only conditions can be negated",
    ),
    "six_levels": (document(deep(4)), f"{FIRST}{'/Operands/0' * 4}", "deeper than 5"),
    "more_than_fifty_conditions": (
        document(*[ONE] * 51),
        f"{TOP}/Operands/50",
        "at most 50 conditions",
    ),
    "six_conditions_on_sentiment": (
        document(*[number("Sentiment.OverallScore", 1)] * 6),
        f"{TOP}/Operands/5",
        "at most 5 conditions on sentiments",
    ),
    "an_unknown_operator": (
        document(condition(EXACT, "a", operator="LIKE")),
        OPERATOR,
        "not one of",
    ),
    "an_operator_of_another_condition": (
        document(condition(EXACT, "a", operator="EQUALS")),
        OPERATOR,
        "compared with CONTAINS_ANY",
    ),
    "no_operator": (document({"Operands": ["a"]}), FIRST, "Operator is missing"),
    "an_unknown_comparison_value": (
        document(condition("Weather.Today", "sun")),
        VALUE,
        "no such comparison value",
    ),
    "a_comparison_value_of_another_event": (
        document(condition(EXACT, "a", event=CHAT)),
        VALUE,
        f"this one is of {CHAT}",
    ),
    "a_condition_of_calls_in_a_chat_rule": (
        document(number("NonTalkTime.TotalTimeSecs", 5, CHAT), event=CHAT),
        VALUE,
        "does not have this comparison value",
    ),
    "meaning_in_real_time": (
        document(condition("SemanticMatch.Transcript", "a", event=LIVE), event=LIVE),
        VALUE,
        "does not have this comparison value",
    ),
    "an_attribute_without_a_key": (
        document(condition("ContactAttribute.", "a", operator="EQUALS")),
        VALUE,
        "no such comparison value",
    ),
    "a_negated_agent": (
        document(condition("Agent.AgentId", "a", Negate=True)),
        f"{FIRST}/Negate",
        "cannot be negated",
    ),
    "negated_words_in_real_time": (
        document(condition(EXACT, "a", event=LIVE, Negate=True), event=LIVE),
        f"{FIRST}/Negate",
        "cannot be negated",
    ),
    "a_negation_that_is_a_text": (
        document(condition(EXACT, "a", Negate="false")),
        f"{FIRST}/Negate",
        "not true or false",
    ),
    "a_filter_that_is_not_allowed": (
        document(condition("Agent.AgentId", "a", filters=(AGENT,))),
        f"{FILTERS}/0/Type",
        "not possible for Agent.AgentId",
    ),
    "a_window_of_another_event": (
        document(condition(EXACT, "a", filters=(CLOSING,))),
        f"{FILTERS}/0/Type",
        "not possible",
    ),
    "a_language_for_exact_words": (
        document(condition(EXACT, "a", filters=(ENGLISH,))),
        f"{FILTERS}/0/Type",
        "not possible",
    ),
    "two_roles": (
        document(condition(EXACT, "a", filters=(AGENT, CUSTOMER))),
        f"{FILTERS}/1/Type",
        "two filters",
    ),
    "filters_as_a_bare_list": (
        document(condition(EXACT, "a", FilterClause=[])),
        f"{FIRST}/FilterClause",
        "not an object",
    ),
    "filters_joined_by_or": (
        document(condition(EXACT, "a", FilterClause={"LogicOperator": "OR", "Filters": []})),
        f"{FIRST}/FilterClause/LogicOperator",
        "not one of AND",
    ),
    "no_filters_in_the_clause": (
        document(condition(EXACT, "a", FilterClause={"LogicOperator": "AND", "Filters": []})),
        FILTERS,
        "empty",
    ),
    "talk_time_of_nobody": (
        document(number("TalkTime.TotalTimeSecs", 5)),
        FIRST,
        "needs the filter ParticipantRole",
    ),
    "talk_time_of_either_side": (
        document(number("TalkTime.TotalTimeSecs", 5, filters=(EITHER,))),
        f"{FILTERS}/0/Data",
        "not one of AGENT, CUSTOMER",
    ),
    "an_ai_agent_without_its_use": (
        document(condition("AiAgent.IdWithVersion", "u", filters=(HANDED,))),
        f"{FIRST}/FilterClause",
        "needs the filter AiAgentUseCase",
    ),
    "an_unknown_use_of_an_ai_agent": (
        document(
            condition("AiAgent.IdWithVersion", "u", filters=(("AiAgentUseCase", {"Value": "x"}),))
        ),
        f"{FILTERS}/0/Data/Value",
        "not one of",
    ),
    "an_unknown_role": (
        document(condition(EXACT, "a", filters=(("ParticipantRole", "SYSTEM"),))),
        f"{FILTERS}/0/Data",
        "not one of",
    ),
    "an_unknown_language": (
        document(condition(PATTERN, NEAR, filters=(("PatternMatchLanguageFilter", "XX"),))),
        f"{FILTERS}/0/Data",
        "not one of",
    ),
    "a_window_of_two_ends": (
        document(condition(EXACT, "a", filters=((OPENING[0], {"First": 1, "Last": 1}),))),
        f"{FILTERS}/0/Data",
        "First or Last",
    ),
    "the_past_of_a_finished_call": (
        document(condition(EXACT, "a", filters=((OPENING[0], {"Past": 1}),))),
        f"{FILTERS}/0/Data/Past",
        "no such member",
    ),
    "a_window_in_words": (
        document(condition(EXACT, "a", filters=((OPENING[0], {"First": "30"}),))),
        f"{FILTERS}/0/Data/First",
        "not a whole number",
    ),
    "no_words": (document(condition(EXACT)), OPERANDS, "empty"),
    "words_without_a_word": (document(condition(EXACT, "...", "!")), FIRST, "no word"),
    "a_number_among_words": (document(condition(EXACT, "a", 5)), f"{OPERANDS}/1", "not a string"),
    "too_many_words": (document(condition(EXACT, *"a" * 101)), OPERANDS, "at most 100"),
    "too_many_examples": (
        document(condition("SemanticMatch.Transcript", *"abcde")),
        OPERANDS,
        "at most 4",
    ),
    "two_statements": (
        document(condition("SemanticMatch.Phrase", "a", "b", operator="EQUALS")),
        f"{OPERANDS}/1",
        "only one operand",
    ),
    "a_queue_that_equals": (
        document(condition("Queue.QueueId", "q", operator="EQUALS")),
        f"{OPERANDS}/0",
        "empty field",
    ),
    "no_queue_in_real_time": (
        document(condition("Queue.QueueId", operator="EQUALS", event=LIVE), event=LIVE),
        OPERATOR,
        "compared with CONTAINS_ANY",
    ),
    "operands_that_are_left_out": (
        document({k: v for k, v in ONE.items() if k != "Operands"}),
        FIRST,
        "Operands is missing",
    ),
    "an_unknown_method": (
        document(condition("InitiationMethod", "PIGEON")),
        f"{OPERANDS}/0",
        "not one",
    ),
    "mixed_sentiment": (
        document(condition("Sentiment.State", "MIXED", operator="EQUALS")),
        f"{OPERANDS}/0",
        "not one of",
    ),
    "a_number_as_text": (
        document(number("NonTalkTime.TotalTimeSecs", "45")),
        f"{OPERANDS}/0",
        "not a whole number",
    ),
    "a_truth_as_a_number": (
        document(number("NonTalkTime.TotalTimeSecs", True)),
        f"{OPERANDS}/0",
        "not a whole number",
    ),
    "two_numbers": (
        document(condition("Agent.NumberOfHolds", 1, 2, operator="NumberLessOrEqualTo")),
        f"{OPERANDS}/1",
        "only one operand",
    ),
    "a_score_out_of_range": (
        document(number("Sentiment.OverallScore", 6)),
        f"{OPERANDS}/0",
        "not -5 to 5",
    ),
    "zero_interruptions": (
        document(number("Interruptions.Instances", 0)),
        f"{OPERANDS}/0",
        "not from 1 on",
    ),
    "a_pattern_that_is_a_text": (document(condition(PATTERN, "a")), f"{OPERANDS}/0", "not a list"),
    "an_empty_pattern": (pattern(), f"{OPERANDS}/0", "empty"),
    "an_unknown_token": (pattern(("EMOJI", "x")), f"{OPERANDS}/0/0/Type", "not one of"),
    "an_empty_list_of_words": (pattern(("LIST", [])), f"{OPERANDS}/0/0/Value", "empty"),
    "a_list_in_a_list": (
        pattern(("LIST", tokens(("LIST", [])))),
        f"{OPERANDS}/0/0/Value/0/Type",
        "not one of PLAIN",
    ),
    "a_proximity_without_a_distance": (
        pattern(("PLAIN", "a"), ("PROXIMITY", {"IsWithin": True}), ("PLAIN", "b")),
        f"{OPERANDS}/0/1/Value",
        "Distance is missing",
    ),
    "a_negative_distance": (
        pattern(("PLAIN", "a"), ("PROXIMITY", {"Distance": -1, "IsWithin": True}), ("PLAIN", "b")),
        f"{OPERANDS}/0/1/Value/Distance",
        "not 0 to 1000",
    ),
    "a_pattern_that_begins_with_a_proximity": (
        pattern(NEARBY, ("PLAIN", "a")),
        f"{OPERANDS}/0",
        "between two words",
    ),
    "a_pattern_that_ends_with_a_proximity": (
        pattern(("PLAIN", "a"), NEARBY, ("PLAIN", " ")),
        f"{OPERANDS}/0",
        "between two words",
    ),
    "two_proximities_in_a_row": (
        pattern(("PLAIN", "a"), NEARBY, APART, ("PLAIN", "b")),
        f"{OPERANDS}/0",
        "between two words",
    ),
    "not_within_in_the_middle": (
        pattern(("PLAIN", "a"), APART, ("PLAIN", "b"), ("PLAIN", "c")),
        f"{OPERANDS}/0",
        "between the last two",
    ),
}


@pytest.mark.parametrize(("made", "pointer", "reason"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_with_its_place(made, pointer, reason):
    with pytest.raises(RuleRefused) as refused:
        load(made)
    assert refused.value.pointer == pointer
    assert refused.value.detail.startswith(pointer or "the document")
    assert reason in str(refused.value)
    assert refused.value.code in ("rules.schema", "rules.json")
    assert isinstance(refused.value, InputRefused)


def test_a_bad_rule_in_a_list_is_named_with_its_number():
    made = [document(ONE), document(condition(EXACT), Name="b")]
    with pytest.raises(RuleRefused) as refused:
        connect_rules.load_all(json.dumps(made).encode())
    assert refused.value.pointer == f"/1{OPERANDS}"


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(RuleRefused, match="another rule of this event source"):
        connect_rules.load_all(json.dumps([document(ONE)] * 2).encode())
