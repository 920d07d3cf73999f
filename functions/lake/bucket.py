"""The bucket of redacted products, as the work needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Bucket:
    """Objects of one bucket through one client."""

    client: Any
    name: str

    def read(self, key: str) -> bytes | None:
        try:
            found = self.client.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        body: bytes = found["Body"].read()
        return body

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=key)
