"""What every comparer of meanings promises to rules, and how rules use it."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.adapters.engines.minilm_vectors import MiniLmVectors, NoVectors
from chalicelib.adapters.engines.vector_meaning import VectorMeaning
from chalicelib.config import Settings
from chalicelib.domain.errors import IntegrityError
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import Meaning, State, Tools
from chalicelib.domain.rules.rule import Rule, RuleSet, Scope, SemanticMatch
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.transcript import Channel, Role
from chalicelib.text_engines import rule_tools
from tests.fakes.rule_tools import FakeMeaning
from tests.fakes.vectors import FakeVectors

MINILM = VectorMeaning(MiniLmVectors(), 0.6)
TEXTS = (
    "I want to cancel my subscription right now",
    "please end my subscription",
    "the weather is nice today",
    "my card was charged twice",
)


@pytest.fixture(
    params=[MINILM, VectorMeaning(FakeVectors(("cancel", "weather", "card")), 0.6), FakeMeaning()],
    ids=["minilm", "counted_words", "fake"],
)
def engine(request: pytest.FixtureRequest) -> Meaning:
    return request.param


class TestLikeness:
    def test_there_is_one_for_each_text_in_order(self, engine):
        scores = engine.likeness(["cancel my subscription"], TEXTS)
        assert len(scores) == len(TEXTS)
        assert list(engine.likeness(["cancel my subscription"], TEXTS[::-1]))[::-1] == list(scores)

    def test_it_is_1_for_the_same_text_and_never_more(self, engine):
        scores = engine.likeness([TEXTS[0]], TEXTS)
        assert scores[0] == pytest.approx(1)
        assert max(scores) <= 1 + 1e-9

    def test_the_nearest_example_counts(self, engine):
        one, other = (engine.likeness([example], TEXTS) for example in (TEXTS[0], TEXTS[2]))
        both = engine.likeness([TEXTS[0], TEXTS[2]], TEXTS)
        assert list(both) == [max(pair) for pair in zip(one, other, strict=True)]

    def test_it_does_not_depend_on_the_company_of_a_text(self, engine):
        together = engine.likeness(["end my contract", "nice weather"], TEXTS)
        alone = [engine.likeness(["end my contract", "nice weather"], [text])[0] for text in TEXTS]
        assert list(together) == alone

    def test_no_text_has_none(self, engine):
        assert list(engine.likeness(["cancel"], [])) == []


def test_other_words_of_like_meaning_are_found():
    scores = MINILM.likeness(["cancel my subscription"], TEXTS)
    assert min(scores[:2]) > 0.6 > 0.4 > max(scores[2:])


def lines(*texts, role=Role.CUSTOMER):
    return tuple(Line(f"t{n}", role, n, n + 1, text) for n, text in enumerate(texts))


def judged(tools, *nodes, texts=TEXTS):
    rules = tuple(Rule(str(n), f"r{n}", 1, node) for n, node in enumerate(nodes))
    subject = Subject(Channel.CHAT, "en-US", 100, lines(*texts))
    return CompiledRules(RuleSet("x", rules)), subject, tools


def findings(tools, *nodes, texts=TEXTS):
    compiled, subject, tools = judged(tools, *nodes, texts=texts)
    return [verdict.finding for verdict in compiled.explain(subject, tools)]


def test_a_match_shows_the_turns_and_how_near_the_nearest_was():
    (finding,) = findings(Tools(meaning=MINILM), SemanticMatch(("cancel my subscription",)))
    assert finding.met
    assert [p.turn_id for p in finding.points] == ["t0", "t1"]
    assert finding.saw.startswith("nearest 0.")
    assert finding.saw.endswith(" of 0.60 needed")


def test_a_miss_shows_how_near_the_nearest_was():
    (finding,) = findings(
        Tools(meaning=FakeMeaning()), SemanticMatch(("please hold the line",), threshold=0.5)
    )
    assert finding.state is State.NOT_MET
    assert finding.saw == "nearest 0.25 of 0.50 needed"


THRESHOLDS = {
    "that_of_the_installation": (0.9, None, False),
    "a_lower_one_of_the_installation": (0.4, None, True),
    "the_rules_own_before_it": (0.9, 0.5, True),
    "the_value_itself_is_enough": (0.9, 0.75, True),
}


@pytest.mark.parametrize(("given", "own", "met"), THRESHOLDS.values(), ids=THRESHOLDS)
def test_the_likeness_that_is_needed(given, own, met):
    node = SemanticMatch(("please end your subscription",), threshold=own)
    assert findings(Tools(meaning=FakeMeaning(given)), node)[0].met is met


def test_many_rules_have_every_turn_and_example_turned_into_a_vector_once():
    vectors = FakeVectors(("cancel", "weather", "card"))
    tools = Tools(meaning=VectorMeaning(vectors, 0.6))
    nodes = [
        SemanticMatch((f"example {n}", "shared"), Scope(role))
        for n in range(20)
        for role in (None, "CUSTOMER", "AGENT")
    ]
    compiled, subject, _ = judged(tools, *nodes)
    for _ in range(3):
        compiled.explain(subject, tools)
    asked = Counter(text for batch in vectors.asked for text in batch)
    assert set(asked) == {*TEXTS, "shared", *(f"example {n}" for n in range(20))}
    assert set(asked.values()) == {1}


def test_a_contact_larger_than_what_is_kept_is_judged_all_the_same():
    tools = Tools(meaning=VectorMeaning(FakeVectors(("cancel", "weather", "card")), 0.6, texts=3))
    found = findings(tools, SemanticMatch(("cancel",)), SemanticMatch(("weather",)))
    assert [[p.turn_id for p in one.points] for one in found] == [["t0"], ["t2"]]


MISSING = {
    "no_engine": (Tools(), "no engine for sentence vectors is installed"),
    "a_model_that_is_not_there": (
        Tools(meaning=VectorMeaning(FakeVectors(missing="no model: x is not there"), 0.6)),
        "no model: x is not there",
    ),
    "switched_off_as_on_aws": (Tools(meaning=VectorMeaning(NoVectors(), 0.6)), "LOUPE_VECTORS"),
}


@pytest.mark.parametrize(("tools", "reason"), MISSING.values(), ids=MISSING)
def test_what_cannot_be_compared_is_not_known_and_told_once(tools, reason):
    nodes = [SemanticMatch(("a",)), SemanticMatch(("b",), negate=True)]
    found = findings(tools, *nodes)
    assert {one.state for one in found} == {State.UNKNOWN}
    assert all(reason in one.reason for one in found)
    compiled, subject, _ = judged(tools, *nodes)
    told = compiled.judge(subject, tools)
    assert told.verdicts == ()
    assert list(told.lacking) == ["semantic_match"]
    assert told.codes == {"semantic_match": "ENGINE_MISSING"}


class Damaged(FakeVectors):
    def vectors(self, texts):
        raise IntegrityError("model.onnx is not the pinned file of minilm")


def test_a_damaged_model_is_told_once_too():
    (finding,) = findings(Tools(meaning=VectorMeaning(Damaged(), 0.6)), SemanticMatch(("cancel",)))
    assert (finding.state, finding.reason) == (
        State.UNKNOWN,
        "model.onnx is not the pinned file of minilm",
    )


def test_the_setting_is_the_installations_threshold():
    tools = rule_tools(Settings(semantic_threshold=0.7), FakeVectors())
    assert tools.meaning
    assert tools.meaning.threshold == 0.7
