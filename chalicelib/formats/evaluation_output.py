"""A submitted evaluation as the file that Contact Lens exports, ``schemaVersion`` 3.1.

Lower camel case, unlike Contact Lens's analysis files. Numbers of answers are text there, an answer that
does not apply is the empty text, and what automation said stands beside the answer. What has no score
has the member ``notApplicable`` in place of a percentage.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.evaluation.answer import AUTOMATION, Answer, Automated, Entry, choice
from chalicelib.domain.evaluation.evaluation import Evaluation, State, Step
from chalicelib.domain.evaluation.form import Form, Option, Question, QuestionType, Section
from chalicelib.domain.evaluation.scoring import ItemScore
from chalicelib.domain.rounding import half_away

VERSION = "3.1"
Tree = dict[str, Any]


def write(
    evaluation: Evaluation, form: Form, *, account_id: str = "", instance_id: str = ""
) -> Tree:
    """The file's document. ``form`` is the version that the evaluation answers."""
    entries = {entry.answer.question_id: entry for entry in evaluation.entries}
    return {
        "schemaVersion": VERSION,
        "evaluationId": evaluation.id,
        "metadata": _metadata(evaluation, form, account_id, instance_id),
        "sections": [
            told for section in form.sections for told in _sections(evaluation, section, None)
        ],
        "questions": [
            _question(evaluation, section, question, entries.get(question.id))
            for section in form.all_sections()
            for question in section.questions
        ],
    }


def key_of(evaluation: Evaluation) -> str:
    """``Evaluations/YYYY/MM/DD/hh:mm:ss.sssZ-<evaluationId>.json``, of the time of submitting."""
    at = _iso(evaluation.submitted_ms or evaluation.created_ms)
    day, _, time = at.partition("T")
    return f"Evaluations/{day.replace('-', '/')}/{time}-{evaluation.id}.json"


def _metadata(evaluation: Evaluation, form: Form, account_id: str, instance_id: str) -> Tree:
    submitted = evaluation.submitted_ms
    last = next((e.by for e in reversed(evaluation.history) if e.step in _WRITING), None)
    return {
        "contactId": evaluation.contact_id,
        "accountId": account_id,
        "instanceId": instance_id,
        "agentId": evaluation.agent_id or "",
        "evaluationDefinitionTitle": form.title,
        "evaluator": last or evaluation.evaluator,
        "evaluationDefinitionId": evaluation.form_id,
        "evaluationDefinitionVersion": evaluation.form_version,
        "evaluationStartTimestamp": _iso(evaluation.created_ms),
        **({"evaluationSubmitTimestamp": _iso(submitted)} if submitted else {}),
        "score": _form_score(evaluation),
        "creator": evaluation.evaluator,
        "autoEvaluated": False,
        "resubmitted": evaluation.state is State.RESOLVED,
        "evaluationSource": _source(evaluation),
        "evaluationType": "CONTACT_EVALUATION",
    }


_WRITING = (Step.SUBMIT, Step.RESOLVE)


def _source(evaluation: Evaluation) -> str:
    assisted = any(entry.by == AUTOMATION for entry in evaluation.entries)
    return "ASSISTED_BY_AUTOMATION" if assisted else "MANUAL"


def _iso(ms: int) -> str:
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _form_score(evaluation: Evaluation) -> Tree:
    percent = evaluation.score.percent
    told: Tree = {"notApplicable": True} if percent is None else {"percentage": percent}
    return told | ({"automaticFail": True} if evaluation.score.automatic_fails else {})


def _score(item: ItemScore | None) -> Tree:
    if item is None or item.percent is None:
        told: Tree = {"notApplicable": True}
    else:
        told = {"percentage": item.percent}
    return told | ({"automaticFail": True} if item and item.automatic_fail else {})


def _sections(evaluation: Evaluation, section: Section, parent: str | None) -> Iterator[Tree]:
    yield {
        "sectionRefId": section.id,
        "sectionTitle": section.title,
        **({"parentSectionRefId": parent} if parent else {}),
        "score": _score(evaluation.score.items.get(section.id)),
    }
    for inner in section.sections:
        yield from _sections(evaluation, inner, section.id)


def _question(
    evaluation: Evaluation, section: Section, question: Question, entry: Entry | None
) -> Tree:
    return {
        "questionRefId": question.id,
        "sectionRefId": section.id,
        "questionType": question.type.value,
        "questionText": question.title,
        "answer": _answer(question, entry, (evaluation.automated or {}).get(question.id)),
        "score": _score(evaluation.score.items.get(question.id)),
    }


def _answer(question: Question, entry: Entry | None, automated: Automated | None) -> Tree:
    answer = entry.answer if entry else Answer(question.id)
    return {
        **_value(question, answer),
        **({"notes": answer.notes} if answer.notes else {}),
        **(_automation(question, entry, automated) if automated else {}),
        "metadata": {"notApplicable": answer.not_applicable},
    }


def _value(question: Question, answer: Answer) -> Tree:
    if question.type is QuestionType.SINGLESELECT:
        return {
            "values": [
                {
                    "valueText": option.text,
                    "valueRefId": option.id,
                    "selected": option.id == answer.option_id,
                }
                for option in question.options
            ]
        }
    return {"value": _text(question, answer)}


def _text(question: Question, answer: Answer) -> str:
    """The answer in words."""
    chosen = choice(question, answer)
    if isinstance(chosen, Option):
        return chosen.text
    if answer.number is not None:
        return f"{half_away(answer.number, 2):.2f}".rstrip("0").rstrip(".")
    return answer.text or ""


def _automation(question: Question, entry: Entry | None, automated: Automated) -> Tree:
    if automated.answer is None:
        return {"automation": {"status": "UNAVAILABLE"}}
    overridden = entry is not None and entry.overridden
    status = "OVERRIDDEN_ANSWER" if overridden else "SYSTEM_ANSWER"
    suggested = _text(question, automated.answer)
    return {"automation": {"status": status, "systemSuggestedValue": suggested}}
