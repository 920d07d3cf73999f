"""AWS errors as Loupe's own: what may pass is retryable, what a person must fix is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as EndpointError

from chalicelib.domain.errors import Unavailable

AWS_ERRORS = (ClientError, BotoCoreError, ConnectionError, TimeoutError)

_PASSING = (
    EndpointError,
    HTTPClientError,
    IncompleteReadError,
    CredentialRetrievalError,
    ConnectionError,
    TimeoutError,
)
_PASSING_CODES = frozenset(
    (
        "BandwidthLimitExceeded",
        "ConditionalRequestConflict",
        "EC2ThrottledException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "OperationAborted",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "RequestTimeoutException",
        "ResourceUnavailableException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    )
)


def code_of(error: Exception) -> str:
    """The service's error code, such as ``NoSuchKey``; the class name of other errors."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__


def status_of(error: ClientError) -> int:
    """The HTTP status of the answer, 0 if it is not known."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def unavailable(error: Exception, what: str) -> Unavailable:
    """The ``Unavailable`` to raise; its text names the operation and the code, never content."""
    if isinstance(error, ClientError):
        passing = status_of(error) >= 500 or code_of(error) in _PASSING_CODES
    else:
        passing = isinstance(error, _PASSING)
    return Unavailable(f"{what}: {code_of(error)}", retryable=passing)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise ``Unavailable`` for every AWS error in the block."""
    try:
        yield
    except AWS_ERRORS as error:
        raise unavailable(error, what) from error
