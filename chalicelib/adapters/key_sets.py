"""Sets of public keys (RFC 7517): in a file, or where a user pool publishes them."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jwt

from chalicelib.domain.errors import Unavailable

MOST_BYTES = 1 << 20
FETCH_S = 3
PAUSE_S = 60.0

PublicKey = Any  # an RSA public key of cryptography


class KeySet:
    """Keys by ``kid``. An unknown one has the set read anew, at most once in ``pause_s``."""

    def __init__(
        self,
        read: Callable[[], bytes],
        *,
        pause_s: float = PAUSE_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._pause_s, self._now = read, pause_s, now
        self._keys: Mapping[str, PublicKey] = {}
        self._read_at: float | None = None
        self._lock = threading.Lock()

    def find(self, kid: str) -> PublicKey | None:
        if kid not in self._keys:
            with self._lock:
                self._refresh()
        return self._keys.get(kid)

    def _refresh(self) -> None:
        now = self._now()
        if self._read_at is not None and now - self._read_at < self._pause_s:
            return
        self._keys = _rsa_keys(self._read())
        self._read_at = now


def in_file(path: Path) -> KeySet:
    """The keys of a file, which is read anew as soon as a key is not known."""
    return KeySet(path.read_bytes, pause_s=0)


def at_url(url: str) -> KeySet:
    """The keys at an https address."""
    if not url.startswith("https://"):
        raise ValueError("keys are fetched over https")
    return KeySet(lambda: _fetched(url))


def _fetched(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=FETCH_S) as answer:  # noqa: S310 - https only
            return bytes(answer.read(MOST_BYTES))
    except OSError as error:
        raise Unavailable("the keys of the user pool cannot be read") from error


def _rsa_keys(body: bytes) -> dict[str, PublicKey]:
    """The RSA keys for RS256 of a set; others are left out."""
    found = {}
    for one in json.loads(body)["keys"]:
        if one.get("kty") == "RSA" and one.get("alg", "RS256") == "RS256" and one.get("kid"):
            found[str(one["kid"])] = jwt.PyJWK(one, "RS256").key
    return found
