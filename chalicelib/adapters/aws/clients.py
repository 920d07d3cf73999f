"""The one place where AWS clients are made.

Region, endpoint (``AWS_ENDPOINT_URL``, ``AWS_ENDPOINT_URL_<SERVICE>``) and credentials come from the
ordinary AWS environment. Importing this module makes nothing; a client is made at its first use and kept.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config
from botocore.session import Session, get_session

CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 30  # longer than the longest SQS wait
ATTEMPTS = 4
POOL = 16

_SPECIAL: dict[str, dict[str, Any]] = {
    # DynamoDB is tried again by its adapter, which writes a fresh commit time each time.
    "dynamodb": {"read_timeout": 5, "retries": {"mode": "standard", "total_max_attempts": 1}},
    "s3": {"signature_version": "s3v4"},
    # A model thinks long, and who asks it asks once more.
    "bedrock-runtime": {
        "read_timeout": 40,
        "retries": {"mode": "standard", "total_max_attempts": 1},
    },
}


def config(service: str) -> Config:
    """Time-outs and retries of a service's client."""
    common: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
        "max_pool_connections": POOL,
        "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS},
    }
    return Config(**common | _SPECIAL.get(service, {}))


@cache
def client(service: str) -> BaseClient:
    """The client of a service, such as ``s3``; the same one each time, usable by all threads."""
    return make(service)


def make(service: str, *, session: Session | None = None) -> BaseClient:
    """A new client; ``session`` brings other credentials or a region."""
    return (session or get_session()).create_client(service, config=config(service))
