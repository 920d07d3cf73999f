"""Facts on an EventBridge bus."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from chalicelib.adapters.aws.failures import translated
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.events import Fact

SOURCE = "loupe"
BATCH = 10


class EventBridgeFacts:
    """``Facts`` put on ``bus_name``. The bus does not remove doubles: ``detail.id`` is for the receiver.

    Raises ``Unavailable`` only when no fact at all was taken by a call that failed.
    """

    def __init__(self, client: Any, bus_name: str) -> None:  # noqa: ANN401 - botocore makes its classes
        self._client = client
        self._bus = bus_name

    def publish(self, facts: Sequence[Fact]) -> Sequence[str]:
        taken: list[str] = []
        for start in range(0, len(facts), BATCH):
            try:
                taken += self._put(facts[start : start + BATCH])
            except Unavailable:
                if not taken:
                    raise
                break
        return tuple(taken)

    def forget(self, contact_ids: Collection[str], *, keep: Collection[str] = ()) -> None:  # noqa: ARG002
        """A bus keeps nothing."""
        return

    def _put(self, facts: Sequence[Fact]) -> list[str]:
        with translated("put_events"):
            answer = self._client.put_events(Entries=[self._entry(fact) for fact in facts])
        results = zip(facts, answer["Entries"], strict=True)
        return [fact.id for fact, result in results if not result.get("ErrorCode")]

    def _entry(self, fact: Fact) -> dict[str, str]:
        detail = {
            **fact.detail,
            "id": fact.id,
            "name": fact.name,
            "contactId": fact.contact_id,
        }
        return {
            "Source": SOURCE,
            "DetailType": fact.detail_type,
            "Detail": json.dumps(detail),
            "EventBusName": self._bus,
        }
