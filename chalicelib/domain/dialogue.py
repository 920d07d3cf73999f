"""A dialogue as a machine without memory of its own: a session and an utterance in, the next session out.

States, actions and their order are Lex V2's. ``heard`` takes what was said, ``proposed`` says what comes
next, ``applied`` takes the word of a fulfilment handler. Nothing is read but what is given, so that the same
utterances lead to the same dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from chalicelib.domain.bot import YES, Bot, Intent, Slot
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.slot_values import read, yes_no

ELICIT_INTENT, ELICIT_SLOT, CONFIRM = "ElicitIntent", "ElicitSlot", "ConfirmIntent"
CLOSE, DELEGATE = "Close", "Delegate"
IN_PROGRESS, READY, FULFILLED, FAILED = "InProgress", "ReadyForFulfillment", "Fulfilled", "Failed"
UNDECIDED, CONFIRMED, DENIED = "None", "Confirmed", "Denied"
LONGEST_TEXT = 1024
SESSION_ID = re.compile(r"[0-9a-zA-Z._:-]{2,100}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot's value, and the words that gave it."""

    original: str
    value: str


Slots = Mapping[str, Filled | None]


@dataclass(frozen=True, slots=True)
class Session:
    """``messages`` are those of the last turn, ``tries`` the answers in a row that were not understood."""

    bot: str
    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    intent: str | None = None
    state: str = IN_PROGRESS
    action: str = ELICIT_INTENT
    slots: Slots = field(default_factory=dict)
    to_elicit: str | None = None
    confirmation: str = UNDECIDED
    confidence: float | None = None
    tries: int = 0
    missed: bool = False
    messages: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        return self.action == CLOSE


@dataclass(frozen=True, slots=True)
class Guess:
    """What intent an utterance has, None: none of them."""

    intent: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Next:
    """What is to come. ``ready``: nothing is missing any more."""

    action: str
    slot: Slot | None = None

    @property
    def ready(self) -> bool:
        return self.action == CLOSE


@dataclass(frozen=True, slots=True)
class Word:
    """What a fulfilment handler answered. ``slots`` None: they stay as they are."""

    action: str
    state: str | None = None
    to_elicit: str | None = None
    slots: Slots | None = None
    attributes: Mapping[str, str] | None = None
    messages: tuple[str, ...] = ()


