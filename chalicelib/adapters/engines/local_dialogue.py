"""Dialogues in this process: bots as data, a machine of states, and the fulfilment handler of Lex V2.

A session is a row of numbered objects, one for each turn, created and never changed: of two utterances that
come at once one is told to try again. The handler is asked with the very event that Lex V2 would send, and is
held to the answer that Lex V2 takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from chalicelib.domain import dialogue as machine
from chalicelib.domain.bot import Bot
from chalicelib.domain.dialogue import Guess, Session, checked_session, checked_text
from chalicelib.domain.errors import InputRefused, NotFound, Unavailable
from chalicelib.domain.transcript import Engine
from chalicelib.formats import lex_events
from chalicelib.formats.artifact import dump, load
from chalicelib.formats.lex_events import DIALOG, FULFILL
from chalicelib.ports import numbered
from chalicelib.ports.dialogue import BotTurn
from chalicelib.ports.intents import Examples, IntentRecogniser
from chalicelib.ports.storage import ObjectStore

SESSIONS = "control/bot-sessions/"
VERSION = "1"

Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]
MakeRecogniser = Callable[[Examples], IntentRecogniser]


class LocalDialogue:
    """``Dialogue`` over the given bots. ``sessions`` holds what customers said while they say it, so it is
    the store for originals; ``fulfil`` is the handler; ``recogniser`` is made for each bot at its first
    session; ``clock`` gives epoch milliseconds."""

    def __init__(
        self,
        bots: Mapping[str, Bot],
        sessions: ObjectStore,
        fulfil: Handler,
        recogniser: MakeRecogniser,
        clock: Callable[[], int],
    ) -> None:
        self._bots = bots
        self._sessions = sessions
        self._fulfil = fulfil
        self._make = recogniser
        self._clock = clock
        self._recognisers: dict[str, IntentRecogniser] = {}

    @property
    def engine(self) -> Engine:
        """Named with what recognises intents, which differs by what is installed."""
        kinds = {self._recogniser(bot).engine.name for bot in self._bots.values()}
        return Engine("local-dialogue", VERSION, f"intents by {', '.join(sorted(kinds))}")

    def begin(self, bot: str, session: str, attributes: Mapping[str, str]) -> BotTurn:
        """See ``Dialogue``."""
        definition = self._bot(bot)
        key_of = partial(_key, bot, checked_session(session))
        if numbered.last(self._sessions, key_of) == 0:
            first = machine.opened(definition, session, attributes)
            numbered.put(self._sessions, key_of(1), dump(first))
        return self._turn(self._load(definition, session)[1])

    def say(self, bot: str, session: str, text: str) -> BotTurn:
        """See ``Dialogue``."""
        definition = self._bot(bot)
        checked_text(text)
        number, before = self._load(definition, checked_session(session))
        guess = self._guess(definition, text) if machine.listens(before) else None
        after = machine.heard(definition, before, text, guess, self._today())
        after = self._settled(definition, after, text)
        if not numbered.put(self._sessions, _key(bot, session, number + 1), dump(after)):
            raise Unavailable("another utterance of this session came first")
        return self._turn(after)

    def forget(self, bot: str, session: str) -> None:
        """See ``Dialogue``."""
        self._bot(bot)
        for stat in list(self._sessions.list(_folder(bot, checked_session(session)))):
            self._sessions.delete(stat.key)

    def _bot(self, bot: str) -> Bot:
        if bot not in self._bots:
            raise NotFound("there is no such bot")
        return self._bots[bot]

    def _load(self, bot: Bot, session: str) -> tuple[int, Session]:
        """The last turn and its number; a session that nobody began begins now, as with Lex V2."""
        key_of = partial(_key, bot.id, session)
        number = numbered.last(self._sessions, key_of)
        if number == 0:
            return 0, machine.opened(bot, session, {})
        return number, load(Session, self._sessions.read(key_of(number)))

    def _guess(self, bot: Bot, text: str) -> Guess:
        (found,) = self._recogniser(bot).recognise([text])
        return Guess(found.intent, found.confidence)

    def _recogniser(self, bot: Bot) -> IntentRecogniser:
        if bot.id not in self._recognisers:
            examples = {intent.name: intent.examples for intent in bot.intents}
            self._recognisers[bot.id] = self._make(examples)
        return self._recognisers[bot.id]

    def _settled(self, bot: Bot, session: Session, text: str) -> Session:
        """After the handler's word, where the intent has a hook or is ready."""
        intent = bot.intent(session.intent)
        if intent is None or session.state in (machine.FAILED, machine.FULFILLED):
            return session
        if intent.hook and not session.missed:
            session = self._asked(bot, session, DIALOG, text)
        if session.state == machine.READY:
            session = self._asked(bot, session, FULFILL, text)
        return session

    def _asked(self, bot: Bot, session: Session, source: str, text: str) -> Session:
        event = lex_events.event_of(bot, session, source, text)
        try:
            word = lex_events.word_of(self._fulfil(event))
        except InputRefused as refused:
            raise Unavailable(f"the fulfilment handler: {refused.detail}") from refused
        return machine.applied(session, word)

    def _turn(self, session: Session) -> BotTurn:
        return BotTurn(
            engine=self.engine,
            session=session.id,
            messages=session.messages,
            intent=session.intent,
            state=session.state,
            dialog_action=session.action,
            slots=machine.values_of(session.slots),
            slot_to_elicit=session.to_elicit,
            confidence=session.confidence,
            missed=session.missed,
            attributes=session.attributes,
        )

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock() / 1000, UTC).date()


def _folder(bot: str, session: str) -> str:
    """A session's id may hold dots and colons, which not every store takes in a name."""
    return f"{SESSIONS}{bot}/{session.replace(':', '!3A').replace('.', '!2E')}/"


def _key(bot: str, session: str, number: int) -> str:
    return f"{_folder(bot, session)}{number:08d}.json"
