"""A real Chromium before the gateway's pages."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.pages.sessions import digest, end_those
from app.places import NODE_MODULES
from tests.support.visitor import COOKIE
from tests.support.world import World

NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = ("light", "dark")
WAIT_MILLISECONDS = 60_000  # more than the pages themselves wait in tests
FINAL = re.compile("^(final|已最终确认)$")

expect.set_options(timeout=WAIT_MILLISECONDS)


def chromium() -> str:
    """The path of Chromium; skips the test where there is none."""
    path = next((path for path in map(shutil.which, NAMES) if path), None)
    if path is None:
        pytest.skip("there is no Chromium; install the package `chromium` to run these tests")
    return path


@contextmanager
def browser(
    arguments: Sequence[str] = (), environment: dict[str, str] | None = None
) -> Iterator[Browser]:
    """A browser, until the caller is done."""
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", *arguments],
            env=dict[str, str | float | bool](environment) if environment else None,
        )
        try:
            yield opened
        finally:
            opened.close()


@dataclass
class Desk:
    """The gateway with its parties, and browsers that sign in to it."""

    world: World
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def visitor(
        self,
        *,
        language: str = "en",
        width: int = 1280,
        dark: bool = False,
        scripts: bool = True,
    ) -> Page:
        """A page of somebody who is not signed in, in a browser context of its own."""
        context = self.browser.new_context(
            base_url=self.world.server.url,
            locale=language,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT_MILLISECONDS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._noted(page, message))
        return page

    def _noted(self, page: Page, message: Any) -> None:
        # The browser itself reports each answer of 4xx as an error.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{page.url}: {message.text}")

    def signed_in(self, name: str, **more: Any) -> Page:
        """A page of a party that has signed in with its API key."""
        page = self.visitor(**more)
        self.sign_in(page, name)
        return page

    def sign_in(self, page: Page, name: str) -> None:
        """Signs a party in on the page on which one signs in."""
        if "/app/sign-in" not in page.url:
            page.goto("/app/sign-in")
        page.locator("#apiKey").fill(self.world[name].api_key)
        page.locator("form[action='/app/sign-in'] button").click()
        page.locator("nav.menu").wait_for()

    def end_session(self, page: Page) -> None:
        """Ends the session behind a page, which stays open."""
        cookies = {cookie.get("name"): cookie.get("value", "") for cookie in page.context.cookies()}
        values = (digest(cookies[COOKIE]),)
        storage = self.world.server.gateway.storage
        storage.write_now(lambda c: end_those(c, "id = ?", values, time.time()))

    def check_accessibility(self, page: Page) -> None:
        """Axe finds nothing, in both themes."""
        reports = []
        before = page.locator("html").get_attribute("data-theme")
        for theme in THEMES:
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            for violation in accessibility_faults(page):
                nodes = [node["html"][:200] for node in violation["nodes"][:3]]
                reports.append(f"{page.url} ({theme}): {violation['id']}: {nodes}")
        page.evaluate("theme => document.documentElement.dataset.theme = theme", before)
        assert not reports, "\n".join(reports)

    def check_width(self, page: Page) -> None:
        """The page does not scroll sideways."""
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page.url} is {wide} pixels too wide"

    def leave(self) -> None:
        """Closes what a test has opened; fails on scripts' errors."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()
        faults, self.faults = self.faults, []
        assert not faults, "\n".join(faults)


def finished(page: Page) -> None:
    """Waits until the operation of the form that was sent stands on its page as final.

    The pages wait for an operation only so long; from then on its page follows it, and is loaded
    again at the end.
    """
    page.wait_for_url("**/app/operations/*")
    expect(page.locator("#operation:not([data-live]) .badge")).to_have_text(FINAL)


def press(page: Page, button: str) -> None:
    """Sends the form, waits for the page that says what became of it, and for the operation."""
    place = page.url
    page.get_by_role("button", name=button).click()
    page.wait_for_url(lambda url: url != place)
    if "/app/operations/" in page.url:
        finished(page)


def says(page: Page, *words: str) -> None:
    """The page says each of these, at the latest once it is loaded."""
    for each in words:
        expect(page.locator("main")).to_contain_text(each, use_inner_text=True)


def accessibility_faults(page: Page) -> list[dict[str, Any]]:
    """What axe finds on a page, as it is."""
    page.evaluate(AXE.read_text())
    result = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    violations: list[dict[str, Any]] = result["violations"]
    return violations
