"""One suite for what ranks next actions: the local engine, and Amazon Personalize by both of its calls."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from chalicelib.adapters.aws.personalize import (
    ACTIONS,
    NOT_RANKED,
    RANKING,
    Campaign,
    Deletion,
    PersonalizeNextActions,
)
from chalicelib.adapters.engines.next_actions_local import LocalNextActions
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.next_action import Action, Catalogue, Event, Interaction
from chalicelib.ports.recommendation import NextActions
from tests import personalize_service as aws
from tests.aws_endpoint import Refused
from tests.aws_faults import BROKEN, THROTTLED, Cut, Fault, Garbage, with_fields
from tests.fakes.stores import MemoryObjects

NAMES = ("call", "article", "discount", "upgrade")
CATALOGUE = Catalogue(tuple(Action(name, name.title()) for name in NAMES))
ANN, BEN = "a1b2c3", "d4e5f6"
NOW_MS = 1_780_000_000_123
REASON = {"reason": "Refund"}


def told(
    action: str, event: Event = Event.ACCEPTED, *, who: str = ANN, number: int = 0
) -> Interaction:
    session = f"contact-{number}"
    mark = f"{who}-{session}-{action}-{event}"
    return Interaction(mark, who, session, action, event, NOW_MS + number, "Refund", "RID-1")


@dataclass
class Bench:
    """An engine with what lies behind it. ``again``: another process of the same installation."""

    engine: NextActions
    store: MemoryObjects
    again: NextActions
    service: aws.Personalize | None = None

    def everywhere(self) -> str:
        """All that is stored here, or known there, to look for traces in."""
        kept = [stat.key + self.store.read(stat.key).decode() for stat in self.store.list()]
        known = self.service.events if self.service else {}
        return json.dumps([kept, list(known.values())], default=str)


@contextmanager
def at_personalize(call: str) -> Iterator[Bench]:
    store, lists = MemoryObjects(), MemoryObjects()
    service = aws.Personalize(lists, NAMES)
    deletion = Deletion(aws.GROUP, aws.BUCKET, aws.ROLE)
    campaign = Campaign(aws.CAMPAIGN, aws.TRACKING, call)
    with aws.clients(service) as clients:
        one, other = (
            PersonalizeNextActions(
                clients, campaign, deletion, store=store, lists=lists, catalogue=CATALOGUE
            )
            for _ in range(2)
        )
        yield Bench(one, store, other, service)


@pytest.fixture(params=["local", ACTIONS, RANKING])
def bench(request) -> Iterator[Bench]:
    if request.param == "local":
        store = MemoryObjects()
        one, other = (LocalNextActions(store, CATALOGUE, lambda: NOW_MS) for _ in range(2))
        yield Bench(one, store, other)
        return
    with at_personalize(request.param) as made:
        yield made


@pytest.fixture(params=[ACTIONS, RANKING])
def remote(request) -> Iterator[Bench]:
    with at_personalize(request.param) as made:
        yield made


def names(ranking) -> list[str]:
    return [option.name for option in ranking.options]


def test_every_candidate_is_ranked_once(bench):
    ranking = bench.engine.rank(ANN, ["upgrade", "call", "call", "unheard-of"], REASON)
    assert sorted(names(ranking)) == ["call", "unheard-of", "upgrade"]
    assert all(0 <= option.score <= 1 for option in ranking.options)
    assert [o.score for o in ranking.options] == sorted(
        (o.score for o in ranking.options), reverse=True
    )


def test_nothing_to_rank_is_ranked(bench):
    assert bench.engine.rank(ANN, [], REASON).options == ()


def test_a_ranking_tells_who_made_it_and_how(bench):
    ranking = bench.engine.rank(ANN, NAMES, REASON)
    assert ranking.engine.name
    assert ranking.engine.version
    assert ranking.basis
    assert bench.engine.engine.name
    assert bench.engine.catalogue is CATALOGUE


def test_what_is_taken_more_often_comes_first(bench):
    bench.engine.learn([told("upgrade", number=n) for n in range(3)])
    bench.engine.learn([told("discount", number=9, who=BEN), told("call", Event.DECLINED)])
    ranking = bench.engine.rank("somebody else", NAMES, REASON)
    assert names(ranking)[:2] == ["upgrade", "discount"]


def test_equals_are_in_the_same_order_each_time(bench):
    ranking = [names(bench.engine.rank(ANN, NAMES, REASON)) for _ in range(3)]
    assert ranking == [list(NAMES)] * 3


def test_the_same_token_gives_the_same_ranking(bench):
    for n in range(40):
        one, other = (
            e.rank(ANN, NAMES, REASON, token=f"t{n}") for e in (bench.engine, bench.again)
        )
        assert one == other


def test_an_interaction_counts_once_as_it_was_known_first(bench):
    first = told("upgrade")
    changed = replace(first, event=Event.DECLINED.value, at_ms=NOW_MS + 5)
    bench.engine.learn([first, first])
    bench.engine.learn([first])
    bench.again.learn([changed])
    assert list(bench.engine.history(ANN)) == [first]
    if bench.service:
        assert [e["type"] for e in bench.service.events.values()] in (["Taken"], ["accepted"])


def test_history_is_of_one_customer_oldest_first_and_known_at_once(bench):
    later, sooner = told("call", number=2), told("article", number=1)
    bench.engine.learn([later, told("call", who=BEN), sooner])
    assert list(bench.again.history(ANN)) == [sooner, later]
    assert bench.engine.history("stranger") == []


def test_a_customer_who_is_forgotten_leaves_no_trace(bench):
    bench.engine.learn([told("upgrade", number=n) for n in range(30)])
    bench.engine.learn([told("call", who=BEN)])
    assert ANN in bench.everywhere()
    before = bench.again.rank(BEN, NAMES, REASON)
    bench.engine.forget(ANN)
    assert ANN not in bench.everywhere()
    assert bench.engine.history(ANN) == []
    assert [one.customer_ref for one in bench.engine.history(BEN)] == [BEN]
    for engine in (bench.engine, bench.again):
        after = engine.rank(BEN, NAMES, REASON)
        assert (names(before)[0], names(after)[0]) == ("upgrade", "call")


def test_forgetting_again_and_a_stranger_is_no_error(bench):
    bench.engine.learn([told("call")])
    for who in (ANN, ANN, "stranger"):
        bench.engine.forget(who)
    assert bench.engine.history(ANN) == []


def test_a_customer_who_comes_back_is_learned_and_forgotten_anew(bench):
    for number in range(2):
        bench.engine.learn([told("call", number=number)])
        assert len(bench.engine.history(ANN)) == 1
        bench.engine.forget(ANN)
        assert ANN not in bench.everywhere()


def test_no_customer_is_logged(bench, caplog):
    caplog.set_level(logging.DEBUG, "chalicelib")
    bench.engine.learn([told("call")])
    bench.engine.rank(ANN, NAMES, REASON)
    bench.engine.forget(ANN)
    assert ANN not in "".join(r.getMessage() for r in caplog.records if "chalicelib" in r.name)


# What Personalize alone can do.


def test_interactions_go_in_tens_with_all_that_the_service_wants(remote):
    remote.engine.learn([told("call", number=7) for _ in range(3)])
    many = [replace(told("call", number=8), id=f"i{n}") for n in range(23)]
    remote.engine.learn(many)
    sizes = [
        len(r.get("eventList") or r["actionInteractions"]) for r in remote.service.tracker.requests
    ]
    assert sizes == [1, 10, 10, 3]
    sent = remote.service.events["i0"]["sent"]
    assert sent["recommendationId"] == "RID-1"
    assert json.loads(sent["properties"]) == {"reason": "Refund"}


@pytest.mark.parametrize(
    ("event", "as_action"),
    [
        pytest.param(Event.SHOWN, "Viewed", id="shown_is_viewed"),
        pytest.param(Event.ACCEPTED, "Taken", id="accepted_is_taken"),
        pytest.param(Event.RESOLVED, "Taken", id="resolved_is_taken"),
        pytest.param(Event.DECLINED, "Not Taken", id="declined_is_not_taken"),
    ],
)
def test_events_have_the_names_of_the_call(event, as_action):
    for call, name in ((ACTIONS, as_action), (RANKING, event.value)):
        with at_personalize(call) as remote:
            remote.engine.learn([told("call", event)])
            assert [e["type"] for e in remote.service.events.values()] == [name]


def test_a_reason_that_is_too_long_for_properties_is_left_out(remote):
    remote.engine.learn([replace(told("call"), reason="ü" * 300)])
    (kept,) = remote.service.events.values()
    assert "properties" not in kept["sent"]


def test_a_ranking_keeps_the_id_of_the_recommendation(remote):
    assert remote.engine.rank(ANN, NAMES, REASON).recommendation_id == "RID-1"


def test_what_the_service_does_not_know_comes_last_and_says_so():
    with at_personalize(ACTIONS) as remote:
        last = remote.engine.rank(ANN, ["new", "call"], REASON).options[-1]
        assert (last.name, last.score, last.reason) == ("new", 0.0, NOT_RANKED)


def test_more_candidates_than_the_service_takes_are_ranked_after_those_it_took():
    with at_personalize(RANKING) as remote:
        many = [f"a{n}" for n in range(600)]
        ranking = remote.engine.rank(ANN, many, REASON)
        assert len(set(names(ranking))) == 600


def test_the_same_erasure_is_one_job_and_its_name_tells_nothing(remote):
    remote.engine.learn([told("call")])
    remote.engine.forget(ANN)
    remote.engine.forget(ANN)
    remote.engine.forget(ANN)
    jobs = remote.service.jobs
    assert len(jobs) == 2  # one with what was known, one when nothing was known any more
    assert ANN not in "".join(jobs)
    assert {job["roleArn"] for job in jobs.values()} == {aws.ROLE}


ONE_MORE = with_fields(somethingNew="x")
FAULTS: dict[str, tuple[Fault, bool]] = {
    "throttled": (THROTTLED, True),
    "broken": (BROKEN, True),
    "cut_off": (Cut(), True),
    "malformed": (Refused(400, "InvalidInputException", "no"), False),
    "gone": (Refused(404, "ResourceNotFoundException", "no"), False),
}


@pytest.mark.parametrize(
    ("fault", "retryable"), [pytest.param(*each, id=name) for name, each in FAULTS.items()]
)
def test_a_fault_says_whether_to_try_again(remote, fault, retryable):
    remote.service.runtime.faults.append(fault)
    with pytest.raises(Unavailable) as error:
        remote.engine.rank(ANN, NAMES, REASON)
    assert error.value.retryable is retryable
    assert ANN not in str(error.value)


def test_garbage_is_not_taken_for_an_answer(remote):
    service, engine = remote.service, remote.engine
    for part in (service.runtime, service.tracker, service.control):
        part.faults.append(Garbage())
    for act in (
        lambda: engine.rank(ANN, NAMES, REASON),
        lambda: engine.learn([told("call")]),
        lambda: engine.forget(ANN),
    ):
        with pytest.raises(Unavailable) as error:
            act()
        assert error.value.retryable
    assert engine.history(ANN) == []


def test_fields_that_nobody_knows_yet_are_read_over(remote):
    remote.service.runtime.faults.append(ONE_MORE)
    assert len(remote.engine.rank(ANN, NAMES, REASON).options) == len(NAMES)


def test_what_could_not_be_sent_is_not_noted_and_goes_with_the_next_attempt(remote):
    many = [replace(told("call", number=8), id=f"i{n:02d}") for n in range(12)]
    remote.service.tracker.faults.extend([Refused(500, "InternalFailure", "")])
    with pytest.raises(Unavailable):
        remote.engine.learn(many)
    assert remote.engine.history(ANN) == []
    remote.engine.learn(many)
    assert len(remote.engine.history(ANN)) == len(remote.service.events) == 12


@pytest.mark.parametrize("code", ["ResourceInUseException", "LimitExceededException"])
def test_an_erasure_waits_for_another_job_and_keeps_what_it_is_of(remote, code):
    remote.engine.learn([told("call")])
    remote.service.control.faults.append(Refused(400, code, "another job runs"))
    with pytest.raises(Unavailable) as error:
        remote.engine.forget(ANN)
    assert error.value.retryable
    assert len(remote.engine.history(ANN)) == 1
    remote.engine.forget(ANN)
    assert ANN not in remote.everywhere()
