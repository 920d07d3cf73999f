"""A language model in the flow: asked once for what is published, and never waited for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import Throttled, Unavailable, VersionMoved
from chalicelib.domain.events import Hint
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.flow import advance
from chalicelib.formats.artifact import load
from tests.fakes.generation import FakeModel, sentence, summary
from tests.world import CHAT_KEY, CONTACT, OTHER, World, chat

LINES = [
    ("CUSTOMER", "My parrot is ill, call me on 212 555 0199. I need an appointment."),
    ("AGENT", "I've booked an appointment. You will receive a letter."),
]
ONE = summary(sentence("The customer asked for an appointment for a parrot.", "t1"))
TWO = summary(sentence("The agent booked an appointment and announced a letter.", "t2"))


def world_with(folder: Path, model: FakeModel | None) -> World:
    world = World(folder)
    world.services = replace(world.services, model=model)
    return world


def published(world: World, contact_id: str = CONTACT) -> Conversation:
    row = world.row(contact_id)
    assert row.status is Status.COMPLETED
    body = world.services.redacted.read(row.publication.analysis_key)
    (conversation,) = load(ContactAnalysis, body).conversations
    return conversation


def test_a_contact_is_published_with_what_the_model_wrote(tmp_path: Path) -> None:
    model = FakeModel(ONE)
    world = world_with(tmp_path, model)
    world.put(CHAT_KEY, chat(LINES))
    world.drain()
    made = published(world).summary
    assert made.generated.text == "The customer asked for an appointment for a parrot."
    assert made.highlights
    assert published(world).engines["generated_summary"] == FakeModel.engine
    assert "0199" not in str(model.asked)
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    ("failure", "code", "asked"),
    [
        pytest.param(Throttled("HTTP 429"), "QUOTA_EXCEEDED", 2, id="throttled"),
        pytest.param(Unavailable("HTTP 503"), "INTERNAL_ERROR", 2, id="away"),
        pytest.param(
            Unavailable("HTTP 403", retryable=False),
            "INVALID_ANALYSIS_CONFIGURATION",
            1,
            id="forbidden",
        ),
    ],
)
def test_a_model_that_does_not_answer_holds_nothing_up(
    tmp_path: Path, failure: Unavailable, code: str, asked: int
) -> None:
    model = FakeModel(failure)
    world = world_with(tmp_path, model)
    world.put(CHAT_KEY, chat(LINES))
    world.drain()
    assert published(world).summary.sentences
    skips = {s.capability: s.reason for s in world.row().publication.skipped}
    assert skips["generated_summary"] == code
    assert len(model.asked) == asked


@pytest.mark.parametrize("answer", [ONE, Throttled("HTTP 429")], ids=["written", "skipped"])
def test_another_rule_set_asks_no_model_again(tmp_path: Path, answer: object) -> None:
    model = FakeModel(answer)
    world = world_with(tmp_path, model)
    world.put(CHAT_KEY, chat(LINES))
    world.drain()
    before, questions = published(world), len(model.asked)
    world.rule_set = RuleSet("others", ())
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    after = published(world)
    assert world.row().publication.rule_set == "others"
    assert (after.summary, after.skipped) == (before.summary, before.skipped)
    assert len(model.asked) == questions


def test_a_model_that_comes_later_writes_for_new_contacts_alone(tmp_path: Path) -> None:
    world = world_with(tmp_path, None)
    world.put(CHAT_KEY, chat(LINES))
    world.drain()
    world.services = replace(world.services, model=FakeModel(ONE))
    world.hint(Hint(contact_id=CONTACT))
    world.put(CHAT_KEY.replace(CONTACT, OTHER), chat(LINES, OTHER))
    world.drain()
    assert published(world).summary.generated is None
    assert published(world, OTHER).summary.generated
    marks = [world.row(i).recipe["chat/summary"].fingerprint for i in (CONTACT, OTHER)]
    assert len(set(marks)) == 2


class Losing:
    """The contact store of a look that loses its first race."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._lost = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, commit: Any) -> None:
        if not self._lost:
            self._lost = True
            raise VersionMoved("somebody was faster")
        self._store.commit(commit)


def test_a_look_that_loses_its_commit_asks_no_second_time(tmp_path: Path) -> None:
    model = FakeModel(ONE, TWO)
    world = world_with(tmp_path, model)
    world.services = replace(world.services, contacts=Losing(world.services.contacts))
    world.put(CHAT_KEY, chat(LINES))
    world.drain()
    assert published(world).summary.generated.text.startswith("The customer asked")
    assert len(model.asked) == 1


class Overtaken(FakeModel):
    """While it thinks for the first time, somebody else does all the work."""

    def __init__(self, *answers: object) -> None:
        super().__init__(*answers)
        self.meanwhile: Callable[[], object] | None = None

    def answer(self, instructions: str, data: object, schema: Any) -> Any:
        act, self.meanwhile = self.meanwhile, None
        if act:
            act()
        return super().answer(instructions, data, schema)


def test_of_two_looks_that_ask_at_once_the_first_text_counts_for_both(tmp_path: Path) -> None:
    model = Overtaken(ONE, TWO)
    world = world_with(tmp_path, model)
    model.meanwhile = lambda: advance(world.services, Hint(key=CHAT_KEY))
    world.put(CHAT_KEY, chat(LINES))
    world.drain()
    assert len(model.asked) == 2
    assert published(world).summary.generated.text.startswith("The customer asked")
    assert world.row().version == 1
    world.rollups_equal_rows()
