"""The audit trail: every line that was changed, taken out, swapped or cut off is found."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest

from chalicelib.adapters.audit_trail import HEADS, LINES, ObjectAudit
from chalicelib.domain.audit import Act, Line, Verdict
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.principal import AUDIT_READ, LISTEN, UNREDACTED, Principal, PrincipalRole
from chalicelib.formats.artifact import dump, load
from tests.fakes.stores import MemoryObjects, Ticking
from tests.unit.api_world import CALL, CHAT, populated


class Trail(ObjectAudit):
    def __init__(self, key=b"key"):
        self.store, self.elsewhere = MemoryObjects(Ticking()), MemoryObjects(Ticking())
        super().__init__(self.store, self.elsewhere, lambda: key, clock=Ticking())

    def places(self):
        return [stat.key for stat in self.store.list(LINES)]

    def change(self, number, **changes):
        key = self.places()[number - 1]
        line = replace(load(Line, self.store.read(key)), **changes)
        self.store.put(key, dump(line))


@pytest.fixture
def trail():
    made = Trail()
    for number in range(5):
        made.write(Act.LISTEN, who="ann", role="supervisor", subject=f"c-{number}")
    made.keep_head()
    return made


def take_out(trail, number):
    trail.store.delete(trail.places()[number - 1])


def swap(trail, one, two):
    keys = trail.places()
    bodies = trail.store.read(keys[one - 1]), trail.store.read(keys[two - 1])
    trail.store.put(keys[one - 1], bodies[1])
    trail.store.put(keys[two - 1], bodies[0])


def rewrite(trail):
    """The whole chain anew, with the right key."""
    again = Trail()
    for number in range(5):
        again.write(Act.LISTEN, who="eve", role="supervisor", subject=f"c-{number}")
    for key in trail.places():
        trail.store.put(key, again.store.read(key))


BROKEN = {
    "an_altered_line": (lambda t: t.change(3, who="eve"), 3),
    "an_altered_seal": (lambda t: t.change(3, seal="0" * 64), 3),
    "a_line_that_was_taken_out": (lambda t: take_out(t, 2), 2),
    "two_lines_that_were_swapped": (lambda t: swap(t, 2, 4), 2),
    "a_last_line_that_was_cut_off": (lambda t: take_out(t, 5), 5),
    "a_chain_that_was_written_anew": (rewrite, 5),
}


@pytest.mark.parametrize(("damage", "place"), BROKEN.values(), ids=BROKEN.keys())
def test_finds(trail, damage, place):
    assert trail.verify() == Verdict(5)
    damage(trail)
    found = trail.verify()
    assert (found.broken, bool(found.why)) == (place, True)


def test_lines_after_the_head_are_no_fault(trail):
    trail.write(Act.EXPORT, who="ann", role="admin")
    assert trail.verify() == Verdict(6)
    trail.keep_head()
    assert len(list(trail.elsewhere.list(HEADS))) == 2


def test_an_empty_trail_is_whole():
    made = Trail()
    made.keep_head()
    assert made.verify() == Verdict(0)


def test_lines_that_are_written_at_once_make_one_chain():
    made = Trail()

    def write():
        for _ in range(5):
            made.write(Act.LISTEN, who="ann", role="agent")

    threads = [Thread(target=write) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert made.verify() == Verdict(20)


def test_the_last_line_is_shown_first(trail):
    assert [line.number for line in trail.newest()] == [5, 4, 3, 2, 1]
    assert [line.number for line in trail.newest(below=3)] == [2, 1]


LISTENER = Principal(
    "ann", PrincipalRole.SUPERVISOR, frozenset({"queue-1"}), granted=frozenset({LISTEN, UNREDACTED})
)
AUDITOR = Principal("o", PrincipalRole.ADMIN, granted=frozenset({AUDIT_READ}))


@pytest.fixture
def world(tmp_path):
    return populated(tmp_path)


def written(world):
    lines = world.ask("/v1/audit", who=AUDITOR).json["items"]
    return [(one["who"], one["role"], one["act"], one["subject"], one["reason"]) for one in lines]


def test_a_recording_is_handed_out_once_it_is_written_down_who_asked(world):
    path = f"/v1/contacts/{CALL}/recording"
    assert world.ask(path, who=LISTENER, redaction="none", reason="complaint 7").status == 200
    assert written(world) == [("ann", "supervisor", "listen-original", CALL, "complaint 7")]


def test_a_recording_that_nobody_got_is_not_in_it(world):
    assert world.ask(f"/v1/contacts/{CHAT}/recording", who=LISTENER).status == 404
    assert written(world) == []


class Full:
    """A trail that cannot be written to."""

    def write(self, *_, **__):
        raise Unavailable("the trail is away")


def test_no_recording_is_handed_out_where_it_cannot_be_written_down(world):
    world.services.audit.write = Full().write
    answer = world.ask(f"/v1/contacts/{CALL}/recording", who=LISTENER, redaction="none")
    assert answer.status == 503
    assert "url" not in answer.json


def test_the_trail_is_read_page_by_page_and_by_who_may(world):
    for number in range(5):
        world.services.audit.write(Act.LISTEN, who="ann", role="agent", subject=f"c-{number}")
    first = world.ask("/v1/audit", who=AUDITOR, maxResults=2).json
    second = world.ask("/v1/audit", who=AUDITOR, maxResults=2, nextToken=first["nextToken"]).json
    third = world.ask("/v1/audit", who=AUDITOR, maxResults=2, nextToken=second["nextToken"]).json
    numbers = [line["number"] for page in (first, second, third) for line in page["items"]]
    assert (numbers, third["nextToken"]) == ([5, 4, 3, 2, 1], None)
    assert world.ask("/v1/audit", who=LISTENER).status == 403
    assert world.ask("/v1/audit/verification", who=AUDITOR).json == {
        "lines": 5, "broken": None, "why": "",
    }  # fmt: skip
