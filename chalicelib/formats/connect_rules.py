"""Contact Lens rules as Amazon Connect takes and gives them: CreateRule's input, DescribeRule's output.

Whatever is read is written again as an equal document. ``Function`` is a string that holds JSON; pointers
go on into it: ``/Function/RuleFunction/Operands/0`` is a place in that JSON. What a document says and a
rule does not (resource tags, ids, in which order filters were written) is kept in
``extra["contact-lens"]`` and means nothing to any other form.

Only analysis rules are rules about a conversation; the other event sources are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.actions import CATEGORY
from chalicelib.domain.rules.limits import DEFAULTS, Limits
from chalicelib.domain.rules.rule import (
    Action,
    Condition,
    Group,
    Node,
    Operator,
    Publish,
    Rule,
)
from chalicelib.formats.connect_conditions import Reading, read_condition
from chalicelib.formats.connect_table import BY_EVENT, OPERATORS, SOURCES, Source
from chalicelib.formats.connect_writing import Writing, write_condition
from chalicelib.formats.rule_places import Place, id_of, not_expressible, parsed

FORM = "contact-lens"
VERSION = "2022-11-25"
REQUIRED = ("Name", "TriggerEventSource", "Function", "Actions", "PublishStatus")
FILTERS = "PreEvaluationFilters"
CARRIED = (
    "InstanceId", "ClientToken", "Tags", "RuleId", "RuleArn", "RuleCapabilityTiers", "CreatedTime",
    "LastUpdatedTime", "LastUpdatedBy",
)  # fmt: skip
OTHER_EVENTS = (
    "OnAfterCallWorkAvailable", "OnAfterChatWorkAvailable", "OnEmailAnalysisAvailable",
    "OnZendeskTicketCreate", "OnZendeskTicketStatusUpdate", "OnSalesforceCaseCreate",
    "OnContactEvaluationSubmit", "OnMetricDataUpdate", "OnCaseCreate", "OnCaseUpdate",
    "OnSlaBreach", "OnAlertUpdate", "OnSchedulePublish", "OnScheduleUpdate",
    "OnScheduleTimeOffRequestActivity",
)  # fmt: skip
BODIES: Mapping[str, str] = {
    CATEGORY: "AssignContactCategoryAction",
    "GENERATE_EVENTBRIDGE_EVENT": "EventBridgeAction",
    "CREATE_TASK": "TaskAction",
    "SEND_NOTIFICATION": "SendNotificationAction",
    "SEND_IN_APP_NOTIFICATION": "SendInAppNotificationAction",
    "CREATE_CASE": "CreateCaseAction",
    "UPDATE_CASE": "UpdateCaseAction",
    "ASSIGN_SLA": "AssignSlaAction",
    "END_ASSOCIATED_TASKS": "EndAssociatedTasksAction",
    "END_ASSOCIATED_EMAILS": "EndAssociatedEmailsAction",
    "SUBMIT_AUTO_EVALUATION": "SubmitAutoEvaluationAction",
    "EXTRACT_INFORMATION": "ExtractInformationAction",
}
TAG = {"ResourceType": "CONTACT", "FilterType": "TAG", "Operator": "EQUALS"}


def load(body: bytes, limits: Limits = DEFAULTS) -> Rule:
    """The one rule in a document. Raises ``RuleRefused`` (``rules.json``, ``rules.encoding``,
    ``rules.schema``, ``object.empty``, ``object.too_large``)."""
    return read(parsed(body, "", limits.document_bytes), limits)


def load_all(body: bytes, limits: Limits = DEFAULTS) -> tuple[Rule, ...]:
    """The rules of a document that holds one or a list of them, each name once an event source."""
    place = parsed(body, "", limits.document_bytes)
    if not isinstance(place.value, list):
        return (read(place, limits),)
    seen: set[tuple[object, ...]] = set()
    rules = []
    for item in place.items(limits.rules):
        rule = read(item, limits)
        key = (rule.name, rule.channel, rule.real_time)
        if key in seen:
            item.refuse(f"another rule of this event source is called {rule.name}")
        seen.add(key)
        rules.append(rule)
    return tuple(rules)


def read(place: Place, limits: Limits = DEFAULTS) -> Rule:
    """The rule that a parsed document is; ``{"Rule": ...}`` is what DescribeRule answers."""
    kept: dict[str, Any] = {}
    if isinstance(place.value, dict) and place.value.keys() == {"Rule"}:
        kept["described"] = True
        place = place.members(("Rule",))["Rule"]
    members = place.members((*REQUIRED, FILTERS, *CARRIED), REQUIRED)
    name = members["Name"].filled(limits.name)
    reading = Reading(_source(members["TriggerEventSource"], kept), limits)
    when = _function(members["Function"], reading)
    actions = tuple(_action(one, reading) for one in members["Actions"].items())
    if not any(action.kind == CATEGORY for action in actions):
        members["Actions"].refuse(f"a rule of {reading.source.event} needs {CATEGORY}")
    kept |= {"members": {n: members[n].value for n in CARRIED if n in members}}
    kept |= {"order": _inside(place, reading.order), "without": [*_relative(place, reading)]}
    extra = {what: value for what, value in kept.items() if value}
    return Rule(
        id=_id(members, name),
        name=name,
        version=1,
        when=when,
        channel=reading.source.channel,
        real_time=reading.source.real_time,
        actions=actions,
        status=Publish(members["PublishStatus"].one_of(tuple(Publish))),
        tags=_tags(members.get(FILTERS)),
        extra={FORM: extra} if extra else {},
    )


def _relative(place: Place, reading: Reading) -> list[str]:
    """Pointers within the rule, wherever in a list the rule stands."""
    return [pointer.removeprefix(place.pointer) for pointer in reading.without]


def _inside(place: Place, order: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {pointer.removeprefix(place.pointer): names for pointer, names in order.items()}


def _id(members: Mapping[str, Place], name: str) -> str:
    return members["RuleId"].filled(256) if "RuleId" in members else id_of(name)


def _source(place: Place, kept: dict[str, Any]) -> Source:
    members = place.members(("EventSourceName", "IntegrationAssociationId"), ("EventSourceName",))
    event = members["EventSourceName"].one_of((*BY_EVENT, *OTHER_EVENTS))
    if event not in BY_EVENT:
        members["EventSourceName"].refuse(
            f"rules of {event} are not about a conversation's analysis"
        )
    if "IntegrationAssociationId" in members:
        kept["integration"] = members["IntegrationAssociationId"].filled()
    return BY_EVENT[event]


def _function(place: Place, reading: Reading) -> Group:
    text = place.filled().encode("utf-8", "surrogatepass")
    function = parsed(text, place.pointer, reading.limits.document_bytes)
    members = function.members(("Version", "RuleFunction"), ("Version", "RuleFunction"))
    members["Version"].one_of((VERSION,))
    top = members["RuleFunction"]
    node = _node(top, 1, reading)
    return node if isinstance(node, Group) else top.refuse("the outermost operator is AND or OR")


def _node(place: Place, depth: int, reading: Reading) -> Node:
    if depth > reading.limits.depth:
        place.refuse(f"this is nested deeper than {reading.limits.depth} levels")
    operator = place.value.get("Operator") if isinstance(place.value, dict) else None
    if operator not in tuple(Operator):
        if operator is not None:
            place.at("Operator", operator).one_of((*Operator, *OPERATORS))
        return read_condition(place, reading)
    members = place.members(("Operator", "Operands", "Negate"), ("Operator", "Operands"))
    negate = members["Negate"].truth() if "Negate" in members else None
    if negate:
        members["Negate"].refuse("only conditions can be negated, not groups")
    items = members["Operands"].items()
    nodes = tuple(_node(item, depth + 1, reading) for item in items)
    return Group(Operator(operator), nodes, negate)


def _action(place: Place, reading: Reading) -> Action:
    members = place.members(("ActionType", *BODIES.values()), ("ActionType",))
    kind = members.pop("ActionType").one_of(BODIES)
    body = members.pop(BODIES[kind], None)
    for other in members.values():
        other.refuse(f"this is not the body of {kind}")
    if body is None:
        reading.without.append(f"{place.pointer}/{BODIES[kind]}")
        return Action(kind)
    if not isinstance(body.value, dict):
        body.refuse("this is not an object")
    return Action(kind, body.value)


def _tags(place: Place | None) -> tuple[tuple[str, str], ...]:
    if place is None:
        return ()
    members = place.members(("AndConditions",), ("AndConditions",))
    return tuple(_tag(item) for item in members["AndConditions"].items())


def _tag(place: Place) -> tuple[str, str]:
    names = (*TAG, "FilterKey", "FilterValue")
    members = place.members(names, names)
    for name, only in TAG.items():
        members[name].one_of((only,))
    return members["FilterKey"].filled(), members["FilterValue"].text()


def dump(rule: Rule, limits: Limits = DEFAULTS) -> bytes:
    """The document as UTF-8 JSON."""
    return json.dumps(export(rule, limits), ensure_ascii=False, indent=2).encode()


def export(rule: Rule, limits: Limits = DEFAULTS) -> dict[str, Any]:
    """The CreateRule input of a rule, or its DescribeRule output if it was read from one.

    Raises ``RuleRefused`` with ``rules.not_expressible``. Version, description and examples of a rule
    have no place there; neither has its id, unless it is a ``RuleId``.
    """
    kept: Mapping[str, Any] = rule.extra.get(FORM, {})
    source = _source_of(rule)
    without = frozenset(kept.get("without", ()))
    writing = Writing(source, kept.get("order", {}), without)
    function = {
        "Version": VERSION,
        "RuleFunction": _written(_grouped(rule.when), "/Function/RuleFunction", writing),
    }
    document: dict[str, Any] = {
        "Name": rule.name,
        "TriggerEventSource": {"EventSourceName": source.event},
        "Function": json.dumps(function, ensure_ascii=False, separators=(",", ":")),
        "Actions": _actions(rule, without),
        "PublishStatus": rule.status.value,
        **kept.get("members", {}),
    }
    if "integration" in kept:
        document["TriggerEventSource"]["IntegrationAssociationId"] = kept["integration"]
    if rule.tags:
        document[FILTERS] = {"AndConditions": [_pair(key, value) for key, value in rule.tags]}
    _check(document, limits)
    return {"Rule": document} if kept.get("described") else document


def _source_of(rule: Rule) -> Source:
    if rule.channel is None:
        raise not_expressible(
            "in Contact Lens a rule is for voice or for chat", "/TriggerEventSource"
        )
    return next(
        source
        for source in SOURCES
        if (source.channel, source.real_time) == (rule.channel, rule.real_time)
    )


def _grouped(node: Node) -> Group:
    return node if isinstance(node, Group) else Group(Operator.AND, (node,))


def _written(node: Group | Condition, pointer: str, writing: Writing) -> dict[str, Any]:
    if not isinstance(node, Group):
        return write_condition(node, pointer, writing)
    if node.negate:
        raise not_expressible("in Contact Lens only conditions can be negated", pointer)
    members = [
        _written(member, f"{pointer}/Operands/{number}", writing)
        for number, member in enumerate(node.members)
    ]
    written: dict[str, Any] = {"Operator": node.operator.value, "Operands": members}
    if node.negate is not None:
        written["Negate"] = node.negate
    return written


def _actions(rule: Rule, without: frozenset[str]) -> list[dict[str, Any]]:
    """The actions; the category is what a rule of Loupe is, so it is added where nobody named it."""
    named = any(action.kind == CATEGORY for action in rule.actions)
    actions = rule.actions if named else (Action(CATEGORY), *rule.actions)
    return [_written_action(n, action, without) for n, action in enumerate(actions)]


def _written_action(number: int, action: Action, without: frozenset[str]) -> dict[str, Any]:
    pointer = f"/Actions/{number}"
    if action.kind not in BODIES:
        raise not_expressible(f"Contact Lens has no action {action.kind}", pointer)
    name = BODIES[action.kind]
    if not action.body and f"{pointer}/{name}" in without:
        return {"ActionType": action.kind}
    return {"ActionType": action.kind, name: dict(action.body)}


def _pair(key: str, value: str) -> dict[str, str]:
    return {**TAG, "FilterKey": key, "FilterValue": value}


def _check(document: Mapping[str, Any], limits: Limits) -> None:
    """What cannot be read again would be refused there as well."""
    try:
        read(Place(document), limits)
    except RuleRefused as refused:
        raise not_expressible(refused.reason, refused.pointer) from refused
