"""A survey after the contact: a session of the survey bot that waits for the customer.

It is offered once for a contact, whatever is published of it later, and never after a talk with a bot. Who
brings the session to the customer (a link in a message, a chat widget, a Connect flow) finds bot and session
in the follow-up.
"""

from __future__ import annotations

from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.follow_up import Result, Skipped
from chalicelib.flow import bot_talks
from chalicelib.flow.bot_talks import BOT, CONTACT, Belonging
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports import numbered

SURVEY_BOT = "survey"
OFFERED = "offered"
OFFERS = "control/survey-offers/"


def run(desk: Desk) -> Result:
    """Raises ``Skipped``, ``Unavailable``."""
    services, contact_id = desk.services, desk.order.contact_id
    record = desk.analysis.record
    if record and record.attributes.get(BOT):
        raise Skipped("this contact is a dialogue with a bot")
    try:
        engine = bot_talks.dialogue_of(services).engine
    except EngineMissing as missing:
        raise Skipped(missing.reason) from missing
    offer, key = Belonging(SURVEY_BOT, desk.order.id), offer_key(contact_id)
    numbered.put(services.redacted, key, dump(offer))
    if load(Belonging, services.redacted.read(key)) != offer:
        raise Skipped("a survey was offered for this contact before")
    bot_talks.begin(services, SURVEY_BOT, desk.order.id, {CONTACT: contact_id})
    return Result(
        outcome=OFFERED,
        engine=engine,
        inputs={CONTACT: contact_id},
        refs={"bot": SURVEY_BOT, "session": desk.order.id},
    )


def offer_key(contact_id: str) -> str:
    """Where it stands that a survey was offered; it goes with the contact."""
    return f"{OFFERS}{fingerprint(contact_id)}.json"
