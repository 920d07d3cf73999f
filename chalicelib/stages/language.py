"""The language of a conversation: stated, else identified from what was said, else assumed.

Each side is read on its own, its beginning only: a language shows early, and two sides that speak two
languages leave neither believed. What a speech engine wrote is no evidence: it writes the language that
it was told to hear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.language import (
    ASSUMED,
    IDENTIFIED,
    STATED,
    Language,
    believed,
    with_region,
    words_in,
)
from chalicelib.domain.transcript import Role, Transcript
from chalicelib.ports.language import Failed, Guess, LanguageIdentifier

SAMPLE_CHARS = 1000
READ = (Role.CUSTOMER, Role.AGENT, Role.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Given:
    """What is known before anything is read: the contact record's language, the settings' one, and
    whether a speech engine wrote the text."""

    recorded: str = ""
    assumed: str = "en-US"
    heard: bool = False


def make(
    transcript: Transcript, given: Given, identifier: LanguageIdentifier | None
) -> tuple[Language, EngineMissing | None]:
    """The product of the ``language`` stage, and what was missing to identify it: a service that
    refuses for good keeps no contact waiting. Raises ``Unavailable`` for what may pass."""
    told = _told(transcript, given)
    if told:
        return told, None
    if identifier is None:
        return Language(given.assumed, ASSUMED, "languages are not identified here"), None
    try:
        return _identified(_samples(transcript), given.assumed, identifier), None
    except EngineMissing as missing:
        return Language(given.assumed, ASSUMED, missing.reason), missing
    except Unavailable as refused:
        if refused.retryable:
            raise
        lacking = EngineMissing("language", str(refused))
        return Language(given.assumed, ASSUMED, lacking.reason), lacking


def _told(transcript: Transcript, given: Given) -> Language | None:
    """What needs no reading."""
    if transcript.language_stated and not given.heard:
        return Language(transcript.language, STATED, f"by {transcript.engine.name}")
    if given.recorded:
        return Language(given.recorded, STATED, "by the contact record")
    if given.heard and transcript.language_confidence is not None:
        sure, detail = transcript.language_confidence, "heard by the speech engine"
        return Language(transcript.language, IDENTIFIED, detail, transcript.engine, sure)
    if given.heard:
        detail = "the speech engine was told so; what it wrote is no evidence"
        return Language(transcript.language, ASSUMED, detail)
    return None


def _samples(transcript: Transcript) -> list[str]:
    """The beginning of what each side said; system messages and bots speak for nobody."""
    return [" ".join(_beginning(transcript, role)) for role in READ]


def _beginning(transcript: Transcript, role: Role) -> Iterator[str]:
    left = SAMPLE_CHARS
    for turn in transcript.turns:
        if turn.role is role and turn.text.strip() and left > 0:
            yield turn.text[:left]
            left -= len(turn.text)


def _identified(texts: Sequence[str], assumed: str, identifier: LanguageIdentifier) -> Language:
    asked = [text for text in texts if text.strip()]
    total = sum(words_in(text) for text in asked)
    guesses = identifier.identify(asked) if asked else ()
    if len(guesses) != len(asked):
        raise Unavailable(f"{len(guesses)} languages came back for {len(asked)} texts")
    failed = [guess for guess in guesses if isinstance(guess, Failed)]
    if failed:
        return Language(assumed, ASSUMED, failed[0].reason, identifier.engine, words=total)
    found = believed(_shares(asked, guesses), total)
    if found is None:
        detail = "the text is too short or too mixed to tell its language"
        return Language(assumed, ASSUMED, detail, identifier.engine, words=total)
    code, confidence, margin = found
    whole = with_region(code, assumed)
    return Language(whole, IDENTIFIED, "", identifier.engine, confidence, margin, total)


def _shares(texts: Sequence[str], guesses: Sequence[Guess | Failed]) -> dict[str, float]:
    """The share of each language, each text weighing as many words as it has."""
    weights = [words_in(text) for text in texts]
    out: dict[str, float] = {}
    for weight, guess in zip(weights, guesses, strict=True):
        for code, share in guess.shares.items() if isinstance(guess, Guess) else ():
            out[code] = out.get(code, 0.0) + share * weight / (sum(weights) or 1)
    return out
