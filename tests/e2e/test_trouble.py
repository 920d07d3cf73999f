"""Wrong links, failing answers, keys and the weight of the page."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Tab
from tests.e2e.world import CALL, ROOT, TOKEN, World

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
ALLOWED_BYTES = 100 * 1024


def failing(route: Route) -> None:
    body = {
        "title": "Service Unavailable",
        "status": 503,
        "detail": "The store is away.",
        "code": "unavailable",
    }
    route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(body))


def test_the_token_leaves_the_address_and_opens_the_page(tab: Tabs, world: World) -> None:
    page = tab(token="").open(f"#token={TOKEN}", "contacts")
    assert TOKEN not in page.url
    assert page.evaluate("sessionStorage.getItem('loupe.token')") == TOKEN
    assert page.evaluate("history.length") <= 2


@pytest.mark.parametrize(
    "fragment", ["#token=wrong-token-0123456789", ""], ids=["wrong", "missing"]
)
@pytest.mark.parametrize("for_axe", [False, True], ids=["strict_policy", "axe"])
def test_a_bad_token_says_how_to_get_a_link(tab: Tabs, fragment: str, for_axe: bool) -> None:
    one = tab(token="", for_axe=for_axe)
    one.allowed.append("401")
    page = one.open(fragment, "sign-in")
    expect(page.get_by_role("heading", name="This link is not valid here")).to_be_visible()
    expect(page.get_by_text("loupe up")).to_be_visible()
    assert not for_axe or one.axe() == []


def test_a_page_opened_in_a_new_tab_gets_the_token_from_its_sister(tab: Tabs) -> None:
    page = tab(token="").open(f"#token={TOKEN}", "contacts")
    sister = page.context.new_page()
    sister.goto(f"{page.url.split('#')[0]}#/contacts/{CALL}")
    sister.wait_for_selector('body[data-ready="contact"]')


@pytest.mark.parametrize(
    ("route", "ready", "pattern"),
    [
        ("#/contacts", "contacts", "**/v1/contacts?*"),
        (f"#/contacts/{CALL}", "contact", f"**/v1/contacts/{CALL}"),
        (f"#/contacts/{CALL}", "contact", "**/transcript?*"),
        ("#/ingest", "ingest", "**/v1/quarantine"),
    ],
    ids=["list", "contact", "transcript", "quarantine"],
)
def test_a_failing_answer_is_told_and_can_be_tried_again(
    tab: Tabs, route: str, ready: str, pattern: str
) -> None:
    one = tab()
    one.allowed.append("503")
    one.page.route(pattern, failing)
    page = one.open(route, ready)
    alert = page.get_by_role("alert").filter(has_text="The store is away.")
    expect(alert.first).to_be_visible()
    page.unroute(pattern)
    alert.get_by_role("button", name="Try again").first.click()
    expect(alert).to_have_count(0)


def test_a_lost_connection_is_told(tab: Tabs) -> None:
    one = tab()
    one.allowed.append("net::ERR_FAILED")
    one.page.route("**/v1/**", lambda route: route.abort())
    page = one.open("#/contacts", "contacts")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(page.get_by_text("not connected, trying again")).to_be_visible()


def test_a_recording_that_does_not_load_is_told_and_can_be_tried_again(tab: Tabs) -> None:
    one = tab()
    one.allowed.append("net::ERR_FAILED")
    one.page.route("**/media/**", lambda route: route.abort())
    page = one.contact(CALL)
    expect(page.get_by_text("The recording cannot be played")).to_be_visible()
    page.unroute("**/media/**")
    page.get_by_role("group", name="Player").get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The recording cannot be played")).to_have_count(0)


def test_an_unknown_contact_says_so(tab: Tabs) -> None:
    one = tab()
    one.allowed.append("404")
    page = one.contact("00000000-0000-4000-8000-00000000dead")
    expect(page.get_by_text("There is no such contact")).to_be_visible()


def test_keys_lead_around_and_help_lists_them(tab: Tabs) -> None:
    one = tab(for_axe=True)
    page = one.open("#/contacts", "contacts")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Go to ingest & health")).to_be_visible()
    assert one.axe() == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_label("Queue")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_selector('body[data-ready="ingest"]')
    for key, ready in (("f", "follow-ups"), ("r", "reviews"), ("b", "bots")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_selector(f'body[data-ready="{ready}"]')
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_selector('body[data-ready="contacts"]')
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector('body[data-ready="contact"]')


def test_what_is_loaded_first_weighs_at_most_100_kb(dashboard: None) -> None:
    dist = ROOT / "dashboard/dist"
    named = re.findall(
        r'(?:src|href)="\./(assets/[^"]+\.(?:js|css))"', (dist / "index.html").read_text()
    )
    assert {name.rpartition(".")[2] for name in named} == {"js", "css"}
    weight = sum(len(gzip.compress((dist / name).read_bytes())) for name in named)
    assert 0 < weight <= ALLOWED_BYTES


def test_what_is_loaded_at_first_is_all_that_is_asked_for(tab: Tabs) -> None:
    one = tab()
    asked: list[str] = []
    one.page.on("request", lambda request: asked.append(request.url))
    one.open("#/contacts", "contacts")
    html = (ROOT / "dashboard/dist/index.html").read_text()
    scripts = [url.rpartition("/")[2] for url in asked if url.endswith(".js")]
    assert scripts
    assert [name for name in scripts if name not in html] == []
