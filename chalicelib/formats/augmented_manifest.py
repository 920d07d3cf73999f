"""Augmented manifests: labelled texts as SageMaker and Amazon Comprehend read them, one JSON object a line.

{"source": "...", "sentiment": 1, "sentiment-metadata": {"class-name": "NEGATIVE", "confidence": 1.0,
"type": "groundtruth/text-classification", "human-annotated": "yes", "creation-date": "2026-...",
"job-name": "loupe-reviews"}}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.formats.instants import iso

TYPE = "groundtruth/text-classification"
JOB = "loupe-reviews"


@dataclass(frozen=True, slots=True)
class Labelled:
    """``text`` was found to be ``value``, one of the classes of ``name``. ``confidence``: the share of people
    who say so. ``about``: what the value says something of, such as a category."""

    name: str
    text: str
    value: str
    classes: Sequence[str]
    at_ms: int
    confidence: float = 1.0
    about: str = ""


def line(one: Labelled) -> str:
    """One line, without its end. Raises ``ValueError`` for a value that is no class."""
    metadata = {
        "class-name": one.value,
        "confidence": round(one.confidence, 4),
        "type": TYPE,
        "human-annotated": "yes",
        "creation-date": iso(one.at_ms).removesuffix("Z"),
        "job-name": JOB,
        **({"about": one.about} if one.about else {}),
    }
    told = {
        "source": one.text,
        one.name: list(one.classes).index(one.value),
        f"{one.name}-metadata": metadata,
    }
    return json.dumps(told, ensure_ascii=False)
