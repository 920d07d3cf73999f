"""Where in a rule file its regular expressions stand."""

from importlib.util import find_spec

import pytest

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.limits import DEFAULTS
from chalicelib.formats import rules_file
from chalicelib.formats.rule_expressions import expressions
from local.rule_check import Checker

FILE = """
rules:
  - name: One
    when:
      any:
        - words: [a]
        - all: [{regex: ["a+", "b+"]}, {regex: ["c+"], negate: true}]
"""


def test_each_expression_has_the_pointer_of_its_place():
    (rule,) = rules_file.load(FILE.encode()).rules
    assert list(expressions(rule.when, "/rules/0/when")) == [
        ("/rules/0/when/any/1/all/0/regex/0", "a+"),
        ("/rules/0/when/any/1/all/0/regex/1", "b+"),
        ("/rules/0/when/any/1/all/1/regex/0", "c+"),
    ]


@pytest.mark.skipif(find_spec("re2") is not None, reason="RE2 is installed")
def test_without_re2_expressions_are_counted_as_unchecked(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(FILE)
    checker = Checker(DEFAULTS)
    checker.check(path)
    assert checker.unchecked == 3


@pytest.mark.skipif(find_spec("re2") is None, reason="RE2 is not installed")
@pytest.mark.parametrize("expression", ["(?=a)", "(a", "a\\\\1"])
def test_an_expression_that_re2_refuses_is_refused_by_its_place(tmp_path, expression):
    path = tmp_path / "rules.yaml"
    path.write_text(FILE.replace("b+", expression))
    with pytest.raises(RuleRefused) as refused:
        Checker(DEFAULTS).check(path)
    assert (refused.value.code, refused.value.pointer) == (
        "rules.regex",
        "/rules/0/when/any/1/all/0/regex/1",
    )


@pytest.mark.skipif(find_spec("re2") is None, reason="RE2 is not installed")
def test_expressions_that_re2_takes_are_checked(tmp_path, capsys):
    path = tmp_path / "rules.yaml"
    path.write_text(FILE)
    checker = Checker(DEFAULTS)
    checker.check(path)
    assert checker.unchecked == 0
    assert capsys.readouterr().out == f"ok {path}: 1 rule\n"
