"""Rules over the past, in steps: a backtest counts, a backfill hints at the contacts that change.

A sweep goes from the newest contact to the oldest, a page a step. Each step is an object that is created
once, so a step that runs twice counts once; the message that asks for the next step is sent after it. A
contact is judged on its ``subject``, which the flow stored when it published: nothing is transcribed, and
nothing that the flow would see otherwise is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import NotFound
from chalicelib.domain.events import Hint
from chalicelib.domain.rules.backtest import Case, Outcome, Tally, Trial, compared, tally
from chalicelib.domain.rules.finding import State, Tools
from chalicelib.domain.rules.rule import Rule
from chalicelib.domain.rules.subject import Subject
from chalicelib.flow.past import subjects_of
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports import numbered
from chalicelib.ports.rules import Entry
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery, Page

SWEEPS = "control/sweeps/"
BACKTEST, BACKFILL = "backtest", "backfill"
RUNNING, DONE = "RUNNING", "DONE"
PAGE = 200
RULES = "rules"

Judge = Callable[[Case], Outcome]


@dataclass(frozen=True, slots=True)
class Sweep:
    """``since_ms`` inclusive, ``until_ms`` exclusive, None without bound. ``against``: the version that the
    rule is compared with; None: what was published. ``published_version`` 0: nothing is in force.

    ``entry`` of a backfill is its line of the ledger. ``hints`` counts the contacts that were asked to be
    categorised again; ``stepped_ms`` is when its last step was made.
    """

    id: str
    kind: str
    rule_id: str
    version: int
    against: int | None
    since_ms: int | None
    until_ms: int | None
    at_ms: int
    by: str
    entry: int = 0
    step: int = 0
    cursor: str | None = None
    state: str = RUNNING
    tally: Tally = field(default_factory=Tally)
    hints: int = 0
    stepped_ms: int = 0


def start(services: Services, wanted: Sweep) -> Sweep:
    """Write the sweep and ask for its first step; it with its id, which is made of what is wanted: asking
    twice is one sweep."""
    sweep = replace(_named(wanted), stepped_ms=services.clock())
    numbered.put(services.redacted, _key(sweep.id, 1), dump(sweep))
    _ask(services, sweep)
    return sweep


def _named(wanted: Sweep) -> Sweep:
    told = dump(replace(wanted, id=""))
    return replace(wanted, id=f"{wanted.kind}-{fingerprint(told.decode())[:16]}")


def publish(services: Services, entry: Entry) -> tuple[Entry, Sweep | None]:
    """Put a version in force, and categorise the past again that it covers; None when it covers none.

    Raises what ``RuleBook.publish`` raises. A crash between the two leaves the past as it was: publish
    again, or ``resume``.
    """
    written = services.rules.publish(entry)
    return written, backfill(services, written)


def backfill(services: Services, entry: Entry) -> Sweep | None:
    """The sweep of a line of the ledger, begun; None when it covers no past. Asking twice is one sweep."""
    wanted = of_entry(entry)
    return start(services, wanted) if wanted else None


def of_entry(entry: Entry) -> Sweep | None:
    """The sweep of a line of the ledger as it begins, with its id; None when it covers no past."""
    if entry.from_ms is not None and entry.from_ms >= entry.at_ms:
        return None
    return _named(
        Sweep(
            id="",
            kind=BACKFILL,
            rule_id=entry.rule_id,
            version=entry.version,
            against=None,
            since_ms=entry.from_ms,
            until_ms=None,
            at_ms=entry.at_ms,
            by=entry.by,
            entry=entry.number,
        )
    )


def resume(services: Services, *, patience_ms: int) -> int:
    """Ask for the next step of every backfill that was never begun or whose last step is longer ago than
    ``patience_ms``; how many. One that goes on is left alone: each asking goes on by itself to the end."""
    late = services.clock() - patience_ms
    wanted = [one for one in map(of_entry, services.rules.ledger()) if one]
    stuck = [one for one in wanted if _is_stuck(services, one.id, late)]
    for one in stuck:
        start(services, one)
    return len(stuck)


def _is_stuck(services: Services, sweep_id: str, late_ms: int) -> bool:
    try:
        sweep = get(services, sweep_id)
    except NotFound:
        return True
    return sweep.state == RUNNING and sweep.stepped_ms < late_ms


def get(services: Services, sweep_id: str) -> Sweep:
    """The sweep as it stands. Raises ``NotFound``."""
    number = numbered.last(services.redacted, partial(_key, sweep_id))
    if not number:
        raise NotFound(f"there is no such sweep: {sweep_id}")
    return load(Sweep, services.redacted.read(_key(sweep_id, number)))


def step(services: Services, sweep_id: str) -> Sweep:
    """One page further. A step that somebody else has made already is not made again."""
    sweep = get(services, sweep_id)
    if sweep.state != RUNNING:
        return sweep
    page = page_of(services, sweep)
    outcomes = list(judged(services, sweep, page.rows))
    hints = _hints(services, sweep, outcomes)
    after = replace(
        sweep,
        step=sweep.step + 1,
        cursor=page.cursor,
        state=RUNNING if page.cursor else DONE,
        tally=sweep.tally.plus(tally(outcomes)),
        hints=sweep.hints + hints,
        stepped_ms=services.clock(),
    )
    numbered.put(services.redacted, _key(sweep.id, after.step + 1), dump(after))
    if after.state == RUNNING:
        _ask(services, after)
    return after


def page_of(services: Services, sweep: Sweep) -> Page:
    query = ContactQuery(
        start_ms=sweep.since_ms, end_ms=sweep.until_ms, statuses=(Status.COMPLETED,)
    )
    return services.contacts.find(query, cursor=sweep.cursor, limit=PAGE)


def judged(services: Services, sweep: Sweep, rows: Iterable[ContactRow]) -> Iterator[Outcome]:
    """What the rule says of each analysed contact."""
    return judged_by(services, judge_of(services, sweep), name_of(services, sweep), rows)


def judged_by(
    services: Services, judge: Judge, name: str, rows: Iterable[ContactRow]
) -> Iterator[Outcome]:
    """What this judge says of each analysed contact; ``name`` as ``name_of`` gives it."""
    for row in rows:
        if row.publication and row.publication.analysis_key:
            yield judge(case_of(row, subjects_of(services, row), name))


def judge_of(services: Services, sweep: Sweep) -> Judge:
    """Judges a contact with the sweep's rule, after what it is compared with."""

    def rule(version: int | None) -> Rule | None:
        return services.rules.get(sweep.rule_id, version).rule if version else None

    return judge_with(rule(sweep.version), rule(sweep.against), services.tools)


