"""Personal data by patterns: what is found, what means something else, and what is left alone."""

import json
import time

import pytest

from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.domain.redaction import redact
from chalicelib.domain.transcript import Role, TurnKind
from chalicelib.formats import connect_chat
from tests.chat_files import body, talk
from tests.shared_data import shared

A, C = "AGENT", "CUSTOMER"
CARD, CVV, EXPIRY = "CREDIT_DEBIT_NUMBER", "CREDIT_DEBIT_CVV", "CREDIT_DEBIT_EXPIRY"
ACCOUNT, ROUTING = "BANK_ACCOUNT_NUMBER", "BANK_ROUTING"


def read(*lines):
    return connect_chat.read(body(talk(*lines)))


def found(*lines, language="en-US"):
    """(entity, text) of every finding in a conversation of (role, text) lines."""
    turns = read(*lines).turns
    texts = {turn.id: turn.text for turn in turns}
    spans = PatternPii().spans(turns, language)
    return [(s.entity, texts[s.turn_id][s.begin : s.end]) for s in spans]


FORMS = {
    "a_card_in_groups": ("it is 4111 1111 1111 1111 ok", CARD, "4111 1111 1111 1111"),
    "a_card_with_dashes": ("4111-1111-1111-1111", CARD, "4111-1111-1111-1111"),
    "a_card_in_one_word": ("use 4111111111111111.", CARD, "4111111111111111"),
    "a_card_as_recognition_writes_it": ("4111-1111 1111.1111", CARD, "4111-1111 1111.1111"),
    "an_amex_card": ("378282246310005", CARD, "378282246310005"),
    "a_card_with_a_wrong_check_digit": ("take 4111 1111 1111 1112", CARD, "4111 1111 1111 1112"),
    "a_card_by_the_word_before_it": ("my card 5038 0205 3770", CARD, "5038 0205 3770"),
    "an_ssn": ("it's 460-89-9847", "SSN", "460-89-9847"),
    "nine_digits_and_nothing_else": ("460899847", "SSN", "460899847"),
    "a_phone_with_brackets": ("(977) 625-2661 is mine", "PHONE", "(977) 625-2661"),
    "a_phone_in_an_area_never_assigned": ("222-333-4576", "PHONE", "222-333-4576"),
    "an_international_phone": ("ring +44 20 7946 0958 please", "PHONE", "+44 20 7946 0958"),
    "a_phone_in_one_word": ("reena 8945612307", "PHONE", "8945612307"),
    "a_phone_after_call_me_on": ("call me on 9472 7916", "PHONE", "9472 7916"),
    "an_email": ("mail jo.smith+x@example.co.uk, ok", "EMAIL", "jo.smith+x@example.co.uk"),
    "an_email_with_blanks": ("jo.smith @ example . com", "EMAIL", "jo.smith @ example . com"),
    "an_email_said_aloud": (
        "it's john dot smith at example dot com",
        "EMAIL",
        "john dot smith at example dot com",
    ),
    "a_spelled_email": ("j s 4 5 at gmail dot com.", "EMAIL", "j s 4 5 at gmail dot com"),
    "an_email_at_a_written_domain": (
        "email is jsmith at example.com",
        "EMAIL",
        "jsmith at example.com",
    ),
    "an_email_without_at": ("my id is jsmith 45 gmail com", "EMAIL", "jsmith 45 gmail com"),
    "an_iban": (
        "from GB82 WEST 1234 5698 7654 32 to",
        "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
        "GB82 WEST 1234 5698 7654 32",
    ),
    "an_ip_address": ("address 41.173.96.26 blocked", "IP_ADDRESS", "41.173.96.26"),
    "an_ipv6_address": ("at 2001:db8::1 now", "IP_ADDRESS", "2001:db8::1"),
    "ten_digits_said_aloud": (
        "call five five five one two three four five six seven",
        "PHONE",
        "five five five one two three four five six seven",
    ),
    "a_card_said_aloud_with_doubles": (
        "four one one one, double one double one double one double one one one one one",
        CARD,
        "four one one one, double one double one double one double one one one one one",
    ),
}


