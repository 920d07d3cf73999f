"""Recordings from S3 and their redacted copies to S3, both conditional."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError

from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.errors import InputRefused
from functions.audio_redaction.work import Recording

COPY_BYTES = 1 << 20
GONE_OR_CHANGED = ("NoSuchKey", "PreconditionFailed")


@dataclass(frozen=True)
class Objects:
    """The bucket of recordings and the one of redacted products, through one client."""

    client: Any
    sources: str
    redacted: str
    max_bytes: int

    @contextmanager
    def fetch(self, order: CopyOrder) -> Iterator[Recording | None]:
        """The object in a temporary file; None when it is gone or no longer has this etag.

        Raises ``InputRefused`` ``audio.too_large`` before a byte is copied.
        """
        found = self._get(order)
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

    def _get(self, order: CopyOrder) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.get_object(
                Bucket=self.sources, Key=order.source_key, IfMatch=f'"{order.source_etag}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE_OR_CHANGED:
                return None
            raise
        return found

    def store(self, key: str, file: BinaryIO) -> None:
        """Write if absent; an object that is there already is the same copy."""
        try:
            self.client.put_object(
                Bucket=self.redacted,
                Key=key,
                Body=file,
                ContentType="audio/wav",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
