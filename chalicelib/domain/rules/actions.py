"""What a match brings about, decided in the commit that publishes it.

An action of a rule is told at most once for a contact and version of the rule. Its id is a hash of just
that, and the contact's row keeps the ids that were told, so a contact that is published again, or a rule
that is withdrawn and comes back, tells nothing twice. A match that is *quiet*, one that rules brought to a
contact that was there already, is kept as told and tells nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.events import Fact
from chalicelib.domain.rules.rule import Action, Rule
from chalicelib.domain.transcript import Channel

CATEGORY = "ASSIGN_CONTACT_CATEGORY"
EVENT = "GENERATE_EVENTBRIDGE_EVENT"
TASK = "CREATE_TASK"
NOTIFICATION = "SEND_NOTIFICATION"
ALERT = "SEND_IN_APP_NOTIFICATION"
WEBHOOK = "SEND_WEBHOOK"
EVALUATION = "SUBMIT_AUTO_EVALUATION"
FOLLOW_UP = "START_FOLLOW_UP"

RULE_MATCHED, RULE_ACTION = "RuleMatched", "RuleAction"
MATCHED_TYPES = {
    Channel.VOICE: "Contact Lens Post Call Rules Matched",
    Channel.CHAT: "Contact Lens Post Chat Rules Matched",
}
ACTION_TYPE = "Loupe Rule Action"
EVENT_VERSION = "1.0"
UNKNOWN = "unknown"
NOT_CARRIED_OUT: Mapping[str, str] = {
    "CREATE_CASE": "Amazon Connect Cases is not part of Loupe",
    "UPDATE_CASE": "Amazon Connect Cases is not part of Loupe",
    "ASSIGN_SLA": "Amazon Connect Cases is not part of Loupe",
    "END_ASSOCIATED_TASKS": "Loupe does not end tasks of Amazon Connect",
    "END_ASSOCIATED_EMAILS": "Loupe does not end e-mail contacts of Amazon Connect",
    "EXTRACT_INFORMATION": "Loupe does not extract information by rules",
}
KNOWN = frozenset((CATEGORY, EVENT, TASK, NOTIFICATION, ALERT, WEBHOOK, EVALUATION, FOLLOW_UP))
_VARIABLE = re.compile(
    r"\$\.ContactLens\.(?:PostCall|PostChat|RealTimeCall|RealTimeChat)"
    r"\.(ContactId|Agent\.AgentId|Queue\.QueueId)(?![\w.]*\w)"
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Of which contact, and when, something is told. ``instance_arn``: that of its Connect instance."""

    contact_id: str
    at_ms: int
    agent_id: str | None = None
    queue_id: str | None = None
    instance_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule that matched, in which conversation, and whether that may be told."""

    rule: Rule
    channel: Channel
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One action to carry out. ``id`` stays the same however often it is tried."""

    id: str
    kind: str
    contact_id: str
    rule_id: str
    rule_name: str
    rule_version: int
    at_ms: int
    channel: str
    agent_id: str | None = None
    queue_id: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    via: str = ""


def action_id(contact_id: str, rule: Rule, number: int) -> str:
    """The id of a rule's action for a contact; ``number`` counts its actions from 0."""
    told = json.dumps([contact_id, rule.id, rule.version, number])
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def follow(
    occasion: Occasion, matched: Iterable[Matched], told: Collection[str]
) -> tuple[tuple[str, ...], tuple[Fact, ...]]:
    """The ids that become told by this commit, and the facts that tell the world."""
    ids: dict[str, None] = {}
    facts: list[Fact] = []
    for match in matched:
        for number, action in enumerate(match.rule.actions):
            mark = action_id(occasion.contact_id, match.rule, number)
            if action.kind == CATEGORY or mark in told or mark in ids:
                continue
            ids[mark] = None
            if not match.quiet:
                facts.append(_fact(mark, occasion, match, action))
    return tuple(ids), tuple(facts)


def _fact(mark: str, occasion: Occasion, match: Matched, action: Action) -> Fact:
    if action.kind == EVENT:
        detail = _aws_detail(occasion, match, str(action.body.get("Name", "")))
        kind = MATCHED_TYPES[match.channel]
        return Fact(mark, RULE_MATCHED, kind, occasion.contact_id, detail)
    detail = {
        "kind": action.kind,
        "ruleId": match.rule.id,
        "ruleName": match.rule.name,
        "ruleVersion": match.rule.version,
        "atMs": occasion.at_ms,
        "channel": match.channel.value,
        "agentId": occasion.agent_id,
        "queueId": occasion.queue_id,
        "body": json.dumps(_filled(action.body, _variables(occasion)), sort_keys=True),
    }
    return Fact(mark, RULE_ACTION, ACTION_TYPE, occasion.contact_id, detail)


def _aws_detail(
    occasion: Occasion, match: Matched, name: str
) -> dict[str, str | int | float | bool | None]:
    """AWS's own members; ``leftOut`` names those that nothing is known for."""
    parts = {
        "instanceArn": "",
        "contactArn": f"/contact/{occasion.contact_id}",
        "agentArn": occasion.agent_id and f"/agent/{occasion.agent_id}",
        "queueArn": occasion.queue_id and f"/queue/{occasion.queue_id}",
    }
    arn = occasion.instance_arn
    known = {key: arn + end for key, end in parts.items() if arn and end is not None}
    out = " ".join(key for key in parts if key not in known)
    named = {"version": EVENT_VERSION, "ruleName": match.rule.name, "actionName": name}
    return {**named, **known, **({"leftOut": out} if out else {})}


def _variables(occasion: Occasion) -> dict[str, str]:
    return {
        "ContactId": occasion.contact_id,
        "Agent.AgentId": occasion.agent_id or UNKNOWN,
        "Queue.QueueId": occasion.queue_id or UNKNOWN,
    }


def _filled(value: Any, variables: Mapping[str, str]) -> Any:  # noqa: ANN401 - a body is any JSON
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: variables[found[1]], value)
    if isinstance(value, Mapping):
        return {key: _filled(one, variables) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(one, variables) for one in value]
    return value


def order_of(fact: Fact, via: str = "") -> Order:
    """The order that a ``RuleAction`` fact is, over the channel ``via``."""
    detail = fact.detail
    agent, queue = detail["agentId"], detail["queueId"]
    return Order(
        id=f"{fact.id}-{via}" if via else fact.id,
        kind=str(detail["kind"]),
        contact_id=fact.contact_id,
        rule_id=str(detail["ruleId"]),
        rule_name=str(detail["ruleName"]),
        rule_version=int(str(detail["ruleVersion"])),
        at_ms=int(str(detail["atMs"])),
        channel=str(detail["channel"]),
        agent_id=None if agent is None else str(agent),
        queue_id=None if queue is None else str(queue),
        body=json.loads(str(detail["body"])),
        via=via,
    )


def why_not(kind: str) -> str:
    """Why Loupe does not carry out actions of this kind; empty for those that it does."""
    if kind in KNOWN:
        return ""
    return NOT_CARRIED_OUT.get(kind, f"Loupe knows no action {kind}")


def warnings(rules: Iterable[Rule]) -> Iterator[str]:
    """What of these rules' actions will not be carried out, and why."""
    for rule in rules:
        for number, action in enumerate(rule.actions):
            reason = why_not(action.kind)
            if reason:
                yield f"rule {rule.id}, action {number} ({action.kind}) is not carried out: {reason}"
