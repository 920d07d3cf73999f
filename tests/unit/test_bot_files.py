"""Bot files: what they may hold, and what is refused with its place."""

import json

import pytest

from chalicelib.domain.bot import Condition, Deed, SlotKind
from chalicelib.domain.errors import InputRefused
from chalicelib.formats import bot_file

SLOT = {
    "name": "Score",
    "kind": "number",
    "low": 1,
    "high": 5,
    "prompt": "How?",
    "retry": "1 to 5.",
}
INTENT = {
    "name": "Rate",
    "examples": ["rate it"],
    "slots": [SLOT],
    "closing": "Thanks.",
    "failed": "Sorry.",
}
BOT = {
    "bot": "small",
    "description": "Rates.",
    "language": "en-US",
    "greeting": "Hello.",
    "missed": "What?",
    "gaveUp": "Bye.",
    "intents": [INTENT],
}


def body(**changes):
    return json.dumps({**BOT, **changes}).encode()


def of_intent(**changes):
    return body(intents=[{**INTENT, **changes}])


def of_slots(*slots):
    return of_intent(slots=list(slots))


def test_the_shipped_bots_are_a_survey_and_a_self_service():
    bots = bot_file.shipped()
    assert list(bots) == ["self-service", "survey"]
    assert bots["survey"].opens_with == "Survey"
    assert len(bots["self-service"].intents) == 5
    assert all(len(i.examples) >= 8 for bot in bots.values() for i in bot.intents)


def test_a_slot_has_its_bounds_and_its_condition():
    (survey,) = bot_file.shipped()["survey"].intents
    assert survey.deed is Deed.SURVEY
    assert (survey.slots[0].kind, survey.slots[0].low, survey.slots[0].high) == (
        SlotKind.NUMBER,
        1,
        5,
    )
    assert survey.slots[3].only_if == Condition("CallBack", "yes")


def test_json_and_yaml_say_the_same():
    import yaml

    assert bot_file.load(body()) == bot_file.load(yaml.safe_dump(BOT).encode())


ENUM = {"name": "Which", "kind": "enum", "prompt": "Which?", "retry": "Which?"}
LATER = {"name": "When", "kind": "date", "prompt": "When?", "retry": "When?"}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        pytest.param(body(extra=1), "/extra", id="an unknown member"),
        pytest.param(body(intents=[]), "/intents", id="no intent"),
        pytest.param(body(bot="Not A Name"), "/bot", id="a name with blanks"),
        pytest.param(body(opensWith="Other"), "/opensWith", id="an opening that is no intent"),
        pytest.param(body(retries=11), "/retries", id="too many retries"),
        pytest.param(body(intents=[INTENT, INTENT]), "/intents/1", id="an intent twice"),
        pytest.param(of_intent(examples=[]), "/intents/0/examples", id="no example"),
        pytest.param(
            of_intent(examples=["x" * 1025]), "/intents/0/examples/0", id="a long example"
        ),
        pytest.param(of_intent(fulfil="dance"), "/intents/0/fulfil", id="an unknown deed"),
        pytest.param(of_intent(fulfil="task"), "/intents/0", id="a task without a name"),
        pytest.param(of_intent(confirm="Sure?"), "/intents/0", id="a question without a no"),
        pytest.param(of_slots(SLOT, SLOT), "/intents/0/slots/1", id="a slot twice"),
        pytest.param(of_slots(ENUM), "/intents/0/slots/0", id="an enum without values"),
        pytest.param(
            of_slots({**SLOT, "low": 6}), "/intents/0/slots/0", id="a lowest above the highest"
        ),
        pytest.param(of_slots({**LATER, "low": 1}), "/intents/0/slots/0", id="bounds of a date"),
        pytest.param(
            of_slots({**LATER, "onlyIf": {"slot": "Score", "value": "1"}}),
            "/intents/0/slots/0",
            id="a condition on a slot that is not there",
        ),
        pytest.param(
            of_slots(SLOT, {**LATER, "onlyIf": {"slot": "Score", "value": "9"}}),
            "/intents/0/slots/1",
            id="a condition on a value that cannot be",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(document, place):
    with pytest.raises(InputRefused) as refused:
        bot_file.load(document)
    assert refused.value.detail.startswith(f"{place}:")


@pytest.mark.parametrize("document", [b"", b"\xff\xfe", b"- [", b"a: &x 1"], ids=repr)
def test_what_is_no_document_is_refused(document):
    with pytest.raises(InputRefused):
        bot_file.load(document)
