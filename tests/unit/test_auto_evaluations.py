"""Evaluations that rules begin: answered by automation, submitted if complete, once for each order."""

import re
from dataclasses import replace

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.evaluation.evaluation import State, Step, moved
from chalicelib.domain.evaluation.versions import FormRecord, activated
from chalicelib.domain.rules import actions
from chalicelib.domain.rules.rule import Action
from chalicelib.flow import actions as orders
from chalicelib.flow import auto_evaluations, deliver_facts
from chalicelib.flow.actions import DONE, NOT_CARRIED_OUT
from chalicelib.flow.evaluations import Evaluations
from chalicelib.flow.form_book import FormBook
from chalicelib.formats.rules_file import rule_set
from tests.rules import says
from tests.unit.evaluation_world import form, section, yes_no
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, World, chat, record

FORM_ID = "f" * 32
GREETED = says("greeted", "Greeted", 1, ["hello"])
KNOWN = yes_no(
    "greets",
    automation={"cases": [{"category": "Greeted", "option": "yes"}], "default": "no"},
)
COMPLETE = form(section("s", KNOWN, yes_no("polite", required=False)))
OPEN = form(section("s", KNOWN, yes_no("polite")))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def with_form(world, asked, *, active=True):
    book = FormBook(world.services.redacted)
    drawn = FormRecord(FORM_ID, asked, at_ms=1, by="ada")
    book.create(drawn)
    if active:
        book.write(activated(drawn, "ada", 2))


def matched(world, body, version=1):
    """A chat that the rule matches; what came of its action."""
    act = Action(actions.EVALUATION, body)
    world.rule_set = rule_set([replace(GREETED, actions=(act,), version=version)])
    world.put(RECORD_KEY, record())
    world.put(CHAT_KEY, chat())
    world.drain()
    return ended(world)


def ended(world):
    return orders.finished(world.services, world.clock.now - 86_400_000, 100)


def evaluations(world):
    return list(Evaluations(world.services.redacted, CONTACT).all())


def test_a_form_that_automation_answers_is_submitted_for_the_agent(world):
    with_form(world, COMPLETE)
    (end,) = matched(world, {"EvaluationFormId": FORM_ID})
    assert (end.state, end.reason) == (DONE, "")
    (made,) = evaluations(world)
    assert (made.state, made.form_version, made.agent_id) == (State.SUBMITTED, 1, "ada")
    assert (made.id, made.evaluator) == (end.order.id[:32], "rule:greeted")
    assert made.score.percent == 100
    (entry,) = made.entries
    assert (entry.answer.option_id, entry.by) == ("yes", "automation")


def test_a_form_with_an_open_question_stays_a_draft_and_says_which(world):
    with_form(world, OPEN)
    (end,) = matched(world, {"EvaluationFormId": FORM_ID})
    (made,) = evaluations(world)
    assert (end.state, made.state) == (DONE, State.DRAFT)
    assert end.reason == (
        f"the evaluation {made.id} is left as a draft: these questions need an answer: polite"
    )


UNDONE = {
    "without_a_form": ({}, "the action names no form by EvaluationFormId"),
    "with_a_form_that_is_no_text": ({"EvaluationFormId": 7}, "names no form"),
    "with_an_id_of_amazon_connect": (
        {"EvaluationFormId": "11111111-2222-4333-8444-555555555555"},
        "there is no evaluation form 11111111-2222",
    ),
    "with_a_form_out_of_use": (
        {"EvaluationFormId": FORM_ID},
        f"no version of the evaluation form {FORM_ID} is in use",
    ),
}


@pytest.mark.parametrize(("body", "reason"), UNDONE.values(), ids=UNDONE)
def test_it_is_not_carried_out_and_says_why(world, body, reason):
    with_form(world, COMPLETE, active=False)
    (end,) = matched(world, body)
    assert end.state == NOT_CARRIED_OUT
    assert reason in end.reason
    assert evaluations(world) == []


def test_a_contact_with_all_the_evaluations_it_may_have_gets_none(world):
    with_form(world, COMPLETE)
    book = Evaluations(world.services.redacted, CONTACT)
    (end,) = matched(world, {"EvaluationFormId": FORM_ID})
    (made,) = evaluations(world)
    for n in range(9):
        book.create(replace(made, id=f"{n:032x}", revision=1))
    other = replace(end.order, id="a" * 40)
    with pytest.raises(auto_evaluations.NotBegun, match="at most 10 evaluations"):
        auto_evaluations.fill_in(world.services, other)


def test_a_contact_that_is_gone_is_not_evaluated(world):
    with_form(world, COMPLETE)
    (end,) = matched(world, {"EvaluationFormId": FORM_ID})
    other = replace(end.order, contact_id="nobody")
    with pytest.raises(auto_evaluations.NotBegun, match="not there any more"):
        auto_evaluations.fill_in(world.services, other)


def test_a_contact_that_is_published_again_is_not_evaluated_again_until_a_new_version(world):
    with_form(world, COMPLETE)
    matched(world, {"EvaluationFormId": FORM_ID})
    world.put(RECORD_KEY, record(LastUpdateTimestamp="2026-01-05T10:00:00Z"))
    world.drain()
    assert len(evaluations(world)) == 1
    (end,) = ended(world)
    assert auto_evaluations.fill_in(world.services, end.order) == ""
    assert len(evaluations(world)) == 1
    assert evaluations(world)[0].revision == 2


class Torn:
    """A store that fails once, at the first write of a submission."""

    def __init__(self, store, part):
        self._store, self._part, self.failed = store, part, False

    def __getattr__(self, name):
        return getattr(self._store, name)

    def put_if_absent(self, key, body, **known):
        if not self.failed and re.search(self._part, key):
            self.failed = True
            raise Unavailable("the store is away")
        return self._store.put_if_absent(key, body, **known)


@pytest.mark.parametrize(
    "part",
    [
        "/evaluations/place-1",
        "/evaluations/[0-9a-f]{32}-1",
        "^control/evaluations/",
        "/evaluations/[0-9a-f]{32}-2",
    ],
    ids=["taking_a_place", "writing_the_draft", "noting_the_submission", "submitting"],
)
def test_an_attempt_that_died_at_this_step_is_gone_on_with(world, part):
    with_form(world, COMPLETE)
    torn = Torn(world.services.redacted, part)
    world.services = replace(world.services, redacted=torn)
    act = Action(actions.EVALUATION, {"EvaluationFormId": FORM_ID})
    world.rule_set = rule_set([replace(GREETED, actions=(act,))])
    world.put(RECORD_KEY, record())
    world.put(CHAT_KEY, chat())
    world.drain()
    world.clock.now += 16 * 60_000
    while deliver_facts(world.services):
        pass
    assert torn.failed
    (end,) = ended(world)
    assert end.state == DONE
    (made,) = evaluations(world)
    assert made.state is State.SUBMITTED


def test_a_draft_that_a_person_works_on_is_left_to_the_person(world):
    with_form(world, OPEN)
    (end,) = matched(world, {"EvaluationFormId": FORM_ID})
    (draft,) = evaluations(world)
    Evaluations(world.services.redacted, CONTACT).write(moved(draft, Step.SAVE, "ada", 1))
    assert auto_evaluations.fill_in(world.services, end.order) == ""
    assert evaluations(world)[0].revision == 2
