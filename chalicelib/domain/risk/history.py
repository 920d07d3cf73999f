"""What is known of an event from the events before it: how often each of its values was seen, with what
else, and how often that was fraud.

Only what came strictly before counts, and of the verdicts only those that were known by then: a verdict is
known at its own time, or ``delay_ms`` after its event, whichever is later. Without that a model would be
trained on what nobody could have known, and would look better than it is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import combinations, groupby

WEEK_MS = 7 * 24 * 3600 * 1000
HOUR_MS = 3600 * 1000
DOUBT = 5.0
"""So many events of the overall rate are added to a value's own, so that one fraud of one is no 100 %."""

FEW = 50
"""A column of so many values at most is a kind of thing, not somebody."""

_ADDRESS = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a file: ``values`` are its columns. ``fraud`` is None while nobody knows."""

    id: str
    at_ms: int
    values: Mapping[str, str]
    fraud: bool | None = None
    told_ms: int | None = None


@dataclass(slots=True)
class _Known:
    """What was seen of one value."""

    seen: int = 0
    first_ms: int = 0
    last_ms: int = 0
    week: deque[int] = field(default_factory=deque)
    verdicts: int = 0
    frauds: int = 0


class History:
    """Goes through events in the order of time. ``keys``: the columns whose values come again.

    ``delay_ms`` None: no verdict is used at all."""

    def __init__(self, keys: Sequence[str], delay_ms: int | None = 0) -> None:
        self._keys = tuple(keys)
        self._delay = delay_ms
        self._known: dict[tuple[str, str], _Known] = defaultdict(_Known)
        self._pairs: Counter[tuple[str, ...]] = Counter()
        self._others: Counter[tuple[str, str, str]] = Counter()
        self._waiting: list[tuple[int, int, Happened]] = []
        self._all = _Known()

    def variables(self, events: Iterable[Happened]) -> Iterator[dict[str, str]]:
        """The variables of each event, in order. Events of one moment do not know each other."""
        for at_ms, group in groupby(events, key=lambda event: event.at_ms):
            together = list(group)
            self._learn(at_ms)
            yield from [self._of(event) for event in together]
            for event in together:
                self._add(event)

    def _of(self, event: Happened) -> dict[str, str]:
        moment = datetime.fromtimestamp(event.at_ms / 1000, UTC)
        out = {"hour_utc": str(moment.hour), "weekday": str(moment.weekday())}
        parts = _parts(event, self._keys)
        for name, value in parts.items():
            out |= self._seen(name, value, event.at_ms)
            out |= _shape(name, value)
        for pair in _pairs(event, self._keys):
            out[f"{pair[0]}_with_{pair[2]}_seen"] = str(self._pairs[pair])
        for one, other in _orders(event, self._keys):
            out[f"{one}_distinct_{other}"] = str(self._others[one, event.values[one], other])
        return out

    def _seen(self, name: str, value: str, at_ms: int) -> dict[str, str]:
        known = self._known.get((name, value), _Known())
        while known.week and known.week[0] <= at_ms - WEEK_MS:
            known.week.popleft()
        out = {f"{name}_seen": str(known.seen), f"{name}_seen_7d": str(len(known.week))}
        if known.seen:
            out[f"{name}_hours_since_last"] = f"{(at_ms - known.last_ms) / HOUR_MS:.2f}"
            out[f"{name}_hours_since_first"] = f"{(at_ms - known.first_ms) / HOUR_MS:.2f}"
        if self._delay is not None:
            out[f"{name}_verdicts"] = str(known.verdicts)
            out[f"{name}_frauds"] = str(known.frauds)
            out[f"{name}_fraud_rate"] = f"{self._rate(known):.6f}"
        return out

    def _rate(self, known: _Known) -> float:
        overall = (self._all.frauds + 1) / (self._all.verdicts + 2)
        return (known.frauds + DOUBT * overall) / (known.verdicts + DOUBT)

    def _add(self, event: Happened) -> None:
        for name, value in _parts(event, self._keys).items():
            known = self._known[name, value]
            known.first_ms = known.first_ms if known.seen else event.at_ms
            known.seen += 1
            known.last_ms = event.at_ms
            known.week.append(event.at_ms)
        for pair in _pairs(event, self._keys):
            if not self._pairs[pair]:
                self._others[pair[0], pair[1], pair[2]] += 1
                self._others[pair[2], pair[3], pair[0]] += 1
            self._pairs[pair] += 1
        if self._delay is not None and event.fraud is not None:
            told = max(event.told_ms or event.at_ms, event.at_ms + self._delay)
            heappush(self._waiting, (told, self._all.seen, event))
            self._all.seen += 1

    def _learn(self, at_ms: int) -> None:
        """Take in the verdicts that are known by now."""
        while self._waiting and self._waiting[0][0] < at_ms:
            event = heappop(self._waiting)[2]
            parts = _parts(event, self._keys)
            for known in (self._all, *(self._known[part] for part in parts.items())):
                known.verdicts += 1
                known.frauds += bool(event.fraud)


def plain(events: Sequence[Happened], keys: Sequence[str]) -> tuple[str, ...]:
    """The other columns that say something by themselves: numbers, and texts of few values."""
    out = []
    for name in sorted({name for event in events for name in event.values} - {*keys}):
        values = {event.values[name] for event in events if event.values.get(name)}
        if len(values) <= FEW or all(_is_number(value) for value in values):
            out.append(name)
    return tuple(out)


def repeating(events: Sequence[Happened], least: float = 0.02) -> tuple[str, ...]:
    """Columns whose values come again but are not few: entities, addresses, e-mails, not amounts.

    Decided on the events that are given: give the ones that are trained on."""
    out = []
    for name in sorted({name for event in events for name in event.values}):
        counts = Counter(event.values[name] for event in events if event.values.get(name))
        total = counts.total()
        if not total or all(_is_number(value) for value in counts):
            continue
        again = sum(n for n in counts.values() if n > 1) / total
        if len(counts) > FEW and again >= least:
            out.append(name)
    return tuple(out)


def _parts(event: Happened, keys: Sequence[str]) -> dict[str, str]:
    """The values that are remembered: those of the keys, the domain of an e-mail, the net of an address."""
    out = {}
    for name in keys:
        value = event.values.get(name, "")
        if not value:
            continue
        out[name] = value
        if "@" in value:
            out[f"{name}_domain"] = value.rpartition("@")[2].lower()
        elif _ADDRESS.fullmatch(value):
            out[f"{name}_net"] = value.rpartition(".")[0]
    return out


def _shape(name: str, value: str) -> dict[str, str]:
    """What a name made by a machine looks like."""
    if "@" not in value:
        return {}
    local = value.rpartition("@")[0]
    digits = sum(map(str.isdigit, local)) / max(len(local), 1)
    return {f"{name}_length": str(len(local)), f"{name}_digits": f"{digits:.3f}"}


def _pairs(event: Happened, keys: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    for one, other in combinations([k for k in keys if event.values.get(k)], 2):
        yield one, event.values[one], other, event.values[other]


def _orders(event: Happened, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    known = [key for key in keys if event.values.get(key)]
    return ((one, other) for one in known for other in known if one != other)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
