"""The next best action by Amazon Personalize.

Which call ranks depends on the campaign's recipe: ``actions`` asks GetActionRecommendations of a
next-best-action campaign and tells it with PutActionInteractions; ``ranking`` asks GetPersonalizedRanking
and tells it with PutEvents. The service gives nothing back of a customer's history, so Loupe keeps its own
log beside it, for what was shown and declined; an interaction is sent before it is noted there, under its
own id, which the service counts once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, translated, unavailable
from chalicelib.adapters.interaction_log import InteractionLog
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.follow_up import Option
from chalicelib.domain.next_action import Catalogue, Event, Interaction
from chalicelib.domain.transcript import Engine
from chalicelib.formats.artifact import fingerprint
from chalicelib.ports.recommendation import Ranking
from chalicelib.ports.storage import ObjectStore

ACTIONS, RANKING = "actions", "ranking"
API = "2018-05-22"
MOST_ACTIONS, MOST_RANKED = 100, 500
BATCH = 10
LONGEST_ID, LONGEST_REFERENCE, LONGEST_PROPERTIES = 256, 40, 1024
DELETIONS = "personalize-deletions/"
BASIS = "Amazon Personalize"
NOT_RANKED = "not in the service's answer"
ACTION_EVENTS = {
    Event.SHOWN.value: "Viewed",
    Event.ACCEPTED.value: "Taken",
    Event.RESOLVED.value: "Taken",
    Event.DECLINED.value: "Not Taken",
}
Answer = Mapping[str, Any]

_BUSY = frozenset(("ResourceInUseException", "LimitExceededException"))


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is asked, and told: ``call`` is ``actions`` or ``ranking``."""

    arn: str
    tracking_id: str
    call: str = ACTIONS


@dataclass(frozen=True, slots=True)
class Deletion:
    """How customers are forgotten: a list of them in a bucket that the service reads as ``role_arn``."""

    dataset_group_arn: str
    bucket: str
    role_arn: str


@dataclass(frozen=True)
class Clients:
    """Clients of ``personalize-runtime``, ``personalize-events`` and ``personalize``."""

    runtime: Any
    events: Any
    control: Any


class PersonalizeNextActions:
    """``store`` keeps Loupe's log; ``lists`` is the bucket of ``deletion``."""

    def __init__(
        self,
        clients: Clients,
        campaign: Campaign,
        deletion: Deletion,
        *,
        store: ObjectStore,
        lists: ObjectStore,
        catalogue: Catalogue,
    ) -> None:
        self.catalogue = catalogue
        self._clients = clients
        self._campaign = campaign
        self._deletion = deletion
        self._log = InteractionLog(store)
        self._lists = lists

    @property
    def engine(self) -> Engine:
        return Engine("Amazon Personalize", API, _OPERATIONS[self._campaign.call])

    def rank(
        self,
        customer_ref: str,
        candidates: Sequence[str],
        context: Mapping[str, str],
        *,
        token: str = "",
    ) -> Ranking:
        """The service explores by itself; ``token`` and ``context`` are not sent: contextual metadata
        are columns of the team's own schema. What it leaves out comes last, with 0."""
        del context, token
        distinct = list(dict.fromkeys(candidates))
        ask = self._ask_actions if self._campaign.call == ACTIONS else self._ask_ranking
        scores, reference = ask(customer_ref, distinct)
        told = [Option(name, round(score, 4)) for name, score in scores.items()]
        silent = [Option(name, 0.0, NOT_RANKED) for name in distinct if name not in scores]
        return Ranking(self.engine, (*told, *silent), BASIS, reference[:LONGEST_REFERENCE])

    def learn(self, interactions: Sequence[Interaction]) -> None:
        new = {(one.customer_ref, one.id): one for one in interactions if not self._log.knows(one)}
        send = self._send_actions if self._campaign.call == ACTIONS else self._send_events
        send(list(new.values()))

    def history(self, customer_ref: str) -> Sequence[Interaction]:
        return self._log.of(customer_ref)

    def forget(self, customer_ref: str) -> None:
        """Start the deletion of all the service knows, then forget in the log.

        The job's name is made of what is known: asked again, it is the same job, but a customer who
        came back and is erased again gets another.
        """
        known = [one.id for one in self._log.of(customer_ref)]
        of = {"customer": customer_ref, "known": known, "in": self._deletion.dataset_group_arn}
        name = f"loupe-{fingerprint(of)}"
        key = f"{DELETIONS}{name}.csv"
        self._lists.put(key, f"USER_ID\n{customer_ref}\n".encode(), content_type="text/csv")
        self._start_deletion(name, key)
        self._log.forget(customer_ref)

    def _ask_actions(
        self, customer_ref: str, candidates: Sequence[str]
    ) -> tuple[dict[str, float], str]:
        with _asked("personalize GetActionRecommendations") as check:
            answer = check(
                self._clients.runtime.get_action_recommendations(
                    campaignArn=self._campaign.arn,
                    userId=customer_ref[:LONGEST_ID],
                    numResults=MOST_ACTIONS,
                )
            )
        return _scores(answer, "actionList", "actionId", candidates)

    def _ask_ranking(
        self, customer_ref: str, candidates: Sequence[str]
    ) -> tuple[dict[str, float], str]:
        with _asked("personalize GetPersonalizedRanking") as check:
            answer = check(
                self._clients.runtime.get_personalized_ranking(
                    campaignArn=self._campaign.arn,
                    userId=customer_ref[:LONGEST_ID],
                    inputList=list(candidates[:MOST_RANKED]),
                )
            )
        return _scores(answer, "personalizedRanking", "itemId", candidates)

    def _send_actions(self, interactions: Sequence[Interaction]) -> None:
        for batch in _batches(interactions):
            with _asked("personalize PutActionInteractions") as check:
                check(
                    self._clients.events.put_action_interactions(
                        trackingId=self._campaign.tracking_id,
                        actionInteractions=[_action_interaction(one) for one in batch],
                    )
                )
            self._note(batch)

    def _send_events(self, interactions: Sequence[Interaction]) -> None:
        """A call is of one customer and session."""
        by_session: Callable[[Interaction], tuple[str, str]] = lambda i: (i.customer_ref, i.session)  # noqa: E731
        for (customer, session), some in groupby(sorted(interactions, key=by_session), by_session):
            for batch in _batches(list(some)):
                with _asked("personalize PutEvents") as check:
                    check(
                        self._clients.events.put_events(
                            trackingId=self._campaign.tracking_id,
                            userId=customer[:LONGEST_ID],
                            sessionId=session[:LONGEST_ID],
                            eventList=[_event(one) for one in batch],
                        )
                    )
                self._note(batch)

    def _note(self, batch: Sequence[Interaction]) -> None:
        for one in batch:
            self._log.add(one)

    def _start_deletion(self, name: str, key: str) -> None:
        """A job that is there already is this one; while another runs, this one waits."""
        what = "personalize CreateDataDeletionJob"
        try:
            answer = self._clients.control.create_data_deletion_job(
                jobName=name,
                datasetGroupArn=self._deletion.dataset_group_arn,
                dataSource={"dataLocation": f"s3://{self._deletion.bucket}/{key}"},
                roleArn=self._deletion.role_arn,
            )
        except AWS_ERRORS as error:
            if code_of(error) in _BUSY:
                raise Unavailable(f"{what}: {code_of(error)}") from error
            if code_of(error) != "ResourceAlreadyExistsException":
                raise unavailable(error, what) from error
        else:
            _genuine(answer, what)


