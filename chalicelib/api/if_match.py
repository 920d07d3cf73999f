"""Edits of versioned resources: a strong ETag out, ``If-Match`` in.

Somebody who edits says which revision was read. Without it nobody could tell a correction from an
overwrite, so it is asked for (428); another revision is refused (412).
"""

from __future__ import annotations

from chalicelib.api.call import Call
from chalicelib.api.problems import Refusal

STALE = "It was changed since it was read; read it again."


def etag(revision: int) -> str:
    """The strong tag of a revision."""
    return f'"{revision}"'


def require(call: Call, revision: int) -> None:
    """Refuse unless the request was made for this revision, or for any (``*``)."""
    given = call.headers.get("if-match", "").strip()
    if not given:
        detail = "Say with If-Match which version is meant: the ETag that reading it answered."
        raise Refusal(428, "precondition.missing", detail)
    if given != "*" and etag(revision) not in (tag.strip() for tag in given.split(",")):
        raise Refusal(412, "precondition.stale", STALE)
