"""Contact Lens rule documents, written by hand."""

import json

from chalicelib.domain.rules.limits import Limits
from chalicelib.formats import connect_rules

CALL, CHAT = "OnPostCallAnalysisAvailable", "OnPostChatAnalysisAvailable"
LIVE, LIVE_CHAT = "OnRealTimeCallAnalysisAvailable", "OnRealTimeChatAnalysisAvailable"
PREFIX = {CALL: "PostCall", CHAT: "PostChat", LIVE: "RealTimeCall", LIVE_CHAT: "RealTimeChat"}
CATEGORY = {"ActionType": "ASSIGN_CONTACT_CATEGORY", "AssignContactCategoryAction": {}}
TOP = "/Function/RuleFunction"
FIRST = f"{TOP}/Operands/0"


def condition(path, *operands, operator="CONTAINS_ANY", event=CALL, filters=(), **more):
    made = {
        "Operator": operator,
        "Operands": list(operands),
        "ComparisonValue": f"$.ContactLens.{PREFIX[event]}.{path}",
        **more,
    }
    if filters:
        listed = [{"Type": name, "Data": data} for name, data in filters]
        made["FilterClause"] = {"LogicOperator": "AND", "Filters": listed}
    return made


def document(*nodes, event=CALL, operator="AND", **more):
    function = {
        "Version": "2022-11-25",
        "RuleFunction": {"Operator": operator, "Operands": list(nodes)},
    }
    return {
        "Name": "Refund asked",
        "TriggerEventSource": {"EventSourceName": event},
        "Function": json.dumps(function),
        "Actions": [CATEGORY],
        "PublishStatus": "PUBLISHED",
        **more,
    }


def load(document, **limits):
    return connect_rules.load(json.dumps(document).encode(), Limits(**limits))


def plain(document):
    """The document with its function as the JSON that it holds."""
    inside = document.get("Rule", document)
    opened = {**inside, "Function": json.loads(inside["Function"])}
    return {"Rule": opened} if "Rule" in document else opened


def number(path, value, event=CALL, operator="NumberGreaterOrEqualTo", filters=()):
    return condition(path, value, operator=operator, event=event, filters=filters)


def tokens(*pairs):
    return [{"Type": kind, "Value": value} for kind, value in pairs]


AGENT, CUSTOMER, EITHER = (("ParticipantRole", r) for r in ("AGENT", "CUSTOMER", "ANY"))
OPENING = ("PostCallContactPeriodSeconds", {"First": 30})
CLOSING = ("PostChatContactPeriodSeconds", {"Last": 10})
PAST = ("RealTimeCallContactPeriodSeconds", {"Past": 20})
ENGLISH = ("PatternMatchLanguageFilter", "EN")
NEAR = tokens(
    ("PLAIN", "send "),
    ("PROXIMITY", {"Distance": 3, "IsWithin": True}),
    ("LIST", tokens(("PLAIN", "invoice*"), ("PLAIN", "bill"))),
)
FAR = tokens(
    ("NUMERICAL", {"Decimal": True}),
    ("PROXIMITY", {"Distance": 2, "IsWithin": False}),
    ("PLAIN", "euro"),
)
USE, HANDED = ("AiAgentUseCase", {"Value": "SelfService"}), ("AiAgentEscalatedToHuman", "TRUE")
EXACT = "ExactMatch.Transcript"

ONE = condition("Agent.AgentId", "a")
FILTER = {
    "ResourceType": "CONTACT",
    "FilterType": "TAG",
    "FilterKey": "team",
    "FilterValue": "north",
    "Operator": "EQUALS",
}


def deep(levels):
    node = ONE
    for _ in range(levels):
        node = {"Operator": "AND", "Operands": [node]}
    return node
