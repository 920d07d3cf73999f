"""Intents from examples, by the machine and by words alone."""

from __future__ import annotations

import pytest

from chalicelib.adapters.engines import intents
from chalicelib.adapters.engines.intents import LinearIntents, belief, recogniser
from chalicelib.adapters.engines.minilm_vectors import MiniLmVectors, NoVectors
from chalicelib.adapters.engines.nearest_intents import NearestIntents
from chalicelib.formats.bot_file import shipped
from tests.fakes.vectors import FakeVectors

BOT = shipped()["self-service"]
EXAMPLES = {intent.name: intent.examples for intent in BOT.intents}
UNSEEN = [
    ("my parcel still hasn't come", "OrderStatus"),
    ("are you guys open on christmas", "OpeningHours"),
    ("we relocated to another town", "ChangeAddress"),
    ("I don't need this subscription anymore", "Cancel"),
    ("can I get a human please", "TalkToSomebody"),
]


@pytest.fixture(scope="module")
def machine():
    return LinearIntents(EXAMPLES, MiniLmVectors())


@pytest.fixture(params=["machine", "words"])
def engine(request):
    if request.param == "words":
        return NearestIntents(EXAMPLES)
    return request.getfixturevalue("machine")


class TestEvery:
    def test_every_example_means_its_intent(self, engine):
        texts = [text for texts in EXAMPLES.values() for text in texts]
        wanted = [name for name, texts in EXAMPLES.items() for _ in texts]
        found = engine.recognise(texts)
        assert [one.nearest for one in found] == wanted
        assert sum(one.intent is None for one in found) <= 1

    def test_what_has_nothing_in_common_is_none(self, engine):
        (found,) = engine.recognise(["qwv zyx"])
        assert found.intent is None
        assert found.confidence < 0.5

    def test_who_believes_is_more_than_half_sure(self, engine):
        found = engine.recognise([text for text, _ in UNSEEN] + ["qwv zyx", "the weather"])
        assert all((one.intent is not None) == (one.confidence >= 0.5) for one in found)

    def test_an_answer_does_not_depend_on_its_company(self, engine):
        texts = [text for text, _ in UNSEEN]
        together = engine.recognise(texts)
        alone = [engine.recognise([text])[0] for text in texts]
        assert [(one.intent, one.nearest) for one in together] == [
            (one.intent, one.nearest) for one in alone
        ]
        assert [one.confidence for one in together] == pytest.approx(
            [one.confidence for one in alone], abs=0.02
        )

    def test_nothing_asked_is_nothing_answered(self, engine):
        assert list(engine.recognise([])) == []

    @pytest.mark.parametrize("text", ["", "   ", "\x00", "😀", "a" * 1024], ids=repr)
    def test_odd_texts_are_answered(self, engine, text):
        assert len(engine.recognise([text])) == 1


def test_the_machine_knows_meanings_that_no_example_says(machine):
    found = machine.recognise([text for text, _ in UNSEEN])
    assert [one.intent for one in found] == [intent for _, intent in UNSEEN]


def test_words_alone_know_no_meanings():
    found = NearestIntents(EXAMPLES).recognise(["we relocated to another town"])
    assert found[0].intent is None


def test_the_same_examples_give_the_same_machine(machine):
    again = LinearIntents(EXAMPLES, MiniLmVectors())
    texts = [text for text, _ in UNSEEN]
    assert again.recognise(texts) == machine.recognise(texts)
    assert again.fitted()[1] == machine.fitted()[1]


def test_the_threshold_refuses_hardly_any_of_the_own_examples(machine):
    fitted, threshold = machine.fitted()
    texts = [text for texts in EXAMPLES.values() for text in texts]
    _, scores = fitted.scored(texts, intents.rows(MiniLmVectors(), texts))
    assert (scores >= threshold).mean() > 0.98


@pytest.mark.parametrize(
    ("examples", "vectors", "name"),
    [
        pytest.param(EXAMPLES, FakeVectors(), "linear-intents", id="all is there"),
        pytest.param(EXAMPLES, NoVectors(), "tf-idf-nearest", id="no vectors"),
        pytest.param({"A": ["b"]}, FakeVectors(), "tf-idf-nearest", id="one intent alone"),
    ],
)
def test_the_engine_is_what_can_be_had_and_says_so(examples, vectors, name):
    assert recogniser(examples, vectors).engine.name == name


def test_without_scikit_learn_words_have_to_do(monkeypatch):
    monkeypatch.setattr(intents, "find_spec", lambda _: None)
    assert recogniser(EXAMPLES, FakeVectors()).engine.name == "tf-idf-nearest"


@pytest.mark.parametrize(("above", "told"), [(0, 0.5), (100, 1.0), (-100, 0.0)])
def test_half_sure_is_the_threshold(above, told):
    assert belief(above) == told
