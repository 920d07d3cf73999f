"""The operands of a Contact Lens pattern match: lists of ``{Type, Value}`` tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.domain.rules.limits import Limits
from chalicelib.domain.rules.patterns import pattern
from chalicelib.domain.rules.rule import AnyOf, Number, PatternPart, Plain, Proximity
from chalicelib.formats.rule_places import Place

TOKEN = ("Type", "Value")


def read_pattern(place: Place, limits: Limits) -> tuple[PatternPart, ...]:
    """One pattern. Values stay as they are written, blanks included."""
    parts = tuple(_part(token, limits) for token in place.items(limits.parts))
    try:
        pattern(parts)
    except ValueError as ambiguous:
        place.refuse(str(ambiguous))
    return parts


def write_pattern(parts: Sequence[PatternPart]) -> list[dict[str, object]]:
    return [_token(part) for part in parts]


def _part(place: Place, limits: Limits) -> PatternPart:
    token = place.members(TOKEN, TOKEN)
    return _READERS[token["Type"].one_of(_READERS)](token["Value"], limits)


def _plain(value: Place, _: Limits) -> Plain:
    return Plain(value.text())


def _list(value: Place, limits: Limits) -> AnyOf:
    return AnyOf(tuple(_listed(token) for token in value.items(limits.alternatives)))


def _listed(place: Place) -> Plain:
    token = place.members(TOKEN, TOKEN)
    token["Type"].one_of(("PLAIN",))
    return Plain(token["Value"].text())


def _proximity(value: Place, limits: Limits) -> Proximity:
    near = value.members(("Distance", "IsWithin"), ("Distance", "IsWithin"))
    return Proximity(near["Distance"].whole(0, limits.distance), near["IsWithin"].truth())


def _number(value: Place, _: Limits) -> Number:
    return Number(value.members(("Decimal",), ("Decimal",))["Decimal"].truth())


_READERS: Mapping[str, Callable[[Place, Limits], PatternPart]] = {
    "PLAIN": _plain,
    "LIST": _list,
    "PROXIMITY": _proximity,
    "NUMERICAL": _number,
}


def _token(part: PatternPart) -> dict[str, object]:
    match part:
        case Plain(text):
            return {"Type": "PLAIN", "Value": text}
        case AnyOf(alternatives):
            return {"Type": "LIST", "Value": [_token(one) for one in alternatives]}
        case Proximity(distance, within):
            return {"Type": "PROXIMITY", "Value": {"Distance": distance, "IsWithin": within}}
        case Number(decimal):
            return {"Type": "NUMERICAL", "Value": {"Decimal": decimal}}
