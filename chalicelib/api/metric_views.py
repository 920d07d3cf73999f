"""Answers of metric queries as the API shows them, each value with the list of its contacts."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from chalicelib.api import metric_models as models
from chalicelib.domain.metrics import METRICS, Kind
from chalicelib.domain.thresholds import Threshold
from chalicelib.formats.instants import iso
from chalicelib.metric_queries.answer import Listed, Result, Told
from chalicelib.metric_queries.boards import FEW, Bar
from chalicelib.metric_queries.question import CATEGORY, Question

SCORES, MILLIS = (-5, 5), (0, 10**12)
LIMITS = {
    "sentimentMin": SCORES,
    "sentimentMax": SCORES,
    "durationMin": MILLIS,
    "durationMax": MILLIS,
}


def catalog() -> models.MetricCatalog:
    return models.MetricCatalog(
        metrics=[
            models.MetricInfo(
                name=metric.name,
                unit=metric.unit.value,
                direction=metric.direction.value,
                definition=metric.definition,
                alias=metric.alias or "extension",
                measured=metric.measure,
                approximate=metric.approximate,
                needs_threshold=bool(metric.figure),
                needs_category=metric.kind is Kind.SHARE,
            )
            for metric in METRICS
        ]
    )


def results(
    question: Question, zone_name: str, found: Sequence[Result]
) -> list[models.MetricResult]:
    return [
        models.MetricResult(
            dimensions=dict(result.dimensions),
            metric_interval=models.MetricInterval(
                period=question.period,
                time_zone=zone_name,
                start_time=iso(result.start_ms),
                end_time=iso(result.end_ms),
            ),
            collections=[collection(told) for told in result.told],
        )
        for result in found
    ]


def collection(told: Told) -> models.MetricCollection:
    former = told.former
    return models.MetricCollection(
        metric=models.MetricRef(
            name=told.wanted.metric.name,
            metric_id=told.wanted.id if told.wanted.id != told.wanted.metric.name else None,
            threshold=_threshold(told.wanted.threshold),
        ),
        value=told.value.number,
        n=told.value.n,
        approximate=told.wanted.metric.approximate,
        recounted=told.recounted,
        contacts=link(told.listed),
        comparison=None
        if former is None
        else models.ComparisonValue(value=former.number, n=former.n, change=_rounded(told.change)),
    )


def _threshold(given: Threshold | None) -> models.MetricThreshold | None:
    if given is None:
        return None
    return models.MetricThreshold(comparison=given.comparison, value=given.value)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def link(listed: Listed) -> str | None:
    """The contact list; None where nothing can be there and no list can be asked for it."""
    for name, (least, most) in LIMITS.items():
        if any(not least <= float(value) <= most for value in listed.filters.get(name, ())):
            return None
    asked = {
        "startTime": [iso(listed.start_ms)],
        "endTime": [iso(listed.end_ms)],
        **{name: list(values) for name, values in listed.filters.items()},
    }
    return f"/v1/contacts?{urlencode(asked, doseq=True)}"


def bar(found: Bar) -> models.DistributionBar:
    return models.DistributionBar(
        from_=found.least, to=found.most, count=found.count, contacts=link(found.listed)
    )


def mover(result: Result) -> models.Mover:
    count, _, mood = result.told
    before = count.former.n if count.former else 0
    return models.Mover(
        category=result.dimensions[CATEGORY],
        count=count.value.n,
        previous_count=before,
        change=_rounded((count.value.n - before) / before) if before else None,
        sentiment=mood.value.number,
        previous_sentiment=mood.former.number if mood.former else None,
        small_sample=max(count.value.n, before) < FEW,
        contacts=link(count.listed),
    )


def row(result: Result, id_: str, name: str) -> models.DimensionRow:
    count = result.told[0].value.n
    return models.DimensionRow(
        id=id_,
        name=name,
        count=count,
        small_sample=count < FEW,
        collections=[collection(told) for told in result.told],
    )
