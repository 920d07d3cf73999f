"""Dialogues for tests: the shipped bots, real fulfilment, intents by words alone."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.adapters.engines.local_dialogue import LocalDialogue
from chalicelib.adapters.engines.nearest_intents import NearestIntents
from chalicelib.flow.fulfilment import Fulfilment
from chalicelib.formats.bot_file import shipped
from chalicelib.ports.services import Services


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
