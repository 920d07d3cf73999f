"""Who may ask which resource: the whole table, written out. What is not here fails."""

from __future__ import annotations

import re

import pytest

from chalicelib.api.routes import ROUTES
from chalicelib.domain.principal import GRANTS, Principal, PrincipalRole
from tests.unit.api_world import BOTH, CALL, CHAT, populated

RESOURCES = {
    "contacts:read": """
        GET /v1/contacts
        GET /v1/contacts/{contactId}
        GET /v1/contacts/{contactId}/analysis
        GET /v1/contacts/{contactId}/transcript
        GET /v1/contacts/{contactId}/explanations
        GET /v1/contacts/{contactId}/related
        GET /v1/contacts/{contactId}/waveform
        GET /v1/themes
        POST /v1/contacts:search
        GET /v1/searches/{searchId}
        GET /v1/saved-searches
        POST /v1/saved-searches
        GET /v1/saved-searches/{savedSearchId}
        PUT /v1/saved-searches/{savedSearchId}
        DELETE /v1/saved-searches/{savedSearchId}
        GET /v1/contacts/{contactId}/versions
        GET /v1/surveys
        POST /v1/metrics:query
        GET /v1/metrics/catalog
        GET /v1/metrics/heatmap
        GET /v1/metrics/distribution
        GET /v1/metrics/movers
        GET /v1/queues
        GET /v1/queues/{queueId}
        GET /v1/agents
        GET /v1/agents/{agentId}
        GET /v1/categories
        GET /v1/categories/{categoryName}
        GET /v1/feed
    """,
    "recordings:listen": """
        GET /v1/contacts/{contactId}/recording
    """,
    "contacts:write": """
        POST /v1/uploads
        POST /v1/uploads/{uploadId}/complete
    """,
    "export": """
        POST /v1/exports
        GET /v1/exports/{exportId}
    """,
    "evaluations:read": """
        GET /v1/evaluation-forms
        GET /v1/evaluation-forms/{formId}
        GET /v1/contacts/{contactId}/evaluations
        GET /v1/contacts/{contactId}/evaluations/{evaluationId}
        POST /v1/contacts/{contactId}/evaluations/{evaluationId}/acknowledge
        POST /v1/contacts/{contactId}/evaluations/{evaluationId}/dispute
        GET /v1/evaluations
        GET /v1/evaluations/scores
    """,
    "evaluations:write": """
        POST /v1/evaluation-forms
        PUT /v1/evaluation-forms/{formId}
        POST /v1/evaluation-forms/{formId}/activate
        POST /v1/evaluation-forms/{formId}/deactivate
        POST /v1/contacts/{contactId}/evaluations
        PUT /v1/contacts/{contactId}/evaluations/{evaluationId}
        POST /v1/contacts/{contactId}/evaluations/{evaluationId}/submit
        POST /v1/contacts/{contactId}/evaluations/{evaluationId}/resolve
    """,
    "rules:read": """
        GET /v1/contacts/{contactId}/rules/{ruleId}
        GET /v1/rules
        GET /v1/rules/{ruleId}
        GET /v1/rules/{ruleId}/versions
        POST /v1/rules/{ruleId}/tests
        GET /v1/rule-publications
    """,
    "rules:write": """
        POST /v1/rules
        PUT /v1/rules/{ruleId}
        POST /v1/rules/{ruleId}/publications
        POST /v1/rules/{ruleId}/backtests
        GET /v1/backtests/{backtestId}
        GET /v1/backtests/{backtestId}/samples
    """,
    "operations": """
        GET /v1/actions
        GET /v1/people
        PUT /v1/people/{personId}
        GET /v1/quarantine
        POST /v1/quarantine/{quarantineId}/replay
    """,
    "reviews": """
        GET /v1/alerts
        GET /v1/review-items
        POST /v1/review-items/{itemId}/claim
        POST /v1/review-items/{itemId}/verdict
        POST /v1/review-items/{itemId}/resolve
        POST /v1/contacts/{contactId}/feedback
        GET /v1/contacts/{contactId}/corrections
        GET /v1/review-agreement
        GET /v1/bots
        POST /v1/bots/{botId}/sessions
        POST /v1/bots/{botId}/sessions/{sessionId}/utterances
        GET /v1/bots/{botId}/sessions/{sessionId}
        GET /v1/missed-utterances
        GET /v1/missed-utterances/lex-export
        GET /v1/contacts/{contactId}/follow-ups
        POST /v1/contacts/{contactId}/follow-ups
        GET /v1/follow-ups
        GET /v1/contacts/{contactId}/next-actions/{followUpId}/outcomes
        POST /v1/contacts/{contactId}/next-actions/{followUpId}/outcomes
    """,
    "erase": """
        DELETE /v1/contacts/{contactId}
        POST /v1/erasures
        GET /v1/erasures/{erasureId}
    """,
    "any": """
        GET /v1/me
        GET /v1/version
        GET /v1/openapi.json
    """,
    "audit:read": """
        GET /v1/audit
        GET /v1/audit/verification
    """,
    "open": """
        GET /v1/health
    """,
}

