"""A language model behind Amazon Bedrock's Converse.

The answer's form is a tool that the model has to use: nothing is ever run, its input is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, unavailable
from chalicelib.domain.errors import (
    Declined,
    InvalidOutput,
    LoupeError,
    Throttled,
    TooLong,
    Unavailable,
)
from chalicelib.domain.transcript import Engine
from chalicelib.formats import model_text
from chalicelib.formats.json_schema import without_bounds

TOOL = "answer"
MAX_TOKENS = 1500

_DECLINED = frozenset(("content_filtered", "guardrail_intervened"))
_THROTTLED = frozenset(("ThrottlingException", "ServiceQuotaExceededException"))
_PASSING = frozenset(("ModelErrorException", "ModelNotReadyException", "ModelTimeoutException"))


class BedrockConverse:
    """A ``LanguageModel`` at the service: data leaves this process for the region of ``client``.

    ``model_id`` is whatever Converse takes: a model, an inference profile, an ARN. ``guardrail`` is
    ``<id or ARN>:<version>``, or empty.
    """

    def __init__(self, client: Any, model_id: str, *, guardrail: str = "") -> None:  # noqa: ANN401
        self._client = client
        self._model_id = model_id
        self._guardrail = guardrail
        guarded = f", guardrail {guardrail.rpartition('/')[-1]}" if guardrail else ""
        self.engine = Engine("Amazon Bedrock", model_id, f"Converse, temperature 0{guarded}")

    def answer(
        self, instructions: str, data: object, schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Raises ``Unavailable``, ``Declined``, ``TooLong``, ``InvalidOutput``."""
        try:
            answer = self._client.converse(**self._request(instructions, data, schema))
        except AWS_ERRORS as error:
            raise _failure(error) from error
        return model_text.checked(_used(answer), schema)

    def _request(
        self, instructions: str, data: object, schema: Mapping[str, Any]
    ) -> dict[str, Any]:
        tool = {
            "name": TOOL,
            "description": "Takes the answer.",
            "inputSchema": {"json": without_bounds(schema)},
        }
        name, _, version = self._guardrail.rpartition(":")
        guard = {"guardrailIdentifier": name, "guardrailVersion": version}
        return {
            "modelId": self._model_id,
            "system": [{"text": model_text.system(instructions)}],
            "messages": [{"role": "user", "content": [{"text": model_text.enclosed(data)}]}],
            "inferenceConfig": {"temperature": 0, "maxTokens": MAX_TOKENS},
            "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": {"tool": {"name": TOOL}}},
            **({"guardrailConfig": guard} if self._guardrail else {}),
        }


def _used(answer: Mapping[str, Any]) -> object:
    """What the model put into the tool."""
    stop = answer.get("stopReason")
    if stop in _DECLINED:
        raise Declined(f"Bedrock: {stop}")
    if stop == "model_context_window_exceeded":
        raise TooLong(f"Bedrock: {stop}")
    message = answer.get("output", {}).get("message", {})
    uses = [part["toolUse"] for part in message.get("content", ()) if "toolUse" in part]
    if stop != "tool_use" or [use.get("name") for use in uses] != [TOOL]:
        raise InvalidOutput("Bedrock: the model did not answer in the form that was asked for")
    return uses[0].get("input")


def _failure(error: Exception) -> LoupeError:
    code = code_of(error)
    if code in _THROTTLED:
        return Throttled(f"Bedrock: {code}")
    if code in _PASSING:
        return Unavailable(f"Bedrock: {code}")
    if code == "ValidationException" and "too long" in str(error).lower():
        return TooLong("Bedrock: the model does not read that much")
    return unavailable(error, "Bedrock")
