"""CSV cells that no spreadsheet carries out, and that come back as they went in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.formats.csv_safe import STARTS, row, safe


@pytest.mark.parametrize(
    "text", ["=1", "+15550100", "-x", "@a", "\tx", "\rx", "|x", "  =1", "\n+1"]
)
def test_what_begins_like_a_formula_is_text(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "'=1", "1-1", "x+y", " a"])
def test_other_texts_stay(text):
    assert safe(text) == text


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))))
def test_a_row_is_read_back_without_a_formula(texts):
    (back,) = csv.reader(io.StringIO(row(["id", *texts]), newline="")) if texts else ([["id"]])
    assert [cell.removeprefix("'") for cell in back[1:]] == [t.removeprefix("'") for t in texts]
    assert not any(cell.lstrip().startswith(STARTS) for cell in back)


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell():
    assert row([-1, 2.5, None, True, "-1"]) == "-1,2.5,,True,'-1\r\n"
