"""Recordings from S3 and what is made of them to S3, both conditional."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError

from chalicelib.domain.errors import InputRefused
from functions.recording import Recording

COPY_BYTES = 1 << 20
GONE_OR_CHANGED = ("NoSuchKey", "PreconditionFailed")


@dataclass(frozen=True)
class Objects:
    """Buckets through one client. ``content_type``: of everything that is stored."""

    client: Any
    max_bytes: int
    content_type: str

    @contextmanager
    def fetch(self, bucket: str, key: str, etag: str) -> Iterator[Recording | None]:
        """The object in a temporary file; None when it is gone or no longer has this etag.

        Raises ``InputRefused`` ``audio.too_large`` before a byte is copied.
        """
        found = self._get(bucket, key, etag)
        if found is None:
            yield None
            return
        size = found["ContentLength"]
        with closing(found["Body"]) as body, tempfile.TemporaryFile() as file:
            if size > self.max_bytes:
                raise InputRefused(
                    "audio.too_large", f"{size} bytes; the limit is {self.max_bytes}"
                )
            shutil.copyfileobj(body, file, COPY_BYTES)
            yield Recording(cast("BinaryIO", file), size)

    def _get(self, bucket: str, key: str, etag: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.get_object(
                Bucket=bucket, Key=key, IfMatch=f'"{etag}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE_OR_CHANGED:
                return None
            raise
        return found

    def store(self, bucket: str, key: str, body: bytes | BinaryIO) -> None:
        """Write if absent; an object that is there already is the same one."""
        try:
            self.client.put_object(
                Bucket=bucket,
                Key=key,
                Body=body,
                ContentType=self.content_type,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
