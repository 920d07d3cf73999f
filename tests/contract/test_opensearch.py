"""The search in OpenSearch over HTTP: what it finds, and what the application confirms of it."""

from __future__ import annotations

import pytest
from botocore.session import Session

from chalicelib.adapters.aws.opensearch import INDEX, OpenSearch, sender
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.passages import WordMatch, words_of
from chalicelib.ports.matching import matches as row_matches
from chalicelib.ports.search import Document, TextQuery
from chalicelib.ports.storage import ContactQuery
from tests.contract.rows import NOON, commit, row, tombstone
from tests.contract.test_transcript_search import AGENT, FOUND, World, fill, passages
from tests.fakes.opensearch import Service
from tests.fakes.stores import MemoryContacts


@pytest.fixture
def service():
    made = Service()
    yield made
    made.close()


@pytest.fixture
def world(service) -> World:
    session = Session()
    session.set_credentials("AKIDEXAMPLE", "a key for tests")
    contacts = MemoryContacts()
    both = OpenSearch(sender(service.url, session, region="eu-central-1"), "transcripts", contacts)
    return World(contacts, both, both)


def test_every_search(world, subtests):
    fill(world)
    for name, ((q, *rest), expected) in FOUND.items():
        match, role, within = (*rest, *("ALL", None, {})[len(rest) :])
        with subtests.test(name):
            named = world.found(q, match, role, **within)
            query = ContactQuery(**within)
            rows = {each: world.contacts.get(each) for each in named}
            assert [n for n in named if row_matches(rows[n], query)] == expected.split()


def test_pages_go_on_while_contacts_come_and_go(world):
    for n in range(5):
        world.add(row(f"c-{n}", NOON + n), (AGENT, "a refund"))
    query = TextQuery(words_of("refund", WordMatch.ALL, None), ContactQuery())
    first = world.search.search(query, limit=2)
    world.add(row("c-new", NOON + 100), (AGENT, "refund"))
    world.index.remove("c-2")
    rest = world.search.search(query, cursor=first.cursor, limit=9)
    assert [h.contact_id for h in (*first.hits, *rest.hits)] == ["c-4", "c-3", "c-1", "c-0"]
    assert (first.hits[0].mark, rest.cursor) == ("m-1", None)


def test_a_text_takes_the_place_of_the_former_one_and_goes(world):
    world.add(row("a/b é", NOON), (AGENT, "first words"))
    world.add(row("a/b é", NOON), (AGENT, "other words"), mark="m-2")
    assert (world.found("first"), world.found("other")) == ([], ["a/b é"])
    assert world.index.mark("a/b é") == "m-2"
    old = world.contacts.get("a/b é")
    commit(world.contacts, tombstone(old), old)
    world.index.remove("a/b é")
    world.index.remove("a/b é")
    world.index.put(Document("a/b é", "m-3", passages((AGENT, "other"))))
    world.index.tidy()
    assert (world.found("other"), world.index.mark("a/b é")) == ([], "")


def test_requests_are_signed_and_the_index_is_strict(world, service):
    world.add(row("c-1"), (AGENT, "hello"))
    world.index.create()
    assert service.index.made == INDEX
    assert INDEX["mappings"]["dynamic"] == "strict"
    for _, _, signature in service.index.seen:
        assert signature.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        assert "/eu-central-1/es/aws4_request" in signature


@pytest.mark.parametrize(
    ("status", "retryable"), [(503, True), (429, True), (403, False), (400, False)]
)
def test_what_the_service_refuses_is_told_without_content(world, service, status, retryable):
    service.index.status = status
    query = TextQuery(words_of("secret", WordMatch.ALL, None), ContactQuery())
    for call in (
        lambda: world.search.search(query),
        lambda: world.index.mark("c"),
        lambda: world.index.remove("c"),
        world.index.tidy,
    ):
        with pytest.raises(Unavailable) as told:
            call()
        assert told.value.retryable is retryable
        assert "secret" not in str(told.value)


def test_before_the_first_text_there_is_nothing_to_find(world):
    assert (world.found("refund"), world.index.mark("c-1")) == ([], "")


def test_a_service_that_is_not_there_is_unavailable(world, service):
    service.close()
    with pytest.raises(Unavailable):
        world.index.mark("c")


def test_no_search_runs_on(world):
    with pytest.raises(NotFound):
        world.search.result("s-1")
