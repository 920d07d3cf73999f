"""What of an analysed contact a person can judge: by its place, with what the machine says there.

Read from the redacted analysis; only names, offsets and the machine's values leave this module, texts only
by ``text_at``, for who shows or exports them.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib import queries
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.label_units import label_units
from chalicelib.domain.review import Kind, Machine, Place
from chalicelib.domain.sentiment import TurnSentiment
from chalicelib.domain.transcript import Turn

TRANSCRIPT, PII = "transcript", "pii"


def turn_at(analysis: ContactAnalysis, place: Place) -> tuple[Conversation, Turn] | None:
    """The turn that a place names, and its conversation."""
    for conversation in analysis.conversations:
        if place.channel in ("", conversation.channel.value):
            for turn in conversation.transcript.turns:
                if turn.id == place.turn_id:
                    return conversation, turn
    return None


def mood_at(conversation: Conversation, turn_id: str) -> TurnSentiment | None:
    """The label of a turn, or of the group of messages that it begins or belongs to."""
    labelled = {one.turn_id: one for one in conversation.sentiment.turns}
    if turn_id in labelled:
        return labelled[turn_id]
    units = (unit for unit in label_units(conversation.transcript) if turn_id in unit.turn_ids)
    return next((labelled[unit.id] for unit in units if unit.id in labelled), None)


def machine_at(analysis: ContactAnalysis, kind: Kind, place: Place) -> Machine | None:
    """What the machine says there; None where it says nothing of this kind.

    Of a transcript and of masks it claims that they are right, of a category that it applies or does not.
    """
    if kind is Kind.CATEGORY:
        names = {match.name for c in analysis.conversations for match in c.categories}
        return Machine("yes" if place.about in names else "no")
    found = turn_at(analysis, place)
    if kind is Kind.SENTIMENT and found:
        mood = mood_at(found[0], place.turn_id)
        engine = found[0].sentiment.engine
        return Machine(mood.label.value, engine, mood.confidence) if mood else None
    if kind in (Kind.PII, Kind.TRANSCRIPT):
        name = PII if kind is Kind.PII else TRANSCRIPT
        return Machine("right", found[0].engines.get(name) if found else None)
    return None


def text_at(analysis: ContactAnalysis, place: Place) -> str:
    """The redacted text that was judged: of a turn (in a chat: of its group of messages), or everything that
    agent and customer said. Empty where nobody looked for personal data in it, or nothing is there."""
    if not place.turn_id:
        return "\n".join(_lines(analysis))
    found = turn_at(analysis, place)
    if found is None or not queries.redactable(found[0]):
        return ""
    for unit in label_units(found[0].transcript):
        if place.turn_id in unit.turn_ids:
            return unit.text
    return found[1].text


def _lines(analysis: ContactAnalysis) -> Iterator[str]:
    for conversation in analysis.conversations:
        if queries.redactable(conversation):
            for turn in conversation.transcript.analysed_turns():
                yield f"{turn.role}: {turn.text}"
