"""The bell: an alert of a rule shows up, leads to its contact, and stays seen in this browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import Tab, drop
from tests.e2e.world import CHAT, LATER_CHAT, World, samples_of, start

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
NAME = "<b>Terrible</b> service"
TEXT = "<img src=x onerror='window.hurt = 1'> Call back pay \u202eexe.gpj\u202c now"
SHOWN = "<img src=x onerror='window.hurt = 1'> Call back pay ⟨RLO⟩exe.gpj⟨PDF⟩ now"
RULE = {
    "id": "terrible",
    "name": NAME,
    "when": {"words": ["terrible service"], "role": "CUSTOMER"},
    "actions": [{"kind": "SEND_IN_APP_NOTIFICATION", "body": {"Content": TEXT}}],
}
POLL = "document.dispatchEvent(new Event('visibilitychange'))"
STORED = "Object.keys(localStorage).join()"


@pytest.fixture(scope="module")
def world(dashboard: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """``loupe up`` with a rule that raises alerts, and a chat that it has nothing to say about."""
    running, process = start(tmp_path_factory.mktemp("alerts") / "data", LOUPE_PII="patterns")
    try:
        running.api("/rules", RULE)
        running.api("/rules/terrible/publications", {"version": 1})
        running.ingest(*samples_of(LATER_CHAT))
        running.wait_for("COMPLETED", LATER_CHAT)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


@pytest.fixture(scope="module")
def alert(world: World, browser: object) -> None:
    """The chat that raises the alert, for tests that do not look at how it comes."""
    world.ingest(*samples_of(CHAT))
    world.wait_for("COMPLETED", CHAT)


def bell(page: Page, name: str = "Alerts") -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_a_dropped_chat_rings_the_bell_and_is_seen_once_looked_at(tab: Tabs, world: World) -> None:
    page = tab().open("#/contacts", "contacts")
    bell(page).press("Enter")
    listed = page.get_by_role("region", name="Alerts")
    expect(listed.get_by_text("No rule has raised an alert.")).to_be_visible()
    expect(bell(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(bell(page)).to_have_attribute("aria-expanded", "false")

    [chat] = [path for path in samples_of(CHAT) if "ChatTranscripts" in path.parts]
    drop(page, "chat.json", chat.read_bytes())
    expect(bell(page, "Alerts, 1 new")).to_have_text("1", timeout=60_000)
    expect(page.get_by_role("status").filter(has_text="1 new alert")).to_have_count(1)

    bell(page, "Alerts, 1 new").press("Space")
    expect(listed.get_by_role("heading", name=NAME)).to_be_visible()
    expect(listed.get_by_text(SHOWN)).to_be_visible()
    expect(listed.get_by_text("New", exact=True)).to_be_visible()
    expect(listed.get_by_text("just now")).to_be_visible()
    expect(bell(page)).to_have_text("")
    page.keyboard.press("Tab")
    expect(listed.get_by_role("link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(listed).to_have_count(0)
    expect(bell(page)).to_be_focused()

    bell(page).click()
    expect(listed.get_by_text("New", exact=True)).to_have_count(0)
    listed.get_by_role("link", name=f"Contact {CHAT[:8]}").click()
    page.wait_for_selector('body[data-ready="contact"]')
    assert CHAT in page.url
    expect(listed).to_have_count(0)
    assert page.evaluate("window.hurt") is None
    page.reload()
    page.wait_for_selector('body[data-ready="contact"]')
    expect(bell(page)).to_have_text("")
    assert page.evaluate(STORED) == "loupe.alerts.seen"


def test_what_one_tab_has_seen_is_seen_in_the_other(tab: Tabs, alert: None) -> None:
    one = tab()
    page = one.open("#/contacts", "contacts")
    other = page.context.new_page()
    other.goto(f"{one.base}/#/contacts/{CHAT}")
    expect(bell(other, "Alerts, 1 new")).to_be_visible()
    bell(page, "Alerts, 1 new").click()
    expect(bell(other)).to_be_visible()


@pytest.mark.parametrize("status", [403, 404], ids=["may_not_read_them", "there_is_no_such_list"])
def test_without_alerts_there_is_no_bell_and_no_more_asking(tab: Tabs, status: int) -> None:
    one = tab()
    one.allowed.append(f"{status}")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, content_type="application/problem+json", body="{}")

    one.page.route("**/v1/alerts?*", refuse)
    with one.page.expect_response("**/v1/alerts?*"):
        page = one.open("#/contacts", "contacts")
    for _ in range(2):
        with page.expect_response("**/v1/feed*"):
            page.evaluate(POLL)
    expect(page.get_by_role("button", name="Keyboard")).to_be_visible()
    expect(bell(page)).to_have_count(0)
    assert len(asked) == 1


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_the_list_fits_and_has_no_axe_violation(
    tab: Tabs, alert: None, scheme: str, width: int
) -> None:
    one = tab(scheme=scheme, width=width, for_axe=True)
    page = one.open("#/contacts", "contacts")
    expect(bell(page, "Alerts, 1 new")).to_be_visible()
    assert one.axe() == []
    bell(page, "Alerts, 1 new").click()
    listed = page.get_by_role("region", name="Alerts")
    expect(listed.get_by_text(SHOWN)).to_be_visible()
    box = listed.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert one.axe() == []
    assert not one.scrolls_sideways()
