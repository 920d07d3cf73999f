"""Lex V2's runtime as a local service: its protocol and errors around any ``Dialogue``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.dialogue import Filled
from chalicelib.formats.lex_events import slots_out
from chalicelib.ports.dialogue import BotTurn, Dialogue
from tests.aws_endpoint import Refused, Service

BOTS = {"ABCDEFGHIJ": "survey", "KLMNOPQRST": "self-service"}
PLACES = (
    "survey=ABCDEFGHIJ/TSTALIASID/en_US",
    "self-service=KLMNOPQRST/TSTALIASID/en_US",
)


class LexRuntime(Service):
    """What leads the dialogue is ``dialogue``; ``PutSession`` begins as it begins."""

    invalid = "ValidationException"

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._last: dict[tuple[str, str], BotTurn] = {}
        operations = {
            "GetSession": self._get,
            "PutSession": self._put,
            "RecognizeText": self._recognize,
            "DeleteSession": self._delete,
        }
        super().__init__("lexv2-runtime", operations)

    def _get(self, params: dict[str, Any]) -> dict[str, Any]:
        return _answer(self._known(params))

    def _put(self, params: dict[str, Any]) -> dict[str, Any]:
        key, state = self._key(params), params["sessionState"]
        turn = self._dialogue.begin(*key, state.get("sessionAttributes", {}))
        wanted = state["dialogAction"]
        assert (wanted["type"], wanted.get("slotToElicit")) == (
            turn.dialog_action,
            turn.slot_to_elicit,
        )
        assert [one["content"] for one in params["messages"]] == list(turn.messages)
        self._last[key] = turn
        return {"sessionId": key[1]}

    def _recognize(self, params: dict[str, Any]) -> dict[str, Any]:
        key = self._key(params)
        self.requests.append(params)
        self._last[key] = self._dialogue.say(*key, params["text"])
        return _answer(self._last[key])

    def _delete(self, params: dict[str, Any]) -> dict[str, Any]:
        self._known(params)
        key = self._key(params)
        del self._last[key]
        self._dialogue.forget(*key)
        named = ("botId", "botAliasId", "localeId", "sessionId")
        return {name: params[name] for name in named}

    def _key(self, params: Mapping[str, Any]) -> tuple[str, str]:
        if params["botId"] not in BOTS:
            raise Refused(404, "ResourceNotFoundException", "no such bot")
        return BOTS[params["botId"]], params["sessionId"]

    def _known(self, params: Mapping[str, Any]) -> BotTurn:
        key = self._key(params)
        if key not in self._last:
            raise Refused(404, "ResourceNotFoundException", "no such session")
        return self._last[key]


def _answer(turn: BotTurn) -> dict[str, Any]:
    slots = slots_out({name: Filled(v, v) if v else None for name, v in turn.slots.items()})
    intent = {
        "name": turn.intent or "FallbackIntent",
        "state": turn.state,
        "confirmationState": "None",
        "slots": slots,
    }
    action = {"type": turn.dialog_action}
    if turn.slot_to_elicit:
        action["slotToElicit"] = turn.slot_to_elicit
    score = {} if turn.confidence is None else {"nluConfidence": {"score": turn.confidence}}
    state = {"dialogAction": action, "sessionAttributes": dict(turn.attributes)}
    if turn.intent or turn.missed:
        state["intent"] = intent
    return {
        "sessionId": turn.session,
        "messages": [{"contentType": "PlainText", "content": text} for text in turn.messages],
        "interpretations": [{"intent": intent, "interpretationSource": "Lex", **score}],
        "sessionState": state,
    }
