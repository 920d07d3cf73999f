"""The follow-up ``next-action``: what is shown and kept back, once, and what is told of it in the API."""

import json
from dataclasses import replace

import pytest

from chalicelib.adapters.engines.next_actions_local import LocalNextActions
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.follow_up import Kind, Option, Order, Result, Skipped, State
from chalicelib.domain.next_action import (
    DAY_MS,
    NOTHING,
    Action,
    ActionKind,
    Catalogue,
    Event,
    Interaction,
)
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.transcript import Engine
from chalicelib.flow.follow_ups import next_action, notes
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.ports.recommendation import Ranking
from chalicelib.ports.services import After
from tests.fakes.stores import MemoryObjects
from tests.unit import api_world as w
from tests.unit.api_world import CALL, CHAT

ANN = "pseudonym-of-ann"
ORDER = "0123abcd"
CATALOGUE = Catalogue(
    (
        Action("upgrade", "Offer an upgrade", ActionKind.OFFER),
        Action("call", "Call back", calls=True),
        Action("article", "Send an article"),
        Action("waive", "Waive the fee", fits=("Refund",)),
    )
)
HAPPY = {"customer_ref": ANN, "sentiment_customer": 2.0, "categories": ("Refund", "Complaint")}


class Scripted:
    """Ranks in its own order; remembers as the port says."""

    engine = Engine("scripted", "1")

    def __init__(self, *order, explored=False, known=(), error=None):
        self.catalogue = CATALOGUE
        self._order, self._explored, self._error = order, explored, error
        self.known = {one.id: one for one in known}
        self.asked = []

    def rank(self, customer_ref, candidates, context, *, token=""):
        if self._error:
            raise self._error
        self.asked.append((customer_ref, tuple(candidates), dict(context), token))
        chosen = [n for n in self._order if n in candidates] or list(candidates)
        options = tuple(Option(name, 1 / (n + 2)) for n, name in enumerate(chosen))
        return Ranking(self.engine, options, "by heart", "RID-1", self._explored)

    def learn(self, interactions):
        for one in interactions:
            self.known.setdefault(one.id, one)

    def history(self, customer_ref):
        return [one for one in self.known.values() if one.customer_ref == customer_ref]

    def forget(self, customer_ref):
        self.known = {i: o for i, o in self.known.items() if o.customer_ref != customer_ref}


def declined(action, days_ago=1, who=ANN):
    at_ms = w.NOW_MS - days_ago * DAY_MS
    return Interaction(f"d-{action}", who, "earlier", action, "declined", at_ms)


def desk(tmp_path, engine, *, store=None, **known):
    services = w.services(tmp_path)
    services = replace(
        services, after=After(next_actions=engine), redacted=store or services.redacted
    )
    published = w.publication(analysis_key="a", **{**HAPPY, **known})
    return Desk(
        services,
        Order(ORDER, Kind.NEXT_ACTION, CALL, "a", w.NOW_MS),
        w.row(CALL, publication=published),
        published,
        ContactAnalysis(CALL, (w.chat(),)),
    )


def test_the_best_is_shown_with_all_that_led_to_it(tmp_path):
    engine = Scripted("waive", "upgrade", "call", "article")
    found = next_action.run(desk(tmp_path, engine))
    assert found == Result(
        "waive",
        engine.engine,
        0.5,
        {
            "reason": "Refund",
            "channel": "VOICE",
            "candidates": "article call upgrade waive",
            "sentiment": "2",
            "ending": "",
            "explored": "false",
        },
        found.reasons,
        tuple(
            Option(n, 1 / (i + 2)) for i, n in enumerate(("waive", "upgrade", "call", "article"))
        ),
        {"recommendationId": "RID-1"},
    )
    assert [(r.name, r.text) for r in found.reasons] == [("basis", "by heart")]
    assert engine.known[ORDER] == Interaction(
        ORDER, ANN, CALL, "waive", "shown", w.NOW_MS, "Refund", "RID-1"
    )
    assert engine.asked[0][3] == ORDER


