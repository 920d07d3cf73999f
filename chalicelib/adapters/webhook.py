"""Notices as signed HTTPS requests.

The receiver checks ``Loupe-Signature: t=<seconds>,v1=<hex>``, the HMAC-SHA256 of ``<seconds>.<body>``
under the shared secret, and the age of ``t``; ``Loupe-Notification-Id`` is the same for a notice that is
sent again. Of the answer only its status is read, and redirects are not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from pydantic.alias_generators import to_camel

from chalicelib.adapters.public_address import Resolve, address_of, resolved
from chalicelib.domain.errors import SettingsError, Unavailable
from chalicelib.formats.artifact import canonical
from chalicelib.ports.actions import Notice

TIMEOUT_S = 5.0
SECRET_BYTES = 32
HTTPS = 443
LATER = frozenset((408, 425, 429))
SIGNATURE, ID = "Loupe-Signature", "Loupe-Notification-Id"

Connect = Callable[[str, str, int], http.client.HTTPConnection]


class Pinned(http.client.HTTPSConnection):
    """TLS to one address, with the certificate of ``host``."""

    def __init__(self, address: str, host: str, port: int) -> None:
        self._trust = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT_S, context=self._trust)
        self._address = address

    def connect(self) -> None:
        """Connect to the address, whatever the host's name points to by now."""
        plain = socket.create_connection((self._address, self.port), TIMEOUT_S)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


class Webhook:
    """``Notifier`` that posts to ``url``. ``secret`` is asked at each sending, so it may be exchanged.

    Raises ``SettingsError`` for an address that is no plain https one.
    """

    def __init__(
        self,
        url: str,
        secret: Callable[[], bytes],
        *,
        clock: Callable[[], int],
        private: Collection[str] = (),
        resolve: Resolve = resolved,
        connect: Connect = Pinned,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._url = _checked(url)
        self._secret = secret
        self._clock = clock
        self._private = frozenset(host.lower() for host in private)
        self._resolve = resolve
        self._connect = connect
        self._timeout_s = timeout_s

    def send(self, notice: Notice) -> None:
        host, port = str(self._url.hostname), self._url.port or HTTPS
        address = address_of(host, port, self._private, self._resolve)
        body = canonical({to_camel(key): value for key, value in asdict(notice).items()})
        try:
            status = self._post(self._connect(address, host, port), notice.id, body)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"the webhook did not answer: {type(error).__name__}") from error
        if not 200 <= status < 300:
            again = status >= 500 or status in LATER
            raise Unavailable(f"the webhook answered {status}", retryable=again)

    def _post(self, connection: http.client.HTTPConnection, mark: str, body: bytes) -> int:
        """The status of the answer. A receiver that sends byte by byte is cut off too."""
        seconds = self._clock() // 1000
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "loupe-webhook",
            ID: mark,
            SIGNATURE: f"t={seconds},v1={signature(self._key(), seconds, body)}",
        }
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        cut = Timer(self._timeout_s, _cut, (connection,))
        cut.daemon = True
        cut.start()
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            cut.cancel()
            connection.close()

    def _key(self) -> bytes:
        key = self._secret().strip()
        if len(key) < SECRET_BYTES:
            raise Unavailable(
                f"the webhook's secret is shorter than {SECRET_BYTES} bytes", retryable=False
            )
        return key


def signature(key: bytes, seconds: int, body: bytes) -> str:
    """What a receiver compares with ``v1``."""
    return hmac.new(key, b"%d.%s" % (seconds, body), hashlib.sha256).hexdigest()


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise SettingsError("LOUPE_WEBHOOK_URL is no address") from error
    plain = parts.username is None and parts.password is None and not parts.fragment
    if parts.scheme != "https" or not named or not plain or not url.isascii():
        raise SettingsError(
            "LOUPE_WEBHOOK_URL is an ASCII https address without user, password and fragment"
        )
    return parts


def _cut(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError):
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)
