"""The fields of a contact record that rules ask for, by the name that a condition has for them."""

from __future__ import annotations

from chalicelib.domain.contact import ContactRecord

NAMES = (
    "agent", "queue", "routing_profile", "hierarchy", "initiation_method", "disconnect_reason",
    "potential_disconnect_issue", "ai_agent",
)  # fmt: skip
ATTRIBUTE, SEGMENT = "attribute:", "segment:"
NO_RECORD = "no contact record has arrived"
NOT_TOLD = "the contact record does not tell"


def facts(record: ContactRecord | None) -> dict[str, tuple[str, ...]]:
    """Values by field name; empty for a field that the record leaves empty, absent for what no record
    tells."""
    if record is None:
        return {}
    named = {
        "agent": record.agent_id,
        "queue": record.queue_id,
        "initiation_method": record.initiation_method,
        "disconnect_reason": record.disconnect_reason,
    }
    return {
        **{name: (value,) if value else () for name, value in named.items()},
        **{f"{ATTRIBUTE}{key}": (value,) for key, value in record.attributes.items()},
    }


def is_one_of(value: str, wanted: str) -> bool:
    """Whether a field has this value; an id also stands for the ARN that ends with it."""
    return value == wanted or value.endswith(f"/{wanted}") or wanted.endswith(f"/{value}")
