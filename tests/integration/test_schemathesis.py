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
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chalicelib.api import openapi
from chalicelib.api.resolver import resolver
from chalicelib.config import Settings
from local import server
from local.media import REDACTED, Signer
from tests.unit.api_world import populated

TOKEN = "start-token-for-tests-0123456789"
PORT = 8000
EXAMPLES = int(os.environ.get("LOUPE_TEST_EXAMPLES", "10"))
HEADERS = {"Authorization": f"Bearer {TOKEN}"}

BEYOND_SCHEMA = frozenset({
    "cursor", "search", "upload",  # a token that was not given out
    "range", "words",  # parameters that do not go together, a question without a word
    "time_zone", "metrics.bound", "metrics.periods",  # names and sizes that no schema can list
    "upload.too_large", "export.format",  # settings of the installation
    "precondition.missing", "precondition.stale",
})  # fmt: skip
OWN_RULES = {
    "POST /v1/rules": {"rules.schema"},  # documents with a schema of their own
    "POST /v1/evaluation-forms": {"form.schema"},
    "POST /v1/metrics:query": {
        f"metrics.{what}"
        for what in ("threshold", "category", "filters", "groupings", "id", "compare")
    },
    "POST /v1/rules/{ruleId}/publications": {"body"},  # one member or the other
    "POST /v1/rules/{ruleId}/backtests": {"body"},  # times after 1970
}
"""Why a request is refused that fits its schema. Whatever else is refused must break it."""


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
    answer = case.call(headers=HEADERS)
    if not refused_for_what_no_schema_says(case, answer):
        case.validate_response(answer, headers=HEADERS)
    else:
        case.validate_response(answer, headers=HEADERS, excluded_checks=[positive_data_acceptance])


def refused_for_what_no_schema_says(case, answer) -> bool:
    if answer.status_code not in (400, 412, 413, 422, 428):
        return False
    return answer.json()["code"] in BEYOND_SCHEMA | OWN_RULES.get(case.operation.label, frozenset())
