"""``loupe follow-ups``: what can be known of follow-ups from files, without a running system.

Exit codes are those of ``loupe``: 3 for a refused file. Each command adds itself in ``COMMANDS``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.config import Settings
from chalicelib.domain.errors import InputRefused
from local import labels_cli
from local.dates import moment_ms
from local.problems import problem

DONE, REFUSED = 0, 3
Setting = Callable[[], Settings]
Add = Callable[[str, Callable[..., int], str], argparse.ArgumentParser]


def add(commands: Any, data: Path, settings: Setting) -> None:  # noqa: ANN401 argparse's type is private
    """The group with all of its own."""
    text = "evaluate and inspect what follows contacts"
    group = commands.add_parser("follow-ups", help=text, description=text)
    ours = group.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int], about: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = ours.add_parser(name, help=about, description=about)
        made.set_defaults(run=run, settings=settings, data=data)
        return made

    for add_to in COMMANDS:
        add_to(command)


def _add_evaluate(command: Add) -> None:
    evaluate = command(
        "evaluate",
        _evaluate,
        "replay an interaction log: do local next actions find more than popularity does",
    )
    evaluate.add_argument(
        "--interactions",
        type=Path,
        required=True,
        metavar="FILE",
        help="CSV or JSON Lines: USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE, REASON, SESSION_ID",
    )
    evaluate.add_argument(
        "--split",
        type=_split,
        default=0.8,
        metavar="DATE|SHARE",
        help="learn from what lies before it (default: 0.8 of the log)",
    )
    evaluate.add_argument("--k", type=_places, default=10, help="places that count (default: 10)")
    evaluate.add_argument(
        "--repeats", action="store_true", help="ask for actions that a customer took before, too"
    )


def _split(text: str) -> float | int:
    """A share of the log (a float), or a time in milliseconds (an int)."""
    try:
        share = float(text)
    except ValueError:
        return moment_ms(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share between 0 and 1")
    return share


def _places(text: str) -> int:
    try:
        places = int(text)
    except ValueError:
        places = 0
    if not 1 <= places <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000")
    return places


def _evaluate(options: argparse.Namespace) -> int:
    from local.evaluate_next_actions import report  # noqa: PLC0415

    try:
        found = report(options.interactions, options.split, options.k, repeats=options.repeats)
    except InputRefused as refused:
        problem(refused, str(options.interactions))
        return REFUSED
    print(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=2))
    return DONE


def _add_intents(command: Add) -> None:
    intents = command(
        "intents",
        _intents,
        "propose intents from what bots did not understand, in Amazon Lex V2's import format",
    )
    intents.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder to write to"
    )
    intents.add_argument(
        "--data",
        type=Path,
        default=argparse.SUPPRESS,
        help="data folder (default: that of loupe up)",
    )


def _intents(options: argparse.Namespace) -> int:
    from local.intents_export import run  # noqa: PLC0415

    found = run(options.data, options.settings(), options.out)
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return DONE


COMMANDS: tuple[Callable[[Add], None], ...] = (_add_evaluate, labels_cli.add, _add_intents)
