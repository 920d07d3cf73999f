"""What standard and Call Analytics jobs have in common: idempotent names, states, typed errors.

A job is named by its fingerprint, so that a Conflict says "already mine". A call that did not work
is ``Unavailable`` where waiting helps, and a failed job where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, unavailable
from chalicelib.domain.contact import Refusal
from chalicelib.domain.errors import InputRefused, NotFound, Unavailable
from chalicelib.domain.transcript import Transcript
from chalicelib.formats import json_guard
from chalicelib.ports.speech import JobState
from chalicelib.ports.storage import ObjectStore

Operation = Callable[..., Mapping[str, Any]]

_URI = re.compile(r"\b(?:s3|https?)://\S+")


def detail(vocabulary: str) -> str:
    """How the engine works, as its transcripts tell."""
    return f"batch; vocabulary {vocabulary}" if vocabulary else "batch"


def vocabulary(name: str) -> dict[str, str]:
    """The part of a job's settings that names a custom vocabulary, if there is one."""
    return {"VocabularyName": name} if name else {}


def start(operation: Operation, request: Mapping[str, Any]) -> Refusal | None:
    """Start a job, or find it started. The refusal where the service refuses the request."""
    try:
        operation(**request)
    except AWS_ERRORS as error:
        if code_of(error) == "BadRequestException":
            return Refusal("transcribe.request", sentence(str(error)))
        if code_of(error) != "ConflictException":
            raise unavailable(error, "Transcribe") from error
    return None


def get(operation: Operation, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The answer about a job, or None if there is no such job."""
    try:
        return operation(**request)
    except AWS_ERRORS as error:
        if _is_absent(error):
            return None
        raise unavailable(error, "Transcribe") from error


def state_of(
    status: str, reason: str, results: ObjectStore, key: str, read: Callable[[Any], Transcript]
) -> JobState:
    """The port's state of a job, with its transcript where the output is there.

    Raises ``Unavailable`` for a completed job whose output cannot be seen yet.
    """
    if status == "FAILED":
        return JobState("FAILED", failure=Refusal("transcribe.failed", sentence(reason)))
    if status != "COMPLETED":
        return JobState("RUNNING")
    try:
        body = results.read(key)
        return JobState("DONE", transcript=read(json_guard.parse(body, area="transcript").value))
    except NotFound as error:
        raise Unavailable("the job is complete, its output is not there yet") from error
    except InputRefused as refused:
        return JobState("FAILED", failure=Refusal(refused.code, refused.detail))


def sentence(text: str) -> str:
    """A service's words in one line, without addresses of objects."""
    return _URI.sub("the object", " ".join(text.split()))[:300] or "no reason was given"


def _is_absent(error: Exception) -> bool:
    """Of a job that it does not know the service says NotFound or, with these words, BadRequest."""
    unknown = "requested job couldn't be found" in str(error)
    return code_of(error) == "NotFoundException" or (
        code_of(error) == "BadRequestException" and unknown
    )
