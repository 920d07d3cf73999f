"""The fulfilment handler: Lex V2's events in, its answers out, each deed once."""

from __future__ import annotations

import copy
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.flow import reviews, surveys
from chalicelib.flow.fulfilment import SORRY, Fulfilment
from chalicelib.formats.bot_file import shipped
from tests.world import World

EVENTS = Path(__file__).resolve().parents[2] / "events"


def event(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EVENTS / f"lex_fulfilment.{name}.json").read_text("utf-8"))
    return read


def slot(text: str) -> dict[str, Any]:
    value = {"originalValue": text, "interpretedValue": text, "resolvedValues": [text]}
    return {"shape": "Scalar", "value": value}


def with_slots(told: dict[str, Any], **slots: str | None) -> dict[str, Any]:
    changed = copy.deepcopy(told)
    for name, text in slots.items():
        changed["sessionState"]["intent"]["slots"][name] = slot(text) if text else None
    return changed


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def handler(world):
    return Fulfilment(world.services, shipped())


def state(answer):
    said = answer["sessionState"]
    return said["dialogAction"], said["intent"]["state"]


def test_an_empty_slot_that_lex_would_ask_for_is_left_to_lex(handler):
    assert state(handler.answer(event("dialog-text"))) == ({"type": "Delegate"}, "InProgress")


def test_a_number_out_of_bounds_is_asked_for_again(handler):
    answer = handler.answer(event("dialog-dtmf"))
    assert state(answer)[0] == {"type": "ElicitSlot", "slotToElicit": "Score"}
    assert answer["sessionState"]["intent"]["slots"]["Score"] is None
    assert answer["messages"] == [
        {"contentType": "PlainText", "content": "Please give a number from 1 to 5."}
    ]


def test_attributes_go_back_as_they_came(handler):
    told = event("dialog-text")
    answer = handler.answer(told)
    assert answer["sessionState"]["sessionAttributes"] == told["sessionState"]["sessionAttributes"]


def test_a_slot_that_is_not_wanted_is_not_asked_for(handler):
    told = with_slots(event("dialog-text"), Score="4", Reason="quick", CallBack="no")
    told["proposedNextState"]["dialogAction"]["slotToElicit"] = "CallBackDate"
    assert state(handler.answer(told)) == ({"type": "Delegate"}, "ReadyForFulfillment")


def test_a_survey_is_kept_on_its_contact_once(handler, world):
    told = event("fulfil-speech")
    first, second = handler.answer(told), handler.answer(told)
    assert first == second
    assert state(first) == ({"type": "Close"}, "Fulfilled")
    (kept,) = surveys.every(world.services.redacted)
    assert (kept.contact_id, kept.score) == ("0a1b2c3d-0000-4000-8000-000000000002", 4)
    assert (kept.reason, kept.call_back) == ("the agent was quick", False)
    assert reviews.newest(world.services, 5) == []


def test_the_first_answer_of_a_session_stays(handler, world):
    handler.answer(event("fulfil-speech"))
    handler.answer(with_slots(event("fulfil-speech"), Score="1"))
    assert [one.score for one in surveys.every(world.services.redacted)] == [4]


def test_a_call_back_opens_one_task_however_often_it_is_asked_for(handler, world):
    told = with_slots(event("fulfil-speech"), CallBack="yes", CallBackDate="2026-02-01")
    handler.answer(told)
    handler.answer(told)
    (item,) = reviews.newest(world.services, 5)
    assert item.contact_id == "0a1b2c3d-0000-4000-8000-000000000002"
    assert item.name == "Call back after the survey"


def test_what_is_missing_is_asked_for_even_when_it_is_to_be_fulfilled(handler, world):
    answer = handler.answer(with_slots(event("fulfil-speech"), Reason=None))
    assert state(answer)[0] == {"type": "ElicitSlot", "slotToElicit": "Reason"}
    assert list(surveys.every(world.services.redacted)) == []


def test_a_wish_is_passed_on_to_a_person(handler, world):
    answer = handler.answer(event("fulfil-text"))
    assert state(answer) == ({"type": "Close"}, "Fulfilled")
    (item,) = reviews.newest(world.services, 5)
    assert (item.name, item.description) == (
        "Handle a cancellation",
        "What: contract\nWhy: too expensive",
    )


def test_what_is_personal_is_masked_before_it_is_kept(handler, world):
    told = with_slots(event("fulfil-speech"), Reason="mail me at jo@example.com")
    handler.answer(told)
    (kept,) = surveys.every(world.services.redacted)
    assert kept.reason == "mail me at [EMAIL]"


def test_fields_that_nobody_knows_are_ignored(handler):
    told = event("fulfil-speech")
    told["somethingNew"] = {"a": 1}
    told["sessionState"]["intent"]["kind"] = "NEW"
    told["bot"]["generation"] = 3
    assert state(handler.answer(told))[1] == "Fulfilled"


def test_attributes_that_are_no_strings_are_left_out(handler):
    told = event("dialog-text")
    told["sessionState"]["sessionAttributes"] = {"a": "b", "c": 1, "d": None}
    assert handler.answer(told)["sessionState"]["sessionAttributes"] == {"a": "b"}


@pytest.mark.parametrize(
    ("broken", "intent"),
    [
        pytest.param(None, "FallbackIntent", id="nothing"),
        pytest.param({}, "FallbackIntent", id="an empty event"),
        pytest.param({"sessionState": {"intent": {"name": "X"}}}, "X", id="an event of nobody"),
        pytest.param(
            {**event("fulfil-text"), "bot": {"name": "other"}}, "Cancel", id="an unknown bot"
        ),
        pytest.param(
            {**event("fulfil-text"), "sessionId": 7}, "Cancel", id="a session of a number"
        ),
    ],
)
def test_what_cannot_be_answered_has_failed(handler, broken, intent):
    assert handler.answer(broken) == {
        "sessionState": {
            "dialogAction": {"type": "Close"},
            "intent": {"name": intent, "state": "Failed"},
        },
        "messages": [{"contentType": "PlainText", "content": SORRY}],
    }


class Broken:
    """A detector that fails, with what it was given in its words."""

    def __init__(self, kind):
        self.kind = kind

    engine = None

    def spans(self, turns, language):
        raise self.kind(" ".join(turn.text for turn in turns))


@pytest.mark.parametrize("kind", [Unavailable, ValueError], ids=["known", "unexpected"])
def test_a_failure_says_nothing_of_the_customer(world, caplog, kind):
    object.__setattr__(world.services, "pii", Broken(kind))
    with caplog.at_level(logging.DEBUG):
        answer = Fulfilment(world.services, shipped()).answer(event("fulfil-speech"))
    assert answer["sessionState"]["intent"]["state"] == "Failed"
    assert "quick" not in json.dumps(answer["messages"]) + caplog.text
    assert list(surveys.every(world.services.redacted)) == []


@pytest.mark.parametrize("path", sorted(EVENTS.glob("lex_fulfilment.*.json")), ids=lambda p: p.stem)
def test_an_answer_has_the_form_that_lex_takes(handler, path):
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    from tests import strict

    model = ServiceModel(Loader().load_service_model("lexv2-runtime", "service-2"), "lexv2-runtime")
    answer = handler.answer(json.loads(path.read_text("utf-8")))
    assert set(answer) <= {"sessionState", "messages", "requestAttributes"}
    assert list(strict.walk(model.shape_for("SessionState"), answer["sessionState"], "state")) == []
    messages = answer.get("messages", [])
    assert list(strict.walk(model.shape_for("Messages"), messages, "messages")) == []
