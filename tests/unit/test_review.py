"""Review items: what each step does, as a table, and what holds whatever people do and however it ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.config import Settings
from chalicelib.domain import review
from chalicelib.domain.errors import InputRefused, StateRefused, VersionMoved
from chalicelib.domain.review import (
    OPINIONS,
    Kind,
    Machine,
    Place,
    ReviewItem,
    Source,
    State,
    Verdict,
    as_of,
    blind,
    first_two,
)
from chalicelib.flow import labels, reviews
from chalicelib.flow.review_items import Asked, open_asked
from chalicelib.ports.services import After
from tests.fakes.stores import MemoryObjects

LEASE_MS, NOW = 60_000, 1_000_000


def item(**known):
    given = {
        "id": "0000001000000-a",
        "revision": 1,
        "state": State.OPEN,
        "contact_id": "c",
        "rule_id": "",
        "rule_name": "",
        "rule_version": 0,
        "name": "Which sentiment?",
        "description": "",
        "opened_ms": NOW,
        "changed_ms": NOW,
        "kind": Kind.SENTIMENT,
        "source": Source.DISAGREEMENT,
        "machine": Machine("NEGATIVE", confidence=0.4),
        "wanted": 2,
        "expires_ms": NOW + 10 * LEASE_MS,
    }
    return ReviewItem(**{**given, **known})


def after(start, *acts):
    """The item after ``by:value`` each a claim with its verdict."""
    for number, act in enumerate(acts):
        by, _, value = act.partition(":")
        at = NOW + number
        start = review.claimed(start, by, at, LEASE_MS)
        start = review.answered(start, Verdict(by, value, at))
    return start


OUTCOMES = {
    "one_of_two_waits_for_the_other": (2, ["a:POSITIVE"], State.ANSWERED, "", 2),
    "two_that_agree_decide": (2, ["a:POSITIVE", "b:POSITIVE"], State.RESOLVED, "POSITIVE", 2),
    "two_that_differ_open_a_third": (2, ["a:POSITIVE", "b:MIXED"], State.ANSWERED, "", 3),
    "the_third_decides": (
        2, ["a:POSITIVE", "b:MIXED", "c:MIXED"], State.RESOLVED, "MIXED", 3,
    ),
    "three_that_all_differ_decide_nothing": (
        2, ["a:POSITIVE", "b:MIXED", "c:NEUTRAL"], State.RESOLVED, "", 3,
    ),
    "one_is_enough_where_one_is_wanted": (1, ["a:MIXED"], State.RESOLVED, "MIXED", 1),
}  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "acts", "state", "decided", "wants"), OUTCOMES.values(), ids=OUTCOMES
)
def test_verdicts_come_to(wanted, acts, state, decided, wants):
    found = after(item(wanted=wanted), *acts)
    assert (found.state, found.decided, found.wanted) == (state, decided, wants)
    assert found.revision == 1 + 2 * len(acts)


REFUSED = {
    "who_has_answered_does_not_answer_again": (
        after(item(), "a:MIXED"), "a", StateRefused, "review.answered",
    ),
    "what_somebody_else_has_cannot_be_had": (
        review.claimed(item(), "a", NOW, LEASE_MS), "b", StateRefused, "review.claimed",
    ),
    "what_is_resolved_stays_so": (
        after(item(wanted=1), "a:MIXED"), "b", VersionMoved, "this item is resolved",
    ),
    "what_has_expired_stays_so": (
        item(expires_ms=NOW), "b", VersionMoved, "this item is expired",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("start", "by", "kind", "told"), REFUSED.values(), ids=REFUSED)
def test_a_claim_that_is_refused(start, by, kind, told):
    with pytest.raises(kind, match=told):
        review.claimed(start, by, NOW, LEASE_MS)


def test_who_has_an_item_keeps_it_longer():
    kept = review.claimed(review.claimed(item(), "a", NOW, LEASE_MS), "a", NOW + 5, LEASE_MS)
    assert (kept.lease_ms, kept.by, kept.revision) == (NOW + 5 + LEASE_MS, "a", 3)


def test_a_task_can_be_taken_over():
    task = item(kind=Kind.OTHER, wanted=1, expires_ms=None)
    had = review.claimed(task, "a", NOW, LEASE_MS)
    assert review.claimed(had, "b", NOW + 1, LEASE_MS).by == "b"


LAPSED = {
    "with_the_lease_it_is_claimed": (item(), LEASE_MS - 1, State.CLAIMED),
    "a_lease_that_ran_out_opens_it": (item(), LEASE_MS, State.OPEN),
    "or_leaves_it_answered": (after(item(), "x:MIXED"), LEASE_MS + 1, State.ANSWERED),
    "after_its_time_it_has_expired": (item(), 10 * LEASE_MS, State.EXPIRED),
}


@pytest.mark.parametrize(("start", "passed", "state"), LAPSED.values(), ids=LAPSED)
def test_time_moves_a_claim(start, passed, state):
    claimed = review.claimed(start, "a", NOW, LEASE_MS)
    assert as_of(claimed, NOW + passed).state is state


@pytest.mark.parametrize("by", ["b", "a"], ids=["of_somebody_else", "after_the_lease"])
def test_a_verdict_without_a_claim_that_runs_is_refused(by):
    claimed = review.claimed(item(), "a", NOW, LEASE_MS)
    at = NOW + (LEASE_MS if by == "a" else 1)
    with pytest.raises(StateRefused, match=r"review\.unclaimed"):
        review.answered(claimed, Verdict(by, "MIXED", at))


def test_a_verdict_of_another_kind_is_refused():
    claimed = review.claimed(item(), "a", NOW, LEASE_MS)
    with pytest.raises(InputRefused, match="one of POSITIVE, NEGATIVE, NEUTRAL, MIXED"):
        review.answered(claimed, Verdict("a", "yes", NOW))


def test_who_has_not_answered_is_blind_until_the_end():
    half = after(item(), "a:MIXED")
    assert [blind(half, who) for who in "ab"] == [False, True]
    assert not blind(after(half, "b:MIXED"), "c")
    assert not blind(item(kind=Kind.OTHER), "b")


def test_resolving_decides_nothing():
    closed = review.resolved(after(item(), "a:MIXED"), "b", NOW, "not ours")
    assert (closed.state, closed.decided, closed.note) == (State.RESOLVED, "", "not ours")


def test_agreement_is_of_the_first_two_who_did_not_know():
    informed = Verdict("f", "MIXED", NOW, informed=True)
    fed = review.with_verdict(item(), informed)
    known = [after(item(), "a:MIXED", "b:NEUTRAL", "c:MIXED"), after(fed, "a:MIXED")]
    assert [[v.by for v in pair] for pair in first_two([*known, after(item(), "a:MIXED")])] == [
        ["a", "b"]
    ]


def test_the_less_sure_the_machine_the_more_urgent():
    sure, unsure = (item(machine=Machine("MIXED", confidence=c)) for c in (0.9, 0.2))
    assert sure.priority < unsure.priority < item(source=Source.FEEDBACK).priority


class Ledger:
    """Stands for what assesses risk: remembers what it was told."""

    def __init__(self):
        self.told = []

    def label(self, event_id, fraud, at_ms):
        self.told.append((event_id, fraud))


class Reviews(RuleBasedStateMachine):
    """Three people, stale looks, repeated requests, leases and expiry by time travel, over real objects."""

    people = st.sampled_from(["ada", "bo", "cy", "di"])
    values = st.sampled_from(["fraud", "legitimate"])

    def __init__(self):
        super().__init__()
        self.now = NOW
        self.risk = Ledger()
        self.services = SimpleNamespace(
            settings=Settings(review_lease_s=60, review_days=1),
            redacted=MemoryObjects(),
            clock=lambda: self.now,
            after=After(risk=self.risk),
            contacts=SimpleNamespace(get=lambda _: SimpleNamespace(tombstone=None)),
        )
        self.opened, self.closed, self.looks = {}, {}, []

    @rule(number=st.integers(0, 2))
    def open(self, number):
        """Again and again the same questions: each is one item."""
        place = Place("VOICE", f"t{number}")
        asked = Asked(Kind.RISK, Source.RISK, "Fraud?", place=place, machine=Machine("approve"))
        found = open_asked(self.services, f"c{number}", asked, self.now)
        assert self.opened.setdefault(number, found.id) == found.id

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def look(self, data):
        """What somebody sees, and may act on much later."""
        item_id = data.draw(st.sampled_from(sorted(self.opened.values())))
        self.looks.append(reviews.get(self.services, item_id))

    def _act(self, data, act):
        seen = data.draw(st.sampled_from(self.looks))
        before = reviews.get(self.services, seen.id)
        try:
            done = act(before, seen.revision)
        except (VersionMoved, StateRefused):
            assert reviews.get(self.services, seen.id) == before
            return
        again = seen.revision != before.revision
        assert again is (done == before)
        assert not before.closed or again

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), by=people)
    def claim(self, data, by):
        self._act(data, lambda now, seen: reviews.claim(self.services, now, seen, by))

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), by=people, value=values)
    def answer(self, data, by, value):
        verdict = Verdict(by, value, self.now)
        self._act(data, lambda now, seen: reviews.answer(self.services, now, seen, verdict))

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), by=people, value=values)
    def work(self, data, by, value):
        """Somebody who claims and answers at once, as most do."""
        self.look(data)
        now = reviews.get(self.services, self.looks[-1].id)
        try:
            now = reviews.claim(self.services, now, now.revision, by)
            reviews.answer(self.services, now, now.revision, Verdict(by, value, self.now))
        except (VersionMoved, StateRefused):
            return

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), by=people)
    def race(self, data, by):
        """Two who read the same and step at once: one is told that the other was faster."""
        now = reviews.get(self.services, data.draw(st.sampled_from(self.looks)).id)
        took = 0
        for who in (by, f"{by}'s twin"):
            try:
                reviews.claim(self.services, now, now.revision, who)
                took += 1
            except (VersionMoved, StateRefused):
                continue
        assert took <= 1

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), by=people)
    def resolve(self, data, by):
        self._act(data, lambda now, seen: reviews.resolve(self.services, now, seen, by, "no"))

    @rule(seconds=st.sampled_from([1, 59, 61, 3600, 90_000]))
    def pass_time(self, seconds):
        self.now += seconds * 1000

    @invariant()
    def no_item_is_lost(self):
        assert {one.id for one in reviews.newest(self.services)} == set(self.opened.values())
        for number, item_id in self.opened.items():
            assert [one.id for one in reviews.of_contact(self.services, f"c{number}")] == [item_id]

    @invariant()
    def nobody_answers_twice_and_never_more_than_three_do(self):
        for one in reviews.newest(self.services):
            people = [verdict.by for verdict in one.verdicts]
            assert len(people) == len(set(people)) <= OPINIONS

    @invariant()
    def what_is_closed_stays_as_it_is(self):
        for one in reviews.newest(self.services):
            if one.closed:
                assert self.closed.setdefault(one.id, one) == one

    @invariant()
    def a_decision_is_the_majority_and_has_one_label(self):
        told = Counter()
        for number in self.opened:
            for one in reviews.of_contact(self.services, f"c{number}"):
                votes = Counter(verdict.value for verdict in one.verdicts)
                assert not one.decided or 2 * votes[one.decided] > len(one.verdicts)
                kept = labels.of_contact(self.services, f"c{number}")
                values = [label.value for versions in kept for label in versions]
                assert values == ([one.decided] if one.decided else [])
                told[f"c{number}"] += bool(one.decided)
        assert +told == Counter(event_id for event_id, _ in self.risk.told)


Reviews.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestReviews = Reviews.TestCase


def test_what_a_crash_left_without_a_label_gets_it_from_whoever_reads_labels():
    machine = Reviews()
    machine.open(0)
    (found,) = reviews.newest(machine.services)
    decided = after(replace(found, expires_ms=None), "ada:fraud", "bo:fraud")
    for step in range(2, decided.revision + 1):
        from chalicelib.flow import review_items

        review_items.write(machine.services, replace(decided, revision=step))
    assert not machine.risk.told
    ((label,),) = labels.of_contact(machine.services, "c0")
    assert (label.value, label.corrects, label.by) == ("fraud", True, ("ada", "bo"))
    assert machine.risk.told == [("c0", True)]
