"""``loupe``: the command line. Names, options, output and exit codes are a contract for scripts.

Exit codes: 0 done; 2 wrong usage; 3 an input was refused (one JSON problem document a line on standard
error for each, the other inputs are still done); 1 anything else. ``analyze --explain`` prints text to read
in place of each JSON document, with the path as heading where there are several; its codes are the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib import __version__
from chalicelib.config import Settings
from chalicelib.domain.errors import InputRefused, LoupeError
from chalicelib.formats.explanation_text import printable
from local import erase_cli, follow_ups_cli, rules_cli
from local.dates import moment
from local.problems import problem

if TYPE_CHECKING:
    from local.analyze import Analyzer

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3
DATA = "data"
EXPLAINABLE = (("loupe", "redacted"), ("loupe", "none"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except InputRefused as refused:
        problem(refused, "")
        return REFUSED
    except LoupeError as error:
        print(f"loupe: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="loupe", description="Contact-center analytics that you own."
    )
    parser.add_argument("--version", action="version", version=f"loupe {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_up(commands)
    _add_analyze(commands)
    ingest = _add(
        commands, "ingest", _ingest, "hand files to the data folder, as a bucket upload would"
    )
    ingest.add_argument("--data", type=Path, default=_data())
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    doctor = _add(
        commands, "doctor", _doctor, "engines, models and what is degraded, with the reason"
    )
    doctor.add_argument("--data", type=Path, default=_data())
    doctor.add_argument("--json", action="store_true", help="print JSON")
    rules_cli.add(commands, _data(), settings)
    follow_ups_cli.add(commands, _data(), settings)
    _add_themes(commands)
    erase_cli.add(commands, _data(), settings)
    sweep = _add(
        commands, "reconcile", _reconcile, "look for objects and contacts that events missed"
    )
    sweep.add_argument("--data", type=Path, default=_data())
    return parser


def _add_up(commands: Any) -> None:  # noqa: ANN401 argparse's own type is private
    up = _add(commands, "up", _up, "start the system on this machine")
    up.add_argument(
        "--data", type=Path, default=_data(), help="folder of all state (default: data)"
    )
    up.add_argument("--port", type=int, default=8000)
    up.add_argument(
        "--inbox", type=Path, help="folder to watch (default: inbox in the data folder)"
    )
    up.add_argument(
        "--token", default=os.environ.get("LOUPE_TOKEN"), help="start token (default: random)"
    )
    up.add_argument("--no-samples", action="store_true", help="do not load the synthetic samples")
    up.add_argument("--no-open", action="store_true", help="do not open a browser")


def _add_analyze(commands: Any) -> None:  # noqa: ANN401 argparse's own type is private
    analyze = _add(commands, "analyze", _analyze, "analyse files, without server or data folder")
    analyze.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    analyze.add_argument(
        "--as",
        dest="how",
        default="auto",
        choices=("auto", "recording", "chat", "transcribe", "call-analytics", "contact-lens"),
    )
    analyze.add_argument("--metadata", type=Path, help="contact record as JSON")
    analyze.add_argument(
        "--rules", type=Path, help="rule file or folder, of any form (default: the starter rules)"
    )
    analyze.add_argument(
        "--format", dest="output", default="loupe", choices=("loupe", "contact-lens")
    )
    analyze.add_argument("--redaction", default="redacted", choices=("none", "redacted", "both"))
    analyze.add_argument("--out", type=Path, help="write one file per input into this folder")
    analyze.add_argument(
        "--explain",
        action="store_true",
        help="print how each number came about, to read, instead of JSON",
    )
    analyze.set_defaults(usage=analyze)


def _add_themes(commands: Any) -> None:  # noqa: ANN401 argparse's own type is private
    themes = _add(commands, "themes", _themes, "what the contacts of a data folder are about")
    themes.add_argument("--data", type=Path, default=_data())
    themes.add_argument(
        "--since", type=moment, metavar="DATE", help="disconnected at or after, such as 2026-05-04"
    )
    themes.add_argument("--until", type=moment, metavar="DATE", help="disconnected before")
    themes.add_argument("--queue", action="append", metavar="ID", help="of this queue (repeatable)")
    themes.add_argument("--format", dest="output", default="text", choices=("text", "json"))
    themes.set_defaults(usage=themes)


def _add(
    commands: Any,  # noqa: ANN401 argparse's own type is private
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _data() -> Path:
    return Path(os.environ.get("LOUPE_DATA", DATA))


def settings() -> Settings:
    """Settings of this process. Raises ``SettingsError``."""
    return Settings.from_env(os.environ)


def _up(options: argparse.Namespace) -> int:
    from local.up import Plan, run  # noqa: PLC0415

    return run(
        Plan(
            data=options.data,
            port=options.port,
            inbox=options.inbox or options.data / "inbox",
            token=options.token,
            samples=not options.no_samples,
            browser=not options.no_open,
        ),
        settings(),
    )


def _analyze(options: argparse.Namespace) -> int:
    from local.analyze import Analyzer, Options  # noqa: PLC0415
    from local.progress import Steps  # noqa: PLC0415

    if options.explain and (options.output, options.redaction) not in EXPLAINABLE:
        options.usage.error("--explain goes with neither --format contact-lens nor both redactions")
    analyzer = Analyzer(
        settings(),
        Options(options.how, options.metadata, options.rules, options.output, options.redaction),
    )
    refused = 0
    with Steps(len(options.paths)) as steps:
        for path in options.paths:
            try:
                make = _explanation if options.explain else _document
                text = make(analyzer, path, partial(steps.now, path.name))
            except InputRefused as why:
                refused += 1
                steps.pause()
                problem(why, str(path))
            else:
                steps.pause()
                _write(text, path, options)
            steps.advance()
    return REFUSED if refused else DONE


def _document(analyzer: Analyzer, path: Path, step: Callable[[str], None]) -> str:
    return json.dumps(analyzer.run(path, step), ensure_ascii=False, allow_nan=False)


def _explanation(analyzer: Analyzer, path: Path, step: Callable[[str], None]) -> str:
    return analyzer.explain(path, step).rstrip("\n")


def _write(text: str, path: Path, options: argparse.Namespace) -> None:
    if options.out is None:
        if options.explain and len(options.paths) > 1:
            text = f"# {printable(str(path))}\n{text}\n"
        print(text, flush=True)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    kind = "explain.txt" if options.explain else f"{options.output}.json"
    (options.out / f"{path.stem}.{kind}").write_text(text + "\n", encoding="utf-8")


def _ingest(options: argparse.Namespace) -> int:
    from chalicelib.bootstrap import local_services  # noqa: PLC0415
    from local.intake import files_under, take  # noqa: PLC0415

    services = local_services(options.data, settings())
    refused = 0
    for root in options.paths:
        for path in files_under(root):
            try:
                taken = take(services, path)
            except InputRefused as why:
                refused += 1
                problem(why, str(path))
            else:
                print(
                    json.dumps({"path": str(path), "key": taken.key, "etag": taken.etag}),
                    flush=True,
                )
    return REFUSED if refused else DONE


def _doctor(options: argparse.Namespace) -> int:
    from local.doctor import report, show  # noqa: PLC0415

    found = report(settings(), options.data)
    print(json.dumps(found) if options.json else show(found))
    return DONE


def _themes(options: argparse.Namespace) -> int:
    from local.themes import Wanted, run  # noqa: PLC0415

    if options.since and options.until and options.until < options.since:
        options.usage.error("--until is before --since")
    wanted = Wanted(options.since, options.until, tuple(options.queue or ()))
    print(run(options.data, settings(), wanted, as_json=options.output == "json"))
    return DONE


def _reconcile(options: argparse.Namespace) -> int:
    from chalicelib.bootstrap import local_services  # noqa: PLC0415
    from chalicelib.flow import reconcile  # noqa: PLC0415

    sweep = reconcile(local_services(options.data, settings()))
    print(json.dumps({"objects": sweep.objects, "contacts": sweep.contacts, "hints": sweep.hints}))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
