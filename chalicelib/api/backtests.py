"""Rules tried on the past: counts, differences and samples, before anything is published."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib import queries
from chalicelib.api import rule_models as models
from chalicelib.api import rule_views, rules
from chalicelib.api.call import Call, Reply
from chalicelib.api.filters import check_range, ms
from chalicelib.api.params import RuleId
from chalicelib.api.problems import Refusal
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import NotFound
from chalicelib.domain.rules.backtest import Change
from chalicelib.domain.rules.rule import Rule
from chalicelib.flow import rule_changes, sweeps
from chalicelib.flow.evidence import shown_evidence
from chalicelib.flow.sweeps import BACKTEST, Sweep
from chalicelib.formats.instants import iso

ID = re.compile(r"[a-z]+-[0-9a-f]{16}")

BacktestId = Annotated[str, Path(description="The backtest's id.")]


def start_backtest(call: Call, *, rule_id: RuleId, body: models.BacktestRequest) -> Reply:
    """Count what a version would have matched, and what would change. Only for who sees every contact.

    ``against`` is compared with; by default what is published."""
    _whole_view(call)
    since, until = ms(body.since), ms(body.until)
    check_range(since, until, "/body/since")
    tried = [rules.saved(call, rule_id, body.version).rule]
    if body.against is not None:
        tried.append(rules.saved(call, rule_id, body.against).rule)
    rule_changes.spare_model(call.services, *tried, asked=body.with_model)
    wanted = Sweep(
        id="",
        kind=BACKTEST,
        rule_id=rule_id,
        version=tried[0].version,
        against=body.against,
        since_ms=since,
        until_ms=until,
        at_ms=call.services.clock(),
        by=call.principal.id,
    )
    begun = sweeps.start(call.services, wanted)
    return Reply(_shown(call, begun), 202, headers={"Location": f"/v1/backtests/{begun.id}"})


def get_backtest(call: Call, *, backtest_id: BacktestId) -> models.Backtest:
    """The counts so far; ``state`` says whether there are more to come."""
    _whole_view(call)
    return _shown(call, _found(call, backtest_id))


def list_backtest_samples(
    call: Call,
    *,
    backtest_id: BacktestId,
    change: Annotated[
        Literal["ADDED", "REMOVED", "KEPT"], Query(description="How the contacts fare.")
    ] = "ADDED",
) -> models.BacktestSampleList:
    """Contacts to look at, with the evidence as it is shown: redacted."""
    _whole_view(call)
    sweep = _found(call, backtest_id)
    rule = rules.saved(call, sweep.rule_id, sweep.version).rule
    samples = (
        _sample(call, rule, contact_id)
        for contact_id in sweep.tally.samples.get(Change(change), ())
    )
    return models.BacktestSampleList(change=change, items=[one for one in samples if one])


def _whole_view(call: Call) -> None:
    """Counts are over every contact, so only who sees every contact may have them."""
    if not call.principal.unlimited:
        detail = "A backtest counts every contact, also those that you do not see."
        raise Refusal(403, "backtest.scope", detail)


def _found(call: Call, backtest_id: str) -> Sweep:
    if not ID.fullmatch(backtest_id):
        raise NotFound
    sweep = sweeps.get(call.services, backtest_id)
    if sweep.kind != BACKTEST:
        raise NotFound
    return sweep


def _shown(call: Call, sweep: Sweep) -> models.Backtest:
    expected = queries.counted(call.services, sweep.since_ms, sweep.until_ms)
    return rule_views.backtest(sweep, max(expected, sweep.tally.contacts))


def _sample(call: Call, rule: Rule, contact_id: str) -> models.BacktestSample | None:
    """None for a contact that is gone since."""
    try:
        row = queries.contact(call.services, call.principal, contact_id)
        quotes = _quotes(call, rule, row)
    except NotFound:
        return None
    told = row.publication
    if told is None:
        return None
    return models.BacktestSample(
        contact_id=contact_id,
        disconnect_timestamp=iso(told.disconnect_ms),
        queue=told.queue_name or told.queue_id or "",
        agent=told.agent_name or told.agent_id or "",
        quotes=quotes,
    )


def _quotes(call: Call, rule: Rule, row: ContactRow) -> list[models.Quote]:
    analysis = queries.analysed(call.services, row)
    return rule_views.quotes(*shown_evidence(analysis, rule, call.services.tools))
