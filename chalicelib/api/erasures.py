"""Erasing contacts, and how an erasure stands.

The API writes down what is wanted and hands over: the worker that owns the stores does it. The answer is a
receipt that is not complete yet.
"""

from __future__ import annotations

import re
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib import queries
from chalicelib.api.call import Call, Reply
from chalicelib.api.erasure_models import ErasureRequest, Reason, Receipt, receipt
from chalicelib.api.params import ContactId
from chalicelib.api.problems import Refusal
from chalicelib.domain.erasure import Erasure
from chalicelib.domain.errors import NotFound
from chalicelib.flow import erasure, erasure_ledger

ID = re.compile(r"(?:contact|customer)-[0-9a-f]{32}")


def erase_contact(
    call: Call,
    *,
    contact_id: ContactId,
    reason: Annotated[Reason, Query(description="A word, kept with the receipt.")] = "request",
) -> Reply:
    """Erase a contact for good: everything that was said, made and decided of it, in every store. It never
    comes back, whatever is put again. 409 while it is under legal hold."""
    row = queries.erasable(call.services, call.principal, contact_id)
    asked = erasure.order(call.services, row.contact_id, by=call.principal.id, reason=reason)
    return _accepted(call, asked)


def create_erasure(call: Call, *, body: ErasureRequest) -> Reply:
    """Erase every contact of a customer, and what is known of the customer beyond them. Only for who sees
    every contact. 409 while one of them is under legal hold; then none is erased."""
    _whole_view(call)
    asked = erasure.order_customer(
        call.services, body.customer, by=call.principal.id, reason=body.reason
    )
    return _accepted(call, asked)


def get_erasure(
    call: Call, *, erasure_id: Annotated[str, Path(description="The erasure's id.")]
) -> Receipt:
    """The receipt as it stands. Only for who sees every contact: the contact itself is gone."""
    _whole_view(call)
    if not ID.fullmatch(erasure_id):
        raise NotFound
    return _receipt(call, erasure_ledger.get(call.services, erasure_id))


def _whole_view(call: Call) -> None:
    if not call.principal.unlimited:
        raise Refusal(403, "erasure.scope", "This is for who sees every contact.")


def _accepted(call: Call, asked: Erasure) -> Reply:
    headers = {"Location": f"/v1/erasures/{asked.id}"}
    return Reply(_receipt(call, asked), 202, headers=headers)


def _receipt(call: Call, entry: Erasure) -> Receipt:
    return receipt(entry, backed_up=bool(call.services.settings.table))
