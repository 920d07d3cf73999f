"""Metrics over every store: the same answers as a recount of its rows, before and after changes."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.metrics import BY_NAME, METRICS
from chalicelib.domain.rollup import scheme
from chalicelib.domain.thresholds import Threshold
from chalicelib.domain.transcript import Channel
from chalicelib.domain.zones import zone
from chalicelib.metric_queries.answer import answer
from chalicelib.metric_queries.question import Question, Wanted
from tests.contract.rows import commit, row, tombstone
from tests.unit import metric_rows as m
from tests.unit.api_world import services

REPORTING = "Europe/Berlin"
COUNTED = scheme(REPORTING)
BERLIN = zone(REPORTING)
PLAIN = tuple(Wanted(x.name, x) for x in METRICS if not x.figure and x.kind != "SHARE")
OF_CATEGORY = tuple(
    Wanted(name, BY_NAME[name])
    for name in ("CONTACTS_ANALYZED", "AVG_SENTIMENT_CUSTOMER", "PERCENT_CONTACTS_IN_CATEGORY")
)
BAD = Wanted(
    "bad", BY_NAME["CONTACTS_SENTIMENT_CUSTOMER"], Threshold("SENTIMENT_CUSTOMER", "LT", -1)
)
WORSE = replace(BAD, threshold=Threshold("SENTIMENT_CUSTOMER", "LTE", -1))
START, END = m.FIRST_MS - 2 * m.HOUR_MS, m.FIRST_MS + 95 * m.HOUR_MS  # midnights in Berlin
ALL = Question(START, END, (*PLAIN, BAD), BERLIN)
QUESTIONS = {
    "everything": ALL,
    "days": replace(ALL, period="DAY"),
    "hours_of_a_queue": replace(ALL, period="HOUR", queues=("billing",)),
    "days_elsewhere_by_agent": replace(ALL, period="DAY", zone=zone("Asia/Kolkata"), groupings=("AGENT",)),
    "agents_and_queues": replace(ALL, groupings=("AGENT", "QUEUE")),
    "an_agent_in_queues": replace(ALL, agents=("ada",), queues=m.QUEUES, groupings=("CHANNEL",)),
    "chats": replace(ALL, channels=("CHAT",), groupings=("QUEUE",)),
    "categories": replace(ALL, wanted=OF_CATEGORY, groupings=("CATEGORY", "QUEUE")),
    "agents_of_a_category": replace(ALL, wanted=OF_CATEGORY, groupings=("AGENT",), categories=("Rude",)),
    "a_figure_of_two_categories": replace(ALL, categories=("Rude", "Refund")),
    "no_edge_of_a_bucket": replace(ALL, wanted=(WORSE,), groupings=("QUEUE",)),
    "a_ragged_range": replace(ALL, start_ms=START + 777_777, end_ms=END - 999_999, groupings=("AGENT",)),
}  # fmt: skip


def contact(number: int, chance: random.Random):
    channels = chance.choice(((Channel.VOICE,), (Channel.CHAT,), (Channel.VOICE, Channel.CHAT)))
    made = row(
        f"c-{number}",
        chance.randrange(START - m.HOUR_MS, END + m.HOUR_MS),
        channel=channels[0],
        channels=channels,
        queue_id=chance.choice((*m.QUEUES, None)),
        agent_id=chance.choice((*m.AGENTS, None)),
        sentiment_customer=chance.choice((None, -2.0, -1.0, 0.5)),
        categories=tuple(sorted(chance.sample(m.CATEGORIES, chance.randrange(3)))),
        handle_ms=chance.choice((None, 1000)),
        talk_ms=chance.choice((None, 500)),
        interruptions=chance.choice((None, 2)),
    )
    return replace(made, counted=COUNTED)


@pytest.fixture
def filled(contacts, tmp_path):
    """A store with contacts of which one was analysed again and one is gone."""
    chance = random.Random(9)
    rows = [commit(contacts, contact(number, chance)) for number in range(24)]
    again = replace(contact(3, chance), version=2)
    rows[3] = commit(contacts, again, rows[3])
    rows[5] = commit(contacts, tombstone(rows[5]), rows[5])
    there = services(tmp_path)
    return replace(there, contacts=contacts, settings=Settings(time_zone=REPORTING)), rows


def test_every_number_is_that_of_a_recount(filled, subtests):
    there, rows = filled
    live = [each for each in rows if each.publication]
    for name, question in QUESTIONS.items():
        for who in m.PRINCIPALS[1:]:
            with subtests.test(name, who=who.id):
                seen = 0
                for result in answer(there, who, question):
                    for told in result.told:
                        expected = m.counted(live, who, question, told, result.dimensions)
                        assert (told.value.number, told.value.n) == expected, told.wanted.id
                        seen += told.value.n
                assert seen
