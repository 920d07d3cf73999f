"""``loupe rules check``: whether rule files can be read, and their regular expressions compiled."""

from __future__ import annotations

from pathlib import Path

from chalicelib.adapters.engines import re2_expressions
from chalicelib.adapters.local import rule_folder
from chalicelib.domain.rules.actions import warnings
from chalicelib.domain.rules.limits import Limits
from chalicelib.formats import rule_expressions, rule_forms
from chalicelib.formats.explanation_text import printable
from chalicelib.text_engines import check_expressions


class Checker:
    """``unchecked``: how many expressions nobody could compile."""

    def __init__(self, limits: Limits) -> None:
        self.unchecked = 0
        self._limits = limits

    def check(self, file: Path) -> None:
        """Print what a file holds, and which actions are not carried out. Raises ``InputRefused``."""
        rules = rule_forms.load(rule_folder.read(file), self._limits)
        if re2_expressions.installed():
            check_expressions(rules)
        else:
            self.unchecked += rule_expressions.count(rules)
        for warning in warnings(rules):
            print(f"warning {printable(str(file))}: {printable(warning)}")
        print(f"ok {printable(str(file))}: {len(rules)} {'rule' if len(rules) == 1 else 'rules'}")
