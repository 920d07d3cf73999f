"""What evaluation resources ask for and answer."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from chalicelib.api.category_models import PointInfo
from chalicelib.api.model_base import Model
from chalicelib.api.models import ChannelName, Named

ScoringName = Literal["WEIGHTS", "POINTS", "NONE"]
FormState = Literal["DRAFT", "ACTIVE", "INACTIVE"]
EvaluationState = Literal["DRAFT", "SUBMITTED", "ACKNOWLEDGED", "DISPUTED", "RESOLVED"]
ScoreStatus = Literal["SCORED", "INCOMPLETE", "NOT_SCORED"]
SideName = Literal["AGENT", "CUSTOMER"]
TEXT = 4000


class FormOption(Model):
    id: str
    text: str
    points: int = 0
    automatic_fail: bool = False


class FormRange(Model):
    """Holds above the range before it, up to ``upTo`` itself."""

    up_to: float
    points: int = 0
    automatic_fail: bool = False


class AutomationCase(Model):
    """Chooses ``option`` when ``category`` is there (or not), or ``metric`` lies within the bounds."""

    option: str
    category: str | None = None
    condition: Literal["PRESENT", "NOT_PRESENT"] = "PRESENT"
    metric: str | None = None
    role: SideName | None = None
    at_least: float | None = None
    at_most: float | None = None


class FormAutomation(Model):
    """Single select: the first of ``cases`` that holds, else ``default``. Numeric: the ``metric``."""

    cases: list[AutomationCase] = Field(default_factory=list)
    default: str | None = None
    metric: str | None = None
    role: SideName | None = None


class FormQuestion(Model):
    id: str
    title: str
    type: Literal["SINGLESELECT", "NUMERIC", "TEXT"]
    instructions: str = ""
    weight: int = 1
    required: bool = True
    not_applicable: bool = False
    options: list[FormOption] = Field(default_factory=list)
    min: float | None = None
    max: float | None = None
    ranges: list[FormRange] = Field(default_factory=list)
    automation: FormAutomation | None = None


class FormSection(Model):
    id: str
    title: str
    instructions: str = ""
    weight: int = 1
    questions: list[FormQuestion] = Field(default_factory=list)
    sections: list[FormSection] = Field(default_factory=list)


class EvaluationForm(Model):
    """What has its default is left out, also of answers; an answered form can be sent back."""

    title: str
    description: str = ""
    scoring: ScoringName
    sections: list[FormSection]


class FormVersion(Model):
    version: int
    activated_timestamp: str
    activated_by: str


class FormSummary(Model):
    """``currentVersion`` is the one that new evaluations use; null when none does."""

    form_id: str
    title: str
    version: int
    state: FormState
    current_version: int | None
    questions: int
    updated_timestamp: str
    updated_by: str


class FormList(Model):
    items: list[FormSummary]


class FormDetail(FormSummary):
    form: EvaluationForm
    versions: list[FormVersion]


class EvaluationRequest(Model):
    model_config = ConfigDict(extra="forbid")

    form_id: str = Field(min_length=1, max_length=100)


class AnswerRequest(Model):
    """One of ``optionId``, ``number``, ``text`` by the question's type, or ``notApplicable``."""

    model_config = ConfigDict(extra="forbid")

    question_id: str = Field(min_length=1, max_length=100)
    option_id: str | None = Field(default=None, max_length=100)
    number: float | None = Field(default=None, allow_inf_nan=False)
    text: str | None = Field(default=None, max_length=TEXT)
    not_applicable: bool = False
    notes: str = Field(default="", max_length=TEXT)


class AnswersRequest(Model):
    """All answers of a person; what is not among them automation answers."""

    model_config = ConfigDict(extra="forbid")

    answers: list[AnswerRequest] = Field(max_length=100)
    notes: str = Field(default="", max_length=TEXT)


class DisputeRequest(Model):
    model_config = ConfigDict(extra="forbid")

    comment: str = Field(min_length=1, max_length=TEXT)


class ResolveRequest(Model):
    """``answers`` replace all of a person's; null leaves them, and the score, as they are."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field(min_length=1, max_length=TEXT)
    answers: list[AnswerRequest] | None = Field(default=None, max_length=100)


class AnswerValue(Model):
    option_id: str | None
    number: float | None
    text: str | None
    not_applicable: bool


class EvidenceInfo(Model):
    """A category (``present``) or a metric (``value``) that automation looked at."""

    name: str
    present: bool | None
    value: float | None
    participant_role: SideName | None
    channel: ChannelName | None
    rule_id: str | None
    rule_version: int | None
    points_of_interest: list[PointInfo]


class AutomatedInfo(Model):
    """What automation said; without ``answer``, ``reason`` says why it said nothing."""

    answer: AnswerValue | None
    reason: str
    evidence: list[EvidenceInfo]


class AnswerInfo(Model):
    """The answer in force, null while there is none. ``overridden``: a person's in place of an
    automated one. ``score`` is the question's, in percent."""

    question_id: str
    answer: AnswerValue | None
    notes: str
    answered_by: str | None
    answered_timestamp: str | None
    automated: AutomatedInfo | None
    overridden: bool
    score: float | None
    automatic_fail: bool


class SectionScore(Model):
    section_id: str
    percent: float | None
    points: int
    possible: int
    automatic_fail: bool


class ScoreInfo(Model):
    """``missing`` and ``automaticFails`` are ids of questions."""

    status: ScoreStatus
    percent: float | None
    automatic_fails: list[str]
    missing: list[str]
    sections: list[SectionScore]


class EvaluationEvent(Model):
    step: Literal["SUBMIT", "ACKNOWLEDGE", "DISPUTE", "RESOLVE"]
    by: str
    timestamp: str
    comment: str


class EvaluationSummary(Model):
    evaluation_id: str
    contact_id: str
    form_id: str
    form_version: int
    state: EvaluationState
    agent: Named | None
    evaluator: str
    created_timestamp: str
    submitted_timestamp: str | None
    score_status: ScoreStatus
    score: float | None
    automatic_fail: bool


class EvaluationDetail(Model):
    """``revision`` is also the ETag; edits name it in If-Match."""

    evaluation: EvaluationSummary
    revision: int
    score: ScoreInfo
    answers: list[AnswerInfo]
    notes: str
    history: list[EvaluationEvent]


class ContactEvaluations(Model):
    items: list[EvaluationSummary]


class EvaluationList(Model):
    """``truncated``: the read bound ended the search at ``searchedTo``."""

    items: list[EvaluationSummary]
    next_token: str | None
    truncated: bool
    searched_to: str | None


class ScoreTotals(Model):
    """``scored`` of the ``evaluations`` have a score, whose sum is ``scoreSum`` (percent)."""

    evaluations: int
    scored: int
    score_sum: float
    average_score: float | None
    automatic_fails: int


class AgentScores(ScoreTotals):
    form_id: str
    agent: Named | None


class EvaluationScores(Model):
    """Of evaluations submitted in the period; with ``truncated``, only back to ``searchedTo``."""

    start_timestamp: str
    end_timestamp: str
    total: ScoreTotals
    items: list[AgentScores]
    truncated: bool
    searched_to: str | None
