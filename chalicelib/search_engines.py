"""Which adapter finds words in transcripts, and which index it needs."""

from __future__ import annotations

from pathlib import Path

from chalicelib.config import Settings
from chalicelib.domain.errors import SettingsError
from chalicelib.ports.search import TranscriptIndex, TranscriptSearch
from chalicelib.ports.storage import ContactStore

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


def aws_search(settings: Settings, contacts: ContactStore) -> Search:
    """The lake, which needs no index, or OpenSearch, which is one."""
    if settings.search == "none":
        return None, None
    if settings.search == "athena":
        return _athena(settings), None
    if settings.search != "opensearch":
        raise SettingsError(f"LOUPE_SEARCH={settings.search} is for one machine, not for AWS")
    from botocore.session import get_session  # noqa: PLC0415

    from chalicelib.adapters.aws.opensearch import OpenSearch, sender  # noqa: PLC0415

    service = "aoss" if ".aoss." in settings.opensearch_url else "es"
    send = sender(settings.opensearch_url, get_session(), service=service)
    both = OpenSearch(send, settings.opensearch_index, contacts)
    return both, both


def _athena(settings: Settings) -> TranscriptSearch:
    from chalicelib.adapters.aws.athena_search import AthenaSearch, Lake  # noqa: PLC0415
    from chalicelib.adapters.aws.clients import client  # noqa: PLC0415

    database, _, table = settings.athena_lake.partition(".")
    lake = Lake(database, table, settings.athena_workgroup, settings.athena_output)
    return AthenaSearch(client("athena"), lake)
