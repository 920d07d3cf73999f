"""Bots: a survey completed as a customer would, self-service, answers, and what was not understood."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import hostile
from tests.e2e.conftest import Tab
from tests.e2e.test_texts import unhurt
from tests.e2e.world import CHAT, World

pytestmark = pytest.mark.browser

Tabs = Callable[..., Tab]
BAD = hostile.SCRIPTS[1]
SLOW_MS = 60_000
"""The first utterance fits the intents, which takes a while."""


@pytest.fixture(scope="module")
def world(followed: World) -> World:
    return followed


def say(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Say something")
    field.fill(text)
    field.press("Enter")


def begin(page: Page) -> None:
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("textbox", name="Say something")).to_be_focused()


def test_a_survey_dialogue_is_completed_from_the_contact_that_it_is_about(
    tab: Tabs, world: World
) -> None:
    before = world.api("/surveys")
    session = world.wait_for_follow_ups(CHAT, "survey")["survey"]["refs"]["session"]
    page = tab().contact(CHAT, "?tab=follow-ups")
    page.get_by_role("link", name="Try the survey").click()
    page.wait_for_selector('body[data-ready="bots"]')
    assert session in page.url
    expect(page.get_by_role("combobox", name="Bot")).to_have_value("survey")
    log = page.get_by_role("log", name="Dialogue")
    expect(log).to_contain_text("how satisfied are you with the contact?")

    say(page, "three or four")
    expect(log).to_contain_text("Please give a number from 1 to 5.", timeout=SLOW_MS)
    say(page, "4")
    expect(log).to_contain_text("What is the main reason for that?")
    say(page, f"{BAD} Quick help, thanks")
    expect(log).to_contain_text("Shall somebody call you back about it?")
    expect(page.locator("[data-slots]")).to_contain_text("Quick help, thanks")
    say(page, "no")
    expect(log).to_contain_text("Thank you, we have noted your answers.")
    expect(log).to_contain_text("The dialogue has ended.")
    expect(page.get_by_role("textbox", name="Say something")).to_have_count(0)

    after = world.api("/surveys")
    assert after["answers"] == before["answers"] + 1
    [answer] = [one for one in after["items"] if one["sessionId"] == session]
    assert (answer["contactId"], answer["score"], answer["callBack"]) == (CHAT, 4, False)
    surveys = page.get_by_role("region", name="Surveys")
    expect(surveys.get_by_label(f"Mean satisfaction: {after['meanScore']:.1f}")).to_be_visible()
    expect(surveys).to_contain_text(f"from {after['scored']} answer")
    row = surveys.get_by_role("row").filter(has=page.get_by_role("link", name=CHAT[:8]))
    expect(row).to_contain_text("Quick help, thanks")
    expect(row).to_contain_text("onerror=")
    assert unhurt(page)

    page.reload()
    expect(log).to_contain_text("The dialogue has ended.")
    log.get_by_role("link", name="Open it as a contact").click()
    assert "/contacts/" in page.url


def test_self_service_shows_intent_slots_and_confidence(tab: Tabs) -> None:
    page = tab().open("#/bots", "bots")
    expect(page.get_by_role("combobox", name="Bot")).to_have_value("self-service")
    begin(page)
    say(page, "where is my order")
    understood = page.get_by_role("complementary", name="What the bot understood")
    expect(understood).to_contain_text("Order status", timeout=SLOW_MS)
    expect(understood).to_contain_text("Asks for")
    expect(understood.locator("[data-slots]")).to_contain_text("not filled")
    expect(understood).to_contain_text("0.5 is the threshold of understanding")
    say(page, "42")
    expect(page.get_by_role("log")).to_contain_text("Somebody will look the order up")
    expect(understood.locator("[data-slots]")).to_contain_text("42")
    expect(understood).to_contain_text("Carried out")


@pytest.mark.parametrize("index", range(len(hostile.SCRIPTS)))
def test_markup_in_an_utterance_is_shown_as_text(tab: Tabs, index: int) -> None:
    one = tab(width=390)
    page = one.open("#/bots", "bots")
    begin(page)
    said = hostile.SCRIPTS[index]
    say(page, said)
    expect(page.get_by_role("log").get_by_text("Not understood")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".you .bubble")).to_have_text(said)
    assert unhurt(page)
    assert not one.scrolls_sideways()


def test_bidi_controls_and_a_long_word_stay_in_their_place(tab: Tabs) -> None:
    one = tab(width=390)
    page = one.open("#/bots", "bots")
    begin(page)
    say(page, hostile.REVERSED)
    expect(page.locator(".you .bubble")).to_have_text("pay ⟨RLO⟩exe.gpj⟨PDF⟩ now")
    expect(page.get_by_role("log").get_by_text("Not understood")).to_be_visible(timeout=SLOW_MS)
    say(page, "x" * 1000)
    expect(page.locator(".you .bubble").last).to_contain_text("x" * 100)
    assert not one.scrolls_sideways()


def test_a_dialogue_that_is_not_there_says_so(tab: Tabs) -> None:
    one = tab()
    one.allowed.append("404")
    page = one.open("#/bots?bot=survey&session=nobody", "bots")
    expect(page.get_by_text("There is no such dialogue.")).to_be_visible()
    begin(page)
    expect(page.get_by_role("log")).to_contain_text("how satisfied are you")


def test_where_nobody_leads_dialogues_the_reason_stands(tab: Tabs) -> None:
    one = tab()

    def nobody(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(json={**answer.json(), "engine": None, "detail": f"off {BAD}"})

    one.page.route("**/v1/bots", nobody)
    page = one.open("#/bots", "bots")
    expect(page.get_by_text("Bots cannot be talked to here")).to_be_visible()
    expect(page.get_by_text("LOUPE_DIALOGUE says who leads dialogues")).to_be_visible()
    assert unhurt(page)


PROPOSALS = [
    {
        "name": f"Pay{BAD}",
        "terms": ["pay"],
        "count": 4,
        "fromBots": 1,
        "fromContacts": 3,
        "examples": [
            {"text": hostile.SCRIPTS[0], "contactId": CHAT, "source": "contact"},
            {"text": hostile.REVERSED, "contactId": "", "source": "bot"},
        ],
    }
]


def test_what_was_not_understood_is_proposed_and_downloaded_for_lex(
    tab: Tabs, tmp_path: Path
) -> None:
    one = tab()
    files = {"Manifest.json": {"fileFormat": "LexJson"}, "Bot/Bot.json": {"name": "ä"}}

    def report(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(json={**answer.json(), "proposals": PROPOSALS})

    one.page.route("**/v1/missed-utterances", report)
    one.page.route(
        "**/v1/missed-utterances/lex-export",
        lambda route: route.fulfill(json={"status": "Never imported.", "files": files}),
    )
    page = one.open("#/bots", "bots")
    box = page.get_by_role("region", name="Not understood")
    expect(box).to_contain_text("4 utterances: 1 from bots, 3 from contacts", timeout=SLOW_MS)
    expect(box).to_contain_text(hostile.SCRIPTS[0])
    expect(box).to_contain_text("⟨RLO⟩exe.gpj⟨PDF⟩")
    assert unhurt(page)
    with page.expect_download() as downloading:
        box.get_by_role("button", name="Download for Lex").click()
    expect(box.get_by_role("status")).to_contain_text("Never imported.")
    saved = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(saved)
    assert saved.name == "loupe-lex-intents.zip"
    with zipfile.ZipFile(io.BytesIO(saved.read_bytes())) as archive:
        assert archive.testzip() is None
        assert {name: json.loads(archive.read(name)) for name in archive.namelist()} == files


def test_the_report_is_that_of_the_api_and_without_vectors_says_why(
    tab: Tabs, world: World
) -> None:
    found = world.api("/missed-utterances")
    page = tab().open("#/bots", "bots")
    box = page.get_by_role("region", name="Not understood")
    expect(box).to_contain_text(f"{found['requests']} first requests", timeout=SLOW_MS)
    expect(box.get_by_role("heading", level=3)).to_have_count(len(found["proposals"]))
    one = tab()
    one.allowed.append("501")
    detail = "Utterances cannot be compared here: no sentence vectors."
    problem = {"status": 501, "detail": detail, "code": "utterances.unavailable"}
    one.page.route("**/v1/missed-utterances", lambda route: route.fulfill(status=501, json=problem))
    page = one.open("#/bots", "bots")
    expect(page.get_by_text(detail)).to_be_visible()
    expect(page.get_by_role("button", name="Download for Lex")).to_have_count(0)


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 390), ("dark", 2560), ("light", 390)]
)
@pytest.mark.parametrize("place", ["page", "talking"])
def test_it_fits_and_has_no_axe_violation(tab: Tabs, place: str, scheme: str, width: int) -> None:
    one = tab(scheme=scheme, width=width, for_axe=True)
    page = one.open("#/bots?bot=survey" if place == "talking" else "#/bots", "bots")
    if place == "talking":
        begin(page)
        say(page, "5")
        expect(page.get_by_role("log")).to_contain_text("main reason", timeout=SLOW_MS)
    expect(page.locator('[data-missed=""]')).to_have_count(0, timeout=SLOW_MS)
    assert one.axe() == []
    assert not one.scrolls_sideways()
