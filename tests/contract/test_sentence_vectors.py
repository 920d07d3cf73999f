"""What every maker of vectors, and everything that groups them, promises to the themes."""

from __future__ import annotations

import random

import pytest

from chalicelib.adapters.engines.minilm_vectors import MiniLmVectors, NoVectors
from chalicelib.adapters.engines.spherical_kmeans import SphericalKMeans, counts
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.vectors import Vector
from chalicelib.ports.vectors import Clusterer, SentenceVectors
from tests.fakes.vectors import FakeClusterer, FakeVectors

TEXTS = [
    "I want a refund for the kettle",
    "please refund my kettle",
    "my password does not work any more",
    "how do I set a new password",
    "where is my delivery",
    "the delivery has not arrived",
]
MINILM = MiniLmVectors()


def numbers(vector: Vector) -> list[float]:
    return [(b - 256 if b > 127 else b) * vector.scale for b in vector.values]


def cosine(a: Vector, b: Vector) -> float:
    x, y = numbers(a), numbers(b)
    return (
        sum(i * j for i, j in zip(x, y, strict=True))
        / (sum(i * i for i in x) * sum(j * j for j in y)) ** 0.5
    )


@pytest.fixture(params=[MINILM, FakeVectors()], ids=["minilm", "fake"])
def engine(request: pytest.FixtureRequest) -> SentenceVectors:
    return request.param


@pytest.fixture(params=[SphericalKMeans, FakeClusterer], ids=["spherical_k_means", "fake"])
def clusterer(request: pytest.FixtureRequest) -> Clusterer:
    return request.param()


class TestVectors:
    def test_there_is_one_of_one_width_for_each_text_in_order(self, engine):
        found = engine.vectors(TEXTS)
        assert len(found) == len(TEXTS)
        assert len({len(v.values) for v in found}) == 1
        assert list(engine.vectors(TEXTS[::-1]))[::-1] == list(found)

    def test_a_text_has_the_same_vector_alone_and_in_company(self, engine):
        assert [engine.vectors([text])[0] for text in TEXTS] == list(engine.vectors(TEXTS))

    def test_like_texts_lie_closer_than_others(self, engine):
        refund, again, password, *_ = engine.vectors(TEXTS)
        assert cosine(refund, again) > cosine(refund, password) + 0.3

    def test_no_texts_have_no_vectors(self, engine):
        assert list(engine.vectors([])) == []

    def test_it_says_that_it_is_ready_and_what_it_is(self, engine):
        engine.check()
        assert engine.engine.name
        assert engine.engine.version


def test_one_byte_a_number_loses_next_to_nothing():
    import numpy as np

    from chalicelib.adapters.engines.minilm import MiniLm

    whole = MiniLm().vectors(TEXTS)
    kept = np.array([numbers(v) for v in MINILM.vectors(TEXTS)])
    assert np.abs(kept @ kept.T - whole @ whole.T).max() < 0.005


def test_without_vectors_the_reason_is_told_and_nothing_is_made_up():
    with pytest.raises(EngineMissing, match="LOUPE_VECTORS"):
        NoVectors().check()
    with pytest.raises(EngineMissing, match="LOUPE_VECTORS"):
        NoVectors().vectors(["a"])


def grouped(clusterer, items) -> set[frozenset[int]]:
    return {frozenset(m.item for m in c.members) for c in clusterer.clusters(items)}


class TestGroups:
    def test_what_is_alike_is_together(self, clusterer):
        items = [[v] for v in FakeVectors().vectors(TEXTS)]
        assert grouped(clusterer, items) == {frozenset(p) for p in ((0, 1), (2, 3), (4, 5))}

    def test_an_item_like_no_other_is_in_no_group(self, clusterer):
        items = [[v] for v in FakeVectors().vectors([*TEXTS[:4], "delivery"])]
        assert grouped(clusterer, items) == {frozenset((0, 1)), frozenset((2, 3))}

    @pytest.mark.parametrize("count", [0, 1])
    def test_fewer_than_two_items_are_no_group(self, clusterer, count):
        items = [[v] for v in FakeVectors().vectors(TEXTS[:count])]
        assert list(clusterer.clusters(items)) == []

    def test_the_largest_group_comes_first(self, clusterer):
        items = [[v] for v in FakeVectors().vectors([*TEXTS, "password"])]
        first, *others = clusterer.clusters(items)
        assert {m.item for m in first.members} == {2, 3, 6}
        assert all(len(c.members) == 2 for c in others)