def checked_text(text: str) -> str:
    """An utterance that a bot takes. Raises ``InputRefused``."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InputRefused("dialogue.text", f"an utterance has 1 to {LONGEST_TEXT} characters")
    return text


def checked_session(session: str) -> str:
    """The id of a session. Raises ``InputRefused``."""
    if not SESSION_ID.fullmatch(session):
        detail = "a session's id has 2 to 100 letters, digits and . _ : - only"
        raise InputRefused("dialogue.session", detail)
    return session


def opened(bot: Bot, session: str, attributes: Mapping[str, str]) -> Session:
    """The first turn: the bot greets, and asks at once where it opens with an intent."""
    begun = Session(bot.id, session, dict(attributes), messages=(bot.greeting,))
    return _begin(bot, begun, bot.opens_with, None) if bot.opens_with else begun


def listens(session: Session) -> bool:
    """Whether the next utterance is to be told an intent from; a closed session listens anew."""
    return session.action in (ELICIT_INTENT, CLOSE)


def heard(bot: Bot, session: Session, text: str, guess: Guess | None, today: date) -> Session:
    """After an utterance; ``guess`` where the session ``listens``."""
    session = replace(session, messages=(), missed=False)
    if listens(session):
        return _wanted(bot, session, guess or Guess(None, 0.0))
    intent = bot.intent(session.intent)
    if intent is None:
        return _gave_up(bot, session)
    if session.action == CONFIRM:
        return _confirmed(bot, intent, session, yes_no(text))
    return _filled(bot, intent, session, text, today)


def _wanted(bot: Bot, session: Session, guess: Guess) -> Session:
    if session.closed:
        session = Session(bot.id, session.id, session.attributes)
    if bot.intent(guess.intent) is None:
        missed = replace(session, missed=True, confidence=guess.confidence)
        return _again(bot, missed, (bot.missed,))
    return _begin(bot, session, guess.intent or "", guess.confidence)


def _begin(bot: Bot, session: Session, name: str, confidence: float | None) -> Session:
    intent = bot.intent(name)
    slots = {slot.name: None for slot in intent.slots} if intent else {}
    fresh = replace(
        session, intent=name, state=IN_PROGRESS, slots=slots, confidence=confidence, tries=0,
        confirmation=UNDECIDED,
    )  # fmt: skip
    return proposed(bot, fresh)


def _filled(bot: Bot, intent: Intent, session: Session, text: str, today: date) -> Session:
    slot = intent.slot(session.to_elicit)
    value = read(slot, text, today) if slot else None
    if slot is None or value is None:
        return _again(bot, session, (slot.retry if slot else bot.missed,))
    slots = {**session.slots, slot.name: Filled(text, value)}
    return proposed(bot, replace(session, slots=slots, tries=0))


def _confirmed(bot: Bot, intent: Intent, session: Session, answer: str | None) -> Session:
    if answer is None:
        return _again(bot, session, (intent.confirm,))
    if answer == YES:
        return proposed(bot, replace(session, confirmation=CONFIRMED, tries=0))
    return replace(
        session, confirmation=DENIED, state=FAILED, action=CLOSE, to_elicit=None,
        messages=(intent.declined,),
    )  # fmt: skip


def _again(bot: Bot, session: Session, messages: tuple[str, ...]) -> Session:
    """Ask again, or give up after as many tries as the bot allows."""
    if session.tries >= bot.retries:
        return _gave_up(bot, session)
    return replace(session, tries=session.tries + 1, messages=messages)


def _gave_up(bot: Bot, session: Session) -> Session:
    return replace(session, state=FAILED, action=CLOSE, to_elicit=None, messages=(bot.gave_up,))


def next_of(intent: Intent, values: Mapping[str, str | None], confirmation: str) -> Next:
    """What an intent needs next, by the values of its slots."""
    for slot in intent.slots:
        wanted = slot.only_if
        if wanted and values.get(wanted.slot) != wanted.value:
            continue
        if values.get(slot.name) is None:
            return Next(ELICIT_SLOT, slot)
    if intent.confirm and confirmation != CONFIRMED:
        return Next(CONFIRM)
    return Next(CLOSE)


def proposed(bot: Bot, session: Session) -> Session:
    """The session on its way to what its intent needs next; nothing more needed: ready for fulfilment."""
    intent = bot.intent(session.intent)
    if intent is None:
        return session
    step = next_of(intent, values_of(session.slots), session.confirmation)
    if step.ready:
        return replace(session, state=READY, action=CLOSE, to_elicit=None)
    prompt = step.slot.prompt if step.slot else intent.confirm
    return replace(
        session,
        state=IN_PROGRESS,
        action=step.action,
        to_elicit=step.slot.name if step.slot else None,
        messages=(*session.messages, prompt),
    )


def applied(session: Session, word: Word) -> Session:
    """The session after the handler's word. ``Delegate`` leaves the step to the machine."""
    session = replace(
        session,
        slots=session.slots if word.slots is None else word.slots,
        attributes=session.attributes if word.attributes is None else word.attributes,
    )
    if word.action == DELEGATE:
        ready = READY in (word.state, session.state)
        return replace(session, state=READY, action=CLOSE, to_elicit=None) if ready else session
    return replace(
        session,
        state=word.state or session.state,
        action=word.action,
        to_elicit=word.to_elicit if word.action == ELICIT_SLOT else None,
        intent=None if word.action == ELICIT_INTENT else session.intent,
        messages=word.messages or session.messages,
    )


def values_of(slots: Slots) -> dict[str, str | None]:
    return {name: filled.value if filled else None for name, filled in slots.items()}
