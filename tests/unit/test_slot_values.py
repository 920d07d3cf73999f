"""Answers read as values: nothing is guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bot import Slot, SlotKind
from chalicelib.domain.slot_values import choice, day, number, read, settled, yes_no

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("four", "4"),
        ("a solid 4 out of 5", "4"),
        ("4/5", "4"),
        ("I'd say five", "5"),
        ("order 10 23 45", "102345"),
        ("007", "7"),
        ("three or four", None),
        ("4.5", None),
        ("minus 3", None),
        ("-3", None),
        ("it was fine", None),
        ("", None),
    ],
)
def test_a_number_is_the_one_that_is_said(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("today", "2026-11-25"),
        ("tomorrow morning", "2026-11-26"),
        ("the day after tomorrow", "2026-11-27"),
        ("on Friday", "2026-11-27"),
        ("Wednesday", "2026-12-02"),
        ("in two weeks", "2026-12-09"),
        ("in a week", "2026-12-02"),
        ("next week", "2026-12-02"),
        ("24 May", "2027-05-24"),
        ("the 24th of May", "2027-05-24"),
        ("May 24th, 2027", "2027-05-24"),
        ("24.12.", "2026-12-24"),
        ("12/1", "2026-12-01"),
        ("2026-12-01", "2026-12-01"),
        ("yesterday", None),
        ("2020-01-01", None),
        ("31 February", None),
        ("Monday or Tuesday", None),
        ("may I say no", None),
        ("whenever", None),
    ],
)
def test_a_day_is_told_from_today(text, value):
    found = day(text, TODAY)
    assert (found.isoformat() if found else None) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes please", "yes"),
        ("of course", "yes"),
        ("sure", "yes"),
        ("no thanks", "no"),
        ("I don't think so", "no"),
        ("nope", "no"),
        ("no please don't", "no"),
        ("yes and no", None),
        ("no, yes", None),
        ("not sure", None),
        ("whatever", None),
    ],
)
def test_yes_is_yes_and_no_is_no(text, value):
    assert yes_no(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("the contract", "contract"),
        ("my Subscription!", "contract"),
        ("an order", "order"),
        ("order or contract", None),
        ("reorder", None),
    ],
)
def test_a_choice_is_the_one_that_is_named(text, value):
    assert choice({"order": (), "contract": ("subscription",)}, text) == value


SCORE = Slot("Score", SlotKind.NUMBER, "?", "?", low=1, high=5)
WHEN = Slot("When", SlotKind.DATE, "?", "?")
WHY = Slot("Why", SlotKind.TEXT, "?", "?")


@pytest.mark.parametrize(
    ("slot", "interpreted", "original", "value"),
    [
        pytest.param(SCORE, "4", "four", "4", id="another reader's value"),
        pytest.param(SCORE, None, "four", "4", id="words that another reader did not read"),
        pytest.param(SCORE, "9", "9", None, id="a number out of bounds"),
        pytest.param(SCORE, "²", "²", None, id="a digit that is none"),
        pytest.param(WHEN, "2026-12-01", "", "2026-12-01", id="a day"),
        pytest.param(WHEN, "2026-W49", "next week", "2026-12-02", id="a week, by its words"),
        pytest.param(WHY, "...", "...", None, id="a text without a word"),
    ],
)
def test_what_another_reader_read_is_checked(slot, interpreted, original, value):
    assert settled(slot, interpreted, original, TODAY) == value


@given(st.text(max_size=60), st.sampled_from(SlotKind))
def test_a_slot_holds_what_it_may_hold_or_nothing(text, kind):
    values = {"a": ("b",)} if kind is SlotKind.ENUM else {}
    slot = Slot("S", kind, "?", "?", high=5 if kind is SlotKind.NUMBER else None, values=values)
    value = read(slot, text, TODAY)
    assert value is None or slot.takes(value)
