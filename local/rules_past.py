"""``loupe rules backtest``, ``publish`` and ``withdraw``: rules over what is stored in a data folder."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.rules.limits import Limits
from chalicelib.domain.rules.rule import Rule
from chalicelib.formats.instants import iso
from chalicelib.ports.rules import WITHDRAWN, Entry
from chalicelib.ports.services import Services
from local.dates import moment_ms

BY = "command line"
TRY = "what a rule would have matched, and what publishing it would change"
WAITS = "loupe: no system works in {}: the past is categorised again when `loupe up` does"

Add = Callable[[str, Callable[..., int], str], argparse.ArgumentParser]


def add(command: Add) -> None:
    """The commands, for the ``rules`` group, which gives them ``--data`` and the settings."""
    _add_backtest(_of_rule(command("backtest", _backtest, TRY)))
    publish = _of_rule(command("publish", _publish, "put a version in force, for the past too"))
    publish.add_argument("--version", type=int, help="version of the book (default: the latest)")
    _add_range(publish)
    _add_model(publish)
    withdraw = _of_rule(command("withdraw", _withdraw, "put a rule out of force"))
    _add_range(withdraw)


def _of_rule(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("rule", metavar="RULE", help="id of a rule, or a file that holds one")
    return command


def _add_backtest(backtest: argparse.ArgumentParser) -> None:
    backtest.add_argument(
        "--since", type=moment_ms, metavar="DATE", help="contacts that ended then or later"
    )
    backtest.add_argument(
        "--until", type=moment_ms, metavar="DATE", help="contacts that ended before"
    )
    backtest.add_argument(
        "--against",
        type=int,
        metavar="VERSION",
        help="compare with it (default: what is published)",
    )
    _add_model(backtest)
    backtest.add_argument("--format", dest="output", default="text", choices=("text", "json"))
    backtest.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)"
    )


def _add_range(command: argparse.ArgumentParser) -> None:
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--from", dest="start", type=moment_ms, metavar="DATE",
        help="for contacts that ended then or later (default: from now on)",
    )  # fmt: skip
    which.add_argument("--whole-past", action="store_true", help="for all contacts")
    command.add_argument(
        "--notify", action="store_true", help="take the rule's actions for the past too"
    )


def _add_model(command: argparse.ArgumentParser) -> None:
    about = "ask the language model about every contact of the past, where the rule has a sentence"
    command.add_argument("--with-model", action="store_true", help=about)


def _services(options: argparse.Namespace) -> Services:
    from chalicelib.bootstrap import local_services  # noqa: PLC0415
    from local import data_folder  # noqa: PLC0415

    return local_services(data_folder.existing(options.data), options.settings())


def rule_in(path: Path, limits: Limits) -> Rule:
    """The one rule in a file. Raises ``InputRefused``."""
    from chalicelib.bootstrap import rules_from  # noqa: PLC0415

    rules = rules_from(path, limits).rules
    if len(rules) != 1:
        raise InputRefused("rules.one", f"the file holds {len(rules)} rules, and one is asked for")
    return rules[0]


def chosen(services: Services, named: str) -> Rule:
    """The rule in a file, or the latest version of the rule with this id. Raises ``NotFound``."""
    path = Path(named)
    return (
        rule_in(path, services.settings.limits)
        if path.is_file()
        else services.rules.get(named).rule
    )


def _backtest(options: argparse.Namespace) -> int:
    from chalicelib.flow import rule_changes  # noqa: PLC0415
    from local.rules_backtest import Wanted, report, run, text  # noqa: PLC0415

    services = _services(options)
    rule = chosen(services, options.rule)
    against = services.rules.get(rule.id, options.against).rule if options.against else None
    tried = (rule, against) if against else (rule,)
    rule_changes.spare_model(services, *tried, asked=options.with_model)
    wanted = Wanted(rule, against, options.since, options.until)
    counted = run(services, options.data, wanted, workers=options.workers)
    told = report(services, wanted, counted)
    print(json.dumps(told, ensure_ascii=False) if options.output == "json" else text(told))
    return 0


def _publish(options: argparse.Namespace) -> int:
    services = _services(options)
    path = Path(options.rule)
    if path.is_file():
        if options.version:
            raise InputRefused(
                "rules.version", "a file has no versions, only a rule of the book has"
            )
        rule = _saved(services, path)
    else:
        rule = services.rules.get(options.rule, options.version).rule
    return _entered(services, options, rule.id, rule.version)


def _withdraw(options: argparse.Namespace) -> int:
    return _entered(_services(options), options, options.rule, WITHDRAWN)


def _saved(services: Services, path: Path) -> Rule:
    """The rule of a file as a version of the book: the next one, unless it is the latest already."""
    from dataclasses import replace  # noqa: PLC0415

    from chalicelib.flow import rule_changes  # noqa: PLC0415
    from chalicelib.formats.rule_document import Handed  # noqa: PLC0415

    rule = rule_in(path, services.settings.limits)
    known = services.rules.versions(rule.id)
    latest = known[-1].rule if known else None
    if latest and replace(rule, version=latest.version) == latest:
        return latest
    expected = latest.version if latest else 0
    return rule_changes.save(services, Handed(rule, "/rules/0"), expected=expected, by=BY)


def _entered(services: Services, options: argparse.Namespace, rule_id: str, version: int) -> int:
    """Write the line of the ledger, and say who follows it over the past."""
    from chalicelib.flow import rule_changes, sweeps  # noqa: PLC0415
    from local import data_folder  # noqa: PLC0415

    line = rule_changes.entry(
        services, rule_id, version, by=BY, from_ms=options.start,
        whole_past=options.whole_past, quiet=not options.notify,
    )  # fmt: skip
    if version != WITHDRAWN and sweeps.of_entry(line):
        rule = services.rules.get(rule_id, version).rule
        rule_changes.spare_model(services, rule, asked=options.with_model)
    written, sweep = sweeps.publish(services, line)
    print(json.dumps({**_told(written), "backfill": sweep.id if sweep else None}))
    if sweep and not data_folder.running(options.data):
        print(WAITS.format(options.data), file=sys.stderr)
    return 0


def _told(entry: Entry) -> dict[str, Any]:
    since = None if entry.from_ms is None else iso(entry.from_ms)
    version = entry.version or None
    return {"number": entry.number, "ruleId": entry.rule_id, "version": version, "from": since}
