"""The machine behind a dialogue: whatever is said, a state that Lex V2 knows, and an end."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import dialogue as machine
from chalicelib.domain.bot import Condition, Intent, Slot, SlotKind
from chalicelib.domain.dialogue import Guess, Next, Session, Word
from chalicelib.formats.bot_file import shipped

TODAY = date(2026, 11, 25)
STATES = {"InProgress", "ReadyForFulfillment", "Fulfilled", "Failed"}
ACTIONS = {"ElicitIntent", "ElicitSlot", "ConfirmIntent", "Close"}
BOTS = st.sampled_from(list(shipped().values()))
SAID = st.sampled_from(
    ["four", "9", "yes", "no", "tomorrow", "delivery", "contract", "", "hm", "😀"]
)


def guesses(bot):
    names = [None, "NoSuchIntent", *(intent.name for intent in bot.intents)]
    return st.sampled_from(names).map(lambda name: Guess(name, 0.7))


@given(BOTS, st.data())
def test_whatever_is_said_the_dialogue_is_in_a_state_that_lex_knows(bot, data):
    session = machine.opened(bot, "s-1", {"a": "b"})
    for text in data.draw(st.lists(SAID, max_size=12)):
        guess = data.draw(guesses(bot)) if machine.listens(session) else None
        again = machine.heard(bot, session, text, guess, TODAY)
        session = machine.heard(bot, session, text, guess, TODAY)
        assert session == again
        assert session.state in STATES
        assert session.action in ACTIONS
        assert session.attributes == {"a": "b"}
        intent = bot.intent(session.intent)
        if session.action == "ElicitSlot":
            assert session.slots[intent.slot(session.to_elicit).name] is None
        for name, filled in session.slots.items():
            assert filled is None or intent.slot(name).takes(filled.value)
        if session.state == "ReadyForFulfillment":
            values = machine.values_of(session.slots)
            assert machine.next_of(intent, values, session.confirmation).ready


@given(BOTS)
def test_who_is_never_understood_is_let_go(bot):
    session = machine.opened(bot, "s-1", {})
    for _ in range(bot.retries + 1):
        assert not session.closed
        session = machine.heard(bot, session, "", Guess(None, 0.1), TODAY)
    assert (session.state, session.action) == ("Failed", "Close")
    assert session.messages == (bot.gave_up,)


def test_a_closed_session_listens_anew():
    bot = shipped()["self-service"]
    closed = Session(bot.id, "s-1", {"a": "b"}, intent="Cancel", state="Fulfilled", action="Close")
    again = machine.heard(bot, closed, "when are you open", Guess("OpeningHours", 0.9), TODAY)
    assert (again.intent, again.state) == ("OpeningHours", "ReadyForFulfillment")
    assert again.attributes == {"a": "b"}


def test_tries_are_counted_in_a_row():
    bot, session = shipped()["survey"], machine.opened(shipped()["survey"], "s-1", {})
    for text in ("hm", "hm", "four", "", "", "it was quick", "hm", "hm", "no"):
        session = machine.heard(bot, session, text, None, TODAY)
        assert session.state != "Failed"
    assert session.state == "ReadyForFulfillment"


FIRST = Slot("First", SlotKind.YES_NO, "?", "?")
SECOND = Slot("Second", SlotKind.TEXT, "?", "?", only_if=Condition("First", "yes"))
ASKING = Intent("I", ("x",), "c", "f", slots=(FIRST, SECOND), confirm="Sure?", declined="Fine.")


@pytest.mark.parametrize(
    ("values", "confirmation", "step"),
    [
        pytest.param({}, "None", Next("ElicitSlot", FIRST), id="nothing is known"),
        pytest.param({"First": "yes"}, "None", Next("ElicitSlot", SECOND), id="more is wanted"),
        pytest.param({"First": "no"}, "None", Next("ConfirmIntent"), id="no more is wanted"),
        pytest.param({"First": "no"}, "Denied", Next("ConfirmIntent"), id="it was denied"),
        pytest.param({"First": "no"}, "Confirmed", Next("Close"), id="all is known"),
    ],
)
def test_the_next_step_follows_from_what_is_known(values, confirmation, step):
    assert machine.next_of(ASKING, values, confirmation) == step


ASKED = Session("b", "s-1", {"a": "b"}, intent="I", action="ElicitSlot", to_elicit="First")


@pytest.mark.parametrize(
    ("word", "state", "action", "slot"),
    [
        pytest.param(Word("Delegate"), "InProgress", "ElicitSlot", "First", id="go on"),
        pytest.param(
            Word("Delegate", "ReadyForFulfillment"),
            "ReadyForFulfillment",
            "Close",
            None,
            id="ready",
        ),
        pytest.param(
            Word("ElicitSlot", "InProgress", "Second"),
            "InProgress",
            "ElicitSlot",
            "Second",
            id="ask",
        ),
        pytest.param(Word("Close", "Fulfilled"), "Fulfilled", "Close", None, id="done"),
        pytest.param(Word("Close", "Failed"), "Failed", "Close", None, id="failed"),
        pytest.param(Word("ElicitIntent"), "InProgress", "ElicitIntent", None, id="something else"),
    ],
)
def test_the_handlers_word_counts(word, state, action, slot):
    after = machine.applied(ASKED, word)
    assert (after.state, after.action, after.to_elicit) == (state, action, slot)
    assert after.attributes == {"a": "b"}


def test_the_handler_may_change_attributes():
    assert machine.applied(ASKED, Word("Delegate", attributes={"c": "d"})).attributes == {"c": "d"}
