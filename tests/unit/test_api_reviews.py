"""Reviews in the API: blind until one has answered, of visible contacts, with feedback and corrections."""

from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.follow_up import Kind as FollowUpKind
from chalicelib.domain.follow_up import Order, Reason
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.review import Kind, Machine, Place, Source
from chalicelib.domain.transcript import Engine
from chalicelib.flow import reviews
from chalicelib.flow.review_items import Asked, open_asked
from chalicelib.ports.services import After
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL, CHAT, OTHER, populated

ADA, BO, CY = (Principal(name, PrincipalRole.ADMIN) for name in ("ada", "bo", "cy"))
SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
AGENT = Principal("g", PrincipalRole.AGENT, agent_id="agent-1")
HIDDEN = ("machine", "verdicts", "reasons")


@pytest.fixture
def world(tmp_path):
    return populated(tmp_path)


def opened(world, contact_id=CALL, turn_id="t-0002", kind=Kind.SENTIMENT, **known):
    asked = Asked(
        kind=kind,
        source=known.pop("source", Source.LOW_CONFIDENCE),
        name="Which sentiment has this turn?",
        description="the engine says NEGATIVE",
        reasons=(Reason("the engine is not sure", value="0.41"),),
        place=Place("VOICE", turn_id, 1000, analysis_key="redacted/artifacts/a/analysis.json"),
        machine=Machine("NEGATIVE", Engine("minilm", "1"), 0.41),
        **known,
    )
    return open_asked(world.services, contact_id, asked, w.NOW_MS).id


def get(world, item_id, who=ADA):
    items = world.ask("/v1/review-items", who=who).json["items"]
    return next(item for item in items if item["id"] == item_id)


def step(world, what, item_id, who, revision=None, **known):
    seen = get(world, item_id, who)["revision"] if revision is None else revision
    body = {"revision": seen, **known}
    path = f"/v1/review-items/{item_id}/{what}"
    return world.ask(path, method="POST", who=who, body=body)


def judge(world, item_id, who, value, **known):
    assert step(world, "claim", item_id, who).status == 200
    return step(world, "verdict", item_id, who, value=value, **known)


def test_who_has_not_answered_is_told_nothing_to_copy(world):
    item_id = opened(world)
    answered = judge(world, item_id, ADA, "POSITIVE", note="it was a joke").json
    assert (answered["blind"], answered["machine"]["value"]) == (False, "NEGATIVE")
    told = get(world, item_id, BO)
    assert (told["blind"], told["answers"], told["wanted"]) == (True, 1, 2)
    assert [told[name] for name in HIDDEN] == [None] * 3
    assert (told["description"], told["note"]) == ("", "")
    claimed = step(world, "claim", item_id, BO)
    for said in ("joke", "POSITIVE", "0.41", "minilm", "NEGATIVE"):
        visible = claimed.text.replace('"POSITIVE","NEGATIVE","NEUTRAL","MIXED"', "")
        assert said not in visible


def test_two_who_agree_correct_the_machine_and_its_value_stays_visible(world):
    item_id = opened(world)
    for who in (ADA, BO):
        done = judge(world, item_id, who, "POSITIVE")
    assert (done.json["state"], done.json["decided"]) == ("RESOLVED", "POSITIVE")
    (found,) = world.ask(f"/v1/contacts/{CALL}/corrections").json["items"]
    assert (found["kind"], found["value"], found["place"]["segmentId"]) == (
        "sentiment", "POSITIVE", "t-0002",
    )  # fmt: skip
    (version,) = found["versions"]
    assert (version["version"], version["by"], version["confidence"]) == (1, ["ada", "bo"], 1.0)
    assert version["supersedes"] == {
        "value": "NEGATIVE",
        "engine": {"name": "minilm", "version": "1", "detail": ""},
        "confidence": 0.41,
    }
    assert world.ask(f"/v1/contacts/{CALL}/transcript").text.count("NEGATIVE") == 1


