"""Every step of a script is made to go wrong once, and the end is compared with the truth."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import LoupeError, Unavailable
from chalicelib.formats.artifact import load
from tests.chaos.oracle import Truth, nameless
from tests.chaos.scene import RULES, Delete, Scene, Script
from tests.chaos.steps import AFTER, BEFORE, Crash, is_write

New = Callable[[Script], Scene]
AT_ONCE, LATER, BURST = ORDERS = ("at_once", "later", "burst")
PAUSES = ("handled", "quiet", "unhandled")
OF_FACTS = {"facts.receive", "facts.done", "contacts.outbox", "contacts.delivered", "bus.publish"}


@dataclass
class Tally:
    """What a sweep came to: how many runs, and what was wrong in which."""

    runs: int = 0
    wrong: list[str] = field(default_factory=list)

    def judge(self, scene: Scene, where: str) -> None:
        self.runs += 1
        try:
            settled(scene)
        except (AssertionError, LoupeError) as error:
            self.wrong.append(f"{where}: {type(error).__name__} {str(error)[:300]}")


def settled(scene: Scene) -> None:
    """The end is the one that the bucket implies, and a sweep finds nothing left to do."""
    scene.consistent()
    if not scene.script.swept:
        true_to_the_bucket(scene)
    again = scene.sweep()
    assert scene.script.swept or not again, f"a sweep found {again} differences"
    scene.consistent()
    true_to_the_bucket(scene)
    scene.told()
    assert not scene.sweep(), "a second sweep still found something"


def true_to_the_bucket(scene: Scene) -> None:
    truth = Truth(scene.bucket(), scene.plain.settings, RULES)
    seen, wanted = scene.seen(), truth.seen
    for contact_id in seen.keys() | wanted.keys():
        if seen.get(contact_id) != wanted.get(contact_id):
            assert _allowed(scene, contact_id, seen.get(contact_id)), (
                f"{contact_id}: seen {seen.get(contact_id)}, but the bucket says {wanted.get(contact_id)}"
            )
        elif seen.get(contact_id):
            _words(scene, contact_id, truth)


def _allowed(scene: Scene, contact_id: str, shown: dict | None) -> bool:
    """Where the past counts: a contact whose media was deleted is gone though its record is there,
    or with ``keep`` shows what was made of one of its former states."""
    former = [Truth(b, scene.plain.settings, RULES) for b in scene.buckets]
    media = any(
        contact_id in truth.contacts and truth.conversations(contact_id) for truth in former
    )
    now = former[-1].contacts.get(contact_id)
    if shown is None:
        return media and not (now and now[1])
    if scene.plain.settings.source_gone != "keep" or not any(
        isinstance(act, Delete) for act in scene.script.acts
    ):
        return False
    return shown["status"] is Status.COMPLETED and any(
        shown["publication"] == truth.seen[contact_id]["publication"]
        for truth in former
        if contact_id in truth.contacts
    )


def _words(scene: Scene, contact_id: str, truth: Truth) -> None:
    row = scene.plain.contacts.get(contact_id)
    if not row.publication or not row.publication.analysis_key:
        return
    stored = load(ContactAnalysis, scene.plain.redacted.read(row.publication.analysis_key))
    assert tuple(map(nameless, stored.conversations)) == truth.conversations(contact_id), (
        "the stored analysis is of other bytes"
    )


def clean(script: Script, new: New = Scene, *, burst: bool = False) -> Scene:
    """The script without a fault."""
    scene = new(script)
    _run(scene, 0, burst=burst)
    return scene


def _run(scene: Scene, first: int, *, burst: bool = False) -> None:
    for number in range(first, len(scene.script.acts)):
        scene.act(number)
        if not burst:
            scene.drain()
    scene.finish()


def crash_sweep(
    script: Script, order: str, new: New = Scene, only: Callable[[str], bool] = lambda _: True
) -> Tally:
    """Die before every step, and after the last: to die after a step is to die before the next one.

    The dead process's messages come back ``at_once``, or ``later``, when the producer is through;
    ``burst``: the producer was through before the first message was handled.
    """
    tally = Tally()
    unharmed = clean(script, new, burst=order == BURST)
    tally.judge(unharmed, "clean")
    names = list(unharmed.steps.names)
    deaths = [(number, BEFORE) for number in range(len(names))] + [(len(names) - 1, AFTER)]
    for number, phase in deaths:
        if only(names[number]):
            scene = new(script)
            _with_crash(scene, order, number, phase)
            tally.judge(scene, f"{script.name}/{order}: died {phase} {number} {names[number]}")
    return tally


def _with_crash(scene: Scene, order: str, number: int, phase: str) -> None:
    scene.steps.hook = _once(number, phase, _die)
    done = 0
    try:
        for act in range(len(scene.script.acts)):
            scene.act(act)
            done = act + 1
            if order != BURST:
                scene.drain()
        scene.drain()
    except Crash:
        if order != LATER:
            scene.release()
            scene.drain()
        _run(scene, done)


def _die() -> None:
    raise Crash


def _once(number: int, phase: str, act: Callable[[], None]) -> Callable[[int, str], None]:
    def hook(step: int, when: str) -> None:
        if (step, when) == (number, phase):
            act()

    return hook


def fault_sweep(script: Script, new: New = Scene) -> Tally:
    """Every call is refused once, and every effect's answer is lost once."""
    tally = Tally()
    names = list(clean(script, new).steps.names)
    for number, name in enumerate(names):
        if name.endswith((".receive", ".done")):
            continue
        for phase in (BEFORE, AFTER) if is_write(name) else (BEFORE,):
            scene = new(script)
            scene.steps.hook = _once(number, phase, _refuse)
            _run(scene, 0)
            tally.judge(scene, f"{script.name}: unavailable {phase} {number} {name}")
    return tally


