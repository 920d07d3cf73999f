"""The extractive engine: what it marks, what it passes over, and that every span is a quotation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.engines.extractive_summary import ExtractiveSummarizer
from chalicelib.adapters.engines.summary_sentences import pieces
from chalicelib.domain.redaction import PiiSpan, redact
from chalicelib.domain.transcript import Turn
from tests.unit.conversations import A, C, call, span

GREETING = (A, "Thank you for calling Acme, this call may be recorded. How can I help you?")
BYE = (A, "Is there anything else I can do for you today? Have a great day.")


def turns(*lines) -> tuple[Turn, ...]:
    return tuple(span(role, n * 1000, n * 1000 + 900, text) for n, (role, text) in enumerate(lines))


def marked(*lines) -> dict[str, str]:
    said = turns(*lines)
    texts = {turn.id: turn.text for turn in said}
    found = ExtractiveSummarizer().summarise(said, "en-US").highlights
    return {h.kind: texts[h.turn_id][h.begin : h.end] for h in found}


@pytest.mark.parametrize(
    "text",
    [
        "I'm calling about a parcel with my new lamp.",
        "I was charged twice for the same magazine.",
        "My washing machine stopped working this morning.",
        "I can’t log into my savings account any more.",
        "Why was I charged a fee for the transfer?",
        "I want to cancel my gym membership.",
        "Please change my delivery day.",
        "Could you help me find a plumber?",
        "Just wanted to ask about the opening hours.",
    ],
)
def test_the_customers_problem_is_the_issue(text):
    assert marked(GREETING, (C, f"Hello. {text}"), (A, "Let me check."), BYE)["ISSUE"] == text


@pytest.mark.parametrize(
    "text",
    [
        "I've refunded the second charge.",
        "Your subscription has been cancelled as of today.",
        "You're all set with the new tariff.",
        "Unfortunately, we cannot replace the broken lamp.",
        "There is no order under that name.",
        "Your parcel is still on its way to the depot.",
        "The fee is ten dollars for each transfer.",
        "I've asked the warehouse about the lamp.",
    ],
)
def test_what_the_agent_did_is_the_outcome(text):
    assert marked(GREETING, (C, "My lamp is broken."), (A, f"Okay. {text}"), BYE)["OUTCOME"] == text


@pytest.mark.parametrize(
    "text",
    [
        "I'll send a new lamp to your office.",
        "Our technical team will call you back within two days.",
        "You will receive a letter with the details.",
        "They will ring the neighbours tomorrow.",
        "The new lamp will be delivered on Friday.",
        "You only have to sign the form.",
    ],
)
def test_what_will_be_done_is_the_action_item(text):
    found = marked(GREETING, (C, "My lamp is broken."), (A, f"Sure. {text}"), BYE)
    assert found["ACTION_ITEM"] == text


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([GREETING, (C, "Thank you, you too."), BYE], id="only_manners"),
        pytest.param([(C, "The sky over the harbour was grey."), BYE], id="only_small_talk"),
        pytest.param(
            [(A, "My lamp is broken."), (C, "I've refunded the second charge.")],
            id="said_by_the_wrong_side",
        ),
        pytest.param(
            [(A, "Hello."), (C, "Good day."), (A, "Just a moment, I'll look at the record."), BYE],
            id="a_promise_of_this_very_moment",
        ),
    ],
)
def test_nothing_is_marked_where_nothing_was_said(lines):
    assert marked(*lines) == {}


def test_a_sentence_that_tells_both_leaves_the_outcome_to_another_one_that_tells_it():
    both = "I have asked my manager and she knows, they will call you tomorrow."
    other = "Unfortunately, we cannot take the lamp back."
    asked = [
        (C, "I want to return a lamp."),
        (A, "When did it come?"),
        (C, "Last winter, in snow."),
    ]
    found = marked(*asked, (A, other), (C, "Really?"), (A, both))
    assert (found["OUTCOME"], found["ACTION_ITEM"]) == (other, both)
    alone = marked(*asked, (C, "Really?"), (A, both))
    assert [kind for kind, text in alone.items() if text == both] == ["ACTION_ITEM"]


def test_a_question_about_a_promise_is_weaker_than_the_promise():
    asked, promised = "Shall I say we will send an invoice?", "We will send the invoice by post."
    found = marked((C, "I need an invoice for the lamp."), (A, f"{promised} {asked}"))
    assert found["ACTION_ITEM"] == promised


def test_the_summary_is_in_time_order_quotes_and_leaves_manners_out():
    said = turns(
        GREETING,
        (C, "Hi there. My internet connection is down every evening around eight."),
        (A, "I am sorry to hear that. I've moved your router to another channel."),
        (C, "My internet connection is down every evening around eight, as I said."),
        (A, "A technician will visit your house on Tuesday."),
        BYE,
    )
    made = ExtractiveSummarizer(3).summarise(said, "en")
    order = [turn.id for turn in said]
    cited = [order.index(s.turn_ids[0]) for s in made.sentences]
    assert cited == sorted(cited) == [1, 2, 4]
    assert all(s.text in said[at].text for s, at in zip(made.sentences, cited, strict=True))


def test_key_phrases_are_counted_with_their_turns():
    said = turns(
        (C, "My internet connection is slow."),
        (A, "Is the internet connection slow on the laptop?"),
        (C, "The internet connections fail on the phone."),
    )
    first = ExtractiveSummarizer().summarise(said, "en").key_phrases[0]
    assert (first.text, first.count) == ("internet connection", 3)
    assert first.turn_ids == tuple(turn.id for turn in said)


def test_masks_are_whole_or_absent_and_no_words():
    raw = call(span(C, 0, 900, "My card 4111. 2222 was charged twice and 4111. 2222 is blocked."))
    shown = redact(raw, [PiiSpan("CUSTOMER-0", 8, 18, "CREDIT_DEBIT_NUMBER", "test")])
    made = ExtractiveSummarizer().summarise(shown.turns, "en")
    (issue,) = made.highlights
    text = shown.turns[0].text[issue.begin : issue.end]
    assert text.startswith("My card [CREDIT_DEBIT_NUMBER] was charged twice")
    assert not any("credit_debit" in phrase.text for phrase in made.key_phrases)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Jones paid $3.50 today. Fine.", ["Dr. Jones paid $3.50 today.", "Fine."]),
        ("  first line\nsecond line  ", ["first line", "second line"]),
        ("... ?! \n", []),
        ("Wait... what is it?", ["Wait...", "what is it?"]),
    ],
)
def test_sentences(text, found):
    turn = span(C, 0, 1, text)
    assert [turn.text[begin:end] for begin, end in pieces(turn)] == found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([A, C]), st.text(max_size=80)), max_size=8))
def test_any_text_is_quoted_exactly(lines):
    said = turns(*lines)
    made = ExtractiveSummarizer().summarise(said, "en")
    texts = {turn.id: turn.text for turn in said}
    for h in made.highlights:
        quoted = texts[h.turn_id][h.begin : h.end]
        assert quoted
        assert quoted == quoted.strip()
    assert all(s.text in texts[s.turn_ids[0]] for s in made.sentences)
    assert made == ExtractiveSummarizer().summarise(said, "en")
