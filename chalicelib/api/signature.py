"""An endpoint's parameters as the API shows them: camelCase, a dataclass among them as its fields.

Groups of parameters that several resources take are declared once, as such a dataclass. ``FreeQuery``
fields of it take every query key with their prefix; what they hold is checked here, for the resolver
knows names only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from chalicelib.api.params import FreeQuery
from chalicelib.domain.errors import BadRequest

Many = Mapping[str, list[str]]
Place = tuple[str, str]
"""The function's parameter, and the field of it (empty: it is none of a group)."""


@dataclass(frozen=True)
class Free:
    place: Place
    marker: FreeQuery
    adapter: TypeAdapter[Any]


@dataclass(frozen=True)
class Parameters:
    """``shown`` are the resolver's; ``places`` says where each goes, by its API name."""

    shown: inspect.Signature
    places: Mapping[str, Place]
    groups: Mapping[str, type[Any]]
    free: tuple[Free, ...]

    def arguments(self, given: Mapping[str, Any], query: Many) -> dict[str, Any]:
        """What the function is called with. Raises ``BadRequest`` for a free key that is malformed."""
        found = [(self.places[name], value) for name, value in given.items()]
        found += [(free.place, taken) for free in self.free if (taken := _taken(free, query))]
        single = {name: value for (name, inner), value in found if not inner}
        grouped = {
            name: made(**{inner: value for (outer, inner), value in found if outer == name})
            for name, made in self.groups.items()
        }
        return single | grouped

    def query_names(self, path: str) -> frozenset[str]:
        """The query keys that are declared one by one."""
        names = {name.rstrip("_") for name in self.places if f"{{{name}}}" not in path}
        return frozenset(names - {"body"})

    def unknown(self, names: set[str], path: str) -> list[str]:
        """Of these query keys, those that are not declared."""
        prefixes = [free.marker.prefix for free in self.free]
        return sorted(
            name
            for name in names - self.query_names(path)
            if not any(name.startswith(p) and name != p for p in prefixes)
        )


@cache
def parameters(function: Callable[..., Any]) -> Parameters:
    hints = get_type_hints(function, include_extras=True)
    shown: list[inspect.Parameter] = []
    places: dict[str, Place] = {}
    groups: dict[str, type[Any]] = {}
    free: list[Free] = []
    for own in inspect.signature(function).parameters.values():
        hint = hints[own.name]
        if own.name == "call":
            continue
        if not (isinstance(hint, type) and is_dataclass(hint)):
            shown.append(own.replace(name=to_camel(own.name), annotation=hint))
            places[to_camel(own.name)] = (own.name, "")
            continue
        groups[own.name] = hint
        for each, marked in _fields(hint):
            place = (own.name, each.name)
            if isinstance(marked, Free):
                free.append(Free(place, marked.marker, marked.adapter))
            else:
                shown.append(each.replace(name=to_camel(each.name)))
                places[to_camel(each.name)] = place
    return Parameters(inspect.Signature(shown), places, groups, tuple(free))


def _fields(group: type[Any]) -> list[tuple[inspect.Parameter, Free | None]]:
    hints = get_type_hints(group, include_extras=True)
    found: list[tuple[inspect.Parameter, Free | None]] = []
    for each in fields(group):
        hint = hints[each.name]
        parameter = inspect.Parameter(
            each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=hint
        )
        marker = _marker(hint)
        made = Free(("", each.name), marker, TypeAdapter(get_args(hint)[0])) if marker else None
        found.append((parameter, made))
    return found


def _marker(hint: Any) -> FreeQuery | None:  # noqa: ANN401 - any annotation
    if get_origin(hint) is not Annotated:
        return None
    return next((each for each in get_args(hint) if isinstance(each, FreeQuery)), None)


def _taken(free: Free, query: Many) -> Any:  # noqa: ANN401 - as the field is declared
    prefix = free.marker.prefix
    mine = {
        name.removeprefix(prefix): list(values)
        for name, values in query.items()
        if name.startswith(prefix)
    }
    if not mine:
        return None
    try:
        return free.adapter.validate_python(mine)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = f"{prefix}{first['loc'][0]}" if first["loc"] else f"{prefix}*"
        raise BadRequest("parameter", first["msg"], pointer=f"/query/{key}") from None
