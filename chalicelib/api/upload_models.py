"""What uploads ask for and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.model_base import Model
from chalicelib.api.params import Integral


class UploadRequest(Model):
    """``filename`` may be relative, as Connect names its objects; it names an object, never a path."""

    model_config = ConfigDict(extra="forbid")

    filename: str = Field(min_length=1, max_length=255)
    size: Annotated[int, Integral] = Field(ge=0, strict=True)


class Upload(Model):
    upload_id: str
    url: str
    method: Literal["PUT"] = "PUT"
    expires_at: str


class UploadDone(Model):
    """Contacts that the uploaded object belongs to; empty while that is still being found out."""

    object_key: str
    contact_ids: list[str]
