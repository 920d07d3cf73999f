"""Trying bots, and what came of surveys."""

from __future__ import annotations

import secrets
from itertools import islice
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib import queries
from chalicelib.api import views
from chalicelib.api.bot_models import (
    BotInfo,
    BotIntentInfo,
    BotList,
    BotSessionInfo,
    BotSessionRequest,
    BotTurnInfo,
    BotUtterance,
    SurveyInfo,
    SurveyList,
)
from chalicelib.api.call import Call, Reply
from chalicelib.api.problems import Refusal
from chalicelib.domain.bot import Bot
from chalicelib.domain.errors import EngineMissing, NotFound
from chalicelib.flow import bot_talks, surveys
from chalicelib.flow.bot_talks import Turn
from chalicelib.flow.surveys import Survey
from chalicelib.formats import bot_transcript
from chalicelib.formats.bot_file import shipped
from chalicelib.formats.instants import iso

SHOWN, LOOKED_AT = 100, 5000

BotId = Annotated[str, Path(description="The bot's id.")]
SessionId = Annotated[str, Path(description="The session's id.")]


def list_bots(call: Call) -> BotList:
    """The bots that can be talked to, and who leads the dialogue."""
    try:
        engine, detail = views.engine(bot_talks.dialogue_of(call.services).engine), ""
    except EngineMissing as missing:
        engine, detail = None, missing.reason
    return BotList(items=[_bot(bot) for bot in shipped().values()], engine=engine, detail=detail)


def begin_session(call: Call, *, bot_id: BotId, body: BotSessionRequest) -> Reply:
    """Begin a session. One that has begun already goes on: its last turn is the answer."""
    session = body.session_id or f"try-{secrets.token_hex(16)}"
    attributes = {bot_talks.CONTACT: body.contact_id} if body.contact_id else {}
    if body.contact_id and not queries.sees(call.services, call.principal, body.contact_id):
        raise NotFound
    _check(call, bot_talks.last(call.services, bot_id, session))
    try:
        turn = bot_talks.begin(call.services, bot_id, session, attributes)
    except EngineMissing as missing:
        raise _unavailable(missing) from missing
    return Reply(_turn(turn), status=201)


def say(call: Call, *, bot_id: BotId, session_id: SessionId, body: BotUtterance) -> BotTurnInfo:
    """Say something. 409 when the dialogue has ended."""
    _check(call, bot_talks.last(call.services, bot_id, session_id))
    try:
        return _turn(bot_talks.say(call.services, bot_id, session_id, body.text))
    except EngineMissing as missing:
        raise _unavailable(missing) from missing


def get_session(call: Call, *, bot_id: BotId, session_id: SessionId) -> BotSessionInfo:
    """All turns of a session, masked, in order."""
    turns = bot_talks.turns(call.services, bot_id, session_id)
    _check(call, turns[0])
    own = call.services.settings.dialogue == "local"
    return BotSessionInfo(
        session_id=session_id,
        bot_id=bot_id,
        closed=turns[-1].closed,
        contact_of_session=bot_transcript.contact_id(bot_id, session_id) if own else "",
        turns=[_turn(turn) for turn in turns],
    )


def list_surveys(call: Call) -> SurveyList:
    """Answers of surveys about contacts that one may see, the latest 100; the mean is over all of them."""
    found = list(islice(surveys.every(call.services.redacted), LOOKED_AT + 1))
    looked = [one for one in found[:LOOKED_AT] if _sees(call, one.contact_id)]
    scores = [one.score for one in looked if one.score is not None]
    newest = sorted(looked, key=lambda one: (-one.at_ms, one.session))[:SHOWN]
    return SurveyList(
        items=[_survey(one) for one in newest],
        answers=len(looked),
        scored=len(scores),
        mean_score=round(sum(scores) / len(scores), 3) if scores else None,
        truncated=len(found) > LOOKED_AT or len(looked) > SHOWN,
    )


def _check(call: Call, turn: Turn | None) -> None:
    """Nobody sees the talk of a contact that they may not see."""
    if (
        turn
        and turn.contact_id
        and not queries.sees(call.services, call.principal, turn.contact_id)
    ):
        raise NotFound


def _sees(call: Call, contact_id: str) -> bool:
    return not contact_id or queries.sees(call.services, call.principal, contact_id)


def _unavailable(missing: EngineMissing) -> Refusal:
    return Refusal(501, "bots.unavailable", f"Bots cannot be talked to here: {missing.reason}.")


def _bot(bot: Bot) -> BotInfo:
    return BotInfo(
        id=bot.id,
        description=bot.description,
        language=bot.language,
        opens_with=bot.opens_with,
        intents=[
            BotIntentInfo(
                name=intent.name,
                examples=list(intent.examples),
                slots=[slot.name for slot in intent.slots],
            )
            for intent in bot.intents
        ],
    )


def _turn(turn: Turn) -> BotTurnInfo:
    return BotTurnInfo(
        session_id=turn.session,
        bot_id=turn.bot,
        number=turn.number,
        at=iso(turn.at_ms),
        said=turn.said,
        messages=list(turn.messages),
        intent=turn.intent,
        state=turn.state,
        dialog_action=turn.action,
        slots=dict(turn.slots),
        slot_to_elicit=turn.to_elicit,
        confidence=turn.confidence,
        missed=turn.missed,
        closed=turn.closed,
        engine=turn.engine,
    )


def _survey(survey: Survey) -> SurveyInfo:
    return SurveyInfo(
        contact_id=survey.contact_id,
        session_id=survey.session,
        at=iso(survey.at_ms),
        score=survey.score,
        reason=survey.reason,
        call_back=survey.call_back,
        call_back_on=survey.call_back_on,
    )
