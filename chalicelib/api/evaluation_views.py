"""Forms and evaluations as the API shows them."""

from __future__ import annotations

from typing import Any

from chalicelib.api import views
from chalicelib.api.category_models import PointInfo
from chalicelib.api.evaluation_models import (
    AgentScores,
    AnswerInfo,
    AnswerValue,
    AutomatedInfo,
    EvaluationDetail,
    EvaluationEvent,
    EvaluationForm,
    EvaluationSummary,
    EvidenceInfo,
    FormDetail,
    FormState,
    FormSummary,
    FormVersion,
    ScoreInfo,
    ScoreTotals,
    SectionScore,
)
from chalicelib.domain.evaluation.answer import Answer, Automated, Entry, Evidence
from chalicelib.domain.evaluation.evaluation import Evaluation
from chalicelib.domain.evaluation.form import Form, Question
from chalicelib.domain.evaluation.scoring import ItemScore, Score
from chalicelib.domain.evaluation.totals import Totals
from chalicelib.domain.evaluation.versions import FormRecord
from chalicelib.formats import evaluation_form_writing
from chalicelib.formats.instants import iso


def form_summary(record: FormRecord) -> FormSummary:
    return FormSummary(**_form_fields(record, record.form, record.version))


def form_detail(record: FormRecord, form: Form, version: int) -> dict[str, Any]:
    """One version of a form, as JSON in which the form is as it can be sent back."""
    document = evaluation_form_writing.document(form)
    detail = FormDetail(
        **_form_fields(record, form, version),
        form=EvaluationForm.model_validate(document),
        versions=[
            FormVersion(
                version=one.version,
                activated_timestamp=iso(one.at_ms),
                activated_by=one.by,
            )
            for one in record.frozen
        ],
    )
    return {**detail.model_dump(mode="json", by_alias=True), "form": document}


def _form_fields(record: FormRecord, form: Form, version: int) -> dict[str, Any]:
    return {
        "form_id": record.id,
        "title": form.title,
        "version": version,
        "state": _state(record, version),
        "current_version": record.current,
        "questions": sum(1 for _ in form.questions()),
        "updated_timestamp": iso(record.at_ms),
        "updated_by": record.by,
    }


def _state(record: FormRecord, version: int) -> FormState:
    if version == record.current:
        return "ACTIVE"
    return "DRAFT" if record.draft and version == record.version else "INACTIVE"


def summary(of: Evaluation) -> EvaluationSummary:
    return EvaluationSummary(
        evaluation_id=of.id,
        contact_id=of.contact_id,
        form_id=of.form_id,
        form_version=of.form_version,
        state=of.state.value,
        agent=views.named(of.agent_id, of.agent_name),
        evaluator=of.evaluator,
        created_timestamp=iso(of.created_ms),
        submitted_timestamp=views.iso_or_none(of.submitted_ms),
        score_status=of.score.status.value,
        score=of.score.percent,
        automatic_fail=bool(of.score.automatic_fails),
    )


def detail(of: Evaluation, form: Form) -> EvaluationDetail:
    entries = {entry.answer.question_id: entry for entry in of.entries}
    automated = of.automated or {}
    return EvaluationDetail(
        evaluation=summary(of),
        revision=of.revision,
        score=_score(of.score, form),
        answers=[
            _answer(q, entries.get(q.id), automated.get(q.id), of.score.items.get(q.id))
            for q in form.questions()
        ],
        notes=of.notes,
        history=[
            EvaluationEvent(
                step=event.step.value,
                by=event.by,
                timestamp=iso(event.at_ms),
                comment=event.comment,
            )
            for event in of.history
        ],
    )


def _score(score: Score, form: Form) -> ScoreInfo:
    return ScoreInfo(
        status=score.status.value,
        percent=score.percent,
        automatic_fails=list(score.automatic_fails),
        missing=list(score.missing),
        sections=[
            SectionScore(
                section_id=section.id,
                percent=item.percent,
                points=item.points,
                possible=item.possible,
                automatic_fail=item.automatic_fail,
            )
            for section in form.all_sections()
            if (item := score.items.get(section.id))
        ],
    )


def _answer(
    question: Question, entry: Entry | None, automated: Automated | None, item: ItemScore | None
) -> AnswerInfo:
    given = entry is not None and entry.answer.given
    return AnswerInfo(
        question_id=question.id,
        answer=_value(entry.answer) if entry and given else None,
        notes=entry.answer.notes if entry else "",
        answered_by=entry.by if entry else None,
        answered_timestamp=iso(entry.at_ms) if entry else None,
        automated=_automated(automated) if automated else None,
        overridden=bool(entry and entry.overridden),
        score=item.percent if item else None,
        automatic_fail=bool(item and item.automatic_fail),
    )


def _value(answer: Answer) -> AnswerValue:
    return AnswerValue(
        option_id=answer.option_id,
        number=answer.number,
        text=answer.text,
        not_applicable=answer.not_applicable,
    )


def _automated(automated: Automated) -> AutomatedInfo:
    return AutomatedInfo(
        answer=_value(automated.answer) if automated.answer else None,
        reason=automated.reason,
        evidence=[_evidence(each) for each in automated.evidence],
    )


def _evidence(of: Evidence) -> EvidenceInfo:
    return EvidenceInfo.model_validate(
        {
            "name": of.name,
            "present": of.present,
            "value": of.value,
            "participant_role": of.role,
            "channel": of.channel,
            "rule_id": of.rule_id or None,
            "rule_version": of.rule_version,
            "points_of_interest": [PointInfo.of(point) for point in of.points],
        }
    )


def totals(of: Totals) -> ScoreTotals:
    return ScoreTotals(**_totals(of))


def agent_scores(form_id: str, agent_id: str | None, name: str | None, of: Totals) -> AgentScores:
    return AgentScores(form_id=form_id, agent=views.named(agent_id, name), **_totals(of))


def _totals(of: Totals) -> dict[str, Any]:
    return {
        "evaluations": of.evaluations,
        "scored": of.scored,
        "score_sum": of.score_sum,
        "average_score": of.average,
        "automatic_fails": of.automatic_fails,
    }
