"""Lambda entry: a batch of days from the lake queue; each message stands for itself."""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.lake.work import day_in, work

if TYPE_CHECKING:
    from functions.lake.bucket import Bucket

log = logging.getLogger(__name__)


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS event in, the partial batch response out."""
    failed = [record["messageId"] for record in event["Records"] if not _done(record)]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _done(record: dict[str, Any]) -> bool:
    try:
        from functions.lake.parquet import write  # noqa: PLC0415

        work(day_in(json.loads(record["body"])), _bucket(), write)
    except Exception:
        log.exception("message %s failed", record["messageId"])
        return False
    return True


@cache
def _bucket() -> Bucket:
    """Made at the first message: importing this module needs no cloud library and no region."""
    import boto3  # noqa: PLC0415

    from functions.lake.bucket import Bucket  # noqa: PLC0415

    return Bucket(boto3.client("s3"), os.environ["LOUPE_REDACTED_BUCKET"])
