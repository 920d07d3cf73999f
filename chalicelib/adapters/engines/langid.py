"""Languages told apart by py3langid: naive Bayes over byte n-grams, in this process.

The candidates are the languages that contact centres are known to serve. More of them would make short
texts look like neighbours of their language, fewer would force every other language into one of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Protocol

from chalicelib.adapters.engines.weights import checked
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.transcript import Engine
from chalicelib.ports.language import Failed, Guess

CAPABILITY = "language"
LIBRARY = "py3langid"
VERSION = "0.4.0"
LANGUAGES = (
    "ar", "ca", "cs", "da", "de", "en", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "ms",
    "nl", "no", "pl", "pt", "ro", "ru", "sv", "th", "tl", "tr", "uk", "vi", "zh",
)  # fmt: skip


class Model(Protocol):
    """As much of the library as is used."""

    def set_languages(self, langs: Sequence[str]) -> None: ...

    def rank(self, text: str) -> list[tuple[str, float]]: ...


class LangId:
    """A ``LanguageIdentifier``; its model is loaded with the first text."""

    engine = Engine(LIBRARY, VERSION, f"byte n-grams, {len(LANGUAGES)} languages; no regions")

    def identify(self, texts: Sequence[str]) -> Sequence[Guess | Failed]:
        """The calibrated share of each language. Raises ``EngineMissing``, ``IntegrityError``."""
        return [Guess(dict(self._model.rank(text)) if text.strip() else {}) for text in texts]

    @cached_property
    def _model(self) -> Model:
        check()
        from py3langid.langid import (  # type: ignore[import-untyped]  # noqa: PLC0415
            LanguageIdentifier,
        )

        file = checked("langid", CAPABILITY) / "model.npz.xz"
        model: Model = LanguageIdentifier.from_modelpath(file, norm_probs=True)
        model.set_languages(LANGUAGES)
        return model


def check() -> None:
    """Raise ``EngineMissing`` or ``IntegrityError`` where this engine could not answer; loads nothing."""
    for library in ("numpy", LIBRARY):
        if find_spec(library) is None:
            raise EngineMissing(CAPABILITY, f"{library} is not installed")
    checked("langid", CAPABILITY)
