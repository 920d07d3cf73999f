"""The resources of dialogues with bots."""

from __future__ import annotations

from chalicelib.api import bot_models, bots, missed_utterances
from chalicelib.api.route import Route
from chalicelib.domain.principal import CONTACTS_READ, REVIEWS

SAID = (404, 409, 413, 415, 422, 501)

ROUTES = (
    Route("GET", "/v1/bots", bots.list_bots, REVIEWS, bot_models.BotList, "bots"),
    Route(
        "POST",
        "/v1/bots/{botId}/sessions",
        bots.begin_session,
        REVIEWS,
        bot_models.BotTurnInfo,
        "bots",
        status=201,
        statuses=SAID,
    ),
    Route(
        "POST",
        "/v1/bots/{botId}/sessions/{sessionId}/utterances",
        bots.say,
        REVIEWS,
        bot_models.BotTurnInfo,
        "bots",
        statuses=SAID,
    ),
    Route(
        "GET",
        "/v1/bots/{botId}/sessions/{sessionId}",
        bots.get_session,
        REVIEWS,
        bot_models.BotSessionInfo,
        "bots",
        statuses=(404,),
    ),
    Route("GET", "/v1/surveys", bots.list_surveys, CONTACTS_READ, bot_models.SurveyList, "bots"),
    Route(
        "GET",
        "/v1/missed-utterances",
        missed_utterances.get_report,
        REVIEWS,
        bot_models.MissedUtteranceReport,
        "bots",
        statuses=(501,),
    ),
    Route(
        "GET",
        "/v1/missed-utterances/lex-export",
        missed_utterances.export_to_lex,
        REVIEWS,
        bot_models.LexExport,
        "bots",
        statuses=(501,),
    ),
)
