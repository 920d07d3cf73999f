"""An evaluation as Contact Lens's file, schema 3.1."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.evaluation.answer import Answer, Automated, Evidence
from chalicelib.domain.evaluation.evaluation import Evaluation, State, Step, answered, moved
from chalicelib.domain.evaluation.scoring import score
from chalicelib.formats import evaluation_output
from tests.unit.evaluation_world import form, section, yes_no

NUMBER = {
    "id": "n",
    "title": "How long?",
    "type": "NUMERIC",
    "min": 0,
    "max": 60,
    "notApplicable": True,
    "automation": {"metric": "hold"},
}
TEXT = {"id": "t", "title": "What else?", "type": "TEXT"}
FORM = form(
    section("s", yes_no("greeted"), sections=[section("i", yes_no("calm"), NUMBER)]),
    section("r", TEXT),
    title="Service",
)  # fmt: skip
AUTOMATED = {
    "greeted": Automated(Answer("greeted", option_id="no"), (Evidence("Greeting", present=False),)),
    "calm": Automated(Answer("calm", option_id="yes"), (Evidence("Shouting", present=False),)),
    "n": Automated(None, reason="hold is not known of this contact"),
}
DRAFT = Evaluation(
    id="e1", contact_id="c1", form_id="f1", form_version=3, agent_id="agent-1", agent_name="Ada",
    evaluator="sam", created_ms=1_780_000_000_000, score=score(FORM, {}), automated=AUTOMATED,
)  # fmt: skip
GIVEN = (
    Answer("greeted", option_id="yes", notes="by name"),
    Answer("n", not_applicable=True),
    Answer("t", text="Well done."),
)


def submitted() -> Evaluation:
    return moved(
        answered(DRAFT, FORM, GIVEN, "sam", 1_780_000_000_000),
        Step.SUBMIT,
        "kim",
        1_780_000_060_869,
    )


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1234567, "1234567"), (12.5, "12.5"), (999_999.25, "999999.25")]
)
def test_a_number_is_written_out(number: float, text: str):
    long = form(section("s", {**NUMBER, "max": 1_000_000_000}), title="Service")
    filled = answered(DRAFT, long, (Answer("n", number=number),), "sam", 1_780_000_000_000)
    (question,) = evaluation_output.write(filled, long)["questions"]
    assert question["answer"]["value"] == text


def test_the_whole_document():
    document = evaluation_output.write(
        submitted(), FORM, account_id="123456789012", instance_id="i1"
    )

    def choices(chosen: str) -> list:
        return [
            {"valueText": text, "valueRefId": ref, "selected": ref == chosen}
            for ref, text in (("yes", "Yes"), ("no", "No"), ("fatal", "Never"))
        ]

    assert document == {
        "schemaVersion": "3.1",
        "evaluationId": "e1",
        "metadata": {
            "contactId": "c1",
            "accountId": "123456789012",
            "instanceId": "i1",
            "agentId": "agent-1",
            "evaluationDefinitionTitle": "Service",
            "evaluator": "kim",
            "evaluationDefinitionId": "f1",
            "evaluationDefinitionVersion": 3,
            "evaluationStartTimestamp": "2026-05-28T20:26:40.000Z",
            "evaluationSubmitTimestamp": "2026-05-28T20:27:40.869Z",
            "score": {"percentage": 100.0},
            "creator": "sam",
            "autoEvaluated": False,
            "resubmitted": False,
            "evaluationSource": "ASSISTED_BY_AUTOMATION",
            "evaluationType": "CONTACT_EVALUATION",
        },
        "sections": [
            {"sectionRefId": "s", "sectionTitle": "s", "score": {"percentage": 100.0}},
            {
                "sectionRefId": "i",
                "sectionTitle": "i",
                "parentSectionRefId": "s",
                "score": {"percentage": 100.0},
            },
            {"sectionRefId": "r", "sectionTitle": "r", "score": {"notApplicable": True}},
        ],
        "questions": [
            {
                "questionRefId": "greeted",
                "sectionRefId": "s",
                "questionType": "SINGLESELECT",
                "questionText": "greeted",
                "answer": {
                    "values": choices("yes"),
                    "notes": "by name",
                    "automation": {"status": "OVERRIDDEN_ANSWER", "systemSuggestedValue": "No"},
                    "metadata": {"notApplicable": False},
                },
                "score": {"percentage": 100.0},
            },
            {
                "questionRefId": "calm",
                "sectionRefId": "i",
                "questionType": "SINGLESELECT",
                "questionText": "calm",
                "answer": {
                    "values": choices("yes"),
                    "automation": {"status": "SYSTEM_ANSWER", "systemSuggestedValue": "Yes"},
                    "metadata": {"notApplicable": False},
                },
                "score": {"percentage": 100.0},
            },
            {
                "questionRefId": "n",
                "sectionRefId": "i",
                "questionType": "NUMERIC",
                "questionText": "How long?",
                "answer": {
                    "value": "",
                    "automation": {"status": "UNAVAILABLE"},
                    "metadata": {"notApplicable": True},
                },
                "score": {"notApplicable": True},
            },
            {
                "questionRefId": "t",
                "sectionRefId": "r",
                "questionType": "TEXT",
                "questionText": "What else?",
                "answer": {"value": "Well done.", "metadata": {"notApplicable": False}},
                "score": {"notApplicable": True},
            },
        ],
    }


def test_the_key_is_of_the_time_of_submitting():
    assert evaluation_output.key_of(submitted()) == "Evaluations/2026/05/28/20:27:40.869Z-e1.json"


def test_numbers_are_text():
    made = answered(DRAFT, FORM, (Answer("n", number=12.0),), "sam", 1)
    (told,) = [
        q for q in evaluation_output.write(made, FORM)["questions"] if q["questionRefId"] == "n"
    ]
    assert told["answer"]["value"] == "12"
    made = answered(DRAFT, FORM, (Answer("n", number=7.25),), "sam", 1)
    (told,) = [
        q for q in evaluation_output.write(made, FORM)["questions"] if q["questionRefId"] == "n"
    ]
    assert told["answer"]["value"] == "7.25"


def test_a_draft_has_no_time_of_submitting_and_no_percentage():
    metadata = evaluation_output.write(DRAFT, FORM)["metadata"]
    assert "evaluationSubmitTimestamp" not in metadata
    assert metadata["score"] == {"notApplicable": True}
    assert metadata["evaluationSource"] == "MANUAL"


def test_a_fail_is_marked_all_the_way_up():
    made = answered(submitted(), FORM, (*GIVEN, Answer("calm", option_id="fatal")), "sam", 1)
    document = evaluation_output.write(replace(made, state=State.RESOLVED), FORM)
    assert document["metadata"]["score"] == {"percentage": 0.0, "automaticFail": True}
    assert document["metadata"]["resubmitted"]
    marked = {
        s["sectionRefId"]: s["score"].get("automaticFail", False) for s in document["sections"]
    }
    assert marked == {"s": True, "i": True, "r": False}
    failed = {q["questionRefId"] for q in document["questions"] if q["score"].get("automaticFail")}
    assert failed == {"calm"}
