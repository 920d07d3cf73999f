"""What tests of the resources about rules ask of a small installation."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.principal import RULES_WRITE, Principal, PrincipalRole
from chalicelib.flow import sweeps

AGENT = Principal("g", PrincipalRole.AGENT, agent_id="agent-1")
SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
WRITER = replace(SUPERVISOR, granted=frozenset({RULES_WRITE}))
READER = Principal("r", PrincipalRole.ADMIN)
CARD = {"name": "Card", "phrases": ["my card"], "role": "CUSTOMER"}
HELD = {"name": "Card", "when": {"metric": "hold", "atLeast": 5}}
EXAMPLES = [
    {"matches": True, "turns": [{"customer": "It is my card"}]},
    {"matches": False, "turns": [{"agent": "It is my card"}]},
    {"matches": True, "name": "wrong", "turns": [{"customer": "Hello"}]},
]


def post(world, path, body, **known):
    return world.ask(f"/v1/rules{path}", method="POST", body=body, **known)


def put(world, body, match=None, rule="card", **known):
    headers = {} if match is None else {"If-Match": match}
    return world.ask(f"/v1/rules/{rule}", method="PUT", body=body, headers=headers, **known)


def code(answer):
    return (answer.status, answer.json["code"])


def steps(world):
    """Work off what sweeps asked for; the contacts that were asked to be categorised again."""
    asked = []
    queue = world.services.queues.ingest
    while messages := queue.receive(1):
        for message in messages:
            if sweep := message.body.get("sweep"):
                sweeps.step(world.services, sweep)
            else:
                asked.append(message.body["contactId"])
            queue.done(message)
    return asked
