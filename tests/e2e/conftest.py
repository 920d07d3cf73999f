"""Fixtures of the browser tests: a running system, a browser, and tabs that watch for faults."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts.ensure_chromium import MISSING, find
from tests.e2e import hostile, risky
from tests.e2e.world import CALL, CHAT, ROOT, TOKEN, World, samples_of, start

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
]
KINDS = ("risk", "next-action", "language", "review", "survey")
WATCH = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.refusedByPolicy.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""
DROP = """([name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type}));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    window.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
}"""
REFUSED = b"RIFF this is no recording at all"


@dataclass
class Tab:
    """A page with its token in place, and what went wrong in it. ``allowed``: parts of console errors
    that the test provokes itself."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def open(self, route: str, ready: str) -> Page:
        self.page.goto(f"{self.base}/{route}")
        self.page.wait_for_selector(f'body[data-ready="{ready}"]')
        return self.page

    def contact(self, contact_id: str, query: str = "") -> Page:
        return self.open(f"#/contacts/{contact_id}{query}", "contact")

    def scrolls_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def axe(self) -> list[str]:
        """What axe-core finds, one line a node."""
        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]

    def unexpected(self) -> list[str]:
        refused = self.page.evaluate("window.refusedByPolicy") if not self.page.is_closed() else []
        told = [fault for fault in self.faults if not any(part in fault for part in self.allowed)]
        return told + [f"refused by policy: {one}" for one in refused]


def drop(page: Page, name: str, content: bytes) -> None:
    """Drop a file on the page."""
    kind = "application/json" if name.endswith(".json") else "audio/wav"
    page.evaluate(DROP, [name, kind, base64.b64encode(content).decode()])


@pytest.fixture(scope="session")
def dashboard() -> None:
    """The built dashboard, made anew when its sources changed."""
    command = [sys.executable, "-m", "scripts.build_dashboard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def world(dashboard: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """``loupe up`` with a call, two chats, one of them hostile, and one refused recording."""
    folder = tmp_path_factory.mktemp("world")
    running, process = start(folder / "data")
    try:
        broken = folder / "broken.wav"
        broken.write_bytes(REFUSED)
        running.ingest(*samples_of(CALL, CHAT), *hostile.write(folder), broken)
        running.wait_for("COMPLETED", CALL, CHAT, hostile.CONTACT)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


@pytest.fixture(scope="session")
def followed(dashboard: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """``loupe up`` where everything follows every contact, with a call, two chats, one of which asks
    for a person's look and whose rule opens a task, and a hostile one."""
    folder = tmp_path_factory.mktemp("followed")
    running, process = start(
        folder / "data",
        LOUPE_PII="patterns",
        LOUPE_FOLLOW_UPS="risk next-action language review survey",
        LOUPE_REVIEW_SAMPLE="100",
    )
    try:
        running.api("/rules", risky.RULE)
        published = {"version": 1, "from": "2026-11-01T00:00:00Z"}
        running.api(f"/rules/{risky.RULE['id']}/publications", published)
        running.ingest(*samples_of(CALL, CHAT), *hostile.write(folder), *risky.write(folder))
        running.wait_for("COMPLETED", CALL, CHAT, hostile.CONTACT, risky.CONTACT)
        for contact_id in (CALL, CHAT, risky.CONTACT, hostile.CONTACT):
            running.wait_for_follow_ups(contact_id, *KINDS)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if not path:
        pytest.fail(MISSING, pytrace=False)
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def tab(browser: Browser, world: World) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; at the end every fault in any of them fails the test."""
    tabs: list[Tab] = []

    def new(
        *,
        width: int = 1440,
        height: int = 900,
        scheme: Any = "light",
        for_axe: bool = False,
        token: str = TOKEN,
    ) -> Tab:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            bypass_csp=for_axe,
            locale="en-GB",
            timezone_id="UTC",
        )
        opened = _watched(context, world.base, token)
        tabs.append(opened)
        return opened

    yield new
    faults = [fault for one in tabs for fault in one.unexpected()]
    for one in tabs:
        one.page.context.close()
    assert faults == []


def _watched(context: BrowserContext, base: str, token: str) -> Tab:
    context.set_default_timeout(15_000)
    context.add_init_script(WATCH)
    if token:
        context.add_init_script(f"sessionStorage.setItem('loupe.token', '{token}')")
    opened = Tab(context.new_page(), base)
    opened.page.on(
        "console",
        lambda said: (
            opened.faults.append(f"{said.text} {said.location.get('url', '')}")
            if said.type in ("error", "warning")
            else None
        ),
    )
    opened.page.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.page.on("dialog", lambda dialog: opened.faults.append(f"dialog {dialog.message}"))
    return opened
