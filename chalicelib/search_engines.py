"""Which adapter finds words in transcripts, and which index it needs."""

from __future__ import annotations

from pathlib import Path

from chalicelib.config import Settings
from chalicelib.domain.errors import SettingsError
from chalicelib.ports.search import TranscriptIndex, TranscriptSearch

Search = tuple[TranscriptSearch | None, TranscriptIndex | None]


def local_search(settings: Settings, contacts: Path) -> Search:
    """``contacts``: the file of the contact rows."""
    if settings.search == "none":
        return None, None
    if settings.search != "local":
        raise SettingsError(f"LOUPE_SEARCH={settings.search} is for AWS, not for one machine")
    from chalicelib.adapters.local.sqlite_transcripts import SqliteTranscripts  # noqa: PLC0415

    both = SqliteTranscripts(contacts)
    return both, both


def aws_search(settings: Settings) -> Search:
    """The lake, which needs no index."""
    if settings.search == "none":
        return None, None
    if settings.search != "athena":
        raise SettingsError(f"LOUPE_SEARCH={settings.search} is for one machine, not for AWS")
    from chalicelib.adapters.aws.athena_search import AthenaSearch, Lake  # noqa: PLC0415
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415

    database, _, table = settings.athena_lake.partition(".")
    lake = Lake(database, table, settings.athena_workgroup, settings.athena_output)
    return AthenaSearch(client("athena"), lake), None
