"""Exact words and phrases: what matches, what does not, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.redaction import PiiSpan, redact
from chalicelib.domain.rules.carry import to_redacted
from chalicelib.domain.rules.rule import CategoryMatch, Ground, PointOfInterest, RuleSet
from chalicelib.domain.rules.words import tokens
from chalicelib.domain.transcript import Channel, Engine, Role, Transcript, Turn, TurnKind, Word
from tests.rules import evaluate, says


def turn(text, role=Role.CUSTOMER, **fields):
    defaults = {"id": "t", "participant_id": role.value, "begin_ms": 1000, "end_ms": 9000}
    return Turn(text=text, role=role, **{**defaults, **fields})


def transcript(*turns, channel=Channel.VOICE):
    return Transcript(channel, "en-US", (), turns, Engine("test", "1"))


def rules(*phrases, **fields):
    return RuleSet("set", (says("r", "Category", 3, phrases, **fields),))


def found(text, *phrases):
    """The pieces of text that are the points of interest."""
    matches = evaluate(rules(*phrases), transcript(turn(text)))
    return [text[p.begin : p.end] for match in matches for p in match.points]


MATCHES = {
    "a_word": ("I want a refund now", "refund", ["refund"]),
    "case_does_not_count": ("I want a REFUND", "Refund", ["REFUND"]),
    "a_phrase": ("please cancel my account", "cancel my account", ["cancel my account"]),
    "every_occurrence": ("no. No! no?", "no", ["no", "No", "no"]),
    "punctuation_between_words": (
        "cancel -- my, account!",
        "cancel my account",
        ["cancel -- my, account"],
    ),
    "punctuation_in_the_phrase": (
        "cancel my account",
        "cancel, my account!",
        ["cancel my account"],
    ),
    "a_hyphen_is_punctuation": ("a follow-up call", "follow up", ["follow-up"]),
    "blanks_and_line_ends": (
        "cancel \n my\taccount",
        "cancel my account",
        ["cancel \n my\taccount"],
    ),
    "a_curly_apostrophe_in_the_text": ("I don’t know", "don't know", ["don’t know"]),
    "a_curly_apostrophe_in_the_phrase": ("I don't know", "don’t know", ["don't know"]),
    "quotes_are_no_apostrophes": ("he said 'refund'", "refund", ["refund"]),
    "part_of_a_word_does_not_count": ("refundable prerefund", "refund", []),
    "a_possessive_is_another_word": ("the manager's desk", "manager", []),
    "words_in_between_break_a_phrase": ("cancel all my account", "cancel my account", []),
    "another_order_does_not_count": ("my account cancel", "cancel my account", []),
    "numbers_are_words": ("press 1 2 now", "press 1", ["press 1"]),
    "an_underscore_is_a_letter": ("re_fund", "fund", []),
    "accents_count": ("résumé resume", "résumé", ["résumé"]),
    "composed_and_decomposed_accents_are_equal": ("cafe\u0301 bill", "café", ["cafe\u0301"]),
    "sharp_s_is_double_s": ("die STRASSE", "Straße", ["STRASSE"]),
    "characters_after_emoji": ("👩‍👩‍👧 refund 👍🏽 refund", "refund", ["refund", "refund"]),
    "chinese_needs_no_blanks": ("我要退款。", "退款", ["退款"]),
    "a_chinese_phrase_beside_latin": ("请refund退款", "refund 退款", ["refund退款"]),
    "hindi_vowel_signs_belong_to_their_word": ("पैसे वापस", "पैसे", ["पैसे"]),
    "arabic": ("أريد استرداد المال", "استرداد", ["استرداد"]),
    "an_empty_text": ("", "refund", []),
    "a_phrase_without_words_never_matches": ("... !", "...", []),
}


@pytest.mark.parametrize(("text", "phrase", "points"), MATCHES.values(), ids=MATCHES)
def test_a_phrase_in_a_turn(text, phrase, points):
    assert found(text, phrase) == points


def test_of_phrases_that_begin_alike_the_longest_is_shown():
    assert found("cancel my account", "cancel", "cancel my account", "my account") == [
        "cancel my account"
    ]


def test_any_phrase_is_enough_and_all_are_shown_in_order():
    assert found("money back or refund", "refund", "money back") == ["money back", "refund"]


def test_a_match_names_its_rule_and_its_turns_time():
    (match,) = evaluate(rules("refund"), transcript(turn("a refund please", id="t7")))
    assert match == CategoryMatch("Category", "r", 3, (PointOfInterest("t7", 2, 8, 1000, 9000),))


def test_times_come_from_the_words_where_they_are_known():
    words = tuple(
        Word(w, i * 100, i * 100 + 90) for i, w in enumerate(("I", "want", "a", "refund."))
    )
    (match,) = evaluate(rules("a refund"), transcript(turn("I want a refund.", words=words)))
    assert (match.points[0].begin_ms, match.points[0].end_ms) == (200, 390)


@pytest.mark.parametrize(
    ("role", "turns"),
    [
        pytest.param(Role.AGENT, ["a"], id="the_agent"),
        pytest.param(Role.CUSTOMER, ["c"], id="the_customer"),
        pytest.param(None, ["c", "a"], id="either_side"),
    ],
)
def test_a_rule_looks_at_its_side_only(role, turns):
    conversation = transcript(turn("refund", id="c"), turn("refund", Role.AGENT, id="a"))
    (match,) = evaluate(rules("refund", role=role), conversation)
    assert [p.turn_id for p in match.points] == turns


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(turn("refund", Role.CUSTOM_BOT), id="a_bot"),
        pytest.param(turn("refund", Role.SYSTEM), id="the_system"),
        pytest.param(turn("refund", kind=TurnKind.EVENT), id="an_event"),
        pytest.param(turn("refund", content_type="application/json"), id="an_interactive_message"),
    ],
)
def test_what_is_not_analysed_does_not_match(other):
    assert evaluate(rules("refund"), transcript(other)) == ()


@pytest.mark.parametrize(
    ("turns", "matched"),
    [
        pytest.param([turn("hello", Role.AGENT)], True, id="the_agent_did_not_say_it"),
        pytest.param([turn("recorded line", Role.AGENT)], False, id="the_agent_said_it"),
        pytest.param(
            [turn("hello", Role.AGENT), turn("recorded line")], True, id="only_the_customer_said_it"
        ),
        pytest.param([turn("hello")], False, id="no_agent_ever_spoke"),
        pytest.param([], False, id="nobody_spoke"),
    ],
)
def test_a_negated_rule(turns, matched):
    matches = evaluate(rules("recorded line", role=Role.AGENT, negate=True), transcript(*turns))
    missed = Ground('not: the agent says "recorded line"', "nothing of it")
    found = CategoryMatch("Category", "r", 3, grounds=(missed,))
    assert matches == ((found,) if matched else ())


@pytest.mark.parametrize(
    ("channel", "matched"), [(None, True), (Channel.CHAT, True), (Channel.VOICE, False)]
)
def test_a_rule_for_one_channel_leaves_the_other_alone(channel, matched):
    chat = transcript(turn("refund"), channel=Channel.CHAT)
    assert bool(evaluate(rules("refund", channel=channel), chat)) == matched


def test_matches_keep_the_order_of_the_rules():
    both = RuleSet("s", (says("b", "B", 1, ("two",)), says("a", "A", 1, ("one",))))
    assert [m.name for m in evaluate(both, transcript(turn("one two")))] == ["B", "A"]


SPAN = PiiSpan("t", 8, 12, "PIN", "test")


@pytest.mark.parametrize(
    ("phrase", "shown"),
    [
        pytest.param("my pin", "my pin", id="before_a_mask"),
        pytest.param("thanks", "thanks", id="behind_a_mask"),
        pytest.param("1234", "[PIN]", id="inside_a_mask"),
        pytest.param("is 1234 thanks", "is [PIN] thanks", id="around_a_mask"),
        pytest.param("pin is 1234", "pin? is [PIN]", id="into_a_mask"),
    ],
)
def test_points_are_moved_to_the_redacted_text(phrase, shown):
    raw = transcript(turn("pin? is 1234 thanks, my pin"))
    redacted = redact(raw, [SPAN])
    (match,) = to_redacted(evaluate(rules(phrase), raw), raw, redacted, [SPAN])
    assert [redacted.turns[0].text[p.begin : p.end] for p in match.points] == [shown]


def test_transcripts_of_different_turns_are_an_error():
    with pytest.raises(ValueError, match="other turns"):
        to_redacted((), transcript(turn("a")), transcript(), ())


WORDS = st.sampled_from(["refund", "Don’t", "I", "straße", "e\u0301t", "退款", "a1", "x_y"])
GAPS = st.sampled_from([" ", ", ", " - ", "... ", "\n", " 👍🏽 "])


@given(st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=12), st.data())
def test_a_point_reads_as_its_phrase(said, data):
    text = "".join(word + gap for word, gap in said)
    first = data.draw(st.integers(0, len(said) - 1))
    phrase = [word for word, _ in said[first : first + data.draw(st.integers(1, 4))]]
    spoken = data.draw(st.sampled_from([str.upper, str.lower, str]))
    points = found(text, spoken(" ".join(phrase)))
    assert points
    expected = [t.word for t in tokens(" ".join(phrase))]
    assert all([t.word for t in tokens(point)] == expected for point in points)


@given(st.text(max_size=60), st.text(max_size=12))
def test_any_text_and_any_phrase(text, phrase):
    expected = [t.word for t in tokens(phrase)]
    for point in found(text, phrase):
        assert [t.word for t in tokens(point)] == expected
