"""What of an analysed contact people are asked about: doubt, contradiction and chance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.follow_up import Kind as FollowUpKind
from chalicelib.domain.follow_up import Order
from chalicelib.domain.review import Kind, Place, Source
from chalicelib.domain.review_picks import MOST, Pick, limited, opposite, sampled
from chalicelib.domain.sentiment import TurnSentiment
from chalicelib.domain.transcript import Engine, Role, SentimentLabel, Word
from chalicelib.flow import reviews
from chalicelib.flow.follow_ups import review
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.ports.language import Mood
from tests.fakes.human_loops import FakeLoops
from tests.unit import api_world as w
from tests.unit.api_world import CALL

POSITIVE, NEGATIVE, NEUTRAL = (
    SentimentLabel.POSITIVE,
    SentimentLabel.NEGATIVE,
    SentimentLabel.NEUTRAL,
)


class Second:
    """Another engine with one opinion on everything."""

    engine = Engine("lexicon", "1")

    def __init__(self, label=POSITIVE, score=0.9, reads=True):
        self.mood, self.reads, self.texts = Mood(label, score), reads, []

    def score(self, texts, language):
        if not self.reads:
            raise EngineMissing("sentiment", f"does not read {language}")
        self.texts += texts
        return [self.mood for _ in texts]


def words(text, confidence):
    return tuple(Word(one, 0, 10, confidence) for one in text.split())


def conversation(*moods, sure=0.9, **known):
    """A call in which the customer says as many things as there are labels, with this confidence."""
    text = "I have waited for a week"
    turns = tuple(
        w.turn(n, Role.CUSTOMER, f"{text} {n}", words=words(text, sure))
        for n, _ in enumerate(moods, 1)
    )
    told = tuple(
        TurnSentiment(turn.id, label, confidence=confidence)
        for turn, (label, confidence) in zip(turns, moods, strict=True)
    )
    bare = w.voice("call.wav", None)
    return replace(
        bare,
        transcript=replace(bare.transcript, turns=turns),
        sentiment=replace(bare.sentiment, turns=told),
        categories=known.pop("categories", ()),
        **known,
    )


@pytest.fixture
def world(tmp_path):
    return w.populated(tmp_path)


def desk(world, *conversations, sample=0.0, contact_id=CALL):
    services = replace(world.services, settings=Settings(review_sample=sample))
    row = services.contacts.get(contact_id)
    order = Order("a" * 40, FollowUpKind.REVIEW, contact_id, "key", w.NOW_MS)
    return Desk(services, order, row, row.publication, ContactAnalysis(contact_id, conversations))


def picked(world, result):
    found = [reviews.get(world.services, item_id) for item_id in result.refs.values()]
    return [(one.kind, one.source, one.place.turn_id) for one in found]


SURE, UNSURE = (NEGATIVE, 0.9), (NEGATIVE, 0.37)
CASES = {
    "nothing_where_all_are_sure": (conversation(SURE, SURE), None, []),
    "a_label_that_the_engine_is_not_sure_of": (
        conversation(SURE, UNSURE),
        None,
        [(Kind.SENTIMENT, Source.LOW_CONFIDENCE, "t-0002")],
    ),
    "words_that_were_hardly_heard": (
        conversation(SURE, sure=0.3),
        None,
        [(Kind.TRANSCRIPT, Source.LOW_CONFIDENCE, "t-0001")],
    ),
    "two_engines_that_contradict_each_other": (
        conversation(SURE),
        Second(),
        [(Kind.SENTIMENT, Source.DISAGREEMENT, "t-0001")],
    ),
    "a_contradiction_comes_before_doubt_and_asks_once": (
        conversation(UNSURE),
        Second(),
        [(Kind.SENTIMENT, Source.DISAGREEMENT, "t-0001")],
    ),
    "no_contradiction_in_a_whisper": (conversation(SURE), Second(score=0.2), []),
    "none_of_a_neutral_turn": (conversation((NEUTRAL, 0.9)), Second(), []),
    "none_where_both_agree": (conversation(SURE), Second(NEGATIVE, -0.9), []),
    "nothing_that_a_reviewer_may_not_read": (
        conversation(UNSURE, skipped=(SkippedAnalysis("pii", "ENGINE_MISSING", ""),)),
        None,
        [],
    ),
}


@pytest.mark.parametrize(("call", "second", "found"), CASES.values(), ids=CASES)
def test_people_are_asked_about(world, call, second, found):
    result = review.run(desk(world, call), second)
    assert picked(world, result) == found
    assert result.outcome == ("opened" if found else "nothing")


def test_a_contact_has_few_items_and_the_most_doubtful_first(world):
    moods = [(NEGATIVE, share / 100) for share in (39, 36, 37, 34, 35)]
    result = review.run(desk(world, conversation(*moods)))
    assert [turn for _, _, turn in picked(world, result)] == ["t-0004", "t-0005", "t-0002"]
    assert len(result.refs) == MOST


def test_carried_out_again_it_opens_nothing_more(world):
    first, again = (review.run(desk(world, conversation(UNSURE))) for _ in range(2))
    assert first == again
    assert len(reviews.newest(world.services)) == 1


def test_what_is_told_of_it_does_not_tell_what_the_machine_says(world):
    told = repr(review.run(desk(world, conversation(UNSURE)), Second()))
    assert "NEGATIVE" not in told
    assert "week" not in told


def test_the_item_knows_what_the_machine_says(world):
    result = review.run(desk(world, conversation(UNSURE)))
    (item_id,) = result.refs.values()
    found = reviews.get(world.services, item_id)
    assert (found.machine.value, found.machine.confidence) == ("NEGATIVE", 0.37)


def test_a_second_engine_that_cannot_read_it_is_named_and_stops_nothing(world):
    result = review.run(desk(world, conversation(UNSURE)), Second(reads=False))
    assert result.inputs == {
        "LOW_CONFIDENCE": "1",
        "second opinion": "sentiment: does not read en-US",
    }


def test_the_same_engine_is_no_second_opinion(world):
    second = Second()
    second.engine = w.ENGINE
    assert review.run(desk(world, conversation(SURE)), second).outcome == "nothing"
    assert not second.texts


def test_everything_is_looked_at_where_the_sample_is_whole(world):
    result = review.run(desk(world, conversation(SURE), sample=100))
    ((_, source, _),) = picked(world, result)
    assert source is Source.RANDOM


def test_the_sample_is_not_crowded_out_by_doubt(world):
    moods = [(NEGATIVE, 0.3)] * 5
    found = picked(world, review.run(desk(world, conversation(*moods), sample=100)))
    assert [source for _, source, _ in found] == [Source.RANDOM] + [Source.LOW_CONFIDENCE] * 2


@pytest.mark.parametrize("percent", [0, 1, 30, 100])
def test_chance_takes_the_share_it_is_told_to(percent):
    ids = [f"0a1b2c3d-0000-4000-8000-{n:012d}" for n in range(20_000)]
    share = 100 * sum(sampled(one, percent) for one in ids) / len(ids)
    assert share == pytest.approx(percent, abs=1)
    assert [sampled(one, percent) for one in ids[:50]] == [
        sampled(one, percent) for one in ids[:50]
    ]


def test_who_is_in_a_small_sample_is_in_a_larger_one():
    ids = [str(n) for n in range(2000)]
    assert all(sampled(one, 20) for one in ids if sampled(one, 5))


def test_no_place_is_asked_about_twice():
    place = Place("VOICE", "t-1")
    twice = [
        Pick(Kind.SENTIMENT, source, place) for source in (Source.LOW_CONFIDENCE, Source.RANDOM)
    ]
    assert limited(twice[1], twice) == [twice[1]]


def test_opposite_are_the_two_poles_alone():
    assert opposite(NEGATIVE, POSITIVE, 0.5)
    assert not opposite(NEGATIVE, SentimentLabel.MIXED, 0.5)


def test_people_outside_are_asked_as_well_and_shown_the_redacted_text_alone(world):
    loops = FakeLoops()
    for _ in range(2):
        review.run(desk(world, conversation(UNSURE)), None, loops)
    ((_, content),) = loops.asked.items()
    assert content == {
        "question": "Which sentiment has this turn?",
        "about": "",
        "options": ["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"],
        "text": "I have waited for a week 1",
    }
