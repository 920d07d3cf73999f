"""An evaluation over a real socket: the gate lets through what edits need."""

from __future__ import annotations

import json

from tests.integration.server_world import dashboard, problem, up
from tests.unit.api_world import CALL
from tests.unit.evaluation_world import document, section, yes_no

__all__ = ["dashboard", "up"]

FORM = document(section("s", yes_no("polite")))
ANSWERS = {"answers": [{"questionId": "polite", "optionId": "yes"}]}


def put(up, path, body, tag):
    headers = {"Content-Type": "application/json", "If-Match": tag}
    return up.ask(path, method="PUT", headers=headers, body=json.dumps(body).encode())


def test_from_a_form_to_a_score(up):
    made = up.post("/v1/evaluation-forms", FORM, headers={"Idempotency-Key": "socket"})
    assert (made.status, made.headers["etag"]) == (201, '"1"')
    form_id = made.json["formId"]
    step = {"method": "POST", "headers": {"If-Match": '"1"'}}
    assert up.ask(f"/v1/evaluation-forms/{form_id}/activate", **step).json["state"] == "ACTIVE"
    begun = up.post(f"/v1/contacts/{CALL}/evaluations", {"formId": form_id})
    path = f"/v1/contacts/{CALL}/evaluations/{begun.json['evaluation']['evaluationId']}"
    saved = put(up, path, ANSWERS, begun.headers["etag"])
    assert (saved.status, saved.headers["etag"]) == (200, '"2"')
    problem(put(up, path, ANSWERS, begun.headers["etag"]), 412, "precondition.stale")
    submit = {"method": "POST", "headers": {"If-Match": saved.headers["etag"]}}
    submitted = up.ask(f"{path}/submit", **submit)
    assert submitted.json["evaluation"]["score"] == 100.0
    scores = up.ask(f"/v1/evaluations/scores?formId={form_id}").json
    assert scores["total"]["averageScore"] == 100.0
