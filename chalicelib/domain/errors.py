"""Everything that Loupe refuses or cannot do, as one tree.

    LoupeError
    ├── InputRefused        the input is at fault: quarantine entry, exit code 3, HTTP 4xx
    │   └── RuleRefused     a rule document is: ``pointer`` says where
    ├── StateRefused        the thing is not in a state that allows this (``code``): HTTP 409
    ├── VersionMoved        somebody committed first: read again
    ├── Contention          the race was lost too often: give the message back
    ├── Unavailable         a service or engine did not answer; ``retryable`` says what to do
    │   └── Throttled       it wants fewer requests
    ├── NotAnswered         a language model gave nothing that can be used
    │   ├── Declined        its safety rules, or those of a guardrail, forbid an answer
    │   ├── TooLong         the question is longer than it reads
    │   └── InvalidOutput   the answer is not what was asked for
    │       └── Unfounded   it says what its evidence does not bear out
    ├── EngineMissing       a capability is not installed or not configured: SkippedAnalysis
    │   └── LanguageNotServed   the engine is there and does not read this language
    ├── IntegrityError      a model file is not the one that was pinned
    ├── SettingsError       a setting is missing or out of range
    ├── NotFound            no such contact, object or page
    │   └── Absent          the contact is there, this part of it is not (``code`` says why)
    ├── BadRequest          a caller's parameter is malformed (``code``, ``pointer``)
    └── Forbidden           the principal may not do this

Nothing swallows one of these to go on. They are mapped to HTTP in ``chalicelib.api.problems`` and to
exit codes in ``local.cli``.
"""

from __future__ import annotations

import traceback
from pathlib import PurePath


class LoupeError(Exception):
    """Root of the tree; never raised itself."""


class InputRefused(LoupeError):
    """An input is refused with a ``code`` of the bad-input matrix, such as ``audio.header``.

    ``detail`` is a sentence for a person and carries no customer text.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class RuleRefused(InputRefused):
    """A rule document is refused, or a rule cannot be written in a form, because of one place in it.

    ``pointer`` is the JSON pointer (RFC 6901) of the place; where a string holds JSON of its own, as
    Contact Lens's ``Function`` does, the pointer goes on into that. The detail begins with it.
    """

    def __init__(self, code: str, reason: str, pointer: str = "") -> None:
        super().__init__(code, f"{pointer or 'the document'}: {reason}")
        self.reason = reason
        self.pointer = pointer


class StateRefused(LoupeError):
    """A step that the present state of a thing does not allow; ``code`` and ``detail`` for a person."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class VersionMoved(LoupeError):
    """A row that the commit was conditioned on has another version by now."""


class Contention(LoupeError):
    """A contact kept moving while it was being worked on."""


class Unavailable(LoupeError):
    """A service or engine could not do its work now."""

    def __init__(self, detail: str, *, retryable: bool = True) -> None:
        super().__init__(detail)
        self.retryable = retryable


class Throttled(Unavailable):
    """A service refuses because of its quota."""


class NotAnswered(LoupeError):
    """A language model was asked in vain. The text holds nothing of question or answer."""


class Declined(NotAnswered):
    """Model or guardrail refused for the sake of safety."""


class TooLong(NotAnswered):
    """The question does not fit into what the model reads."""


class InvalidOutput(NotAnswered):
    """The answer is cut off, no JSON, or breaks the schema; asking again may help."""


class Unfounded(InvalidOutput):
    """The answer has its form, but what it claims is not borne out by what it cites."""


class EngineMissing(LoupeError):
    """A capability is not there; ``reason`` is what the user is told, ``skip`` the name of that."""

    skip = "ENGINE_MISSING"

    def __init__(self, capability: str, reason: str) -> None:
        super().__init__(f"{capability}: {reason}")
        self.capability = capability
        self.reason = reason


class LanguageNotServed(EngineMissing):
    """The engine does not read the language of the conversation; ``reason`` names both."""

    skip = "LANGUAGE_NOT_SUPPORTED"


class IntegrityError(LoupeError):
    """A pinned file has another SHA-256 than the pin says."""


class SettingsError(LoupeError):
    """A setting cannot be used; the message names it."""


class NotFound(LoupeError):
    """The thing asked for does not exist, or not for this principal."""


class Absent(NotFound):
    """A contact has no such part: no recording, no analysis yet."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class BadRequest(LoupeError):
    """A parameter is malformed or out of range."""

    def __init__(self, code: str, detail: str, *, pointer: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.pointer = pointer


class Forbidden(LoupeError):
    """The principal lacks the permission that ``args[0]`` names."""


def told(error: BaseException) -> str:
    """What may be logged of an error: Loupe's own words, else type and place, since messages quote content.

    Errors that say for themselves what went wrong hold neither names of objects nor what was said.
    """
    if isinstance(error, LoupeError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"unexpected {type(error).__name__}{place}"
