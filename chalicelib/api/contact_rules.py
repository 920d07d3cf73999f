"""Why a contact is in a category or not, what was published of it before, and tests of rules.

Everything is judged on what is shown: the API may not read what was said, so nothing that is masked can
come out of an explanation. Where the publication, which was judged on all of it, says otherwise, both
are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib import queries
from chalicelib.api import rule_models as models
from chalicelib.api import rule_views, rules, seals
from chalicelib.api.call import Call
from chalicelib.api.params import ContactId, MaxResults, NextToken, RuleId
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import Absent, NotFound
from chalicelib.domain.rules.engine import applies
from chalicelib.domain.rules.explain import quoting, told
from chalicelib.domain.rules.finding import Finding, State
from chalicelib.domain.rules.rule import Example, Rule
from chalicelib.domain.rules.subject import Subject
from chalicelib.flow import evidence
from chalicelib.flow.past import shown_subject
from chalicelib.formats import object_keys
from chalicelib.formats.instants import iso
from chalicelib.formats.rule_examples import read_example
from chalicelib.formats.rule_places import Place
from chalicelib.stages import rule_tests
from chalicelib.stages.rule_tests import Ground, Ran, Result


def explain_rule(
    call: Call,
    *,
    contact_id: ContactId,
    rule_id: RuleId,
    version: Annotated[
        int | None, Query(ge=1, le=models.VERSIONS, description="By default the one in force.")
    ] = None,
) -> models.ContactRuleExplanation:
    """Why the rule matches this contact or not: what each condition needed, and what was seen."""
    row = queries.contact(call.services, call.principal, contact_id)
    analysis = queries.analysed(call.services, row)
    standing = _in_force(call, row, rule_id)
    rule = rules.saved(call, rule_id, version).rule if version else standing
    if rule is None:
        rules.saved(call, rule_id)
        raise Absent("rule.not_in_force", "This rule is not in force for this contact.")
    return models.ContactRuleExplanation(
        contact_id=contact_id,
        rule_id=rule.id,
        name=rule.name,
        version=rule.version,
        in_force=standing is not None and standing.version == rule.version,
        conversations=[_conversation(call, rule, one, analysis) for one in analysis.conversations],
    )


def _in_force(call: Call, row: ContactRow, rule_id: str) -> Rule | None:
    ended = row.publication.disconnect_ms if row.publication else None
    chosen = call.services.rules.in_force(ended).rules
    return next((rule for rule in chosen if rule.id == rule_id), None)


def _conversation(
    call: Call, rule: Rule, shown: Conversation, analysis: ContactAnalysis
) -> models.ConversationExplanation:
    subject = shown_subject(shown, analysis.record)
    finding, error = evidence.judge(rule, subject, call.services.tools)
    published = (m.rule_version for m in shown.categories if m.rule_id == rule.id)
    return models.ConversationExplanation(
        channel=shown.channel,
        applies=applies(rule, subject),
        state=finding.state if finding else State.UNKNOWN,
        error=error,
        categorised=next(published, None),
        explanation=_explanation(finding, subject),
        quotes=rule_views.quotes(finding.points if finding else (), subject.lines),
    )


def _explanation(finding: Finding | None, subject: Subject | None) -> models.Explanation | None:
    if finding is None or subject is None:
        return None
    return rule_views.explanation(told(finding, quoting(subject.lines)))


def list_contact_versions(
    call: Call, *, contact_id: ContactId, max_results: MaxResults = 50, next_token: NextToken = None
) -> models.ContactVersionList:
    """What was published of the contact, newest first: its categories with the versions of their rules.
    Earlier publications stay; ``/analysis?version=`` reads one whole."""
    row = queries.contact(call.services, call.principal, contact_id)
    seal, bound = call.desk.seals, f"versions {contact_id}"
    first = int(seals.page_of(seal, call.principal, bound, next_token) or 0)
    found = queries.versions(call.services, row)
    last = first + max_results
    cursor = str(last) if last < len(found) else None
    return models.ContactVersionList(
        items=[_version(call, row, mark, at_ms) for mark, at_ms in found[first:last]],
        next_token=seals.of_page(seal, call.principal, bound, cursor),
    )


def _version(call: Call, row: ContactRow, mark: str, at_ms: int) -> models.ContactVersion:
    told_then = queries.analysis_version(call.services, row, mark)
    shown = row.publication
    key = object_keys.artifact_key("redacted", row.contact_id, "analysis", mark)
    current = shown is not None and shown.analysis_key == key
    return models.ContactVersion(
        id=mark,
        published_timestamp=iso(at_ms),
        current=current,
        rule_set=shown.rule_set if shown and current else None,
        categories=[
            models.VersionCategory(name=m.name, rule_id=m.rule_id, rule_version=m.rule_version)
            for one in told_then.conversations
            for m in one.categories
        ],
    )


def run_rule_tests(
    call: Call, *, rule_id: RuleId, body: models.RuleTestRequest
) -> models.RuleTestList:
    """Run the rule's own tests, and those of the request after them. Nothing is kept."""
    rule = rules.saved(call, rule_id, body.version).rule
    own = [("RULE", one) for one in rule.examples]
    places = (Place(one, f"/examples/{number}") for number, one in enumerate(body.examples))
    asked = [("REQUEST", read_example(place)) for place in places]
    ran = list(_ran(call, rule, [one for _, one in (*own, *asked)]))
    items = [_tested(one, source) for one, (source, _) in zip(ran, (*own, *asked), strict=True)]
    counted = {kind: sum(1 for one in ran if one.result is kind) for kind in Result}
    return models.RuleTestList(
        rule_id=rule.id,
        version=rule.version,
        passed=counted[Result.PASSED],
        failed=counted[Result.FAILED],
        skipped=counted[Result.SKIPPED],
        items=items,
    )


def _ran(call: Call, rule: Rule, examples: Sequence[Example]) -> Iterator[Ran]:
    services = call.services

    def stored(contact_id: str) -> Sequence[Subject]:
        try:
            row = queries.contact(services, call.principal, contact_id)
            analysis = queries.analysed(services, row)
        except NotFound as missing:
            raise NotFound("there is no such contact") from missing
        return [shown_subject(one, analysis.record) for one in analysis.conversations]

    ground = Ground(services.settings, services.sentiment, services.pii, services.tools, stored)
    return rule_tests.run(replace(rule, examples=tuple(examples)), ground)


def _tested(ran: Ran, source: str) -> models.RuleTestResult:
    return models.RuleTestResult(
        number=ran.number,
        name=ran.example.name,
        source=source,
        matches=ran.example.matches,
        result=ran.result,
        reason=ran.reason,
        explanation=_explanation(ran.finding, ran.subject),
    )
