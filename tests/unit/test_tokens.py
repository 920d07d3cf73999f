"""The one verifier, in front of both worlds: what it lets in, and as whom."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.adapters.key_sets import KeySet, at_url
from chalicelib.adapters.people import ObjectPeople
from chalicelib.api.problems import Refusal
from chalicelib.api.tokens import LONGEST, Rules, Verifier
from chalicelib.domain.principal import GRANTS, Principal, PrincipalRole
from chalicelib.ports.people import Person
from tests.fakes.stores import MemoryObjects, Ticking

NOW = 1_780_000_000
ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Pool"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
GOOD = {
    "iss": ISSUER,
    "sub": "ann",
    "client_id": "dashboard",
    "token_use": "access",
    "exp": NOW + 60,
    "iat": NOW - 60,
    "cognito:groups": ["supervisor"],
}


def jwk(key, kid, **changes):
    told = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**told, "kid": kid, "alg": "RS256", "use": "sig", **changes}


def key_set(*keys):
    return json.dumps({"keys": list(keys)}).encode()


def token(claims=GOOD, *, key=KEY, kid="k1", without=(), **changes):
    told = {k: v for k, v in {**claims, **changes}.items() if k not in without}
    return jwt.encode(told, key, algorithm="RS256", headers={"kid": kid})


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned():
    return f"{part({'alg': 'none', 'kid': 'k1'})}.{part(GOOD)}."


def signed_with_the_public_key():
    """HS256 with the published key as the secret, which a careless verifier takes."""
    head = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(GOOD)}"
    mac = hmac.new(key_set(jwk(KEY, "k1")), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def without_algorithm():
    head, body, mark = token().split(".")
    del head
    return f"{part({'kid': 'k1'})}.{body}.{mark}"


@pytest.fixture
def people():
    return ObjectPeople(MemoryObjects(Ticking()))


def verifier(people, read=lambda: key_set(jwk(KEY, "k1"))):
    rules = Rules(ISSUER, frozenset({"dashboard", "machine"}))
    return Verifier(KeySet(read, pause_s=0), rules, people, now=lambda: NOW)


REFUSED = {
    "nothing": "",
    "no_token_at_all": "abc",
    "one_that_is_too_long": "a" * (LONGEST + 1),
    "one_without_a_signature": unsigned(),
    "one_signed_with_the_public_key": signed_with_the_public_key(),
    "one_without_an_algorithm": without_algorithm(),
    "one_of_another_key": token(key=OTHER),
    "one_of_an_unknown_key": token(key=OTHER, kid="k9"),
    "an_expired_one": token(exp=NOW),
    "one_that_is_not_valid_yet": token(nbf=NOW + 3600),
    "one_that_never_expires": token(without=("exp",)),
    "one_that_expires_at_a_word": token(exp="tomorrow"),
    "one_of_another_issuer": token(iss="https://elsewhere.example.com"),
    "one_for_another_client": token(client_id="somebody-else"),
    "one_for_no_client": token(without=("client_id",)),
    "an_id_token": token(token_use="id"),
    "one_of_nobody": token(sub=""),
    "one_whose_claims_were_changed": ".".join(
        [token().split(".")[0], part({**GOOD, "sub": "eve"}), token().split(".")[2]]
    ),
}


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED.keys())
def test_does_not_let_in(people, given):
    with pytest.raises(Refusal) as refused:
        verifier(people).principal(given)
    assert (refused.value.status, refused.value.code) == (401, "unauthenticated")


GROUPS = {
    "by_the_group_of_the_pool": (["agent"], None, PrincipalRole.AGENT),
    "by_the_highest_of_the_groups": (["agent", "admin", "x"], None, PrincipalRole.ADMIN),
    "by_the_installation_before_the_group": (["admin"], "analyst", PrincipalRole.ANALYST),
}


@pytest.mark.parametrize(("groups", "given", "role"), GROUPS.values(), ids=GROUPS.keys())
def test_a_role_is_told(people, groups, given, role):
    if given:
        people.put(Person("ann", role=given))
    found = verifier(people).principal(token(**{"cognito:groups": groups}))
    assert found == Principal("ann", role)


@pytest.mark.parametrize("groups", [[], ["guests"], None])
def test_who_has_no_role_here_is_told_so(people, groups):
    with pytest.raises(Refusal) as refused:
        verifier(people).principal(token(**{"cognito:groups": groups}))
    assert (refused.value.status, refused.value.code) == (403, "role.none")


def test_what_the_installation_knows_of_a_person_counts_from_the_next_request_on(people):
    known = verifier(people)
    assert known.principal(token()).queues == frozenset()
    people.put(Person("ann", queues=("q-1",), agent_id="a-1", granted=("export", "party")))
    found = known.principal(token())
    assert found == Principal(
        "ann", PrincipalRole.SUPERVISOR, frozenset({"q-1"}), "a-1", frozenset({"export"})
    )
    assert found.granted <= GRANTS
    people.put(Person("ann", revoked=True))
    with pytest.raises(Refusal, match="unauthenticated"):
        known.principal(token())


def test_a_key_that_came_later_is_found_by_looking_once_more(people):
    sets = [key_set(jwk(OTHER, "k0")), key_set(jwk(OTHER, "k0"), jwk(KEY, "k1"))]
    known = verifier(people, lambda: sets.pop(0) if len(sets) > 1 else sets[0])
    assert known.principal(token(key=OTHER, kid="k0")).id == "ann"
    assert known.principal(token()).id == "ann"


def test_unknown_keys_have_the_set_read_once_in_a_while():
    reads, now = [], [0.0]
    keys = KeySet(lambda: reads.append(1) or key_set(), pause_s=60, now=lambda: now[0])
    assert [keys.find("k") for _ in range(5)] == [None] * 5
    assert len(reads) == 1
    now[0] = 61
    assert (keys.find("k"), len(reads)) == (None, 2)


@pytest.mark.parametrize("changes", [{"kty": "EC"}, {"alg": "RS512"}, {"kid": ""}])
def test_a_key_that_is_not_for_rs256_is_none(people, changes):
    with pytest.raises(Refusal):
        verifier(people, lambda: key_set({**jwk(KEY, "k1"), **changes})).principal(token())


def test_keys_are_fetched_over_https_only():
    with pytest.raises(ValueError, match="https"):
        at_url("http://example.com/keys")