def test_who_confirms_the_machine_corrects_nothing(world):
    item_id = opened(world)
    for who in (ADA, BO):
        judge(world, item_id, who, "NEGATIVE")
    assert world.ask(f"/v1/contacts/{CALL}/corrections").json == {"items": []}


def test_a_later_decision_is_the_next_version(world):
    for source, value in ((Source.LOW_CONFIDENCE, "POSITIVE"), (Source.DISAGREEMENT, "MIXED")):
        item_id = opened(world, source=source)
        for who in (ADA, BO):
            judge(world, item_id, who, value)
        world.now_ms += 1000
    (found,) = world.ask(f"/v1/contacts/{CALL}/corrections").json["items"]
    assert found["value"] == "MIXED"
    assert [(v["version"], v["value"]) for v in found["versions"]] == [
        (2, "MIXED"),
        (1, "POSITIVE"),
    ]


def test_two_who_differ_open_a_third(world):
    item_id = opened(world)
    judge(world, item_id, ADA, "POSITIVE")
    half = judge(world, item_id, BO, "NEUTRAL").json
    assert (half["state"], half["wanted"], half["answers"]) == ("ANSWERED", 3, 2)
    assert judge(world, item_id, CY, "NEUTRAL").json["decided"] == "NEUTRAL"


REFUSED = {
    "a_second_answer": ("claim", ADA, {}, 409, "review.answered"),
    "a_verdict_without_a_claim": ("verdict", BO, {"value": "MIXED"}, 409, "review.unclaimed"),
    "a_revision_that_is_old": ("claim", BO, {"revision": 1}, 409, "review.moved"),
    "a_verdict_without_a_value": ("verdict", BO, {"value": ""}, 422, "body"),
}


