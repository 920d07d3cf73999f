"""Next actions as such: how rates are drawn, what is kept back, what is tried out, and the catalogue."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters import action_file
from chalicelib.domain.errors import InputRefused, SettingsError
from chalicelib.domain.follow_up import Option
from chalicelib.domain.next_action import (
    BLOCKED,
    BUILT_IN,
    DAY_MS,
    NOTHING,
    Action,
    ActionKind,
    Catalogue,
    Event,
    Interaction,
    Situation,
    best_first,
    ending_of,
    explored,
    kept_back,
    reason_of,
    refused_lately,
)
from chalicelib.domain.popularity import PRIOR, Popularity, acceptance, trials
from chalicelib.domain.sentiment import GroupSentiment, Quarter, Sentiment, Shift
from chalicelib.domain.transcript import Role, SentimentLabel
from chalicelib.formats import action_catalogue, rule_forms
from tests.unit.api_world import ENGINE, chat

CALL = Action("call", "Call back", calls=True)
ARTICLE = Action("article", "Send the article")
DISCOUNT = Action("discount", "Offer a discount", ActionKind.OFFER, fits=("Cancellation",))
UPGRADE = Action("upgrade", "Offer an upgrade", ActionKind.OFFER)
ALL = Catalogue((CALL, ARTICLE, DISCOUNT, UPGRADE))
FREE = Situation()


def what_became(action, event, *, who="u", session="c", at_ms=0, reason="r", mark=""):
    return Interaction(
        f"{who}-{session}-{action}-{event}{mark}", who, session, action, event, at_ms, reason
    )


@pytest.mark.parametrize(
    ("taken", "shown", "expected", "weight", "rate"),
    [
        pytest.param(3, 4, 0.2, 20, 0.2917, id="three_of_four_prove_little"),
        pytest.param(30, 100, 0.2, 20, 0.2833, id="thirty_of_a_hundred_prove_more"),
        pytest.param(0, 0, 0.2, 20, 0.2, id="nothing_shown_is_what_was_expected"),
        pytest.param(0, 100, 0.2, 20, 0.0333, id="never_taken_comes_near_to_nothing"),
    ],
)
def test_a_rate_is_drawn_to_what_was_expected(taken, shown, expected, weight, rate):
    assert acceptance(taken, shown, expected, weight) == pytest.approx(rate, abs=5e-5)


def test_a_session_is_one_trial_however_much_is_told_of_it():
    told = [
        what_became("article", "accepted", at_ms=2),
        what_became("article", "shown", at_ms=1),
        what_became("article", "resolved", at_ms=3),
        what_became("article", "shown", session="other"),
        what_became("article", "declined", session="other", at_ms=4),
    ]
    found = {one.session: (one.taken, one.at_ms) for one in trials(told)}
    assert found == {"c": (True, 1), "other": (False, 0)}


def test_a_reason_leans_on_the_action_over_all_reasons():
    told = [
        what_became("article", "accepted" if n < 60 else "declined", session=f"{n}", reason="a")
        for n in range(100)
    ]
    told.append(what_became("article", "declined", session="b", reason="b"))
    popular = Popularity(trials(told))
    over_all = (60 + 20 * PRIOR) / (101 + 20)
    assert popular.rate("never seen", "article") == pytest.approx(over_all)
    assert popular.rate("b", "article") == pytest.approx(20 * over_all / 21)
    assert popular.rate("a", "article") == pytest.approx((60 + 20 * over_all) / 120)
    assert popular.rate("a", "unknown") == PRIOR


def test_a_log_of_takings_alone_is_ranked_by_share():
    told = [what_became("often", "accepted", session=f"{n}") for n in range(9)]
    told += [what_became("once", "accepted")]
    popular = Popularity(trials(told))
    assert popular.rate("r", "often") > popular.rate("r", "once") > popular.rate("r", "never")
    assert popular.rate("r", "often") + popular.rate("r", "once") == pytest.approx(1)


@pytest.mark.parametrize(
    ("situation", "shown"),
    [
        pytest.param(FREE, "call article discount upgrade", id="nothing_known_keeps_nothing_back"),
        pytest.param(Situation(sentiment=-0.1), "call article", id="no_offer_when_in_a_bad_mood"),
        pytest.param(Situation(0.0, 0.0), "call article discount upgrade", id="neutral_is_fine"),
        pytest.param(Situation(3.0, ending=-1.0), "call article", id="no_offer_after_a_bad_ending"),
        pytest.param(
            Situation(refused=frozenset({"article"})),
            "call discount upgrade",
            id="what_was_declined_is_not_shown_again",
        ),
        pytest.param(
            Situation(refused=frozenset({"upgrade"})),
            "call article",
            id="no_offer_after_a_declined_offer",
        ),
        pytest.param(
            Situation(refused=frozenset({"no longer there"})),
            "call article",
            id="an_action_of_an_older_catalogue_may_have_been_an_offer",
        ),
        pytest.param(Situation(risk=BLOCKED), "article", id="neither_call_nor_offer_when_blocked"),
        pytest.param(
            Situation(risk="review"), "call article discount upgrade", id="a_review_blocks_nothing"
        ),
    ],
)
def test_what_may_be_shown(situation, shown):
    free = [action.id for action in ALL.actions if not kept_back(action, situation, ALL)]
    assert free == shown.split()


moods = st.none() | st.floats(-5, 5)
situations = st.builds(
    Situation,
    sentiment=moods,
    ending=moods,
    refused=st.frozensets(st.sampled_from([a.id for a in ALL.actions] + ["gone"])),
    risk=st.sampled_from(["", "approve", "review", BLOCKED]),
)


@given(situations, st.sampled_from(ALL.actions))
def test_an_offer_is_never_shown_against_a_sign(situation, action):
    signs = [
        situation.sentiment is not None and situation.sentiment < 0,
        situation.ending is not None and situation.ending < 0,
        bool(situation.refused & {"discount", "upgrade", "gone"}),
        situation.risk == BLOCKED,
    ]
    if action.kind is ActionKind.OFFER:
        assert bool(kept_back(action, situation, ALL)) == any(signs)
    if action.id in situation.refused:
        assert kept_back(action, situation, ALL)


@given(situations, st.sampled_from(ALL.actions))
def test_one_more_sign_never_frees_an_action(situation, action):
    if kept_back(action, situation, ALL):
        worse = replace(situation, sentiment=-5.0, ending=-5.0, risk=BLOCKED)
        assert kept_back(action, worse, ALL)


def test_what_was_declined_long_ago_may_be_shown_again():
    known = [
        what_became("old", Event.DECLINED, at_ms=0),
        what_became("new", Event.DECLINED, at_ms=2 * DAY_MS),
        what_became("liked", Event.ACCEPTED, at_ms=2 * DAY_MS),
    ]
    assert refused_lately(known, 3 * DAY_MS, 3) == {"new"}
    assert refused_lately(known, 3 * DAY_MS, 0) == set()


@pytest.mark.parametrize(
    ("mood", "ending"),
    [
        pytest.param(Sentiment(ENGINE), None, id="nothing_tells_it"),
        pytest.param(
            Sentiment(
                ENGINE,
                shift={Role.CUSTOMER: Shift(4.0, -2.0)},
                quarters={Role.CUSTOMER: (Quarter(0, 1, 5.0),)},
            ),
            -2.0,
            id="the_shift_before_the_quarters",
        ),
        pytest.param(
            Sentiment(ENGINE, quarters={Role.CUSTOMER: (Quarter(0, 1, -5.0), Quarter(1, 2, 1.5))}),
            1.5,
            id="the_last_quarter",
        ),
        pytest.param(
            Sentiment(
                ENGINE,
                groups=(
                    GroupSentiment(Role.CUSTOMER, ("1",), SentimentLabel.NEGATIVE, -1.0),
                    GroupSentiment(Role.AGENT, ("2",), SentimentLabel.POSITIVE, 1.0),
                ),
            ),
            -5.0,
            id="the_customers_last_group",
        ),
        pytest.param(
            Sentiment(ENGINE, shift={Role.AGENT: Shift(0.0, -5.0)}), None, id="the_agents_is_not_it"
        ),
    ],
)
def test_the_ending_is_the_customers(mood, ending):
    assert ending_of([replace(chat(), sentiment=mood)]) == ending


def test_the_worst_of_two_endings_counts():
    bad, good = (
        replace(chat(), sentiment=Sentiment(ENGINE, shift={Role.CUSTOMER: Shift(0.0, end)}))
        for end in (-1.0, 5.0)
    )
    assert ending_of([good, bad, chat()]) == -1.0


def test_equals_stay_in_the_order_of_the_catalogue():
    found = best_first([("a", 0.1), ("c", 0.5), ("b", 0.5)], ["b", "a", "c"])
    assert [option.name for option in found] == ["b", "c", "a"]


OPTIONS = tuple(Option(name, 1.0) for name in "abcde")


def test_exploring_is_bounded_even_over_all_others_and_repeatable():
    tried = [explored(OPTIONS, f"token {n}", 0.05) for n in range(20_000)]
    firsts = [options[0].name for options, other in tried if other]
    assert 0.045 < len(firsts) / len(tried) < 0.055
    assert all(0.2 < firsts.count(name) / len(firsts) < 0.3 for name in "bcde")
    assert tried[:100] == [explored(OPTIONS, f"token {n}", 0.05) for n in range(100)]


@given(st.text(), st.floats(0, 0.2), st.integers(0, 5))
def test_exploring_moves_one_option_and_loses_none(token, rate, many):
    options, other = explored(OPTIONS[:many], token, rate)
    assert sorted(option.name for option in options) == list("abcde"[:many])
    assert other == (options != OPTIONS[:many])
    if not token or not rate or many < 2:
        assert not other
    rest = [option.name for option in options[1:]] if other else []
    assert rest == sorted(rest)


def test_the_reason_is_the_first_category():
    assert (reason_of(("Refund", "Complaint")), reason_of(())) == ("Refund", "none")


def test_actions_fit_by_category_in_any_case():
    assert DISCOUNT in ALL.fitting(["cancellation"])
    assert ALL.fitting([]) == (CALL, ARTICLE, UPGRADE)


def test_the_built_in_actions_fit_categories_of_the_rule_pack():
    pack = Path(action_catalogue.__file__).parent / "rules" / "pack"
    rules = [rule for path in pack.glob("*.yaml") for rule in rule_forms.load(path.read_bytes())]
    wanted = {category for action in BUILT_IN.actions for category in action.fits}
    assert wanted
    assert wanted <= {rule.name for rule in rules}


FILE = b"""
actions:
  - id: call-back
    label: Call the customer back
    calls: true
  - id: offer-upgrade
    label: "Offer the next larger plan"
    kind: offer
    fits: [Price complaint, Cancellation]
