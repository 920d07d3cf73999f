"""``loupe follow-ups evaluate-risk``: how well the model of risk does on events of a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from chalicelib.domain.errors import InputRefused
from local.problems import problem

DONE, REFUSED = 0, 3
Add = Callable[[str, Callable[..., int], str], argparse.ArgumentParser]


def add(command: Add) -> None:
    """The command among those of ``follow-ups``."""
    about = (
        "train the risk model on the first part of a file of events, ask it about the later part"
    )
    made = command("evaluate-risk", _evaluate, about)
    made.add_argument(
        "--events",
        type=Path,
        required=True,
        metavar="FILE",
        help="CSV in the upload format of Fraud Detector: EVENT_TIMESTAMP, EVENT_LABEL, ...",
    )
    made.add_argument(
        "--trained", type=_share, default=0.7, metavar="SHARE", help="the first part (default: 0.7)"
    )


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share between 0 and 1")
    return share


def _evaluate(options: argparse.Namespace) -> int:
    from local.evaluate_risk import read, report  # noqa: PLC0415

    try:
        found = report(read(options.events), options.trained)
    except InputRefused as refused:
        problem(refused, str(options.events))
        return REFUSED
    print(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=2))
    return DONE
