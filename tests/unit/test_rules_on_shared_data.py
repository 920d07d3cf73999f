"""The public Contact Lens rules: loaded unchanged, written again, judged on the shared conversations."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.method import Method
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import Finding, State, Tools
from chalicelib.domain.rules.gather import subject_of
from chalicelib.domain.rules.rule import ExactMatch, PatternMatch, RuleSet
from chalicelib.domain.sentiment_summary import sentiment_of
from chalicelib.domain.transcript import Engine
from chalicelib.domain.voice_metrics import characterise
from chalicelib.formats import call_analytics, connect_chat, connect_rules, contact_lens
from tests.shared_data import shared
from tests.unit import rule_oracle
from tests.unit.brute_force import timed
from tests.unit.connect_documents import plain
from tests.unit.conversations import A, C

pytestmark = pytest.mark.shared_data
TOOLS = Tools()


@pytest.fixture(scope="module")
def bodies():
    return [path.read_bytes() for path in sorted(shared("contact_lens_rules").rglob("*.json"))]


@pytest.fixture(scope="module")
def rules(bodies) -> CompiledRules:
    loaded = [replace(connect_rules.load(body), id=f"r{n}") for n, body in enumerate(bodies)]
    return CompiledRules(RuleSet("shared", tuple(loaded)))


def subject(transcript):
    numbers = characterise(transcript, None, (C, A), Method())
    mood = sentiment_of(transcript, {}, Engine("none", "1"))
    return subject_of(transcript, numbers.total_duration_ms, numbers, mood)


@pytest.fixture(scope="module")
def chats():
    files = sorted(shared("chats_connect", "connect").rglob("*.json"))
    return [subject(connect_chat.read(file.read_bytes())) for file in files]


@pytest.fixture(scope="module")
def calls():
    lines = shared("timed_conversations", "primock57.jsonl").read_text().splitlines()
    lens = json.loads(shared("contact_lens", "voice_v1.1.0.json").read_text())
    card = shared("aws_reference_output", "transcribe_call_analytics_card1_49turns.json")
    return [
        *(subject(timed(json.loads(line))) for line in lines),
        subject(contact_lens.read(lens)),
        subject(call_analytics.read(json.loads(card.read_text()))),
    ]


def test_every_rule_is_written_again_as_it_was(bodies):
    assert len(bodies) == 25
    for body in bodies:
        rule = connect_rules.load(body)
        assert plain(connect_rules.export(rule)) == plain(json.loads(body))
        assert connect_rules.load(connect_rules.dump(rule)) == rule
        assert rule.extra == {}


def test_a_list_of_all_of_them_is_one_rule_set(bodies):
    whole = json.dumps([json.loads(body) for body in bodies]).encode()
    assert connect_rules.load_all(whole) == tuple(map(connect_rules.load, bodies))


def test_they_run_over_all_chats_and_calls_without_an_error(rules, chats, calls):
    assert (len(chats), len(calls)) == (23, 19)
    matched = 0
    for conversation in (*chats, *calls):
        every = rules.explain(conversation, TOOLS)
        judged = rules.judge(conversation, TOOLS, any_channel=True).verdicts
        assert [v.error for v in every] == [""] * 25
        assert [v.rule.id for v in judged] == [v.rule.id for v in every if v.finding.met]
        matched += len(judged)
    assert matched > 20


def leaves(finding: Finding):
    if not finding.parts:
        yield finding
    for part in finding.parts:
        yield from leaves(part)


def test_their_words_are_found_where_a_slow_search_finds_them(rules, chats, calls):
    points = 0
    for conversation in (*chats, *calls):
        lines = {line.id: line for line in conversation.lines}
        for verdict in rules.explain(conversation, TOOLS):
            for leaf in leaves(verdict.finding):
                if not isinstance(leaf.node, ExactMatch | PatternMatch):
                    continue
                expected = {(ln.id, at) for ln, at in rule_oracle.said(leaf.node, conversation)}
                assert leaf.met == bool(expected)
                found = {(p.turn_id, p.begin) for p in leaf.points}
                assert found <= expected
                for p in leaf.points:
                    cut = lines[p.turn_id].text[p.begin : p.end]
                    assert rule_oracle.satisfies(leaf.node, cut)
                points += len(found)
    assert points > 50


def test_conditions_that_nobody_can_judge_are_unknown_and_say_why(rules, calls):
    unknown = [
        leaf
        for verdict in rules.explain(calls[0], TOOLS)
        for leaf in leaves(verdict.finding)
        if leaf.state is State.UNKNOWN
    ]
    assert unknown
    assert all(leaf.reason for leaf in unknown)
