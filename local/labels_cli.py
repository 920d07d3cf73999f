"""``loupe follow-ups labels``: what people decided in reviews, as lessons for models and rules."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.domain.review import Kind

if TYPE_CHECKING:
    from chalicelib.flow.label_export import Lesson
    from chalicelib.ports.services import Services

DONE = 0
KINDS = (Kind.SENTIMENT.value, Kind.RISK.value, Kind.CATEGORY.value)
MANIFEST, RULE_TESTS = "manifest", "rule-tests"
Add = Callable[[str, Callable[..., int], str], argparse.ArgumentParser]


def add(command: Add) -> None:
    """The command among those of ``follow-ups``."""
    about = "write what people decided in reviews as lessons: redacted texts with their labels"
    made = command("labels", _labels, about)
    made.set_defaults(usage=made)
    made.add_argument("--data", type=Path)
    made.add_argument("--kind", required=True, choices=KINDS)
    made.add_argument(
        "--as",
        dest="how",
        default=MANIFEST,
        choices=(MANIFEST, RULE_TESTS),
        help="augmented manifest (JSON Lines), or rules with the judged contacts as tests",
    )
    made.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the test part goes beside it"
    )


def _labels(options: argparse.Namespace) -> int:
    from chalicelib.bootstrap import local_services  # noqa: PLC0415
    from chalicelib.flow.label_export import lessons  # noqa: PLC0415

    if options.how == RULE_TESTS and options.kind != Kind.CATEGORY:
        options.usage.error("--as rule-tests goes with --kind category")
    services = local_services(options.data, options.settings())
    found = list(lessons(services, Kind(options.kind)))
    write = _rule_tests if options.how == RULE_TESTS else _manifest
    print(json.dumps(write(services, found, options.out)))
    return DONE


def _manifest(services: Services, found: list[Lesson], out: Path) -> dict[str, object]:
    """The training part into ``out``, the test part beside it."""
    del services
    from chalicelib.flow.label_export import labelled  # noqa: PLC0415
    from chalicelib.formats.augmented_manifest import line  # noqa: PLC0415

    test = out.with_name(f"{out.stem}.test{out.suffix}")
    usable = [lesson for lesson in found if lesson.text]
    counts: dict[str, object] = {}
    for path, part in ((out, False), (test, True)):
        lines = [line(labelled(lesson)) for lesson in usable if lesson.held_back is part]
        _write(path, "".join(f"{one}\n" for one in lines))
        counts[str(path)] = len(lines)
    return {"written": counts, "leftOut": len(found) - len(usable)}


def _rule_tests(services: Services, found: list[Lesson], out: Path) -> dict[str, object]:
    """Rules as ``loupe rules test`` and ``loupe rules import`` take them."""
    from chalicelib.flow.label_export import taught_rules  # noqa: PLC0415
    from chalicelib.formats import rules_file  # noqa: PLC0415

    rules, left_out = taught_rules(services, found)
    text = json.dumps(rules_file.document(rules), indent=2, ensure_ascii=False)
    _write(out, f"{text}\n")
    return {"written": {str(out): len(found) - left_out}, "leftOut": left_out}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
