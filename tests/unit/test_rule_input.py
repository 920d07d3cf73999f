"""What judges rules is an input of categories, where a rule in force needs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.events import Hint
from chalicelib.domain.rules.actions import TASK
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.needs import Need, needs
from chalicelib.domain.rules.rule import (
    Action,
    ExactMatch,
    Group,
    Operator,
    RegexMatch,
    Rule,
    SemanticMatch,
    Statement,
)
from chalicelib.domain.transcript import Engine
from chalicelib.flow import actions as orders
from chalicelib.flow.rule_input import input_of, rules_in
from chalicelib.formats.rules_file import rule_set
from tests.fakes.generation import FakeModel
from tests.fakes.rule_tools import FakeExpressions, FakeMeaning, FakeReader
from tests.world import CHAT_KEY, CONTACT, World, chat

WORDS, MEANT = ExactMatch(("refund",)), SemanticMatch(("money back please",))
OWN, STATED, EXPRESSED = (
    replace(MEANT, threshold=0.9),
    Statement("All is well"),
    RegexMatch(("a+",)),
)


def ruled(when):
    return Rule("r", "Rule", 1, when)


NEEDS = {
    "words": (WORDS, set()),
    "an_example": (MEANT, {Need.MEANING, Need.THRESHOLD}),
    "an_example_with_a_threshold_of_its_own": (OWN, {Need.MEANING}),
    "a_sentence": (STATED, {Need.READER}),
    "an_expression": (EXPRESSED, {Need.EXPRESSIONS}),
    "a_group_what_its_members_need": (
        Group(Operator.AND, (WORDS, Group(Operator.OR, (STATED, EXPRESSED)))),
        {Need.READER, Need.EXPRESSIONS},
    ),
}


@pytest.mark.parametrize(("when", "needed"), NEEDS.values(), ids=NEEDS)
def test_what_a_condition_needs(when, needed):
    assert needs([ruled(WORDS), ruled(when)]) == needed


def other_threshold(world):
    settings = replace(world.services.settings, semantic_threshold=0.9)
    tools = replace(world.services.tools, meaning=FakeMeaning(0.9))
    world.services = replace(world.services, settings=settings, tools=tools)


def other_vectors(world):
    world.services.vectors.engine = Engine("other", "2")


def other_model(world):
    world.services.model.engine = Engine("other-model", "2")


def statements_on(world):
    tools = replace(world.services.tools, reader=FakeReader())
    world.services = replace(world.services, tools=tools, model=FakeModel({}))


def statements_off(world):
    world.services = replace(world.services, tools=replace(world.services.tools, reader=None))


def expressions_on(world):
    tools = replace(world.services.tools, expressions=FakeExpressions())
    world.services = replace(world.services, tools=tools)


CHANGES = {
    "another_threshold_where_an_example_has_none": (other_threshold, MEANT, True),
    "another_threshold_where_each_example_has_its_own": (other_threshold, OWN, False),
    "another_threshold_where_rules_look_for_words": (other_threshold, WORDS, False),
    "other_vectors_where_an_example_is_meant": (other_vectors, OWN, True),
    "other_vectors_where_rules_look_for_words": (other_vectors, WORDS, False),
    "a_model_that_is_switched_on_where_a_rule_has_a_sentence": (statements_on, STATED, True),
    "a_model_that_is_switched_on_where_none_has": (statements_on, MEANT, False),
    "another_model_while_it_judges_no_sentences": (other_model, STATED, False),
    "re2_that_was_installed_where_a_rule_has_an_expression": (expressions_on, EXPRESSED, True),
    "re2_that_was_installed_where_none_has": (expressions_on, STATED, False),
}


def fresh(tmp_path, when, reader=None):
    world = World(tmp_path)
    tools = Tools(meaning=FakeMeaning(0.5), reader=reader)
    world.services = replace(world.services, tools=tools, model=FakeModel({}))
    world.rule_set = rule_set([ruled(when)])
    return world


@pytest.mark.parametrize(("change", "when", "another"), CHANGES.values(), ids=CHANGES)
def test_the_input_is_another_exactly_where_the_rules_need_what_changed(
    tmp_path, change, when, another
):
    world = fresh(tmp_path, when)
    before = input_of(world.services, world.rule_set)
    change(world)
    after = input_of(world.services, world.rule_set)
    assert (after != before) is another
    assert rules_in(before) == rules_in(after) == world.rule_set.id


@pytest.mark.parametrize("change", [other_model, statements_off])
def test_a_model_that_judged_sentences_is_part_of_the_input(tmp_path, change):
    world = fresh(tmp_path, STATED, FakeReader())
    before = input_of(world.services, world.rule_set)
    change(world)
    assert input_of(world.services, world.rule_set) != before


def test_rules_of_words_are_their_id_alone_so_that_older_rows_stand(tmp_path):
    world = fresh(tmp_path, WORDS)
    assert input_of(world.services, world.rule_set) == world.rule_set.id


def look(world):
    world.hint(Hint(contact_id=CONTACT))
    world.drain()


def recipe(world):
    return {name: made.fingerprint for name, made in world.row().recipe.items()}


LENIENT = [("CUSTOMER", "money back"), ("AGENT", "Sorry")]


def test_another_threshold_categorises_again_quietly_and_remakes_nothing_else(tmp_path):
    world = fresh(tmp_path, MEANT)
    world.rule_set = rule_set([replace(ruled(MEANT), actions=(Action(TASK, {"Name": "Look"}),))])
    other_threshold(world)
    world.put(CHAT_KEY, chat(LENIENT))
    world.drain()
    before, moods = recipe(world), world.mood.asked
    assert world.row().publication.categories == ()
    settings = replace(world.services.settings, semantic_threshold=0.5)
    tools = replace(world.services.tools, meaning=FakeMeaning(0.5))
    world.services = replace(world.services, settings=settings, tools=tools)
    look(world)
    assert world.row().publication.categories == ("Rule",)
    changed = {name for name, mark in recipe(world).items() if before[name] != mark}
    assert changed == {"chat/categories", "contact/publication"}
    assert world.mood.asked == moods
    assert orders.finished(world.services, world.clock.now - 86_400_000, 10) == []
    version = world.row().version
    look(world)
    assert world.row().version == version


def test_another_threshold_leaves_contacts_of_rules_of_words_alone(tmp_path):
    world = fresh(tmp_path, WORDS)
    world.put(CHAT_KEY, chat(LENIENT))
    world.drain()
    before = world.row()
    other_threshold(world)
    look(world)
    assert world.row() == before
