"""Talks with bots: what was said, masked and kept, and the contact that a finished talk becomes.

The engine's session holds what is said as it is said, for as long as the talk goes on, and is forgotten when
the talk ends. What is kept is a row of numbered exchanges, masked before they are written; of these the
transcript is made that goes among the sources, so that a talk is analysed like any chat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from chalicelib.domain.dialogue import CLOSE
from chalicelib.domain.errors import EngineMissing, NotFound, StateRefused
from chalicelib.domain.events import Hint
from chalicelib.flow.masked_text import masked
from chalicelib.formats import bot_transcript
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.formats.bot_file import shipped
from chalicelib.formats.bot_transcript import Exchange
from chalicelib.ports import dated, numbered
from chalicelib.ports.dialogue import BotTurn, Dialogue
from chalicelib.ports.services import Services

TALKS, MISSED, OF_CONTACT = "control/bot-talks/", "control/bot-missed/", "control/bot-talks-of/"
BOT, CONTACT = "bot", "contactId"
MOST_EXCHANGES = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange as it may be shown: ``said`` and the values of ``slots`` are masked."""

    number: int
    at_ms: int
    bot: str
    session: str
    said: str
    messages: tuple[str, ...]
    intent: str | None
    state: str
    action: str
    slots: Mapping[str, str | None] = field(default_factory=dict)
    to_elicit: str | None = None
    confidence: float | None = None
    missed: bool = False
    engine: str = ""
    contact_id: str = ""

    @property
    def closed(self) -> bool:
        return self.action == CLOSE


@dataclass(frozen=True, slots=True)
class Missed:
    """An utterance, masked, that no intent was understood from. ``contact_id`` is that of the talk."""

    bot: str
    text: str
    contact_id: str
    at_ms: int


def dialogue_of(services: Services) -> Dialogue:
    """Raises ``EngineMissing`` where the installation has none."""
    if services.after.dialogue is None:
        raise EngineMissing("dialogue", "dialogues are switched off (LOUPE_DIALOGUE=none)")
    return services.after.dialogue


def begin(services: Services, bot: str, session: str, attributes: Mapping[str, str]) -> Turn:
    """Open a talk, once; opened again, the last turn of it. Raises ``NotFound``, ``InputRefused``,
    ``Unavailable``, ``EngineMissing``."""
    known = last(services, bot, session)
    if known:
        return known
    turn = dialogue_of(services).begin(bot, session, attributes)
    contact_id = attributes.get(CONTACT, "")
    if contact_id:
        name = f"{prefix_of(contact_id)}{fingerprint([bot, session])}.json"
        numbered.put(services.redacted, name, dump(Belonging(bot, session)))
    return _kept(services, _shown(services, bot, 1, "", turn))


def say(services: Services, bot: str, session: str, text: str) -> Turn:
    """One utterance. Raises ``NotFound`` for a talk that nobody began, ``StateRefused`` for one that has
    ended, and what ``Dialogue`` raises."""
    before = last(services, bot, session)
    if before is None:
        raise NotFound("there is no such session of this bot")
    if before.closed:
        raise StateRefused("bot.closed", "This dialogue has ended.")
    if before.number >= MOST_EXCHANGES:
        raise StateRefused("bot.too_long", f"A dialogue has at most {MOST_EXCHANGES} turns.")
    dialogue = dialogue_of(services)
    # An engine forgets idle sessions, and with them whose they are.
    dialogue.begin(bot, session, {CONTACT: before.contact_id} if before.contact_id else {})
    turn = dialogue.say(bot, session, text)
    asked = before.messages[-1] if before.messages else ""
    shown = _kept(services, _shown(services, bot, before.number + 1, text, turn, asked))
    if shown.missed:
        _note_missed(services, shown)
    if shown.closed:
        _end(services, bot, session)
    return shown


def last(services: Services, bot: str, session: str) -> Turn | None:
    """The last turn of a talk; None for one that nobody began."""
    key_of = partial(_key, bot, session)
    number = numbered.last(services.redacted, key_of)
    return load(Turn, services.redacted.read(key_of(number))) if number else None


