"""The fields of a contact record that rules ask for, by the name that a condition has for them."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.contact import ContactRecord

NAMES = (
    "agent", "queue", "routing_profile", "hierarchy", "initiation_method", "disconnect_reason",
    "potential_disconnect_issue", "ai_agent",
)  # fmt: skip
ATTRIBUTE, SEGMENT, TAG = "attribute:", "segment:", "tag:"
KEYED = (ATTRIBUTE, SEGMENT, TAG)
NO_RECORD = "no contact record has arrived"
NOT_TOLD = "the contact record does not tell"


def facts(record: ContactRecord | None) -> dict[str, tuple[str, ...]]:
    """Values by field name; empty for a field that the record leaves empty, absent for what no record
    tells. An AI agent is written with what it did: ``id:version;AiAgentUseCase=SelfService``."""
    if record is None:
        return {}
    named = {
        "agent": record.agent_id,
        "queue": record.queue_id,
        "initiation_method": record.initiation_method,
        "disconnect_reason": record.disconnect_reason,
    }
    listed = {
        "routing_profile": record.routing_profile,
        "hierarchy": record.hierarchy,
        "potential_disconnect_issue": record.disconnect_issue,
        "ai_agent": record.ai_agents,
    }
    return {
        **{name: (value,) if value else () for name, value in named.items()},
        **{name: values for name, values in listed.items() if values is not None},
        **{f"{ATTRIBUTE}{key}": (value,) for key, value in record.attributes.items()},
        **{f"{SEGMENT}{key}": values for key, values in record.segment_attributes.items()},
        **{f"{TAG}{key}": (value,) for key, value in record.tags.items()},
    }


def has(name: str, value: str, wanted: str) -> bool:
    """Whether this value of a field is the wanted one. Elsewhere than in attributes an id also stands for
    the ARN that ends with it, and an AI agent for each of its versions."""
    if name.startswith(KEYED):
        return value == wanted
    plain = value.partition(";")[0]
    return (
        plain == wanted
        or plain.endswith(f"/{wanted}")
        or wanted.endswith(f"/{plain}")
        or (name == "ai_agent" and plain.partition(":")[0] == wanted)
    )


def passes(value: str, filters: Iterable[tuple[str, str]]) -> bool:
    """Whether a value is written with all of these."""
    told = value.split(";")[1:]
    return all(f"{name}={wanted}" in told for name, wanted in filters)
