"""Synthetic analysed contacts in the order of their time, the same for the same numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from chalicelib.domain.contact import ContactRow, Publication, Status
from chalicelib.domain.transcript import Channel

DAYS, DAY_MS = 90, 86_400_000
FIRST_MS = round(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
LAST_MS = FIRST_MS + DAYS * DAY_MS
QUEUES = [f"queue-{n:02d}" for n in range(20)]
AGENTS = [f"agent-{n:03d}" for n in range(500)]
OFTEN = {
    "Greeting": 0.2, "Refund": 0.15, "Complaint": 0.12, "Cancellation": 0.1, "Escalation": 0.07,
    "Legal threat": 0.05, "Recording disclosure": 0.03, "Callback promise": 0.01,
}  # fmt: skip
SEED = 7


def days(contacts: int) -> Iterator[list[ContactRow]]:
    """The contacts of each day."""
    chance = random.Random(SEED)
    for day in range(DAYS):
        first, last = contacts * day // DAYS, contacts * (day + 1) // DAYS
        at = sorted(chance.triangular(7, 20, 11) for _ in range(last - first))
        begin = FIRST_MS + day * DAY_MS
        yield [
            _row(chance, number, begin + int(hour * 3_600_000))
            for number, hour in enumerate(at, first)
        ]


def _row(chance: random.Random, number: int, at_ms: int) -> ContactRow:
    length = int(1000 * min(chance.lognormvariate(5.6, 0.7), 7200))
    call = chance.random() < 0.75
    channel = Channel.VOICE if call else Channel.CHAT
    silence = int(length * chance.betavariate(2, 9))
    agent = min(int(chance.paretovariate(1.3)) - 1, len(AGENTS) - 1)
    told = Publication(
        analysis_key=f"redacted/artifacts/{number:08x}/analysis/1.json",
        channel=channel,
        channels=(channel,),
        initiation_ms=at_ms - length,
        disconnect_ms=at_ms,
        duration_ms=length,
        agent_id=AGENTS[agent],
        agent_name=AGENTS[agent],
        queue_id=QUEUES[agent % len(QUEUES)],
        queue_name=QUEUES[agent % len(QUEUES)],
        sentiment_customer=_mood(chance),
        sentiment_agent=_mood(chance),
        sentiment_shift=round(chance.gauss(0.2, 2), 1),
        talk_ms=length - silence if call else None,
        agent_talk_ms=(length - silence) // 2 if call else None,
        customer_talk_ms=(length - silence) // 3 if call else None,
        non_talk_ms=silence if call else None,
        interruptions=int(chance.expovariate(0.5)) if call else None,
        agent_interruptions=int(chance.expovariate(1)) if call else None,
        handle_ms=length + 30_000,
        categories=tuple(name for name, often in OFTEN.items() if chance.random() < often),
        customer_ref=f"customer-{chance.randrange(50_000)}",
    )
    contact_id = f"{number:08x}-0000-4000-8000-000000000000"
    return ContactRow(contact_id, 1, Status.COMPLETED, at_ms, publication=told, first_seen_ms=at_ms)


def _mood(chance: random.Random) -> float:
    return max(-5.0, min(5.0, round(chance.gauss(0.4, 1.6), 1)))
