"""The catalogue of next actions: a YAML file of the installation, read strictly, with the line that is wrong.

actions:
  - id: call-back
    label: Call the customer back
    calls: true
  - id: offer-upgrade
    label: Offer the next larger plan
    kind: offer
    fits: [Price complaint, Cancellation]
"""

from __future__ import annotations

import re

import yaml

from chalicelib.domain.errors import InputRefused, RuleRefused
from chalicelib.domain.next_action import NOTHING, Action, ActionKind, Catalogue
from chalicelib.formats.rule_places import Place
from chalicelib.formats.rules_yaml import yaml_place

MAX_BYTES = 256 * 1024
MAX_ACTIONS = 500
MAX_TEXT = 256
ID = re.compile(r"[A-Za-z0-9._:-]{1,256}")
MEMBERS = ("id", "label", "kind", "fits", "calls")


def load(body: bytes) -> Catalogue:
    """The catalogue. Raises ``InputRefused``: ``actions.schema`` with the line, or what is wrong with
    the file."""
    try:
        found = _catalogue(yaml_place(body, MAX_BYTES))
    except RuleRefused as refused:
        if refused.code == "rules.schema":
            line = _line(body.decode("utf-8-sig"), refused.pointer)
            raise InputRefused("actions.schema", f"line {line}: {refused.detail}") from refused
        code = refused.code.replace("rules.", "actions.")
        raise InputRefused(code, refused.reason) from refused
    return found


def _catalogue(document: Place) -> Catalogue:
    places = document.members(("actions",), required=("actions",))["actions"].items(MAX_ACTIONS)
    actions: dict[str, Action] = {}
    for place in places:
        action = _action(place)
        if action.id in actions:
            place.refuse(f"the id {action.id} is there twice")
        actions[action.id] = action
    return Catalogue(tuple(actions.values()))


def _action(place: Place) -> Action:
    given = place.members(MEMBERS, required=("id", "label"))
    name = given["id"].filled()
    if not ID.fullmatch(name) or name == NOTHING:
        given["id"].refuse(f"an id is letters, digits and . _ : -, and not {NOTHING!r}")
    kind = given["kind"].one_of([k.value for k in ActionKind]) if "kind" in given else "service"
    fits = given["fits"].items() if "fits" in given else []
    return Action(
        name,
        given["label"].filled(MAX_TEXT),
        ActionKind(kind),
        tuple(each.filled(MAX_TEXT) for each in fits),
        given["calls"].truth() if "calls" in given else False,
    )


def _line(text: str, pointer: str) -> int:
    """Where the value of a pointer begins. The text has been read before, so it is YAML."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for step in pointer.split("/")[1:]:
        below = _below(node, step.replace("~1", "/").replace("~0", "~"))
        if below is None:
            break
        node = below
    return int(node.start_mark.line) + 1 if node else 1


def _below(node: yaml.Node, step: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        found: yaml.Node = node.value[int(step)]
        return found
    return None
