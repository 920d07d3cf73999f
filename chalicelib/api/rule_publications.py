"""Which version of which rule is in force for which contacts, and how far the past has followed."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.api import rule_models as models
from chalicelib.api import rule_views, rules, seals
from chalicelib.api.call import Call, Reply
from chalicelib.api.filters import ms
from chalicelib.api.params import MaxResults, NextToken, RuleId, Word
from chalicelib.domain.audit import Act
from chalicelib.domain.errors import NotFound
from chalicelib.flow import rule_changes, sweeps
from chalicelib.flow.sweeps import Sweep
from chalicelib.formats.artifact import fingerprint
from chalicelib.ports.rules import WITHDRAWN, Entry
from chalicelib.ports.services import Services


def publish_rule(call: Call, *, rule_id: RuleId, body: models.PublicationRequest) -> Reply:
    """Put a version in force, or withdraw the rule, and categorise the past again from ``from`` on.

    Nothing is transcribed again; ``backfill`` tells how far it is."""
    rule = rules.saved(call, rule_id, body.version).rule
    entry = rule_changes.entry(
        call.services,
        rule_id,
        body.version or WITHDRAWN,
        by=call.principal.id,
        from_ms=ms(body.from_),
        whole_past=body.from_ is None and "from_" in body.model_fields_set,
        quiet=body.quiet,
    )
    if body.version and sweeps.of_entry(entry):
        rule_changes.spare_model(call.services, rule, asked=body.with_model)
    told = f"publish version {body.version}" if body.version else "withdraw"
    call.audit(Act.RULE, rule_id, told)
    written, sweep = sweeps.publish(call.services, entry)
    return Reply(rule_views.publication(written, sweep), 201)


def list_rule_publications(
    call: Call,
    *,
    rule_id: Annotated[Word | None, Query(description="Of this rule alone.")] = None,
    max_results: MaxResults = 50,
    next_token: NextToken = None,
) -> models.RulePublicationList:
    """The ledger, newest first, with the progress over the past of each line."""
    seal, bound = call.desk.seals, fingerprint(["publications", rule_id])
    below = seals.page_of(seal, call.principal, bound, next_token)
    ledger = [
        entry
        for entry in reversed(call.services.rules.ledger())
        if rule_id in (None, entry.rule_id) and (below is None or entry.number < int(below))
    ]
    page = ledger[:max_results]
    cursor = str(page[-1].number) if len(ledger) > len(page) else None
    return models.RulePublicationList(
        items=[rule_views.publication(one, sweep_of(call.services, one)) for one in page],
        next_token=seals.of_page(seal, call.principal, bound, cursor),
    )


def sweep_of(services: Services, entry: Entry) -> Sweep | None:
    """The sweep of a line as it stands; as it begins where a crash left it out until now."""
    wanted = sweeps.of_entry(entry)
    if wanted is None:
        return None
    try:
        return sweeps.get(services, wanted.id)
    except NotFound:
        return wanted
