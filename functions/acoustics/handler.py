"""Lambda entry: a batch of orders from the acoustics queue.

Each message stands for itself: one that fails is given back alone, and after the queue's maximum of
receives it is a dead letter.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.config import Settings
from functions.acoustics.work import Order, work
from functions.recording import Limits

if TYPE_CHECKING:
    from functions.s3 import Objects

log = logging.getLogger(__name__)


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS event in, the partial batch response out."""
    failed = [record["messageId"] for record in event["Records"] if not _done(record)]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _done(record: dict[str, Any]) -> bool:
    try:
        objects, limits = _world()
        work(Order.from_json(record["body"]), objects.fetch, objects.store, limits)
    except Exception as error:  # noqa: BLE001 the others must not come back with it
        log.error(  # noqa: TRY400 - a trace quotes content
            "message %s failed: unexpected %s", record["messageId"], type(error).__name__
        )
        return False
    return True


@cache
def _world() -> tuple[Objects, Limits]:
    """Made at the first message: importing this module needs no cloud library and no region."""
    import boto3  # noqa: PLC0415

    from functions.s3 import Objects  # noqa: PLC0415

    settings = Settings.from_env(os.environ)
    limits = Limits(settings.max_audio_bytes, settings.max_audio_s)
    return Objects(boto3.client("s3"), limits.max_bytes, "application/json"), limits
