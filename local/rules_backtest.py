"""A rule over every stored contact: pages of rows go to processes that judge them, counts come back.

A process is given no more pages than it can soon take, so memory does not grow with the past.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chalicelib.api import rule_views
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.rules.backtest import Change, Tally, tally
from chalicelib.domain.rules.rule import Rule
from chalicelib.flow import sweeps
from chalicelib.flow.evidence import shown_evidence
from chalicelib.flow.sweeps import BACKTEST, Sweep
from chalicelib.formats.artifact import load
from chalicelib.formats.explanation_text import printable
from chalicelib.formats.instants import iso
from chalicelib.ports.services import Services
from chalicelib.queries import counted
from chalicelib.text_engines import rule_tools
from local.progress import Steps

AHEAD = 3
SHOWN = {"id", "startedTimestamp", "startedBy", "state", "expectedContacts"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """``against`` None: what is published. Times in epoch ms, ``since_ms`` inclusive."""

    rule: Rule
    against: Rule | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    def sweep(self) -> Sweep:
        version = self.against.version if self.against else None
        return Sweep(
            "", BACKTEST, self.rule.id, self.rule.version, version, self.since_ms, self.until_ms, 0, ""
        )  # fmt: skip


Judge = Callable[[Sequence[ContactRow]], Tally]


def run(services: Services, data: Path, wanted: Wanted, *, workers: int = 1) -> Tally:
    """Count over all contacts of the range; a bar on standard error shows how far it is."""
    name = sweeps.name_of(services, wanted.sweep())
    total = Tally()
    with Steps(counted(services, wanted.since_ms, wanted.until_ms)) as steps:
        pages = pages_of(services, wanted)
        for part in _judged(services, data, wanted, name, pages, workers):
            total = total.plus(part)
            steps.advance(part.contacts)
    return total


def pages_of(services: Services, wanted: Wanted) -> Iterator[tuple[ContactRow, ...]]:
    """All contacts of the range, newest first."""
    sweep = wanted.sweep()
    while True:
        page = sweeps.page_of(services, sweep)
        yield page.rows
        if page.cursor is None:
            return
        sweep = replace(sweep, cursor=page.cursor)


def _judged(
    services: Services,
    data: Path,
    wanted: Wanted,
    name: str,
    pages: Iterator[tuple[ContactRow, ...]],
    workers: int,
) -> Iterator[Tally]:
    if workers <= 1:
        return map(_judge(services, wanted, name), pages)
    return _by_processes((data, services.settings, wanted, name), pages, workers)


def _judge(services: Services, wanted: Wanted, name: str) -> Judge:
    judge = sweeps.judge_with(wanted.rule, wanted.against, services.tools)
    return lambda rows: tally(list(sweeps.judged_by(services, judge, name, rows)))


def _by_processes(
    begin: tuple[Path, Settings, Wanted, str],
    pages: Iterator[tuple[ContactRow, ...]],
    workers: int,
) -> Iterator[Tally]:
    context = multiprocessing.get_context("spawn")
    waiting: deque[Future[Tally]] = deque()
    with ProcessPoolExecutor(workers, context, _begin, begin) as pool:
        for rows in pages:
            waiting.append(pool.submit(_work, rows))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_here: dict[str, Judge] = {}


def _begin(data: Path, settings: Settings, wanted: Wanted, name: str) -> None:
    services = replace(local_services(data, settings), tools=rule_tools(settings))
    _here["judge"] = _judge(services, wanted, name)


def _work(rows: tuple[ContactRow, ...]) -> Tally:
    return _here["judge"](rows)


def report(services: Services, wanted: Wanted, told: Tally) -> dict[str, Any]:
    """The counts as the API gives them, with the samples and their redacted evidence."""
    sweep = replace(wanted.sweep(), tally=told)
    document = rule_views.backtest(sweep, told.contacts).model_dump(mode="json", by_alias=True)
    shown = {name: value for name, value in document.items() if name not in SHOWN}
    samples = {
        change.value.lower(): [
            *filter(None, (_sample(services, wanted, one) for one in told.samples.get(change, ())))
        ]
        for change in Change
    }
    return {"name": wanted.rule.name, **shown, "samples": samples}


def _sample(services: Services, wanted: Wanted, contact_id: str) -> dict[str, Any] | None:
    """None for a contact that is gone since."""
    row = services.contacts.get(contact_id)
    if row is None or row.publication is None:
        return None
    told = row.publication
    analysis = load(ContactAnalysis, services.redacted.read(told.analysis_key))
    quotes = rule_views.quotes(*shown_evidence(analysis, wanted.rule, services.tools))
    return {
        "contactId": contact_id,
        "disconnectTimestamp": iso(told.disconnect_ms),
        "queue": told.queue_name or told.queue_id or "",
        "agent": told.agent_name or told.agent_id or "",
        "quotes": [one.model_dump(mode="json", by_alias=True) for one in quotes],
    }


def text(told: Mapping[str, Any]) -> str:
    """The report to read."""
    against = f"version {told['against']}" if told["against"] else "what is published"
    lines = [
        f"{printable(told['name'])} ({told['ruleId']}, version {told['version']}) against {against}",
        f"{told['contacts']:,} contacts: {told['matched']:,} match, {told['unknown']:,} unknown",
        f"{told['added']:,} added, {told['removed']:,} removed, {told['kept']:,} kept",
    ]
    for title, name in (("queue", "byQueue"), ("agent", "byAgent"), ("day", "byDay")):
        lines += _counts(f"by {title}", told[name])
    lines += _counts("unknown because", told["reasons"])
    for change, samples in told["samples"].items():
        lines += [f"{change}, newest first:", *map(_line, samples)] if samples else []
    return "\n".join(lines)


def _counts(title: str, counts: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [f"  {one['count']:>8,}  {printable(one['name']) or 'not known'}" for one in counts]
    return [f"{title}:", *rows] if rows else []


def _line(sample: Mapping[str, Any]) -> str:
    quotes = "; ".join(
        f"{one['participantRole']}: {printable(one['text'])}"
        for one in sample["quotes"]
        if one["text"]
    )
    where = " ".join(filter(None, (printable(sample["queue"]), printable(sample["agent"]))))
    day = sample["disconnectTimestamp"][:10]
    return f"  {printable(sample['contactId'])} {day} {where} {quotes}".rstrip()
