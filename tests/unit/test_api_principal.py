"""Who may see which contact, and who may do what."""

from __future__ import annotations

import pytest

from chalicelib.domain.contact import Status
from chalicelib.domain.principal import (
    CONTACTS_READ,
    CONTACTS_WRITE,
    EVALUATIONS_READ,
    EVALUATIONS_WRITE,
    GRANTS,
    LISTEN,
    OPERATIONS,
    UNREDACTED,
    Principal,
    PrincipalRole,
    holder_of_start_token,
    visible,
)
from tests.unit.api_world import publication, row

ADMIN = Principal("a", PrincipalRole.ADMIN)
BILLING = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
NOWHERE = Principal("n", PrincipalRole.SUPERVISOR)
ADA = Principal("g", PrincipalRole.AGENT, agent_id="agent-1")
NOBODY = Principal("h", PrincipalRole.AGENT)

ANALYST = Principal("y", PrincipalRole.ANALYST)
LIMITED = Principal("l", PrincipalRole.ANALYST, queues=frozenset({"queue-1"}))

OWN = row("c", publication=publication())
ELSEWHERE = row("c", publication=publication(queue_id="queue-2", agent_id="agent-2"))
NO_QUEUE = row("c", publication=publication(queue_id=None, agent_id=None))
UNPUBLISHED = row("c", status=Status.IN_PROGRESS)
DELETED = row("c", status=Status.DELETED, publication=publication())

MATRIX = [
    ("an admin sees an own contact", ADMIN, OWN, True),
    ("an admin sees an unpublished one", ADMIN, UNPUBLISHED, True),
    ("an admin sees a deleted one", ADMIN, DELETED, True),
    ("a supervisor sees the own queue", BILLING, OWN, True),
    ("a supervisor does not see another queue", BILLING, ELSEWHERE, False),
    ("a supervisor does not see a contact of no queue", BILLING, NO_QUEUE, False),
    ("a supervisor does not see an unpublished contact", BILLING, UNPUBLISHED, False),
    ("a supervisor does not see a deleted contact", BILLING, DELETED, False),
    ("a supervisor of no queue sees nothing", NOWHERE, OWN, False),
    ("a supervisor of no queue does not see what has no queue", NOWHERE, NO_QUEUE, False),
    ("an analyst sees contacts of all queues", ANALYST, ELSEWHERE, True),
    ("an analyst sees a contact of no queue", ANALYST, NO_QUEUE, True),
    ("an analyst does not see an unpublished contact", ANALYST, UNPUBLISHED, False),
    ("an analyst does not see a deleted contact", ANALYST, DELETED, False),
    ("an analyst of one queue sees that", LIMITED, OWN, True),
    ("an analyst of one queue sees no other", LIMITED, ELSEWHERE, False),
    ("an agent sees the own contact", ADA, OWN, True),
    ("an agent does not see another's", ADA, ELSEWHERE, False),
    ("an agent without an id does not see what has no agent", NOBODY, NO_QUEUE, False),
]


@pytest.mark.parametrize(
    ("who", "contact", "seen"), [m[1:] for m in MATRIX], ids=[m[0] for m in MATRIX]
)
def test_visibility(who, contact, seen):
    assert visible(who, contact) is seen


@pytest.mark.parametrize("permission", sorted(GRANTS))
@pytest.mark.parametrize("role", PrincipalRole)
def test_no_role_implies_what_has_to_be_granted(role, permission):
    assert not Principal("p", role).may(permission)
    assert Principal("p", role, granted=frozenset({permission})).may(permission)


def test_only_an_admin_writes_and_operates():
    may = {
        role: {
            p for p in (CONTACTS_READ, CONTACTS_WRITE, OPERATIONS) if Principal("p", role).may(p)
        }
        for role in PrincipalRole
    }
    assert may == {
        PrincipalRole.AGENT: {CONTACTS_READ},
        PrincipalRole.SUPERVISOR: {CONTACTS_READ},
        PrincipalRole.ANALYST: {CONTACTS_READ},
        PrincipalRole.ADMIN: {CONTACTS_READ, CONTACTS_WRITE, OPERATIONS},
    }


def test_supervisors_evaluate_and_agents_read():
    may = {
        role: {p for p in (EVALUATIONS_READ, EVALUATIONS_WRITE) if Principal("p", role).may(p)}
        for role in PrincipalRole
    }
    assert may == {
        PrincipalRole.AGENT: {EVALUATIONS_READ},
        PrincipalRole.SUPERVISOR: {EVALUATIONS_READ, EVALUATIONS_WRITE},
        PrincipalRole.ANALYST: {EVALUATIONS_READ},
        PrincipalRole.ADMIN: {EVALUATIONS_READ, EVALUATIONS_WRITE},
    }


def test_what_is_no_grant_cannot_be_granted():
    assert not Principal("p", PrincipalRole.AGENT, granted=frozenset({OPERATIONS})).may(OPERATIONS)


def test_the_start_token_may_everything():
    holder = holder_of_start_token()
    assert all(holder.may(p) for p in (*GRANTS, CONTACTS_WRITE, OPERATIONS, LISTEN, UNREDACTED))
