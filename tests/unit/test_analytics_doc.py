"""``docs/analytics.md`` names every metric as the catalogue has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.domain.metrics import METRICS

TEXT = (Path(__file__).parents[2] / "docs" / "analytics.md").read_text("utf-8")


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_stands_in_the_documentation_with_its_definition(metric):
    (line,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{metric.name}` |")]
    assert line.endswith(f"| {metric.definition} |")
    assert (f"`{metric.alias}`" if metric.alias else "extension") in line
