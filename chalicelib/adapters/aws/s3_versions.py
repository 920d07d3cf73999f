"""Every version and delete marker of objects in a bucket, removed for good.

Without the permission to list or remove versions the object itself still goes, as far as it may; then
``Unavailable`` says what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from chalicelib.adapters.aws.failures import translated
from chalicelib.domain.errors import Unavailable

BATCH = 1000

Wanted = Callable[[str, bool], bool]
"""Of a key, and whether this is its latest version."""


class Versions:
    """The versions in ``bucket``; a bucket without versioning has one of each object."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401 - botocore makes its classes
        self._client = client
        self._bucket = bucket

    def purge(self, prefix: str, wanted: Wanted) -> int:
        """Remove the versions under ``prefix`` that are wanted; how many there were."""
        try:
            found = list(self._found(prefix, wanted))
        except Unavailable as error:
            if not error.retryable:
                self._hide(prefix, wanted)
            raise
        versions = iter(found)
        while batch := list(islice(versions, BATCH)):
            self._delete(batch)
        return len(found)

    def _found(self, prefix: str, wanted: Wanted) -> Iterator[dict[str, str]]:
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        with translated("list_object_versions"):
            for page in pages:
                for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if wanted(one["Key"], bool(one["IsLatest"])):
                        yield {"Key": one["Key"], "VersionId": one["VersionId"]}

    def _hide(self, prefix: str, wanted: Wanted) -> None:
        """Remove what is to be seen, where versions may not be listed."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        with translated("list_objects_v2"):
            keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        shown = iter([{"Key": key} for key in keys if wanted(key, True)])
        while batch := list(islice(shown, BATCH)):
            self._delete(batch)

    def _delete(self, batch: list[dict[str, str]]) -> None:
        with translated("delete_objects"):
            answer: Mapping[str, Any] = self._client.delete_objects(
                Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True}
            )
        refused = answer.get("Errors", ())
        if refused:
            codes = " ".join(sorted({str(one.get("Code", "unknown")) for one in refused}))
            lasting = "AccessDenied" in codes
            raise Unavailable(
                f"delete_objects: {codes}, {len(refused)} versions stay", retryable=not lasting
            )
