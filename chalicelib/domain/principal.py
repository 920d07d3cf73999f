"""Who is asking, and what may be seen.

``visible`` decides every read of a contact. What is not visible answers like what does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.contact import ContactRow, Status

CONTACTS_READ = "contacts:read"
CONTACTS_WRITE = "contacts:write"
OPERATIONS = "operations"
EVALUATIONS_READ = "evaluations:read"
EVALUATIONS_WRITE = "evaluations:write"
LISTEN = "recordings:listen"
UNREDACTED = "recordings:unredacted"
EXPORT = "export"
RULES_READ = "rules:read"
RULES_WRITE = "rules:write"
ERASE = "erase"
AUDIT_READ = "audit:read"
REVIEWS = "reviews"

GRANTS = frozenset({LISTEN, UNREDACTED, EXPORT, RULES_WRITE, ERASE, AUDIT_READ})
"""Permissions that no role implies: each is granted by name."""


PERMISSIONS = GRANTS | {
    CONTACTS_READ,
    CONTACTS_WRITE,
    OPERATIONS,
    EVALUATIONS_READ,
    EVALUATIONS_WRITE,
    RULES_READ,
    REVIEWS,
}


class PrincipalRole(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMIN = "admin"


_OF_ROLE = {
    PrincipalRole.AGENT: frozenset({CONTACTS_READ, EVALUATIONS_READ}),
    PrincipalRole.SUPERVISOR: frozenset(
        {CONTACTS_READ, RULES_READ, REVIEWS, EVALUATIONS_READ, EVALUATIONS_WRITE}
    ),
    PrincipalRole.ANALYST: frozenset({CONTACTS_READ, RULES_READ, EVALUATIONS_READ}),
    PrincipalRole.ADMIN: frozenset(
        {
            CONTACTS_READ,
            CONTACTS_WRITE,
            OPERATIONS,
            RULES_READ,
            REVIEWS,
            EVALUATIONS_READ,
            EVALUATIONS_WRITE,
        }
    ),
}
_IMPLIED_BY = {LISTEN: UNREDACTED, RULES_READ: RULES_WRITE}


@dataclass(frozen=True, slots=True)
class Principal:
    """``queues``: the queue ids a supervisor looks after, or an analyst is limited to. ``agent_id``: who an
    agent is in contacts.
    ``granted``: permissions from ``GRANTS``."""

    id: str
    role: PrincipalRole
    queues: frozenset[str] = frozenset()
    agent_id: str | None = None
    granted: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether the role implies the permission or it was granted. Who may hear recordings as they
        were made may hear their redacted copies; who may write rules may read them."""
        granted = self.granted & GRANTS
        implied = _IMPLIED_BY.get(permission) in granted
        return permission in _OF_ROLE[self.role] or permission in granted or implied

    @property
    def unlimited(self) -> bool:
        """Whether every contact is visible."""
        return self.role is PrincipalRole.ADMIN

    @property
    def scope(self) -> frozenset[str] | None:
        """The queues whose published contacts are visible; None: of all queues, and of none."""
        whole = self.unlimited or (self.role is PrincipalRole.ANALYST and not self.queues)
        return None if whole else self.queues


def holder_of_start_token() -> Principal:
    """Whoever has the start token of a one-machine installation owns it."""
    return Principal("start-token", PrincipalRole.ADMIN, granted=GRANTS)


def visible(principal: Principal, contact: ContactRow) -> bool:
    """An admin sees every contact, a supervisor those of the own queues, an agent the own ones; an analyst
    all that are published, or those of the queues that the analyst is limited to.

    Before a contact is published nobody knows whose it is: then, and after its deletion, only an
    admin sees it.
    """
    if principal.unlimited:
        return True
    known = contact.publication
    if known is None or contact.status is Status.DELETED:
        return False
    if principal.role is PrincipalRole.AGENT:
        return principal.agent_id is not None and known.agent_id == principal.agent_id
    return principal.scope is None or known.queue_id in principal.scope
