"""Amazon Augmented AI: review items go to the workers of a flow definition, their answers come back by S3.

Closed to new customers since 30 July 2026: this is for who has it. Nobody is asked without a flow definition.
A worker's form names its answer ``verdict``, with one of the options as the value (docs/reviews.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, translated, unavailable
from chalicelib.domain.errors import InputRefused, Throttled, Unavailable
from chalicelib.domain.transcript import Engine
from chalicelib.formats import instants, json_guard
from chalicelib.ports.review import (
    LONGEST_CONTENT,
    LONGEST_NAME,
    NAME,
    Loop,
    LoopAnswer,
    LoopState,
)

API = "2019-11-07"
CONFLICT, ABSENT, REFUSED = "ConflictException", "ResourceNotFoundException", "ValidationException"
QUOTA = "ServiceQuotaExceededException"
STATES = {
    "InProgress": LoopState.RUNNING,
    "Stopping": LoopState.RUNNING,
    "Completed": LoopState.DONE,
    "Failed": LoopState.FAILED,
    "Stopped": LoopState.STOPPED,
}
ANSWER, LABEL = "verdict", "label"
LONGEST_OUTPUT = 4 * LONGEST_CONTENT
_PLACE = re.compile(r"s3://([a-z0-9.-]{3,63})/(.{1,1024})", re.DOTALL)


class AugmentedAi:
    """``HumanLoops`` at the service. ``client`` is one of ``sagemaker-a2i-runtime``, ``s3`` reads outputs.
    Texts, redacted ones, leave for the region of the client, and workers read them."""

    engine = Engine("Amazon Augmented AI", API, "human loops of a flow definition")

    def __init__(self, client: Any, s3: Any, flow_arn: str) -> None:  # noqa: ANN401
        self._client, self._s3, self._flow = client, s3, flow_arn

    def start(self, name: str, content: Mapping[str, str | list[str]]) -> bool:
        """Ask the workers; False when a loop of this name is there already."""
        asked = json.dumps(content, ensure_ascii=False)
        _check(name, asked)
        try:
            told = self._client.start_human_loop(
                HumanLoopName=name,
                FlowDefinitionArn=self._flow,
                HumanLoopInput={"InputContent": asked},
            )
        except AWS_ERRORS as error:
            if code_of(error) == CONFLICT:
                return False
            if code_of(error) == QUOTA:
                raise Throttled(f"Augmented AI: {QUOTA}") from error
            if code_of(error) == REFUSED:
                raise InputRefused("review.loop", "Augmented AI refuses this question") from error
            raise unavailable(error, "Augmented AI") from error
        return bool(_member(told, "HumanLoopArn"))

    def look(self, name: str) -> Loop:
        """The loop now, with what its workers said once it is complete."""
        try:
            told = self._client.describe_human_loop(HumanLoopName=name)
        except AWS_ERRORS as error:
            if code_of(error) == ABSENT:
                return Loop(LoopState.ABSENT)
            raise unavailable(error, "Augmented AI") from error
        said = _member(told, "HumanLoopStatus")
        state = STATES.get(said)
        if state is None:
            raise Unavailable("Augmented AI: a state of a loop that nobody knows", retryable=False)
        if state is LoopState.DONE:
            return Loop(
                state, self._answers(told.get("HumanLoopOutput", {}).get("OutputS3Uri", ""))
            )
        return Loop(state, failure=str(told.get("FailureCode", "")))

    def stop(self, name: str) -> None:
        """Ask no longer."""
        try:
            self._client.stop_human_loop(HumanLoopName=name)
        except AWS_ERRORS as error:
            if code_of(error) not in (ABSENT, REFUSED):  # one that is over cannot be stopped
                raise unavailable(error, "Augmented AI") from error

    def delete(self, name: str) -> None:
        """Remove the loop. What the service wrote to S3 is removed by the rules of that bucket."""
        try:
            self._client.delete_human_loop(HumanLoopName=name)
        except AWS_ERRORS as error:
            if code_of(error) != ABSENT:
                raise unavailable(error, "Augmented AI") from error

    def _answers(self, uri: str) -> tuple[LoopAnswer, ...]:
        place = _PLACE.fullmatch(uri)
        if place is None:
            raise Unavailable("Augmented AI: the loop is complete and names no output")
        with translated("Augmented AI's output"):
            found = self._s3.get_object(Bucket=place[1], Key=place[2])
            body = found["Body"].read(LONGEST_OUTPUT)
        try:
            return tuple(_read(json_guard.parse(body, area="object").value))
        except InputRefused as refused:
            told = f"Augmented AI's output cannot be read: {refused.detail}"
            raise Unavailable(told, retryable=False) from refused


def _member(told: Mapping[str, Any], name: str) -> str:
    """A member that every answer of the service has."""
    if not told.get(name):
        raise Unavailable("Augmented AI: something else has answered")
    return str(told[name])


def _check(name: str, told: str) -> None:
    if len(name) > LONGEST_NAME or not re.fullmatch(NAME, name):
        raise InputRefused("review.loop", f"a loop's name is at most {LONGEST_NAME} of a-z, 0-9, -")
    if len(told) > LONGEST_CONTENT:
        raise InputRefused("review.loop", f"a question has at most {LONGEST_CONTENT} characters")


def _read(document: object) -> Iterator[LoopAnswer]:
    """The workers' answers; what is none of ours is left out."""
    answers = document.get("humanAnswers") if isinstance(document, Mapping) else None
    for one in answers if isinstance(answers, list) else ():
        if not isinstance(one, Mapping):
            continue
        value, worker = _value(one.get("answerContent")), one.get("workerId")
        at = instants.parse(one.get("submissionTime"))
        if value and isinstance(worker, str) and worker:
            yield LoopAnswer(worker, value, at.ms if at else 0)


def _value(content: object) -> str:
    """``{"verdict": {"label": "yes"}}``, or the plain ``{"verdict": "yes"}`` of a custom form."""
    said = content.get(ANSWER) if isinstance(content, Mapping) else None
    said = said.get(LABEL) if isinstance(said, Mapping) else said
    return said if isinstance(said, str) else ""
