"""What a log teaches: tastes where they are and prove themselves, popularity else; and the log itself."""

import subprocess
import sys
from dataclasses import replace

import pytest

from bench.interactions import Planted, interactions
from chalicelib.adapters.engines import action_model
from chalicelib.adapters.engines.action_model import ALIKE, OVER_ALL, POPULAR, UNKNOWN
from chalicelib.adapters.engines.next_actions_local import REFRESH_MS, LocalNextActions
from chalicelib.adapters.interaction_log import InteractionLog
from chalicelib.domain import replay
from chalicelib.domain.next_action import Action, Catalogue, Interaction
from chalicelib.domain.popularity import trials
from tests.fakes.stores import MemoryObjects

SMALL = Planted(customers=120, actions=60, tastes=3, each=14, strength=0.8)
CATALOGUE = Catalogue((Action("a", "A"), Action("b", "B"), Action("c", "C")))


def split(planted):
    known = trials(interactions(planted))
    return replay.split(known, replay.cut_at(known, 0.8))


def test_tastes_that_are_there_are_found_and_beat_popularity():
    before, after = split(SMALL)
    model = action_model.fitted(before)
    assert model.engine.name == "popularity and tastes"
    found = replay.compare(
        replay.questions(before, after), action_model.ranking(model), replay.by_popularity(before)
    )
    assert found.ndcg.shown
    assert found.hit_rate.shown
    asked = before[0]
    assert model.rank(asked.customer_ref, asked.reason, ["action-001", "action-002"])[1] == ALIKE


def test_the_same_log_gives_the_same_model():
    before, _ = split(SMALL)
    names = sorted({trial.action for trial in before})
    first, second = action_model.fitted(before), action_model.fitted(before)
    for who in ("user-00001", "user-00077"):
        assert first.rank(who, "reason-1", names) == second.rank(who, "reason-1", names)


@pytest.mark.parametrize(
    ("planted", "why"),
    [
        pytest.param(replace(SMALL, strength=0.0), "find no more than popularity", id="no_tastes"),
        pytest.param(replace(SMALL, customers=30), "500 takings by 50 customers", id="few_data"),
        pytest.param(
            replace(SMALL, customers=40, each=40), "500 takings by 50 customers", id="few_customers"
        ),
    ],
)
def test_tastes_that_are_not_there_are_not_claimed(planted, why):
    before, after = split(planted)
    model = action_model.fitted(before)
    assert (model.engine.name, model.tastes.weight) == ("popularity", 0)
    assert why in model.engine.detail
    found = replay.compare(
        replay.questions(before, after), action_model.ranking(model), replay.by_popularity(before)
    )
    assert found.ndcg == replay.Gain(0, 0, 0)
    assert model.rank("user-00001", "reason-1", ["action-001"])[1] == POPULAR


def test_a_stranger_is_told_what_is_popular():
    before, _ = split(SMALL)
    model = action_model.fitted(before)
    assert model.rank("stranger", "reason-1", ["action-001"])[1] == POPULAR
    assert model.rank("stranger", "new reason", ["action-001"])[1] == OVER_ALL


def test_without_any_log_the_catalogue_decides_and_it_is_said():
    options, basis = action_model.fitted([]).rank("u", "r", ["b", "a"])
    assert ([option.name for option in options], basis) == (["b", "a"], UNKNOWN)


@pytest.mark.parametrize(
    ("size", "step"),
    [
        pytest.param(0, 0, id="nothing"),
        pytest.param(499, 499, id="too_few_are_all_there_is"),
        pytest.param(549, 500, id="up_to_a_tenth_more_is_the_same"),
        pytest.param(550, 550, id="a_tenth_more_is_a_step"),
        pytest.param(604, 550, id="and_so_on"),
    ],
)
def test_tastes_are_made_anew_by_steps(size, step):
    assert len(action_model.at_last_step(list(range(size)))) == step


@pytest.mark.parametrize("library", ["implicit", "scipy"])
def test_without_the_library_it_is_popularity_and_says_so(library):
    code = (
        f"import sys; sys.modules[{library!r}] = None; sys.modules[{library + '.sparse'!r}] = None\n"
        "from bench.interactions import Planted, interactions\n"
        "from chalicelib.adapters.engines import action_model\n"
        "from chalicelib.domain.popularity import trials\n"
        "model = action_model.fitted(trials(interactions(Planted(customers=60))))\n"
        "assert model.engine.name == 'popularity', model.engine\n"
        "assert 'is not installed here' in model.engine.detail, model.engine\n"
        "assert model.rank('user-00001', 'reason-1', ['action-001'])[1] == 'popular for this reason'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_ranking_by_popularity_loads_no_library():
    code = (
        "import sys\n"
        "from chalicelib.adapters.engines import action_model, next_actions_local\n"
        "action_model.fitted([]).rank('u', 'r', ['a'])\n"
        "assert not {'numpy', 'scipy', 'implicit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def one(action, *, who="u", number=0, event="accepted"):
    return Interaction(
        f"{who}{action}{number}{event}", who, f"c{number}", action, event, number, "r"
    )


class Clock:
    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now


def first(engine, who="u"):
    return engine.rank(who, ["a", "b", "c"], {"reason": "r"}).options[0].name


def test_another_process_counts_within_a_minute():
    store, clock = MemoryObjects(), Clock()
    here, there = (LocalNextActions(store, CATALOGUE, clock) for _ in range(2))
    assert (first(here), first(there)) == ("a", "a")
    here.learn([one("c")])
    assert (first(here), first(there)) == ("c", "a")
    clock.now += REFRESH_MS
    assert first(there) == "c"


def test_a_forgotten_customer_is_out_of_every_process_at_once_and_the_tastes_are_remade():
    store, clock = MemoryObjects(), Clock()
    log = interactions(SMALL)
    here, there = (LocalNextActions(store, CATALOGUE, clock, exploration=0) for _ in range(2))
    here.learn(log)
    who, names = log[0].customer_ref, sorted({i.action for i in log})
    for engine in (here, there):
        assert engine.rank(who, names, {"reason": "reason-1"}).basis == ALIKE
    here.forget(who)
    for engine in (here, there):
        assert engine.rank(who, names, {"reason": "reason-1"}).basis == POPULAR
    assert who.encode() not in b"".join(store.read(stat.key) for stat in store.list())


def test_exploring_is_told_and_bounded():
    engine = LocalNextActions(MemoryObjects(), CATALOGUE, Clock(), exploration=0.2)
    engine.learn([one("b")])
    found = [engine.rank("u", ["a", "b", "c"], {"reason": "r"}, token=f"{n}") for n in range(400)]
    other = [ranking for ranking in found if ranking.explored]
    assert 40 < len(other) < 120
    assert all(ranking.options[0].name != "b" for ranking in other)
    assert all(r.options[0].name == "b" for r in found if not r.explored)


def test_declining_counts_against_an_action():
    engine = LocalNextActions(MemoryObjects(), CATALOGUE, Clock())
    engine.learn([one("a", number=n, event="declined") for n in range(5)])
    assert first(engine) == "b"


def test_the_log_reads_each_interaction_once():
    class Counting(MemoryObjects):
        reads = 0

        def read(self, key, **part):
            self.reads += 1
            return super().read(key, **part)

    store = Counting()
    InteractionLog(store).add(one("a"))
    reader = InteractionLog(store)
    for _ in range(3):
        assert len(reader.all()) == 1
    assert store.reads == 1


def test_keys_hold_no_customer_as_they_came():
    store = MemoryObjects()
    InteractionLog(store).add(one("a", who="customer ü/../x"))
    assert all("customer" not in stat.key for stat in store.list())