@pytest.mark.parametrize(
    ("known", "history", "risk", "outcome", "kept"),
    [
        pytest.param({}, (), "", "upgrade", [], id="nothing_is_against_an_offer"),
        pytest.param({"sentiment_customer": -1.0}, (), "", "call", ["upgrade"], id="a_bad_mood"),
        pytest.param({}, (declined("upgrade"),), "", "call", ["upgrade"], id="declined_lately"),
        pytest.param({}, (declined("upgrade", 31),), "", "upgrade", [], id="declined_long_ago"),
        pytest.param(
            {}, (declined("upgrade", who="Ben"),), "", "upgrade", [], id="somebody_else_declined"
        ),
        pytest.param({}, (), "block-callback", "article", ["upgrade", "call"], id="blocked"),
        pytest.param({}, (), "review", "upgrade", [], id="a_review_blocks_nothing"),
        pytest.param(
            {"categories": ("Complaint",)}, (), "block-callback", "article",
            ["upgrade", "call"], id="what_does_not_fit_was_never_a_candidate",
        ),
    ],
)  # fmt: skip
def test_what_is_kept_back_is_told_with_the_reason(tmp_path, known, history, risk, outcome, kept):
    engine = Scripted("upgrade", "call", "article", "waive", known=history)
    at = desk(tmp_path, engine, **known)
    if risk:
        order = Order("r", Kind.RISK, CALL, "a", w.NOW_MS)
        notes.keep(at.services.redacted, order)
        ended = notes.End(State.DONE, w.NOW_MS, 1, result=Result(risk))
        notes.close(at.services.redacted, order, 1, ended)
    found = next_action.run(at)
    assert found.outcome == outcome
    assert [r.name for r in found.reasons if r.value == "kept back"] == kept
    assert not {option.name for option in found.options} & set(kept)


def test_where_all_is_kept_back_nothing_is_shown(tmp_path):
    history = [declined(action.id) for action in CATALOGUE.actions]
    engine = Scripted(known=history)
    found = next_action.run(desk(tmp_path, engine))
    assert (found.outcome, found.score, found.options) == (NOTHING, None, ())
    assert len(found.reasons) == 1 + len(CATALOGUE.actions)
    assert ORDER not in engine.known


def test_where_nothing_fits_nothing_is_asked(tmp_path):
    engine = Scripted()
    engine.catalogue = Catalogue((Action("waive", "Waive", fits=("Refund",)),))
    found = next_action.run(desk(tmp_path, engine, categories=()))
    assert (found.outcome, found.reasons[0].text) == (NOTHING, next_action.NONE_FITS)
    assert engine.asked == []


@pytest.mark.parametrize(
    ("engine", "customer", "why"),
    [
        pytest.param(Scripted(), None, next_action.NOBODY, id="nobody_is_named"),
        pytest.param(None, ANN, next_action.NO_ENGINE, id="nothing_ranks"),
    ],
)
def test_there_may_be_nothing_to_do(tmp_path, engine, customer, why):
    with pytest.raises(Skipped, match=why):
        next_action.run(desk(tmp_path, engine, customer_ref=customer))


def test_an_engine_that_is_away_is_asked_again_later(tmp_path):
    with pytest.raises(Unavailable):
        next_action.run(desk(tmp_path, Scripted(error=Unavailable("away"))))


def test_an_order_that_is_carried_out_again_shows_the_same_and_counts_once(tmp_path):
    engine = Scripted("waive", "article")
    first = next_action.run(desk(tmp_path, engine))
    engine._order = ("article", "waive")
    again = next_action.run(desk(tmp_path, engine, sentiment_customer=-3.0))
    assert (first.outcome, again.outcome) == ("waive", "waive")
    assert len(engine.known) == 1


def test_what_this_contact_declined_does_not_change_what_it_was_shown(tmp_path):
    engine = Scripted("upgrade", "article")
    next_action.run(desk(tmp_path, engine))
    told = replace(declined("upgrade", 0), session=CALL)
    engine.learn([told])
    assert next_action.run(desk(tmp_path, engine)).outcome == "upgrade"


@pytest.mark.parametrize(
    ("known", "explored"),
    [
        pytest.param({}, "true", id="what_was_tried_out_is_shown"),
        pytest.param({"sentiment_customer": -1.0}, "false", id="what_was_tried_out_is_kept_back"),
    ],
)
def test_a_trial_is_told_where_it_is_shown(tmp_path, known, explored):
    engine = Scripted("upgrade", "article", explored=True)
    assert next_action.run(desk(tmp_path, engine, **known)).inputs["explored"] == explored


# What became of it, in the API.

SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
STRANGER = Principal("x", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
AGENT = Principal("a", PrincipalRole.AGENT, agent_id="agent-1")


@pytest.fixture
def world(tmp_path):
    made = w.populated(tmp_path)
    engine = LocalNextActions(MemoryObjects(), CATALOGUE, exploration=0)
    services = replace(made.services, after=After(next_actions=engine))
    world = w.World(services, made.capabilities)
    row = services.contacts.get(CALL)
    world.put(replace(row, publication=replace(row.publication, customer_ref=ANN)))
    engine.learn([Interaction(ORDER, ANN, CALL, "article", "shown", w.NOW_MS - 5, "Refund", "R")])
    return world


def tell(world, event="accepted", *, contact=CALL, order=ORDER, who=SUPERVISOR, **body):
    path = f"/v1/contacts/{contact}/next-actions/{order}/outcomes"
    return world.ask(path, method="POST", who=who, body={"event": event, **body})


def events(world):
    history = world.services.after.next_actions.history(ANN)
    return [(one.event, one.action, one.recommendation_id) for one in history]


def test_what_became_of_an_action_is_learned(world):
    told = tell(world)
    assert told.status == 200
    assert told.json == {
        "followUpId": ORDER,
        "action": "article",
        "event": "accepted",
        "at": "2026-05-28T20:26:40.000Z",
    }
    assert events(world) == [("shown", "article", "R"), ("accepted", "article", "R")]


def test_what_was_told_is_listed(world):
    path = f"/v1/contacts/{CALL}/next-actions/{ORDER}/outcomes"
    assert world.ask(path, who=SUPERVISOR).json == {"items": []}
    told = [tell(world).json]
    world.now_ms += 1000
    told.append(tell(world, "resolved").json)
    assert world.ask(path, who=SUPERVISOR).json == {"items": told}
    assert world.ask(path.replace(ORDER, "nothing"), who=SUPERVISOR).status == 404


def test_told_again_it_is_the_same(world):
    first = tell(world)
    world.now_ms += 1000
    again = tell(world, who=w.ADMIN)
    assert (again.status, again.json) == (200, first.json)
    assert len(events(world)) == 2


@pytest.mark.parametrize(
    ("story", "statuses"),
    [
        pytest.param("accepted resolved", [200, 200], id="accepted_then_resolved"),
        pytest.param("resolved accepted", [200, 200], id="resolved_then_accepted"),
        pytest.param("accepted declined", [200, 409], id="accepted_is_not_declined"),
        pytest.param("declined accepted", [200, 409], id="declined_is_not_accepted"),
        pytest.param("declined resolved", [200, 409], id="declined_is_not_resolved"),
        pytest.param("declined declined", [200, 200], id="declined_twice_is_declined"),
        pytest.param("resolved declined", [200, 409], id="resolved_is_not_declined"),
    ],
)
def test_answers_may_not_contradict(world, story, statuses):
    assert [tell(world, event).status for event in story.split()] == statuses


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        pytest.param({"order": "unknown"}, 404, "not_found", id="nothing_was_shown"),
        pytest.param({"contact": CHAT, "who": w.ADMIN}, 404, "not_found", id="another_contact"),
        pytest.param({"contact": "unknown"}, 404, "not_found", id="no_contact"),
        pytest.param({"who": STRANGER}, 404, "not_found", id="not_visible"),
        pytest.param({"who": AGENT}, 403, "forbidden", id="not_permitted"),
        pytest.param({"event": "shown"}, 422, "body", id="not_an_answer"),
        pytest.param({"customer": "x"}, 422, "body", id="more_than_is_asked"),
    ],
)
def test_what_cannot_be_told(world, asked, status, code):
    told = tell(world, **asked)
    assert (told.status, told.json["code"]) == (status, code)
    assert len(events(world)) == 1


def test_of_a_customer_who_was_forgotten_nothing_is_told(world):
    world.services.after.next_actions.forget(ANN)
    assert tell(world).status == 404
    assert events(world) == []


def test_nothing_is_told_where_nothing_ranks(world):
    bare = w.World(replace(world.services, after=After()), world.capabilities)
    assert tell(bare).status == 404


def test_the_customer_is_not_in_the_answer(world):
    assert ANN not in json.dumps(tell(world, Event.DECLINED.value).json)
