"""Ids that are themselves personal data, such as an e-mail address, replaced where a file is read.

Everything made from the file then agrees on the new ids, and nothing shows the old ones. They are
numbered and not hashed: the digest of a card or phone number is guessed within hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chalicelib.domain.shadow_text import shadow

_DIALLED = re.compile(r"(?:[a-z]{2,8}:)?[\s().+-]*(?:\d[\s().-]*){9,}", re.IGNORECASE)


def is_personal(name: str) -> bool:
    """Whether an id is an address with an @, or a number of at least 9 digits and nothing else."""
    seen = shadow(name).text
    return "@" in seen or bool(_DIALLED.fullmatch(seen))


def replacements(names: Iterable[str]) -> Mapping[str, str]:
    """A new id for each personal one, numbered by first appearance; it equals none of the names."""
    known = list(dict.fromkeys(names))
    taken = set(known)
    personal = [name for name in known if is_personal(name)]
    free = (
        new for n in range(1, len(known) + len(personal) + 1) if (new := f"id-{n}") not in taken
    )
    return dict(zip(personal, free, strict=False))