def judge_with(rule: Rule | None, against: Rule | None, tools: Tools) -> Judge:
    """Judges with a rule (None: with none, as after a withdrawal), after what it is compared with."""
    other = Trial(against, tools) if against else None
    if rule is None:
        return lambda case: Outcome(compared(case, other), State.NOT_MET)
    trial = Trial(rule, tools)
    return lambda case: trial.on(compared(case, other))


def name_of(services: Services, sweep: Sweep) -> str:
    """Under which name the rule was in force until now; empty when it was not."""
    rules = services.rules.before(sweep.entry) if sweep.entry else services.rules.in_force()
    return next((rule.name for rule in rules.rules if rule.id == sweep.rule_id), "")


def case_of(row: ContactRow, subjects: tuple[Subject, ...], name: str) -> Case:
    told = row.publication
    if told is None:
        raise ValueError("a contact without a publication has nothing to judge")
    return Case(
        contact_id=row.contact_id,
        at_ms=told.disconnect_ms,
        queue=told.queue_name or told.queue_id or "",
        agent=told.agent_name or told.agent_id or "",
        subjects=subjects,
        before=bool(name) and name in told.categories,
    )


def _hints(services: Services, sweep: Sweep, outcomes: Iterable[Outcome]) -> int:
    """Ask for contacts whose categories change: another match, or the same by another version."""
    if sweep.kind != BACKFILL:
        return 0
    changed = [one.case.contact_id for one in outcomes if one.change]
    for contact_id in changed:
        services.queues.ingest.send(Hint(contact_id=contact_id, reason=RULES).to_body())
    return len(changed)


def _ask(services: Services, sweep: Sweep) -> None:
    services.queues.ingest.send(Hint(sweep=sweep.id, reason=RULES).to_body())


def _key(sweep_id: str, number: int) -> str:
    return f"{SWEEPS}{sweep_id}/{number:08d}.json"
