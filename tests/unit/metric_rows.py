"""Contacts, questions and a recount that is slow and simple, for the tests of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import strategies as st

from chalicelib.api.filters import Filter
from chalicelib.domain.contact import ContactRow, Publication, Status
from chalicelib.domain.metrics import METRICS, evaluate
from chalicelib.domain.principal import Principal, PrincipalRole, visible
from chalicelib.domain.rollup import counters_of, summed
from chalicelib.domain.thresholds import Threshold
from chalicelib.domain.transcript import Channel
from chalicelib.domain.zones import zone
from chalicelib.metric_queries.answer import Listed, Told
from chalicelib.metric_queries.question import GROUPINGS, PERIODS, Question, Wanted
from chalicelib.ports.storage import ContactQuery
from tests.contract.rows import publication

FIRST_MS = 1_761_350_400_000  # 2025-10-25: clocks go back on the next day in Berlin
HOUR_MS = 3_600_000
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
)
QUEUES, AGENTS = ("billing", "sales"), ("ada", "bob")
CATEGORIES = ("Refund", "Rude", "Üben")
V, C = Channel.VOICE, Channel.CHAT
PRINCIPALS = (
    Principal("root", PrincipalRole.ADMIN),
    Principal("rita", PrincipalRole.ADMIN),
    Principal("sue", PrincipalRole.SUPERVISOR, queues=frozenset({"billing"})),
    Principal("ada", PrincipalRole.AGENT, agent_id="ada"),
)
FILTERS: tuple[dict[str, tuple[str, ...]], ...] = (
    {},
    {},
    {},
    {"queues": ("billing",)},
    {"queues": ("nobody", "sales", "billing")},
    {"agents": ("ada",)},
    {"agents": AGENTS, "queues": QUEUES},
    {"channels": ("VOICE",)},
    {"channels": ("CHAT",), "agents": AGENTS},
    {"channels": ("CHAT", "VOICE")},
    {"categories": ("Refund",)},
    {"categories": ("Rude", "Üben")},
    {"categories": ("Rude",), "queues": QUEUES},
)
maybe = st.one_of(st.integers(0, 90_000), st.integers(0, 90_000), st.none())
times = st.one_of(
    st.integers(FIRST_MS, FIRST_MS + 96 * HOUR_MS),
    st.integers(0, 96).map(lambda hour: FIRST_MS + hour * HOUR_MS),
    st.integers(0, 192).map(lambda half: FIRST_MS + half * HOUR_MS // 2),
)
mood = st.one_of(st.integers(-50, 50).map(lambda n: n / 10), st.floats(-5, 5), st.none())


@st.composite
def rows(draw: st.DrawFn, number: int) -> ContactRow:
    channels = draw(st.sampled_from(((V,), (V,), (C,), (V, C))))
    told = publication(
        draw(times),
        analysis_key=draw(st.sampled_from(("a", "a", "a", "a", "a", ""))),
        channel=channels[0],
        channels=channels,
        duration_ms=draw(st.sampled_from((0, 3_999, 4_000, 60_000, 128_000, 500_001))),
        queue_id=draw(st.sampled_from((*QUEUES, *QUEUES, None))),
        agent_id=draw(st.sampled_from((*AGENTS, *AGENTS, None))),
        sentiment_customer=draw(mood),
        sentiment_agent=draw(mood),
        sentiment_shift=draw(mood),
        categories=tuple(sorted(draw(st.sets(st.sampled_from(CATEGORIES))))),
        talk_ms=draw(maybe),
        agent_talk_ms=draw(maybe),
        customer_talk_ms=draw(maybe),
        non_talk_ms=draw(maybe),
        interruptions=draw(st.one_of(st.none(), st.integers(0, 4))),
        agent_interruptions=draw(st.one_of(st.none(), st.integers(0, 2))),
        handle_ms=draw(maybe),
    )
    status = draw(st.sampled_from((Status.COMPLETED,) * 5 + (Status.FAILED, Status.DELETED)))
    return ContactRow(f"c-{number}", 1, status, 0, publication=told)


@st.composite
def stores(draw: st.DrawFn) -> list[ContactRow]:
    return [draw(rows(number)) for number in range(draw(st.sampled_from((25, 22, 20, 12))))]


def wanted(metric) -> st.SearchStrategy[Wanted]:
    if not metric.figure:
        return st.just(Wanted(metric.name, metric))
    values = {
        "DURATION": (0, 4, 60.0, 128, 500.001),
        "SENTIMENT_CUSTOMER": (-5, -1, -0.55, 0, 0.5, 5),
    }
    return st.builds(
        lambda comparison, value: Wanted(
            f"{metric.name}:{comparison}", metric, Threshold(metric.figure, comparison, value)
        ),
        st.sampled_from(("LT", "LTE", "GT", "GTE")),
        st.sampled_from(values[metric.figure]),
    )


@st.composite
def questions(draw: st.DrawFn) -> Question:
    early = st.integers(-4, 20).map(lambda half: FIRST_MS + half * HOUR_MS // 2)
    late = st.integers(120, 200).map(lambda half: FIRST_MS + half * HOUR_MS // 2)
    start, end = sorted((draw(st.one_of(early, times)), draw(st.one_of(late, late, late))))
    groupings = tuple(draw(st.lists(st.sampled_from(GROUPINGS), max_size=2, unique=True)))
    filters = draw(st.sampled_from(FILTERS))
    categories = filters.get("categories", ())
    asked = draw(
        st.lists(st.sampled_from(METRICS), min_size=1, max_size=4, unique_by=lambda m: m.name)
    )
    fit = [m for m in asked if m.kind != "SHARE" or categories or "CATEGORY" in groupings]
    return Question(
        start,
        end,
        tuple(draw(wanted(metric)) for metric in fit or METRICS[:1]),
        zone(draw(st.sampled_from(ZONES))),
        draw(st.sampled_from((*PERIODS, "TOTAL", "DAY"))),
        **{name: values for name, values in filters.items() if name != "categories"},
        categories=categories,
        groupings=groupings,
    )


def list_query(listed: Listed) -> ContactQuery:
    """The link as the API's list understands it."""
    single = {"sentimentMin", "sentimentMax", "durationMin", "durationMax"}
    names = {
        "queueId": "queue_id",
        "agentId": "agent_id",
        "sentimentMin": "sentiment_min",
        "sentimentMax": "sentiment_max",
        "durationMin": "duration_min",
        "durationMax": "duration_max",
    }
    given = {
        names.get(name, name): float(values[0]) if name in single else list(values)
        for name, values in listed.filters.items()
    }
    begin, end = (datetime.fromtimestamp(t / 1000, UTC) for t in (listed.start_ms, listed.end_ms))
    return Filter(start_time=begin, end_time=end, **given).query()