@pytest.mark.parametrize(("text", "entity", "value"), FORMS.values(), ids=FORMS)
def test_found_without_a_question(text, entity, value):
    assert (entity, value) in found((C, text))


DISGUISED = {
    "zero_width_spaces_in_a_card": ("no 4111\u200b1111\u200b1111\u200b1111 ok", CARD, 3, 22),
    "full_width_digits": ("\uff14111 1111 1111 111\uff11", CARD, 0, 19),
    "arabic_digits": ("".join(chr(0x660 + int(d)) for d in "4111111111111111"), CARD, 0, 16),
    "mathematical_digits": ("".join(chr(0x1D7CE + int(d)) for d in "460899847"), "SSN", 0, 9),
    "keycap_digits": ("".join(f"{d}\ufe0f\u20e3" for d in "4111111111111111"), CARD, 0, 48),
    "a_word_joiner_at_the_front_of_a_card": ("x\u20604111111111111111", CARD, 2, 18),
    "soft_hyphens_in_an_email": ("joe\u00ad@ex\u200dample.com!", "EMAIL", 0, 17),
    "a_full_width_at": ("joe\uff20example.com", "EMAIL", 0, 15),
    "no_break_spaces": ("my number: 206\u00a0555\u00a00100", "PHONE", 11, 23),
    "typographic_hyphens": ("206\u2011555\u20110100", "PHONE", 0, 12),
    "an_at_in_brackets": ("mail joe [at] ex.com", "EMAIL", 5, 20),
    "an_at_in_round_brackets": ("joe(AT)ex(dot)com ok", "EMAIL", 0, 17),
    "a_dot_in_brackets": ("joe[dot]doe@ex[.]com", "EMAIL", 0, 20),
    "an_accent_after_its_letter": ("cafe\u0301@example.com", "EMAIL", 0, 17),
}


@pytest.mark.parametrize(("text", "entity", "begin", "end"), DISGUISED.values(), ids=DISGUISED)
def test_found_as_a_reader_sees_it(text, entity, begin, end):
    spans = PatternPii().spans(read((C, text)).turns, "en-US")
    assert [(s.entity, s.begin, s.end) for s in spans] == [(entity, begin, end)]


def test_a_disguised_number_answers_a_question():
    lines = (A, "Your PIN?"), (C, "\uff19\u200b8\u200b7\u200b6")
    assert found(*lines) == [("PIN", "\uff19\u200b8\u200b7\u200b6")]


KEYWORDS = {
    "a_card_number_with_a_missing_digit": (
        "card number 4111 1111 1111 111",
        CARD,
        "4111 1111 1111 111",
    ),
    "the_last_four_of_a_card": ("the card ending 4242", CARD, "4242"),
    "a_cvv": ("the security code is 123", CVV, "123"),
    "a_cvv_said_aloud": ("cvv one two three", CVV, "one two three"),
    "an_expiry_in_figures": ("expires 04/26", EXPIRY, "04/26"),
    "an_expiry_with_its_month": ("expiry date April 2026", EXPIRY, "April 2026"),
    "an_expiry_said_aloud": ("it expires oh four twenty six", EXPIRY, "oh four twenty six"),
    "a_pin": ("my pin is nine eight seven six", "PIN", "nine eight seven six"),
    "a_one_time_code": ("the verification code is 884422", "PIN", "884422"),
    "the_last_four_of_an_ssn": ("last four of my social is 4242", "SSN", "4242"),
    "a_number_named_afterwards": ("5411 is my ssn", "SSN", "5411"),
    "an_account_number": ("account number 12 34 56 78", ACCOUNT, "12 34 56 78"),
    "a_member_number_with_letters": ("member id AB-123456", ACCOUNT, "AB-123456"),
    "a_policy_number": ("policy number is pvx 752197308", ACCOUNT, "752197308"),
    "a_routing_number": ("routing number 021000021", ROUTING, "021000021"),
    "a_local_phone": ("my phone is 555 0100", "PHONE", "555 0100"),
}


