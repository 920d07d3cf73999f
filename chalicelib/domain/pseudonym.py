"""Customers under a pseudonym: the same person, the same name, and no way back without the key."""

from __future__ import annotations

import hashlib
import hmac
import re

_PHONE = re.compile(r"\+?[\d\s().\-/]{5,}")


def pseudonym(key: bytes, who: str) -> str:
    """The pseudonym of a customer's own id, e-mail address or telephone number, ``cu-`` and 32 hex digits.

    HMAC-SHA256 of the name without blanks around it, in lower case, of a telephone number its digits: so
    that ``+1 (555) 010-0199`` and ``+15550100199`` are one customer. ``who`` is not empty.
    """
    name = who.strip().casefold()
    if _PHONE.fullmatch(name):
        name = re.sub(r"[^\d+]", "", name)
    mark = hmac.new(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"cu-{mark.hexdigest()[:32]}"
