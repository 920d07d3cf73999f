"""Where it is written down who did what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from chalicelib.domain.audit import Act, Line, Verdict


class AuditTrail(Protocol):
    """Lines that are added and never changed. Raises ``Unavailable``."""

    def write(
        self,
        act: Act,
        *,
        who: str,
        role: str,
        subject: str = "",
        reason: str = "",
        request_id: str = "",
        address: str = "",
    ) -> Line:
        """Durable when it returns: what it is about may be done then, not before."""

    def newest(self, *, below: int | None = None) -> Iterator[Line]:
        """Lines from the last back to the first; ``below``: only lines with a lower number."""

    def keep_head(self) -> None:
        """Note the last line where lines themselves do not lie."""

    def verify(self) -> Verdict:
        """Whether every line is there, unaltered and in its place."""
