"""``docs/rules.md`` names every condition, limit and filter that the forms have."""

from dataclasses import fields
from pathlib import Path

import pytest

from chalicelib.domain.rules.limits import Limits
from chalicelib.formats.call_analytics_categories import FILTERS, RANGES
from chalicelib.formats.connect_table import ROWS, SOURCES

TEXT = Path(__file__).parents[2].joinpath("docs", "rules.md").read_text()
CELLS = [
    [cell.strip() for cell in ln.split("|")[1:-1]] for ln in TEXT.splitlines() if ln[:1] == "|"
]
ROW = {cells[0].strip("`"): cells for cells in CELLS if len(cells) == 4}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_a_condition_of_contact_lens_stands_in_its_table(row):
    path = f"{row.path}KEY" if row.path.endswith(".") else row.path
    _, condition, filters, sources = ROW[path]
    assert sources.split() == [f"{s}!" if s in row.negate else s for s in row.sources]
    assert row.name.rstrip(":") in condition
    assert ("role" in filters) == ("ParticipantRole" in row.filters)
    assert ("needed" in filters) == bool(row.needs)
    assert ("period" in filters) == ("period" in row.filters or bool(row.past))


@pytest.mark.parametrize("limit", fields(Limits), ids=lambda limit: limit.name)
def test_a_limit_stands_there_with_its_default(limit):
    numbers = [
        cells[1] for cells in CELLS if f"`{limit.name}`" in cells[0] and cells[1].isdecimal()
    ]
    assert numbers == [str(limit.default)]


@pytest.mark.parametrize("name", [*(s.event for s in SOURCES), *RANGES, *FILTERS])
def test_a_name_of_the_documents_stands_there(name):
    assert f"`{name}`" in TEXT
