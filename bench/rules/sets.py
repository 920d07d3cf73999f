"""Conversations and rules for the bench, drawn by seed.

Half of a contact's turns are stock sentences, which the contacts share as those of one business do; the
others are words by chance, the frequent ones far more often than the rest, with capitals, punctuation,
numbers and both kinds of apostrophes. Of the rules, ``HEARD`` have one phrase out of a stock sentence;
their other phrases, and those of all other rules, hold a word that nobody says. So the share of rules that
match a contact stays the same, however many there are.
"""

from __future__ import annotations

import random
import re

from chalicelib.domain.rules.rule import ExactMatch, Rule, RuleSet, Scope
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.transcript import Channel, Role

CONTACTS, TURNS, WORDS, PHRASES = 8, 300, 12, 4
HEARD = 0.12
RULES_SEED, STOCK_SEED, STOCK = 7, 100, 400
ROLES = (None, None, "AGENT", "CUSTOMER")

_rnd = random.Random(STOCK_SEED)
VOCABULARY = [
    "".join(_rnd.choice("bcdfglmnprst") + _rnd.choice("aeiou") for _ in range(_rnd.randint(1, 4)))
    for _ in range(3000)
]
OFTEN = [1 / (rank + 1) for rank in range(len(VOCABULARY))]
UNHEARD = [f"{word}x{_rnd.choice('aeiou')}" for word in VOCABULARY]


def sentence(rnd: random.Random) -> str:
    said = rnd.choices(VOCABULARY, OFTEN, k=WORDS)
    at = rnd.randrange(WORDS)
    said[at] = rnd.choice((said[at], f"{said[at]}'s", f"{said[at]}’s", "1,250", f"({said[at]})"))
    text = rnd.choice((" ", " ", " ", ", ", " - ")).join((" ".join(said[:5]), " ".join(said[5:])))
    return f"{text[0].upper()}{text[1:]}{rnd.choice('.?!')}"


SENTENCES = [sentence(_rnd) for _ in range(STOCK)]


def contact(seed: int) -> Subject:
    rnd = random.Random(seed)
    lines = tuple(
        Line(
            str(n),
            (Role.AGENT, Role.CUSTOMER)[n % 2],
            n * 5000,
            n * 5000 + 4000,
            rnd.choice(SENTENCES) if rnd.random() < 0.5 else sentence(rnd),
        )
        for n in range(TURNS)
    )
    return Subject(Channel.VOICE, "en-US", TURNS * 5000, lines)


def rules(count: int) -> RuleSet:
    rnd = random.Random(RULES_SEED)
    return RuleSet(f"bench-{count}", tuple(_rule(n, rnd) for n in range(count)))


def _rule(number: int, rnd: random.Random) -> Rule:
    phrases = [_unheard(rnd) for _ in range(PHRASES)]
    if rnd.random() < HEARD:
        phrases[rnd.randrange(PHRASES)] = _heard(rnd)
    node = ExactMatch(tuple(phrases), Scope(rnd.choice(ROLES)))
    return Rule(str(number), f"rule {number}", 1, node)


def _unheard(rnd: random.Random) -> str:
    said = rnd.choices(VOCABULARY, OFTEN, k=rnd.randint(1, 4))
    said[rnd.randrange(len(said))] = rnd.choice(UNHEARD)
    return " ".join(said)


def _heard(rnd: random.Random) -> str:
    """One to four words of a stock sentence, alone only where they are rare."""
    said = re.findall(r"[a-z]+", rnd.choice(SENTENCES).lower().partition("'")[0].partition("’")[0])
    length = min(rnd.randint(1, 4), len(said))
    begin = rnd.randrange(len(said) - length + 1)
    if length == 1:
        return max(said, key=VOCABULARY.index) if set(said) <= set(VOCABULARY) else said[0]
    return " ".join(said[begin : begin + length])
