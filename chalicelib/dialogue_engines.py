"""Who leads dialogues, as the settings name it: part of the composition root.

A dialogue fulfils intents with the other services, so it is made of services that have none yet.
"""

from __future__ import annotations

from functools import partial

from chalicelib.domain.errors import SettingsError
from chalicelib.flow.fulfilment import Fulfilment
from chalicelib.formats.bot_file import shipped
from chalicelib.ports.dialogue import Dialogue
from chalicelib.ports.services import Services


def local_dialogue(services: Services) -> Dialogue | None:
    """On one machine; None where dialogues are switched off. Raises ``SettingsError``."""
    if services.settings.dialogue != "local":
        return aws_dialogue(services)
    from chalicelib.adapters.engines.intents import recogniser  # noqa: PLC0415
    from chalicelib.adapters.engines.local_dialogue import LocalDialogue  # noqa: PLC0415

    return LocalDialogue(
        shipped(),
        services.raw,
        Fulfilment(services, shipped()).answer,
        partial(recogniser, vectors=services.vectors),
        services.clock,
    )


def aws_dialogue(services: Services) -> Dialogue | None:
    """At Lex V2; None where dialogues are switched off, or are to be led in a process that AWS has not.
    Raises ``SettingsError``."""
    if services.settings.dialogue != "lex":
        return None
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415
    from chalicelib.adapters.aws.lex_v2 import LexDialogue, places  # noqa: PLC0415

    found = places(services.settings.lex_bots)
    if unknown := sorted(found.keys() - shipped().keys()):
        known = ", ".join(shipped())
        raise SettingsError(f"LOUPE_LEX_BOTS names {', '.join(unknown)}; there are {known}")
    return LexDialogue(client("lexv2-runtime"), found, shipped())
