"""Every page: draws without a fault, fits the screen, and passes axe in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import hostile
from tests.e2e.conftest import Tab
from tests.e2e.world import CALL, CHAT, World

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
PAGES = {
    "contacts": ("#/contacts", "contacts"),
    "contacts_filtered_to_nothing": ("#/contacts?queueId=nobody&channel=VOICE", "contacts"),
    "call": (f"#/contacts/{CALL}", "contact"),
    "call_summary": (f"#/contacts/{CALL}?tab=summary", "contact"),
    "hostile_summary": (f"#/contacts/{hostile.CONTACT}?tab=summary", "contact"),
    "chat_summary": (f"#/contacts/{CHAT}?tab=summary", "contact"),
    "call_categories": (f"#/contacts/{CALL}?tab=categories&t=20000", "contact"),
    "call_history": (f"#/contacts/{CALL}?tab=history", "contact"),
    "call_details": (f"#/contacts/{CALL}?tab=details", "contact"),
    "chat": (f"#/contacts/{CHAT}", "contact"),
    "hostile_chat": (f"#/contacts/{hostile.CONTACT}?tab=details", "contact"),
    "ingest": ("#/ingest", "ingest"),
    "api": ("#/api", "api"),
    "unknown_page": ("#/nothing-here", "unknown"),
}
pages = pytest.mark.parametrize("page_name", PAGES)


@pages
@pytest.mark.parametrize("width", [390, 1440])
def test_page_draws_without_fault_and_fits(tab: Tabs, page_name: str, width: int) -> None:
    one = tab(width=width, height=844)
    one.open(*PAGES[page_name])
    assert not one.scrolls_sideways()


@pages
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_page_has_no_axe_violation(tab: Tabs, page_name: str, scheme: str, width: int) -> None:
    one = tab(scheme=scheme, width=width, for_axe=True)
    one.open(*PAGES[page_name])
    assert one.axe() == []


def test_axe_gate_sees_faults_that_are_put_in(tab: Tabs) -> None:
    one = tab(for_axe=True)
    page = one.open("#/contacts", "contacts")
    page.evaluate(
        """() => {
          const box = document.createElement("div");
          const image = new Image();
          image.src = "./favicon.svg";
          const pale = document.createElement("p");
          pale.textContent = "pale";
          pale.style.cssText = "color: #ddd; background: #fff";
          box.append(image, pale, document.createElement("input"));
          document.querySelector("main").append(box);
        }"""
    )
    rules = {line.split(":")[0] for line in one.axe()}
    assert {"image-alt", "color-contrast", "label"} <= rules


def test_policy_watch_sees_an_inline_script(tab: Tabs) -> None:
    one = tab()
    page = one.open("#/contacts", "contacts")
    page.evaluate(
        "() => document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))"
    )
    assert any("script-src" in fault for fault in one.unexpected())
    one.allowed.append("script-src")
    one.allowed.append("inline script")
    page.evaluate("window.refusedByPolicy.length = 0")


def test_quarantined_contact_tells_the_reason_in_place_of_the_player(
    tab: Tabs, world: World
) -> None:
    item = next(
        one for one in world.api("/quarantine")["items"] if one["objectKey"].endswith("broken.wav")
    )
    for for_axe in (False, True):
        one = tab(for_axe=for_axe)
        page = one.contact(item["contactId"])
        expect(page.get_by_text(item["detail"]).first).to_be_visible()
        expect(page.get_by_text(item["code"]).first).to_be_visible()
        expect(page.get_by_role("group", name="Player")).to_have_count(0)
        assert not for_axe or one.axe() == []


def test_theme_can_be_forced_and_survives_a_reload(tab: Tabs) -> None:
    one = tab(scheme="light")
    page = one.open("#/contacts", "contacts")
    for _ in range(2):
        page.get_by_role("button", name="Theme:").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_list_shows_what_the_api_says(tab: Tabs, world: World) -> None:
    [call] = [one for one in world.api("/contacts")["items"] if one["contactId"] == CALL]
    page = tab().open("#/contacts", "contacts")
    row = page.locator(f'[data-contact="{CALL}"]')
    expect(row).to_contain_text(call["queue"]["name"])
    expect(row).to_contain_text(call["agent"]["name"])
    score = f"{abs(call['sentiment']['customer']):.1f}"
    expect(row).to_contain_text(f"−{score}" if call["sentiment"]["customer"] < 0 else score)
    expect(row.locator("td").nth(7)).to_have_text(str(call["interruptions"]))


def test_filters_live_in_the_address_and_come_back(tab: Tabs, world: World) -> None:
    calls = len(world.api("/contacts?channel=VOICE")["items"])
    assert calls < len(world.api("/contacts")["items"])
    page = tab().open("#/contacts", "contacts")
    page.get_by_role("combobox", name="Channel").select_option("VOICE")
    expect(page.locator("tr[data-contact]")).to_have_count(calls)
    assert "channel=VOICE" in page.url
    page.locator(f'[data-contact="{CALL}"] a').click()
    page.wait_for_selector('body[data-ready="contact"]')
    page.go_back()
    page.wait_for_selector('body[data-ready="contacts"]')
    expect(page.get_by_role("combobox", name="Channel")).to_have_value("VOICE")
    expect(page.locator("tr[data-contact]")).to_have_count(calls)
    page.get_by_role("button", name="Remove filter Channel: Voice").click()
    expect(page.locator("tr[data-contact]")).not_to_have_count(calls)


def test_metrics_show_what_the_api_says(tab: Tabs, world: World) -> None:
    [conversation] = world.api(f"/contacts/{CALL}")["conversations"]
    page = tab().contact(CALL)
    breaks = conversation["characteristics"]["interruptions"]
    panel = page.get_by_role("tabpanel")
    assert breaks
    interruptions = panel.locator("section").filter(
        has=page.get_by_role("heading", name="Interruptions")
    )
    expect(interruptions.locator("li")).to_have_count(len(breaks))
    speed = conversation["characteristics"]["talkSpeed"]["AGENT"]
    expect(panel.get_by_text(str(speed))).to_be_visible()


def test_the_summary_quotes_and_leads_to_where_it_was_said(tab: Tabs, world: World) -> None:
    [conversation] = world.api(f"/contacts/{CHAT}")["conversations"]
    summary = conversation["summary"]
    last = summary["sentences"][-1]
    page = tab().contact(CHAT, "?tab=summary")
    quotes = page.locator("[data-summary] button")
    expect(quotes).to_have_count(len(summary["sentences"]))
    expect(quotes.last).to_contain_text(last["text"])
    quotes.last.click()
    turn = page.locator(f'[data-turn="{last["segmentIds"][0]}"]')
    expect(turn).to_have_attribute("aria-current", "true")
    assert summary["highlights"]
    for mark in summary["highlights"]:
        turn = page.locator(f'[data-turn="{mark["segmentId"]}"]')
        pieces = turn.locator(".text .highlighted").all_text_contents()
        assert "".join(pieces) == mark["text"]