@pytest.mark.parametrize(("text", "entity", "value"), KEYWORDS.values(), ids=KEYWORDS)
def test_found_by_a_word_in_the_turn(text, entity, value):
    assert found((C, text)) == [(entity, value)]


QUESTIONS = {
    "the_long_number_on_the_front": (
        [(A, "What's the long number on the front?"), (C, "4,111,111,111,111,111")],
        [(CARD, "4,111,111,111,111,111")],
    ),
    "merged_digits_of_any_count": (
        [(A, "Card number please"), (C, "it is 41111 111111 111")],
        [(CARD, "41111 111111 111")],
    ),
    "all_of_the_card_in_one_breath": (
        [
            (A, "The card number, expiration date and security code?"),
            (C, "4111 1111 1111 1111, oh four, 123"),
        ],
        [(CARD, "4111 1111 1111 1111, oh four, 123")],
    ),
    "an_expiry_after_the_card": (
        [(A, "And the expiration?"), (C, "April twenty twenty six")],
        [(EXPIRY, "April twenty twenty six")],
    ),
    "piece_by_piece_with_acknowledgements": (
        [
            (A, "Your card number please"),
            (C, "four one one one"),
            (A, "okay"),
            (C, "double one one one"),
            (A, "mhm"),
            (C, "1 1"),
        ],
        [(CARD, "four one one one"), (CARD, "double one one one"), (CARD, "1 1")],
    ),
    "own_words_go_on_in_the_next_turn": (
        [(C, "My account number is"), (A, "yes?"), (C, "8 8 4 2 1")],
        [(ACCOUNT, "8 8 4 2 1")],
    ),
    "the_agent_repeats_a_part": (
        [(A, "Your PIN?"), (C, "9876"), (A, "Thank you, I noted 9876 for you.")],
        [("PIN", "9876"), ("PIN", "9876")],
    ),
    "two_questions_at_once": (
        [
            (A, "Your phone number and your account number?"),
            (C, "206 555 0100 and then 12345 is it"),
        ],
        [(ACCOUNT, "206 555 0100 and then 12345")],
    ),
    "a_member_code": ([(A, "Your member number?"), (C, "It's XK12345")], [(ACCOUNT, "XK12345")]),
    "a_code_after_another_question": ([(A, "Your phone number?"), (C, "It's XK12345")], []),
    "an_email_after_the_question": (
        [(A, "What's your email?"), (C, "john smith at example dot com")],
        [("EMAIL", "john smith at example dot com")],
    ),
    "an_order_number_is_harmless": ([(A, "Your order number?"), (C, "7916676427")], []),
    "the_question_after_the_card_is_another": (
        [(A, "Card number?"), (C, "4111 1111 1111 1111"), (A, "How many tickets?"), (C, "250")],
        [(CARD, "4111 1111 1111 1111")],
    ),
    "after_a_whole_number_sentences_are_free_again": (
        [(A, "Card number?"), (C, "4111 1111 1111 1111"), (A, "Thanks"), (C, "I need 250 chairs")],
        [(CARD, "4111 1111 1111 1111")],
    ),
    "a_longer_question_ends_the_subject": (
        [
            (A, "Last four of your social?"),
            (C, "4242"),
            (A, "And who made your car, please?"),
            (C, "2017"),
        ],
        [("SSN", "4242")],
    ),
    "a_question_is_forgotten": (
        [(A, "Card number?"), *[(C, "let me look for it")] * 7, (C, "I bought 250 chairs")],
        [],
    ),
    "single_numbers_in_sentences_are_no_answer": (
        [(A, "Card number?"), (C, "which of the 2 cards do you mean")],
        [],
    ),
    "a_card_in_two_turns_without_a_question": (
        [(C, "4111 1111"), (A, "okay"), (C, "1111 1111")],
        [(CARD, "4111 1111"), (CARD, "1111 1111")],
    ),
    "three_turns_without_a_question": (
        [(C, "it's 41111"), (C, "11111"), (C, "111111 ok then")],
        [(CARD, "41111"), (CARD, "11111"), (CARD, "111111")],
    ),
    "a_phone_in_two_turns_without_a_question": (
        [(C, "206 555"), (C, "0100")],
        [("PHONE", "206 555"), ("PHONE", "0100")],
    ),
    "a_long_number_in_two_turns_without_a_check_digit": (
        [(C, "41111 11111"), (C, "11112")],
        [(CARD, "41111 11111"), (CARD, "11112")],
    ),
    "long_talk_in_between_ends_a_split_number": (
        [(C, "4111 1111"), (A, "now let us talk about something else entirely"), (C, "1111 1111")],
        [],
    ),
    "a_split_order_number_is_harmless": (
        [(A, "Your order number?"), (C, "206 555"), (C, "0100")],
        [],
    ),
    "a_split_order_number_with_a_cards_check_digit_is_not": (
        [(A, "Your order number?"), (C, "4111 1111"), (C, "1111 1111")],
        [(CARD, "4111 1111"), (CARD, "1111 1111")],
    ),
    "short_numbers_in_two_turns": ([(C, "12"), (C, "34")], []),
}


