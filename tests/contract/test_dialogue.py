"""One suite for every ``Dialogue``: in this process, and at Lex V2 through its own protocol."""

from __future__ import annotations

import pytest

from chalicelib.adapters.aws.lex_v2 import LexDialogue, places
from chalicelib.domain.errors import InputRefused, NotFound, SettingsError, Throttled, Unavailable
from chalicelib.flow import reviews, surveys
from chalicelib.formats.bot_file import shipped
from tests.aws_endpoint import Refused, client, serving
from tests.aws_faults import Cut, Garbage
from tests.bots import local_dialogue
from tests.lex_service import PLACES, LexRuntime
from tests.world import World

ABOUT = {"contactId": "c-1"}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def lex(world):
    service = LexRuntime(local_dialogue(world.services))
    with serving(service) as url, client(url, "lexv2-runtime") as made:
        yield service, LexDialogue(made, places(PLACES), shipped())


@pytest.fixture(params=["local", "lex"])
def dialogue(request, world):
    if request.param == "local":
        return local_dialogue(world.services)
    return request.getfixturevalue("lex")[1]


def talk(dialogue, bot, session, *texts):
    dialogue.begin(bot, session, ABOUT)
    return [dialogue.say(bot, session, text) for text in texts]


class TestEvery:
    def test_names_its_engine(self, dialogue):
        turn = dialogue.begin("survey", "s-1", ABOUT)
        assert turn.engine == dialogue.engine
        assert dialogue.engine.name
        assert dialogue.engine.version

    def test_a_bot_that_opens_with_an_intent_asks_at_once(self, dialogue):
        turn = dialogue.begin("survey", "s-1", ABOUT)
        assert turn.messages[0] == shipped()["survey"].greeting
        assert (turn.intent, turn.state, turn.dialog_action) == (
            "Survey",
            "InProgress",
            "ElicitSlot",
        )
        assert turn.slot_to_elicit == "Score"
        assert turn.attributes == ABOUT

    def test_a_bot_that_listens_asks_for_an_intent(self, dialogue):
        turn = dialogue.begin("self-service", "s-1", {})
        assert (turn.intent, turn.dialog_action) == (None, "ElicitIntent")

    def test_what_is_opened_again_goes_on_where_it_was(self, dialogue):
        talk(dialogue, "survey", "s-1", "four")
        again = dialogue.begin("survey", "s-1", {"contactId": "another"})
        assert again.slot_to_elicit == "Reason"
        assert again.slots["Score"] == "4"
        assert again.attributes == ABOUT

    def test_an_answer_that_is_none_is_asked_for_again(self, dialogue):
        vague, told = talk(dialogue, "survey", "s-1", "it was fine", "four")
        assert (vague.dialog_action, vague.slot_to_elicit) == ("ElicitSlot", "Score")
        assert vague.messages == ("Please give a number from 1 to 5.",)
        assert told.slots == {"Score": "4", "Reason": None, "CallBack": None, "CallBackDate": None}

    def test_after_the_last_try_it_has_failed(self, dialogue):
        *_, last = talk(dialogue, "survey", "s-1", "fine", "good", "hm")
        assert (last.state, last.dialog_action) == ("Failed", "Close")

    def test_a_survey_is_fulfilled_and_kept(self, dialogue, world):
        *_, last = talk(dialogue, "survey", "s-1", "two", "I waited too long", "no thanks")
        assert (last.state, last.dialog_action) == ("Fulfilled", "Close")
        (kept,) = surveys.every(world.services.redacted)
        assert (kept.contact_id, kept.score, kept.call_back) == ("c-1", 2, False)

    def test_a_call_back_opens_a_task_for_a_person(self, dialogue, world):
        talk(dialogue, "survey", "s-1", "1", "nobody called me", "yes", "tomorrow")
        (item,) = reviews.newest(world.services, 5)
        assert item.name == "Call back after the survey"
        assert "CallBackDate: 2026-01-06" in item.description

    def test_an_utterance_that_no_intent_has_is_missed(self, dialogue):
        (turn,) = talk(dialogue, "self-service", "s-1", "quantum flux capacitor")
        assert (turn.missed, turn.intent, turn.dialog_action) == (True, None, "ElicitIntent")

    def test_an_intent_is_told_with_its_confidence(self, dialogue):
        (turn,) = talk(dialogue, "self-service", "s-1", "where is my order please")
        assert (turn.intent, turn.slot_to_elicit) == ("OrderStatus", "OrderNumber")
        assert 0.5 <= turn.confidence <= 1

    def test_what_is_denied_is_not_done(self, dialogue, world):
        said = ("I want to cancel my contract", "the contract", "too expensive", "no")
        *_, asked, last = talk(dialogue, "self-service", "s-1", *said)
        assert asked.dialog_action == "ConfirmIntent"
        assert (last.state, last.dialog_action) == ("Failed", "Close")
        assert reviews.newest(world.services, 5) == []

    def test_what_is_forgotten_begins_anew(self, dialogue):
        talk(dialogue, "survey", "s-1", "four")
        dialogue.forget("survey", "s-1")
        dialogue.forget("survey", "s-1")
        assert dialogue.begin("survey", "s-1", {}).slots["Score"] is None

    def test_an_unknown_bot_is_not_found(self, dialogue):
        for act in (
            lambda: dialogue.begin("none", "s-1", {}),
            lambda: dialogue.say("none", "s-1", "hello"),
            lambda: dialogue.forget("none", "s-1"),
        ):
            with pytest.raises(NotFound):
                act()

    @pytest.mark.parametrize(
        ("session", "text"),
        [
            pytest.param("s-1", "", id="an empty utterance"),
            pytest.param("s-1", "x" * 1025, id="an utterance that is too long"),
            pytest.param("s/1", "hello", id="a session with a slash"),
            pytest.param("s", "hello", id="a session of one character"),
        ],
    )
    def test_what_a_bot_does_not_take_is_refused(self, dialogue, session, text):
        with pytest.raises(InputRefused):
            dialogue.say("survey", session, text)

    def test_the_longest_utterance_is_taken(self, dialogue):
        (turn,) = talk(dialogue, "self-service", "s-1", "x" * 1024)
        assert turn.missed

    def test_sessions_know_nothing_of_one_another(self, dialogue):
        talk(dialogue, "survey", "s-1", "four")
        talk(dialogue, "survey", "s.1", "two")
        assert dialogue.begin("survey", "s-1", {}).slots["Score"] == "4"


