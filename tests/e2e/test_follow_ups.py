"""What follows contacts: on the contact's page with its reasons, and as a list of all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e import hostile, risky
from tests.e2e.conftest import KINDS, Tab
from tests.e2e.test_texts import unhurt
from tests.e2e.world import CALL, CHAT, World

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
BAD = hostile.SCRIPTS[1]
SHOWN_REVERSED = "⟨RLO⟩exe.gpj⟨PDF⟩"


@pytest.fixture(scope="module")
def world(followed: World) -> World:
    return followed


def panel(one: Tab, contact_id: str) -> Page:
    page = one.contact(contact_id, "?tab=follow-ups")
    expect(page.locator('[data-follow-ups="settled"]')).to_be_visible()
    return page


def card(page: Page, kind: str) -> Locator:
    return page.locator(f'section[data-kind="{kind}"]')


def test_a_risk_decision_shows_score_thresholds_rule_and_places(tab: Tabs, world: World) -> None:
    risk = world.wait_for_follow_ups(risky.CONTACT, "risk")["risk"]
    assert risk["outcome"] != "approve"
    page = panel(tab(), risky.CONTACT)
    own = card(page, "risk")
    expect(own.get_by_text("Review", exact=True)).to_be_visible()
    expect(own.get_by_role("meter")).to_have_attribute("aria-valuenow", f"{risk['score']:g}")
    expect(own.get_by_text("review from 500, call-backs blocked from 900")).to_be_visible()
    expect(own.get_by_text("Rules only: no model has a say in this score.")).to_be_visible()
    placed = [one for one in risk["reasons"] if one["beginOffsetMillis"] is not None]
    assert placed
    for reason in risk["reasons"]:
        expect(own.get_by_text(reason["text"]).first).to_be_visible()
    own.get_by_text("What the engine was given").click()
    expect(own.get_by_text("Failed verifications")).to_be_visible()

    own.get_by_role("button", name="Go to 0:10: checks of identity that failed").click()
    turn = page.locator("[data-transcript] li").filter(has_text=risky.MESSAGES[2][1])
    expect(turn).to_have_attribute("aria-current", "true")
    own.get_by_role("link", name="Item 1").click()
    page.wait_for_selector('body[data-ready="reviews"]')
    asked = world.api(f"/review-items?contactId={risky.CONTACT}&source=RISK")["items"]
    assert [one["id"] for one in asked] == [risk["refs"]["reviewItem"]]
    expect(page.get_by_role("heading", name=asked[0]["name"])).to_be_visible()


def test_a_next_action_is_ranked_and_what_became_of_it_is_kept(tab: Tabs, world: World) -> None:
    action = world.wait_for_follow_ups(CALL, "next-action")["next-action"]
    held = [one for one in action["reasons"] if one["value"] == "kept back"]
    assert len(action["options"]) > 1
    assert held
    one = tab()
    one.allowed.append("409")
    page = panel(one, CALL)
    own = card(page, "next-action")
    expect(own.get_by_role("list", name="Ranked").get_by_role("listitem")).to_have_count(
        len(action["options"])
    )
    expect(own.get_by_text(held[0]["text"]).first).to_be_visible()
    told = own.get_by_role("group", name="What became of it?")
    told.get_by_role("button", name="Accepted").click()
    expect(own.get_by_text("Told: Accepted")).to_be_visible()
    told.get_by_role("button", name="Declined").click()
    expect(own.get_by_role("alert")).to_have_text("This action was accepted already.")
    path = f"/contacts/{CALL}/next-actions/{action['id']}/outcomes"
    assert [one["event"] for one in world.api(path)["items"]] == ["accepted"]
    page.reload()
    accepted = card(page, "next-action").get_by_role("button", name="Accepted")
    expect(accepted).to_have_attribute("aria-pressed", "true")


def test_the_deeper_reading_leads_to_the_toxic_turn(tab: Tabs, world: World) -> None:
    language = world.wait_for_follow_ups(risky.CONTACT, "language")["language"]
    assert language["outcome"] == "toxic"
    page = panel(tab(), risky.CONTACT)
    own = card(page, "language")
    toxic = own.get_by_role("list", name="Toxic places").get_by_role("button")
    expect(toxic).to_have_count(1)
    toxic.click()
    turn = page.locator("[data-transcript] li").filter(has_text=risky.ABUSE)
    expect(turn).to_have_attribute("aria-current", "true")
    call = panel(tab(), CALL)
    own = card(call, "language")
    targets = own.get_by_role("list", name="Spoken of, with the feeling about it")
    found = world.wait_for_follow_ups(CALL, "language")["language"]["options"]
    expect(targets.get_by_role("listitem")).to_have_count(len(found))
    own.get_by_role("button", name="0:33 terrible service").click()
    expect(call.get_by_role("group", name="Player")).to_contain_text("0:33")


def test_a_survey_is_a_link_away(tab: Tabs, world: World) -> None:
    refs = world.wait_for_follow_ups(CHAT, "survey")["survey"]["refs"]
    page = panel(tab(), CHAT)
    link = card(page, "survey").get_by_role("link", name="Try the survey")
    expect(link).to_have_attribute("href", f"#/bots?bot={refs['bot']}&session={refs['session']}")


def test_a_failed_one_says_why_and_is_tried_again(tab: Tabs, world: World) -> None:
    one = tab()
    asked: list[Any] = []

    def failed(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(json.loads(route.request.post_data or "{}"))
        if asked:
            route.continue_()
            return
        answer = route.fetch()
        body = answer.json()
        for item in body["items"]:
            if item["kind"] == "language":
                item.update(state="FAILED", outcome=None, detail="The service is away.", attempts=8)
        route.fulfill(response=answer, json=body)

    one.page.route(f"**/v1/contacts/{CHAT}/follow-ups", failed)
    page = panel(one, CHAT)
    own = card(page, "language")
    expect(own.get_by_text("The service is away.")).to_be_visible()
    expect(own.get_by_text("8 attempts")).to_be_visible()
    own.get_by_role("button", name="Try again: Deeper reading").press("Enter")
    expect(own).to_have_attribute("data-state", "DONE")
    assert asked == [{"kind": "language"}]


def test_one_that_is_not_there_is_asked_for_by_hand_and_followed(tab: Tabs, world: World) -> None:
    one = tab()
    answers = 0

    def late(route: Route) -> None:
        """The survey is not there; once asked for it waits for a while."""
        nonlocal answers
        if route.request.method == "POST":
            answers = 1
            route.continue_()
            return
        answer = route.fetch()
        body = answer.json()
        if not answers:
            body["items"] = [item for item in body["items"] if item["kind"] != "survey"]
        elif answers == 1:
            for item in body["items"]:
                if item["kind"] == "survey":
                    item.update(state="WAITING", outcome=None, engine=None, endedAt=None)
            answers = 2
        route.fulfill(response=answer, json=body)

    one.page.route(f"**/v1/contacts/{CHAT}/follow-ups", late)
    page = panel(one, CHAT)
    page.get_by_role("button", name="Ask for: Survey").click()
    expect(card(page, "survey")).to_have_attribute("data-state", "WAITING")
    expect(card(page, "survey")).to_have_attribute("data-state", "DONE")


def test_the_list_is_that_of_the_api_and_its_filters_live_in_the_address(
    tab: Tabs, world: World
) -> None:
    every = world.api("/follow-ups")["items"]
    page = tab().open("#/follow-ups", "follow-ups")
    rows = page.locator("[data-follow-up]")
    expect(rows).to_have_count(len(every))
    page.get_by_role("combobox", name="Kind").select_option("risk")
    expect(rows).to_have_count(sum(one["kind"] == "risk" for one in every))
    page.get_by_role("combobox", name="Outcome").fill("review")
    page.keyboard.press("Enter")
    asking = [one for one in every if one["kind"] == "risk" and one["outcome"] == "review"]
    expect(rows).to_have_count(len(asking))
    assert "kind=risk&outcome=review" in page.url
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector('body[data-ready="contact"]')
    expect(card(page, "risk")).to_be_visible()
    page.go_back()
    page.wait_for_selector('body[data-ready="follow-ups"]')
    expect(page.get_by_role("combobox", name="Kind")).to_have_value("risk")
    page.get_by_role("combobox", name="State").select_option("FAILED")
    expect(page.get_by_text("No follow-up matches these filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").first.click()
    expect(rows).to_have_count(len(every))


def test_an_empty_list_and_a_failing_one_say_why(tab: Tabs) -> None:
    one = tab()
    one.page.route(
        "**/v1/follow-ups", lambda route: route.fulfill(json={"items": [], "truncated": False})
    )
    page = one.open("#/follow-ups", "follow-ups")
    expect(page.get_by_text("Nothing has followed a contact yet")).to_be_visible()
    other = tab()
    other.allowed.append("503")
    problem = {
        "title": "Away",
        "status": 503,
        "detail": "The store is away.",
        "code": "unavailable",
    }
    other.page.route("**/v1/follow-ups", lambda route: route.fulfill(status=503, json=problem))
    page = other.open("#/follow-ups", "follow-ups")
    expect(page.get_by_text("The store is away.")).to_be_visible()
    other.page.unroute("**/v1/follow-ups")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-follow-up]").first).to_be_visible()


def hostile_words(items: list[Any]) -> None:
    """Put markup wherever a service could have put it."""
    for item in items:
        item["detail"] = hostile.REVERSED
        item["engine"] = {"name": BAD, "version": BAD, "detail": BAD}
        item["inputs"] = {BAD: BAD, "explored": "true"}
        item["refs"] = {**item["refs"], "rule": BAD, "basis": BAD, "session": BAD}
        for reason in item["reasons"]:
            reason.update(text=BAD)
        for option in item["options"]:
            option.update(reason=BAD)
        if item["options"]:
            item["options"][0]["name"] = BAD
        if item["kind"] == "next-action":
            item["outcome"] = BAD


def spoil(route: Route) -> None:
    answer = route.fetch()
    body = answer.json()
    hostile_words(body["items"])
    route.fulfill(response=answer, json=body)


@pytest.mark.parametrize("width", [390, 1440])
def test_markup_in_what_services_say_is_shown_as_text(tab: Tabs, width: int) -> None:
    one = tab(width=width)
    one.page.route("**/follow-ups", spoil)
    page = panel(one, risky.CONTACT)
    for kind in KINDS:
        expect(card(page, kind)).to_contain_text("onerror=")
        expect(card(page, kind)).to_contain_text(SHOWN_REVERSED)
    assert unhurt(page)
    assert not one.scrolls_sideways()
    page = one.open("#/follow-ups", "follow-ups")
    expect(page.locator("[data-follow-up]").first).to_contain_text(SHOWN_REVERSED)
    assert unhurt(page)
    assert not one.scrolls_sideways()


def test_what_follows_a_hostile_chat_is_shown_as_text(tab: Tabs) -> None:
    page = panel(tab(), hostile.CONTACT)
    assert unhurt(page)


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 390), ("dark", 2560), ("light", 390)]
)
@pytest.mark.parametrize("place", ["contact", "list", "menu"])
def test_it_fits_and_has_no_axe_violation(tab: Tabs, place: str, scheme: str, width: int) -> None:
    one = tab(scheme=scheme, width=width, for_axe=True)
    if place == "contact":
        panel(one, risky.CONTACT)
    else:
        one.open("#/follow-ups", "follow-ups")
    if place == "menu" and width == 390:
        one.page.get_by_role("button", name="Follow-ups").click()
        menu = one.page.get_by_role("navigation", name="Main")
        expect(menu.get_by_role("link", name="Bots")).to_be_visible()
    assert one.axe() == []
    assert not one.scrolls_sideways()


def test_the_menu_of_a_narrow_screen_leads_to_every_page(tab: Tabs) -> None:
    page = tab(width=390).open("#/contacts", "contacts")
    where = "Contacts"
    for name, ready in (
        ("Follow-ups", "follow-ups"),
        ("Reviews", "reviews"),
        ("Bots", "bots"),
        ("Ingest & health", "ingest"),
        ("Contacts", "contacts"),
    ):
        page.locator("header").get_by_role("button", name=where, exact=True).press("Enter")
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name).press("Enter")
        page.wait_for_selector(f'body[data-ready="{ready}"]')
        where = name