EVERYBODY = {"agent", "supervisor", "analyst", "admin"}
HOLDERS = {
    "any": EVERYBODY,
    "contacts:read": EVERYBODY,
    "contacts:write": {"admin"},
    "operations": {"admin"},
    "evaluations:read": EVERYBODY,
    "evaluations:write": {"supervisor", "admin"},
    "rules:read": {"supervisor", "analyst", "admin"},
    "reviews": {"supervisor", "admin"},
}
"""The roles that have a permission; any other one is granted by name."""

LINES = [
    (permission, *line.split())
    for permission, block in RESOURCES.items()
    for line in block.strip().splitlines()
]
IDS = [f"{method} {path}" for _, method, path in LINES]
NAMES = {
    "contactId": "nobody", "uploadId": "none", "quarantineId": "none", "formId": "none",
    "evaluationId": "none", "ruleId": "none", "backtestId": "none", "personId": "none",
    "itemId": "none", "botId": "none", "sessionId": "none", "followUpId": "none",
    "erasureId": "none", "searchId": "none", "savedSearchId": "none", "exportId": "none",
    "queueId": "none", "agentId": "none", "categoryName": "none",
}  # fmt: skip


def principal(role, *granted):
    """Somebody of the other queue, and the other agent."""
    return Principal(
        f"{role}-{len(granted)}",
        PrincipalRole(role),
        queues=frozenset({"queue-2"}) if role == "supervisor" else frozenset(),
        agent_id="agent-2" if role == "agent" else None,
        granted=frozenset(granted),
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return populated(tmp_path_factory.mktemp("world"))


def ask(world, method, path, who):
    body = {} if method in ("POST", "PUT") else None
    return world.ask(path.format(**NAMES), method=method, who=who, body=body)


def test_the_table_names_every_resource_with_its_permission():
    real = {(r.method, r.path): "open" if r.open else r.permission or "any" for r in ROUTES}
    assert {(method, path): permission for permission, method, path in LINES} == real


@pytest.mark.parametrize(("permission", "method", "path"), LINES, ids=IDS)
def test_who_may_ask(world, permission, method, path):
    nobody = ask(world, method, path, None).status
    assert nobody == 200 if permission == "open" else nobody == 401
    for role in EVERYBODY:
        told = ask(world, method, path, principal(role)).status
        may = permission == "open" or role in HOLDERS.get(permission, set())
        assert (told != 403) is may, (role, told)
    for granted in GRANTS:
        told = ask(world, method, path, principal("admin", granted)).status
        may = permission == "open" or "admin" in HOLDERS.get(permission, set())
        may = may or permission in (
            granted,
            {"recordings:unredacted": "recordings:listen"}.get(granted),
        )
        assert (told != 403) is may, (granted, told)


CANARIES = {"supervisor": (CALL, BOTH, "queue-1"), "agent": (CALL, BOTH, "queue-1", "agent-1")}
"""What stands in contacts alone that the one of this role does not see."""


def seen_by(world, who):
    """Everything that this principal can be told: each answer of every GET."""
    for route in ROUTES:
        if route.method != "GET" or route.path in ("/v1/openapi.json", "/v1/metrics/catalog"):
            continue
        for contact_id in (CALL, CHAT):
            names = {**NAMES, "contactId": contact_id, "queueId": "queue-1", "agentId": "agent-1",
                     "categoryName": "Billing dispute", "ruleId": "greeting"}  # fmt: skip
            answer = world.ask(route.path.format(**names), who=who)
            yield route.path, answer.text


@pytest.mark.parametrize("role", ["supervisor", "agent"])
def test_nothing_of_others_is_in_any_answer(world, role):
    who = principal(role, *sorted(GRANTS - {"audit:read", "rules:write"}))
    told = list(seen_by(world, who))
    assert any(CHAT in text for _, text in told)
    for canary in CANARIES[role]:
        word = re.compile(rf"(?<![\w-]){re.escape(canary)}(?![\w-])")
        assert not [path for path, text in told if word.search(text)], canary


def test_an_admin_is_told_of_them(world):
    text = " ".join(text for _, text in seen_by(world, principal("admin", *GRANTS)))
    assert all(canary in text for canaries in CANARIES.values() for canary in canaries)
