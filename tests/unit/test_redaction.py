"""Masking: what was found is gone from text, words, names and highlights, and every offset fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.redaction import PiiSpan, masks, merge, redact, shown_offsets
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Highlight,
    Participant,
    Redaction,
    Role,
    Transcript,
    Turn,
    Word,
)


def turn(text, **fields):
    defaults = {"participant_id": "c", "role": Role.CUSTOMER, "begin_ms": 0, "end_ms": 9000}
    return Turn(**{"id": "t", "text": text, **defaults, **fields})


def spoken(text):
    """A turn whose words are the text's, half a second each."""
    words = [Word(w, i * 500, i * 500 + 400, 0.9) for i, w in enumerate(text.split())]
    return turn(text, words=tuple(words))


def transcript(*turns, **fields):
    return Transcript(Channel.VOICE, "en-US", (), turns, Engine("test", "1"), **fields)


def span(begin, end, entity="PHONE"):
    return PiiSpan("t", begin, end, entity, "test")


def masked(own, *spans):
    return redact(transcript(own), spans).turns[0]


def find(own, part, entity="PHONE"):
    begin = own.text.index(part)
    return span(begin, begin + len(part), entity)


CASES = {
    "one_finding": ("call 555 now", [(5, 8, "PHONE")], "call [PHONE] now"),
    "at_both_ends": ("1 and 2", [(0, 1, "PIN"), (6, 7, "PHONE")], "[PIN] and [PHONE]"),
    "touching_findings_stay_two": ("1122", [(0, 2, "PIN"), (2, 4, "SSN")], "[PIN][SSN]"),
    "overlapping_findings_become_one_named_for_the_longest": (
        "0123456789",
        [(0, 4, "PIN"), (3, 9, "SSN")],
        "[SSN]9",
    ),
    "of_equals_the_first_names_it": ("0123456", [(0, 4, "SSN"), (2, 6, "PIN")], "[SSN]6"),
    "of_twins_the_name_decides": ("0123", [(0, 4, "SSN"), (0, 4, "PIN")], "[PIN]"),
    "a_chain_of_overlaps_is_one": (
        "0123456789",
        [(0, 3, "PIN"), (2, 6, "SSN"), (5, 8, "PIN")],
        "[SSN]89",
    ),
    "order_of_findings_does_not_count": (
        "1 and 2",
        [(6, 7, "PHONE"), (0, 1, "PIN")],
        "[PIN] and [PHONE]",
    ),
    "emoji_count_as_their_code_points": ("👩‍👩‍👧 555", [(6, 9, "PHONE")], "👩‍👩‍👧 [PHONE]"),
    "nothing_found": ("hello", [], "hello"),
}


@pytest.mark.parametrize(("text", "found", "shown"), CASES.values(), ids=CASES)
def test_text_is_masked(text, found, shown):
    result = masked(turn(text), *(span(*f) for f in found))
    assert result.text == shown
    for redaction in result.redactions:
        assert result.text[redaction.begin : redaction.end] == f"[{redaction.entity}]"


def test_words_under_a_mask_become_one_with_the_times_of_all():
    own = spoken("my number is 4111 1111, thanks")
    result = masked(own, find(own, "4111 1111"))
    assert [(w.text, w.begin_ms, w.end_ms, w.confidence) for w in result.words] == [
        ("my", 0, 400, 0.9),
        ("number", 500, 900, 0.9),
        ("is", 1000, 1400, 0.9),
        ("[PHONE],", 1500, 2400, None),
        ("thanks", 2500, 2900, 0.9),
    ]
    assert result.redactions == (Redaction(13, 20, "PHONE", 1500, 2400),)


def test_a_word_that_is_only_touched_is_shown_masked_too():
    own = spoken("pre4111post next")
    assert [w.text for w in masked(own, find(own, "4111")).words] == ["pre[PHONE]post", "next"]


def test_two_masks_in_one_word():
    own = spoken("1111/2222 next")
    result = masked(own, find(own, "1111"), find(own, "2222", "PIN"))
    assert [w.text for w in result.words] == ["[PHONE]/[PIN]", "next"]


def test_a_mask_that_reaches_into_words_on_both_sides():
    own = spoken("a12 34b c")
    assert [w.text for w in masked(own, find(own, "12 34")).words] == ["a[PHONE]b", "c"]


def test_words_that_cannot_be_placed_are_left_out_and_the_whole_turn_is_silenced():
    own = turn("call 555 now", words=(Word("call", 0, 100), Word("five-five-five", 100, 300)))
    result = masked(own, find(own, "555"))
    assert result.words == ()
    assert result.redactions == (Redaction(5, 12, "PHONE", 0, 9000),)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("555", "now"), id="a_word_of_the_text_is_missing_before"),
        pytest.param(("call", "now"), id="a_word_of_the_text_is_missing_between"),
        pytest.param(("call", " ", "555"), id="a_blank_word"),
    ],
)
def test_a_guess_about_the_place_of_words_is_not_made(words):
    own = turn("call 555 now", words=tuple(Word(w, 0, 1) for w in words))
    assert masked(own, find(own, "555")).words == ()
    assert masked(own).words == own.words


def test_a_written_message_has_no_times():
    own = turn("call 555 now")
    assert masked(own, find(own, "555")).redactions == (Redaction(5, 12, "PHONE"),)


def test_published_masks_stay_and_move():
    own = turn("555 is [PII] now", redactions=(Redaction(7, 12, "PII", 10, 20),))
    result = masked(own, find(own, "555"))
    assert result.text == "[PHONE] is [PII] now"
    assert result.redactions == (Redaction(0, 7, "PHONE"), Redaction(11, 16, "PII", 10, 20))


