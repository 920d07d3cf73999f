"""The player, the timeline and the transcript move together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.conftest import Tab
from tests.e2e.world import CALL, World

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]


def position(page: Page) -> float:
    return float(page.evaluate("document.querySelector('audio').currentTime"))


def loaded(page: Page) -> Page:
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    for _ in range(100):
        if page.evaluate("document.querySelector('audio').readyState") >= 1:
            return page
        page.wait_for_timeout(50)
    raise AssertionError("the recording did not load")


def active(page: Page) -> int:
    return int(
        page.locator("[data-transcript] [aria-current=true]").get_attribute("data-index") or -1
    )


def turns(world: World) -> list[dict[str, int]]:
    segments: list[dict[str, int]] = world.api(f"/contacts/{CALL}/transcript")["segments"]
    return segments


def test_playing_moves_the_highlight_to_the_next_turn(tab: Tabs, world: World) -> None:
    second = turns(world)[1]["beginOffsetMillis"]
    page = loaded(tab().contact(CALL, f"?t={second - 700}"))
    assert active(page) == 0
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator('[data-index="1"]')).to_have_attribute(
        "aria-current", "true", timeout=5_000
    )
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_clicking_a_turn_seeks_and_the_recording_answers_in_ranges(tab: Tabs, world: World) -> None:
    one = tab()
    answers: list[Response] = []
    one.page.on("response", lambda got: answers.append(got) if "/media/" in got.url else None)
    page = loaded(one.contact(CALL))
    page.locator('[data-index="4"] .text').click()
    begin = turns(world)[4]["beginOffsetMillis"] / 1000
    assert position(page) == pytest.approx(begin, abs=0.05)
    assert active(page) == 4
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(600)
    assert position(page) > begin + 0.2
    assert answers
    assert {got.status for got in answers} == {206}
    assert all(got.headers["content-range"].startswith("bytes ") for got in answers)


def test_clicking_the_timeline_seeks(tab: Tabs) -> None:
    page = loaded(tab().contact(CALL))
    plot = page.locator("[data-timeline]")
    box = plot.bounding_box()
    assert box
    plot.click(position={"x": box["width"] / 2, "y": 10})
    length = float(page.evaluate("document.querySelector('audio').duration"))
    assert position(page) == pytest.approx(length / 2, rel=0.02)


def test_follow_scrolls_the_transcript_only_while_it_is_on(tab: Tabs, world: World) -> None:
    late = turns(world)[-2]["beginOffsetMillis"] + 200
    page = loaded(tab(height=700).contact(CALL, f"?t={late}"))
    scroll = "document.querySelector('[data-transcript]').scrollTop"
    page.get_by_role("button", name="Follow").click()
    page.wait_for_timeout(400)
    page.evaluate(f"{scroll} = 0")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(500)
    assert page.evaluate(scroll) == 0
    page.get_by_role("button", name="Follow").click()
    page.wait_for_timeout(900)
    assert page.evaluate(scroll) > 100


def test_jumps_and_keys_go_where_they_say(tab: Tabs, world: World) -> None:
    [conversation] = world.api(f"/contacts/{CALL}")["conversations"]
    breaks = [
        one["beginOffsetMillis"] / 1000 for one in conversation["characteristics"]["interruptions"]
    ]
    negative = [
        one["beginOffsetMillis"] / 1000
        for one in world.api(f"/contacts/{CALL}/transcript")["segments"]
        if one["sentiment"] == "NEGATIVE" and one["participantRole"] == "CUSTOMER"
    ]
    page = loaded(tab().contact(CALL))
    page.keyboard.press("i")
    assert position(page) == pytest.approx(breaks[0], abs=0.05)
    page.get_by_role("button", name="Next interruption").click()
    assert position(page) == pytest.approx(breaks[1], abs=0.05)
    page.locator("[data-timeline]").press("Home")
    page.keyboard.press("n")
    assert position(page) == pytest.approx(negative[0], abs=0.05)
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    assert position(page) == pytest.approx(negative[0] + 5, abs=0.05)
    page.keyboard.press(">")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.25


def test_evidence_of_a_category_shows_its_turn(tab: Tabs, world: World) -> None:
    [conversation] = world.api(f"/contacts/{CALL}")["conversations"]
    found = [one for one in conversation["categories"] if one["pointsOfInterest"]]
    assert found, "the call has no category with evidence"
    page = loaded(tab().contact(CALL, "?tab=categories"))
    page.get_by_role("button", name=f"Show evidence: {found[0]['name']}").click()
    point = found[0]["pointsOfInterest"][0]
    assert position(page) == pytest.approx(point["beginOffsetMillis"] / 1000, abs=0.05)
    turn = page.locator(f'[data-turn="{point["segmentId"]}"]')
    expect(turn).to_have_attribute("aria-current", "true")
    expect(turn.locator(".hit").first).to_be_visible()


def test_an_expired_link_is_renewed_at_the_same_place(tab: Tabs) -> None:
    one = tab()
    one.allowed.append("403")
    page = loaded(one.contact(CALL, "?t=30000"))
    page.wait_for_timeout(2_200)
    page.evaluate(
        "document.querySelector('audio').src = '/media/bm90aGluZw?expires=1&type=audio%2Fwav'"
    )
    page.wait_for_timeout(500)
    loaded(page)
    assert "signature=" in page.evaluate("document.querySelector('audio').src")
    assert position(page) == pytest.approx(30, abs=0.1)
    expect(page.get_by_text("The recording cannot be played")).to_have_count(0)


def test_one_turn_of_the_transcript_is_a_tab_stop_and_keys_move_it(tab: Tabs) -> None:
    page = loaded(tab().contact(CALL))
    expect(page.locator('[data-transcript] li:has(button[tabindex="0"])')).to_have_count(1)
    page.locator('[data-transcript] button.time[tabindex="0"]').focus()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(page.locator('[data-index="2"] button.time')).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator('[data-index="1"] button.time')).to_be_focused()
    page.keyboard.press("Enter")
    assert active(page) == 1


def test_timeline_reads_as_a_table(tab: Tabs) -> None:
    page = loaded(tab().contact(CALL))
    page.get_by_role("button", name="As table").click()
    table = page.get_by_role("table", name="Timeline")
    expect(table.get_by_text("interrupts for").first).to_be_visible()
    table.get_by_role("button", name="Go to").nth(3).click()
    assert position(page) > 1


def test_the_redacted_copy_plays_by_default_and_the_original_at_wish(
    tab: Tabs, world: World
) -> None:
    page = loaded(tab().contact(CALL))
    badge = page.locator("[data-audio]")
    expect(badge).to_have_text("Redacted audio")
    assert "/media/redacted/" in page.evaluate("document.querySelector('audio').src")
    page.locator('[data-index="2"] .text').click()
    begin = turns(world)[2]["beginOffsetMillis"] / 1000
    page.get_by_role("button", name="Original audio").click()
    expect(badge).to_have_text("Original audio")
    loaded(page)
    assert "/media/redacted/" not in page.evaluate("document.querySelector('audio').src")
    assert position(page) == pytest.approx(begin, abs=0.05)
    page.get_by_role("button", name="Original audio").click()
    expect(badge).to_have_text("Redacted audio")
