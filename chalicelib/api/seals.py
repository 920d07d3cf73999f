"""Opaque tokens that the API hands out and takes back: page cursors, uploads.

A token is its payload and an HMAC-SHA-256 over what it is for, whom it was given to, what it is bound
to (the filter of a list) and the payload. It carries no rights: every request is authorised anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from chalicelib.domain.errors import BadRequest
from chalicelib.domain.principal import Principal

VERSION = "1"
MAC_BYTES = 16


class Seals:
    """Seals and opens with one secret of the installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, purpose: str, holder: str, bound: str, payload: str) -> str:
        """A URL-safe token; ``holder`` is the principal's id."""
        body = payload.encode()
        return f"{encode(body)}.{encode(self._mac(purpose, holder, bound, body))}"

    def open(self, purpose: str, holder: str, bound: str, token: str) -> str:
        """The payload. Raises ``BadRequest`` with the purpose as its code for any other token."""
        body, _, mac = token.partition(".")
        try:
            payload, given = decode(body), decode(mac)
        except ValueError:
            payload, given = b"", b""
        if not hmac.compare_digest(given, self._mac(purpose, holder, bound, payload)):
            raise BadRequest(purpose, f"This {purpose} was not given out for this request.")
        return payload.decode()

    def _mac(self, purpose: str, holder: str, bound: str, body: bytes) -> bytes:
        fields = (VERSION, purpose, holder, bound)
        head = "".join(f"{len(field.encode())}:{field}," for field in fields).encode()
        return hmac.new(self._secret, head + body, hashlib.sha256).digest()[:MAC_BYTES]


def encode(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ``ValueError`` for anything but what ``encode`` gives."""
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if encode(body) != text:
        raise ValueError("not canonical")
    return body


def of_page(seals: Seals, principal: Principal, bound: str, cursor: str | None) -> str | None:
    """The ``nextToken`` for a store's cursor."""
    return None if cursor is None else seals.seal("cursor", principal.id, bound, cursor)


def page_of(seals: Seals, principal: Principal, bound: str, token: str | None) -> str | None:
    """The store's cursor in a ``nextToken``. Raises ``BadRequest`` with code ``cursor``."""
    return None if token is None else seals.open("cursor", principal.id, bound, token)
