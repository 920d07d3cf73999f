"""The few calls of OpenSearch that Loupe makes, over HTTP, judged as its documentation says."""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

GAP = 100


class Index:
    def __init__(self) -> None:
        self.documents: dict[str, dict] = {}
        self.made: dict | None = None
        self.seen: list[tuple[str, str, str]] = []
        self.status: int | None = None

    def answer(self, method: str, path: str, body: dict | None) -> tuple[int, dict]:
        if self.status:
            return self.status, {"error": {"type": "made_for_a_test"}}
        parts = urlsplit(path).path.strip("/").split("/")
        if len(parts) == 1 and method == "PUT":
            if self.made:
                return 400, {"error": {"type": "resource_already_exists_exception"}}
            self.made = body
            return 200, {"acknowledged": True}
        if parts[1] == "_doc":
            return self._document(method, unquote(parts[2]), body)
        if parts[1] == "_forcemerge":
            return 200, {"_shards": {"failed": 0}}
        return 200, self._search(body)

    def _document(self, method: str, name: str, body: dict | None) -> tuple[int, dict]:
        if method == "PUT":
            unknown = body.keys() - self.made["mappings"]["properties"].keys()
            if unknown:
                return 400, {"error": {"type": "strict_dynamic_mapping_exception"}}
            self.documents[name] = body
            return 201, {"result": "created"}
        if name not in self.documents:
            return 404, {"found": False}
        if method == "DELETE":
            del self.documents[name]
            return 200, {"result": "deleted"}
        return 200, {"found": True, "_source": {"mark": self.documents[name]["mark"]}}

    def _search(self, asked: dict) -> dict:
        assert asked["sort"] == [{"at": "desc"}, {"contactId": "asc"}]
        found = [d for d in self.documents.values() if _matches(d, asked["query"])]
        found.sort(key=lambda d: (-d["at"], d["contactId"]))
        if after := asked.get("search_after"):
            found = [d for d in found if (-d["at"], d["contactId"]) > (-after[0], after[1])]
        kept = [{name: d[name] for name in asked["_source"]} for d in found[: asked["size"]]]
        return {"hits": {"hits": [{"_source": each} for each in kept]}}


def _matches(document: dict, query: dict) -> bool:
    ((kind, told),) = query.items()
    if kind == "bool":
        assert told.keys() <= {"must", "should", "filter"}
        every = [*told.get("must", []), *told.get("filter", [])]
        some = told.get("should", [])
        return all(_matches(document, q) for q in every) and (
            not some or any(_matches(document, q) for q in some)
        )
    ((field, value),) = told.items()
    if kind == "terms":
        return document[field] in value
    if kind == "range":
        at = document[field]
        return at >= value.get("gte", at) and (value.get("lt") is None or at < value["lt"])
    assert kind == "match_phrase"
    wanted = _analysed(value)
    return any(
        places[start : start + len(wanted)] == wanted
        for places in map(_analysed, document[field])
        for start in range(len(places))
    )


def _analysed(text: str) -> list[str]:
    """The analyzer ``words`` of the index: its tokenizer's pattern, lower case, folded."""
    tokens = re.findall("[^\\W_\ue000](?:[^\\W_]|[\u0300-\u036f])*|\ue000", text)
    plain = (unicodedata.normalize("NFD", each.lower()) for each in tokens)
    return ["".join(c for c in each if not unicodedata.combining(c)) for each in plain]


class Service:
    """The index behind a port of loopback."""

    def __init__(self) -> None:
        index = self.index = Index()

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                index.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
                status, told = index.answer(self.command, self.path, body)
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = _any  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self._thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self._thread.join()
        self.http.server_close()
