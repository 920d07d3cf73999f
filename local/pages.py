"""The dashboard's static files."""

from __future__ import annotations

import html
from os import PathLike
from pathlib import Path

from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FRESH = "no-cache"
FOR_EVER = "public, max-age=31536000, immutable"

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Loupe</title></head>
<body><h1>The dashboard is not built</h1>
<p>Run <code>make setup</code> and start Loupe again. The API works: <code>/v1/openapi.json</code>.</p>
<p>Looked for <code>{folder}</code>.</p></body></html>
"""


class Pages(StaticFiles):
    """Files with a hash in their name keep for ever, everything else is asked for anew."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True)
        self._assets = folder.resolve() / "assets"

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: object,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        hashed = self._assets in Path(full_path).parents
        answer.headers["Cache-Control"] = FOR_EVER if hashed else FRESH
        return answer


def not_built(folder: Path | None) -> HTMLResponse:
    """What stands at / until the dashboard is built."""
    text = NOT_BUILT.format(folder=html.escape(str(folder or "no folder")))
    return HTMLResponse(text, 503, {"Cache-Control": FRESH})
