"""Who may do what on one machine: the start token, and tokens of the installation's own key.

The start token is an admin's. It is compared in constant time and swapped for a token that is valid for a
minute, so that everybody comes through the same verifier.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.adapters.key_sets import in_file
from chalicelib.api.tokens import ALGORITHM, Rules, Verifier
from chalicelib.domain.principal import GRANTS, Principal, PrincipalRole
from chalicelib.ports.people import People, Person
from local import data_folder

ISSUER, CLIENT = "loupe-local", "loupe"
KEYS, PRIVATE = "identity.jwks.json", "identity.pem"
START = "start-token"
START_S = 60
BITS = 2048


class LocalKey:
    """The signing key of a data folder, made at first use, with the public keys of former ones."""

    def __init__(self, data: Path, issuer: str = ISSUER) -> None:
        self._data, self._issuer = data, issuer
        if not (data / PRIVATE).is_file():
            self.rotate()

    def rotate(self, *, forget: bool = False) -> None:
        """Sign with a new key from now on; ``forget``: tokens of former keys do not count any more."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
        kid = secrets.token_hex(8)
        former = [] if forget else self._public()
        _write(self._data / KEYS, {"keys": [*former, _jwk(key.public_key(), kid)]})
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        data_folder.write_private(self._data / f"{PRIVATE}.new", f"{kid}\n{pem}")
        (self._data / f"{PRIVATE}.new").replace(self._data / PRIVATE)

    def token(self, sub: str, lifetime_s: int) -> str:
        """An access token for a subject."""
        kid, _, pem = (self._data / PRIVATE).read_text().partition("\n")
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "sub": sub,
            "client_id": CLIENT,
            "token_use": "access",
            "iat": now,
            "exp": now + lifetime_s,
        }
        return jwt.encode(claims, pem, algorithm=ALGORITHM, headers={"kid": kid})

    def _public(self) -> list[dict[str, Any]]:
        path = self._data / KEYS
        return list(json.loads(path.read_bytes())["keys"]) if path.is_file() else []


class Doorkeeper:
    """Knows bearer tokens: the start token, and those that the verifier knows."""

    def __init__(self, data: Path, people: People, start_token: str) -> None:
        self._key = LocalKey(data)
        self._start = start_token.encode()
        self._swapped = ("", 0.0)
        rules = Rules(ISSUER, frozenset({CLIENT}))
        self._verifier = Verifier(in_file(data / KEYS), rules, _WithStart(people), now=time.time)

    def principal(self, token: str) -> Principal:
        """Who the token is of. Raises ``Refusal`` 401, or 403 for somebody without a role."""
        if hmac.compare_digest(token.encode("latin-1", "replace"), self._start):
            token = self._of_start()
        return self._verifier.principal(token)

    def _of_start(self) -> str:
        token, until = self._swapped
        now = time.monotonic()
        if now >= until:
            token = self._key.token(START, START_S)
            self._swapped = token, now + START_S / 2
        return token


class _WithStart:
    """People, and whoever holds the start token."""

    def __init__(self, people: People) -> None:
        self._people = people

    def get(self, sub: str) -> Person | None:
        if sub == START:
            granted = tuple(sorted(GRANTS))
            return Person(START, role=PrincipalRole.ADMIN.value, granted=granted)
        return self._people.get(sub)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._people, name)


def new_person(
    role: str, *, name: str, queues: Sequence[str], agent_id: str | None, granted: Sequence[str]
) -> Person:
    """Somebody new, with a subject of their own."""
    return Person(
        sub=f"local-{secrets.token_hex(8)}",
        name=name,
        role=role,
        queues=tuple(sorted(queues)),
        agent_id=agent_id,
        granted=tuple(sorted(granted)),
        changed_ms=int(time.time() * 1000),
    )


def _jwk(key: rsa.RSAPublicKey, kid: str) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": ALGORITHM,
        "kid": kid,
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _write(path: Path, document: Mapping[str, Any]) -> None:
    data_folder.write_private(path.with_suffix(".new"), json.dumps(document))
    path.with_suffix(".new").replace(path)
