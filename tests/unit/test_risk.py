"""Risk: what of a contact is looked at, what is counted in its text, what it weighs, which rule decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.contact import ContactRecord, Publication
from chalicelib.domain.follow_up import Reason
from chalicelib.domain.risk import rules
from chalicelib.domain.risk.cues import CUES, Seen, cues_of
from chalicelib.domain.risk.features import Repeats, event_id, features
from chalicelib.domain.risk.rules import APPROVE, BLOCK, REVIEW, Thresholds, decide, weighed
from chalicelib.domain.transcript import Channel, Role
from tests.unit.analyses import CONTACT, contact, conversation
from tests.unit.conversations import A, C, call, span

NINE_MS = 1_767_603_600_000  # 2026-01-05T09:00:00Z
PUBLISHED = Publication("key", Channel.VOICE, (Channel.VOICE,), NINE_MS, NINE_MS + 95_500, 95_500)
LIMITS = Thresholds()


def variables(*turns, record=None, repeats=None):
    spoken = call(*(turns or (span(C, 0, 900, "good"),)))
    return features(PUBLISHED, contact(conversation(spoken), record=record), repeats).variables


def recorded(**changes) -> ContactRecord:
    return ContactRecord(CONTACT, **changes)


def counted(role: Role, *texts: str) -> dict[str, Seen]:
    turns = [span(role, 1000 * n, 1000 * n + 900, text) for n, text in enumerate(texts)]
    return {name: seen for name, seen in cues_of([call(*turns)]).items() if seen.turns}


# Variables


def test_a_quiet_contact_has_the_plain_figures_and_a_zero_for_every_cue():
    assert variables() == {
        "channel": "voice",
        "hour_utc": "9",
        "duration_s": "95",
        **{cue.name: "0" for cue in CUES},
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param({}, "0", id="no_contact_before"),
        pytest.param({"previous_contact_id": "b"}, "1", id="one_contact_before"),
        pytest.param({"previous_contact_id": "b", "initial_contact_id": "b"}, "1", id="its_first"),
        pytest.param({"previous_contact_id": "b", "initial_contact_id": "a"}, "2", id="a_chain"),
        pytest.param({"initial_contact_id": CONTACT}, "0", id="it_is_the_first_itself"),
        pytest.param({"previous_contact_id": CONTACT}, "0", id="it_is_said_to_follow_itself"),
    ],
)
def test_transfers_are_read_from_the_chain(record, expected):
    assert variables(record=recorded(**record))["transfers"] == expected


@pytest.mark.parametrize(
    ("attributes", "name", "expected"),
    [
        pytest.param({"failed_verifications": "2"}, "failed_verifications", "2", id="by_its_name"),
        pytest.param({"FailedVerifications": " 3 "}, "failed_verifications", "3", id="other_case"),
        pytest.param({"failed_verifications": "9999"}, "failed_verifications", "99", id="capped"),
        pytest.param({"failed_verifications": "many"}, "failed_verifications", "0", id="no_number"),
        pytest.param({"failed_verifications": "-1"}, "failed_verifications", "0", id="negative"),
        pytest.param({"failed_verifications": "٣"}, "failed_verifications", "0", id="other_digits"),
        pytest.param({"ANI-changed": "Yes"}, "address_changed", "1", id="another_number"),
        pytest.param({"aniChanged": "false"}, "address_changed", "0", id="the_same_number"),
        pytest.param({"aniChanged": "[PHONE]"}, "address_changed", None, id="masked_is_not_known"),
        pytest.param({}, "address_changed", None, id="not_told_is_not_known"),
    ],
)
def test_attributes_fill_variables(attributes, name, expected):
    assert variables(record=recorded(attributes=attributes)).get(name) == expected


def test_the_customers_other_contacts_count_where_the_customer_is_known():
    known = variables(repeats=Repeats(2, 5))
    assert (known["repeats_24h"], known["repeats_7d"]) == ("2", "5")
    assert "repeats_24h" not in variables()


def test_an_attribute_counts_before_what_was_said_and_then_has_no_place_in_the_conversation():
    refused = span(A, 4000, 5000, "that doesn't match our records")
    heard = features(PUBLISHED, contact(conversation(call(refused))))
    told = features(
        PUBLISHED,
        contact(
            conversation(call(refused)), record=recorded(attributes={"failed_verifications": "3"})
        ),
    )
    assert (heard.variables["failed_verifications"], heard.places) == (
        "1",
        {"failed_verifications": 4000},
    )
    assert (told.variables["failed_verifications"], told.places) == ("3", {})


def test_nothing_that_was_said_and_no_number_of_the_customer_is_among_the_variables():
    secret = "my card 4111 1111 1111 1111 and I am Zebulon, change my address"
    known = variables(
        span(C, 0, 900, secret),
        record=recorded(customer_address="+15550100199", attributes={"customerId": "Zebulon"}),
    )
    told = " ".join([*known, *known.values()])
    assert not any(part in told for part in ("4111", "Zebulon", "5550100199"))
    assert all(1 <= len(value) <= 8192 for value in known.values())


def test_a_conversation_in_another_language_has_no_cues_instead_of_zeros():
    english = conversation(call(span(C, 0, 900, "gift cards")))
    german = replace(english, transcript=replace(english.transcript, language="de-DE"))
    known = features(PUBLISHED, contact(german)).variables
    assert set(known) == {"channel", "hour_utc", "duration_s"}


@pytest.mark.parametrize(
    ("contact_id", "expected"),
    [
        pytest.param(CONTACT, CONTACT.lower(), id="a_uuid_in_capitals"),
        pytest.param("a_b-9", "a_b-9", id="allowed_as_it_is"),
        pytest.param("call 1", None, id="a_blank"),
        pytest.param("x" * 65, None, id="too_long"),
        pytest.param("", None, id="empty"),
        pytest.param("ß", None, id="not_ascii"),
    ],
)
def test_an_event_id_fits_the_pattern_of_fraud_detector(contact_id, expected):
    made = event_id(contact_id)
    assert made == expected if expected else len(made) == 64
    assert event_id(made) == made


# Cues


@pytest.mark.parametrize(
    ("role", "text", "found"),
    [
        pytest.param(C, "I need to CHANGE my  address, please", "account_change_terms", id="case"),
        pytest.param(C, "they want gift cards", "gift_card_terms", id="gift_cards"),
        pytest.param(C, "it’s urgent!", "urgency_terms", id="typographic_apostrophe"),
        pytest.param(C, "no, I won't answer that.", "check_refusal_terms", id="a_refusal"),
        pytest.param(
            C, "send it to a different account", "payment_redirection_terms", id="redirection"
        ),
        pytest.param(C, "he told me to install AnyDesk", "remote_access_terms", id="remote"),
        pytest.param(
            A, "I could not verify your date of birth", "failed_verifications", id="agent"
        ),
        pytest.param(
            A, "do you want gift cards", "", id="what_the_agent_says_is_not_the_customers"
        ),
        pytest.param(C, "I could not verify your story", "", id="what_the_customer_says_of_checks"),
        pytest.param(C, "exchange my addresses", "", id="parts_of_words"),
        pytest.param(C, "gift. I have a card", "", id="words_apart"),
        pytest.param(C, "[NAME] [PHONE]", "", id="masks"),
    ],
)
def test_a_cue_is_a_whole_phrase_on_one_side(role, text, found):
    assert list(counted(role, text)) == ([found] if found else [])


def test_a_cue_counts_once_a_turn_and_is_placed_at_its_first():
    said = ["hello", "gift card, gift cards, prepaid card", "only that", "another gift card"]
    assert counted(C, *said) == {"gift_card_terms": Seen(2, 1000)}


def test_every_phrase_is_found_in_itself():
    for cue in CUES:
        for phrase in cue.phrases:
            assert cue.name in counted(cue.role, phrase), phrase


# Score and rules


@pytest.mark.parametrize(
    ("known", "score"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"failed_verifications": "2", "account_change_terms": "1"}, 800, id="adds_up"),
        pytest.param({"failed_verifications": "7"}, 900, id="units_are_capped"),
        pytest.param({"failed_verifications": "3", "gift_card_terms": "2"}, 1000, id="capped"),
        pytest.param({"urgency_terms": "1", "repeats_24h": "2"}, 200, id="small_weights"),
        pytest.param({"urgency_terms": "-4"}, 0, id="nothing_is_taken_off"),
        pytest.param({"urgency_terms": "nan", "transfers": "inf"}, 0, id="no_numbers"),
        pytest.param({"hour_utc": "3", "duration_s": "9999"}, 0, id="has_no_weight"),
    ],
)
def test_the_score_of_the_rules_is_a_capped_sum(known, score):
    assert weighed(known)[0] == score


def test_the_reasons_of_the_sum_are_its_parts_heaviest_first():
    _, reasons = weighed({"urgency_terms": "2", "failed_verifications": "1", "transfers": "0"})
    assert reasons == (
        Reason("checks of identity that failed", "failed_verifications", "1", 300),
        Reason("urgency", "urgency_terms", "2", 200),
    )


@pytest.mark.parametrize(
    ("known", "score", "rule", "outcome"),
    [
        pytest.param({}, 0, "otherwise", APPROVE, id="nothing_speaks_against_it"),
        pytest.param({}, 499.9, "otherwise", APPROVE, id="just_below_a_review"),
        pytest.param({}, 500, "score-review", REVIEW, id="a_review_begins_at_its_threshold"),
        pytest.param({}, 900, "score-block", BLOCK, id="a_block_begins_at_its_threshold"),
        pytest.param(
            {"failed_verifications": "2", "account_change_terms": "1"},
            10,
            "failed-check-then-change",
            REVIEW,
            id="a_pattern_counts_whatever_the_score",
        ),
        pytest.param(
            {"failed_verifications": "1", "account_change_terms": "1"},
            10,
            "otherwise",
            APPROVE,
            id="half_a_pattern_does_not",
        ),
        pytest.param(
            {"check_refusal_terms": "1", "account_change_terms": "2", "failed_verifications": "2"},
            950,
            "score-block",
            BLOCK,
            id="the_first_that_matches_decides",
        ),
        pytest.param(
            {"payment_redirection_terms": "1"}, 10, "otherwise", APPROVE, id="not_known_is_no_match"
        ),
    ],
)
def test_the_first_rule_that_matches_decides(known, score, rule, outcome):
    found = decide(known, score, LIMITS)
    assert (found.id, found.outcome) == (rule, outcome)


def test_the_thresholds_move_the_rules():
    assert decide({}, 300, Thresholds(review=200, block=400)).outcome == REVIEW
    assert decide({}, 300, Thresholds(review=100, block=300)).outcome == BLOCK


def test_rules_and_weights_speak_of_variables_that_there_are():
    record = recorded(attributes={"failed_verifications": "0", "aniChanged": "no"})
    known = {*variables(record=record, repeats=Repeats(0, 0)), rules.SCORE}
    asked = {least.name for rule in rules.rules(LIMITS) for least in rule.when}
    assert asked | {weight.name for weight in rules.WEIGHTS} <= known


def test_every_pattern_can_decide():
    for rule in rules.rules(LIMITS):
        known = {each.name: str(each.value) for each in rule.when if each.name != rules.SCORE}
        score = next((each.value for each in rule.when if each.name == rules.SCORE), 0)
        assert decide(known, score, LIMITS) == rule
