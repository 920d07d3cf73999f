"""Who asks, who is known, and the audit trail."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.api import seals
from chalicelib.api.call import Call
from chalicelib.api.params import MaxResults, NextToken
from chalicelib.api.people_models import (
    AuditLine,
    AuditList,
    AuditVerdict,
    Me,
    PersonChange,
    PersonInfo,
    PersonList,
)
from chalicelib.domain.audit import Act, Line
from chalicelib.domain.errors import BadRequest
from chalicelib.domain.principal import PERMISSIONS, PrincipalRole
from chalicelib.formats.instants import iso
from chalicelib.ports.people import Person

LONGEST = 256

PersonId = Annotated[str, Path(description="The subject of the person's tokens.")]


def get_me(call: Call) -> Me:
    """Who asks, and what may be done and seen."""
    who = call.principal
    person = call.services.people.get(who.id)
    return Me(
        id=who.id,
        name=person.name if person else "",
        role=who.role.value,
        queues=None if who.scope is None else sorted(who.scope),
        agent_id=who.agent_id,
        permissions=sorted(one for one in PERMISSIONS if who.may(one)),
    )


def list_people(call: Call) -> PersonList:
    """Everybody whom this installation knows, by name."""
    found = sorted(call.services.people.all(), key=lambda one: (one.name.casefold(), one.sub))
    return PersonList(items=[_info(one) for one in found])


def put_person(call: Call, *, person_id: PersonId, body: PersonChange) -> PersonInfo:
    """Say who somebody is here. It counts from the next request on."""
    if len(person_id) > LONGEST:
        raise BadRequest(
            "person", "A subject has at most 256 characters.", pointer="/path/personId"
        )
    person = Person(
        sub=person_id,
        name=body.name,
        role=body.role or "",
        queues=tuple(sorted(set(body.queues))),
        agent_id=body.agent_id,
        granted=tuple(sorted(set(body.granted))),
        revoked=body.revoked,
        changed_ms=call.services.clock(),
    )
    call.audit(Act.PEOPLE, person_id)
    call.services.people.put(person)
    return _info(person)


def _info(person: Person) -> PersonInfo:
    return PersonInfo(
        id=person.sub,
        name=person.name,
        role=PrincipalRole(person.role).value if person.role else None,
        queues=list(person.queues),
        agent_id=person.agent_id,
        granted=list(person.granted),
        revoked=person.revoked,
        changed_at=iso(person.changed_ms),
    )


def list_audit(
    call: Call, *, max_results: MaxResults = 50, next_token: NextToken = None
) -> AuditList:
    """The audit trail, the last line first."""
    seal = call.desk.seals
    below = seals.page_of(seal, call.principal, "audit", next_token)
    lines = call.services.audit.newest(below=None if below is None else int(below))
    page = [line for line, _ in zip(lines, range(max_results), strict=False)]
    last = page[-1].number if page else 1
    cursor = str(last) if last > 1 else None
    return AuditList(
        items=[_line(one) for one in page],
        next_token=seals.of_page(seal, call.principal, "audit", cursor),
    )


def _line(line: Line) -> AuditLine:
    return AuditLine(
        number=line.number,
        at=iso(line.at_ms),
        who=line.who,
        role=line.role,
        act=line.act.value,
        subject=line.subject,
        reason=line.reason,
        request_id=line.request_id,
        address=line.address,
    )


def verify_audit(call: Call) -> AuditVerdict:
    """Whether every line of the audit trail is there, unaltered and in its place."""
    found = call.services.audit.verify()
    return AuditVerdict(lines=found.lines, broken=found.broken, why=found.why)
