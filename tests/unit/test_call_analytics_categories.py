"""Call Analytics categories: what is read, what is refused and where, and that nothing is lost."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import InputRefused, RuleRefused
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import State, Tools
from chalicelib.domain.rules.limits import Limits
from chalicelib.domain.rules.rule import (
    Action,
    Comparison,
    Edge,
    ExactMatch,
    Fact,
    Group,
    Interrupting,
    Measure,
    Operator,
    Publish,
    Rule,
    RuleSet,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
    Unit,
    Window,
)
from chalicelib.domain.rules.subject import Line, Overlap, Subject
from chalicelib.domain.transcript import Channel, Role, SentimentLabel, Span
from chalicelib.formats import call_analytics_categories, connect_rules
from tests.shared_data import shared
from tests.unit.rule_strategies import categories
from tests.unit.rule_strategies import connect_rules as lens_rules

NEGATIVE = SentimentLabel.NEGATIVE
MINUTE = Window(Edge.FIRST, 60_000)


def category(*rules, **more):
    return {"CategoryName": "Long-silence", "InputType": "POST_CALL", "Rules": list(rules), **more}


def silence(**more):
    return {"NonTalkTimeFilter": {"Threshold": 5000, **more}}


def words(**more):
    return {"TranscriptFilter": {"TranscriptFilterType": "EXACT", "Targets": ["hold on"], **more}}


def sentiment(*labels, **more):
    return {"SentimentFilter": {"Sentiments": list(labels), **more}}


def interruption(**more):
    return {"InterruptionFilter": {"Threshold": 700, **more}}


def load(document, **limits):
    return call_analytics_categories.load(json.dumps(document).encode(), Limits(**limits))


FILTERS = {
    "silence": (silence(), Silence(5000)),
    "speech_in_a_part_of_the_call": (
        silence(Negate=True, RelativeTimeRange={"StartPercentage": 10, "EndPercentage": 80}),
        Silence(5000, Window(Edge.BETWEEN, 80, 10, Unit.PERCENT), negate=True),
    ),
    "silence_of_any_length": (
        {"NonTalkTimeFilter": {"Negate": False}},
        Silence(0, negate=False),
    ),
    "an_interruption_by_the_customer_in_the_first_minute": (
        interruption(ParticipantRole="CUSTOMER", AbsoluteTimeRange={"First": 60_000}),
        Interrupting(700, Scope("CUSTOMER", MINUTE)),
    ),
    "words_in_the_last_tenth": (
        words(Targets=["bye", "thank you"], RelativeTimeRange={"Last": 10}, Negate=False),
        ExactMatch(
            ("bye", "thank you"),
            Scope(None, Window(Edge.LAST, 10, unit=Unit.PERCENT)),
            negate=False,
        ),
    ),
    "words_between_two_times": (
        words(AbsoluteTimeRange={"StartTime": 0, "EndTime": 14_400_000}),
        ExactMatch(("hold on",), Scope(None, Window(Edge.BETWEEN, 14_400_000))),
    ),
    "mixed_sentiment_of_the_agent": (
        sentiment("MIXED", ParticipantRole="AGENT"),
        SentimentState(SentimentLabel.MIXED, Scope("AGENT"), 0.5),
    ),
}


@pytest.mark.parametrize(("written", "node"), FILTERS.values(), ids=FILTERS)
def test_a_filter_is_read_and_written_again(written, node):
    document = category(written)
    rule = load(document)
    assert rule == Rule(
        "long-silence",
        "Long-silence",
        1,
        Group(Operator.AND, (node,)),
        Channel.VOICE,
        extra=rule.extra,
    )
    assert call_analytics_categories.export(rule) == document


WHOLE = {
    "several_filters": category(silence(), words(), sentiment("POSITIVE"), interruption()),
    "in_real_time": category(words(), InputType="REAL_TIME"),
    "without_an_input_type": {k: v for k, v in category(words()).items() if k != "InputType"},
    "with_tags": category(words(), Tags=[{"Key": "owner", "Value": "quality"}]),
    "as_the_service_answers": {
        "CategoryProperties": category(
            {"InterruptionFilter": {}}, CreateTime=1772444000.5, LastUpdateTime=1772444001
        )
    },
}


@pytest.mark.parametrize("document", WHOLE.values(), ids=WHOLE)
def test_a_document_is_written_again_as_it_was(document):
    rule = load(document)
    assert call_analytics_categories.export(rule) == document
    assert call_analytics_categories.load(call_analytics_categories.dump(rule)) == rule


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(lambda some: some, id="a_list"),
        pytest.param(
            lambda some: {"Categories": some, "NextToken": "t"}, id="as_the_service_lists"
        ),
    ],
)
def test_several_categories_are_read_at_once(listed):
    some = [category(words()), WHOLE["without_an_input_type"] | {"CategoryName": "b"}]
    rules = call_analytics_categories.load_all(json.dumps(listed(some)).encode())
    assert [call_analytics_categories.export(rule) for rule in rules] == some


@pytest.mark.parametrize(
    ("second", "pointer", "reason"),
    [
        pytest.param(category(words()), "/1", "another category", id="of_one_name"),
        pytest.param(category(CategoryName="b"), "/1/Rules", "empty", id="one_of_them_bad"),
    ],
)
def test_a_bad_category_in_a_list_is_named_with_its_number(second, pointer, reason):
    with pytest.raises(RuleRefused, match=reason) as refused:
        call_analytics_categories.load_all(json.dumps([category(words()), second]).encode())
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("name", ["post_call", "realtime"])
def test_published_categories_are_written_again_as_they_were(name):
    body = shared("transcribe", f"tca_category_{name}_request.json").read_bytes()
    rule = call_analytics_categories.load(body)
    assert call_analytics_categories.export(rule) == json.loads(body)
    CompiledRules(RuleSet("s", (rule,)))


RULE = "/Rules/0"
REFUSED = {
    "no_object": ([], "", "not an object"),
    "no_rules": (category(), "/Rules", "empty"),
    "more_than_twenty_filters": (category(*[words()] * 21), "/Rules", "at most 20"),
    "an_unknown_input_type": (category(words(), InputType="LIVE"), "/InputType", "not one of"),
    "a_name_that_is_too_long": (
        category(words(), CategoryName="x" * 201),
        "/CategoryName",
        "longer",
    ),
    "an_unknown_member": (category(words(), Colour="red"), "/Colour", "no such member"),
    "a_filter_of_no_kind": (category({}), RULE, "exactly one"),
    "a_filter_of_two_kinds": (category({**words(), **silence()}), RULE, "exactly one"),
    "an_unknown_filter": (category({"Mood": {}}), f"{RULE}/Mood", "no such member"),
    "silence_in_real_time": (
        category(words(), silence(), InputType="REAL_TIME"),
        "/Rules/1/NonTalkTimeFilter",
        "TranscriptFilter alone",
    ),
    "a_side_for_silence": (
        category(silence(ParticipantRole="AGENT")),
        f"{RULE}/NonTalkTimeFilter/ParticipantRole",
        "no such member",
    ),
    "an_unknown_side": (
        category(words(ParticipantRole="ANY")),
        f"{RULE}/TranscriptFilter/ParticipantRole",
        "not one of",
    ),
    "a_threshold_of_five_hours": (
        category(silence(Threshold=18_000_000)),
        f"{RULE}/NonTalkTimeFilter/Threshold",
        "not 0 to 14400000",
    ),
    "a_threshold_as_text": (
        category(silence(Threshold="5")),
        f"{RULE}/NonTalkTimeFilter/Threshold",
        "not a whole number",
    ),
    "two_sentiments": (
        category(sentiment("POSITIVE", "NEGATIVE")),
        f"{RULE}/SentimentFilter/Sentiments",
        "at most 1",
    ),
    "an_unknown_sentiment": (
        category(sentiment("ANGRY")),
        f"{RULE}/SentimentFilter/Sentiments/0",
        "not one of",
    ),
    "no_words": (category(words(Targets=[])), f"{RULE}/TranscriptFilter/Targets", "empty"),
    "words_without_a_word": (
        category(words(Targets=["--"])),
        f"{RULE}/TranscriptFilter/Targets",
        "no word",
    ),
    "a_filter_without_its_type": (
        category({"TranscriptFilter": {"Targets": ["a"]}}),
        f"{RULE}/TranscriptFilter",
        "TranscriptFilterType is missing",
    ),
    "fuzzy_words": (
        category(words(TranscriptFilterType="FUZZY")),
        f"{RULE}/TranscriptFilter/TranscriptFilterType",
        "not one of EXACT",
    ),
    "two_ranges": (
        category(words(AbsoluteTimeRange={"First": 1}, RelativeTimeRange={"First": 1})),
        f"{RULE}/TranscriptFilter",
        "only one is possible",
    ),
    "half_a_range": (
        category(words(AbsoluteTimeRange={"StartTime": 1})),
        f"{RULE}/TranscriptFilter/AbsoluteTimeRange",
        "both StartTime and EndTime",
    ),
    "a_range_with_too_much": (
        category(words(AbsoluteTimeRange={"StartTime": 1, "EndTime": 2, "First": 3})),
        f"{RULE}/TranscriptFilter/AbsoluteTimeRange",
        "First, or Last",
    ),
    "an_empty_range": (
        category(words(RelativeTimeRange={})),
        f"{RULE}/TranscriptFilter/RelativeTimeRange",
        "First, or Last",
    ),
    "a_range_that_ends_before_it_begins": (
        category(words(RelativeTimeRange={"StartPercentage": 9, "EndPercentage": 9})),
        f"{RULE}/TranscriptFilter/RelativeTimeRange",
        "not before",
    ),
    "more_than_the_whole": (
        category(words(RelativeTimeRange={"First": 101})),
        f"{RULE}/TranscriptFilter/RelativeTimeRange/First",
        "not 0 to 100",
    ),
    "a_negation_that_is_a_number": (
        category(words(Negate=1)),
        f"{RULE}/TranscriptFilter/Negate",
        "not true or false",
    ),
}


@pytest.mark.parametrize(("document", "pointer", "reason"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_with_its_place(document, pointer, reason):
    with pytest.raises(RuleRefused) as refused:
        load(document)
    assert (refused.value.code, refused.value.pointer) == ("rules.schema", pointer)
    assert reason in refused.value.detail


def test_the_number_of_filters_can_be_set():
    assert load(category(*[words()] * 21), category_rules=21).name == "Long-silence"


SAID = ExactMatch(("a",))


def rule(node, **fields):
    return Rule("r", "Rule", 1, node, **{"channel": Channel.VOICE, **fields})


NOT_EXPRESSIBLE = {
    "chats": (rule(SAID, channel=Channel.CHAT), "", "for calls only"),
    "both_channels": (rule(SAID, channel=None), "", "for calls only"),
    "a_draft": (rule(SAID, status=Publish.DRAFT), "", "no draft"),
    "tags_of_the_contact": (rule(SAID, tags=(("a", "b"),)), "", "tags"),
    "an_action": (rule(SAID, actions=(Action("CREATE_TASK"),)), "", "no action CREATE_TASK"),
    "either_of_two": (rule(Group(Operator.OR, (SAID, SAID))), "/Rules", "all filters"),
    "a_negated_group": (rule(Group(Operator.AND, (SAID,), negate=True)), "/Rules", "all filters"),
    "a_group_in_a_group": (
        rule(Group(Operator.AND, (SAID, Group(Operator.OR, (SAID,))))),
        "/Rules/1",
        "no groups",
    ),
    "meaning": (rule(SemanticMatch(("a",))), RULE, "no filter like SemanticMatch"),
    "a_figure": (rule(Measure("hold", Comparison.AT_LEAST, 5)), RULE, "no filter like Measure"),
    "a_field_of_the_record": (rule(Fact("queue", ("q",))), RULE, "no filter like Fact"),
    "a_sentiment_of_any_turn": (
        rule(SentimentState(NEGATIVE)),
        f"{RULE}/SentimentFilter",
        "at least half",
    ),
    "the_past_seconds": (
        rule(ExactMatch(("a",), Scope(window=Window(Edge.PAST, 1000)))),
        f"{RULE}/TranscriptFilter/AbsoluteTimeRange",
        "past seconds",
    ),
    "silence_in_real_time": (
        rule(Silence(5), real_time=True),
        f"{RULE}/NonTalkTimeFilter",
        "TranscriptFilter alone",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("made", "pointer", "reason"), NOT_EXPRESSIBLE.values(), ids=NOT_EXPRESSIBLE
)
def test_what_call_analytics_cannot_say_is_named(made, pointer, reason):
    with pytest.raises(RuleRefused) as refused:
        call_analytics_categories.export(made)
    assert (refused.value.code, refused.value.pointer) == ("rules.not_expressible", pointer)
    assert reason in refused.value.detail


def test_a_category_becomes_a_contact_lens_rule_and_comes_back():
    document = category(words(Targets=["a", "b"], AbsoluteTimeRange={"Last": 9000}, Negate=True))
    lens = connect_rules.export(load(document))
    assert lens["Actions"] == [
        {"ActionType": "ASSIGN_CONTACT_CATEGORY", "AssignContactCategoryAction": {}}
    ]
    back = connect_rules.load(json.dumps(lens).encode())
    assert call_analytics_categories.export(back) == document


def line(number, label=None, role=Role.CUSTOMER, text="well"):
    return Line(f"t{number}", role, number * 1000, number * 1000 + 900, text, label)


def call(*lines, **fields):
    figures = {"non_talk": 0, "interruptions": 0}
    return Subject(Channel.VOICE, "en-US", 10_000, lines, figures, **fields)


def state(document, subject):
    made = CompiledRules(RuleSet("s", (load(document),)))
    (verdict,) = made.explain(subject, Tools())
    return verdict.finding.state


HALF = (line(0, NEGATIVE), line(1, SentimentLabel.NEUTRAL))
THIRD = (*HALF, line(2, SentimentLabel.MIXED))
GAP = (Span(2000, 8000),)
BREAK_IN = (Overlap(Role.AGENT, 6000, 7000, "t1"),)
JUDGED = {
    "half_of_the_turns": (sentiment("NEGATIVE"), call(*HALF), State.MET),
    "a_third_of_the_turns": (sentiment("NEGATIVE"), call(*THIRD), State.NOT_MET),
    "half_of_the_turns_in_the_range": (
        sentiment("NEGATIVE", RelativeTimeRange={"First": 15}),
        call(*THIRD),
        State.MET,
    ),
    "silence": (silence(), call(silences=GAP), State.MET),
    "silence_cut_by_the_range": (
        silence(AbsoluteTimeRange={"First": 6000}),
        call(silences=GAP),
        State.NOT_MET,
    ),
    "silence_of_any_length_where_a_range_ends_as_it_begins": (
        silence(Threshold=0, AbsoluteTimeRange={"First": 2000}),
        call(silences=GAP),
        State.NOT_MET,
    ),
    "no_silence_negated": (silence(Negate=True), call(), State.MET),
    "an_interruption_by_the_other_side": (
        interruption(ParticipantRole="CUSTOMER"),
        call(interruptions=BREAK_IN),
        State.NOT_MET,
    ),
    "an_interruption_in_the_second_half": (
        interruption(RelativeTimeRange={"StartPercentage": 50, "EndPercentage": 100}),
        call(interruptions=BREAK_IN),
        State.MET,
    ),
    "words_at_the_very_end_of_a_range_come_too_late": (
        words(Targets=["well"], AbsoluteTimeRange={"StartTime": 0, "EndTime": 1000}),
        call(line(1)),
        State.NOT_MET,
    ),
    "words_that_begin_with_the_range": (
        words(Targets=["well"], AbsoluteTimeRange={"StartTime": 1000, "EndTime": 1001}),
        call(line(1)),
        State.MET,
    ),
}


@pytest.mark.parametrize(("written", "subject", "expected"), JUDGED.values(), ids=JUDGED)
def test_a_filter_is_judged(written, subject, expected):
    assert state(category(written), subject) is expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(categories())
def test_a_rule_that_is_written_is_read_again_as_itself(made):
    body = call_analytics_categories.dump(made)
    assert call_analytics_categories.load(body) == made
    assert call_analytics_categories.export(call_analytics_categories.load(body)) == json.loads(
        body
    )


def carried(rule, there, back):
    """The rule through the other form and back, None where that cannot say it."""
    try:
        moved = there.load(there.dump(replace(rule, actions=(), status=Publish.PUBLISHED, tags=())))
        return back.load(back.dump(moved))
    except RuleRefused as refused:
        if refused.code != "rules.not_expressible":
            raise
        return None


def words_alone(rule):
    return all(isinstance(node, ExactMatch) and not node.scope.window for node in rule.when.members)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(categories())
def test_a_category_is_the_same_after_a_way_through_contact_lens(made):
    back = carried(made, connect_rules, call_analytics_categories)
    assert back is None or (back.when, back.real_time) == (made.when, made.real_time)
    negated = any(node.negate for node in made.when.members)
    if words_alone(made) and not (made.real_time and negated):
        assert back is not None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lens_rules())
def test_a_contact_lens_rule_is_the_same_after_a_way_through_call_analytics(made):
    back = carried(made, call_analytics_categories, connect_rules)
    plain = replace_any(made.when)
    assert back is None or replace(back.when, negate=plain.negate) == plain


def replace_any(group):
    """The group with no role in place of ANY."""
    members = tuple(
        replace(node, scope=replace(node.scope, role=None))
        if isinstance(node, ExactMatch) and node.scope.role == "ANY"
        else node
        for node in group.members
    )
    return replace(group, members=members)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    with pytest.raises(InputRefused):
        call_analytics_categories.load(body)