def counted(
    everything: list[ContactRow], who: Principal, question: Question, told: Told, dimensions
) -> tuple[float | None, int]:
    """The same value from the rows alone, one after the other."""
    inside = [
        row.publication
        for row in everything
        if row.status is not Status.DELETED
        and visible(who, row)
        and row.publication.analysis_key
        and told.listed.start_ms <= row.publication.disconnect_ms < told.listed.end_ms
        and _passes(row.publication, question, dimensions)
    ]
    of_category = [p for p in inside if _categorised(p, question, dimensions)]
    threshold = told.wanted.threshold
    beyond = sum(threshold.holds(p) for p in of_category) if threshold else 0
    value = evaluate(
        told.wanted.metric,
        summed(map(counters_of, of_category)),
        whole=summed(map(counters_of, inside)),
        beyond=beyond,
    )
    return value.number, value.n


def _passes(known: Publication, question: Question, dimensions) -> bool:
    channels = {c.value for c in known.channels}
    checks = (
        (question.queues, {known.queue_id}),
        (question.agents, {known.agent_id}),
        (question.channels, channels),
    )
    groups = {"QUEUE": {known.queue_id}, "AGENT": {known.agent_id}, "CHANNEL": channels}
    return all(not asked or set(asked) & here for asked, here in checks) and all(
        value in groups[name] for name, value in dimensions.items() if name in groups
    )


def _categorised(known: Publication, question: Question, dimensions) -> bool:
    if "CATEGORY" in dimensions:
        return dimensions["CATEGORY"] in known.categories
    return not question.categories or bool(set(question.categories) & set(known.categories))


def all_groups(everything: list[ContactRow], who: Principal, question: Question) -> Iterator[tuple]:
    """Every group that has a contact."""
    for row in everything:
        known = row.publication
        if row.status is Status.DELETED or not known.analysis_key or not visible(who, row):
            continue
        if question.start_ms <= known.disconnect_ms < question.end_ms:
            yield known