def _refuse() -> None:
    raise Unavailable("no answer")


def pause_sweep(script: Script, new: New = Scene) -> Tally:
    """At every step a worker stands still while the producer goes on, and others work: ``handled``,
    its message is given to another worker; ``quiet``, it is not; ``unhandled``, nobody works; see ``_ways``.
    Then it goes on with what it knew. The worker that publishes facts knows nothing that could be old."""
    tally = Tally()
    for number, (act, name) in enumerate(_steps_by_act(script, new)):
        ends = sorted({act, min(act + 1, _last(script)), _last(script)})
        for turn, upto in enumerate(() if name in OF_FACTS else ends):
            for mode in _ways(number + turn, PAUSES if upto > act else PAUSES[:2]):
                scene = new(script)
                _with_pause(scene, number, act, upto, mode)
                tally.judge(scene, f"{script.name}: {mode} up to {upto} before {number} {name}")
    return tally


def _ways(turn: int, ways: tuple[str, ...]) -> tuple[str, ...]:
    """One way after the other as the steps go on, so that a run of the suite has time for it; all of them at
    each step with ``CHAOS_WHOLE=1``."""
    return ways if os.environ.get("CHAOS_WHOLE") else (ways[turn % len(ways)],)


def _last(script: Script) -> int:
    return len(script.acts) - 1


def _steps_by_act(script: Script, new: New) -> list[tuple[int, str]]:
    """For every step of a clean run: after which act of the producer it comes, and what it is."""
    scene = new(script)
    acts: list[int] = []
    for number in range(len(script.acts)):
        scene.act(number)
        scene.drain()
        acts += [number] * (len(scene.steps.names) - len(acts))
    return list(zip(acts, scene.steps.names, strict=True))


def _with_pause(scene: Scene, number: int, act: int, upto: int, mode: str) -> None:
    def world_goes_on() -> None:
        with scene.steps.quiet():
            if mode == "handled":
                scene.release()
            if mode != "unhandled":
                scene.drain()
            for later in range(act + 1, upto + 1):
                scene.act(later)
                if mode != "unhandled":
                    scene.drain()

    scene.steps.hook = _once(number, BEFORE, world_goes_on)
    for first in range(act + 1):
        scene.act(first)
        scene.drain()
    _run(scene, upto + 1)


def before(scene: Scene, name: str, nth: int, act: Callable[[], None]) -> None:
    """At the ``nth`` call of this name (from 1) the worker stands still while ``act`` happens."""

    def hook(step: int, when: str) -> None:
        if (
            when == BEFORE
            and scene.steps.names.count(name) == nth
            and scene.steps.names[step] == name
        ):
            scene.steps.hook = None
            with scene.steps.quiet():
                act()

    scene.steps.hook = hook
