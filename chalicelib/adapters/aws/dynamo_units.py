"""What a write costs in DynamoDB's write units: arithmetic on item sizes, as its documentation gives it.

A unit is a kilobyte begun, of the larger of the item before and after; in a transaction twice that. Each
index that the item is in costs its own units, by what is projected into it: one write when something of
it changed, two when its key did. Index writes are taken as not doubled in a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.adapters.aws.dynamo_items import INDEX_KEYS, PROJECTED

Raw = Mapping[str, Mapping[str, Any]]
UNIT = 1024


def size(item: Raw) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def units(before: Raw | None, after: Raw | None, *, transaction: bool) -> int:
    """Write units of putting, changing or deleting an item, its indexes included."""
    own = _kilobytes(max(size(before or {}), size(after or {})))
    return own * (2 if transaction else 1) + sum(
        _index(before, after, key) for key in INDEX_KEYS.values()
    )


def _index(before: Raw | None, after: Raw | None, key: str) -> int:
    old, new = _entry(before, key), _entry(after, key)
    if old == new:
        return 0
    if old and new and (old[key], old["POS"]) == (new[key], new["POS"]):
        return _kilobytes(max(size(old), size(new)))
    return sum(_kilobytes(size(each)) for each in (old, new) if each)


def _entry(item: Raw | None, key: str) -> dict[str, Mapping[str, Any]]:
    """What an index holds of an item; empty where it is not in it."""
    if not item or key not in item or "POS" not in item:
        return {}
    return {name: item[name] for name in ("PK", "SK", key, "POS", *PROJECTED) if name in item}


def _kilobytes(size: int) -> int:
    return max(1, -(-size // UNIT))


def _value(value: Mapping[str, Any]) -> int:
    return sum(_bytes(kind, given) for kind, given in value.items())


def _bytes(kind: str, given: Any) -> int:  # noqa: ANN401 - a value as botocore gives it
    if kind == "N":
        digits = len(str(given).lstrip("-").strip("0").replace(".", ""))
        return (digits + 1) // 2 + 1 + str(given).startswith("-")
    if kind == "SS":
        return sum(len(each.encode()) for each in given)
    return len(given.encode() if isinstance(given, str) else given)


def written(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Raw]]:
    """(operation, key) of each item of a ``TransactWriteItems`` request."""
    for each in parameters["TransactItems"]:
        for operation, given in each.items():
            found = given.get("Key") or given["Item"]
            yield operation, {"PK": found["PK"], "SK": found["SK"]}