_OPERATIONS = {ACTIONS: "GetActionRecommendations", RANKING: "GetPersonalizedRanking"}


@contextmanager
def _asked(what: str) -> Iterator[Callable[[Answer], Answer]]:
    """Raise ``Unavailable`` for what goes wrong in the block, and for an answer by something else."""
    with translated(what):
        yield lambda answer: _genuine(answer, what)


def _genuine(answer: Answer, what: str) -> Answer:
    """boto3 reads a proxy's page with status 200 as an answer in which nothing stands."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if "json" not in headers.get("content-type", "json"):
        raise Unavailable(f"{what}: this is no answer of the service")
    return answer


def _scores(
    answer: Answer, items: str, name: str, candidates: Sequence[str]
) -> tuple[dict[str, float], str]:
    """Candidates in the service's order, each once; what nobody asked about is left out."""
    wanted, found = set(candidates), dict[str, float]()
    for each in answer.get(items, ()):
        if each.get(name) in wanted:
            found.setdefault(each[name], float(each.get("score") or 0.0))
    return found, str(answer.get("recommendationId") or "")


def _batches(interactions: Sequence[Interaction]) -> Iterator[Sequence[Interaction]]:
    for start in range(0, len(interactions), BATCH):
        yield interactions[start : start + BATCH]


def _action_interaction(one: Interaction) -> dict[str, Any]:
    return {
        "actionId": one.action[:LONGEST_ID],
        "userId": one.customer_ref[:LONGEST_ID],
        "sessionId": one.session[:LONGEST_ID],
        "timestamp": _time(one.at_ms),
        "eventType": ACTION_EVENTS.get(one.event, one.event),
        **_common(one),
    }


def _event(one: Interaction) -> dict[str, Any]:
    return {
        "itemId": one.action[:LONGEST_ID],
        "sentAt": _time(one.at_ms),
        "eventType": one.event,
        **_common(one),
    }


def _common(one: Interaction) -> dict[str, Any]:
    properties = json.dumps({"reason": one.reason}) if one.reason else ""
    return {
        "eventId": one.id[:LONGEST_ID],
        **({"recommendationId": one.recommendation_id} if one.recommendation_id else {}),
        **({"properties": properties} if 0 < len(properties) <= LONGEST_PROPERTIES else {}),
    }


def _time(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
