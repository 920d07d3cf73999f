"""A model and patterns together: what each turn is given to the model as, and whose word counts."""

import pytest

from chalicelib.adapters.engines.pii_combined import CombinedPii
from chalicelib.adapters.engines.rampart import Token
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.transcript import Engine, Role, Turn

A, C = Role.AGENT, Role.CUSTOMER


class Words:
    """Labels the words it was given, sure of each, and remembers what it read."""

    engine = Engine("words", "1")

    def __init__(self, **labels):
        self.labels = labels
        self.read = []

    def label(self, texts):
        self.read = list(texts)
        return [
            sorted(
                Token(text.index(word), text.index(word) + len(word), label, 1.0)
                for word, label in self.labels.items()
                if word in text
            )
            for text in texts
        ]


def turns(*lines):
    return [Turn(str(i), role, role, i, i, text) for i, (role, text) in enumerate(lines)]


def found(model, *lines):
    said = turns(*lines)
    spans = CombinedPii(model).spans(said, "en-US")
    return [(s.entity, said[int(s.turn_id)].text[s.begin : s.end]) for s in spans]


LEADS = {
    "a_name_that_was_asked_for": ("May I have your name, please?", "kim lee", "my name is kim lee"),
    "an_address": ("What is your address?", "12 oak lane", "my address is 12 oak lane"),
    "a_zip_code": ("And the zip code?", "97301", "my zip code is 97301"),
    "an_e_mail_address_is_no_address": ("Your e-mail address?", "a at b", "a at b"),
    "a_user_name_is_no_name": ("What is your username?", "kim", "kim"),
    "a_remark_is_no_question": ("That is a nice name", "thanks", "thanks"),
    "a_long_answer_speaks_for_itself": ("Your name?", "well " * 13, "well " * 13),
}


@pytest.mark.parametrize(("question", "answer", "read"), LEADS.values(), ids=LEADS)
def test_an_answer_is_read_behind_what_its_question_left_out(question, answer, read):
    model = Words()
    CombinedPii(model).spans(turns((A, question), (C, answer)), "en-US")
    assert model.read[1] == read


def test_nobody_answers_themselves():
    model = Words()
    CombinedPii(model).spans(turns((A, "Your name?"), (A, "take your time")), "en-US")
    assert model.read[1] == "take your time"


def test_offsets_of_an_answer_are_those_of_its_own_text():
    assert found(Words(kim="GIVEN_NAME"), (A, "Your name?"), (C, "kim")) == [("NAME", "kim")]


def test_a_label_on_the_words_of_the_lead_in_is_no_finding():
    assert found(Words(my="GIVEN_NAME"), (A, "Your name?"), (C, "never")) == []


def test_the_patterns_decide_what_a_number_is():
    text = "it is 4111 1111 1111 1111 ok"
    model = Words(**{"1111 1111 1111": "PHONE"})
    assert found(model, (C, text)) == [("CREDIT_DEBIT_NUMBER", "4111 1111 1111 1111")]


def test_a_name_beside_a_number_keeps_its_type():
    lines = (C, "Kim Lee, 4111 1111 1111 1111")
    assert found(Words(Kim="GIVEN_NAME", Lee="SURNAME"), lines) == [
        ("NAME", "Kim Lee"),
        ("CREDIT_DEBIT_NUMBER", "4111 1111 1111 1111"),
    ]


def test_agents_names_are_masked_as_customers_are():
    assert found(Words(Sarah="GIVEN_NAME"), (A, "This is Sarah")) == [("NAME", "Sarah")]


def test_full_width_letters_are_read_as_they_look():
    assert found(Words(Kim="GIVEN_NAME"), (C, "I am Ｋｉｍ")) == [("NAME", "Ｋｉｍ")]


def test_the_engine_names_both():
    engine = CombinedPii(Words()).engine
    assert (engine.name, engine.version) == ("words+loupe-patterns", "1+6")


def test_a_model_that_is_missing_is_told_and_not_gone_without():
    class Missing(Words):
        def label(self, texts):
            raise EngineMissing("pii", "no model")

    with pytest.raises(EngineMissing, match="no model"):
        found(Missing(), (C, "4111 1111 1111 1111"))
