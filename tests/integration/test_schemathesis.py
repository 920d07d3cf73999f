"""The API as its own description tells it: every operation, asked with what fits and what does not.

Requests are drawn from ``openapi.json`` with a fixed seed, so a run is the same run each time, and go
through the local server's gate to real stores. Every check of schemathesis counts.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from chalicelib.api import openapi
from chalicelib.api.resolver import resolver
from chalicelib.config import Settings
from local import server
from local.media import REDACTED, Signer
from tests.unit.api_world import populated

TOKEN = "start-token-for-tests-0123456789"
PORT = 8000
EXAMPLES = int(os.environ.get("LOUPE_TEST_EXAMPLES", "12"))
HEADERS = {"Authorization": f"Bearer {TOKEN}"}



class Behind:
    """The server, which needs a folder, behind an application that is there from the start."""

    inner = None

    async def __call__(self, scope, receive, send) -> None:
        await self.inner(scope, receive, send)


SERVER = Behind()
schema = schemathesis.openapi.from_dict(openapi.document(resolver()))
schema.app = SERVER
schema.config.update(base_url=f"http://127.0.0.1:{PORT}")
schema.config.generation.update(max_examples=EXAMPLES, deterministic=True)


@pytest.fixture(scope="module", autouse=True)
def running(tmp_path_factory):
    signer = Signer(b"a secret for tests", clock=lambda: 1_780_000_000)
    world = populated(
        tmp_path_factory.mktemp("world"),
        Settings(api_rate_per_minute=0),
        signer.url,
        signer.of_store(REDACTED).url,
    )
    SERVER.inner = server.build(
        world.services, token=TOKEN, port=PORT, signer=signer, dashboard=None, capabilities=list
    )


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=20),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_its_word(case):
    case.call_and_validate(headers=HEADERS)
