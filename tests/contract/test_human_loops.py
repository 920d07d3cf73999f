"""What every service of human loops promises to reviews, and how verdicts come home into an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.adapters.aws.augmented_ai import AugmentedAi
from chalicelib.config import Settings
from chalicelib.domain.errors import InputRefused, Throttled, Unavailable
from chalicelib.domain.review import Kind, Machine, Place, Source, State, Verdict
from chalicelib.flow import human_loops, labels, reviews
from chalicelib.flow.review_items import Asked, open_asked
from chalicelib.ports.review import LONGEST_CONTENT, HumanLoops, Loop, LoopState
from tests.aws_endpoint import Refused, asked
from tests.aws_faults import Cut, Garbage, Stall
from tests.fakes.human_loops import FakeLoops
from tests.human_loop_service import FLOW, AugmentedAiService
from tests.unit import api_world as w

QUESTION = {"question": "Does it apply?", "options": ["yes", "no"], "text": "Hello [NAME]"}


@dataclass
class People:
    """A service and the hand that moves its loops."""

    loops: HumanLoops
    hand: Any


@pytest.fixture
def service():
    return AugmentedAiService()


@pytest.fixture
def aws(service):
    with asked(service, read_timeout=1) as client:
        yield AugmentedAi(client, service, FLOW)


@pytest.fixture(params=["fake", "augmented_ai"])
def people(request):
    if request.param == "fake":
        fake = FakeLoops()
        return People(fake, fake)
    return People(request.getfixturevalue("aws"), request.getfixturevalue("service"))


def test_the_name_asks_once(people):
    assert people.loops.start("loupe-1", QUESTION)
    assert not people.loops.start("loupe-1", {**QUESTION, "text": "another"})
    assert people.loops.look("loupe-1").state is LoopState.RUNNING


def test_answers_come_with_who_gave_them(people):
    people.loops.start("loupe-1", QUESTION)
    people.hand.complete("loupe-1", ("w1", "yes"), ("w2", "no"))
    found = people.loops.look("loupe-1")
    assert found.state is LoopState.DONE
    assert [(one.worker, one.value) for one in found.answers] == [("w1", "yes"), ("w2", "no")]
    assert {one.at_ms for one in found.answers} == {1_780_000_000_000}


def test_a_loop_that_failed_says_why(people):
    people.loops.start("loupe-1", QUESTION)
    people.hand.fail("loupe-1", "NoWorkers")
    assert people.loops.look("loupe-1") == Loop(LoopState.FAILED, failure="NoWorkers")


def test_stopping_and_deleting_can_be_done_again(people):
    people.loops.start("loupe-1", QUESTION)
    people.loops.stop("loupe-1")
    people.loops.stop("loupe-1")
    assert people.loops.look("loupe-1").state is LoopState.STOPPED
    for _ in range(2):
        people.loops.delete("loupe-1")
    assert people.loops.look("loupe-1") == Loop(LoopState.ABSENT)
    people.loops.stop("loupe-1")


NAMES = {
    "capitals": "Loupe-1",
    "an_underscore": "loupe_1",
    "a_hyphen_at_the_end": "loupe-",
    "nothing": "",
    "64_characters": "a" * 64,
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_that_the_service_would_refuse_is_refused(people, name):
    with pytest.raises(InputRefused, match=r"review\.loop"):
        people.loops.start(name, QUESTION)


def test_the_longest_name_is_taken(people):
    assert people.loops.start("a" * 63, QUESTION)


def test_a_text_that_is_too_long_is_refused(people):
    with pytest.raises(InputRefused, match=r"review\.loop"):
        people.loops.start("loupe-1", {**QUESTION, "text": "x" * LONGEST_CONTENT})


def test_it_names_itself(people):
    assert people.loops.engine.name
    assert people.loops.engine.version


# Amazon Augmented AI


def test_augmented_ai_is_sent_the_flow_and_the_question_and_no_more(aws, service):
    aws.start("loupe-1", QUESTION)
    (sent,) = service.requests
    assert sent == {
        "HumanLoopName": "loupe-1",
        "FlowDefinitionArn": FLOW,
        "HumanLoopInput": {
            "InputContent": '{"question": "Does it apply?", "options": ["yes", "no"], "text": "Hello [NAME]"}'
        },
    }


FAULTS = {
    "too_many_calls": (Refused(429, "ThrottlingException"), True),
    "too_many_loops": (Refused(402, "ServiceQuotaExceededException"), True),
    "the_service_broke": (Refused(500, "InternalServerException"), True),
    "not_allowed": (Refused(403, "AccessDeniedException"), False),
    "a_body_that_is_cut": (Cut(5), True),
    "no_answer": (Stall(3), True),
    "somebody_else_answers": (Garbage(), True),
}


@pytest.mark.parametrize(("fault", "retryable"), FAULTS.values(), ids=FAULTS)
def test_augmented_ai_that_does_not_answer_is_unavailable(aws, service, fault, retryable):
    service.faults.append(fault)
    with pytest.raises(Unavailable, match=r"^Augmented AI: ") as caught:
        aws.start("loupe-1", QUESTION)
    assert caught.value.retryable is retryable


def test_a_quota_wants_fewer_requests(aws, service):
    service.faults.append(Refused(402, "ServiceQuotaExceededException"))
    with pytest.raises(Throttled):
        aws.start("loupe-1", QUESTION)


def test_a_flow_that_the_service_refuses_is_at_fault_itself(aws, service):
    service.faults.append(Refused(400, "ValidationException", "no such flow"))
    with pytest.raises(InputRefused, match="refuses this question"):
        aws.start("loupe-1", QUESTION)


@pytest.mark.parametrize("fault", [Garbage(), Cut(5)], ids=["garbage", "a_body_that_is_cut"])
def test_a_look_that_is_no_answer_tells_nothing_of_the_loop(aws, service, fault):
    aws.start("loupe-1", QUESTION)
    service.faults.append(fault)
    with pytest.raises(Unavailable):
        aws.look("loupe-1")


OUTPUTS = {
    "no_answers": ({"humanAnswers": []}, []),
    "another_document": ([1], []),
    "a_custom_form": (
        {"humanAnswers": [{"answerContent": {"verdict": "no"}, "workerId": "w"}]}, [("w", "no", 0)],
    ),
    "an_answer_to_something_else": (
        {"humanAnswers": [{"answerContent": {"colour": "red"}, "workerId": "w"}, 7]}, [],
    ),
    "an_answer_of_nobody": (
        {"humanAnswers": [{"answerContent": {"verdict": "no"}, "workerId": None}]}, [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("output", "found"), OUTPUTS.values(), ids=OUTPUTS)
def test_of_an_output_what_is_an_answer_is_read(aws, service, output, found):
    aws.start("loupe-1", QUESTION)
    service.complete("loupe-1", output=output)
    told = [(one.worker, one.value, one.at_ms) for one in aws.look("loupe-1").answers]
    assert told == found


def test_an_output_that_is_not_there_yet_comes_later(aws, service):
    aws.start("loupe-1", QUESTION)
    service.complete("loupe-1", ("w", "yes"))
    kept, service.outputs = service.outputs, {}
    with pytest.raises(Unavailable):
        aws.look("loupe-1")
    service.outputs = kept
    assert aws.look("loupe-1").answers


def test_an_output_that_cannot_be_read_is_not_read_again(aws, service):
    aws.start("loupe-1", QUESTION)
    service.complete("loupe-1", ("w", "yes"))
    service.outputs = dict.fromkeys(service.outputs, b"{not json")
    with pytest.raises(Unavailable) as caught:
        aws.look("loupe-1")
    assert not caught.value.retryable


# Verdicts come home


@pytest.fixture
def world(tmp_path):
    return w.populated(tmp_path)


def opened(world, kind=Kind.SENTIMENT):
    key = world.services.contacts.get(w.CALL).publication.analysis_key
    question = Asked(
        kind=kind,
        source=Source.DISAGREEMENT,
        name="Which sentiment has this turn?",
        place=Place("VOICE", "t-0002", 1000, analysis_key=key),
        machine=Machine("NEGATIVE"),
    )
    return open_asked(world.services, w.CALL, question, w.NOW_MS)


def send(world, people, item):
    from chalicelib import queries

    row = world.services.contacts.get(item.contact_id)
    analysis = queries.analysed(world.services, row)
    return human_loops.send(world.services, people.loops, item, analysis)


def collect(world, people):
    return human_loops.collect(world.services, people.loops)


def test_workers_decide_an_item_and_it_becomes_a_label(world, people):
    item = opened(world)
    assert send(world, people, item)
    assert not send(world, people, item)
    assert collect(world, people) == 0
    people.hand.complete(human_loops.loop_name(item), ("w1", "MIXED"), ("w2", "MIXED"))
    assert collect(world, people) == 2
    found = reviews.get(world.services, item.id)
    assert (found.state, found.decided) == (State.RESOLVED, "MIXED")
    assert [verdict.by for verdict in found.verdicts] == ["a2i:w1", "a2i:w2"]
    ((label,),) = labels.of_contact(world.services, w.CALL)
    assert (label.value, label.machine.value) == ("MIXED", "NEGATIVE")
    assert collect(world, people) == 0


def test_a_worker_is_a_second_opinion_to_somebody_here(world, people):
    item = opened(world)
    send(world, people, item)
    had = reviews.claim(world.services, item, 1, "ada")
    people.hand.complete(human_loops.loop_name(item), ("w1", "MIXED"), ("w2", "rubbish"))
    assert collect(world, people) == 0
    reviews.answer(world.services, had, 2, Verdict("ada", "MIXED", w.NOW_MS))
    assert collect(world, people) == 1
    assert reviews.get(world.services, item.id).decided == "MIXED"


def test_an_item_that_was_closed_here_is_taken_back(world, people):
    item = opened(world)
    send(world, people, item)
    reviews.resolve(world.services, item, 1, "ada", "")
    assert collect(world, people) == 0
    assert people.loops.look(human_loops.loop_name(item)).state is LoopState.ABSENT
    assert list(world.services.redacted.list(human_loops.SENT)) == []


def test_a_loop_that_failed_leaves_the_item_to_those_here(world, people):
    item = opened(world)
    send(world, people, item)
    people.hand.fail(human_loops.loop_name(item), "NoWorkers")
    assert collect(world, people) == 0
    assert reviews.get(world.services, item.id).state is State.OPEN
    assert list(world.services.redacted.list(human_loops.SENT)) == []


def test_forgetting_takes_the_question_back(world, people):
    item = opened(world)
    send(world, people, item)
    human_loops.forget(world.services, people.loops, item)
    assert people.loops.look(human_loops.loop_name(item)).state is LoopState.ABSENT


def test_a_task_stays_here(world, people):
    assert not send(world, people, opened(world, Kind.OTHER))
    assert Settings().a2i_flow == ""
