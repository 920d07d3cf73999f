"""Turns of phrase that speak of risk: whole words of the redacted text, English, counted once a turn.

The lists are our own. A phrase says what was talked about, not that somebody lies: a customer who moved
house says "change my address" too. Several of them, or one beside a failed check, are what weighs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.language import primary
from chalicelib.domain.rules.words import words
from chalicelib.domain.transcript import Role, Transcript

FAILED_CHECK = "failed_verifications"


@dataclass(frozen=True, slots=True)
class Cue:
    """``name`` is the variable that counts the turns of ``role`` with one of the phrases."""

    name: str
    role: Role
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """In how many turns a cue showed, and where the first of them begins."""

    turns: int = 0
    begin_ms: int | None = None


CUES = (
    Cue(
        "account_change_terms",
        Role.CUSTOMER,
        (
            "change my address", "change the address", "change my email", "change the email",
            "change my phone number", "change the phone number", "change my number",
            "update my address", "update my email", "update my phone number", "update my number",
            "new phone number on", "new email on", "change my password", "reset my password",
            "reset the password", "change my pin", "reset my pin", "add an authorized user",
            "add someone to my account", "change my bank details", "update my bank details",
            "change the bank account", "change my account details", "new device on my account",
        ),
    ),
    Cue(
        "gift_card_terms",
        Role.CUSTOMER,
        (
            "gift card", "gift cards", "giftcard", "giftcards", "gift voucher", "gift vouchers",
            "prepaid card", "prepaid cards", "scratch off the code", "read you the codes",
            "the codes on the back", "itunes card", "itunes cards", "steam card", "steam cards",
        ),
    ),
    Cue(
        "urgency_terms",
        Role.CUSTOMER,
        (
            "immediately", "right this minute", "as fast as you can", "as quickly as possible",
            "it is urgent", "it's urgent", "this is urgent", "very urgent", "hurry up",
            "no time for this", "i don't have time", "i do not have time", "before it closes",
            "has to be today", "must be today", "within the hour",
        ),
    ),
    Cue(
        "check_refusal_terms",
        Role.CUSTOMER,
        (
            "won't answer that", "will not answer that", "not going to answer that",
            "don't want to answer", "do not want to answer", "refuse to answer",
            "won't give you that", "not giving you that", "not going to give you that",
            "skip the security", "skip the verification", "skip the questions",
            "without the security", "without verification", "can't you just do it",
            "don't need to verify", "do not need to verify", "already verified",
            "why do you need to verify", "i forgot my security", "don't remember the answer",
            "i don't know my pin", "don't know the answer",
        ),
    ),
    Cue(
        "payment_redirection_terms",
        Role.CUSTOMER,
        (
            "send it to a different account", "send it to another account",
            "to a different account", "to another account", "a different bank account",
            "another bank account", "refund to another card", "refund to a different card",
            "to a different card", "ship it to another address", "send it to another address",
            "ship it to a different address", "send it to a different address",
            "deliver it to another address", "deliver it to a different address",
            "wire transfer", "wire the money", "western union", "moneygram", "crypto wallet",
            "bitcoin wallet",
        ),
    ),
    Cue(
        "remote_access_terms",
        Role.CUSTOMER,
        (
            "anydesk", "any desk", "teamviewer", "team viewer", "remote access",
            "remote control of my computer", "told me to install", "they told me to buy",
            "he told me to buy", "she told me to buy", "told me not to tell",
        ),
    ),
    Cue(
        FAILED_CHECK,
        Role.AGENT,
        (
            "doesn't match our records", "does not match our records", "not match what we have",
            "doesn't match what we have", "doesn't match what i have", "not what i have on file",
            "isn't what i have on file", "unable to verify you", "not able to verify you",
            "can't verify you", "cannot verify you", "couldn't verify you", "could not verify you",
            "unable to verify your", "not able to verify your", "can't verify your",
            "cannot verify your", "couldn't verify your", "could not verify your",
            "failed verification", "failed the verification", "that answer is incorrect",
            "that is not correct", "that's not correct",
        ),
    ),
)  # fmt: skip

LANGUAGE = "en"


def cues_of(transcripts: Iterable[Transcript]) -> Mapping[str, Seen]:
    """Each cue by its name; none at all where no conversation is in English."""
    read = [each for each in transcripts if primary(each.language) == LANGUAGE]
    return {cue.name: _seen(cue, read) for cue in CUES} if read else {}


def _seen(cue: Cue, transcripts: Sequence[Transcript]) -> Seen:
    phrases = [_padded(phrase) for phrase in cue.phrases]
    begins = [
        turn.begin_ms
        for transcript in transcripts
        for turn in transcript.analysed_turns(cue.role)
        if _holds(_padded(turn.text), phrases)
    ]
    return Seen(len(begins), begins[0] if begins else None)


def _padded(text: str) -> str:
    """The comparable words between blanks, so that a phrase is found at whole words only."""
    return f" {' '.join(words(text))} "


def _holds(text: str, phrases: Iterable[str]) -> bool:
    return any(phrase in text for phrase in phrases)
