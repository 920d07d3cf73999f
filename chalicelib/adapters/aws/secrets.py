"""A secret of Secrets Manager."""

from __future__ import annotations

from typing import Any

from chalicelib.adapters.aws.failures import translated


def secret(client: Any, arn: str) -> bytes:  # noqa: ANN401 - botocore makes its classes
    """The current version's text. Raises ``Unavailable``."""
    with translated("get_secret_value"):
        return str(client.get_secret_value(SecretId=arn)["SecretString"]).encode()
