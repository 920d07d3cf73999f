"""``loupe rules``: rules as files that are checked, tested, and carried into the rule book and out of it.

Exit codes are those of ``loupe``: 3 for a refused file (the others are still done), and 1 for ``test``
where a test failed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.config import Settings
from chalicelib.domain.errors import InputRefused, RuleRefused
from chalicelib.domain.rules.limits import Limits
from local import rules_past
from local.problems import problem

if TYPE_CHECKING:
    from chalicelib.domain.rules.rule import Rule
    from chalicelib.ports.rules import RuleBook

DONE, REFUSED = 0, 3
FORMS = ("loupe", "contact-lens", "call-analytics")
BY = "loupe rules import"
UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
Setting = Callable[[], Settings]


def add(commands: Any, data: Path, settings: Setting) -> None:  # noqa: ANN401 argparse's type is private
    """The command with all of its own."""
    text = "check, test, import and export rules"
    rules = commands.add_parser("rules", help=text, description=text)
    ours = rules.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int], about: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = ours.add_parser(name, help=about, description=about)
        made.set_defaults(run=run, settings=settings)
        made.add_argument("--data", type=Path, default=data)
        return made

    check = command("check", _check, "read rule files of any form, and say what is wrong with them")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    test = command("test", _test, "run the tests that rules carry")
    test.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    test.add_argument("--format", dest="output", default="text", choices=("text", "json"))
    bring = command("import", _import, "save rules in the rule book, as versions not yet in force")
    bring.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    export = command("export", _export, "print or write rules, by default those in force")
    export.add_argument("rules", nargs="*", metavar="RULE", help="id or name")
    export.add_argument("--format", dest="form", default="loupe", choices=FORMS)
    export.add_argument("--out", type=Path, help="write one file per rule into this folder")
    command("list", _list, "the rules in force, and what is saved beside them")
    rules_past.add(command)


def _check(options: argparse.Namespace) -> int:
    from local.rule_check import Checker  # noqa: PLC0415

    limits = options.settings().limits
    checker = Checker(limits)
    refused = sum(_refused(root, checker.check) or _clash(root, limits) for root in options.paths)
    if checker.unchecked:
        print(
            f"loupe: warning: {checker.unchecked} regular expressions not checked: "
            "RE2 is not installed",
            file=sys.stderr,
        )
    return REFUSED if refused else DONE


def _refused(root: Path, act: Callable[[Path], None]) -> int:
    """How many files under this path were refused."""
    from chalicelib.adapters.local import rule_folder  # noqa: PLC0415

    try:
        files = rule_folder.files_under(root)
    except InputRefused as why:
        problem(why, str(root))
        return 1
    return sum(_is_refused(act, file, file) for file in files)


def _is_refused(act: Callable[[Path], object], given: Path, instance: Path) -> bool:
    try:
        act(given)
    except InputRefused as why:
        problem(why, str(instance))
        return True
    return False


def _clash(root: Path, limits: Limits) -> bool:
    """Whether rules of one folder, which are one rule set, have a name or an id twice."""
    from chalicelib.adapters.local import rule_folder  # noqa: PLC0415
    from chalicelib.formats import rule_forms  # noqa: PLC0415

    def together(folder: Path) -> None:
        rule_forms.rule_set(rule_folder.documents(folder), limits)

    return root.is_dir() and _is_refused(together, root, root)


def _test(options: argparse.Namespace) -> int:
    from local.rule_runs import Runs  # noqa: PLC0415

    limits = options.settings().limits
    runs = Runs(options.settings(), options.data, as_json=options.output == "json")
    refused = sum(_refused(root, runs.run) or _clash(root, limits) for root in options.paths)
    runs.close()
    if refused:
        return REFUSED
    return 1 if runs.failed else DONE


def _import(options: argparse.Namespace) -> int:
    from chalicelib.adapters.local import rule_folder  # noqa: PLC0415
    from chalicelib.bootstrap import clock_ms, local_services  # noqa: PLC0415
    from chalicelib.flow import rule_changes  # noqa: PLC0415
    from chalicelib.formats import rule_forms, rules_file  # noqa: PLC0415
    from chalicelib.formats.rule_document import Handed  # noqa: PLC0415

    services = local_services(options.data, options.settings())
    book, limits = services.rules, services.settings.limits
    refused = 0
    for root in options.paths:
        rules: list[Rule] = []

        def collect(file: Path, into: list[Rule] = rules) -> None:
            loaded = rule_forms.load(rule_folder.read(file), limits)
            some = tuple(map(rules_file.read_again, loaded))
            for number, rule in enumerate(some):
                rule_changes.check(Handed(rule, f"/rules/{number}"), services.tools)
            into += some

        bad = _refused(root, collect)
        clash = not bad and _clash(root, limits)
        refused += bad or clash
        for rule in () if clash else rules:
            print(_saved(book, rule, clock_ms()), flush=True)
    return REFUSED if refused else DONE


def _saved(book: RuleBook, rule: Rule, at_ms: int) -> str:
    from dataclasses import replace  # noqa: PLC0415

    known = book.versions(rule.id)
    latest = known[-1].rule if known else None
    if latest is not None and replace(rule, version=latest.version) == latest:
        return f"unchanged {rule.id} version {latest.version}: {rule.name}"
    kept = book.save(rule, expected=latest.version if latest else 0, at_ms=at_ms, by=BY)
    return f"saved {kept.id} version {kept.version}: {kept.name}"


def _export(options: argparse.Namespace) -> int:
    from chalicelib.formats.rule_forms import Form, dump  # noqa: PLC0415

    form = Form(options.form)
    chosen = list(_chosen(options))
    sayable = [rule for rule in chosen if _can_say(rule, form)]
    if options.out is None:
        sys.stdout.buffer.write(dump(sayable, form) if sayable else b"")
        sys.stdout.flush()
    else:
        options.out.mkdir(parents=True, exist_ok=True)
        for rule in sayable:
            ending = "yaml" if form is Form.LOUPE else "json"
            path = options.out / f"{UNSAFE.sub('_', rule.id)}.{ending}"
            path.write_bytes(dump([rule], form))
            print(path)
    return DONE if len(sayable) == len(chosen) else REFUSED


def _can_say(rule: Rule, form: Any) -> bool:  # noqa: ANN401 the form is imported where it is used
    from chalicelib.formats.rule_forms import export  # noqa: PLC0415

    try:
        export(rule, form)
    except RuleRefused as why:
        problem(why, rule.id)
        return False
    return True


def _chosen(options: argparse.Namespace) -> Iterator[Rule]:
    """Those in force, or the named ones: in force, else as they were saved last."""
    book = _book(options)
    rules = book.in_force().rules
    if not options.rules:
        yield from rules
    for wanted in options.rules:
        found = next((rule for rule in rules if wanted in (rule.id, rule.name)), None)
        yield found or book.get(wanted).rule


def _book(options: argparse.Namespace) -> RuleBook:
    """Raises ``NotLoupes`` for any other folder."""
    from chalicelib.bootstrap import local_services  # noqa: PLC0415
    from local import data_folder  # noqa: PLC0415

    return local_services(data_folder.existing(options.data), options.settings()).rules


def _list(options: argparse.Namespace) -> int:
    book = _book(options)
    force = {rule.id: rule for rule in book.in_force().rules}
    rows = [("ID", "IN FORCE", "SAVED", "CHANNEL", "TESTS", "NAME")]
    for rule_id in book.ids():
        latest = book.get(rule_id).rule
        rule = force.get(rule_id, latest)
        rows.append(
            (
                rule_id,
                str(rule.version) if rule_id in force else "-",
                str(latest.version),
                rule.channel.value if rule.channel else "ANY",
                str(len(rule.examples)),
                rule.name,
            )
        )
    print("\n".join(_table(rows)))
    return DONE


def _table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    from chalicelib.formats.explanation_text import printable  # noqa: PLC0415

    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        yield "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
