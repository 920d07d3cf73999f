"""What every summary engine promises to the stage that asks it."""

from __future__ import annotations

import pytest

from chalicelib.adapters.engines.extractive_summary import ExtractiveSummarizer
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.summary import KINDS
from chalicelib.ports.summary import Summarizer
from tests.fakes.language import FakeSummarizer
from tests.unit.conversations import A, C, span

TALK = (
    span(C, 0, 900, " My parcel with the lamp never arrived. "),
    span(A, 1000, 1900, "I've ordered another lamp. You will receive it on Monday."),
)


@pytest.fixture(params=[ExtractiveSummarizer, FakeSummarizer], ids=["extractive", "fake"])
def engine(request: pytest.FixtureRequest) -> Summarizer:
    return request.param()


def test_highlights_quote_trimmed_text_of_the_turns_given_one_of_each_kind(engine):
    made = engine.summarise(TALK, "en-US")
    texts = {turn.id: turn.text for turn in TALK}
    quoted = [texts[h.turn_id][h.begin : h.end] for h in made.highlights]
    kinds = [h.kind for h in made.highlights]
    assert kinds
    assert set(kinds) <= set(KINDS)
    assert len(set(kinds)) == len(kinds)
    assert all(text and text == text.strip() for text in quoted)


def test_sentences_and_phrases_cite_turns_in_order(engine):
    made = engine.summarise(TALK, "en-US")
    order = {turn.id: n for n, turn in enumerate(TALK)}
    assert made.sentences
    cited = [order[turn_id] for s in made.sentences for turn_id in s.turn_ids]
    assert cited == sorted(cited)
    assert all(p.count >= 1 and set(p.turn_ids) <= set(order) for p in made.key_phrases)


def test_no_turns_give_an_empty_summary(engine):
    made = engine.summarise((), "en-US")
    assert (made.highlights, made.sentences, made.key_phrases) == ((), (), ())


def test_says_that_it_cannot_read_a_language_instead_of_inventing_a_summary(engine):
    with pytest.raises(EngineMissing):
        engine.summarise(TALK, "de-DE")


def test_answers_the_same_twice(engine):
    assert engine.summarise(TALK, "en-US") == engine.summarise(TALK, "en-US")


def test_names_itself_with_a_version(engine):
    assert engine.engine.name
    assert engine.engine.version
    assert engine.engine.detail
