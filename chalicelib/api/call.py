"""What an endpoint is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from chalicelib.api.models import CapabilityInfo
from chalicelib.api.problems import Refusal
from chalicelib.api.seals import Seals
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.audit import Act
from chalicelib.domain.principal import Principal
from chalicelib.ports.services import Services


@dataclass(frozen=True)
class Desk:
    """What all calls share.

    ``capabilities`` says which engines are in use, with their limits. ``upload_url`` gives the address
    that takes the bytes of an upload, from its id; None where the installation has none. ``landed``
    tells the key under which the bytes of an upload lie, when it is another than was announced.
    ``copy`` is asked for a redacted recording that is not there: True when it is there now, False when
    it will be.
    """

    services: Services
    seals: Seals
    version: str
    capabilities: Callable[[], Sequence[CapabilityInfo]]
    upload_url: Callable[[str], str] | None
    document: Callable[[], Mapping[str, Any]]
    landed: Callable[[str], str | None] = lambda _: None
    copy: Callable[[CopyOrder], bool] = lambda _: False


@dataclass(frozen=True)
class Call:
    """One request. ``given`` is None only on open routes. ``address``: where it came from."""

    desk: Desk
    given: Principal | None
    request_id: str
    headers: Mapping[str, str]
    address: str = ""

    def audit(self, act: Act, subject: str = "", reason: str = "") -> None:
        """Write down what is about to be done. Raises ``Unavailable``: then it must not be done."""
        who = self.principal
        self.services.audit.write(
            act,
            who=who.id,
            role=who.role.value,
            subject=subject,
            reason=reason,
            request_id=self.request_id,
            address=self.address,
        )

    @property
    def services(self) -> Services:
        return self.desk.services

    @property
    def principal(self) -> Principal:
        if self.given is None:
            raise Refusal(401, "unauthenticated", "This needs a token.")
        return self.given


@dataclass(frozen=True)
class Reply:
    """An answer other than a plain 200. ``stored`` False forbids every cache to keep it."""

    content: BaseModel | Mapping[str, Any]
    status: int = 200
    stored: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = BaseModel | Reply
