"""YAML for rule files: a safe subset, in which a word is a word.

``no``, ``on`` and ``12:30`` are texts, as in YAML 1.2; anchors, aliases, tags and repeated keys are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from typing import Any

import yaml

from chalicelib.domain.errors import RuleRefused
from chalicelib.formats.rule_places import Place

CODE = "rules.yaml"
DEPTH = 60


class _Loader(yaml.SafeLoader):
    """Knows true, false, null and numbers; everything else that is not quoted is a text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 yaml's own types
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                None, None, "anchors and aliases are refused", event.start_mark
            )
        self.depth = getattr(self, "depth", 0) + 1
        if self.depth > DEPTH:
            raise yaml.MarkedYAMLError(None, None, "this is nested too deep", event.start_mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (place, _) in zip(keys, node.value, strict=True):
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(None, None, "a key is a text", place.start_mark)
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(None, None, "a key is there twice", place.start_mark)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", "n~\0"),
    ("int", r"[-+]?\d{1,1000}", "-+0123456789"),
    ("float", r"[-+]?\d{1,1000}\.\d{1,1000}(?:e[-+]?\d{1,3})?", "-+0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"(?:{_pattern})$"),
        ["" if c == "\0" else c for c in _first],
    )


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    value = float(loader.construct_scalar(node))
    if math.isinf(value):
        raise yaml.MarkedYAMLError(None, None, "a number is too large", node.start_mark)
    return value


_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def yaml_place(body: bytes, max_bytes: int) -> Place:
    """The document. Raises ``RuleRefused``: ``object.too_large``, ``rules.encoding``, ``rules.yaml`` with
    line and column."""
    if len(body) > max_bytes:
        raise RuleRefused("object.too_large", f"the file is larger than {max_bytes} bytes")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleRefused("rules.encoding", "the file is not UTF-8") from error
    try:
        return Place(yaml.load(text, Loader=_Loader))  # noqa: S506 a safe loader, narrowed
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the file"
        raise RuleRefused(CODE, f"{error.problem or 'this is not YAML'} ({where})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RuleRefused(CODE, "this is not YAML") from error


def yaml_bytes(document: object) -> bytes:
    """The document as YAML to read; ``yaml_place`` reads it back equal."""
    text = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text.encode()


class _Dumper(yaml.SafeDumper):
    """Quotes what ``_Loader`` or another reader would take for something else than a text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002 yaml's own types
        return True


def _text(dumper: _Dumper, text: str) -> Any:  # noqa: ANN401 yaml's own type
    """Line breaks that only Unicode knows survive in double quotes alone, as escapes."""
    style = '"' if any(mark in text for mark in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
