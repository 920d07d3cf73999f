"""A file that is dropped or picked shows up, goes through its stages and can be opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import REFUSED, Tab, drop
from tests.e2e.world import LATER_CALL, LATER_CHAT, LATEST_CHAT, World, samples_of

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]


def test_a_dropped_recording_completes_and_opens(tab: Tabs) -> None:
    page = tab().open("#/contacts", "contacts")
    [recording] = [path for path in samples_of(LATER_CALL) if path.suffix == ".wav"]
    drop(page, "monday call.wav", recording.read_bytes())
    item = page.locator('[data-upload="monday call.wav"]')
    expect(item).to_be_visible()
    expect(item.get_by_text("Analysed")).to_be_visible(timeout=60_000)
    item.get_by_role("link", name="Open monday call.wav").click()
    page.wait_for_selector('body[data-ready="contact"]')
    expect(page.get_by_role("heading", name="Voice contact")).to_be_visible()
    expect(page.locator("[data-transcript] li").first).to_be_visible()


def test_a_refused_file_tells_code_and_reason_and_can_be_replayed(tab: Tabs, world: World) -> None:
    page = tab().open("#/ingest", "ingest")
    drop(page, "torn.wav", REFUSED + b"!")
    item = page.locator('[data-upload="torn.wav"]')
    expect(item.locator(".mono")).to_contain_text("audio.", timeout=20_000)
    row = page.get_by_role("row").filter(has_text="torn.wav")
    expect(row).to_be_visible(timeout=15_000)
    row.get_by_role("button", name="Replay").click()
    expect(row.get_by_text("Judged again")).to_be_visible()
    expect(row).to_be_visible()


def test_new_contacts_are_announced_and_do_not_move_the_list(tab: Tabs, world: World) -> None:
    page = tab().open("#/contacts?channel=CHAT", "contacts")
    expect(page.locator("tr[data-contact]").first).to_be_visible()
    page.wait_for_timeout(1_000)
    before = page.locator("tr[data-contact]").evaluate_all(
        "rows => rows.map(row => row.dataset.contact)"
    )
    world.ingest(*samples_of(LATER_CHAT))
    fresh = page.get_by_role("button", name="1 new contact")
    expect(fresh).to_be_visible()
    rows = page.locator("tr[data-contact]")
    assert rows.evaluate_all("rows => rows.map(row => row.dataset.contact)") == before
    world.wait_for("COMPLETED", LATER_CHAT)
    fresh.click()
    expect(page.locator(f'tr[data-contact="{LATER_CHAT}"]')).to_be_visible()
    expect(fresh).to_have_count(0)


def test_a_contact_that_comes_before_the_first_word_of_the_feed_is_counted(
    tab: Tabs, world: World
) -> None:
    one = tab()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    one.page.route("**/v1/feed", hold)
    page = one.open("#/contacts?channel=CHAT", "contacts")
    rows = page.locator("tr[data-contact]")
    before = rows.count()
    world.ingest(*samples_of(LATEST_CHAT))
    world.wait_for("COMPLETED", LATEST_CHAT)
    held[0].continue_()
    expect(page.get_by_role("button", name="1 new contact")).to_be_visible()
    assert rows.count() == before


def test_files_can_be_picked_too(tab: Tabs) -> None:
    page = tab(width=390).open("#/contacts", "contacts")
    [chat] = [path for path in samples_of(LATER_CHAT) if "ChatTranscripts" in path.parts]
    page.locator("header input[type=file]").set_input_files(
        {"name": "picked.json", "mimeType": "application/json", "buffer": chat.read_bytes()}
    )
    item = page.locator('[data-upload="picked.json"]')
    expect(item.get_by_text("Analysed")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Clear finished").click()
    expect(item).to_have_count(0)
