"""The kind ``review``: what of an analysed contact a person should look at becomes review items.

Picks are those of ``domain.review_picks``. Carried out again for the same publication it opens the same
items, which are there already. What it tells of them is their cause and place, never the machine's value:
a reviewer may read it before answering.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain import review_picks as picks
from chalicelib.domain.analysis import Conversation
from chalicelib.domain.errors import EngineMissing, IntegrityError
from chalicelib.domain.follow_up import Reason, Result
from chalicelib.domain.label_units import LabelUnit, label_units
from chalicelib.domain.review import Kind, Place, ReviewItem, Source
from chalicelib.domain.review_picks import Pick
from chalicelib.domain.sentiment import TurnSentiment
from chalicelib.domain.transcript import Channel, Role
from chalicelib.flow import human_loops, review_items
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.flow.judged import PII, TRANSCRIPT, machine_at
from chalicelib.flow.review_feedback import NAMES
from chalicelib.ports.language import Mood, SentimentAnalyzer
from chalicelib.ports.review import HumanLoops

OPENED, NOTHING = "opened", "nothing"
SAYS = {
    Source.RANDOM: "chosen by chance",
    Source.DISAGREEMENT: "two engines contradict each other",
    Source.LOW_CONFIDENCE: "the engine is not sure",
}


def run(
    desk: Desk, second: SentimentAnalyzer | None = None, loops: HumanLoops | None = None
) -> Result:
    """Open the items of this publication. ``second`` gives a second opinion on sentiment where it is
    another engine than the first; ``loops`` gets the items too. Raises ``Unavailable``."""
    doubtful, note = _doubtful(desk, second)
    found = picks.limited(_audit(desk), doubtful)
    items = [_opened(desk, pick) for pick in found]
    if loops:
        for item in items:
            human_loops.send(desk.services, loops, item, desk.analysis)
    return Result(
        outcome=OPENED if items else NOTHING,
        inputs={**picks.counts(found), **({"second opinion": note} if note else {})},
        reasons=tuple(_reason(pick) for pick in found),
        refs={f"review item {number}": item.id for number, item in enumerate(items, 1)},
    )


def _audit(desk: Desk) -> Pick | None:
    """One judgement whatever it is, of the share of contacts that the settings name."""
    contact_id = desk.order.contact_id
    if not picks.sampled(contact_id, desk.services.settings.review_sample):
        return None
    places = [pick for c in desk.analysis.conversations for pick in _judgements(desk, c)]
    return picks.chosen(contact_id, places)


def _judgements(desk: Desk, conversation: Conversation) -> Iterator[Pick]:
    for unit in _units(conversation):
        yield Pick(Kind.SENTIMENT, Source.RANDOM, _place(desk, conversation, unit))
        if conversation.channel is Channel.VOICE:
            yield Pick(Kind.TRANSCRIPT, Source.RANDOM, _place(desk, conversation, unit))
        yield Pick(Kind.PII, Source.RANDOM, _place(desk, conversation, unit))
    for match in conversation.categories:
        key = desk.published.analysis_key
        place = Place(conversation.channel.value, about=match.name, analysis_key=key)
        yield Pick(Kind.CATEGORY, Source.RANDOM, place)


def _doubtful(desk: Desk, second: SentimentAnalyzer | None) -> tuple[list[Pick], str]:
    """What engines were unsure of, or contradict each other in, and why there was no second opinion."""
    found, note = [], ""
    for conversation in desk.analysis.conversations:
        found += [*_unsure_moods(desk, conversation), *_unsure_words(desk, conversation)]
        try:
            found += _contradicted(desk, conversation, second)
        except (EngineMissing, IntegrityError) as missing:
            note = str(missing)
    return found, note


def _unsure_moods(desk: Desk, conversation: Conversation) -> Iterator[Pick]:
    for unit, mood in _labelled(conversation):
        if picks.unsure_mood(mood):
            place = _place(desk, conversation, unit)
            yield Pick(Kind.SENTIMENT, Source.LOW_CONFIDENCE, place, 1 - (mood.confidence or 0))


def _unsure_words(desk: Desk, conversation: Conversation) -> Iterator[Pick]:
    for unit in _units(conversation) if conversation.channel is Channel.VOICE else ():
        turn = next(t for t in conversation.transcript.turns if t.id == unit.id)
        sure = picks.heard(turn)
        if sure is not None and sure < picks.UNSURE_WORDS:
            place = _place(desk, conversation, unit)
            yield Pick(Kind.TRANSCRIPT, Source.LOW_CONFIDENCE, place, 1 - sure)


def _contradicted(
    desk: Desk, conversation: Conversation, second: SentimentAnalyzer | None
) -> Iterator[Pick]:
    if second is None or second.engine.name == conversation.sentiment.engine.name:
        return
    asked = [(u, mood) for u, mood in _labelled(conversation) if mood.label in picks.POLES]
    if not asked:
        return
    texts = [unit.text for unit, _ in asked]
    told = second.score(texts, conversation.transcript.language)
    for (unit, mood), other in zip(asked, told, strict=True):
        if isinstance(other, Mood) and picks.opposite(mood.label, other.label, other.score):
            place = _place(desk, conversation, unit)
            yield Pick(Kind.SENTIMENT, Source.DISAGREEMENT, place, abs(other.score))


def _labelled(conversation: Conversation) -> Iterator[tuple[LabelUnit, TurnSentiment]]:
    """Turns, or groups of messages, of agent and customer with the label that Loupe gave them."""
    moods = {mood.turn_id: mood for mood in conversation.sentiment.turns}
    for unit in _units(conversation):
        if unit.id in moods and not unit.imported:
            yield unit, moods[unit.id]


def _units(conversation: Conversation) -> list[LabelUnit]:
    missing = {skip.capability for skip in conversation.skipped}
    if missing.intersection((TRANSCRIPT, PII)):
        return []  # nobody can say that a reviewer may read it
    known = {turn.id for turn in conversation.transcript.turns}
    spoken = (Role.AGENT, Role.CUSTOMER)
    units = label_units(conversation.transcript)
    return [u for u in units if u.role in spoken and u.id in known and u.text.strip()]


def _place(desk: Desk, conversation: Conversation, unit: LabelUnit) -> Place:
    key = desk.published.analysis_key
    return Place(conversation.channel.value, unit.id, unit.begin_ms, analysis_key=key)


def _opened(desk: Desk, pick: Pick) -> ReviewItem:
    asked = review_items.Asked(
        kind=pick.kind,
        source=pick.source,
        name=NAMES[pick.kind],
        reasons=(_reason(pick),),
        place=pick.place,
        machine=machine_at(desk.analysis, pick.kind, pick.place),
    )
    order = desk.order
    return review_items.open_asked(desk.services, order.contact_id, asked, order.at_ms)


def _reason(pick: Pick) -> Reason:
    return Reason(SAYS[pick.source], pick.kind.value, begin_ms=pick.place.begin_ms)
