"""Words in Amazon OpenSearch: an index that costs while it idles and answers at once.

Plain HTTPS with JSON, signed by botocore (SigV4), no client library. One document a contact, under the
contact's id; its fields hold what both sides said, each turn a value of its own with a gap between, so that
no phrase reaches from one turn into the next. Status, time, queue and agent are asked of the index;
everything else is judged by the rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from chalicelib.adapters import listing
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.passages import GAP, OTHER, Passage, Words
from chalicelib.domain.transcript import Role
from chalicelib.ports.search import Document, Hit, Hits, Running, TextQuery
from chalicelib.ports.storage import ContactQuery, ContactStore

FIELD = {Role.AGENT.value: "agent", Role.CUSTOMER.value: "customer", OTHER: "others"}
TIMEOUT_S = 10
PASSING = (429, 502, 503, 504)

INDEX: Mapping[str, Any] = {
    "settings": {
        "analysis": {
            "analyzer": {
                "words": {"type": "custom", "tokenizer": "words", "filter": ["lowercase", "plain"]}
            },
            "tokenizer": {"words": {"type": "pattern", "pattern": "[^\\p{L}\\p{N}\\p{M}\ue000]+"}},
            "filter": {"plain": {"type": "icu_folding"}},
        }
    },
    "mappings": {
        "dynamic": "strict",
        "properties": {
            **{
                name: {"type": "text", "analyzer": "words", "position_increment_gap": 100}
                for name in FIELD.values()
            },
            **{name: {"type": "keyword"} for name in ("contactId", "mark", "queueId", "agentId")},
            "at": {"type": "long"},
        },
    },
}
"""How the index is made: ``PUT /<name>``. ``icu_folding`` is part of the managed service."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Mapping[str, Any]


Send = Callable[[str, str, "Mapping[str, Any] | None"], Answer]


class OpenSearch:
    """``TranscriptSearch`` and ``TranscriptIndex``. ``contacts`` tells where a document stands in lists."""

    def __init__(self, send: Send, index: str, contacts: ContactStore) -> None:
        self._send = send
        self._index = index
        self._contacts = contacts
        self._made = False

    def create(self) -> None:
        """Make the index; one that is there stays. A document would make one that reads words otherwise."""
        made = self._send("PUT", f"/{self._index}", INDEX)
        if made.status != 400 or "resource_already_exists" not in json.dumps(made.body):
            _check(made, "create index")
        self._made = True

    def search(
        self, query: TextQuery, *, cursor: str | None = None, limit: int = 50
    ) -> Hits | Running:
        asked: dict[str, Any] = {
            "size": limit + 1,
            "query": {"bool": {"must": [_said(query.words)], "filter": _within(query.within)}},
            "sort": [{"at": "desc"}, {"contactId": "asc"}],
            "_source": ["contactId", "mark", "at"],
        }
        if cursor:
            asked["search_after"] = list(listing.unpack_position(cursor))
        found = _check(self._send("POST", f"/{self._index}/_search", asked), "search")
        told = [each["_source"] for each in found["hits"]["hits"]]
        hits = tuple(Hit(each["contactId"], each["at"], each["mark"]) for each in told[:limit])
        more = len(told) > limit
        return Hits(hits, listing.pack(hits[-1].at_ms, hits[-1].contact_id) if more else None)

    def result(
        self,
        search_id: str,
        *,
        cursor: str | None = None,  # noqa: ARG002 - of the port
        limit: int = 50,  # noqa: ARG002
    ) -> Hits | Running:
        """Every search answers at once."""
        raise NotFound(f"no search is running as {search_id!r}")

    def mark(self, contact_id: str) -> str:
        found = self._send("GET", f"{self._place(contact_id)}?_source=mark", None)
        return "" if found.status == 404 else str(_check(found, "get")["_source"]["mark"])

    def put(self, document: Document) -> None:
        row = self._contacts.get(document.contact_id)
        if row is None or row.tombstone is not None:
            return
        if not self._made:
            self.create()
        told = {
            "contactId": document.contact_id,
            "mark": document.mark,
            "at": listing.sort_ms(row),
            "queueId": listing.queue_id(row),
            "agentId": listing.agent_id(row),
            **{
                name: [_value(p) for p in document.passages if p.role == role]
                for role, name in FIELD.items()
            },
        }
        _check(
            self._send("PUT", f"{self._place(document.contact_id)}?refresh=wait_for", told), "put"
        )

    def remove(self, contact_id: str) -> None:
        gone = self._send("DELETE", f"{self._place(contact_id)}?refresh=wait_for", None)
        if gone.status != 404:
            _check(gone, "delete")

    def tidy(self) -> None:
        """Deleted documents leave the segments when these are merged; this merges those that hold any."""
        path = f"/{self._index}/_forcemerge?only_expunge_deletes=true"
        _check(self._send("POST", path, None), "merge")

    def _place(self, contact_id: str) -> str:
        return f"/{self._index}/_doc/{quote(contact_id, safe='')}"


def sender(url: str, session: Any, *, service: str = "es", region: str = "") -> Send:  # noqa: ANN401 - botocore's
    """Sends signed requests to a domain (``es``) or a serverless collection (``aoss``)."""
    http = URLLib3Session(timeout=TIMEOUT_S)
    where = region or session.get_config_variable("region")

    def send(method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        request = AWSRequest(
            method, url.rstrip("/") + path, {"Content-Type": "application/json"}, content
        )
        SigV4Auth(session.get_credentials(), service, where).add_auth(request)
        try:
            answer = http.send(request.prepare())
            return Answer(answer.status_code, json.loads(answer.content or b"{}"))
        except (BotoCoreError, ValueError) as error:
            raise Unavailable(f"OpenSearch: {type(error).__name__}") from error

    return send


def _check(answer: Answer, what: str) -> Mapping[str, Any]:
    """The body; errors name the operation and the status, never content."""
    if answer.status >= 300:
        passing = answer.status in PASSING
        raise Unavailable(f"OpenSearch {what}: {answer.status}", retryable=passing)
    return answer.body


def _value(passage: Passage) -> str:
    return passage.searchable.replace(GAP, f" {GAP} ")


def _said(words: Words) -> dict[str, Any]:
    fields = [FIELD[words.role]] if words.role else list(FIELD.values())
    each = [
        {"bool": {"should": [{"match_phrase": {f: " ".join(p)}} for f in fields]}}
        for p in words.phrases
    ]
    return {"bool": {"must": each}} if words.every else {"bool": {"should": each}}


def _within(query: ContactQuery) -> list[dict[str, Any]]:
    bounds = {"gte": query.start_ms, "lt": query.end_ms}
    times = {name: at for name, at in bounds.items() if at is not None}
    found: list[dict[str, Any]] = [{"range": {"at": times}}] if times else []
    for name, wanted in (("queueId", query.queue_ids), ("agentId", query.agent_ids)):
        if wanted:
            found.append({"terms": {name: list(wanted)}})
    return found
