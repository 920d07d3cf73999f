"""Who asks, as the gate in front has verified it and put it into the request's context.

A caller cannot write there: API Gateway's authorizer and the local gate can.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.principal import Principal, PrincipalRole


def authorizer(principal: Principal) -> dict[str, str]:
    """The authorizer context of a verified principal: API Gateway takes flat strings only."""
    told = {
        "id": principal.id,
        "role": principal.role.value,
        "queues": sorted(principal.queues),
        "agentId": principal.agent_id,
        "granted": sorted(principal.granted),
    }
    return {"principalId": principal.id, "principal": json.dumps(told)}


def principal_of(event: Mapping[str, Any]) -> Principal | None:
    """The verified principal of an event; None for nobody."""
    known = (event.get("requestContext") or {}).get("authorizer") or {}
    if not known.get("principal"):
        return None
    told = json.loads(known["principal"])
    return Principal(
        id=told["id"],
        role=PrincipalRole(told["role"]),
        queues=frozenset(told["queues"]),
        agent_id=told["agentId"],
        granted=frozenset(told["granted"]),
    )
