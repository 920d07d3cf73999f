"""What fulfilling an intent does: one handler for Lex V2 and for the local engine.

It checks every value by the bot's definition, so that a number out of bounds is asked for again whoever read
it, and does its deed once for a session and intent: an answer whose delivery failed is asked for again and
changes nothing. A call-back opens a review item for a person; nobody is called by a machine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.domain.bot import YES, Bot, Deed, Intent
from chalicelib.domain.dialogue import CONFIRMED, DENIED, FAILED, FULFILLED, Filled, next_of
from chalicelib.domain.errors import LoupeError, NotFound
from chalicelib.domain.rules.actions import TASK, Order
from chalicelib.domain.slot_values import settled
from chalicelib.flow import reviews, surveys
from chalicelib.flow.masked_text import masked
from chalicelib.flow.surveys import Survey
from chalicelib.formats import lex_events
from chalicelib.formats.artifact import canonical, fingerprint
from chalicelib.formats.lex_events import DIALOG, LexEvent
from chalicelib.ports import numbered
from chalicelib.ports.services import Services

CONTACT = "contactId"
SORRY = "I am sorry, that did not work."
SCORE, REASON, CALL_BACK, CALL_BACK_ON = "Score", "Reason", "CallBack", "CallBackDate"
RULE_PREFIX = "bot:"
BEGUN = "control/bot-deeds/"

log = logging.getLogger("loupe.fulfilment")

Response = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """``services`` may have no dialogue yet: this is what a dialogue is made with."""

    services: Services
    bots: Mapping[str, Bot]

    def answer(self, event: object) -> Response:
        """The response to a Lex V2 event, whatever happens: an intent that cannot be fulfilled is
        ``Failed``."""
        try:
            return self._answer(lex_events.read(event))
        except LoupeError as error:
            log.warning("a bot's intent could not be fulfilled: %s", type(error).__name__)
        except Exception as error:  # noqa: BLE001 the customer gets an answer, the log no text of theirs
            log.warning(
                "a bot's intent could not be fulfilled: unexpected %s", type(error).__name__
            )
        return lex_events.failed(event, SORRY)

    def _answer(self, event: LexEvent) -> Response:
        bot, intent = self._definition(event)
        filled = self._filled(intent, event)
        slots = lex_events.slots_out(filled)
        said = {name: event.values.get(name) or event.originals.get(name) for name in slots}
        wrong = [s for s in intent.slots if filled[s.name] is None and said[s.name]]
        if wrong:
            return lex_events.elicit(event, slots, wrong[0].name, wrong[0].retry)
        values = {name: one.value if one else None for name, one in filled.items()}
        confirmation = event.confirmation if event.source == DIALOG else CONFIRMED
        step = next_of(intent, values, confirmation)
        if step.slot and (event.source != DIALOG or step.slot.name != event.proposed):
            return lex_events.elicit(event, slots, step.slot.name, step.slot.prompt)
        if event.source == DIALOG:
            ready = step.ready and event.confirmation != DENIED
            return lex_events.delegate(event, slots, ready=ready)
        return self._fulfilled(bot, intent, event, filled)

    def _definition(self, event: LexEvent) -> tuple[Bot, Intent]:
        bot = self.bots.get(event.bot)
        intent = bot.intent(event.intent) if bot else None
        if bot is None or intent is None:
            raise NotFound("no bot of this name has this intent")
        return bot, intent

    def _filled(self, intent: Intent, event: LexEvent) -> dict[str, Filled | None]:
        """Every slot of the definition: with a value that it may have, or empty."""
        found: dict[str, Filled | None] = {}
        for slot in intent.slots:
            original = event.originals.get(slot.name, "")
            value = settled(slot, event.values.get(slot.name), original, self._today())
            found[slot.name] = Filled(original or value, value) if value is not None else None
        return found

    def _fulfilled(
        self, bot: Bot, intent: Intent, event: LexEvent, filled: Mapping[str, Filled | None]
    ) -> Response:
        slots = lex_events.slots_out(filled)
        values = {name: one.value for name, one in filled.items() if one}
        try:
            self._do(bot, intent, event, values)
        except LoupeError as error:
            log.warning("%s of %s failed: %s", intent.name, bot.id, type(error).__name__)
            return lex_events.close(event, slots, FAILED, intent.failed)
        return lex_events.close(event, slots, FULFILLED, intent.closing)

    def _do(self, bot: Bot, intent: Intent, event: LexEvent, values: Mapping[str, str]) -> None:
        if intent.deed is Deed.SURVEY:
            self._keep_survey(bot, intent, event, values)
        elif intent.deed is Deed.TASK:
            self._open_task(bot, intent, event, values)

    def _keep_survey(
        self, bot: Bot, intent: Intent, event: LexEvent, values: Mapping[str, str]
    ) -> None:
        wish, score = values.get(CALL_BACK), values.get(SCORE)
        surveys.keep(
            self.services.redacted,
            Survey(
                contact_id=event.attributes.get(CONTACT, ""),
                session=event.session,
                intent=event.intent,
                bot=bot.id,
                at_ms=self._begun_ms(event),
                score=int(score) if score else None,
                reason=self._masked(bot, values.get(REASON, "")),
                call_back=None if wish is None else wish == YES,
                call_back_on=values.get(CALL_BACK_ON, "") if wish == YES else "",
            ),
        )
        if wish == YES:
            self._open_task(bot, intent, event, values)

    def _open_task(
        self, bot: Bot, intent: Intent, event: LexEvent, values: Mapping[str, str]
    ) -> None:
        """A review item, once: its id is that of session and intent, its time that of the first try."""
        told = [f"{name}: {self._masked(bot, value)}" for name, value in values.items()]
        order = Order(
            id=fingerprint([event.session, event.intent, TASK]),
            kind=TASK,
            contact_id=event.attributes.get(CONTACT, ""),
            rule_id=f"{RULE_PREFIX}{bot.id}:{intent.name}",
            rule_name=f"Bot {bot.id}",
            rule_version=1,
            at_ms=self._begun_ms(event),
            channel="CHAT",
            body={"Name": intent.task or intent.name, "Description": "\n".join(told)},
        )
        reviews.open_item(self.services, order)

    def _begun_ms(self, event: LexEvent) -> int:
        """When this intent of this session was to be fulfilled for the first time."""
        key = f"{BEGUN}{fingerprint([event.session, event.intent])}.json"
        numbered.put(self.services.redacted, key, canonical(self.services.clock()))
        return int(self.services.redacted.read(key))

    def _masked(self, bot: Bot, text: str) -> str:
        services = self.services
        policy = services.settings.redaction
        return masked(text, services.pii, policy, bot.language) if text else ""

    def _today(self) -> date:
        return datetime.fromtimestamp(self.services.clock() / 1000, UTC).date()
