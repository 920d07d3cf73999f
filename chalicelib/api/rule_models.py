"""What the resources about rules ask for and answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from chalicelib.api.model_base import Model
from chalicelib.api.models import ChannelName, RoleName
from chalicelib.api.params import Moment

FormName = Literal["loupe", "contact-lens", "call-analytics"]
StateName = Literal["MET", "NOT_MET", "UNKNOWN"]
SweepState = Literal["RUNNING", "DONE"]
VERSIONS = 99_999_999


class Asked(Model):
    """A body with these members and no others."""

    model_config = ConfigDict(extra="forbid")


class InForce(Model):
    """``from``: contacts that ended then or later; null for all contacts."""

    version: int
    from_: str | None = Field(alias="from")
    published_timestamp: str | None
    published_by: str | None


class RuleSummary(Model):
    """``version`` is the latest. ``status``: ``PUBLISHED`` while a version is in force, ``WITHDRAWN``, or
    ``DRAFT`` when none ever was."""

    id: str
    name: str
    version: int
    in_force: InForce | None
    channel: ChannelName | None = Field(description="null: voice and chat")
    real_time: bool
    status: Literal["DRAFT", "PUBLISHED", "WITHDRAWN"]
    description: str


class RuleList(Model):
    items: list[RuleSummary]
    next_token: str | None = None


class RuleVersion(Model):
    """``savedTimestamp`` is null for a version that ships with the installation."""

    version: int
    name: str
    saved_timestamp: str | None
    saved_by: str | None


class RuleVersionList(Model):
    """Newest first."""

    items: list[RuleVersion]
    in_force: InForce | None


class RuleDetail(RuleVersion):
    """One version, which never changes; ``document`` is the rule in the form that was asked for.
    ``warnings``: which of its actions are not carried out, and why."""

    id: str
    description: str
    channel: ChannelName | None
    real_time: bool
    form: FormName
    document: dict[str, Any]
    warnings: list[str]


class PublicationRequest(Asked):
    """``version``, or ``withdraw``. ``from`` null: for the whole past; left out: from now on."""

    version: int | None = Field(default=None, ge=1, le=VERSIONS)
    withdraw: bool = False
    from_: Moment | None = Field(default=None, alias="from")
    quiet: bool = Field(default=True, description="no actions for contacts that were there already")
    with_model: bool = Field(
        default=False, description="ask the language model about every contact, where the rule does"
    )

    @model_validator(mode="after")
    def one_of_both(self) -> PublicationRequest:
        if (self.version is None) is not self.withdraw:
            raise ValueError("a publication has version or withdraw, one of them")
        return self


class Backfill(Model):
    """How far the past is categorised again. ``changed``: contacts that were asked to be."""

    id: str
    state: SweepState
    contacts: int
    changed: int


class RulePublication(Model):
    """A line of the ledger. ``version`` is null when the rule was withdrawn; ``backfill`` when no past
    is concerned."""

    number: int
    rule_id: str
    version: int | None
    from_: str | None = Field(alias="from")
    published_timestamp: str
    published_by: str
    quiet: bool
    backfill: Backfill | None


class RulePublicationList(Model):
    """Newest first."""

    items: list[RulePublication]
    next_token: str | None = None


class Explanation(Model):
    """A condition or group: what it needed, what was seen, and its members."""

    state: StateName
    needed: str
    saw: str
    parts: list[Explanation]


class RuleTestRequest(Asked):
    """``examples`` are tests as rules carry them, run after the rule's own."""

    version: int | None = Field(default=None, ge=1, le=VERSIONS)
    examples: list[dict[str, Any]] = Field(default_factory=list, max_length=100)


class RuleTestResult(Model):
    """``reason`` says why a test was skipped, or failed before the rule was judged."""

    number: int
    name: str
    source: Literal["RULE", "REQUEST"]
    matches: bool = Field(description="what is expected")
    result: Literal["PASSED", "FAILED", "SKIPPED"]
    reason: str
    explanation: Explanation | None


class RuleTestList(Model):
    rule_id: str
    version: int
    passed: int
    failed: int
    skipped: int
    items: list[RuleTestResult]


class BacktestRequest(Asked):
    """``version``: by default the latest. ``against``: by default what is published. Times as in lists."""

    version: int | None = Field(default=None, ge=1, le=VERSIONS)
    against: int | None = Field(default=None, ge=1, le=VERSIONS)
    since: Moment | None = None
    until: Moment | None = None
    with_model: bool = Field(
        default=False, description="ask the language model about every contact, where the rule does"
    )


class Count(Model):
    """``name`` is empty where it is not known."""

    name: str
    count: int


class Backtest(Model):
    """Counts so far. ``expectedContacts`` is about how many there are, by whole days. ``withoutText``:
    contacts of which nothing is left to judge."""

    id: str
    rule_id: str
    version: int
    against: int | None
    since: str | None
    until: str | None
    started_timestamp: str
    started_by: str
    state: SweepState
    contacts: int
    expected_contacts: int
    without_text: int
    matched: int
    unknown: int
    added: int
    removed: int
    kept: int
    by_queue: list[Count]
    by_agent: list[Count]
    by_day: list[Count]
    reasons: list[Count] = Field(description="why contacts are unknown")


class Quote(Model):
    """Evidence in a redacted turn; ``segmentId`` is empty and ``text`` too for a time alone."""

    segment_id: str
    participant_role: RoleName | None
    text: str
    begin_char: int
    end_char: int
    begin_offset_millis: int


class BacktestSample(Model):
    contact_id: str
    disconnect_timestamp: str
    queue: str
    agent: str
    quotes: list[Quote]


class BacktestSampleList(Model):
    """The newest contacts of this change. What matched on words that are masked has no quotes."""

    change: Literal["ADDED", "REMOVED", "KEPT"]
    items: list[BacktestSample]


class ConversationExplanation(Model):
    """``applies``: the rule is for conversations of this kind. ``categorised``: the version of the rule
    by which the publication has its category, null when it has not."""

    channel: ChannelName
    applies: bool
    state: StateName
    error: str
    categorised: int | None
    explanation: Explanation | None
    quotes: list[Quote]


class ContactRuleExplanation(Model):
    """Judged on what is shown: a condition on something that is masked may be met there (``categorised``)
    and not here."""

    contact_id: str
    rule_id: str
    name: str
    version: int
    in_force: bool
    conversations: list[ConversationExplanation]


class VersionCategory(Model):
    name: str
    rule_id: str
    rule_version: int


class ContactVersion(Model):
    """What was published of a contact at one time. ``ruleSet`` is known of the current one."""

    id: str
    published_timestamp: str
    current: bool
    rule_set: str | None
    categories: list[VersionCategory]


class ContactVersionList(Model):
    """Newest first."""

    items: list[ContactVersion]
    next_token: str | None = None
