"""Who carries out which kind of follow-up."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.follow_up import Kind
from chalicelib.flow.follow_ups import survey
from chalicelib.flow.follow_ups.desk import Runner

RUNNERS: Mapping[Kind, Runner] = {Kind.SURVEY: survey.run}
