"""Amazon Personalize as far as Loupe asks it: three services over one memory.

It learns at once, which the real one does not: an action is scored by how often it was taken. It knows
the actions of its own dataset only, counts an event id once, and deletes by a list in a bucket.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from chalicelib.adapters.aws.personalize import Clients
from chalicelib.ports.storage import ObjectStore
from tests.aws_endpoint import REGION, Refused, Service, client, serving

ACCOUNT = f"arn:aws:personalize:{REGION}:111122223333"
CAMPAIGN, GROUP = f"{ACCOUNT}:campaign/next", f"{ACCOUNT}:dataset-group/loupe"
ROLE = "arn:aws:iam::111122223333:role/personalize-lists"
TRACKING, BUCKET = "tracking-1", "lists"
TAKEN = ("Taken", "accepted", "resolved")


class _Part(Service):
    invalid = "InvalidInputException"


class Personalize:
    """``lists`` is the bucket that deletion jobs read. ``events`` are what was taken in."""

    def __init__(self, lists: ObjectStore, actions: tuple[str, ...]) -> None:
        self.lists, self.actions = lists, actions
        self.events: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.runtime = _Part(
            "personalize-runtime",
            {
                "GetActionRecommendations": self._recommend,
                "GetPersonalizedRanking": self._rank,
            },
        )
        self.tracker = _Part(
            "personalize-events",
            {"PutEvents": self._events, "PutActionInteractions": self._interactions},
        )
        self.control = _Part("personalize", {"CreateDataDeletionJob": self._delete})

    def _scores(self) -> list[tuple[str, float]]:
        taken = [e["action"] for e in self.events.values() if e["type"] in TAKEN]
        total = len(taken) + len(self.actions)
        scores = {name: (taken.count(name) + 1) / total for name in self.actions}
        return sorted(scores.items(), key=lambda pair: (-pair[1], self.actions.index(pair[0])))

    def _recommend(self, params: dict[str, Any]) -> dict[str, Any]:
        self._campaign(params)
        listed = [{"actionId": name, "score": score} for name, score in self._scores()]
        return {"actionList": listed[: params["numResults"]], "recommendationId": "RID-1"}

    def _rank(self, params: dict[str, Any]) -> dict[str, Any]:
        """What is not in the dataset comes last, without a score."""
        self._campaign(params)
        wanted = params["inputList"]
        known = [{"itemId": n, "score": s} for n, s in self._scores() if n in wanted]
        strange = [{"itemId": name} for name in wanted if name not in self.actions]
        return {"personalizedRanking": [*known, *strange], "recommendationId": "RID-1"}

    def _campaign(self, params: dict[str, Any]) -> None:
        if params["campaignArn"] != CAMPAIGN:
            raise Refused(404, "ResourceNotFoundException", "no such campaign")

    def _events(self, params: dict[str, Any]) -> dict[str, Any]:
        self._tracked(params)
        self.tracker.requests.append(params)
        for each in params["eventList"]:
            self._keep(each, params["userId"], each["itemId"])
        return {}

    def _interactions(self, params: dict[str, Any]) -> dict[str, Any]:
        self._tracked(params)
        self.tracker.requests.append(params)
        for each in params["actionInteractions"]:
            self._keep(each, each["userId"], each["actionId"])
        return {}

    def _tracked(self, params: dict[str, Any]) -> None:
        if params["trackingId"] != TRACKING:
            raise Refused(400, "InvalidInputException", "no such tracker")

    def _keep(self, each: dict[str, Any], user: str, action: str) -> None:
        kept = {"user": user, "action": action, "type": each["eventType"], "sent": each}
        self.events.setdefault(each["eventId"], kept)

    def _delete(self, params: dict[str, Any]) -> dict[str, Any]:
        """The job is done at once."""
        name = params["jobName"]
        if name in self.jobs:
            raise Refused(400, "ResourceAlreadyExistsException", name)
        bucket, key = params["dataSource"]["dataLocation"].removeprefix("s3://").split("/", 1)
        assert bucket == BUCKET
        header, *users = self.lists.read(key).decode().splitlines()
        assert header == "USER_ID"
        self.jobs[name] = params
        self.events = {i: e for i, e in self.events.items() if e["user"] not in users}
        return {"dataDeletionJobArn": f"{ACCOUNT}:data-deletion-job/{name}"}


@contextmanager
def clients(service: Personalize) -> Iterator[Clients]:
    """Real clients of all three, while they are served."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(client(stack.enter_context(serving(part)), name))
            for part, name in (
                (service.runtime, "personalize-runtime"),
                (service.tracker, "personalize-events"),
                (service.control, "personalize"),
            )
        ]
        yield Clients(*made)
