"""One S3 bucket."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from botocore.exceptions import ClientError
from s3transfer.manager import TransferManager  # type: ignore[import-untyped]

from chalicelib.adapters.aws.failures import code_of, status_of, translated, unavailable
from chalicelib.adapters.aws.s3_versions import Versions
from chalicelib.adapters.object_key import DEFAULT_CONTENT_TYPE, key_bytes
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.ports.storage import Stat

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SINGLE_PUT = 8 * 1024 * 1024
READ_AHEAD = 8 * 1024 * 1024
CONDITIONAL_TRIES = 3

_ABSENT = ("NoSuchKey", "NotFound", "404")


class S3Objects:
    """``ObjectStore`` over ``bucket``. ``client`` signs with s3v4 (see ``clients``)."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401 - botocore makes its classes
        self._client = client
        self._bucket = bucket
        self._versions = Versions(client, bucket)

    def stat(self, key: str) -> Stat | None:
        try:
            head = self._call("head_object", key)
        except NotFound:
            return None
        return Stat(
            key,
            head["ETag"].strip('"'),
            head["ContentLength"],
            _ms(head),
            head.get("ContentType") or DEFAULT_CONTENT_TYPE,
        )

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        if length == 0:
            self._call("head_object", key)
            return b""
        return self._range(key, start, length)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """Reads ahead in ranges of the one version that was there at first, so memory stays bounded."""
        stat = self.stat(key)
        if stat is None:
            raise _missing()
        with io.BufferedReader(_Ranges(self, stat), READ_AHEAD) as body:
            yield cast("BinaryIO", body)

    def put(self, key: str, body: bytes | BinaryIO, *, content_type: str = "") -> Stat:
        kind = content_type or DEFAULT_CONTENT_TYPE
        head = body if isinstance(body, bytes) else _head(body)
        if isinstance(body, bytes) or len(head) < SINGLE_PUT:
            self._call("put_object", key, Body=head, ContentType=kind)
        else:
            self._upload(key, _Joined(head, body), kind)
        written = self.stat(key)
        if written is None:
            raise Unavailable("an object was removed while it was written")
        return written

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "") -> bool:
        kind = content_type or DEFAULT_CONTENT_TYPE
        for _ in range(CONDITIONAL_TRIES):
            try:
                self._call("put_object", key, Body=body, ContentType=kind, IfNoneMatch="*")
            except _Exists:
                return False
            except _Race:
                continue
            return True
        raise Unavailable("put_object: ConditionalRequestConflict")

    def delete(self, key: str, *, etag: str = "") -> None:
        conditions = {"IfMatch": f'"{etag}"'} if etag else {}
        with suppress(NotFound, _Exists):
            self._call("delete_object", key, **conditions)

    def replace(self, key: str, body: bytes, *, etag: str) -> bool:
        there = self.stat(key)
        if there is None or there.etag != etag:
            return False
        try:
            self._call(
                "put_object", key, Body=body, ContentType=there.content_type, IfMatch=f'"{etag}"'
            )
        except (NotFound, _Exists, _Race):
            return False
        return True

    def purge(self, key: str, *, former: bool = False) -> int:
        key_bytes(key)
        return self._versions.purge(
            key, lambda name, latest: name == key and not (former and latest)
        )

    def purge_under(self, prefix: str, *, but: str = "") -> int:
        return self._versions.purge(prefix, lambda name, _: not (but and name.startswith(but)))

    def list(self, prefix: str = "") -> Iterator[Stat]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        with translated("list_objects_v2"):
            for page in pages:
                for each in page.get("Contents", ()):
                    yield Stat(each["Key"], each["ETag"].strip('"'), each["Size"], _ms(each))

    def sign(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        key_bytes(key)
        with translated("generate_presigned_url"):
            url: str = self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ResponseContentType": content_type or DEFAULT_CONTENT_TYPE,
                },
                ExpiresIn=expires_s,
            )
            return url

    def _range(self, key: str, start: int, length: int | None, **conditions: str) -> bytes:
        if start or length is not None:
            last = "" if length is None else start + length - 1
            conditions["Range"] = f"bytes={start}-{last}"
        try:
            with translated("get_object"):
                body: bytes = self._call("get_object", key, **conditions)["Body"].read()
                return body
        except _PastTheEnd:
            return b""

    def _upload(self, key: str, body: _Joined, content_type: str) -> None:
        with translated("upload"), TransferManager(self._client) as transfers:
            transfers.upload(
                body, self._bucket, key, extra_args={"ContentType": content_type}
            ).result()

    def _call(self, operation: str, key: str, **arguments: object) -> dict[str, Any]:
        """Raises ``NotFound`` for a missing object and ``Unavailable`` for everything else."""
        key_bytes(key)
        with translated(operation):
            try:
                answer: dict[str, Any] = getattr(self._client, operation)(
                    Bucket=self._bucket, Key=key, **arguments
                )
            except ClientError as error:
                raise _failure(error, operation) from error
            return answer


class _Ranges(io.RawIOBase):
    """The bytes of one version of an object, fetched as they are asked for."""

    def __init__(self, store: S3Objects, stat: Stat) -> None:
        super().__init__()
        self._store, self._stat, self._at = store, stat, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stat.size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        chunk = self._fetch(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)

    def readall(self) -> bytes:
        return self._fetch(self._stat.size - self._at)

    def _fetch(self, length: int) -> bytes:
        length = min(length, self._stat.size - self._at)
        if length <= 0:
            return b""
        chunk = self._store._range(self._stat.key, self._at, length, IfMatch=self._stat.etag)
        self._at += len(chunk)
        return chunk


class _Joined(io.RawIOBase):
    """What was read already, then the rest."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head, self._rest = io.BytesIO(head), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        chunk = self._head.read(len(view)) or self._rest.read(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)


class _Exists(Unavailable):
    """A condition does not hold. If-None-Match: there is an object; If-Match: there is another."""


class _Race(Unavailable):
    """If-None-Match: another conditional write or a delete went on at the same time."""


class _PastTheEnd(Unavailable):
    """The range begins behind the last byte."""


_CONDITIONS = {
    "PreconditionFailed": _Exists,
    "ConditionalRequestConflict": _Race,
    "InvalidRange": _PastTheEnd,
}


def _failure(error: ClientError, operation: str) -> Exception:
    code = code_of(error)
    if code in _ABSENT or (status_of(error) == 404 and code != "NoSuchBucket"):
        return _missing()
    if code in _CONDITIONS:
        return _CONDITIONS[code](f"{operation}: {code}")
    return unavailable(error, operation)


def _head(body: BinaryIO) -> bytes:
    """The first ``SINGLE_PUT`` bytes, also of a stream that gives fewer at a time."""
    head = bytearray()
    while len(head) < SINGLE_PUT and (chunk := body.read(SINGLE_PUT - len(head))):
        head += chunk
    return bytes(head)


def _missing() -> NotFound:
    return NotFound("there is no such object")


def _ms(entry: dict[str, Any]) -> int:
    return int(entry["LastModified"].timestamp() * 1000)
