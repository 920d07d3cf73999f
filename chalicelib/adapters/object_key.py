"""What every object store takes as a key: 1 to 1,024 bytes of UTF-8, used verbatim."""

from __future__ import annotations

from chalicelib.domain.errors import BadRequest

LONGEST = 1024
DEFAULT_CONTENT_TYPE = "application/octet-stream"


def key_bytes(key: str) -> bytes:
    """The key as UTF-8. Raises ``BadRequest`` (``object.key``) for a key that no store could hold."""
    try:
        encoded = key.encode()
    except UnicodeEncodeError as error:
        raise BadRequest("object.key", "the object key is not valid Unicode") from error
    if not 1 <= len(encoded) <= LONGEST:
        raise BadRequest(
            "object.key", f"an object key has 1 to {LONGEST} bytes, not {len(encoded)}"
        )
    return encoded
