"""What customers write reaches the page as text: no markup, no script, no turned-around order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import hostile
from tests.e2e.conftest import Tab
from tests.e2e.world import ROOT

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
FORBIDDEN = re.compile(
    r"\{@html|innerHTML|insertAdjacentHTML|outerHTML|document\.write|\beval\(|new Function"
)


def unhurt(page: Page) -> bool:
    foreign = "main :is(script, iframe, style, img[src='x'], [onerror], a[href^='javascript'])"
    return page.evaluate("window.hurt") is None and page.locator(foreign).count() == 0


@pytest.mark.parametrize("index", range(len(hostile.SCRIPTS)))
def test_markup_in_a_message_is_shown_as_text(tab: Tabs, index: int) -> None:
    page = tab().contact(hostile.CONTACT)
    shown = page.locator("[data-transcript] li .text").nth(index)
    expect(shown).to_have_text(hostile.SCRIPTS[index])
    assert unhurt(page)


def test_markup_in_names_and_attributes_is_shown_as_text(tab: Tabs) -> None:
    page = tab().contact(hostile.CONTACT, "?tab=details")
    expect(page.get_by_text("<u>name</u>")).to_be_visible()
    expect(page.get_by_text("<b>Queue</b>").first).to_be_visible()
    assert unhurt(page)
    listed = tab().open("#/contacts", "contacts")
    expect(listed.get_by_text("<b>Queue</b>").first).to_be_visible()
    assert unhurt(listed)


def test_bidi_controls_are_shown_and_not_obeyed(tab: Tabs) -> None:
    page = tab().contact(hostile.CONTACT)
    controls = page.locator("[data-transcript] .control")
    expect(controls.first).to_have_text("RLO")
    text = page.locator("[data-transcript]").inner_text()
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_right_to_left_text_runs_right_to_left(tab: Tabs) -> None:
    page = tab().contact(hostile.CONTACT)
    text = page.locator("[data-transcript] .text").filter(has_text=hostile.RIGHT_TO_LEFT)
    assert text.evaluate("element => getComputedStyle(element).direction") == "rtl"


@pytest.mark.parametrize("width", [390, 1440])
def test_a_word_of_10000_letters_stays_in_its_place(tab: Tabs, width: int) -> None:
    one = tab(width=width)
    page = one.contact(hostile.CONTACT)
    expect(page.locator("[data-transcript] .text").last).to_contain_text("x" * 100)
    inside = "element => element.scrollWidth <= element.clientWidth"
    assert page.locator("[data-transcript]").evaluate(inside)
    assert not one.scrolls_sideways()


def test_sources_never_write_markup() -> None:
    sources = [
        path for path in (ROOT / "dashboard/src").rglob("*") if path.suffix in (".svelte", ".ts")
    ]
    assert len(sources) > 20
    found = [
        f"{path.name}: {line.strip()}"
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if FORBIDDEN.search(line)
    ]
    assert found == []
