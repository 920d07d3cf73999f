"""Who carries out which kind of follow-up."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.follow_up import Kind
from chalicelib.flow.follow_ups import language, next_action, review, risk, survey
from chalicelib.flow.follow_ups.desk import Runner

RUNNERS: Mapping[Kind, Runner] = {
    Kind.RISK: risk.run,
    Kind.NEXT_ACTION: next_action.run,
    Kind.LANGUAGE: language.run,
    Kind.REVIEW: review.run,
    Kind.SURVEY: survey.run,
}