def test_a_finding_over_a_published_mask_covers_it():
    own = turn("4111 [PII] 1111", redactions=(Redaction(5, 10, "PII"),))
    result = masked(own, span(0, 15, "SSN"))
    assert (result.text, result.redactions) == ("[SSN]", (Redaction(0, 5, "SSN"),))


def test_a_published_mask_whose_offsets_do_not_fit_is_dropped():
    own = turn("my name is [PII]", redactions=(Redaction(3, 8, "PII"),))
    assert masked(own).redactions == ()


@pytest.mark.parametrize(
    ("highlight", "left"),
    [
        pytest.param((0, 8), [("call [PHONE]", 0)], id="over_a_mask"),
        pytest.param((9, 12), [("now", 13)], id="behind_a_mask"),
        pytest.param((0, 4), [("call", 0)], id="before_a_mask"),
        pytest.param((6, 7), [], id="inside_a_mask"),
        pytest.param((4, 9), [], id="nothing_but_a_mask"),
        pytest.param((7, 12), [("[PHONE] now", 5)], id="beginning_in_a_mask"),
    ],
)
def test_highlights_are_cut_anew(highlight, left):
    own = turn("call 555 now", highlights=(Highlight("ISSUE", *highlight, text="whatever"),))
    result = masked(own, find(own, "555"))
    assert [(h.text, h.begin) for h in result.highlights] == left
    assert all(result.text[h.begin : h.end] == h.text for h in result.highlights)


def test_names_that_may_be_the_customers_are_masked():
    people = (
        Participant("c", Role.CUSTOMER, "Alex Doe"),
        Participant("u", Role.UNKNOWN, "Sam"),
        Participant("a", Role.AGENT, "Robin"),
        Participant("n", Role.CUSTOMER),
    )
    own = transcript(turn("hi", display_name="Alex Doe"))
    result = redact(Transcript(Channel.CHAT, "en-US", people, own.turns, own.engine), ())
    assert [p.display_name for p in result.participants] == ["[NAME]", "[NAME]", "Robin", None]
    assert result.turns[0].display_name == "[NAME]"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(span(3, 9), id="behind_the_text"),
        pytest.param(span(2, 2), id="empty"),
        pytest.param(span(-1, 2), id="before_the_text"),
        pytest.param(PiiSpan("other", 0, 1, "PIN", "test"), id="of_another_turn"),
    ],
)
def test_a_span_of_another_transcript_is_an_error(wrong):
    with pytest.raises(ValueError, match="lies in no turn"):
        redact(transcript(turn("hello")), [wrong])


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        pytest.param("1 1", [(1, 2)], ["1", "1"], id="a_mask_between_words"),
        pytest.param("a IN b", [(1, 2)], ["a", "IN", "b"], id="a_word_that_stands_in_the_mask_too"),
        pytest.param("call 555 now", [(5, 8)], ["call", "[PIN]", "now"], id="a_mask_over_a_word"),
    ],
)
def test_words_beside_a_mask_stay_however_often_it_is_redacted(text, found, left):
    once = redact(transcript(spoken(text)), [span(*place, "PIN") for place in found])
    assert [word.text for word in once.turns[0].words] == left
    assert redact(once, ()) == once


ENTITIES = st.sampled_from(["PIN", "PHONE", "CREDIT_DEBIT_NUMBER"])
TEXTS = st.text(alphabet="ab1 .é👩[]", min_size=1, max_size=40)


@st.composite
def findings(draw):
    text = draw(TEXTS)
    places = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 12), ENTITIES)
    found = [(b, min(b + n, len(text)), e) for b, n, e in draw(st.lists(places, max_size=5))]
    return spoken(text), [span(*f) for f in found]


@given(findings())
def test_every_redaction_cuts_its_mask_and_redacting_again_changes_nothing(case):
    own, spans = case
    result = redact(transcript(own), spans)
    shown = result.turns[0]
    for redaction in shown.redactions:
        assert shown.text[redaction.begin : redaction.end] == f"[{redaction.entity}]"
        assert redaction.begin_ms is None or redaction.begin_ms <= redaction.end_ms
    assert redact(result, ()) == result


@given(findings())
def test_nothing_that_was_found_is_left_in_text_or_words(case):
    own, spans = case
    covered = {i for s in spans for i in range(s.begin, s.end)}
    kept = [c for i, c in enumerate(own.text) if i not in covered]
    shown = masked(own, *spans)
    rest, cut = list(shown.text), 0
    for redaction in shown.redactions:
        del rest[redaction.begin - cut : redaction.end - cut]
        cut += redaction.end - redaction.begin
    assert rest == kept
    at = 0
    for word in shown.words:
        at = shown.text.index(word.text, at) + len(word.text)


@given(findings(), st.integers(0, 40), st.integers(0, 40))
def test_offsets_outside_masks_point_at_the_same_characters(case, one, other):
    own, spans = case
    begin, end = sorted((min(one, len(own.text)), min(other, len(own.text))))
    shown = masked(own, *spans)
    first, last = shown_offsets(masks(own, spans), begin, end)
    assert 0 <= first <= last <= len(shown.text) or begin == end
    if not any(s.begin < end and begin < s.end for s in spans) and begin < end:
        assert shown.text[first:last] == own.text[begin:end]


def test_merging_keeps_apart_what_does_not_overlap():
    assert merge([span(4, 6), span(0, 2)]) == (span(0, 2), span(4, 6))
