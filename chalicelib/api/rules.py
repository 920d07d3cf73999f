"""Rules and their versions: read, written, tried on their tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from chalicelib.api import if_match, rule_views, seals
from chalicelib.api import rule_models as models
from chalicelib.api.call import Call, Reply
from chalicelib.api.params import MaxResults, NextToken, RuleId
from chalicelib.api.problems import Refusal
from chalicelib.domain.audit import Act
from chalicelib.domain.errors import Absent, NotFound, RuleRefused, VersionMoved
from chalicelib.domain.rules.rule import Rule
from chalicelib.flow import rule_changes
from chalicelib.formats import rule_document
from chalicelib.formats.rule_document import Handed
from chalicelib.formats.rule_forms import Form
from chalicelib.formats.rule_places import SCHEMA
from chalicelib.ports.rules import Entry, RuleBook, Saved

ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")


Version = Annotated[
    int | None, Query(ge=1, le=models.VERSIONS, description="By default the latest.")
]
Document = Annotated[
    dict[str, Any],
    Body(description="A rule of Loupe's own form, or a Contact Lens or Call Analytics document."),
]


def list_rules(
    call: Call, *, max_results: MaxResults = 50, next_token: NextToken = None
) -> models.RuleList:
    """Every rule with its latest version and the one in force, those of the installation first."""
    book, seal = call.services.rules, call.desk.seals
    ids = list(book.ids())
    first = int(seals.page_of(seal, call.principal, "rules", next_token) or 0)
    last = first + max_results
    entries, standing = last_entries(book), in_force(book)
    cursor = str(last) if last < len(ids) else None
    return models.RuleList(
        items=[
            rule_views.summary(book.get(one), standing.get(one), entries.get(one))
            for one in ids[first:last]
        ],
        next_token=seals.of_page(seal, call.principal, "rules", cursor),
    )


def last_entries(book: RuleBook) -> Mapping[str, Entry]:
    """The latest line of the ledger of each rule that has one."""
    return {entry.rule_id: entry for entry in book.ledger()}


def in_force(book: RuleBook) -> Mapping[str, Rule]:
    """The rules for contacts to come, by id."""
    return {rule.id: rule for rule in book.in_force().rules}


def saved(call: Call, rule_id: str, version: int | None = None) -> Saved:
    """The version. Raises ``NotFound`` for an unknown rule and ``Absent`` for an unknown version."""
    if not ID.fullmatch(rule_id):
        raise NotFound
    latest = call.services.rules.get(rule_id)
    if version in (None, latest.rule.version):
        return latest
    try:
        return call.services.rules.get(rule_id, version)
    except NotFound as missing:
        raise Absent("rule.version", "This rule has no such version.") from missing


def create_rule(call: Call, *, body: Document) -> Reply:
    """Keep a new rule as version 1. It judges nothing until it is published."""
    handed = rule_document.read(body, call.services.settings.limits)
    call.audit(Act.RULE, handed.rule.id, "create")
    try:
        kept = rule_changes.save(call.services, handed, expected=0, by=call.principal.id)
    except VersionMoved as taken:
        detail = f"There is a rule {handed.rule.id} already; save the next version of it."
        raise Refusal(409, "rule.exists", detail) from taken
    return _kept(call, kept, 201)


def get_rule(
    call: Call,
    *,
    rule_id: RuleId,
    version: Version = None,
    format: Annotated[  # noqa: A002 - the parameter's name
        models.FormName, Query(description="The form of the document.")
    ] = "loupe",
) -> Reply:
    """One version, which never changes. Its number is its ETag, for ``If-Match`` of the next one."""
    form = Form(format)
    shown = rule_views.detail(saved(call, rule_id, version), form)
    return Reply(shown, headers={"ETag": _etag(shown.version, form)})


def replace_rule(call: Call, *, rule_id: RuleId, body: Document) -> Reply:
    """Keep the next version. ``If-Match`` is the ETag of the version that it was made from: 428 without,
    412 when another one came first. What is in force stays until the version is published."""
    latest = saved(call, rule_id).rule.version
    if_match.require(call, latest)
    handed = _of_rule(rule_document.read(body, call.services.settings.limits), rule_id, body)
    call.audit(Act.RULE, rule_id, f"replace version {latest}")
    try:
        kept = rule_changes.save(call.services, handed, expected=latest, by=call.principal.id)
    except VersionMoved as moved:
        raise Refusal(412, "precondition.stale", if_match.STALE) from moved
    return _kept(call, kept, 200)


def _of_rule(handed: Handed, rule_id: str, body: Mapping[str, Any]) -> Handed:
    if "id" in body and handed.rule.id != rule_id:
        raise RuleRefused(SCHEMA, "this is not the id of the rule that is replaced", "/id")
    return replace(handed, rule=replace(handed.rule, id=rule_id))


def _etag(version: int, form: Form) -> str:
    return if_match.etag(version) if form is Form.LOUPE else f'"{version}-{form.value}"'


def _kept(call: Call, rule: Rule, status: int) -> Reply:
    shown = rule_views.detail(call.services.rules.get(rule.id, rule.version), Form.LOUPE)
    headers = {"ETag": _etag(rule.version, Form.LOUPE), "Location": f"/v1/rules/{rule.id}"}
    return Reply(shown, status, headers=headers)


def list_rule_versions(call: Call, *, rule_id: RuleId) -> models.RuleVersionList:
    """Every version, newest first, and the one in force."""
    saved(call, rule_id)
    book = call.services.rules
    versions: Sequence[Saved] = book.versions(rule_id)
    return models.RuleVersionList(
        items=[rule_views.version(one) for one in reversed(versions)],
        in_force=rule_views.standing(in_force(book).get(rule_id), last_entries(book).get(rule_id)),
    )
