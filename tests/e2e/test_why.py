"""Every number of the metrics says why it is what it is, and leads to its moments."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Tab
from tests.e2e.world import CALL, CHAT

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]


def opened(page: Page, name: str) -> Locator:
    """The disclosure of one metric, opened by the keyboard and loaded."""
    summary = page.get_by_label(f"Why? {name}", exact=True)
    summary.focus()
    page.keyboard.press("Enter")
    told = summary.locator("xpath=..")
    expect(told.locator(".one").first).to_be_visible()
    return told


@pytest.mark.parametrize(
    ("contact", "name", "formula"),
    [
        (CALL, "Talk time", "lengths of the own stretches of talk, added"),
        (CALL, "Sentiment by quarter", "sum of weight × points / sum of weights"),
        (CALL, "Patience", "mean of the waits before own turns"),
        (CHAT, "Response time", "the longest response"),
    ],
    ids=["talk_time", "quarters", "patience", "responses_of_a_chat"],
)
def test_a_number_shows_its_formula_when_asked_why(
    tab: Tabs, contact: str, name: str, formula: str
) -> None:
    told = opened(tab().contact(contact), name)
    expect(told.get_by_text(formula).first).to_be_visible()
    expect(told.get_by_text("not the stored number")).to_have_count(0)


def test_an_input_leads_to_its_moment(tab: Tabs) -> None:
    page = tab().contact(CALL)
    told = opened(page, "Interruptions")
    button = told.get_by_role("button").first
    moment = button.locator("strong").inner_text()
    button.click()
    expect(page.locator("[data-transcript] [aria-current]").first).to_be_visible()
    assert moment != "0:00"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_an_open_explanation_fits_and_has_no_axe_violation(
    tab: Tabs, scheme: str, width: int
) -> None:
    one = tab(scheme=scheme, width=width, for_axe=True)
    page = one.contact(CALL)
    for name in ("Overall sentiment", "Talk time", "Questions"):
        opened(page, name)
    assert not one.scrolls_sideways()
    assert one.axe() == []
