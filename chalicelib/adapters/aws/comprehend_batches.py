"""Amazon Comprehend's batch operations: 25 texts at a time, answered by index, failures apart.

What failed inside the service is asked once more, alone; a text that fails again fails alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from chalicelib.adapters.aws.comprehend_texts import call
from chalicelib.domain.errors import Unavailable
from chalicelib.ports.language import Failed

BATCH = 25
MAX_BYTES = 5000

Result = Mapping[str, Any]
Operation = Callable[..., Mapping[str, Any]]
T = TypeVar("T")


def answers(
    operation: Operation, capability: str, texts: Sequence[str], code: str | None = None
) -> Iterator[Result | Failed]:
    """One result or failure per text, in order. ``code``: the language, for operations that ask for
    it. Raises ``EngineMissing``, ``Unavailable``."""

    def ask(batch: Sequence[str]) -> tuple[dict[int, Result], dict[int, str]]:
        request = {"TextList": list(batch), **({"LanguageCode": code} if code else {})}
        answer = call(operation, capability, request, ("ResultList", "ErrorList"))
        return _by_index(answer, len(batch))

    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        found, errors = ask(batch)
        for index, text in enumerate(batch):
            if index not in found and _internal(errors[index]):
                again, failed = ask((text,))
                yield again[0] if again else Failed(f"Amazon Comprehend: {failed[0]}")
            else:
                yield found.get(index) or Failed(f"Amazon Comprehend: {errors[index]}")


def understood(answer: Result | Failed, read: Callable[[Result], T]) -> T | Failed:
    """What a result says. One that lacks a field, or says what nobody knows, fails its text."""
    if isinstance(answer, Failed):
        return answer
    try:
        return read(answer)
    except (LookupError, TypeError, ValueError):
        return Failed("Amazon Comprehend: a result that cannot be read")


def place(found: Result, part: str) -> tuple[int, int]:
    """Where a finding begins and ends in the text that was sent, in characters. Raises ``Unavailable``."""
    begin, end = found["BeginOffset"], found["EndOffset"]
    if not 0 <= begin < end <= len(part):
        raise Unavailable("Comprehend: a finding lies outside the text", retryable=False)
    return begin, end


def _by_index(answer: Mapping[str, Any], count: int) -> tuple[dict[int, Result], dict[int, str]]:
    """Results and error codes by index. Raises ``Unavailable`` if a text has neither."""
    found = {each["Index"]: each for each in answer["ResultList"]}
    errors = {each["Index"]: str(each.get("ErrorCode", "")) for each in answer["ErrorList"]}
    if {*found, *errors} != set(range(count)):
        raise Unavailable("Comprehend: the answer is not about the texts that were sent")
    return found, errors


def _internal(code: str) -> bool:
    """The service writes both ``InternalServerException`` and ``INTERNAL_SERVER_ERROR``."""
    return code.replace("_", "").lower().startswith("internalserver")