@pytest.mark.parametrize(("lines", "expected"), QUESTIONS.values(), ids=QUESTIONS)
def test_what_was_asked_gives_a_number_its_meaning(lines, expected):
    assert found(*lines) == expected


INNOCENT = {
    "money": "That is $39.99, or 1,234,567.89 in all",
    "money_in_words": "two thousand five hundred twenty dollars and fifty cents",
    "years_in_words": "from nineteen ninety nine to two thousand one",
    "times": "at 7:15 PM, 6:00 hours, 8 pm or half past two",
    "dates": "on 10/12, 2026-03-04, March 3rd 2026 and the 4th of July",
    "percentages": "2% or fifty percent",
    "quantities": "4 muffins, 12 cups, a party of 50, 90 days, 16 oz, 365 days",
    "an_order_id": "Yes my order id is 4870952797",
    "a_tracking_number": "tracking number 1234567890123",
    "a_seat_and_a_flight": "seat 5D or K17, flight number 1018",
    "a_booking_code": "raja f66s89",
    "a_street": "9756 Primrose Street Newark, MI 85971",
    "a_model_year": "my 2015 Toyota",
    "words_that_are_also_numbers": "oh no, one of the ones for two, double trouble, one second",
    "a_shop_on_the_web": "I ordered at amazon dot com and looked at target.com",
    "a_handle": "follow @loupe or ask @ the desk",
    "a_version": "version 1.2.3 and 10:20:30",
    "not_an_ip": "999.1.1.1 and :: and ::::",
    "not_an_iban": "GB00 WEST 1234 5698 7654 AB",
    "social_media": "I saw it on social media in 2019",
    "a_serial": "serial number 884213347",
    "brackets": "see you (at) noon, array[at] and f(x).y, or shop [at] 5pm",
    "other_scripts": "مرحبا 👩‍👩‍👧 नमस्ते, 在 2019 年，１２ 个",
    "an_emergency": "nine one one",
    "amounts_near_a_keyword": "the card number that paid 200 dollars, 50 percent at 8 pm",
}


@pytest.mark.parametrize("text", INNOCENT.values(), ids=INNOCENT)
def test_left_alone(text):
    assert found((C, text)) == []


def test_a_shop_stays_a_shop_while_email_is_talked_about():
    assert found((C, "about my email: I ordered at amazon dot com")) == []


def test_amounts_in_the_turn_of_an_account_are_no_account():
    assert found((A, "Your account number?"), (C, "I paid $500 for 250 days in 2019")) == []


