"""The lake's work on one machine: the same writer as in the Lambda, on the local store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import NotFound
from chalicelib.flow import lake
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore
from functions.lake.work import day_in
from functions.lake.work import work as write_day


@dataclass(frozen=True)
class _Objects:
    """The local store as the writer takes it."""

    store: ObjectStore

    def read(self, key: str) -> bytes | None:
        try:
            return self.store.read(key)
        except NotFound:
            return None

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self.store.put(key, body, content_type=content_type)

    def delete(self, key: str) -> None:
        self.store.delete(key)


def work(services: Services, body: Mapping[str, str]) -> None:
    """One message of the lake queue."""
    from functions.lake.parquet import write  # noqa: PLC0415

    write_day(day_in(body), _Objects(services.redacted), write)


def catch_up(services: Services) -> int:
    """Make every file that is due, here and now; how many. What its messages ask for later is done."""
    days = list(lake.due_days(services))
    for day in days:
        lake.bring(services, day)
        work(services, {"day": day})
    return len(days)
