"""Metrics as the API asks for and answers them, shaped like Amazon Connect's GetMetricDataV2."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from chalicelib.api.model_base import Model
from chalicelib.api.params import Time, Word
from chalicelib.domain.metrics import BY_NAME, METRICS, Kind

GroupingName = Literal["QUEUE", "AGENT", "CHANNEL", "CATEGORY"]
PeriodName = Literal["HOUR", "DAY", "WEEK", "MONTH", "TOTAL"]
FigureName = Literal["SENTIMENT_CUSTOMER", "DURATION"]


def _hourly(name: str) -> str:
    if name not in HOURLY:
        raise ValueError("there is no metric of this name that an hour can have")
    return name


def _metric(name: str) -> str:
    if name not in BY_NAME:
        raise ValueError("there is no metric of this name; /v1/metrics/catalog lists them")
    return name


ZoneName = Annotated[str, Field(min_length=1, max_length=64, examples=["Europe/Berlin"])]
MetricName = Annotated[
    str, AfterValidator(_metric), Field(json_schema_extra={"enum": sorted(BY_NAME)})
]
HOURLY = sorted(m.name for m in METRICS if not m.figure and m.kind is not Kind.SHARE)
HourlyMetric = Annotated[str, AfterValidator(_hourly), Field(json_schema_extra={"enum": HOURLY})]


class Asked(Model):
    model_config = ConfigDict(**{**Model.model_config, "extra": "forbid"})


class IntervalQuestion(Asked):
    """``timeZone``: where days and longer periods begin; the installation's unless given."""

    period: PeriodName = "TOTAL"
    time_zone: ZoneName | None = None


class MetricFilter(Asked):
    """Any of the values. One filter a key."""

    key: GroupingName
    values: list[Word] = Field(min_length=1, max_length=100)


class MetricThreshold(Asked):
    """``value``: seconds, or points of sentiment."""

    comparison: Literal["LT", "LTE", "GT", "GTE"]
    value: float = Field(ge=-1_000_000_000, le=1_000_000_000, allow_inf_nan=False)


class MetricQuestion(Asked):
    """``metricId`` tells two of one name apart."""

    name: MetricName
    metric_id: Word | None = None
    threshold: MetricThreshold | None = None


class ComparisonRange(Asked):
    """Both times, or neither: then the period of the same length that ends where the range begins."""

    start_time: Time | None = None
    end_time: Time | None = None


class MetricsQuestion(Asked):
    """By when contacts disconnected: ``startTime`` inclusive, ``endTime`` exclusive."""

    start_time: Time
    end_time: Time
    interval: IntervalQuestion = Field(default_factory=IntervalQuestion)
    filters: list[MetricFilter] = Field(default_factory=list, max_length=4)
    groupings: list[GroupingName] = Field(default_factory=list, max_length=2)
    metrics: list[MetricQuestion] = Field(min_length=1, max_length=20)
    compare_to: ComparisonRange | None = None


class MetricRef(Model):
    name: str
    metric_id: str | None = None
    threshold: MetricThreshold | None = None


class ComparisonValue(Model):
    """``change``: (value - comparison) / comparison."""

    value: float | None
    n: int
    change: float | None


class MetricCollection(Model):
    """``value`` null: no contact has what it is made of. ``n``: how many contacts it is made of, exactly
    those that ``contacts`` lists. ``recounted``: some were counted one by one, which is as exact."""

    metric: MetricRef
    value: float | None
    n: int
    approximate: bool = False
    recounted: bool = False
    contacts: str | None = Field(description="the contact list; null where no list could be asked")
    comparison: ComparisonValue | None = None


class MetricInterval(Model):
    period: PeriodName
    time_zone: str
    start_time: str
    end_time: str


class MetricResult(Model):
    dimensions: dict[str, str]
    metric_interval: MetricInterval
    collections: list[MetricCollection]


class MetricAnswer(Model):
    """``approximate``: a percentile is among the values. ``asOf``: when it was counted."""

    metric_results: list[MetricResult]
    as_of: str
    approximate: bool


class MetricInfo(Model):
    """``direction``: what it means when the number goes up. ``alias``: the name in Amazon Connect;
    ``extension`` where it has none. ``measured``: the filter of the contact list that it counts by."""

    name: str
    unit: Literal["COUNT", "SECONDS", "PERCENT", "SCORE"]
    direction: Literal["GOOD", "BAD", "NEUTRAL"]
    definition: str
    alias: str
    measured: str
    approximate: bool
    needs_threshold: bool
    needs_category: bool


class MetricCatalog(Model):
    metrics: list[MetricInfo]


class HeatCell(Model):
    value: float | None
    n: int


class Heatmap(Model):
    """``cells``: seven days from Monday, each with 24 hours of ``timeZone``."""

    metric: str
    time_zone: str
    cells: list[list[HeatCell]]


class DistributionBar(Model):
    """Seconds or points, both ends included; null: without end."""

    from_: float | None = Field(alias="from")
    to: float | None
    count: int
    contacts: str | None


class Distribution(Model):
    metric: FigureName
    bars: list[DistributionBar]
    n: int


class Mover(Model):
    """``change``: (count - previous) / previous, null for a new one."""

    category: str
    count: int
    previous_count: int
    change: float | None
    sentiment: float | None
    previous_sentiment: float | None
    small_sample: bool
    contacts: str | None


class MoverList(Model):
    movers: list[Mover]


class DimensionRow(Model):
    """``smallSample``: fewer than 20 contacts, too few to rank by."""

    id: str
    name: str
    count: int
    small_sample: bool
    collections: list[MetricCollection]


class DimensionList(Model):
    """Those with most contacts first. ``truncated``: there are more."""

    items: list[DimensionRow]
    total_count: int
    truncated: bool