"""


def test_a_catalogue_is_read_in_its_order():
    assert action_catalogue.load(FILE) == Catalogue(
        (
            Action("call-back", "Call the customer back", calls=True),
            Action(
                "offer-upgrade",
                "Offer the next larger plan",
                ActionKind.OFFER,
                ("Price complaint", "Cancellation"),
            ),
        )
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "line 1: the document: this is not an object", id="empty"),
        pytest.param("actions: []", "line 1: /actions: the list is empty", id="no_action"),
        pytest.param("actions: [", "line 1, column 11", id="no_yaml"),
        pytest.param(
            "actions:\n  - id: a\n    label: A\n  - id: b", "line 4: .*label", id="no_label"
        ),
        pytest.param(
            "actions:\n  - id: a\n    label: A\n    kind: bribe", "line 4: .*kind", id="bad_kind"
        ),
        pytest.param("actions:\n  - id: a b\n    label: A", "line 2: .*id", id="blank_in_id"),
        pytest.param(
            f"actions:\n  - id: {NOTHING}\n    label: A", "line 2: .*id", id="the_word_for_nothing"
        ),
        pytest.param(
            "actions:\n  - id: a\n    label: A\n  - id: a\n    label: B",
            "line 4: .*twice",
            id="an_id_twice",
        ),
        pytest.param(
            "actions:\n  - id: a\n    label: A\n    fits:\n      - x\n      - ''",
            "line 6: .*empty",
            id="an_empty_category",
        ),
        pytest.param("actions:\n  - id: a\n    label: A\n    cal: yes", "cal", id="a_typing_error"),
    ],
)
def test_a_bad_catalogue_is_refused_with_its_line(text, why, tmp_path):
    with pytest.raises(InputRefused, match=why):
        action_catalogue.load(text.encode())
    path = tmp_path / "actions.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=f"LOUPE_ACTIONS_FILE: .*{why}"):
        action_file.catalogue(str(path))


def test_a_catalogue_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(SettingsError, match="LOUPE_ACTIONS_FILE: No such file"):
        action_file.catalogue(str(tmp_path / "none.yaml"))


def test_without_a_file_there_are_built_in_actions():
    assert action_file.catalogue("") is BUILT_IN
