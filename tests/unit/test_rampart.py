"""The Rampart model as it is used: windows, batches, labels."""

import pytest

from chalicelib.adapters.engines.pii_combined import CombinedPii
from chalicelib.adapters.engines.rampart import Rampart
from chalicelib.domain.transcript import Role, Turn

MODEL = Rampart()
SAID = {
    "a_name": ("hi, my name is Maria Gonzalez.", ["Maria Gonzalez"]),
    "a_name_in_lower_case": ("my name is john smith", ["john smith"]),
    "an_agents_name": ("Thank you for calling Acme, this is Sarah.", ["Sarah"]),
    "an_address": (
        "I live at 12 Baker Street, Salem, OR 97301.",
        ["12 Baker Street, Salem, OR 97301"],
    ),
    "a_trip": ("I want to fly from New York to Chicago on Monday", []),
    "a_company": ("Welcome to Acme! How may I help you today?", []),
    "small_talk": ("ok great, thank you very much, have a nice day, goodbye!", []),
    "an_order": ("My order number is 83920174 and I paid 45 dollars", []),
}


@pytest.mark.parametrize(("text", "expected"), SAID.values(), ids=SAID)
def test_what_is_found(text, expected):
    spans = CombinedPii(MODEL).spans([Turn("t", "c", Role.CUSTOMER, 0, 0, text)], "en-US")
    assert [text[s.begin : s.end] for s in spans] == expected


def test_texts_of_one_batch_do_not_change_one_another():
    texts = ["Maria Gonzalez here", "", "x " * 300, "my name is john smith"]
    alone = [[t[:3] for t in MODEL.label([text])[0] if t.score > 0.5] for text in texts]
    together = [[t[:3] for t in own if t.score > 0.5] for own in MODEL.label(texts)]
    assert together == alone


def test_a_name_far_behind_the_models_window_is_found():
    text = "and then it went on and on, " * 400 + "my name is Maria Gonzalez."
    (found,) = MODEL.label([text])
    sure = [text[t.begin : t.end] for t in found if t.label in ("GIVEN_NAME", "SURNAME")]
    assert sure[0] == "Maria"


def test_tokens_are_in_order_and_none_is_told_twice():
    (found,) = MODEL.label(["my name is Maria Gonzalez, " * 200])
    places = [token[:2] for token in found]
    assert places == sorted(set(places))
