"""The bench of the check asks what it says that it asks."""

from __future__ import annotations

import random

from bench.claims.__main__ import claims, texts
from tests.unit.conversations import A, C, span

TURNS = (span(C, 0, 900, "It cost 19 dollars. Ok."), span(A, 1000, 1900, "That is a pity."))


def test_each_sentence_is_a_claim_with_its_turn_with_another_and_with_another_number():
    asked = [(kind, c.text, c.turn_ids) for kind, c in claims(TURNS, random.Random(1))]
    assert asked == [
        ("its own turn", "It cost 19 dollars.", ("CUSTOMER-0",)),
        ("another turn", "It cost 19 dollars.", ("AGENT-1000",)),
        ("another number", "It cost 10 dollars.", ("CUSTOMER-0",)),
        ("its own turn", "That is a pity.", ("AGENT-1000",)),
        ("another turn", "That is a pity.", ("CUSTOMER-0",)),
    ]


def test_texts_are_found_wherever_they_are():
    tree = {"turns": [{"text": "a", "slots": ["O"]}, {"utterance": "b"}], "id": "x"}
    assert list(texts(tree)) == ["a", "b"]
