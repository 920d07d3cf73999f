"""The table as a thing to ask: paging, batches, patience and errors are hidden here."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.expressions.operand import Path
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.aws.dynamo_items import Item
from chalicelib.adapters.aws.failures import AWS_ERRORS, unavailable
from chalicelib.domain.errors import Unavailable, VersionMoved

T = TypeVar("T")
Raw = dict[str, dict[str, Any]]

TRIES = 8
FIRST_NAP_S = 0.025
LONGEST_NAP_S = 1.0
LARGEST_BATCH = 100
LARGEST_TRANSACTION = 100

_PASSING = frozenset(("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"))


class Table:
    """``name`` through ``client``. Every method raises ``Unavailable`` after ``TRIES`` attempts."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - botocore makes its classes
        name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sleep = sleep
        meta = {"table_name": name, "region": client.meta.region_name}
        self.item: type[Item] = type("Item", (Item,), {"Meta": type("Meta", (), meta)})
        self._bound = self.item._get_connection()
        self._bound.connection._client = client
        self._connection: Connection = self._bound.connection

    def get(self, key: tuple[str, str]) -> Item | None:
        found = self._patiently(lambda: self._bound.get_item(*key, consistent_read=True), "GetItem")
        return self.item.from_raw_data(found["Item"]) if "Item" in found else None

    def get_many(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """The items that exist, read consistently."""
        found: dict[tuple[str, str], Item] = {}
        left_keys = iter(dict.fromkeys(keys))
        while batch := tuple(islice(left_keys, LARGEST_BATCH)):
            waiting: list[Raw] = [{"PK": {"S": pk}, "SK": {"S": sk}} for pk, sk in batch]
            while waiting:
                items, waiting = self._get_batch(waiting)
                found |= {(item.pk, item.sk): item for item in items}
        return found

    def put(self, item: Item) -> None:
        self._patiently(item.save, "PutItem")

    def delete(self, key: tuple[str, str]) -> None:
        self._patiently(lambda: self._bound.delete_item(*key), "DeleteItem")

    def query(
        self,
        partition: str,
        low: str,
        high: str,
        *,
        index: str | None = None,
        backwards: bool = False,
    ) -> Iterator[Item]:
        """Items whose sort key lies in ``low .. high``, fetched page by page as they are used."""
        for raw in self.query_raw(partition, low, high, index=index, backwards=backwards):
            yield self.item.from_raw_data(raw)

    def query_raw(
        self,
        partition: str,
        low: str,
        high: str,
        *,
        index: str | None = None,
        backwards: bool = False,
    ) -> Iterator[Raw]:
        """As ``query``, with the attributes as DynamoDB returns them."""
        if low > high:
            return
        start: Raw | None = None
        while True:
            page = self._page(partition, (low, high), index, backwards, start)
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")
            if not start:
                return

    def scan_keys(self, index: str) -> Iterator[str]:
        """The partition key of every item in an index."""
        start: Raw | None = None
        while True:
            page = self._scan_page(index, start)
            yield from (str(raw["PK"]["S"]) for raw in page["Items"])
            start = page.get("LastEvaluatedKey")
            if not start:
                return

    def transact(self, fill: Callable[[TransactWrite], None], *, tries: int = TRIES) -> None:
        """One transaction; ``fill`` is called anew for each attempt. Raises ``VersionMoved`` when a
        condition does not hold, ``Unavailable`` (not retryable) when it has too many items."""

        def attempt() -> None:
            with TransactWrite(connection=self._connection) as transaction:
                fill(transaction)
                _check_size(transaction)

        self._patiently(attempt, "TransactWriteItems", tries=tries)

    def _page(
        self,
        partition: str,
        bounds: tuple[str, str],
        index: str | None,
        backwards: bool,
        start: Raw | None,
    ) -> dict[str, Any]:
        return self._patiently(
            lambda: self._bound.query(
                partition,
                Path(["POS" if index else "SK"]).between(*bounds),
                index_name=index,
                consistent_read=index is None,
                exclusive_start_key=start,
                scan_index_forward=not backwards,
            ),
            "Query",
        )

    def _scan_page(self, index: str, start: Raw | None) -> dict[str, Any]:
        return self._patiently(
            lambda: self._bound.scan(
                index_name=index,
                exclusive_start_key=start,  # type: ignore[arg-type]
                attributes_to_get=["PK"],
            ),
            "Scan",
        )

    def _get_batch(self, keys: list[Raw]) -> tuple[list[Item], list[Raw]]:
        name = self._bound.table_name
        answer = self._patiently(
            lambda: self._connection.dispatch(
                "BatchGetItem", {"RequestItems": {name: {"Keys": keys, "ConsistentRead": True}}}
            ),
            "BatchGetItem",
        )
        left = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
        if len(left) == len(keys):
            self._nap(3)
        return [self.item.from_raw_data(raw) for raw in answer["Responses"].get(name, [])], left

    def _patiently(self, call: Callable[[], T], what: str, *, tries: int = TRIES) -> T:
        for attempt in range(tries):
            try:
                return call()
            except (PynamoDBException, *AWS_ERRORS) as error:
                failure = _failure(error, what)
                if attempt == tries - 1 or not _passing(failure):
                    raise failure from error
                self._nap(attempt)
        raise AssertionError("tries is at least 1")

    def _nap(self, attempt: int) -> None:
        longest = min(LONGEST_NAP_S, FIRST_NAP_S * 2**attempt)
        self._sleep(random.uniform(0, longest))  # noqa: S311 - jitter


def _check_size(transaction: TransactWrite) -> None:
    items = (
        transaction._put_items,
        transaction._update_items,
        transaction._delete_items,
    )
    size = sum(len(each) for each in items)
    if size > LARGEST_TRANSACTION:
        raise Unavailable(
            f"a commit of {size} items is more than DynamoDB's {LARGEST_TRANSACTION}",
            retryable=False,
        )


def _passing(failure: Exception) -> bool:
    return isinstance(failure, Unavailable) and failure.retryable


def _failure(error: Exception, what: str) -> VersionMoved | Unavailable:
    reasons = _reasons(error)
    if "ConditionalCheckFailed" in reasons:
        return VersionMoved(what)
    if reasons:
        return Unavailable(f"{what}: {' '.join(sorted(reasons))}", retryable=reasons <= _PASSING)
    return unavailable(_original(error), what)


def _reasons(error: Exception) -> set[str]:
    """Why DynamoDB cancelled the transaction, if that is what it did."""
    if not isinstance(error, TransactWriteError):
        return set()
    return {reason.code for reason in error.cancellation_reasons if reason}


def _original(error: Exception) -> Exception:
    """The error of botocore itself, which has the HTTP status, behind PynamoDB's two wrappers."""
    if isinstance(error, PynamoDBException) and error.cause is not None:
        inner = error.cause.__cause__
        return inner if isinstance(inner, Exception) else error.cause
    return error
