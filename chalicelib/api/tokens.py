"""The one verifier of people's tokens: Cognito's on AWS, those of a local key on one machine.

Access tokens as RFC 9068 and Cognito make them: signed with RS256 and nothing else, of one issuer, for one of
the clients, not expired. Who the person is stands in ``People``, read on each request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jwt

from chalicelib.api.problems import Refusal
from chalicelib.domain.principal import GRANTS, Principal, PrincipalRole
from chalicelib.ports.people import People, Person

ALGORITHM, ACCESS = "RS256", "access"
LONGEST = 8192
LEEWAY_S = 30
GROUPS = "cognito:groups"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="loupe"'}

PublicKey = Any  # an RSA public key of cryptography


class Keys(Protocol):
    """Public keys by ``kid``."""

    def find(self, kid: str) -> PublicKey | None:
        """The key, None where it is not known, also after looking once more."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a token has to say. ``clients``: ``client_id`` of an access token, one of these."""

    issuer: str
    clients: frozenset[str]


class Verifier:
    """From a bearer token to a principal. Every refusal is 401 and says no more than that."""

    def __init__(
        self, keys: Keys, rules: Rules, people: People, *, now: Callable[[], float]
    ) -> None:
        self._keys, self._rules = keys, rules
        self._people, self._now = people, now

    def principal(self, token: str) -> Principal:
        """Who the token is of. Raises ``Refusal`` 401, and 403 for somebody without a role here."""
        claims = self.claims(token)
        sub = str(claims["sub"])
        person = self._people.get(sub) or Person(sub)
        if person.revoked:
            raise _refused()
        role = _role(person, claims)
        if role is None:
            raise Refusal(403, "role.none", "Nobody has given you a role here.")
        return Principal(
            id=sub,
            role=role,
            queues=frozenset(person.queues),
            agent_id=person.agent_id,
            granted=frozenset(person.granted) & GRANTS,
        )

    def claims(self, token: str) -> Mapping[str, Any]:
        """What a valid token says. Raises ``Refusal`` 401."""
        if not token or len(token) > LONGEST:
            raise _refused()
        try:
            head = jwt.get_unverified_header(token)
            key = self._keys.find(str(head.get("kid", "")))
            if head.get("alg") != ALGORITHM or key is None:
                raise _refused()
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._rules.issuer,
                options={
                    "require": ["exp", "iss", "sub", "client_id", "token_use"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as error:
            raise _refused() from error
        if not self._fits(claims):
            raise _refused()
        return claims

    def _fits(self, claims: Mapping[str, Any]) -> bool:
        now = self._now()
        expires, begins = claims["exp"], claims.get("nbf", 0)
        return (
            _number(expires)
            and _number(begins)
            and begins - LEEWAY_S <= now < expires
            and claims["token_use"] == ACCESS
            and claims["client_id"] in self._rules.clients
            and bool(claims["sub"])
        )


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refused() -> Refusal:
    return Refusal(401, "unauthenticated", "This token does not count here.", CHALLENGE)


def _role(person: Person, claims: Mapping[str, Any]) -> PrincipalRole | None:
    """The role that the installation gave, else the highest of the token's groups."""
    named = [person.role] if person.role else claims.get(GROUPS) or []
    known = [role for role in PrincipalRole if role.value in named]
    return known[-1] if known else None
