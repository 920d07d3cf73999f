"""The endpoints of metrics and of what they are grouped by."""

from __future__ import annotations

from chalicelib.api import metric_models as models
from chalicelib.api import metrics
from chalicelib.api.route import Route
from chalicelib.domain.principal import CONTACTS_READ

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/metrics:query",
        metrics.query_metrics,
        CONTACTS_READ,
        models.MetricAnswer,
        "metrics",
        statuses=(413, 415, 422),
    ),
    *(
        Route("GET", f"/v1/{path}", function, CONTACTS_READ, answer, "metrics", statuses=statuses)
        for path, function, answer, statuses in (
            ("metrics/catalog", metrics.get_catalog, models.MetricCatalog, ()),
            ("metrics/heatmap", metrics.get_heatmap, models.Heatmap, (422,)),
            ("metrics/distribution", metrics.get_distribution, models.Distribution, (422,)),
            ("metrics/movers", metrics.get_movers, models.MoverList, (422,)),
            ("queues", metrics.list_queues, models.DimensionList, (422,)),
            ("queues/{queueId}", metrics.get_queue, models.DimensionRow, (404, 422)),
            ("agents", metrics.list_agents, models.DimensionList, (422,)),
            ("agents/{agentId}", metrics.get_agent, models.DimensionRow, (404, 422)),
            ("categories", metrics.list_categories, models.DimensionList, (422,)),
            ("categories/{categoryName}", metrics.get_category, models.DimensionRow, (404, 422)),
        )
    ),
)
