"""What a contact says of itself, and what a theme is called."""

from __future__ import annotations

import pytest

from chalicelib.domain import theme_words
from chalicelib.domain.summary import KeyHighlight, Summary
from chalicelib.domain.themes import (
    LETTERS,
    Cluster,
    Excerpt,
    Member,
    Told,
    excerpts,
    meaning,
    themes_of,
)
from chalicelib.domain.transcript import Channel, Engine, Highlight, Redaction, Role
from chalicelib.domain.vectors import Vector
from tests.unit.analyses import contact, conversation
from tests.unit.conversations import A, C, call, chat, span, wrote

ISSUE = KeyHighlight("ISSUE", "CUSTOMER-20", 0, 26)
LATE = wrote(C, 20, "My parcel is three days late. Hm.")


def said(transcript, highlights=()):
    summary = Summary(Engine("test", "1"), tuple(highlights)) if highlights else None
    return [e.text for e in excerpts(contact(conversation(transcript, summary=summary)))]


@pytest.mark.parametrize(
    ("turns", "highlights", "expected"),
    [
        pytest.param(
            (wrote(C, 0, "The lamp flickers badly"), LATE),
            (ISSUE,),
            ["My parcel is three days la"],
            id="the_highlighted_issue_where_there_is_one",
        ),
        pytest.param(
            (wrote(C, 0, "The lamp flickers badly"), LATE),
            (KeyHighlight("OUTCOME", "CUSTOMER-20", 0, 26),),
            ["The lamp flickers badly", "My parcel is three days late. Hm."],
            id="an_outcome_is_no_issue",
        ),
        pytest.param(
            (
                wrote(A, 0, "Welcome to the garden centre"),
                wrote(C, 1, "hello there"),
                wrote(C, 2, "my lawn mower stalls"),
                wrote(C, 3, "yes"),
                wrote(C, 4, "bought it last spring"),
                wrote(C, 5, "green cable, orange body"),
            ),
            (),
            ["my lawn mower stalls", "bought it last spring"],
            id="else_the_customers_first_turns_that_say_something",
        ),
        pytest.param(
            (wrote(C, 0, "hi"), wrote(C, 1, "refund please")),
            (),
            ["refund please"],
            id="a_single_word_is_enough_where_there_is_no_more",
        ),
        pytest.param(
            (wrote(A, 0, "Your mower is repaired"), wrote(C, 1, "ok thanks, bye")),
            (),
            [],
            id="courtesy_says_nothing",
        ),
        pytest.param((wrote(C, 0, "[NAME] [ADDRESS] [ZIP_CODE]"),), (), [], id="masks_say_nothing"),
        pytest.param((), (), [], id="nothing_was_said"),
    ],
)
def test_what_a_contact_says_of_itself(turns, highlights, expected):
    assert said(chat(*turns), highlights) == expected


def test_an_imported_issue_counts_without_a_summary():
    highlight = Highlight("ISSUE", 0, 14, "cracked mirror")
    marked = wrote(C, 9, "cracked mirror, again", highlights=(highlight,))
    assert said(chat(wrote(C, 0, "my order number is here"), marked)) == ["cracked mirror"]


def test_both_conversations_of_a_contact_are_heard_the_call_first():
    spoken = conversation(call(span(C, 0, 900, "the boiler leaks")))
    written = conversation(chat(wrote(C, 0, "photo of the boiler")))
    found = excerpts(contact(spoken, written))
    assert [(e.channel, e.text) for e in found] == [
        (Channel.VOICE, "the boiler leaks"),
        (Channel.CHAT, "photo of the boiler"),
    ]


def test_a_long_turn_is_cut_between_words():
    (text,) = said(chat(wrote(C, 0, "broken radiator " * 60)))
    assert len(text) <= LETTERS
    assert text.removesuffix("…").split()[-1] in ("broken", "radiator")
    assert text.endswith("…")


def test_masks_are_shown_but_not_compared():
    turn = wrote(C, 0, "[NAME] lost a card", redactions=(Redaction(0, 6, "NAME"),))
    (found,) = excerpts(contact(conversation(chat(turn))))
    assert found.text == "[NAME] lost a card"
    assert meaning(found) == "lost a card"


GARDEN = [
    ["my lawn mower stalls"],
    ["the lawn mower will not start"],
    ["a mower blade for the lawn"],
]
KITCHEN = [["the oven door is broken"], ["oven door glass cracked"], ["my oven stays cold"]]


def test_a_theme_is_named_by_what_the_others_do_not_say():
    garden, kitchen = theme_words.labels([GARDEN, KITCHEN])
    assert garden[0] == "lawn mower"
    assert kitchen[0] in ("oven", "oven door")
    assert not set(garden) & set(kitchen)


def test_what_every_theme_says_names_none_of_them_first():
    both = [[[f"{t} delivery"] for (t,) in theme] for theme in (GARDEN, KITCHEN)]
    for label in theme_words.labels(both):
        assert label[0] != "delivery"


def test_a_contact_that_repeats_a_word_counts_once():
    texts = [["parcel parcel parcel parcel"], ["late invoice"], ["late invoice"]]
    (label,) = theme_words.labels([texts])
    assert label[0] == "late invoice"


def test_a_pair_stands_for_its_words_and_not_beside_them():
    (label, _) = theme_words.labels([[["promo code expired"], ["promo code refused"]], KITCHEN])
    assert "promo code" in label
    assert "promo" not in label
    assert "code" not in label


def test_no_themes_have_no_labels():
    assert theme_words.labels([]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("I'm locked out", ("locked",), id="stop_words_and_short_words_go"),
        pytest.param("The CARD'S chip", ("card", "chip"), id="what_hangs_on_an_apostrophe_goes"),
        pytest.param("order 4711", ("order",), id="numbers_go"),
        pytest.param("Mähroboter kaputt", ("mähroboter", "kaputt"), id="letters_of_any_language"),
    ],
)
def test_words_that_carry_meaning(text, expected):
    assert theme_words.content_words(text) == expected


def told(*texts: str) -> list[Told]:
    return [
        Told(
            f"c{n}",
            (Excerpt(Channel.CHAT, "a", text), Excerpt(Channel.CHAT, "b", f"again {text}")),
            (Vector(b"\x01", 1.0), Vector(b"\x01", 1.0)),
        )
        for n, text in enumerate(texts)
    ]


PAIR = Cluster((Member(2, 0.9, 1), Member(0, 0.8, 0)))


def test_a_theme_quotes_of_each_contact_what_lies_closest():
    (theme,) = themes_of(told("lawn mower", "oven", "lawn mower", "other"), [PAIR])
    assert [(c.contact_id, c.quote.turn_id) for c in theme.contacts] == [("c2", "b"), ("c0", "a")]
    assert theme.share == 0.5
    assert theme.label == theme.terms[0] == "lawn mower"


def test_the_same_contacts_have_the_same_id_whatever_their_order():
    four = told("lawn mower", "oven", "lawn mower", "other")
    (one,) = themes_of(four, [PAIR])
    (turned,) = themes_of(four, [Cluster(PAIR.members[::-1])])
    (other,) = themes_of(four, [Cluster((Member(1, 0.9, 0), Member(0, 0.8, 0)))])
    assert one.id == turned.id != other.id


def test_the_agent_is_not_asked():
    transcript = chat(
        wrote(A, 0, "our mower catalogue is new"), wrote(Role.SYSTEM, 1, "garden bot")
    )
    assert said(transcript) == []
