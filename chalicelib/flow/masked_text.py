"""One text as it may be kept and shown."""

from __future__ import annotations

from chalicelib.domain.redaction import RedactionPolicy, redact
from chalicelib.domain.transcript import Channel, Role, Transcript, Turn
from chalicelib.domain.word_offsets import masks_in
from chalicelib.ports.language import PiiDetector


def masked(
    text: str, pii: PiiDetector, policy: RedactionPolicy, language: str, asked: str = ""
) -> str:
    """The text with what is personal in it masked. ``asked``: what it answers, which tells what a bare
    number is. Raises ``EngineMissing``, ``Unavailable``: then nothing is to be kept."""
    said = [Turn("answer", "customer", Role.CUSTOMER, 0, 0, text, redactions=masks_in(text))]
    if asked:
        said.insert(0, Turn("asked", "bot", Role.AGENT, 0, 0, asked))
    transcript = Transcript(Channel.CHAT, language, (), tuple(said), pii.engine)
    spans = [one for one in pii.spans(said, language) if one.turn_id == "answer"]
    shown = redact(transcript, policy.applied(spans), policy)
    return shown.turns[-1].text
