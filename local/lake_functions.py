"""What SQL can ask of the engines that the pipeline uses: ``sentiment(text)`` and the like.

Each function gives what its port gives; a text that an engine cannot read is an error with a code, never an
empty answer. NULL in is NULL out, which the session sees to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from chalicelib.domain.errors import EngineMissing, LanguageNotServed, LoupeError, Unavailable
from chalicelib.domain.language import believed, with_region, words_in
from chalicelib.flow.masked_text import masked
from chalicelib.ports.language import Failed, Mood
from chalicelib.ports.services import Services

T = TypeVar("T")
POINTS = 5
KEPT = 4096


class SqlFailed(LoupeError):
    """A function of a query could not do its work; ``code`` is the port's."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True)
class Function:
    """A function of one text. ``returns`` is a type of the database."""

    call: Callable[[str], str | float | None]
    returns: str


def functions(services: Services) -> Mapping[str, Function]:
    """By the name that SQL uses. Answers are kept for a while, since columns repeat themselves."""
    settings = services.settings

    def mood(text: str) -> Mood:
        (found,) = services.sentiment.score([text], settings.language)
        if isinstance(found, Failed):
            raise SqlFailed("sentiment.unreadable", found.reason)
        return found

    def redact(text: str) -> str:
        return masked(text, services.pii, settings.redaction, settings.language)

    known = lru_cache(KEPT)(coded(mood))
    return {
        "sentiment": Function(lambda text: known(text).label.value, "VARCHAR"),
        "sentiment_score": Function(lambda text: known(text).score * POINTS, "DOUBLE"),
        "pii_redact": Function(lru_cache(KEPT)(coded(redact)), "VARCHAR"),
        "language": Function(lru_cache(KEPT)(coded(lambda t: language(services, t))), "VARCHAR"),
    }


def language(services: Services, text: str) -> str | None:
    """The language of a text as the pipeline would believe it; None where it would not."""
    if services.identifier is None:
        raise EngineMissing("language", "languages are not identified here")
    (guess,) = services.identifier.identify([text])
    if isinstance(guess, Failed):
        raise SqlFailed("language.unreadable", guess.reason)
    found = believed(guess.shares, words_in(text))
    return with_region(found[0], services.settings.language) if found else None


def coded(call: Callable[[str], T]) -> Callable[[str], T]:
    """The call, whose errors have a code."""

    def run(text: str) -> T:
        try:
            return call(text)
        except LanguageNotServed as error:
            raise SqlFailed("language.not_served", str(error)) from error
        except EngineMissing as error:
            raise SqlFailed("engine.missing", str(error)) from error
        except Unavailable as error:
            raise SqlFailed("unavailable", str(error)) from error

    return run
