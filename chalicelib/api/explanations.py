"""Why each number of a contact is what it is."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib import queries
from chalicelib.api import views
from chalicelib.api.call import Call
from chalicelib.api.explanation_models import ExplanationInfo, ExplanationInput, ExplanationList
from chalicelib.api.params import ChannelChoice, ContactId
from chalicelib.domain.explain.contact import explain_contact
from chalicelib.domain.explain.explanation import Explanation, Input, Metric
from chalicelib.domain.explain.formulas import comes_out, formula_of, working
from chalicelib.domain.transcript import Channel


def get_explanations(
    call: Call,
    *,
    contact_id: ContactId,
    metric: Annotated[
        list[Metric] | None, Query(max_length=len(Metric), description="Only these numbers.")
    ] = None,
    channel: ChannelChoice = None,
) -> ExplanationList:
    """How each number came about: formula, inputs, settings, engine, and what the source published.
    Everything is made from the redacted analysis. Figures of the contact record belong to no
    conversation and are told with every ``channel``."""
    row = queries.contact(call.services, call.principal, contact_id)
    analysis = queries.analysed(call.services, row)
    queries.of_channel(analysis, Channel(channel) if channel else None)
    return ExplanationList(
        contact_id=contact_id,
        items=[
            _explanation(each, told.channel)
            for told in explain_contact(analysis)
            if told.channel is None or channel in (None, told.channel)
            for each in told.explanations
            if not metric or each.metric in metric
        ],
    )


def _explanation(of: Explanation, channel: Channel | None) -> ExplanationInfo:
    formula = formula_of(of)
    return ExplanationInfo(
        channel=channel.value if channel else None,
        metric=of.metric,
        participant_role=of.role.value if of.role else None,
        part=of.part,
        value=of.value,
        unit=of.unit,
        formula_id=formula.id,
        formula=formula.text,
        inputs=[_input(each) for each in of.inputs],
        working=working(of),
        comes_out=comes_out(of),
        settings=dict(of.settings),
        engine=views.engine(of.engine) if of.engine else None,
        imported=of.imported,
        published=of.published,
        difference=of.difference,
    )


def _input(of: Input) -> ExplanationInput:
    return ExplanationInput(
        what=of.what,
        quantity=of.quantity,
        weight=of.weight,
        begin_offset_millis=of.span.begin_ms if of.span else None,
        end_offset_millis=of.span.end_ms if of.span else None,
        segment_id=of.turn_id,
        participant_role=of.role.value if of.role else None,
        text=of.text,
    )
