"""Another engine for comparison, where one is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence

from bench.pii.measures import Interval

Find = Callable[[str], Sequence[Interval]]


def presidio() -> Find | None:
    """Presidio's own patterns without a language model, or None where it is not installed."""
    if importlib.util.find_spec("presidio_analyzer") is None:
        return None
    from presidio_analyzer import RecognizerRegistry  # noqa: PLC0415

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    patterns = [r for r in registry.recognizers if hasattr(r, "patterns")]

    def find(text: str) -> Sequence[Interval]:
        results = (r.analyze(text, r.supported_entities, None) for r in patterns)
        return [(one.start, one.end) for found in results for one in found if one.score > 0]

    return find
