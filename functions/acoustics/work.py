"""The work of one message, free of any cloud: fetch the recording, measure it, store the product.

Every outcome is an object: the product, or beside its key a failure with code and detail. Both are
written only if absent, so a message may be worked off any number of times.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass

from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.errors import InputRefused
from functions.acoustics.measure import measure
from functions.recording import Limits, Recording


@dataclass(frozen=True, slots=True)
class Order:
    """What a message asks for: measure this object in this state, put the product there."""

    bucket: str
    key: str
    etag: str
    artifact_bucket: str
    artifact_key: str
    contact_id: str

    @classmethod
    def from_json(cls, text: str) -> Order:
        """Raises ``ValueError`` or ``KeyError`` for anything else."""
        body = json.loads(text)
        return cls(
            bucket=body["bucket"],
            key=body["key"],
            etag=body["etag"],
            artifact_bucket=body["artifactBucket"],
            artifact_key=body["artifactKey"],
            contact_id=body["contactId"],
        )

    @property
    def failed_key(self) -> str:
        return self.artifact_key.removesuffix(".json") + ".failed.json"


Fetch = Callable[[str, str, str], AbstractContextManager[Recording | None]]
Store = Callable[[str, str, bytes], None]


def work(order: Order, fetch: Fetch, store: Store, limits: Limits) -> None:
    """Measure what ``fetch(bucket, key, etag)`` opens and ``store(bucket, key, body)`` the outcome.

    ``fetch`` gives None for an object that is gone or has changed: a newer hint brings a newer order.
    """
    try:
        with fetch(order.bucket, order.key, order.etag) as recording:
            if recording is None:
                return
            product = dump(run(recording, limits))
    except InputRefused as refused:
        failure = canonical({"code": refused.code, "detail": refused.detail})
        store(order.artifact_bucket, order.failed_key, failure)
        return
    store(order.artifact_bucket, order.artifact_key, product)


def run(recording: Recording, limits: Limits) -> Acoustics:
    """Judge and measure a recording. Raises ``InputRefused`` and ``Unavailable``."""
    return measure(recording.file, recording.header(limits))


def dump(product: Acoustics) -> bytes:
    """The same bytes as ``chalicelib.formats.artifact.dump``, without its dependency."""
    return canonical(asdict(product))


def canonical(plain: object) -> bytes:
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
