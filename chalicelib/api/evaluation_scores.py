"""Submitted evaluations of all contacts, and their scores by form and agent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.api import evaluation_views as shown
from chalicelib.api import seals, views
from chalicelib.api.call import Call
from chalicelib.api.evaluation_models import EvaluationList, EvaluationScores
from chalicelib.api.filters import Words, ms
from chalicelib.api.params import MaxResults, NextToken, Time
from chalicelib.domain.errors import BadRequest
from chalicelib.domain.evaluation.totals import by_form_and_agent, total
from chalicelib.flow.evaluations import READ_BOUND, Wanted, submitted
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.instants import iso

DAY_MS = 86_400_000
USUAL_DAYS, MOST_DAYS = 30, 92
LATEST_MS = 253_402_300_799_999

Begin = Annotated[
    Time | None, Query(description="Submitted at or after; 30 days before the end by default.")
]
End = Annotated[Time | None, Query(description="Submitted before; now by default.")]


def list_evaluations(
    call: Call,
    *,
    start_time: Begin = None,
    end_time: End = None,
    agent_id: Words = None,
    form_id: Words = None,
    max_results: MaxResults = 50,
    next_token: NextToken = None,
) -> EvaluationList:
    """Submitted evaluations, newest first, at most 92 days of them. A page looks at 200 of all that were
    submitted."""
    seal, who = call.desk.seals, call.principal
    bound = fingerprint(["evaluations", ms(start_time), ms(end_time), agent_id, form_id])
    wanted = _wanted(call, start_time, end_time, agent_id, form_id)
    before = seals.page_of(seal, who, bound, next_token)
    found = submitted(call.services, who, replace(wanted, before=before), max_results)
    return EvaluationList(
        items=[shown.summary(one) for one in found.evaluations],
        next_token=seals.of_page(seal, who, bound, found.cursor),
        truncated=found.searched_to_ms is not None,
        searched_to=views.iso_or_none(found.searched_to_ms),
    )


def get_evaluation_scores(
    call: Call,
    *,
    start_time: Begin = None,
    end_time: End = None,
    agent_id: Words = None,
    form_id: Words = None,
) -> EvaluationScores:
    """Average score, count and automatic fails by form and agent, of the newest 200 evaluations that
    were submitted in at most 92 days."""
    wanted = _wanted(call, start_time, end_time, agent_id, form_id)
    found = submitted(call.services, call.principal, wanted, READ_BOUND + 1)
    return EvaluationScores(
        start_timestamp=iso(wanted.start_ms),
        end_timestamp=iso(wanted.end_ms),
        total=shown.totals(total(found.evaluations)),
        items=[
            shown.agent_scores(form, agent, name, totals)
            for (form, agent), (name, totals) in by_form_and_agent(found.evaluations).items()
        ],
        truncated=found.searched_to_ms is not None,
        searched_to=views.iso_or_none(found.searched_to_ms),
    )


def _wanted(
    call: Call,
    start: datetime | None,
    end: datetime | None,
    agents: list[str] | None,
    forms: list[str] | None,
) -> Wanted:
    asked, until = ms(start), ms(end)
    end_ms = call.services.clock() + 1 if until is None else until
    start_ms = end_ms - USUAL_DAYS * DAY_MS if asked is None else asked
    if not 0 < start_ms <= end_ms <= LATEST_MS:
        raise BadRequest(
            "range",
            "The range ends before it begins, or is too far away.",
            pointer="/query/startTime",
        )
    if end_ms - start_ms > MOST_DAYS * DAY_MS:
        told = f"A range has at most {MOST_DAYS} days."
        raise BadRequest("range", told, pointer="/query/startTime")
    return Wanted(start_ms, end_ms, tuple(agents or ()), tuple(forms or ()))
