"""What a resource is: a method and path with the function that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chalicelib.api.call import Answer
from chalicelib.api.model_base import Model

ALWAYS = (400, 401, 403, 500, 503)
EVEN_OPEN = (400, 429, 500)
ID = r"[^/]{1,4096}"


@dataclass(frozen=True)
class Route:
    """``permission`` None: any principal. ``open``: no principal either. ``statuses``: problems beside
    the ones that every route may answer. ``response`` dict: a document with its own schema."""

    method: str
    path: str
    function: Callable[..., Answer]
    permission: str | None
    response: type[Model] | type[dict[str, Any]]
    tag: str
    status: int = 200
    statuses: tuple[int, ...] = ()
    open: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{\w+\}", ID, self.path))

    @property
    def cached(self) -> bool:
        """Whether answers carry an ETag."""
        return self.method == "GET"

    @property
    def problems(self) -> tuple[int, ...]:
        """The statuses of the problems it may answer."""
        refusals = () if self.open else ALWAYS
        return tuple(sorted({*refusals, *EVEN_OPEN, *self.statuses}))
