# ruff: noqa: E501
"""What automation answers of an analysis, and with what evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRecord, SkippedAnalysis
from chalicelib.domain.evaluation.answer import Answer, Evidence
from chalicelib.domain.evaluation.automation import automated
from chalicelib.domain.rules.rule import PointOfInterest
from chalicelib.formats import evaluation_forms
from tests.unit.api_world import chat, voice
from tests.unit.evaluation_world import form, section, yes_no

CALL, CHAT = voice("call.wav", None), chat(3)
MATCH = Evidence(
    "Billing dispute", present=True, channel="VOICE", rule_id="r1", rule_version=2,
    points=(PointOfInterest("t-0002", 0, 7, 1000, 1200),),
)  # fmt: skip
GONE = Evidence("Refund request", present=False)
DISPUTE = {"category": "Billing dispute", "option": "yes"}
REFUND = {"category": "Refund request", "option": "yes"}
NO_REFUND = {"category": "Refund request", "condition": "NOT_PRESENT", "option": "no"}


def case(metric: str, option: str = "yes", **members):
    return {"metric": metric, "option": option, **members}


def analysis(*conversations, **record) -> ContactAnalysis:
    return ContactAnalysis("c", conversations, ContactRecord("c", **record) if record else None)


def says(of: ContactAnalysis, **automation):
    return automated(form(section("s", yes_no("q", automation=automation))), of)["q"]


def figure(name: str, value: float, role: str | None = None, channel: str = "VOICE") -> Evidence:
    return Evidence(name, value=value, role=role, channel=channel)


CASES = [
    ("a category that is there", (CALL,), {"cases": [DISPUTE]}, "yes", (MATCH,)),
    ("a category of any conversation", (CALL, CHAT), {"cases": [DISPUTE]}, "yes", (MATCH,)),
    ("a category that is not there", (CALL,), {"cases": [NO_REFUND]}, "no", (GONE,)),
    ("the first case that holds", (CALL,), {"cases": [REFUND, DISPUTE, NO_REFUND]}, "yes", (MATCH,)),
    ("the default with all that was looked at", (CHAT,), {"cases": [DISPUTE, REFUND], "default": "no"}, "no", (Evidence("Billing dispute", present=False), GONE)),
    ("a figure at the lower bound", (CALL,), {"cases": [case("interruptions", atLeast=1)]}, "yes", (figure("interruptions", 1),)),
    ("a figure at the upper bound", (CALL,), {"cases": [case("duration", atMost=2)]}, "yes", (figure("duration", 2),)),
    ("a figure between bounds", (CALL,), {"cases": [case("sentiment", "no", role="CUSTOMER", atLeast=-2, atMost=0)]}, "no", (figure("sentiment", -1.25, "CUSTOMER"),)),
    ("a figure that only the chat has", (CALL, CHAT), {"cases": [case("average_response", atMost=5)]}, "yes", (figure("average_response", 1, channel="CHAT"),)),
    ("voice before chat", (CALL, CHAT), {"cases": [case("duration", atMost=2, option="yes"), case("duration", atMost=9, option="no")]}, "yes", (figure("duration", 2),)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("conversations", "automation", "option", "evidence"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)  # fmt: skip
def test_an_option_is_chosen_by(conversations, automation, option, evidence):
    told = says(analysis(*conversations), **automation)
    assert (told.answer, told.evidence) == (Answer("q", option_id=option), evidence)
    assert told.reason == ""


FAILED = replace(
    CALL, skipped=(SkippedAnalysis("category:Refund request", "RULE_FAILED", "it took too long", "voice"),)
)  # fmt: skip
UNHEARD = replace(
    CALL, categories=(), skipped=(SkippedAnalysis("transcript", "NO_ENGINE", "", "voice"),)
)
OPEN = [
    ("no case holds", CALL, {"cases": [REFUND]}, "no case holds", (GONE,)),
    ("a figure is not known", CALL, {"cases": [case("hold", atMost=10)], "default": "no"}, "hold is not known of this contact", ()),
    ("a figure of the other side is not known", CALL, {"cases": [case("talk_speed", role="CUSTOMER", atLeast=1)]}, "talk_speed:CUSTOMER is not known of this contact", ()),
    ("a rule failed, so nobody knows whether it is not there", FAILED, {"cases": [NO_REFUND], "default": "yes"}, "whether it is Refund request is not known: it took too long", ()),
    ("an earlier case that nobody can judge ends the search", FAILED, {"cases": [REFUND, DISPUTE]}, "whether it is Refund request is not known: it took too long", ()),
    ("nobody knows what was said", UNHEARD, {"cases": [NO_REFUND]}, "whether it is Refund request is not known: NO_ENGINE", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("conversation", "automation", "reason", "evidence"), [c[1:] for c in OPEN], ids=[c[0] for c in OPEN]
)  # fmt: skip
def test_nothing_is_guessed_where(conversation, automation, reason, evidence):
    told = says(analysis(conversation), **automation)
    assert (told.answer, told.reason, told.evidence) == (None, reason, evidence)


def test_a_rule_that_failed_elsewhere_does_not_hide_a_match():
    assert says(analysis(FAILED), cases=[DISPUTE]).evidence == (MATCH,)


NUMBERS = [
    ("the record's figure", {"metric": "hold"}, {"hold_s": 12}, 12, ""),
    ("a figure with two decimals", {"metric": "non_talk_share"}, {}, 5, ""),
    ("nothing where it is not known", {"metric": "hold"}, {}, None, "hold is not known of this contact"),
    ("nothing outside of the bounds", {"metric": "hold"}, {"hold_s": 101}, None, "101 is not in 0 to 100"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("automation", "record", "number", "reason"), [n[1:] for n in NUMBERS], ids=[n[0] for n in NUMBERS]
)  # fmt: skip
def test_a_number_is(automation, record, number, reason):
    asked = {
        "id": "q",
        "title": "q",
        "type": "NUMERIC",
        "min": 0,
        "max": 100,
        "automation": automation,
    }
    told = automated(form(section("s", asked)), analysis(CALL, **record))["q"]
    assert (told.answer, told.reason) == (Answer("q", number=number) if number else None, reason)


def test_the_same_analysis_gives_the_same_answers_and_people_s_questions_are_left_out():
    sample = evaluation_forms.sample()
    told = automated(sample, analysis(CALL, CHAT))
    assert told == automated(sample, analysis(CALL, CHAT))
    assert set(told) == {q.id for q in sample.questions() if q.automation}
    assert told["escalation"].answer == Answer("escalation", option_id="no")
