# ruff: noqa: E501
"""Evaluations over HTTP: from a draft to the score of an agent."""

from __future__ import annotations

import pytest

from tests.unit import api_world as w
from tests.unit.api_world import ADMIN, BOTH, CALL, CHAT, NOW_MS, OTHER, RUNNING, World, populated
from tests.unit.evaluation_world import (
    ADA,
    BOB,
    ELSEWHERE,
    EVALUATION,
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
    do,
    evaluate,
    problem,
    save,
    submitted,
    tag_of,
)


@pytest.fixture
def world(tmp_path) -> World:
    return populated(tmp_path)


@pytest.fixture
def path(world) -> str:
    """An evaluation of the call, as a draft."""
    return at(evaluate(world, CALL, SMALL))


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
