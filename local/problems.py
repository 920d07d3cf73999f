"""Refused inputs on standard error: one JSON problem document (RFC 9457) a line."""

from __future__ import annotations

import json
import sys

from chalicelib.domain.errors import InputRefused, RuleRefused


def problem(why: InputRefused, instance: str) -> None:
    """``pointer`` is there for rule documents: the place in them."""
    document = {
        "type": "about:blank",
        "title": "Input refused",
        "status": 422,
        "code": why.code,
        "detail": why.detail,
        "instance": instance,
    }
    if isinstance(why, RuleRefused):
        document["pointer"] = why.pointer
    print(json.dumps(document, ensure_ascii=False), file=sys.stderr, flush=True)