WORDS = ("kettle", "lid", "spout", "handle", "cord", "base", "filter", "switch", "gasket", "lamp")


def items_of_meaning(count: int = 60) -> list[list[Vector]]:
    """Items about one of three things, each said in its own words."""
    draw = random.Random(3)
    starts = ("refund for the", "cannot log in with the password", "parcel is late, the")
    texts = [f"{starts[n % 3]} {draw.choice(WORDS)} {draw.choice(WORDS)}" for n in range(count)]
    return [[v] for v in MINILM.vectors(texts)]


class TestSphericalKMeans:
    def test_the_order_of_the_items_changes_nothing(self):
        items = items_of_meaning()
        place = list(range(len(items)))
        random.Random(5).shuffle(place)
        turned = SphericalKMeans().clusters([items[n] for n in place])
        found = [
            sorted((place[m.item], round(m.similarity, 5)) for m in cluster.members)
            for cluster in turned
        ]
        expected = [
            sorted((m.item, round(m.similarity, 5)) for m in cluster.members)
            for cluster in SphericalKMeans().clusters(items)
        ]
        assert found == expected
        assert len(expected) >= 3

    def test_groups_hold_items_about_one_thing(self):
        for cluster in SphericalKMeans().clusters(items_of_meaning()):
            assert len({m.item % 3 for m in cluster.members}) == 1

    def test_the_most_typical_comes_first_and_all_are_near(self):
        for cluster in SphericalKMeans(near=0.6).clusters(items_of_meaning()):
            likeness = [m.similarity for m in cluster.members]
            assert likeness == sorted(likeness, reverse=True)
            assert min(likeness) >= 0.6

    def test_two_items_are_no_pair_because_both_are_close_to_their_middle(self):
        (east, north) = Vector(bytes([127, 30]), 1 / 127), Vector(bytes([30, 127]), 1 / 127)
        assert cosine(east, north) == pytest.approx(0.45, abs=0.01)
        assert list(SphericalKMeans(near=0.5).clusters([[east], [north]])) == []
        assert len(SphericalKMeans(near=0.4).clusters([[east], [north]])) == 1

    def test_an_item_of_several_vectors_is_their_mean_and_knows_the_closest(self):
        x, y = FakeVectors().vectors(["refund", "password"])
        (cluster,) = SphericalKMeans().clusters([[x], [x], [y, x, x]])
        assert {m.item: m.closest for m in cluster.members} == {0: 0, 1: 0, 2: 1}

    def test_the_same_items_throughout_are_one_group(self):
        (cluster,) = SphericalKMeans().clusters([[FakeVectors().vectors(["refund"])[0]]] * 9)
        assert len(cluster.members) == 9

    @pytest.mark.parametrize(
        ("items", "expected"),
        [
            pytest.param(1, [1], id="one_item"),
            pytest.param(3, [1], id="too_few_for_two_groups"),
            pytest.param(8, [2, 3, 4], id="every_number_at_first"),
            pytest.param(10_000, [2, 100], id="at_most_a_hundred"),
        ],
    )
    def test_numbers_of_groups_that_are_tried(self, items, expected):
        tried = list(counts(items))
        assert tried == sorted(set(tried))
        assert tried[0] == expected[0]
        assert tried[-1] == expected[-1]
        assert len(expected) == 2 or tried == expected


def test_grouping_without_numpy_says_so():
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from chalicelib.adapters.engines.spherical_kmeans import SphericalKMeans\n"
        "from chalicelib.domain.errors import EngineMissing\n"
        "try: SphericalKMeans().clusters([])\n"
        "except EngineMissing as e: assert 'numpy' in e.reason, e.reason\n"
        "else: raise SystemExit('nothing was raised')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