def turns(services: Services, bot: str, session: str) -> list[Turn]:
    """All turns in order. Raises ``NotFound``."""
    found = numbered.bodies(services.redacted, partial(_key, bot, session))
    told = [load(Turn, body) for body in found]
    if not told:
        raise NotFound("there is no such session of this bot")
    return told


def missed(services: Services, since_ms: int) -> Iterator[Missed]:
    """Utterances that were not understood, the latest first."""
    store = services.redacted
    for key in dated.newest(store, MISSED, since_ms, services.clock()):
        yield load(Missed, store.read(key))


def forget(services: Services, contact_id: str) -> None:
    """Remove the talks that belong to a contact: at the engine, and what was kept of them."""
    for stat in list(services.redacted.list(prefix_of(contact_id))):
        known = load(Belonging, services.redacted.read(stat.key))
        forget_talk(services, known.bot, known.session)
        services.redacted.purge(stat.key)


def forget_talk(services: Services, bot: str, session: str) -> None:
    """Remove one talk. The contact that it became is erased like any contact."""
    if services.after.dialogue:
        services.after.dialogue.forget(bot, session)
    for turn in [
        load(Turn, b) for b in numbered.bodies(services.redacted, partial(_key, bot, session))
    ]:
        if turn.missed:
            services.redacted.purge(_missed_key(turn))
    for stat in list(services.redacted.list(_folder(bot, session))):
        services.redacted.purge(stat.key)


@dataclass(frozen=True, slots=True)
class Belonging:
    """A talk that belongs to a contact."""

    bot: str
    session: str


def _shown(
    services: Services, bot: str, number: int, text: str, turn: BotTurn, asked: str = ""
) -> Turn:
    known = shipped().get(bot)
    language = known.language if known else services.settings.language

    def mask(value: str, question: str = "") -> str:
        policy = services.settings.redaction
        return masked(value, services.pii, policy, language, question) if value else ""

    return Turn(
        number=number,
        at_ms=services.clock(),
        bot=bot,
        session=turn.session,
        said=mask(text, asked),
        messages=turn.messages,
        intent=turn.intent,
        state=turn.state,
        action=turn.dialog_action,
        slots={name: mask(value) if value else None for name, value in turn.slots.items()},
        to_elicit=turn.slot_to_elicit,
        confidence=turn.confidence,
        missed=turn.missed,
        engine=turn.engine.name,
        contact_id=turn.attributes.get(CONTACT, ""),
    )


def _kept(services: Services, turn: Turn) -> Turn:
    key = _key(turn.bot, turn.session, turn.number)
    if numbered.put(services.redacted, key, dump(turn)):
        return turn
    return load(Turn, services.redacted.read(key))


def _note_missed(services: Services, turn: Turn) -> None:
    own = bot_transcript.contact_id(turn.bot, turn.session)
    noted = Missed(turn.bot, turn.said, own, turn.at_ms)
    numbered.put(services.redacted, _missed_key(turn), dump(noted))


def _missed_key(turn: Turn) -> str:
    return dated.key(MISSED, turn.at_ms, fingerprint([turn.bot, turn.session, turn.number]))


def _end(services: Services, bot: str, session: str) -> None:
    """Hand the talk in as a contact, and let the engine forget what was said in it.

    Where Lex holds the dialogue, its channel writes the transcript.
    """
    told = turns(services, bot, session)
    if services.settings.dialogue == "local":
        exchanges = [Exchange(one.at_ms, one.said, one.messages) for one in told]
        record_key, chat_key = bot_transcript.keys(bot, session, told[0].at_ms)
        about = told[0].contact_id
        bodies = {
            record_key: bot_transcript.record(bot, session, exchanges, {BOT: bot}, about),
            chat_key: bot_transcript.chat(bot, session, exchanges),
        }
        for key, body in bodies.items():
            services.sources.put(key, body)
            services.queues.ingest.send(Hint(key=key).to_body())
    dialogue_of(services).forget(bot, session)


def prefix_of(contact_id: str) -> str:
    """The talks that belong to a contact are named under this prefix."""
    return f"{OF_CONTACT}{fingerprint(contact_id)}/"


def _folder(bot: str, session: str) -> str:
    return f"{TALKS}{fingerprint([bot, session])}/"


def _key(bot: str, session: str, number: int) -> str:
    return f"{_folder(bot, session)}{number:08d}.json"
