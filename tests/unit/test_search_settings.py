"""Which search an installation has, by its settings."""

from __future__ import annotations

import pytest

from chalicelib.adapters.aws.athena_search import AthenaSearch
from chalicelib.adapters.aws.opensearch import OpenSearch
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.adapters.local.sqlite_transcripts import SqliteTranscripts
from chalicelib.config import Settings
from chalicelib.domain.errors import SettingsError
from chalicelib.search_engines import aws_search, local_search
from tests.fakes.stores import MemoryContacts

DOMAIN = {"LOUPE_SEARCH": "opensearch", "LOUPE_OPENSEARCH_URL": "https://search.example"}
LAKE = {"LOUPE_SEARCH": "athena", "LOUPE_ATHENA_LAKE": "loupe.contacts"}


def test_one_machine_has_an_index_beside_its_contacts(tmp_path):
    SqliteContacts(tmp_path / "contacts.db").close()
    search, index = local_search(Settings(), tmp_path / "contacts.db")
    assert isinstance(search, SqliteTranscripts)
    assert index is search
    search.close()


def test_aws_reads_the_lake_and_needs_no_index(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    search, index = aws_search(Settings.from_env(LAKE), MemoryContacts())
    assert isinstance(search, AthenaSearch)
    assert index is None


def test_opensearch_searches_and_is_told(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    search, index = aws_search(Settings.from_env(DOMAIN), MemoryContacts())
    assert isinstance(search, OpenSearch)
    assert index is search


@pytest.mark.parametrize(
    "wrong",
    [
        {"LOUPE_OPENSEARCH_URL": ""},
        {"LOUPE_OPENSEARCH_URL": "http://search.example"},
        {"LOUPE_OPENSEARCH_INDEX": "../_all"},
        {"LOUPE_OPENSEARCH_INDEX": "*"},
    ],
    ids=str,
)
def test_a_domain_is_named_whole(wrong):
    with pytest.raises(SettingsError, match="LOUPE_OPENSEARCH_"):
        Settings.from_env({**DOMAIN, **wrong})


def test_none_is_none(tmp_path):
    settings = Settings(search="none")
    assert (
        local_search(settings, tmp_path / "x.db")
        == aws_search(settings, MemoryContacts())
        == (None, None)
    )


def test_a_search_of_the_other_world_is_told(tmp_path):
    with pytest.raises(SettingsError, match="LOUPE_SEARCH=athena is for AWS"):
        local_search(Settings.from_env(LAKE), tmp_path / "x.db")
    with pytest.raises(SettingsError, match="LOUPE_SEARCH=local is for one machine"):
        aws_search(Settings(), MemoryContacts())


@pytest.mark.parametrize("lake", ["", "contacts", "a.b.c", 'a."b"', "a b.c"])
def test_a_lake_is_named_whole(lake):
    with pytest.raises(SettingsError, match=r"LOUPE_ATHENA_LAKE as database\.table"):
        Settings.from_env({**LAKE, "LOUPE_ATHENA_LAKE": lake})
