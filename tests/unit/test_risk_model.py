"""The model of risk: trained on verdicts, calibrated, plain data, deterministic, forgetful."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from chalicelib.adapters.engines.risk_local import LocalRisk
from chalicelib.adapters.engines.risk_training import (
    LEAST_LABELS,
    calibration_error,
    fingerprint_of,
    quality,
    surely,
    too_few,
    train,
)
from chalicelib.adapters.risk_events import MODEL, RiskEvents
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.risk.model import Example, Feature, RiskModel, Tree
from chalicelib.domain.risk.rules import Thresholds
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.prediction import RiskEvent
from tests.fakes.stores import MemoryObjects

HOUR_MS = 3_600_000


def planted(count: int, seed: int = 1) -> list[Example]:
    """Events whose fraud is more likely with gift cards and on chats, and never certain."""
    dice = random.Random(seed)
    out = []
    for n in range(count):
        known = {
            "channel": dice.choice(("voice", "chat")),
            "hour_utc": str(dice.randrange(24)),
            "gift_card_terms": str(dice.choice((0, 0, 0, 1, 2))),
            "urgency_terms": str(dice.choice((0, 1))),
        }
        if dice.random() < 0.5:
            known["repeats_24h"] = str(dice.randrange(4))
        chance = 0.05 + 0.3 * int(known["gift_card_terms"]) + 0.2 * (known["channel"] == "chat")
        out.append(Example(f"e{n:05d}", n * HOUR_MS, known, dice.random() < chance))
    return out


EXAMPLES = planted(600)


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return train(EXAMPLES)


def test_the_same_events_in_another_order_give_the_same_model(model):
    shuffled = random.Random(2).sample(EXAMPLES, len(EXAMPLES))
    assert dump(train(shuffled)) == dump(model)


def test_the_model_finds_what_was_planted_in_events_that_it_has_not_seen(model):
    fresh = planted(2000, seed=7)
    shares = [model.probability(model.row(e.variables)) for e in fresh]
    found = quality(shares, [int(e.fraud) for e in fresh])
    assert found.auc > 0.7
    assert found.ece < 0.06
    assert abs(found.brier - model.quality.brier) < 0.05


def test_the_model_says_what_it_was_made_of(model):
    assert model.events == tuple(e.event_id for e in EXAMPLES)
    assert model.frauds == sum(e.fraud for e in EXAMPLES)
    assert model.fingerprint == fingerprint_of(EXAMPLES)
    assert model.quality.events == len(EXAMPLES) // 5
    assert model.made_with.startswith("scikit-learn")


def test_the_model_survives_being_stored_as_json(model):
    again = load(RiskModel, dump(model))
    assert again == model
    assert again.score(EXAMPLES[3].variables) == model.score(EXAMPLES[3].variables)


def test_another_verdict_is_another_fingerprint():
    changed = [replace(EXAMPLES[0], fraud=not EXAMPLES[0].fraud), *EXAMPLES[1:]]
    assert fingerprint_of(changed) != fingerprint_of(EXAMPLES)


def test_what_raised_the_score_is_told_with_its_points(model):
    calm = {"channel": "voice", "hour_utc": "10", "gift_card_terms": "0", "urgency_terms": "0"}
    score, reasons = model.score({**calm, "gift_card_terms": "2"})
    assert score > model.score(calm)[0] + 100
    assert (reasons[0].name, reasons[0].value) == ("gift_card_terms", "2")
    assert reasons[0].weight == pytest.approx(score - model.score(calm)[0], abs=0.1)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({}, id="nothing_known"),
        pytest.param({"channel": "fax"}, id="a_value_never_seen"),
        pytest.param({"gift_card_terms": "many"}, id="no_number_where_there_was_one"),
        pytest.param({"gift_card_terms": "inf", "hour_utc": "-1e308"}, id="numbers_without_end"),
        pytest.param({"something": "new"}, id="a_variable_never_seen"),
    ],
)
def test_any_event_has_a_score(model, known):
    assert 0 <= model.score(known)[0] <= 1000


@pytest.mark.parametrize(
    ("examples", "why"),
    [
        pytest.param([], "0 verdicts", id="none"),
        pytest.param(EXAMPLES[: LEAST_LABELS - 1], "299 verdicts", id="one_too_few"),
        pytest.param(
            [replace(e, fraud=n < 29) for n, e in enumerate(EXAMPLES)],
            "29 of them fraud",
            id="too_little_fraud",
        ),
        pytest.param(
            [replace(e, fraud=n < 300) for n, e in enumerate(EXAMPLES)],
            "a part in time",
            id="no_fraud_lately",
        ),
    ],
)
def test_too_few_verdicts_are_said_so(examples, why):
    assert why in too_few(examples)
    with pytest.raises(ValueError, match=why):
        train(examples)


@pytest.mark.parametrize(
    ("shares", "frauds", "error"),
    [
        pytest.param([0.5] * 20, [0, 1] * 10, 0.0, id="right_on_average"),
        pytest.param([0.1] * 20, [0] * 20, 0.1, id="ten_points_too_high"),
        pytest.param([0.0] * 10 + [1.0] * 10, [1] * 10 + [0] * 10, 1.0, id="the_wrong_way_round"),
    ],
)
def test_the_calibration_error_is_what_was_said_less_what_came(shares, frauds, error):
    assert calibration_error(shares, frauds) == pytest.approx(error)


LEAF = ((-1,), (0.0,), (0,), (0,), (False,), (0.1,))


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(((), (), (), (), (), ()), id="without_nodes"),
        pytest.param((*LEAF[:5], (0.1, 0.2)), id="lists_of_two_lengths"),
        pytest.param(((0,), *LEAF[1:]), id="a_branch_that_leads_to_itself"),
        pytest.param(((0,), (0.0,), (5,), (6,), (False,), (0.0,)), id="a_branch_to_nowhere"),
    ],
)
def test_what_is_no_tree_is_refused(parts):
    with pytest.raises(ValueError, match="tree"):
        Tree(*parts)


# The local engine


def assessor(store, trainer=train) -> LocalRisk:
    return LocalRisk(store, Thresholds(), trainer)


def events(examples):
    return [RiskEvent(e.event_id, e.at_ms, e.variables) for e in examples]


@pytest.fixture
def store():
    return MemoryObjects()


@pytest.fixture
def taught(store):
    """A store with the events and verdicts of 400 contacts, and nothing that was made of them."""
    known = RiskEvents(store)
    for event, example in zip(events(EXAMPLES[:400]), EXAMPLES[:400], strict=True):
        known.remember(event)
        LocalRisk(store).label(example.event_id, example.fraud, example.at_ms)
    return store


NEW = RiskEvent("new", 0, {"channel": "chat", "gift_card_terms": "2", "urgency_terms": "1"})


def test_rules_alone_say_that_they_are_alone(store):
    found = assessor(store).assess(NEW)
    assert found.basis.startswith("rules only: 0 verdicts")
    assert (found.score, found.outcome, found.rule) == (600, "review", "score-review")


def test_with_enough_verdicts_a_model_scores_and_says_how_well(taught):
    found = assessor(taught).assess(NEW)
    assert found.basis.startswith("a model of 400 verdicts")
    assert "AUC" in found.basis
    assert found.reasons[1].name == "gift_card_terms"


def test_a_model_that_finds_no_more_than_the_rules_does_not_score(store):
    known, dice = RiskEvents(store), random.Random(5)
    for n in range(400):
        failed = dice.choice((0, 0, 1, 2, 3))
        event = RiskEvent(f"e{n:05d}", n * HOUR_MS, {"failed_verifications": str(failed)})
        known.remember(event)
        assessor(store).label(event.id, dice.random() < 0.05 + 0.3 * failed, event.at_ms)
    found = assessor(store).assess(NEW)
    assert found.basis.startswith("rules only: a model of 400 verdicts has not shown")
    assert found.score == 600
    assert known.model() is not None


def test_more_of_what_the_rules_weigh_never_lowers_the_score(model):
    for example in EXAMPLES[:60]:
        scores = [
            model.score({**example.variables, "gift_card_terms": str(count)})[0]
            for count in range(5)
        ]
        assert scores == sorted(scores)


def test_the_bootstrap_tells_a_better_score_from_an_equal_one():
    frauds = [0, 1] * 50
    good, bad = [float(fraud) for fraud in frauds], [0.5] * 100
    assert surely(good, bad, frauds) == 1
    assert surely(good, good, frauds) == 0
    assert surely(bad, good, frauds) == 0


def test_a_model_is_made_once_and_read_by_the_next_process(taught):
    first = assessor(taught).assess(NEW)

    def never(_):
        raise AssertionError("trained again")

    assert assessor(taught, never).assess(NEW) == first


def test_the_model_is_kept_as_json_and_nothing_of_it_is_executed(taught):
    assessor(taught).assess(NEW)
    kept = json.loads(taught.read(MODEL))
    assert set(kept) >= {"trees", "events", "quality", "fingerprint"}


def test_something_else_in_the_place_of_the_model_is_no_model(taught):
    first = assessor(taught).assess(NEW)
    taught.put(MODEL, b"\x80\x04cposix\nsystem\n")
    assert assessor(taught).assess(NEW) == first


def test_without_scikit_learn_the_rules_go_on_alone_and_say_so(taught):
    def missing(_):
        raise EngineMissing("risk model", "scikit-learn is not installed here")

    found = assessor(taught, missing).assess(NEW)
    assert found.basis == "rules only: scikit-learn is not installed here"


def test_without_scikit_learn_a_model_that_is_there_is_used_though_more_verdicts_came(taught):
    before = assessor(taught).assess(NEW)
    for example in EXAMPLES[400:500]:
        assessor(taught).label(example.event_id, example.fraud, 0)

    def missing(_):
        raise EngineMissing("risk model", "scikit-learn is not installed here")

    assert assessor(taught, missing).assess(NEW) == before


def test_a_few_verdicts_more_change_nothing_and_a_tenth_more_make_a_new_model(taught):
    known = RiskEvents(taught)
    for event in events(EXAMPLES[400:440]):
        known.remember(event)
    assessor(taught).assess(NEW)
    for example in EXAMPLES[400:439]:
        assessor(taught).label(example.event_id, example.fraud, 0)
    assert "400 verdicts" in assessor(taught).assess(NEW).basis
    assessor(taught).label(EXAMPLES[439].event_id, EXAMPLES[439].fraud, 0)
    assert "440 verdicts" in assessor(taught).assess(NEW).basis


def test_a_forgotten_event_leaves_no_trace_and_the_model_is_made_without_it(taught):
    gone = EXAMPLES[7].event_id
    assessor(taught).assess(NEW)
    assessor(taught).forget(gone)
    assert not any(gone.encode() in taught.read(stat.key) for stat in taught.list())
    found = assessor(taught).assess(NEW)
    assert "399 verdicts" in found.basis
    assert gone not in RiskEvents(taught).model().events


def test_one_process_that_goes_on_makes_the_model_anew_after_it_forgot(taught):
    risk = assessor(taught)
    assert "400 verdicts" in risk.assess(NEW).basis
    risk.forget(EXAMPLES[7].event_id)
    assert "399 verdicts" in risk.assess(NEW).basis
    assert "399 verdicts" in risk.assess(NEW).basis


def test_verdicts_that_change_sides_until_one_side_is_too_small_end_the_model(taught):
    risk = assessor(taught)
    risk.assess(NEW)
    for example in EXAMPLES[:400]:
        risk.label(example.event_id, False, 1)
    assert "0 of them fraud" in risk.assess(NEW).basis
    assert RiskEvents(taught).model() is None


def test_an_event_that_is_forgotten_while_a_model_is_made_of_it_is_not_in_it(taught):
    gone = EXAMPLES[7].event_id

    def interrupted(examples):
        made = train(examples)
        RiskEvents(taught).forget(gone)
        return made

    assert "forgotten" in assessor(taught, interrupted).assess(NEW).basis
    assert RiskEvents(taught).model() is None
    assert "399 verdicts" in assessor(taught).assess(NEW).basis


def test_below_the_least_of_verdicts_again_the_rules_are_alone_again(taught):
    assessor(taught).assess(NEW)
    risk = assessor(taught)
    for example in EXAMPLES[:101]:
        risk.forget(example.event_id)
    assert risk.assess(NEW).basis.startswith("rules only: 299 verdicts")
    assert RiskEvents(taught).model() is None


def test_a_column_that_is_mostly_unknown_is_ordinary_when_it_is_unknown():
    leaf = Tree(*LEAF)
    model = RiskModel(
        "f", (Feature("x", None, None), Feature("y", None, 1.0)), 0.0, (leaf,), 1.0, 0.0
    )
    assert model.score({"x": "3", "y": "2"})[1] == ()
