"""Amazon Augmented AI's memory behind the local endpoint, and the bucket that its answers lie in."""

from __future__ import annotations

import io
import json
from typing import Any

from botocore.exceptions import ClientError

from tests.aws_endpoint import REGION, Refused, Service

FLOW = f"arn:aws:sagemaker:{REGION}:111122223333:flow-definition/loupe"
CREATED = 1_780_000_000


class AugmentedAiService(Service):
    """Loops stay InProgress until a test moves them."""

    invalid = "ValidationException"

    def __init__(self) -> None:
        self.outputs: dict[str, bytes] = {}
        self._loops: dict[str, dict[str, Any]] = {}
        super().__init__(
            "sagemaker-a2i-runtime",
            {
                "StartHumanLoop": self._start,
                "DescribeHumanLoop": self._describe,
                "StopHumanLoop": self._stop,
                "DeleteHumanLoop": self._delete,
            },
        )

    def complete(self, name: str, *answers: tuple[str, str], output: object = None) -> None:
        """The workers have answered: (worker, value)."""
        told = output or {
            "flowDefinitionArn": FLOW,
            "humanLoopName": name,
            "inputContent": {},
            "humanAnswers": [
                {
                    "answerContent": {"verdict": {"label": value}},
                    "submissionTime": "2026-05-28T20:26:40.000Z",
                    "timeSpentInSeconds": 12.5,
                    "workerId": worker,
                    "workerMetadata": {},
                }
                for worker, value in answers
            ],
        }
        key = f"loupe/2026/05/28/{name}/output.json"
        self.outputs[f"answers/{key}"] = json.dumps(told).encode()
        self._loops[name] |= {
            "HumanLoopStatus": "Completed",
            "HumanLoopOutput": {"OutputS3Uri": f"s3://answers/{key}"},
        }

    def fail(self, name: str, code: str) -> None:
        self._loops[name] |= {"HumanLoopStatus": "Failed", "FailureCode": code}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - S3's own names
        """The bucket, as a client of S3 answers."""
        body = self.outputs.get(f"{Bucket}/{Key}")
        if body is None:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(body)}

    def _start(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params["HumanLoopName"]
        if name in self._loops:
            raise Refused(409, "ConflictException", "there is a loop of this name")
        json.loads(params["HumanLoopInput"]["InputContent"])
        self.requests.append(params)
        arn = FLOW.replace("flow-definition/loupe", f"human-loop/{name}")
        self._loops[name] = {
            "CreationTime": CREATED,
            "HumanLoopStatus": "InProgress",
            "HumanLoopName": name,
            "HumanLoopArn": arn,
            "FlowDefinitionArn": params["FlowDefinitionArn"],
        }
        return {"HumanLoopArn": arn}

    def _describe(self, params: dict[str, Any]) -> dict[str, Any]:
        return self._known(params)

    def _stop(self, params: dict[str, Any]) -> dict[str, Any]:
        loop = self._known(params)
        if loop["HumanLoopStatus"] != "InProgress":
            raise Refused(400, "ValidationException", "the loop is over")
        loop["HumanLoopStatus"] = "Stopped"
        return {}

    def _delete(self, params: dict[str, Any]) -> dict[str, Any]:
        del self._loops[self._known(params)["HumanLoopName"]]
        return {}

    def _known(self, params: dict[str, Any]) -> dict[str, Any]:
        loop = self._loops.get(params["HumanLoopName"])
        if loop is None:
            raise Refused(404, "ResourceNotFoundException", "there is no such loop")
        return loop
