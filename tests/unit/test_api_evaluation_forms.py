"""Evaluation forms over HTTP, edits of one revision, repeated requests."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chalicelib.formats.evaluation_forms import DEFAULTS
from tests.unit.api_world import CALL, OTHER, World, populated
from tests.unit.evaluation_world import (
    FORM,
    FORMS,
    POLITE,
    RUDE,
    SAMPLE,
    SMALL,
    SUPERVISOR,
    active_form,
    ask,
    at,
    evaluate,
    problem,
    save,
)


@pytest.fixture
def world(tmp_path) -> World:
    return populated(tmp_path)


@pytest.fixture
def path(world) -> str:
    """An evaluation of the call, as a draft."""
    return at(evaluate(world, CALL, SMALL))


class TestForms:
    def test_a_form_is_created_read_changed_and_activated(self, world):
        made = ask(world, "POST", FORMS, SAMPLE, who=SUPERVISOR)
        here = f"{FORMS}/{made.json['formId']}"
        assert (made.status, made.headers["etag"], made.json["state"]) == (201, '"1"', "DRAFT")
        assert (made.json["form"], made.json["questions"]) == (SAMPLE, 8)
        changed = {**SAMPLE, "title": "Another"}
        saved = ask(world, "PUT", here, changed, tag="1", who=SUPERVISOR)
        assert (saved.status, saved.headers["etag"], saved.json["version"]) == (200, '"2"', 1)
        used = ask(world, "POST", f"{here}/activate", tag="2", who=SUPERVISOR)
        assert (used.json["state"], used.json["currentVersion"]) == ("ACTIVE", 1)
        assert used.json["versions"] == [
            {"version": 1, "activatedTimestamp": "2026-05-28T20:26:40.000Z", "activatedBy": "sam"}
        ]
        next_one = ask(world, "PUT", here, SMALL, tag="3")
        assert (next_one.json["version"], next_one.json["state"]) == (2, "DRAFT")
        assert next_one.json["currentVersion"] == 1
        frozen = world.ask(here, version=1).json
        assert (frozen["form"], frozen["state"]) == (changed, "ACTIVE")
        assert world.ask(here).json["form"] == SMALL
        (listed,) = world.ask(FORMS).json["items"]
        assert (listed["title"], listed["version"], listed["state"]) == ("A form", 2, "DRAFT")

    def test_what_was_answered_can_be_sent_back(self, world):
        here = f"{FORMS}/{ask(world, 'POST', FORMS, SAMPLE).json['formId']}"
        read = world.ask(here)
        again = ask(world, "PUT", here, read.json["form"], tag=read.headers["etag"].strip('"'))
        assert (again.status, again.json["form"]) == (200, SAMPLE)

    def test_a_form_out_of_use_begins_no_evaluation(self, world):
        form_id = active_form(world, SMALL)
        out = ask(world, "POST", f"{FORMS}/{form_id}/deactivate", tag="2")
        assert (out.json["state"], out.json["currentVersion"]) == ("INACTIVE", None)
        asked = {"formId": form_id}
        problem(ask(world, "POST", f"/v1/contacts/{CALL}/evaluations", asked), 409, "form.inactive")
        problem(ask(world, "POST", f"{FORMS}/{form_id}/deactivate", tag="3"), 409, "form.inactive")
        assert ask(world, "POST", f"{FORMS}/{form_id}/activate", tag="3").json["state"] == "ACTIVE"
        problem(ask(world, "POST", f"{FORMS}/{form_id}/activate", tag="4"), 409, "form.active")

    def test_a_wrong_form_is_refused_with_its_place_and_nothing_is_kept(self, world):
        wrong = json.loads(json.dumps(SMALL))
        wrong["sections"][0]["questions"][1]["options"][0]["points"] = "many"
        refused = ask(world, "POST", FORMS, wrong)
        problem(refused, 422, "form.schema")
        (error,) = refused.json["errors"]
        assert error["pointer"] == "/body/sections/0/questions/1/options/0/points"
        assert world.ask(FORMS).json["items"] == []

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ("[]", 422),
            ("null", 422),
            ('"form"', 422),
            ("{", 400),
            ('{"title": "x", "title": "y"}', 400),
            ('{"title": "\\ud800", "sections": []}', 422),
            ('{"title": 1e999, "sections": []}', 422),
            ('{"title": "x", "sections": ' + "[" * 900 + "]" * 900 + "}", 422),
            ('{"title": "x", "sections": ' + "[" * 90_000 + "]" * 90_000 + "}", 400),
            ('{"title": "' + "x" * 2_000_000 + '", "sections": []}', 422),
        ],
        ids=["list", "null", "text", "no JSON", "twice", "surrogate", "endless", "deep", "deeper", "large"],
    )  # fmt: skip
    def test_hostile_bodies_are_refused(self, world, body, status):
        answer = ask(world, "POST", FORMS, body)
        assert (answer.status, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )

    def test_there_are_so_many_forms_and_versions(self, world):
        for _ in range(DEFAULTS.forms):
            assert ask(world, "POST", FORMS, SMALL).status == 201
        problem(ask(world, "POST", FORMS, SMALL), 422, "form.limit")
        problem(
            ask(world, "POST", FORMS, SMALL, headers={"Idempotency-Key": "x"}), 422, "form.limit"
        )

    @pytest.mark.parametrize("form_id", ["none", FORM, "..", "#", '"', "ü" * 400])
    def test_an_unknown_form_is_not_found(self, world, form_id):
        assert world.ask(f"{FORMS}/{form_id}").status == 404
        assert ask(world, "PUT", f"{FORMS}/{form_id}", SMALL, tag="1").status == 404

    def test_a_version_that_was_never_activated_is_not_found(self, world):
        form_id = active_form(world, SMALL)
        problem(world.ask(f"{FORMS}/{form_id}", version=2), 404, "not_found")
        problem(world.ask(f"{FORMS}/{form_id}", version=0), 400, "parameter")


class TestEdits:
    def test_without_a_revision_nothing_is_edited(self, world, path):
        problem(ask(world, "PUT", path, POLITE), 428, "precondition.missing")
        problem(ask(world, "POST", f"{path}/submit"), 428, "precondition.missing")
        problem(ask(world, "PUT", f"{FORMS}/{FORM}", SMALL), 428, "precondition.missing")

    @pytest.mark.parametrize("given", ['"2"', 'W/"1"', "1", '"x"', '""', '"1', '"2", "3"'])
    def test_another_revision_is_refused(self, world, path, given):
        answer = ask(world, "PUT", path, POLITE, headers={"If-Match": given})
        problem(answer, 412, "precondition.stale")
        assert world.ask(path).json["revision"] == 1

    @pytest.mark.parametrize("given", ['"1"', "*", '"7", "1"', ' "1" '])
    def test_the_revision_that_was_read_is_taken(self, world, path, given):
        assert ask(world, "PUT", path, POLITE, headers={"If-Match": given}).status == 200

    def test_who_saves_second_is_refused_and_the_first_answers_stay(self, world, path):
        assert ask(world, "PUT", path, POLITE, tag="1", who=SUPERVISOR).status == 200
        problem(ask(world, "PUT", path, RUDE, tag="1"), 412, "precondition.stale")
        (given,) = [a for a in world.ask(path).json["answers"] if a["questionId"] == "polite"]
        assert (given["answer"]["optionId"], given["answeredBy"]) == ("yes", "sam")

    def test_of_many_at_once_one_is_taken(self, world, path):
        start = Barrier(4)

        def edit(option: str) -> int:
            start.wait()
            body = {"answers": [{"questionId": "polite", "optionId": option}], "notes": option}
            return ask(world, "PUT", path, body, tag="1").status

        with ThreadPoolExecutor(4) as pool:
            statuses = sorted(pool.map(edit, ["yes", "no", "yes", "no"]))
        assert statuses == [200, 412, 412, 412]
        told = world.ask(path).json
        assert told["revision"] == 2
        assert told["answers"][1]["answer"]["optionId"] == told["notes"]

    def test_an_etag_that_is_known_answers_304_until_something_changes(self, world, path):
        known = world.ask(path).headers["etag"]
        assert world.ask(path, headers={"If-None-Match": known}).status == 304
        save(world, path, POLITE)
        assert world.ask(path, headers={"If-None-Match": known}).status == 200


class TestRepeating:
    HERE = f"/v1/contacts/{CALL}/evaluations"

    def test_the_same_request_creates_once(self, world):
        first, again = (
            ask(world, "POST", FORMS, SMALL, headers={"Idempotency-Key": "k"}) for _ in "12"
        )
        assert (again.status, again.json) == (201, first.json)
        assert len(world.ask(FORMS).json["items"]) == 1

    def test_it_answers_what_has_become_of_it(self, world, path):
        save(world, path, POLITE)
        again = ask(
            world, "POST", self.HERE, {"formId": FORM}, headers={"Idempotency-Key": "made for tests"}
        )  # fmt: skip
        assert (again.status, again.json["revision"]) == (201, 2)
        assert len(world.ask(self.HERE).json["items"]) == 1

    def test_another_body_under_the_same_key_is_refused(self, world, path):
        headers = {"Idempotency-Key": "made for tests"}
        problem(ask(world, "POST", FORMS, SAMPLE, headers=headers), 422, "idempotency")
        other = {"formId": active_form(world, SAMPLE, key="other")}
        problem(ask(world, "POST", self.HERE, other, headers=headers), 422, "idempotency")

    def test_keys_of_others_and_other_contacts_are_others(self, world, path):
        headers = {"Idempotency-Key": "made for tests"}
        assert (
            ask(world, "POST", self.HERE, {"formId": FORM}, headers=headers, who=SUPERVISOR).status
            == 201
        )
        there = f"/v1/contacts/{OTHER}/evaluations"
        assert ask(world, "POST", there, {"formId": FORM}, headers=headers).status == 201
        assert len(world.ask(self.HERE).json["items"]) == 2

    def test_without_a_key_each_request_creates(self, world):
        made = [ask(world, "POST", FORMS, SMALL).json["formId"] for _ in "12"]
        assert len(set(made)) == 2

    def test_a_key_is_not_endless(self, world):
        answer = ask(world, "POST", FORMS, SMALL, headers={"Idempotency-Key": "k" * 201})
        problem(answer, 400, "idempotency")