def test_every_kind_of_turn_is_read():
    turns = connect_chat.read(body(talk((C, "hi"), ("SYSTEM", "call 206-555-0100")))).turns
    assert [s.entity for s in PatternPii().spans(turns, "en-US")] == ["PHONE"]
    assert {t.kind for t in turns} == {TurnKind.EVENT, TurnKind.MESSAGE}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        pytest.param("en-GB", "020 7946 0958", [("PHONE", "020 7946 0958")], id="a_british_phone"),
        pytest.param("en", "020 7946 0958", [("PHONE", "020 7946 0958")], id="no_region_and_alone"),
        pytest.param("de-DE", "030 901820 bitte", [("PHONE", "030 901820")], id="a_german_phone"),
        pytest.param("de-DE", "4111 1111 1111 1111", [(CARD, "4111 1111 1111 1111")], id="a_card"),
        pytest.param(
            "en-ZZ",
            "so 8945612307 and 206 555 010 9",
            [("PHONE", "8945612307")],
            id="no_such_region",
        ),
        pytest.param("de-DE", "my pin is one two three four", [], id="no_english_words"),
    ],
)
def test_other_languages_and_regions(language, text, expected):
    assert found((C, text), language=language) == expected


HOSTILE = [
    "1",
    "1 ",
    "a@",
    "one a ",
    "card number ",
    "a at b dot c ",
    "GB12 ",
    "a:",
    "- ",
    "\u200b",
    "a[at]",
    "[at] ",
    "\uff11",
    "a[dot]",
    "1\u200b",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_text_of_one_piece_again_and_again_takes_no_long(piece):
    begin = time.perf_counter()
    found((C, piece * (16_384 // len(piece))))
    assert time.perf_counter() - begin < 5


@pytest.mark.shared_data
def test_the_shared_chats_hold_nine_findings_and_no_false_alarm():
    findings = []
    for file in sorted(shared("chats_connect", "connect").rglob("*.json")):
        transcript = connect_chat.read(file.read_bytes())
        texts = {turn.id: turn.text for turn in transcript.turns}
        spans = PatternPii().spans(transcript.turns, "en-US")
        findings += [(s.entity, texts[s.turn_id][s.begin : s.end]) for s in spans]
        redact(transcript, spans)
    kinds = [entity for entity, _ in findings]
    assert (kinds.count("EMAIL"), kinds.count("PHONE"), len(kinds)) == (6, 3, 9)
    assert all("@" in value for entity, value in findings if entity == "EMAIL")


SYNTHETIC = {
    "CREDIT_CARD": (CARD, 1.0),
    "US_SSN": ("SSN", 1.0),
    "EMAIL_ADDRESS": ("EMAIL", 1.0),
    "IBAN_CODE": ("INTERNATIONAL_BANK_ACCOUNT_NUMBER", 1.0),
    "IP_ADDRESS": ("IP_ADDRESS", 1.0),
    "PHONE_NUMBER": ("PHONE", 0.8),
}


@pytest.mark.shared_data
@pytest.mark.parametrize(("kind", "expected"), SYNTHETIC.items(), ids=SYNTHETIC)
def test_recall_on_synthetic_sentences(kind, expected):
    entity, least = expected
    hits = []
    for line in shared("pii", "presidio_synth_v2.jsonl").read_text().splitlines():
        sentence = json.loads(line)
        wanted = {s["value"] for s in sentence["spans"] if s["type"] == kind}
        hits += [(entity, value) in found((C, sentence["text"])) for value in wanted]
    assert sum(hits) / len(hits) >= least


def test_the_whole_conversation_is_clean_after_redaction():
    transcript = read(
        (A, "Can I take the long number on the front?"),
        (C, "Sure, four one one one, 1111 1111 1111"),
        (A, "Thanks, 1111 at the end. And your email?"),
        (C, "alex dot doe at example dot com"),
    )
    shown = redact(transcript, PatternPii().spans(transcript.turns, "en-US"))
    assert [t.text for t in shown.turns if t.role in (Role.AGENT, Role.CUSTOMER) and t.text] == [
        "Can I take the long number on the front?",
        "Sure, [CREDIT_DEBIT_NUMBER]",
        "Thanks, [CREDIT_DEBIT_NUMBER] at the end. And your email?",
        "[EMAIL]",
    ]
