"""The rule book over an object store: numbered objects that are created and never changed.

Two people who save at once cannot undo each other, and what judged a contact years ago can still be read.
A look at the ledger costs one question when nothing was published.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.errors import InputRefused, NotFound, VersionMoved
from chalicelib.domain.rules import limits
from chalicelib.domain.rules.rule import Rule, RuleSet
from chalicelib.formats import rules_file
from chalicelib.formats.artifact import canonical, dump, load
from chalicelib.formats.rule_places import Place
from chalicelib.ports import numbered
from chalicelib.ports.rules import WITHDRAWN, Entry, Saved
from chalicelib.ports.storage import ObjectStore

RULES, PLACES, LEDGER = "control/rules/", "control/rule-places/", "control/rule-ledger/"

Versions = Mapping[str, int]


class ObjectRuleBook:
    """``base`` is in force where nothing was published."""

    def __init__(self, store: ObjectStore, base: RuleSet) -> None:
        self._store = store
        self._base = {rule.id: rule for rule in base.rules}
        self._base_set = base
        self._ledger: list[Entry] = []
        self._sets: dict[tuple[tuple[str, int], ...], RuleSet] = {}
        self._rules: dict[tuple[str, int], Rule] = {}

    def ids(self) -> Sequence[str]:
        named = (body.decode() for body in numbered.bodies(self._store, _place))
        return list(dict.fromkeys([*self._base, *named]))

    def versions(self, rule_id: str) -> Sequence[Saved]:
        base = self._base.get(rule_id)
        kept = numbered.bodies(self._store, self._key_of(rule_id))
        return ([Saved(base)] if base else []) + [_saved(body) for body in kept]

    def get(self, rule_id: str, version: int | None = None) -> Saved:
        base = self._base.get(rule_id)
        wanted = version or self._latest(rule_id)
        if base and wanted == base.version:
            return Saved(base)
        try:
            return _saved(self._store.read(_key(rule_id, wanted)))
        except NotFound:
            known = self._latest(rule_id)
            missing = f"the rule {rule_id} has no version {wanted}"
            raise NotFound(missing if known else f"there is no such rule: {rule_id}") from None

    def save(self, rule: Rule, *, expected: int, at_ms: int, by: str) -> Rule:
        kept = rules_file.read_again(replace(rule, version=expected + 1))
        latest = self._latest(rule.id)
        if latest != expected:
            raise VersionMoved(f"the rule {rule.id} has version {latest} by now")
        if not latest:
            numbered.append(self._store, _place, rule.id.encode())
        body = canonical({"rule": rules_file.write(kept), "atMs": at_ms, "by": by})
        if not numbered.put(self._store, _key(rule.id, kept.version), body):
            raise VersionMoved(f"the rule {rule.id} was saved by somebody else")
        return kept

    def publish(self, entry: Entry) -> Entry:
        while True:
            self._refresh()
            self._check(entry)
            written = replace(entry, number=len(self._ledger) + 1)
            if numbered.put(self._store, _ledger_key(written.number), dump(written)):
                return written

    def ledger(self) -> Sequence[Entry]:
        self._refresh()
        return tuple(self._ledger)

    def in_force(self, at_ms: int | None = None) -> RuleSet:
        self._refresh()
        return self._set(self._versions_at(at_ms, self._ledger))

    def before(self, number: int, at_ms: int | None = None) -> RuleSet:
        self._refresh()
        return self._set(self._versions_at(at_ms, self._ledger[: number - 1]))

    def _refresh(self) -> None:
        while True:
            try:
                body = self._store.read(_ledger_key(len(self._ledger) + 1))
            except NotFound:
                return
            self._ledger.append(load(Entry, body))

    def _versions_at(self, at_ms: int | None, ledger: Sequence[Entry]) -> dict[str, int]:
        chosen = {rule_id: rule.version for rule_id, rule in self._base.items()}
        for entry in ledger:
            if entry.covers(at_ms):
                chosen[entry.rule_id] = entry.version
        return {rule_id: version for rule_id, version in chosen.items() if version != WITHDRAWN}

    def _set(self, versions: Versions) -> RuleSet:
        if versions == {rule_id: rule.version for rule_id, rule in self._base.items()}:
            return self._base_set
        key = tuple(versions.items())
        if key not in self._sets:
            self._sets[key] = rules_file.rule_set(self._named(versions))
        return self._sets[key]

    def _named(self, versions: Versions) -> Iterator[Rule]:
        return (self._rule(rule_id, version) for rule_id, version in versions.items())

    def _rule(self, rule_id: str, version: int) -> Rule:
        if (rule_id, version) not in self._rules:
            self._rules[rule_id, version] = self.get(rule_id, version).rule
        return self._rules[rule_id, version]

    def _check(self, entry: Entry) -> None:
        if entry.version == WITHDRAWN:
            self.get(entry.rule_id)
            return
        name = self._rule(entry.rule_id, entry.version).name
        others = self._versions_at(None, self._ledger)
        others.pop(entry.rule_id, None)
        for one in self._named(others):
            if one.name == name:
                raise InputRefused("rules.name", f"the rule {one.id} in force is called {name} too")

    def _latest(self, rule_id: str) -> int:
        """The version that was saved last, 0 for an unknown rule."""
        return self._first(rule_id) + numbered.last(self._store, self._key_of(rule_id))

    def _key_of(self, rule_id: str) -> numbered.KeyOf:
        """Keys of the versions that were saved here, which follow the installation's."""
        first = self._first(rule_id)
        return lambda number: _key(rule_id, first + number)

    def _first(self, rule_id: str) -> int:
        base = self._base.get(rule_id)
        return base.version if base else 0


def _saved(body: bytes) -> Saved:
    kept = json.loads(body)
    return Saved(rules_file.read(Place(kept["rule"]), limits.NONE), kept["atMs"], kept["by"])


def _key(rule_id: str, version: int) -> str:
    return f"{RULES}{rule_id}/{version:08d}.json"


def _place(number: int) -> str:
    return f"{PLACES}{number:08d}"


def _ledger_key(number: int) -> str:
    return f"{LEDGER}{number:08d}.json"