class TestLex:
    @pytest.mark.parametrize(
        ("fault", "error", "retryable"),
        [
            pytest.param(Refused(429, "ThrottlingException"), Throttled, True, id="throttled"),
            pytest.param(
                Refused(424, "DependencyFailedException"), Unavailable, True, id="its Lambda failed"
            ),
            pytest.param(
                Refused(502, "BadGatewayException"),
                Unavailable,
                True,
                id="its Lambda answered wrongly",
            ),
            pytest.param(Refused(409, "ConflictException"), Unavailable, True, id="two at once"),
            pytest.param(Refused(500, "InternalServerException"), Unavailable, True, id="a fault"),
            pytest.param(Refused(403, "AccessDeniedException"), Unavailable, False, id="forbidden"),
        ],
    )
    def test_a_failure_says_whether_to_try_again(self, lex, fault, error, retryable):
        service, dialogue = lex
        dialogue.begin("survey", "s-1", {})
        service.faults.append(fault)
        with pytest.raises(error) as raised:
            dialogue.say("survey", "s-1", "my secret is 4711")
        assert raised.value.retryable is retryable
        assert "4711" not in str(raised.value)

    @pytest.mark.parametrize("fault", [Cut(), Garbage()], ids=["cut off", "garbage"])
    def test_an_answer_that_is_none_is_no_turn(self, lex, fault):
        service, dialogue = lex
        dialogue.begin("survey", "s-1", {})
        service.faults.append(fault)
        with pytest.raises(Unavailable):
            dialogue.say("survey", "s-1", "four")

    def test_nothing_is_sent_that_the_service_refuses(self, lex):
        service, dialogue = lex
        with pytest.raises(InputRefused):
            dialogue.say("survey", "s-1", "x" * 1025)
        assert service.called == []

    @pytest.mark.parametrize(
        "told",
        [
            pytest.param("survey", id="no place"),
            pytest.param("survey=SHORT/TSTALIASID/en_US", id="a bot id of five"),
            pytest.param("survey=ABCDEFGHIJ/TSTALIASID/en-US", id="a locale with a hyphen"),
        ],
    )
    def test_a_place_that_is_none_is_a_setting_that_cannot_be(self, told):
        with pytest.raises(SettingsError):
            places((told,))

    def test_a_bot_is_named_once(self):
        with pytest.raises(SettingsError):
            places((PLACES[0], PLACES[0]))


class TestLocal:
    def test_a_handler_that_answers_wrongly_leaves_the_session_as_it_was(self, world):
        from chalicelib.adapters.engines.local_dialogue import LocalDialogue
        from chalicelib.adapters.engines.nearest_intents import NearestIntents

        answers = iter([{"sessionState": {}}])
        right = local_dialogue(world.services)._fulfil
        dialogue = LocalDialogue(
            shipped(),
            world.services.raw,
            lambda event: next(answers, None) or right(event),
            NearestIntents,
            world.clock,
        )
        dialogue.begin("survey", "s-1", {})
        with pytest.raises(Unavailable):
            dialogue.say("survey", "s-1", "four")
        assert dialogue.say("survey", "s-1", "four").slots["Score"] == "4"

    def test_of_two_utterances_at_once_one_is_told_to_try_again(self, world):
        one = local_dialogue(world.services)
        one.begin("self-service", "s-1", {})
        other = local_dialogue(world.services)

        class Interrupting:
            engine = one.engine

            def recognise(self, texts):
                other.say("self-service", "s-1", "when are you open")
                return one._make({"A": ["b"]}).recognise(texts)

        one._recognisers["self-service"] = Interrupting()
        with pytest.raises(Unavailable):
            one.say("self-service", "s-1", "where is my order")
