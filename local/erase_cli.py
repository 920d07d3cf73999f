"""The commands of erasure."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.config import Settings


def add(commands: Any, data: Path, settings: Callable[[], Settings]) -> None:  # noqa: ANN401 argparse's own type is private
    """Add ``erase`` and ``hold``."""
    text = "erase a contact, or all contacts of a customer, for good"
    erase = commands.add_parser("erase", help=text, description=text)
    erase.add_argument("--data", type=Path, default=data)
    whom = erase.add_mutually_exclusive_group(required=True)
    whom.add_argument("--contact", metavar="ID")
    whom.add_argument(
        "--customer", metavar="ID", help="own id, e-mail address, telephone number, or pseudonym"
    )
    whom.add_argument(
        "--replay",
        action="store_true",
        help="after a restore: erase again whoever was erased before",
    )
    erase.set_defaults(run=lambda options: _erase(options, settings()))
    text = "put a contact under legal hold: it is not erased until it is released"
    hold = commands.add_parser("hold", help=text, description=text)
    hold.add_argument("--data", type=Path, default=data)
    hold.add_argument("--contact", metavar="ID", required=True)
    hold.add_argument("--release", action="store_true")
    hold.set_defaults(run=lambda options: _hold(options, settings()))


def _erase(options: argparse.Namespace, settings: Settings) -> int:
    from local import erase  # noqa: PLC0415

    if options.replay:
        return erase.replay(options.data, settings)
    return erase.erase(options.data, settings, options.contact, options.customer)


def _hold(options: argparse.Namespace, settings: Settings) -> int:
    from local import erase  # noqa: PLC0415

    return erase.hold(options.data, settings, options.contact, release=options.release)
