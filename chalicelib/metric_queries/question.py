"""What is asked: metrics, over which time, of which contacts, by which groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.metrics import Kind, Metric
from chalicelib.domain.thresholds import Threshold
from chalicelib.domain.zones import spans

QUEUE, AGENT, CHANNEL, CATEGORY = "QUEUE", "AGENT", "CHANNEL", "CATEGORY"
GROUPINGS = (QUEUE, AGENT, CHANNEL, CATEGORY)
PERIODS = ("HOUR", "DAY", "WEEK", "MONTH", "TOTAL")
MOST_GROUPINGS, MOST_SPANS = 2, 10_000
FROM_CATEGORIES = frozenset(("n", "sent_customer_x10", "sent_customer_x10_n"))


class MetricRefused(InputRefused):
    """A question that cannot be answered; ``pointer`` is the place of the body that is at fault."""

    def __init__(self, code: str, detail: str, pointer: str) -> None:
        super().__init__(code, detail)
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class Wanted:
    """A metric under the id by which its values are told."""

    id: str
    metric: Metric
    threshold: Threshold | None = None

    @property
    def beyond(self) -> str:
        """The counter of contacts beyond the threshold."""
        return f"beyond:{self.id}"


@dataclass(frozen=True, slots=True)
class Question:
    """``start_ms`` inclusive, ``end_ms`` exclusive; filters empty: any. A category filter of more names
    than one means any of them; beside a grouping by CATEGORY it names the groups."""

    start_ms: int
    end_ms: int
    wanted: tuple[Wanted, ...]
    zone: tzinfo
    period: str = "TOTAL"
    queues: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    groupings: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises ``MetricRefused``."""
        if self.end_ms < self.start_ms:
            raise MetricRefused("range", "The range ends before it begins.", "/body/endTime")
        for number, each in enumerate(self.wanted):
            _check_wanted(each, self, f"/body/metrics/{number}")
        self.spans()

    def spans(self) -> list[tuple[int, int]]:
        """The range cut into its periods. Raises ``MetricRefused`` when there are too many."""
        cut: list[tuple[int, int]] = []
        for span in spans(self.start_ms, self.end_ms, self.period, self.zone):
            if len(cut) == MOST_SPANS:
                detail = f"These are more than {MOST_SPANS} periods; ask for longer ones."
                raise MetricRefused("metrics.periods", detail, "/body/interval/period")
            cut.append(span)
        return cut

    @property
    def by_category(self) -> bool:
        return CATEGORY in self.groupings

    @property
    def categorised(self) -> bool:
        """Whether contacts of single categories are counted."""
        return self.by_category or bool(self.categories)


def _check_wanted(wanted: Wanted, question: Question, pointer: str) -> None:
    metric = wanted.metric
    if bool(metric.figure) is not bool(wanted.threshold):
        what = "needs a threshold" if metric.figure else "takes no threshold"
        raise MetricRefused("metrics.threshold", f"{metric.name} {what}.", f"{pointer}/threshold")
    if metric.kind is Kind.SHARE and not question.categorised:
        detail = f"{metric.name} needs a filter or a grouping by CATEGORY."
        raise MetricRefused("metrics.category", detail, f"{pointer}/name")
