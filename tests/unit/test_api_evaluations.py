# ruff: noqa: E501
"""Forms and evaluations over HTTP: from a draft of a form to the score of an agent."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.formats.evaluation_forms import DEFAULTS
from tests.unit import api_world as w
from tests.unit.api_world import ADMIN, BOTH, CALL, CHAT, NOW_MS, OTHER, RUNNING, World, populated
from tests.unit.evaluation_world import (
    EVALUATION,
    FORM,
    SAMPLE,
    active_form,
    ask,
    document,
    evaluate,
    section,
    yes_no,
)

SUPERVISOR = Principal("sam", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
ELSEWHERE = Principal("kim", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
ADA = Principal("ada", PrincipalRole.AGENT, agent_id="agent-1")
BOB = Principal("bob", PrincipalRole.AGENT, agent_id="agent-2")
FORMS = "/v1/evaluation-forms"
SMALL = document(
    section("s", yes_no("dispute", automation={"cases": [{"category": "Billing dispute", "option": "yes"}], "default": "no"}), yes_no("polite")),
    scoring="WEIGHTS",
)  # fmt: skip
POLITE = {"answers": [{"questionId": "polite", "optionId": "yes"}]}
RUDE = {"answers": [{"questionId": "polite", "optionId": "no"}]}


@pytest.fixture
def world(tmp_path) -> World:
    return populated(tmp_path)


@pytest.fixture
def path(world) -> str:
    """An evaluation of the call, as a draft."""
    return at(evaluate(world, CALL, SMALL))


def at(answer) -> str:
    known = answer.json["evaluation"]
    return f"/v1/contacts/{known['contactId']}/evaluations/{known['evaluationId']}"


def problem(answer, status: int, code: str):
    assert (answer.status, answer.json["code"]) == (status, code), answer.text


def tag_of(world: World, path: str) -> str:
    return world.ask(path).headers["etag"].strip('"')


def do(world: World, path: str, step: str, body=None, who: Principal = ADMIN):
    """A step at the present revision."""
    return ask(world, "POST", f"{path}/{step}", body, tag=tag_of(world, path), who=who)


def save(world: World, path: str, body, who: Principal = ADMIN):
    return ask(world, "PUT", path, body, tag=tag_of(world, path), who=who)


def submitted(world: World, path: str) -> str:
    assert save(world, path, POLITE, SUPERVISOR).status == 200
    assert do(world, path, "submit", who=SUPERVISOR).status == 200
    return path


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


WRONG = [
    ("an unknown question", {"questionId": "x", "optionId": "yes"}, "/body/answers/1/questionId"),
    ("a question twice", {"questionId": "polite", "optionId": "yes"}, "/body/answers/1/questionId"),
    ("an unknown option", {"questionId": "dispute", "optionId": "x"}, "/body/answers/1/optionId"),
    ("a text to a choice", {"questionId": "dispute", "text": "x"}, "/body/answers/1/text"),
    ("a value of what does not apply", {"questionId": "dispute", "optionId": "no", "notApplicable": True}, "/body/answers/1/notApplicable"),
]  # fmt: skip


class TestAnswers:
    def test_automation_has_answered_with_evidence(self, world, path):
        told = world.ask(path).json
        dispute, polite = told["answers"]
        assert dispute["answer"]["optionId"] == "yes"
        assert (dispute["answeredBy"], dispute["overridden"], dispute["score"]) == (
            "automation",
            False,
            100.0,
        )
        (evidence,) = dispute["automated"]["evidence"]
        assert (evidence["name"], evidence["present"], evidence["channel"]) == (
            "Billing dispute",
            True,
            "VOICE",
        )
        assert (evidence["ruleId"], evidence["ruleVersion"]) == ("r1", 2)
        assert [point["segmentId"] for point in evidence["pointsOfInterest"]] == ["t-0002"]
        assert (polite["answer"], polite["automated"]) == (None, None)
        assert told["score"]["missing"] == ["polite"]
        assert told["evaluation"]["scoreStatus"] == "INCOMPLETE"

    def test_a_person_overrides_it_and_it_is_kept(self, world, path):
        body = {"answers": [{"questionId": "dispute", "optionId": "no", "notes": "misheard"}]}
        dispute = save(world, path, body, SUPERVISOR).json["answers"][0]
        assert (dispute["answer"]["optionId"], dispute["answeredBy"], dispute["notes"]) == (
            "no",
            "sam",
            "misheard",
        )
        assert (dispute["overridden"], dispute["automated"]["answer"]["optionId"]) == (True, "yes")
        assert dispute["answeredTimestamp"] == "2026-05-28T20:26:40.000Z"

    def test_the_form_that_ships_evaluates_a_call_and_a_chat(self, world):
        for contact_id in (CALL, CHAT, BOTH):
            told = evaluate(world, contact_id) if contact_id == CALL else ask(
                world, "POST", f"/v1/contacts/{contact_id}/evaluations", {"formId": FORM}
            )  # fmt: skip
            answered = {a["questionId"] for a in told.json["answers"] if a["answer"]}
            assert {"disclosure", "escalation"} <= answered
            assert set(told.json["score"]["missing"]) >= {"need-understood", "respect"}

    @pytest.mark.parametrize(
        ("answer", "pointer"), [x[1:] for x in WRONG], ids=[x[0] for x in WRONG]
    )
    def test_an_answer_that_cannot_be_is_refused_with_its_place(self, world, path, answer, pointer):
        refused = save(world, path, {"answers": [*POLITE["answers"], answer]})
        problem(refused, 422, "evaluation.answer")
        assert [e["pointer"] for e in refused.json["errors"]] == [pointer]
        assert world.ask(path).json["revision"] == 1

    @pytest.mark.parametrize(
        "body", [{}, {"answers": [{}]}, {"answers": [], "more": 1}, {"answers": POLITE["answers"] * 101},
                 {"answers": [{"questionId": "polite", "text": "x" * 4001}]}],
    )  # fmt: skip
    def test_a_body_that_breaks_its_schema_is_refused(self, world, path, body):
        problem(save(world, path, body), 422, "body")


class TestFromDraftToResolved:
    def test_an_open_question_cannot_be_submitted(self, world, path):
        problem(do(world, path, "submit"), 409, "evaluation.incomplete")

    def test_an_agent_acknowledges(self, world, path):
        submitted(world, path)
        told = do(world, path, "acknowledge", who=ADA).json
        assert (told["evaluation"]["state"], told["evaluation"]["score"]) == ("ACKNOWLEDGED", 100.0)
        assert [(event["step"], event["by"]) for event in told["history"]] == [
            ("SUBMIT", "sam"),
            ("ACKNOWLEDGE", "ada"),
        ]

    def test_an_agent_disputes_and_the_score_is_corrected(self, world, path):
        save(world, path, RUDE, SUPERVISOR)
        do(world, path, "submit", who=SUPERVISOR)
        assert world.ask(path, who=ADA).json["evaluation"]["score"] == 50.0
        disputed = do(world, path, "dispute", {"comment": "I was polite."}, ADA)
        assert (disputed.status, disputed.json["evaluation"]["state"]) == (200, "DISPUTED")
        told = do(world, path, "resolve", {"comment": "So you were.", **POLITE}, SUPERVISOR).json
        assert (told["evaluation"]["state"], told["evaluation"]["score"]) == ("RESOLVED", 100.0)
        assert [event["comment"] for event in told["history"]] == [
            "",
            "I was polite.",
            "So you were.",
        ]

    def test_a_dispute_that_is_not_upheld_leaves_the_answers(self, world, path):
        submitted(world, path)
        do(world, path, "dispute", {"comment": "No."}, ADA)
        told = do(world, path, "resolve", {"comment": "Yes."}, SUPERVISOR).json
        assert (told["evaluation"]["state"], told["evaluation"]["score"]) == ("RESOLVED", 100.0)

    def test_resolving_cannot_leave_a_question_open(self, world, path):
        submitted(world, path)
        do(world, path, "dispute", {"comment": "No."}, ADA)
        answer = do(world, path, "resolve", {"comment": "Yes.", "answers": []}, SUPERVISOR)
        problem(answer, 409, "evaluation.incomplete")

    @pytest.mark.parametrize("step", ["submit", "resolve", "save"])
    def test_what_was_submitted_is_not_changed(self, world, path, step):
        submitted(world, path)
        answer = (
            save(world, path, RUDE)
            if step == "save"
            else do(world, path, step, {"comment": "x"} if step == "resolve" else None)
        )
        problem(answer, 409, "evaluation.state")

    @pytest.mark.parametrize("body", [{}, {"comment": ""}, {"comment": "x" * 4001}])
    def test_a_dispute_says_why(self, world, path, body):
        submitted(world, path)
        problem(do(world, path, "dispute", body, ADA), 422, "body")

    def test_it_is_exported_as_contact_lens_does(self, world, path):
        submitted(world, path)
        told = world.ask(path, format="contactlens")
        assert (told.json["schemaVersion"], told.json["metadata"]["contactId"]) == ("3.1", CALL)
        assert told.json["metadata"]["score"] == {"percentage": 100.0}
        assert told.headers["etag"].startswith('W/"')

    def test_an_evaluation_keeps_the_version_it_was_begun_with(self, world, path):
        submitted(world, path)
        tag = tag_of(world, f"{FORMS}/{FORM}")
        ask(world, "PUT", f"{FORMS}/{FORM}", SAMPLE, tag=tag)
        ask(world, "POST", f"{FORMS}/{FORM}/activate", tag=str(int(tag) + 1))
        told = world.ask(path).json
        assert told["evaluation"]["formVersion"] == 1
        assert [answer["questionId"] for answer in told["answers"]] == ["dispute", "polite"]


class TestWhoMay:
    def test_an_agent_sees_the_own_evaluation_once_it_is_submitted(self, world, path):
        here = f"/v1/contacts/{CALL}/evaluations"
        assert world.ask(path, who=ADA).status == 404
        assert world.ask(here, who=ADA).json["items"] == []
        submitted(world, path)
        assert world.ask(path, who=ADA).status == 200
        assert len(world.ask(here, who=ADA).json["items"]) == 1
        assert world.ask(path, who=BOB).text == world.ask(path.replace(CALL, "x"), who=BOB).text

    @pytest.mark.parametrize(
        "who", [BOB, ELSEWHERE], ids=["another agent", "another queue's supervisor"]
    )
    @pytest.mark.parametrize("step", ["acknowledge", "dispute"])
    def test_what_is_not_visible_is_not_found(self, world, path, who, step):
        submitted(world, path)
        assert do(world, path, step, {"comment": "x"}, who).status == 404

    @pytest.mark.parametrize("step", ["acknowledge", "dispute"])
    def test_a_supervisor_does_not_answer_for_the_agent(self, world, path, step):
        submitted(world, path)
        problem(do(world, path, step, {"comment": "x"}, SUPERVISOR), 403, "forbidden")

    def test_an_admin_may_and_the_history_says_so(self, world, path):
        submitted(world, path)
        assert do(world, path, "acknowledge").json["history"][-1]["by"] == ADMIN.id

    @pytest.mark.parametrize(
        ("method", "what"),
        [("POST", FORMS), ("PUT", f"{FORMS}/{FORM}"), ("POST", f"{FORMS}/{FORM}/activate"),
         ("POST", f"/v1/contacts/{CALL}/evaluations"), ("PUT", f"/v1/contacts/{CALL}/evaluations/{EVALUATION}"),
         ("POST", f"/v1/contacts/{CALL}/evaluations/{EVALUATION}/submit"),
         ("POST", f"/v1/contacts/{CALL}/evaluations/{EVALUATION}/resolve")],
    )  # fmt: skip
    def test_an_agent_writes_neither_forms_nor_evaluations(self, world, path, method, what):
        problem(ask(world, method, what, POLITE, tag="1", who=ADA), 403, "forbidden")

    def test_a_contact_that_changed_hands_does_not_show_it_to_the_next_agent(self, world, path):
        submitted(world, path)
        world.publish(CALL, w.voice("a.wav", None), agent_id="agent-2")
        assert world.ask(path, who=BOB).status == 404
        assert world.ask(f"/v1/contacts/{CALL}/evaluations", who=BOB).json["items"] == []


class TestBeginning:
    @pytest.mark.parametrize(
        ("contact_id", "body", "status", "code"),
        [
            (CALL, {"formId": "none"}, 422, "evaluation.form"),
            (CALL, {}, 422, "body"),
            (RUNNING, {"formId": FORM}, 404, "analysis.none"),
            ("nobody", {"formId": FORM}, 404, "not_found"),
        ],
    )
    def test_it_is_refused(self, world, contact_id, body, status, code):
        active_form(world, SMALL)
        problem(ask(world, "POST", f"/v1/contacts/{contact_id}/evaluations", body), status, code)

    def test_a_contact_has_at_most_ten(self, world):
        form_id, here = active_form(world, SMALL), f"/v1/contacts/{CALL}/evaluations"
        for _ in range(10):
            assert ask(world, "POST", here, {"formId": form_id}).status == 201
        problem(ask(world, "POST", here, {"formId": form_id}), 422, "evaluation.limit")


class TestScores:
    def scored(self, world: World, contact_id: str, body, at_ms: int = NOW_MS) -> str:
        world.now_ms = at_ms
        made = ask(world, "POST", f"/v1/contacts/{contact_id}/evaluations", {"formId": FORM})
        path = at(made)
        assert save(world, path, body).status == 200
        assert do(world, path, "submit").status == 200
        return path

    @pytest.fixture
    def filled(self, world) -> World:
        active_form(world, SMALL)
        fatal = {"answers": [{"questionId": "polite", "optionId": "fatal"}]}
        none = {
            "answers": [{"questionId": q, "notApplicable": True} for q in ("dispute", "polite")]
        }
        self.scored(world, CALL, POLITE)
        self.scored(world, OTHER, RUDE, NOW_MS + 1)
        self.scored(world, BOTH, none, NOW_MS + 2)
        self.scored(world, CHAT, fatal, NOW_MS + 3)
        return world

    def test_they_add_up_by_form_and_agent(self, filled):
        told = filled.ask("/v1/evaluations/scores").json
        assert [(i["formId"], i["agent"]["id"], i["evaluations"], i["scored"], i["scoreSum"], i["averageScore"], i["automaticFails"])
                for i in told["items"]] == [
            (FORM, "agent-1", 3, 2, 150.0, 75.0, 0),
            (FORM, "agent-2", 1, 1, 0.0, 0.0, 1),
        ]  # fmt: skip
        assert told["total"] == {
            "evaluations": 4, "scored": 3, "scoreSum": 150.0, "averageScore": 50.0, "automaticFails": 1,
        }  # fmt: skip
        assert (told["truncated"], told["searchedTo"]) == (False, None)

    def test_the_list_agrees_with_them_and_pages_through(self, filled):
        whole = filled.ask("/v1/evaluations").json["items"]
        assert [item["contactId"] for item in whole] == [CHAT, BOTH, OTHER, CALL]
        seen, token = [], None
        while True:
            known = {"nextToken": token} if token else {}
            page = filled.ask("/v1/evaluations", maxResults=3, **known).json
            seen += page["items"]
            token = page["nextToken"]
            if not token:
                break
        assert seen == whole
        total = filled.ask("/v1/evaluations/scores").json["total"]
        assert total["scoreSum"] == sum(item["score"] or 0 for item in whole)

    def test_an_agent_sees_the_own_scores_and_a_supervisor_the_own_queue_s(self, filled):
        assert filled.ask("/v1/evaluations/scores", who=ADA).json["total"]["evaluations"] == 3
        assert filled.ask("/v1/evaluations/scores", who=BOB).json["total"]["evaluations"] == 1
        assert filled.ask("/v1/evaluations/scores", who=ELSEWHERE).json["total"]["evaluations"] == 2

    @pytest.mark.parametrize(
        ("query", "count"),
        [({"agentId": "agent-2"}, 1), ({"agentId": ["agent-1", "agent-2"]}, 4), ({"formId": "x"}, 0),
         ({"startTime": "2026-05-28T20:26:40.001Z", "endTime": "2026-05-28T20:26:40.003Z"}, 2)],
    )  # fmt: skip
    def test_filters(self, filled, query, count):
        assert filled.ask("/v1/evaluations/scores", **query).json["total"]["evaluations"] == count
        assert len(filled.ask("/v1/evaluations", **query).json["items"]) == count

    @pytest.mark.parametrize("what", ["/v1/evaluations", "/v1/evaluations/scores"])
    @pytest.mark.parametrize(
        ("query", "status"),
        [({"startTime": "2026-06-01T00:00:00Z", "endTime": "2026-05-01T00:00:00Z"}, 400),
         ({"startTime": "2026-01-01T00:00:00Z", "endTime": "2026-05-01T00:00:00Z"}, 400),
         ({"startTime": "0001-01-01T00:00:00Z"}, 400),
         ({"endTime": "0001-01-01T00:00:00Z"}, 400),
         ({"endTime": "9999-12-31T23:59:59-14:00"}, 400),
         ({"endTime": "9999-12-31T00:00:00Z"}, 200),
         ({"agentId": ""}, 400)],
    )  # fmt: skip
    def test_ranges_are_bounded(self, world, what, query, status):
        assert world.ask(what, **query).status == status

    def test_nothing_is_no_average(self, world):
        told = world.ask("/v1/evaluations/scores").json
        assert (told["total"]["averageScore"], told["items"]) == (None, [])

    def test_a_page_token_of_another_filter_is_refused(self, filled):
        token = filled.ask("/v1/evaluations", maxResults=1).json["nextToken"]
        problem(filled.ask("/v1/evaluations", nextToken=token, agentId="agent-1"), 400, "cursor")
        problem(filled.ask("/v1/evaluations", nextToken=token, who=ADA), 400, "cursor")
