"""``loupe rules test``: a line a test, and for one that failed what was needed and what was seen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chalicelib.adapters.local import rule_folder
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.errors import NotFound
from chalicelib.domain.rules.explain import Told, quoting, told
from chalicelib.domain.rules.finding import State
from chalicelib.domain.rules.subject import Subject
from chalicelib.flow import past
from chalicelib.formats import rule_forms
from chalicelib.formats.explanation_text import printable
from chalicelib.formats.rule_text import lines
from chalicelib.stages.rule_tests import Ground, Ran, Result, Stored, run
from chalicelib.text_engines import language_engines, rule_tools
from local import data_folder

WORDS: Mapping[Result, str] = {Result.PASSED: "ok", Result.FAILED: "FAIL", Result.SKIPPED: "skip"}
CHARACTERS = 60


class Runs:
    """The tests of many files, shown as they are run, or at the end as one JSON document."""

    def __init__(self, settings: Settings, data: Path, *, as_json: bool) -> None:
        sentiment, pii = language_engines(settings)
        stored = _stored(data, settings) if data_folder.is_one(data) else None
        self._ground = Ground(settings, sentiment, pii, rule_tools(settings), stored)
        self._as_json = as_json
        self._limits = settings.limits
        self._documents: list[dict[str, Any]] = []
        self._counts: Counter[Result] = Counter()
        self._untested = 0

    @property
    def failed(self) -> int:
        return self._counts[Result.FAILED]

    def run(self, file: Path) -> None:
        """All tests of a file. Raises ``InputRefused``."""
        for rule in rule_forms.load(rule_folder.read(file), self._limits):
            self._untested += not rule.examples
            for test in run(rule, self._ground):
                self._counts[test.result] += 1
                if self._as_json:
                    self._documents.append({"file": str(file), **_document(test)})
                else:
                    print("\n".join(_lines(test)), flush=True)

    def close(self) -> None:
        """The summary."""
        counts = {one.lower(): self._counts[one] for one in Result}
        if self._as_json:
            whole = {**counts, "rulesWithoutTests": self._untested, "tests": self._documents}
            print(json.dumps(whole, ensure_ascii=False))
            return
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        print(f"{told}, {self._untested} rules without tests")


def _stored(data: Path, settings: Settings) -> Stored:
    services = local_services(data, settings)

    def subjects(contact_id: str) -> Sequence[Subject]:
        row = services.contacts.get(contact_id)
        if row is None:
            raise NotFound(f"there is no contact {contact_id}")
        return past.subjects_of(services, row)

    return subjects


def _lines(test: Ran) -> list[str]:
    head = f"{WORDS[test.result]:<4} {printable(test.rule.name)}: {test.number} {_name(test)}"
    if test.result is Result.PASSED:
        return [head]
    if test.result is Result.SKIPPED:
        return [f"{head} — {printable(test.reason)}"]
    saw = printable(test.reason) or _saw(test)
    why = _told(test)
    return [f"{head} — needed {_needed(test)}, saw {saw}", *(lines(why, "     ") if why else ())]


def _name(test: Ran) -> str:
    """What the test is called, else how it begins."""
    example = test.example
    if example.name or example.contact_id:
        return printable(example.name or f"contact {example.contact_id}")
    first = printable(example.turns[0].text) if example.turns else ""
    return f'"{first if len(first) <= CHARACTERS else f"{first[: CHARACTERS - 1]}…"}"'


def _needed(test: Ran) -> str:
    return "a match" if test.example.matches else "no match"


def _saw(test: Ran) -> str:
    finding = test.finding
    if finding is not None and finding.state is State.UNKNOWN:
        return "nothing that can be judged"
    return "none" if test.example.matches else "one"


def _told(test: Ran) -> Told | None:
    """Quotes are of snippets only, whose text is the author's own."""
    if test.finding is None or test.subject is None:
        return None
    written = test.example.contact_id is None
    return told(test.finding, quoting(test.subject.lines) if written else None)


def _document(test: Ran) -> dict[str, Any]:
    why = _told(test)
    return {
        "rule": test.rule.name,
        "ruleId": test.rule.id,
        "test": test.number,
        "name": test.example.name,
        "contact": test.example.contact_id,
        "matches": test.example.matches,
        "result": test.result.value,
        "reason": test.reason,
        "explanation": asdict(why) if why else None,
    }
