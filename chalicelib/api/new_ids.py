"""Ids of new resources, which a repeated request finds again.

With an ``Idempotency-Key`` the id is made of the key and who sent it, so the same request creates the
same thing once, and nothing but the thing itself has to be kept. The same key with another body is
refused.
"""

from __future__ import annotations

import hashlib
import uuid

from chalicelib.api.call import Call
from chalicelib.api.problems import Refusal
from chalicelib.domain.errors import BadRequest
from chalicelib.flow import idempotency
from chalicelib.flow.idempotency import Once
from chalicelib.formats.artifact import canonical

LONGEST = 200
HEADER = "idempotency-key"


def new_id(call: Call, purpose: str) -> str:
    """32 hex digits; ``purpose`` keeps apart what one key is used for."""
    key = call.headers.get(HEADER, "")
    if not key:
        return uuid.uuid4().hex
    if len(key) > LONGEST:
        detail = f"The key has at most {LONGEST} characters."
        raise BadRequest("idempotency", detail, pointer="/header/Idempotency-Key")
    made_of = canonical([purpose, call.principal.id, key])
    return hashlib.sha256(made_of).hexdigest()[:32]


def once(call: Call, purpose: str, asked: str, life_ms: int) -> int:
    """Until when the answer to this request is good, epoch ms: with an ``Idempotency-Key`` what was said
    to the first request with it, so that the answer can be made again. For answers that are no things."""
    until_ms = call.services.clock() + life_ms
    if not call.headers.get(HEADER):
        return until_ms
    kept = idempotency.first(call.services, new_id(call, purpose), Once(asked, until_ms))
    same_request(kept.request, asked)
    return kept.until_ms


def same_request(kept: str, asked: str) -> None:
    """Refuse when the thing was created by another request."""
    if kept != asked:
        detail = "This Idempotency-Key was used for another request."
        raise Refusal(422, "idempotency", detail)
