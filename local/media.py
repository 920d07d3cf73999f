"""Recordings for the player: signed addresses, byte ranges, a rendition that browsers play.

An address reads one object with one method until it expires, and needs no token, since an audio
element cannot send one. RFC 9110 section 14 on ranges: one range is answered with 206, several or
malformed ones with the whole, one outside of the file with 416.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chalicelib.api.problems import Refusal
from chalicelib.api.seals import decode, encode
from chalicelib.config import Settings
from chalicelib.domain.errors import InputRefused, NotFound
from chalicelib.ports.storage import ObjectStore, Stat
from chalicelib.stages.audio_copy import header
from local.pcm import Rendition, plays_as_it_is

BLOCK_BYTES = 256 * 1024
LONGEST_S = 300
REDACTED = "redacted"
"""The store of redacted products, in addresses."""
_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Signer:
    """Signs and checks media addresses below ``path`` with a secret of the installation."""

    def __init__(
        self, secret: bytes, clock: Callable[[], float] = time.time, path: str = "/media"
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._path = path

    def of_store(self, name: str) -> Signer:
        """The signer of another store, with its own secret: no address of one reads the other."""
        return Signer(self.derived(f"store:{name}"), self._clock, f"{self._path}/{name}")

    def derived(self, purpose: str) -> bytes:
        """A secret for another purpose."""
        return hmac.new(self._secret, b"derived:" + purpose.encode(), hashlib.sha256).digest()

    def url(self, key: str, expires_s: int, content_type: str) -> str:
        """A path with signature and expiry; it lasts at most 5 minutes."""
        expires = str(int(self._clock()) + min(expires_s, LONGEST_S))
        signature = self._signature(key, expires, content_type)
        query = urlencode({"expires": expires, "type": content_type, "signature": signature})
        return f"{self._path}/{encode(key.encode())}?{query}"

    def check(self, name: str, query: Mapping[str, str]) -> tuple[str, str]:
        """Key and content type of an address. Raises ``Refusal`` 403."""
        try:
            key = decode(name).decode()
        except ValueError as error:
            raise _refused() from error
        expires, content_type = query.get("expires", ""), query.get("type", "")
        wanted = self._signature(key, expires, content_type)
        if not hmac.compare_digest(query.get("signature", "").encode(), wanted.encode()):
            raise _refused()
        if int(expires) <= self._clock():
            raise Refusal(403, "media.expired", "This address has expired; ask for a new one.")
        return key, content_type

    def _signature(self, key: str, expires: str, content_type: str) -> str:
        told = "\n".join(("GET", encode(key.encode()), expires, encode(content_type.encode())))
        return encode(hmac.new(self._secret, told.encode(), hashlib.sha256).digest())


def _refused() -> Refusal:
    return Refusal(403, "media.signature", "This address was not given out like this.")


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes ``[start, end)``."""

    start: int
    end: int


def asked_range(header: str | None, size: int) -> Extent | None:
    """The one range that a header asks for; None for none, several, or what is not understood.

    Raises ``Refusal`` 416 when it lies outside of the file.
    """
    found = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if not found or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= end:
        detail = f"The recording has {size} bytes."
        raise Refusal(416, "range", detail, {"Content-Range": f"bytes */{size}"})
    return Extent(start, end)


@dataclass(frozen=True)
class Shown:
    """An object as it is served: as it is, or as a rendition."""

    stat: Stat
    rendition: Rendition | None

    @property
    def size(self) -> int:
        return self.rendition.size if self.rendition else self.stat.size

    @property
    def etag(self) -> str:
        return f'"{self.stat.etag}{"-pcm" if self.rendition else ""}"'

    def blocks(self, store: ObjectStore, extent: Extent) -> Iterator[bytes]:
        """The bytes of the extent, block by block."""
        with store.open(self.stat.key) as file:
            for start in range(extent.start, extent.end, BLOCK_BYTES):
                length = min(BLOCK_BYTES, extent.end - start)
                yield self._block(file, start, length)

    def _block(self, file: BinaryIO, start: int, length: int) -> bytes:
        def read(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        return self.rendition.part(read, start, length) if self.rendition else read(start, length)


def shown(store: ObjectStore, key: str, settings: Settings) -> Shown:
    """How an object is served. Raises ``NotFound``."""
    stat = store.stat(key)
    if stat is None:
        raise NotFound
    try:
        info = header(store, key, stat.size, settings)
    except InputRefused:
        return Shown(stat, None)
    return Shown(stat, None if plays_as_it_is(info) else Rendition(info))


async def serve(
    request: Request, store: ObjectStore, settings: Settings, signer: Signer
) -> Response:
    """GET and HEAD of a signed address."""
    key, content_type = signer.check(request.path_params["name"], request.query_params)
    found = await run_in_threadpool(shown, store, key, settings)
    extent = _extent(request, found)
    whole = Extent(0, found.size)
    headers = _headers(found, content_type, extent)
    headers["Content-Length"] = str((extent or whole).end - (extent or whole).start)
    status = 206 if extent else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(found.blocks(store, extent or whole), status, headers)


def _extent(request: Request, found: Shown) -> Extent | None:
    """``Range`` counts for GET only, and with ``If-Range`` only while the object is the same."""
    condition = request.headers.get("if-range")
    if request.method != "GET" or (condition and condition != found.etag):
        return None
    return asked_range(request.headers.get("range"), found.size)


def _headers(found: Shown, content_type: str, extent: Extent | None) -> dict[str, str]:
    audio = content_type.startswith("audio/")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": "inline" if audio else "attachment",
        "Content-Type": content_type if audio else "application/octet-stream",
        "ETag": found.etag,
    }
    if extent:
        headers["Content-Range"] = f"bytes {extent.start}-{extent.end - 1}/{found.size}"
    return headers
