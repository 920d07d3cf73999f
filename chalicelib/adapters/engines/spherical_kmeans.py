"""Groups of like vectors: k-means on the unit sphere, with as many groups as fit the data best.

An item is the mean direction of its vectors. Centres are seeded by k-means++ with a fixed seed over the
items in the order of their bytes, so that neither chance nor the order of the call shows in the result.
Group counts from 2 to ``MOST`` are tried in steps of about a fifth; the one with the best silhouette
(cosine distance, over at most ``SAMPLE`` items spread evenly) is taken, the smaller one on a tie.

k-means puts everything somewhere, but not everything is a theme: items less like the middle of the
others in their group than ``NEAR``, and groups that fewer than ``LEAST`` items are left in, belong to no
group. (Of the others, because the middle of a pair is close to both, however unlike they are.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.themes import Cluster, Member
from chalicelib.domain.transcript import Engine
from chalicelib.domain.vectors import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Labels = NDArray[np.intp]

MOST = 100
LEAST = 2
NEAR = 0.45
SAMPLE = 2000
ROUNDS = 25
SEED = 20240229
TINY = 1e-9
STARTS = 2


class SphericalKMeans:
    """``near``: least similarity to the others, -1 for none; ``count``: of groups, 0 for the best."""

    engine = Engine("spherical-k-means", "1", "number of groups by silhouette")

    def __init__(self, near: float = NEAR, count: int = 0) -> None:
        self._near = near
        self._count = count

    def clusters(self, items: Sequence[Sequence[Vector]]) -> Sequence[Cluster]:
        """See ``Clusterer``. Memory: a few copies of the items as floats, and ``SAMPLE`` squared."""
        try:
            import numpy as np  # noqa: PLC0415 - only who asks for groups loads it
        except ImportError as error:
            raise EngineMissing("themes", f"{error.name} is not installed") from error
        if not items:
            return ()
        means = np.stack([_mean(item) for item in items])
        order = np.lexsort(means.T)
        rows = means[order]
        labels, centres = _best(rows, [self._count] if self._count else list(counts(len(rows))))
        near = _to_the_others(rows, labels, len(centres))
        found = []
        for label in range(len(centres)):
            inside = np.flatnonzero((labels == label) & (near >= self._near))
            members = [
                Member(int(order[i]), float(near[i]), _closest(items[order[i]], centres[label]))
                for i in inside
            ]
            if len(members) >= LEAST:
                found.append(Cluster(tuple(sorted(members, key=_rank))))
        return sorted(found, key=lambda c: (-len(c.members), _rank(c.members[0])))


def counts(items: int) -> Iterator[int]:
    """The numbers of groups that are tried for so many items."""
    most = max(1, min(MOST, items // LEAST))
    count = min(2, most)
    while count < most:
        yield count
        count += max(1, count // 5)
    yield most


def _rank(member: Member) -> tuple[float, int]:
    return (-member.similarity, member.item)


def _floats(vectors: Sequence[Vector]) -> Floats:
    import numpy as np  # noqa: PLC0415

    rows = np.stack([np.frombuffer(v.values, np.int8) for v in vectors]).astype(np.float32)
    return _unit(rows * np.array([[v.scale] for v in vectors], np.float32))


def _mean(vectors: Sequence[Vector]) -> Floats:
    mean: Floats = _unit(_floats(vectors).sum(axis=0, keepdims=True))[0]
    return mean


def _closest(vectors: Sequence[Vector], centre: Floats) -> int:
    return int((_floats(vectors) @ centre).argmax())


def _to_the_others(rows: Floats, labels: Labels, count: int) -> Floats:
    """How like each item is to the middle of the others in its group; 0 for one that is alone."""
    others = _sums(rows, labels, count)[labels] - rows
    lengths = (others * others).sum(axis=1, keepdims=True)
    found: Floats = (rows * _unit(others * (lengths > TINY))).sum(axis=1)
    return found


def _sums(rows: Floats, labels: Labels, count: int) -> Floats:
    import numpy as np  # noqa: PLC0415

    by_group = np.argsort(labels, kind="stable")
    present, starts = np.unique(labels[by_group], return_index=True)
    sums = np.zeros((count, rows.shape[1]), np.float32)
    sums[present] = np.add.reduceat(rows[by_group], starts, axis=0)
    return sums


def _unit(rows: Floats) -> Floats:
    import numpy as np  # noqa: PLC0415

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = rows / np.where(lengths > 0, lengths, 1)
    return unit


def _best(rows: Floats, tried: Sequence[int]) -> tuple[Labels, Floats]:
    import numpy as np  # noqa: PLC0415

    spread = np.unique(np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(np.intp))
    alike = rows[spread] @ rows[spread].T if len(tried) > 1 else None
    best: tuple[float, Labels, Floats] | None = None
    for count in tried:
        labels, centres = _k_means(rows, count)
        value = _silhouette(alike, labels[spread]) if alike is not None else 0.0
        if best is None or value > best[0] + 1e-6:
            best = value, labels, centres
    if best is None:
        raise ValueError("no number of groups was tried")
    return best[1], best[2]


def _k_means(rows: Floats, count: int) -> tuple[Labels, Floats]:
    """The best of several starts."""
    runs = [_one_run(rows, _seeds(rows, count, SEED + start)) for start in range(STARTS)]
    return max(runs, key=lambda run: float((rows * run[1][run[0]]).sum()))


def _one_run(rows: Floats, centres: Floats) -> tuple[Labels, Floats]:
    import numpy as np  # noqa: PLC0415

    labels: Labels = np.full(len(rows), -1)
    for _ in range(ROUNDS):
        now: Labels = (rows @ centres.T).argmax(axis=1)
        if (now == labels).all():
            break
        labels = now
        sums = _sums(rows, labels, len(centres))
        emptied = np.linalg.norm(sums, axis=1) == 0
        centres = np.where(emptied[:, None], centres, _unit(sums))
    return labels, centres


def _seeds(rows: Floats, count: int, seed: int) -> Floats:
    """k-means++: each next centre is drawn with odds by its squared distance to those there are."""
    import numpy as np  # noqa: PLC0415

    chance = np.random.default_rng(seed)
    chosen = [int(chance.integers(len(rows)))]
    far = 1 - rows @ rows[chosen[0]]
    while len(chosen) < count:
        odds = np.cumsum(np.clip(far, 0, None, dtype=np.float64) ** 2)
        if odds[-1] <= 0:
            break  # every item lies on a centre already
        chosen.append(int(np.searchsorted(odds, chance.random() * odds[-1], side="right")))
        far = np.minimum(far, 1 - rows @ rows[chosen[-1]])
    return rows[chosen]


def _silhouette(alike: Floats, labels: Labels) -> float:
    """Mean over items of (b - a) / max(a, b): a is the mean distance within the group, b the one to the
    nearest other group; 0 for an item that is alone."""
    import numpy as np  # noqa: PLC0415

    groups, own = np.unique(labels, return_inverse=True)
    if len(groups) < 2:
        return -1.0
    inside = np.eye(len(groups), dtype=np.float32)[own]
    sizes = inside.sum(axis=0)
    far = np.clip(1 - (alike @ inside) / sizes, 0, None)
    each = np.arange(len(own))
    mine = sizes[own]
    a = far[each, own] * mine / np.maximum(mine - 1, 1)  # its distance to itself is 0
    far[each, own] = np.inf
    b = far.min(axis=1)
    values = np.where(mine > 1, (b - a) / np.maximum(np.maximum(a, b), 1e-9), 0)
    return float(values.mean())
