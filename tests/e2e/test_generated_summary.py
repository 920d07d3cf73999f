"""What a language model wrote is shown as such, with its engine, and leads to what it stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.world import CHAT, LATER_CHAT, World, samples_of, start
from tests.fakes.generation import sentence, summary
from tests.model_service import Fails, Models, Says, serving

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
ANSWER = summary(
    sentence("The customer asked about a fee of 15 dollars.", "t2"),
    sentence("The agent named its reason and promised an answer in three days.", "t7", "t9"),
)


@pytest.fixture(scope="module")
def world(dashboard: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """``loupe up`` with a chat that a model summed up, and one that it did not."""
    models = Models(Says(ANSWER))
    with serving(models) as url:
        running, process = start(
            tmp_path_factory.mktemp("generated") / "data",
            LOUPE_SUMMARY="openai",
            LOUPE_MODEL_URL=f"{url}/v1",
            LOUPE_MODEL_ID="model-of-a-test",
            LOUPE_PII="patterns",
        )
        try:
            running.ingest(*samples_of(CHAT))
            running.wait_for("COMPLETED", CHAT)
            models.say(Fails("throttled"))
            running.ingest(*samples_of(LATER_CHAT))
            running.wait_for("COMPLETED", LATER_CHAT)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=30)
            if process.stdout:
                process.stdout.close()


def test_a_generated_summary_is_marked_and_names_its_model(tab: Tabs) -> None:
    page = tab().contact(CHAT, "?tab=summary")
    panel = page.get_by_role("tabpanel")
    expect(panel.get_by_text("AI generated")).to_be_visible()
    expect(panel.get_by_text("OpenAI-compatible model-of-a-test")).to_be_visible()
    expect(page.locator("[data-generated] li")).to_have_count(2)
    expect(page.locator("[data-summary] li").first).to_be_visible()


def test_each_sentence_leads_to_every_turn_that_it_stands_on(tab: Tabs, world: World) -> None:
    [conversation] = world.api(f"/contacts/{CHAT}")["conversations"]
    claims = conversation["summary"]["generated"]["sentences"]
    page = tab().contact(CHAT, "?tab=summary")
    for number, claim in enumerate(claims):
        buttons = page.locator("[data-generated] li").nth(number).get_by_role("button")
        expect(buttons).to_have_count(len(claim["segmentIds"]))
        for place, turn_id in enumerate(claim["segmentIds"]):
            buttons.nth(place).click()
            turn = page.locator(f'[data-turn="{turn_id}"]')
            expect(turn).to_have_attribute("aria-current", "true")


def test_without_one_the_quoted_summary_stays_and_the_reason_is_told(tab: Tabs) -> None:
    page = tab().contact(LATER_CHAT, "?tab=summary")
    expect(page.get_by_text("No text was generated: language model: HTTP 429.")).to_be_visible()
    expect(page.locator("[data-summary] li").first).to_be_visible()
    expect(page.get_by_text("AI generated")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_it_fits_and_has_no_axe_violation(tab: Tabs, scheme: str, width: int) -> None:
    one = tab(scheme=scheme, width=width, for_axe=True)
    one.contact(CHAT, "?tab=summary")
    assert one.axe() == []
    assert not one.scrolls_sideways()
