"""What of a contact record is shown."""

import pytest

from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.redaction import PiiSpan
from chalicelib.stages.record_redaction import shown


def attributes(**given: str) -> dict[str, str]:
    return dict(shown(ContactRecord("c", attributes=given), PatternPii(), "en-US").attributes)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        pytest.param("joe@example.com", "[EMAIL]", id="an_email"),
        pytest.param("4111\u200b1111 11111111", "[CREDIT_DEBIT_NUMBER]", id="a_disguised_card"),
        pytest.param("call 206-555-0100 first", "call [PHONE] first", id="a_phone_in_a_sentence"),
        pytest.param("[EMAIL]", "[EMAIL]", id="a_mask"),
        pytest.param("gold", "gold", id="a_word"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_an_attribute_is_masked_like_a_turn(value: str, seen: str) -> None:
    assert attributes(a=value) == {"a": seen}


def test_attributes_do_not_answer_one_another() -> None:
    plain = {"topic": "card number", "tickets": "4242", "rows": "1717"}
    assert attributes(**plain) == plain


def test_segment_attributes_and_tags_are_masked_too() -> None:
    given = ContactRecord(
        "c", segment_attributes={"s": ("gold", "joe@example.com")}, tags={"t": "call 206-555-0100"}
    )
    seen = shown(given, PatternPii(), "en-US")
    assert seen.segment_attributes == {"s": ("gold", "[EMAIL]")}
    assert seen.tags == {"t": "call [PHONE]"}


def test_nothing_else_changes_but_the_customers_address() -> None:
    record = ContactRecord("c", agent_name="Ada", hold_s=3, customer_address="+12065550100")
    assert shown(record, PatternPii(), "en-US") == ContactRecord("c", agent_name="Ada", hold_s=3)


def test_masking_twice_is_masking_once() -> None:
    given = {"a": "joe@example.com", "b": "my card is 4111 1111 1111 1111, exp 04/26"}
    assert attributes(**attributes(**given)) == attributes(**given)


def test_a_mask_stays_whole_where_a_detector_finds_something_in_it() -> None:
    class Eager(PatternPii):
        def spans(self, turns, language):
            return [PiiSpan(turn.id, 1, 5, "ADDRESS", "eager") for turn in turns]

    seen = shown(ContactRecord("c", attributes={"a": "[NAME] called"}), Eager(), "en-US")
    assert seen.attributes == {"a": "[NAME] called"}


def test_without_a_detector_nothing_is_shown() -> None:
    class Missing(PatternPii):
        def spans(self, turns, language):
            raise EngineMissing("pii", "not installed")

    with pytest.raises(EngineMissing):
        shown(ContactRecord("c", attributes={"a": "b"}), Missing(), "en-US")
