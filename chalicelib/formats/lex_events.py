"""Events that Lex V2 sends to a fulfilment Lambda, and the answers that it takes.

The shapes are those of Lex V2's documentation; fields that are not known are ignored, because new ones may
come without a new version. Empty slots are ``null``, session attributes are strings only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.bot import Bot
from chalicelib.domain.dialogue import (
    CLOSE,
    DELEGATE,
    ELICIT_SLOT,
    FAILED,
    READY,
    UNDECIDED,
    Filled,
    Session,
    Slots,
    Word,
)
from chalicelib.domain.errors import InputRefused

VERSION = "1.0"
DIALOG, FULFILL = "DialogCodeHook", "FulfillmentCodeHook"
SOURCES = (DIALOG, FULFILL)
PLAIN = "PlainText"
LONGEST_MESSAGE, MOST_MESSAGES = 1024, 10
UNKNOWN_INTENT = "FallbackIntent"

Shape = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LexEvent:
    """What a handler needs of an event. ``values`` are interpreted values; ``originals`` what was said for
    them; ``raw_slots`` the slots as they came, to be given back. ``proposed``: the slot that Lex would
    elicit next."""

    source: str
    session: str
    bot: str
    locale: str
    intent: str
    state: str
    confirmation: str
    transcript: str
    values: Mapping[str, str | None]
    originals: Mapping[str, str]
    raw_slots: Mapping[str, Any]
    attributes: Mapping[str, str]
    proposed: str | None = None


def read(event: object) -> LexEvent:
    """The event. Raises ``InputRefused`` (``lex.event``) for what is none of Lex V2."""
    top = _object(event, "the event")
    source = top.get("invocationSource")
    if source not in SOURCES:
        raise InputRefused("lex.event", "invocationSource is none of Lex V2's")
    state = _object(top.get("sessionState"), "sessionState")
    intent = _object(state.get("intent"), "sessionState.intent")
    bot = _object(top.get("bot"), "bot")
    slots = intent.get("slots")
    raw = dict(slots) if isinstance(slots, dict) else {}
    return LexEvent(
        source=str(source),
        session=_needed(top, "sessionId"),
        bot=_needed(bot, "name"),
        locale=_text(bot.get("localeId")),
        intent=_needed(intent, "name"),
        state=_text(intent.get("state")),
        confirmation=_text(intent.get("confirmationState")) or UNDECIDED,
        transcript=_text(top.get("inputTranscript")),
        values={name: _interpreted(slot) for name, slot in raw.items()},
        originals={name: _original(slot) for name, slot in raw.items()},
        raw_slots=raw,
        attributes=strings(state.get("sessionAttributes")),
        proposed=_proposed(top.get("proposedNextState")),
    )


def intent_named(event: object) -> str:
    """The intent that an event names, whatever else is wrong with it."""
    found: object = event
    for name in ("sessionState", "intent", "name"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) and found else UNKNOWN_INTENT


def event_of(bot: Bot, session: Session, source: str, text: str) -> dict[str, Any]:
    """The event that Lex V2 would send for this session: what the local engine asks its handler with."""
    intent = {
        "name": session.intent,
        "state": session.state,
        "confirmationState": session.confirmation,
        "slots": slots_out(session.slots),
    }
    score = {} if session.confidence is None else {"nluConfidence": {"score": session.confidence}}
    proposal = {
        "dialogAction": {"type": session.action, "slotToElicit": session.to_elicit},
        "intent": intent,
    }
    return {
        "messageVersion": VERSION,
        "invocationSource": source,
        "inputMode": "Text",
        "responseContentType": "text/plain; charset=utf-8",
        "sessionId": session.id,
        "inputTranscript": text,
        "bot": {
            "id": "LOCALBOT00",
            "name": bot.id,
            "localeId": bot.language.replace("-", "_"),
            "version": "DRAFT",
            "aliasId": "TSTALIASID",
            "aliasName": "local",
        },
        "interpretations": [{"intent": intent, "interpretationSource": "Lex", **score}],
        **({"proposedNextState": proposal} if source == DIALOG else {}),
        "requestAttributes": {},
        "sessionState": {
            "activeContexts": [],
            "sessionAttributes": dict(session.attributes),
            "intent": intent,
            "originatingRequestId": session.id,
        },
        "transcriptions": [{"transcription": text, "transcriptionConfidence": 1.0}] if text else [],
    }


def slots_out(slots: Slots) -> dict[str, Any]:
    return {name: slot_out(filled) if filled else None for name, filled in slots.items()}


def slot_out(filled: Filled) -> dict[str, Any]:
    value = {
        "originalValue": filled.original,
        "interpretedValue": filled.value,
        "resolvedValues": [filled.value],
    }
    return {"shape": "Scalar", "value": value}


def delegate(event: LexEvent, slots: Mapping[str, Any], *, ready: bool) -> dict[str, Any]:
    """Let Lex take the next step; ``ready``: that is to fulfil the intent."""
    state = READY if ready else event.state
    return _response({"type": DELEGATE}, event, slots, state, ())


def elicit(event: LexEvent, slots: Mapping[str, Any], slot: str, message: str) -> dict[str, Any]:
    """Ask for a slot."""
    action = {"type": ELICIT_SLOT, "slotToElicit": slot}
    return _response(action, event, slots, "InProgress", (message,))


def close(event: LexEvent, slots: Mapping[str, Any], state: str, message: str) -> dict[str, Any]:
    """End the intent as ``Fulfilled`` or ``Failed``."""
    return _response({"type": CLOSE}, event, slots, state, (message,))


def failed(event: object, message: str) -> dict[str, Any]:
    """The answer to an event that could not be worked on: it carries nothing of what the customer said."""
    state = {
        "dialogAction": {"type": CLOSE},
        "intent": {"name": intent_named(event), "state": FAILED},
    }
    return {"sessionState": state, "messages": [_message(message)]}


def _response(
    action: Shape, event: LexEvent, slots: Mapping[str, Any], state: str, messages: tuple[str, ...]
) -> dict[str, Any]:
    intent = {
        "name": event.intent,
        "state": state,
        "slots": dict(slots),
        "confirmationState": event.confirmation,
    }
    answer: dict[str, Any] = {
        "sessionState": {
            "dialogAction": dict(action),
            "intent": intent,
            "sessionAttributes": dict(event.attributes),
        }
    }
    if messages:
        answer["messages"] = [_message(text) for text in messages]
    return answer


def _message(text: str) -> dict[str, str]:
    return {"contentType": PLAIN, "content": text[:LONGEST_MESSAGE]}


def word_of(response: object) -> Word:
    """What a handler's answer says. Raises ``InputRefused`` (``lex.response``), as Lex V2 does with a
    ``DependencyFailedException``."""
    try:
        top = _object(response, "the answer")
        state = _object(top.get("sessionState"), "sessionState")
        action = _object(state.get("dialogAction"), "dialogAction")
        kind = _needed(action, "type")
    except InputRefused as refused:
        raise InputRefused("lex.response", refused.detail) from refused
    intent = state.get("intent")
    known: Shape = intent if isinstance(intent, dict) else {}
    slots, attributes = known.get("slots"), state.get("sessionAttributes")
    return Word(
        action=kind,
        state=_text(known.get("state")) or None,
        to_elicit=_text(action.get("slotToElicit")) or None,
        slots=filled(slots) if isinstance(slots, dict) else None,
        attributes=strings(attributes) if isinstance(attributes, dict) else None,
        messages=texts_of(top.get("messages")),
    )


def filled(slots: Shape) -> Slots:
    """Slots of an event or answer, with what was understood of them."""
    return {
        name: Filled(_original(slot), value) if (value := _interpreted(slot)) is not None else None
        for name, slot in slots.items()
    }


def texts_of(messages: object) -> tuple[str, ...]:
    """The contents of messages; cards and speech marks have text or none."""
    listed = messages if isinstance(messages, list) else []
    found = (_text(one.get("content")) for one in listed[:MOST_MESSAGES] if isinstance(one, dict))
    return tuple(text for text in found if text)


def strings(value: object) -> dict[str, str]:
    """Attributes; what is no string is left out."""
    pairs = value.items() if isinstance(value, dict) else ()
    return {str(name): text for name, text in pairs if isinstance(text, str)}


def _value(slot: object) -> Shape:
    """The value of a slot; the first of several."""
    if not isinstance(slot, dict):
        return {}
    values = slot.get("values")
    if isinstance(values, list) and values:
        return _value(values[0])
    value = slot.get("value")
    return value if isinstance(value, dict) else {}


def _interpreted(slot: object) -> str | None:
    return _text(_value(slot).get("interpretedValue")) or None


def _original(slot: object) -> str:
    return _text(_value(slot).get("originalValue"))


def _proposed(value: object) -> str | None:
    action = value.get("dialogAction") if isinstance(value, dict) else None
    return (_text(action.get("slotToElicit")) or None) if isinstance(action, dict) else None


def _object(value: object, what: str) -> Shape:
    if not isinstance(value, dict):
        raise InputRefused("lex.event", f"{what} is not an object")
    return value


def _needed(value: Shape, name: str) -> str:
    text = _text(value.get(name))
    if not text:
        raise InputRefused("lex.event", f"{name} is missing")
    return text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
