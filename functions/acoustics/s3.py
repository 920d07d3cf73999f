"""Recordings from S3 and products to S3, both conditional."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError

from chalicelib.domain.errors import InputRefused
from functions.acoustics.work import Order, Recording

COPY_BYTES = 1 << 20
GONE_OR_CHANGED = ("NoSuchKey", "PreconditionFailed")


class Objects:
    """The two buckets of an order, through one client."""

    def __init__(self, client: Any, max_bytes: int) -> None:  # noqa: ANN401 - boto3 is untyped
        self._client = client
        self._max_bytes = max_bytes

    @contextmanager
    def fetch(self, order: Order) -> Iterator[Recording | None]:
        """The object in a temporary file; None when it is gone or no longer has this etag.

        Raises ``InputRefused`` ``audio.too_large`` before a byte is copied.
        """
        found = self._get(order)
        if found is None:
            yield None
            return
        size = found["ContentLength"]
        with closing(found["Body"]) as body, tempfile.TemporaryFile() as file:
            if size > self._max_bytes:
                raise InputRefused(
                    "audio.too_large", f"{size} bytes; the limit is {self._max_bytes}"
                )
            shutil.copyfileobj(body, file, COPY_BYTES)
            yield Recording(cast("BinaryIO", file), size)

    def _get(self, order: Order) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.get_object(
                Bucket=order.bucket, Key=order.key, IfMatch=f'"{order.etag}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE_OR_CHANGED:
                return None
            raise
        return found

    def store(self, bucket: str, key: str, body: bytes) -> None:
        """Write if absent; an object that is there already is the same product."""
        try:
            self._client.put_object(
                Bucket=bucket,
                Key=key,
                Body=body,
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
