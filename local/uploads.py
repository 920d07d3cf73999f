"""The bytes of an announced upload, streamed into the source store.

The upload's id is the permission: it was given to somebody who may upload, for one object of one size,
and expires. The name of the file never becomes a path.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from typing import IO, BinaryIO, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from chalicelib.api.media import Ticket, ticket_of
from chalicelib.api.problems import Refusal
from chalicelib.api.seals import Seals
from chalicelib.ports.services import Services
from local.intake import keep

IN_MEMORY_BYTES = 1024 * 1024
REMEMBERED = 1000


def url(upload_id: str) -> str:
    """Where the bytes of an upload go."""
    return f"/uploads/{upload_id}"


class Landings:
    """Where uploads lie that found their name taken by another file; the latest thousand."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, str] = OrderedDict()

    def note(self, upload_id: str, key: str) -> None:
        self._keys[upload_id] = key
        if len(self._keys) > REMEMBERED:
            self._keys.popitem(last=False)

    def key_of(self, upload_id: str) -> str | None:
        return self._keys.get(upload_id)


async def receive(
    request: Request, services: Services, seals: Seals, landings: Landings
) -> Response:
    """PUT: exactly the announced number of bytes, durable when this answers 204."""
    ticket = ticket_of(seals, request.path_params["upload_id"])
    if ticket.expires_ms <= services.clock():
        raise Refusal(403, "upload.expired", "This upload has expired; announce it again.")
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        await _spool(request, ticket, cast("IO[bytes]", file))
        file.seek(0)
        kept = await run_in_threadpool(keep, services, ticket.key, cast("BinaryIO", file))
    if kept.key != ticket.key:
        landings.note(request.path_params["upload_id"], kept.key)
    return Response(status_code=204)


async def _spool(request: Request, ticket: Ticket, file: IO[bytes]) -> None:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > ticket.size:
            raise Refusal(413, "upload.too_large", f"Only {ticket.size} bytes were announced.")
        await run_in_threadpool(file.write, chunk)
    if size != ticket.size:
        detail = f"{ticket.size} bytes were announced, {size} came."
        raise Refusal(400, "upload.size", detail)
