"""Dialogues for tests: the shipped bots, real fulfilment, intents by words alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.adapters.engines.local_dialogue import LocalDialogue
from chalicelib.adapters.engines.nearest_intents import NearestIntents
from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.domain.rules.finding import Tools
from chalicelib.flow.fulfilment import Fulfilment
from chalicelib.formats.bot_file import shipped
from chalicelib.ports.services import Services
from tests.unit.api_world import World


def local_dialogue(services: Services) -> LocalDialogue:
    return LocalDialogue(
        shipped(),
        services.raw,
        Fulfilment(services, shipped()).answer,
        NearestIntents,
        services.clock,
    )


def with_dialogue(services: Services) -> Services:
    return replace(services, after=replace(services.after, dialogue=local_dialogue(services)))


class SameWords:
    """Texts are alike when they are the same."""

    threshold = 0.65

    def likeness(self, examples: Sequence[str], texts: Sequence[str]) -> list[float]:
        return [1.0 if text in examples else 0.0 for text in texts]


def equipped(world: World) -> World:
    """The API's world with bots, with what masks their talks, and with what compares texts."""
    services = replace(world.services, pii=PatternPii(), tools=Tools(meaning=SameWords()))
    return replace(world, services=with_dialogue(services))
