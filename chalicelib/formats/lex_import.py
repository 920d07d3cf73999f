"""Intents as files of Lex V2's import format (``LexJson``, one JSON file an intent, zipped).

Written as the format is documented; no file of these was ever imported into an account, so try it on a draft
bot first. Sample utterances hold only the characters that Lex takes: masks and braces are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.theme_words import without_masks

VERIFIED = "as documented, never imported into an account"
SCHEMA, FORMAT = "1", "LexJson"
LONGEST, MOST = 500, 1500
_REFUSED = re.compile(r"[^\w\s'’.,-]|_")

Files = dict[str, Any]


def files(bot: str, locale: str, intents: Mapping[str, Sequence[str]]) -> Files:
    """The archive's files by path, for utterances by intent. An intent without an utterance that Lex takes is
    left out."""
    folder = f"{bot}/BotLocales/{locale}"
    sampled = {name: samples(texts) for name, texts in intents.items()}
    found: Files = {
        "Manifest.json": {
            "metaData": {
                "schemaVersion": SCHEMA,
                "fileFormat": FORMAT,
                "resourceType": "BOT",
            }
        },
        f"{bot}/Bot.json": {
            "name": bot,
            "version": "DRAFT",
            "identifier": None,
            "description": "Intents that were proposed from utterances nobody understood",
            "dataPrivacy": {"childDirected": False},
            "idleSessionTTLInSeconds": 300,
        },
        f"{folder}/BotLocale.json": {
            "name": locale,
            "identifier": locale,
            "version": "DRAFT",
            "description": None,
            "nluConfidenceThreshold": 0.4,
            "voiceSettings": None,
        },
    }
    for name, utterances in sampled.items():
        if utterances:
            found[f"{folder}/Intents/{name}/Intent.json"] = _intent(name, utterances)
    return found


def samples(texts: Sequence[str]) -> list[str]:
    """Utterances in the characters that Lex takes, each once."""
    plain = (" ".join(_REFUSED.sub(" ", without_masks(text)).split()) for text in texts)
    return list(dict.fromkeys(text[:LONGEST] for text in plain if text))[:MOST]


def _intent(name: str, utterances: Sequence[str]) -> Files:
    return {
        "name": name,
        "identifier": None,
        "description": None,
        "parentIntentSignature": None,
        "sampleUtterances": [{"utterance": text} for text in utterances],
        "intentConfirmationSetting": None,
        "intentClosingSetting": None,
        "inputContexts": None,
        "outputContexts": None,
        "kendraConfiguration": None,
        "dialogCodeHook": None,
        "fulfillmentCodeHook": None,
        "slotPriorities": [],
    }