@pytest.mark.parametrize(("what", "who", "body", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_steps_that_are_refused(world, what, who, body, status, code):
    item_id = opened(world)
    judge(world, item_id, ADA, "POSITIVE")
    told = step(world, what, item_id, who, **body)
    assert (told.status, told.json["code"]) == (status, code)


def test_a_value_that_is_no_option_is_refused_and_the_claim_stays(world):
    item_id = opened(world)
    told = judge(world, item_id, ADA, "angry")
    assert (told.status, told.json["code"]) == (422, "review.value")
    assert get(world, item_id)["state"] == "CLAIMED"


def test_what_somebody_else_has_can_be_had_once_the_lease_ran_out(world):
    item_id = opened(world)
    assert step(world, "claim", item_id, ADA).json["claimedUntil"] == "2026-05-28T20:56:40.000Z"
    assert step(world, "claim", item_id, BO).json["code"] == "review.claimed"
    world.now_ms += Settings().review_lease_s * 1000
    assert get(world, item_id)["state"] == "OPEN"
    assert step(world, "claim", item_id, BO).status == 200
    assert step(world, "verdict", item_id, ADA, value="MIXED").json["code"] == "review.unclaimed"


def test_a_verdict_that_is_sent_again_counts_once(world):
    item_id = opened(world)
    step(world, "claim", item_id, ADA)
    first, again = (
        step(world, "verdict", item_id, ADA, revision=2, value="MIXED") for _ in range(2)
    )
    assert first.json == again.json
    assert (again.json["answers"], again.json["revision"]) == (1, 3)


def test_what_nobody_judged_expires(world):
    item_id = opened(world)
    world.now_ms += Settings().review_days * w.DAY_MS
    assert get(world, item_id)["state"] == "EXPIRED"
    assert step(world, "claim", item_id, ADA).json["code"] == "review.moved"


FILTERS = {
    "by_state": ({"state": "CLAIMED"}, ["b"]),
    "by_source": ({"source": ["RISK", "DISAGREEMENT"]}, ["b", "c"]),
    "by_kind": ({"kind": "risk"}, ["c"]),
    "by_contact": ({"contactId": CALL}, ["a", "c"]),
    "by_all_of_them": ({"contactId": CALL, "source": "RISK", "state": "OPEN"}, ["c"]),
    "of_a_contact_that_is_not_there": ({"contactId": "nobody"}, []),
    "the_most_urgent_first": ({"order": "PRIORITY"}, ["c", "b", "a"]),
}


@pytest.mark.parametrize(("query", "found"), FILTERS.values(), ids=FILTERS)
def test_items_are_found(world, query, found):
    names = {
        opened(world): "a",
        opened(world, OTHER, source=Source.DISAGREEMENT): "b",
        opened(world, kind=Kind.RISK, source=Source.RISK): "c",
    }
    step(world, "claim", next(i for i, name in names.items() if name == "b"), ADA)
    told = [names[item["id"]] for item in world.ask("/v1/review-items", **query).json["items"]]
    assert (told if "order" in query else sorted(told)) == found


def test_a_follow_up_opens_its_item_once(world):
    order = Order("f" * 40, FollowUpKind.RISK, CALL, "key", w.NOW_MS)
    made = {
        reviews.open_of_follow_up(
            world.services,
            replace(order, at_ms=w.NOW_MS + late),
            name="Is this contact fraud?",
            description="scored 910",
            reasons=(Reason("many contacts in a day"),),
            kind="risk",
            value="block-callback",
        )
        for late in (0, 5000)
    }
    (item_id,) = made
    told = get(world, item_id)
    assert (told["source"], told["options"], told["machine"]) == (
        "RISK", ["fraud", "legitimate"], None,
    )  # fmt: skip


class Ledger:
    """Stands for what assesses risk."""

    def __init__(self):
        self.told = []

    def label(self, event_id, fraud, at_ms):
        self.told.append((event_id, fraud, at_ms))


def test_what_assesses_risk_learns_what_was_decided(world):
    ledger = Ledger()
    world.services = replace(world.services, after=After(risk=ledger))
    world.__post_init__()
    item_id = opened(world, kind=Kind.RISK, source=Source.RISK, wanted=1)
    judge(world, item_id, ADA, "legitimate")
    assert ledger.told == [(CALL, False, w.NOW_MS)]


def feedback(world, contact_id=CALL, who=ADA, **body):
    return world.ask(f"/v1/contacts/{contact_id}/feedback", method="POST", who=who, body=body)


def test_feedback_is_the_first_opinion_of_an_item(world):
    told = feedback(world, kind="sentiment", segmentId="t-0002", value="NEUTRAL", note="plain fact")
    assert told.status == 201
    one = told.json
    assert (one["state"], one["source"], one["answers"]) == ("ANSWERED", "FEEDBACK", 1)
    assert (one["machine"]["value"], one["place"]["beginOffsetMillis"]) == ("NEGATIVE", 1000)
    assert one["verdicts"][0]["informed"]
    assert get(world, one["id"], BO)["verdicts"] is None
    assert feedback(
        world, kind="sentiment", segmentId="t-0002", value="NEUTRAL", note="plain fact"
    ).json == one  # fmt: skip
    assert judge(world, one["id"], BO, "NEUTRAL").json["decided"] == "NEUTRAL"


def test_feedback_decides_where_one_reviewer_is_enough(tmp_path):
    world = populated(tmp_path, Settings(reviewers=1))
    told = feedback(world, kind="category", about="Billing dispute", value="no")
    assert (told.json["state"], told.json["decided"]) == ("RESOLVED", "no")
    (found,) = world.ask(f"/v1/contacts/{CALL}/corrections").json["items"]
    assert (found["place"]["about"], found["versions"][0]["supersedes"]["value"]) == (
        "Billing dispute", "yes",
    )  # fmt: skip


def test_feedback_without_a_value_asks_others(world):
    told = feedback(world, kind="transcript", segmentId="t-0001", note="sounds like Bill")
    assert (told.json["state"], told.json["answers"], told.json["blind"]) == ("OPEN", 0, True)


NO_FEEDBACK = {
    "a_segment_that_is_not_there": ({"kind": "pii", "segmentId": "t-9"}, 422, "feedback.place"),
    "sentiment_of_nothing": ({"kind": "sentiment"}, 422, "feedback.place"),
    "a_turn_without_a_sentiment": (
        {"kind": "sentiment", "segmentId": "t-0001"}, 422, "feedback.place",
    ),
    "no_category": ({"kind": "category", "value": "no"}, 422, "feedback.place"),
    "a_value_of_another_kind": (
        {"kind": "sentiment", "segmentId": "t-0002", "value": "yes"}, 422, "review.value",
    ),
    "an_unknown_kind": ({"kind": "weather"}, 422, "body"),
    "more_than_is_asked": ({"kind": "other", "state": "OPEN"}, 422, "body"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status", "code"), NO_FEEDBACK.values(), ids=NO_FEEDBACK)
def test_feedback_that_is_refused(world, body, status, code):
    told = feedback(world, **body)
    assert (told.status, told.json["code"]) == (status, code)
    assert world.ask("/v1/review-items").json["items"] == []


def test_a_contact_that_is_not_analysed_takes_no_feedback(world):
    told = feedback(world, w.RUNNING, kind="other", note="x")
    assert (told.status, told.json["code"]) == (404, "analysis.none")


PLACES = ["/v1/review-items", "/v1/review-agreement", f"/v1/contacts/{CALL}/corrections"]


@pytest.mark.parametrize("path", PLACES)
def test_agents_review_nothing(world, path):
    assert world.ask(path, who=AGENT).status == 403
    assert feedback(world, CALL, AGENT, kind="other").status == 403


def test_an_item_of_a_contact_that_is_not_visible_is_not_there(world):
    hidden, seen = opened(world, CALL), opened(world, OTHER)
    told = world.ask("/v1/review-items", who=SUPERVISOR).json["items"]
    assert [item["id"] for item in told] == [seen]
    assert step(world, "verdict", hidden, SUPERVISOR, revision=1, value="MIXED").status == 404
    assert world.ask(f"/v1/contacts/{CALL}/corrections", who=SUPERVISOR).status == 404
    assert feedback(world, CALL, SUPERVISOR, kind="other").status == 404
    for who in (ADA, BO):
        judge(world, hidden, who, "MIXED")
    (mood, *_) = world.ask("/v1/review-agreement", who=SUPERVISOR).json["kinds"]
    assert mood["alpha"]["n"] == 0


def test_agreement_is_told_by_kind_with_why_it_is_not_there(world):
    answers = [("POSITIVE", "POSITIVE"), ("NEUTRAL", "NEUTRAL"), ("POSITIVE", "NEUTRAL")]
    for number, pair in enumerate(answers):
        item_id = opened(world, turn_id=f"t-{number}")
        for who, value in zip((ADA, BO), pair, strict=True):
            judge(world, item_id, who, value)
    told = world.ask("/v1/review-agreement").json
    mood, category = told["kinds"][:2]
    assert (mood["kind"], mood["reviewers"]) == ("sentiment", 2)
    assert mood["kappa"] == {
        "value": 0.4, "low": None, "high": None, "n": 3, "reason": "no interval below 10 items",
    }  # fmt: skip
    assert mood["alpha"]["value"] == pytest.approx(1 - 5 * 2 / 18, abs=1e-4)
    assert (category["alpha"]["value"], category["alpha"]["reason"]) == (
        None, "nobody has answered twice",
    )  # fmt: skip
    item_id = opened(world, turn_id="t-more")
    for who in (ADA, CY):
        judge(world, item_id, who, "MIXED")
    (mood, *_) = world.ask("/v1/review-agreement").json["kinds"]
    assert (mood["reviewers"], mood["kappa"]["value"]) == (3, None)
    assert "more than two" in mood["kappa"]["reason"]
    assert mood["alpha"]["n"] == 4


def test_a_contact_of_two_conversations_tells_them_apart(world):
    told = feedback(world, BOTH, kind="pii", segmentId="m-1", channel="CHAT", value="missed")
    assert told.json["place"]["channel"] == "CHAT"
    assert feedback(world, BOTH, kind="pii", segmentId="m-1", channel="VOICE").status == 422
    assert feedback(world, CHAT, kind="transcript", segmentId="m-2").status == 201
