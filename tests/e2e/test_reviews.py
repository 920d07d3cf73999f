"""Reviews: the queue by keyboard, an answer before the machine's, "this is wrong", agreement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e import hostile, risky
from tests.e2e.conftest import Tab
from tests.e2e.test_texts import unhurt
from tests.e2e.world import CALL, World

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
NOTE = hostile.SCRIPTS[3]


@pytest.fixture(scope="module")
def world(followed: World) -> World:
    return followed


def open_items(world: World, query: str = "") -> list[Any]:
    path = f"/review-items?order=PRIORITY&state=OPEN&state=CLAIMED&state=ANSWERED{query}"
    items: list[Any] = world.api(path)["items"]
    return items


def unanswered(world: World, kind: str) -> Any:
    """An item that nobody has looked at; each test takes one that the others leave alone."""
    return next(one for one in open_items(world, f"&kind={kind}") if one["state"] == "OPEN")


def questioned(world: World, index: int) -> Any:
    """A new item: somebody doubts a category of the call, and does not say what it should be."""
    [conversation] = world.api(f"/contacts/{CALL}")["conversations"]
    name = conversation["categories"][index]["name"]
    return world.api(f"/contacts/{CALL}/feedback", {"kind": "category", "about": name})


def work(page: Page) -> Locator:
    return page.get_by_role("region", name="Your answer")


def test_the_queue_is_ranked_and_says_why(tab: Tabs, world: World) -> None:
    items = open_items(world)
    page = tab().open("#/reviews", "reviews")
    rows = page.locator("[data-item]")
    expect(rows).to_have_count(len(items))
    assert [row.get_attribute("data-item") for row in rows.all()] == [one["id"] for one in items]
    assert items[0]["source"] == "RISK"
    expect(rows.first).to_contain_text("Risk decision")
    page.get_by_role("combobox", name="Why").select_option("RANDOM")
    expect(rows).to_have_count(sum(one["source"] == "RANDOM" for one in items))
    assert "source=RANDOM" in page.url
    page.get_by_role("combobox", name="Kind").select_option("risk")
    page.get_by_role("combobox", name="State").select_option("EXPIRED")
    expect(page.get_by_text("No item matches these filters")).to_be_visible()


def test_an_item_is_answered_blind_by_keyboard_alone(tab: Tabs, world: World) -> None:
    item = unanswered(world, "sentiment")
    assert item["machine"] is None
    page = tab().open("#/reviews?kind=sentiment", "reviews")
    expect(page.locator("[data-item]").first).to_be_visible()
    for _ in range(len(open_items(world))):
        page.keyboard.press("j")
        if f"item={item['id']}" in page.url:
            break
    panel = work(page)
    expect(panel.get_by_text("Claim the item to answer it.")).to_be_visible()
    expect(panel.locator("li[aria-current]")).to_have_count(1)
    expect(panel.get_by_text("The machine says")).to_have_count(0)
    expect(panel.get_by_role("radio")).to_have_count(0)
    page.keyboard.press("c")
    expect(panel.get_by_text("Yours until")).to_be_visible()
    expect(panel.get_by_role("radio").first).to_be_focused()
    assert world.api(f"/review-items?contactId={item['contactId']}")["items"]
    page.keyboard.press("3")
    expect(panel.get_by_role("radio", name="Neutral")).to_be_checked()
    expect(panel.get_by_text("The machine says")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(panel.get_by_text("You have answered")).to_be_visible()
    expect(panel.get_by_text("It wants the answer of another person.")).to_be_visible()
    [after] = [
        one
        for one in world.api(f"/review-items?contactId={item['contactId']}")["items"]
        if one["id"] == item["id"]
    ]
    assert [one["value"] for one in after["verdicts"]] == ["NEUTRAL"]
    machine = {"POSITIVE": "Positive", "NEGATIVE": "Negative", "NEUTRAL": "Neutral"}
    told = panel.get_by_text("The machine says").locator("..")
    expect(told).to_contain_text(machine[after["machine"]["value"]])
    expect(told).to_contain_text(after["machine"]["engine"]["name"])


def test_a_decision_on_risk_is_answered_with_a_hostile_note_shown_as_text(
    tab: Tabs, world: World
) -> None:
    [item] = open_items(world, f"&contactId={risky.CONTACT}&source=RISK")
    page = tab().open(f"#/reviews?contactId={risky.CONTACT}&item={item['id']}", "reviews")
    panel = work(page)
    expect(panel.get_by_text(risky.ABUSE)).to_be_visible()
    panel.get_by_role("button", name="Claim").click()
    panel.get_by_role("radio", name="Fraud").check()
    panel.get_by_role("textbox", name="Note").fill(NOTE)
    panel.get_by_role("button", name="Send the answer").click()
    expect(panel.get_by_text(NOTE)).to_be_visible()
    expect(panel.get_by_text("Why it was asked")).to_be_visible()
    expect(panel.get_by_text("checks of identity that failed")).to_be_visible()
    assert unhurt(page)


def test_a_task_of_a_rule_with_a_hostile_name_is_text_and_takes_a_word(
    tab: Tabs, world: World
) -> None:
    [task] = open_items(world, f"&contactId={risky.CONTACT}&kind=other")
    assert task["name"] == risky.TASK
    one = tab(width=390)
    page = one.open(f"#/reviews?kind=other&item={task['id']}", "reviews")
    panel = work(page)
    expect(panel.get_by_role("heading", name=risky.TASK)).to_be_visible()
    expect(panel.get_by_text("⟨RLO⟩exe.gpj⟨PDF⟩").first).to_be_visible()
    assert not one.scrolls_sideways()
    panel.get_by_role("button", name="Claim").click()
    panel.get_by_role("textbox", name="Your answer, in words").fill(hostile.SCRIPTS[0])
    page.keyboard.press("Enter")
    expect(panel.get_by_text(f"Decided: {hostile.SCRIPTS[0]}")).to_be_visible()
    assert unhurt(page)


def test_what_somebody_else_has_claimed_cannot_be_claimed(tab: Tabs, world: World) -> None:
    item = questioned(world, 1)
    one = tab()
    one.allowed.append("409")
    problem = {
        "title": "Conflict",
        "status": 409,
        "detail": "Somebody else has claimed this item.",
        "code": "review.claimed",
    }
    one.page.route("**/claim", lambda route: route.fulfill(status=409, json=problem))
    page = one.open(f"#/reviews?item={item['id']}", "reviews")
    work(page).get_by_role("button", name="Claim").click()
    expect(work(page).get_by_role("alert")).to_have_text("Somebody else has claimed this item.")
    expect(work(page).get_by_role("radio")).to_have_count(0)


def test_an_item_is_closed_without_a_decision(tab: Tabs, world: World) -> None:
    item = questioned(world, 2)
    page = tab().open(f"#/reviews?item={item['id']}", "reviews")
    panel = work(page)
    panel.get_by_role("button", name="Claim").click()
    panel.get_by_role("button", name="Close without a decision").click()
    expect(panel.get_by_text("Closed without a decision.")).to_be_visible()
    assert item["id"] not in {one["id"] for one in open_items(world)}


def test_this_is_wrong_on_a_turn_becomes_a_review(tab: Tabs, world: World) -> None:
    segments = world.api(f"/contacts/{CALL}/transcript?channel=VOICE")["segments"]
    turn = next(one for one in segments if one["sentiment"] == "NEGATIVE")
    page = tab().contact(CALL)
    row = page.locator(f'[data-turn="{turn["id"]}"]')
    row.locator(".time").focus()
    row.hover()
    row.get_by_role("button", name="This is wrong").click()
    dialog = page.get_by_role("dialog", name="This is wrong")
    expect(dialog.get_by_text("The machine says: Negative")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send")).to_be_disabled()
    dialog.get_by_role("radio", name="Positive").check()
    dialog.get_by_role("textbox", name="Note").fill(NOTE)
    dialog.get_by_role("button", name="Send").click()
    dialog.get_by_role("link", name="Open the review").click()
    page.wait_for_selector('body[data-ready="reviews"]')
    panel = work(page)
    expect(panel.get_by_text("You have answered")).to_be_visible()
    expect(panel.get_by_text("knew what the machine says")).to_be_visible()
    expect(panel.get_by_text(NOTE)).to_be_visible()
    assert unhurt(page)
    [item] = open_items(world, f"&contactId={CALL}&source=FEEDBACK&kind=sentiment")
    assert item["place"]["segmentId"] == turn["id"]
    assert item["verdicts"][0]["value"] == "POSITIVE"


def test_this_is_wrong_by_keyboard_on_masks_and_on_a_category(tab: Tabs, world: World) -> None:
    page = tab().contact(CALL, "?tab=categories")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="This is wrong")
    dialog.get_by_role("combobox", name="What is wrong?").select_option("pii")
    dialog.get_by_role("radio", name="Something is not masked").check()
    dialog.get_by_role("button", name="Send").press("Enter")
    expect(dialog.get_by_text("Sent. It is in the queue of reviews.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    [conversation] = world.api(f"/contacts/{CALL}")["conversations"]
    category = conversation["categories"][0]["name"]
    page.get_by_role("button", name=f"This is wrong: {category}").click()
    dialog.get_by_role("radio", name="No").check()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("Sent. It is in the queue of reviews.")).to_be_visible()
    kinds = {one["kind"] for one in open_items(world, f"&contactId={CALL}&source=FEEDBACK")}
    assert {"pii", "category"} <= kinds


def test_agreement_tells_figures_and_why_there_are_none(tab: Tabs) -> None:
    page = tab().open("#/reviews", "reviews")
    box = page.get_by_role("region", name="Agreement of reviewers")
    expect(box.get_by_text("there is nothing to compare yet")).to_be_visible()
    figure = {"value": 0.71, "low": 0.52, "high": 0.9, "n": 24, "reason": ""}
    none = {**figure, "value": None, "low": None, "high": None, "reason": "more than two people"}
    kinds = [{"kind": "sentiment", "reviewers": 3, "kappa": none, "alpha": figure}]
    one = tab()
    one.page.route(
        "**/v1/review-agreement",
        lambda route: route.fulfill(json={"kinds": kinds, "truncated": False}),
    )
    page = one.open("#/reviews", "reviews")
    row = page.get_by_role("region", name="Agreement of reviewers").get_by_role("row").last
    expect(row).to_contain_text("0.71 0.52 to 0.90")
    expect(row).to_contain_text("n/a more than two people")
    expect(row).to_contain_text("24")


def test_an_empty_queue_and_a_failing_one_say_why(tab: Tabs) -> None:
    one = tab()
    one.page.route(
        "**/v1/review-items?*",
        lambda route: route.fulfill(json={"items": [], "truncated": False}),
    )
    page = one.open("#/reviews", "reviews")
    expect(page.get_by_text("Nothing to review")).to_be_visible()

    def away(route: Route) -> None:
        body = {"title": "Away", "status": 503, "detail": "The store is away.", "code": "away"}
        route.fulfill(status=503, json=body)

    other = tab()
    other.allowed.append("503")
    other.page.route("**/v1/review-items?*", away)
    page = other.open("#/reviews", "reviews")
    expect(page.get_by_text("The store is away.")).to_be_visible()
    other.page.unroute("**/v1/review-items?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-item]").first).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 390), ("dark", 2560), ("light", 390)]
)
@pytest.mark.parametrize("place", ["queue", "claimed", "answered", "wrong"])
def test_it_fits_and_has_no_axe_violation(
    tab: Tabs, world: World, place: str, scheme: str, width: int
) -> None:
    one = tab(scheme=scheme, width=width, for_axe=True)
    if place == "wrong":
        page = one.contact(CALL)
        page.locator("[data-flag]").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="This is wrong")).to_be_visible()
    elif place == "claimed":
        item = unanswered_or_mine(world)
        page = one.open(f"#/reviews?item={item['id']}", "reviews")
        work(page).get_by_role("button", name="Claim").click()
        expect(work(page).get_by_role("radio").first).to_be_visible()
    elif place == "answered":
        [item] = world.api(f"/review-items?contactId={risky.CONTACT}&source=RISK")["items"]
        page = one.open(f"#/reviews?state=any&item={item['id']}", "reviews")
        expect(work(page).locator("li").first).to_be_visible()
    else:
        page = one.open("#/reviews", "reviews")
        expect(page.locator('[data-agreement="ready"]')).to_be_visible()
    assert one.axe() == []
    assert not one.scrolls_sideways()


def unanswered_or_mine(world: World) -> Any:
    """A transcript to judge, which may be claimed already: the claim is the same person's."""
    return next(one for one in open_items(world) if one["blind"] and one["options"])
