"""Rules on words, against one regular expression for each phrase: ``python -m bench.rules``.

- 1,000 rules of four phrases on eight contacts of 300 turns. Ours answers which rules match, from the texts
  on (``CompiledRules.matching``, what backtests ask); with all evidence (``judge``) is shown beside it. The
  regular expressions are compiled before, tried turn by turn on turns of the rule's side, and stop at a
  rule's first match. Their words end where ours do; the rules that match must be the same on every contact.
- Growth from 10 to 10,000 rules, of which the same share matches.

Best of as many runs for all, one thread, milliseconds of processor time a contact. Exit code 1 when a bar
is missed or an answer differs.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Sequence

from bench.rules import sets
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import ExactMatch, RuleSet
from chalicelib.domain.rules.subject import Subject

FASTER, GROWTH = 300, 6
SIZES = (10, 100, 1_000, 10_000)
TOOLS = Tools()
Answer = Callable[[Subject], list[str]]


class Expressions:
    """One regular expression for each phrase, whose words are those of our rules: an apostrophe between two
    letters belongs to the word."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = []
        for rule in rules.rules:
            assert isinstance(rule.when, ExactMatch)
            made = [re.compile(_expression(phrase), re.IGNORECASE) for phrase in rule.when.phrases]
            self._rules.append((rule.id, rule.when.scope.role, made))

    def __call__(self, subject: Subject) -> list[str]:
        by_role = {
            role: [line.text for line in subject.lines if role in (None, line.role)]
            for role in sets.ROLES
        }
        return [
            rule_id
            for rule_id, role, made in self._rules
            if any(one.search(text) for one in made for text in by_role[role])
        ]


def _expression(phrase: str) -> str:
    inside = r"(?!['’]\w)\W+"
    return rf"(?<!\w)(?<!\w['’]){inside.join(map(re.escape, phrase.split()))}(?!\w)(?!['’]\w)"


def best(answer: Answer, subjects: Sequence[Subject], runs: int) -> tuple[float, list[list[str]]]:
    """Milliseconds a contact, and what was answered."""
    lowest, found = float("inf"), []
    for _ in range(runs):
        began = time.process_time()
        found = [answer(subject) for subject in subjects]
        lowest = min(lowest, time.process_time() - began)
    return lowest * 1000 / len(subjects), found


def matching(compiled: CompiledRules) -> Answer:
    return lambda subject: [rule.id for rule in compiled.matching(subject, TOOLS)]


def judged(compiled: CompiledRules) -> Answer:
    return lambda subject: [v.rule.id for v in compiled.judge(subject, TOOLS).verdicts]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="the best of so many counts (3)")
    given = parser.parse_args()
    subjects = [sets.contact(seed) for seed in range(sets.CONTACTS)]
    times, equal = {}, True
    print(f"load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    print("rules  compile ms  matching ms  with evidence ms  matched")
    for size in SIZES:
        rules = sets.rules(size)
        began = time.process_time()
        compiled = CompiledRules(rules)
        built = (time.process_time() - began) * 1000
        times[size], found = best(matching(compiled), subjects, given.runs)
        evidence, told = best(judged(compiled), subjects, given.runs)
        equal = equal and found == told
        share = sum(map(len, found)) / len(subjects) / size
        print(f"{size:>6}{built:>11.1f}{times[size]:>13.3f}{evidence:>18.3f}{share:>9.1%}")
    slow, theirs = best(Expressions(sets.rules(1_000)), subjects, given.runs)
    ours, found = best(matching(CompiledRules(sets.rules(1_000))), subjects, given.runs)
    ratio, growth = slow / min(ours, times[1_000]), times[10_000] / times[10]
    equal = equal and found == theirs
    held = equal and ratio >= FASTER and growth <= GROWTH
    print(
        f"regular expressions, 1,000 rules: {slow:.0f} ms a contact; ours is {ratio:.0f} times as fast"
    )
    print(f"(bar {FASTER}); the same rules match on all {len(subjects)} contacts: {equal}")
    print(f"10 to 10,000 rules: {growth:.1f} times the time (bar {GROWTH})")
    print("held" if held else "MISSED")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
