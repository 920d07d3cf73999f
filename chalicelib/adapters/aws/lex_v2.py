"""Dialogues at Amazon Lex V2: sessions and utterances of bots of the account.

A bot is known by the name that Loupe's definition has, and found at the service by its id, alias and locale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, unavailable
from chalicelib.domain.bot import Bot
from chalicelib.domain.dialogue import ELICIT_INTENT, ELICIT_SLOT, checked_session, checked_text
from chalicelib.domain.errors import InputRefused, NotFound, SettingsError, Throttled, Unavailable
from chalicelib.domain.transcript import Engine
from chalicelib.formats import lex_events
from chalicelib.ports.dialogue import BotTurn

MISSED = ("FallbackIntent", "AMAZON.FallbackIntent")
_PLACE = re.compile(
    r"([a-z][a-z0-9-]*)=([0-9a-zA-Z]{10})/([0-9a-zA-Z]{1,20})/([a-z]{2,3}_[A-Z]{2})"
)
_PASSING = frozenset(("DependencyFailedException", "BadGatewayException", "ConflictException"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bot is at the service."""

    bot_id: str
    alias_id: str
    locale: str

    @property
    def params(self) -> dict[str, str]:
        return {"botId": self.bot_id, "botAliasId": self.alias_id, "localeId": self.locale}


def places(told: Iterable[str]) -> dict[str, Place]:
    """``survey=ABCDEFGHIJ/TSTALIASID/en_US`` and the like. Raises ``SettingsError``."""
    found: dict[str, Place] = {}
    for one in told:
        match = _PLACE.fullmatch(one)
        if match is None or match[1] in found:
            raise SettingsError(
                "LOUPE_LEX_BOTS is <bot>=<bot id>/<alias id>/<locale>, each bot once"
            )
        found[match[1]] = Place(match[2], match[3], match[4])
    return found


class LexDialogue:
    """``Dialogue`` at the service; ``client`` is one of ``lexv2-runtime``. ``bots`` are the definitions
    that the bots there were made from: what they greet with and begin with."""

    engine = Engine(
        "Amazon Lex V2", "2020-08-07", "what is said leaves this process for the service"
    )

    def __init__(
        self,
        client: Any,  # noqa: ANN401 botocore's clients have no type
        places: Mapping[str, Place],
        bots: Mapping[str, Bot],
    ) -> None:
        self._client = client
        self._places = places
        self._bots = bots

    def begin(self, bot: str, session: str, attributes: Mapping[str, str]) -> BotTurn:
        """See ``Dialogue``. What is opened again is told from the session as it stands."""
        where, definition = self._at(bot, session)
        try:
            with _translated("GetSession"):
                answer = self._client.get_session(**where)
        except NotFound:
            with _translated("PutSession"):
                self._client.put_session(**where, **_opening(definition, attributes))
            with _translated("GetSession"):
                answer = self._client.get_session(**where)
        return self._turn(session, answer)

    def say(self, bot: str, session: str, text: str) -> BotTurn:
        """See ``Dialogue``."""
        where, _ = self._at(bot, session)
        with _translated("RecognizeText"):
            answer = self._client.recognize_text(**where, text=checked_text(text))
        return self._turn(session, answer)

    def forget(self, bot: str, session: str) -> None:
        """See ``Dialogue``."""
        where, _ = self._at(bot, session)
        try:
            with _translated("DeleteSession"):
                self._client.delete_session(**where)
        except NotFound:
            return

    def _at(self, bot: str, session: str) -> tuple[dict[str, str], Bot]:
        if bot not in self._places or bot not in self._bots:
            raise NotFound("there is no such bot")
        return {**self._places[bot].params, "sessionId": checked_session(session)}, self._bots[bot]

    def _turn(self, session: str, answer: Mapping[str, Any]) -> BotTurn:
        state = answer.get("sessionState")
        if not state:
            raise Unavailable("Lex: the answer tells no state of the session")
        intent = state.get("intent") or {}
        action = state.get("dialogAction") or {}
        name = intent.get("name")
        missed = name in MISSED
        slots = lex_events.filled(intent.get("slots") or {})
        return BotTurn(
            engine=self.engine,
            session=session,
            messages=lex_events.texts_of(answer.get("messages")),
            intent=None if missed else name,
            state=str(intent.get("state") or "InProgress"),
            dialog_action=str(action.get("type") or ELICIT_INTENT),
            slots={slot: one.value if one else None for slot, one in slots.items()},
            slot_to_elicit=action.get("slotToElicit"),
            confidence=_confidence(answer, name),
            missed=missed,
            attributes=lex_events.strings(state.get("sessionAttributes")),
        )


def _opening(bot: Bot, attributes: Mapping[str, str]) -> dict[str, Any]:
    """The state that a session begins with, and what is said then."""
    state: dict[str, Any] = {
        "dialogAction": {"type": ELICIT_INTENT},
        "sessionAttributes": dict(attributes),
    }
    texts = [bot.greeting]
    intent = bot.intent(bot.opens_with)
    if intent and intent.slots:
        first = intent.slots[0]
        state["dialogAction"] = {"type": ELICIT_SLOT, "slotToElicit": first.name}
        state["intent"] = {"name": intent.name, "state": "InProgress"}
        texts.append(first.prompt)
    messages = [{"contentType": lex_events.PLAIN, "content": text} for text in texts]
    return {"sessionState": state, "messages": messages}


def _confidence(answer: Mapping[str, Any], name: object) -> float | None:
    for one in answer.get("interpretations") or ():
        score = (one.get("nluConfidence") or {}).get("score")
        if (one.get("intent") or {}).get("name") == name and score is not None:
            return float(score)
    return None


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    try:
        yield
    except AWS_ERRORS as error:
        raise _failure(error, f"Lex: {operation}") from error


def _failure(error: Exception, what: str) -> Exception:
    code = code_of(error)
    if code == "ResourceNotFoundException":
        return NotFound(f"{what}: there is no such bot or session")
    if code == "ValidationException" and isinstance(error, ClientError):
        return InputRefused("dialogue.refused", f"{what}: the service refuses the request")
    if code == "ThrottlingException":
        return Throttled(f"{what}: {code}")
    if code in _PASSING:
        return Unavailable(f"{what}: {code}")
    return unavailable(error, what)
