"""Key pages look as they do in `snapshots`; `make snapshots` renews these pictures.

The pages show a ledger of their own, which begins on a fixed day: what other tests do, and when
they run, is in no picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.desk import Desk, browser, chromium
from tests.support.pictured_ledger import Pictured, pictured_ledger
from tests.support.snapshots import (
    ARGUMENTS,
    MAX_BYTES,
    STORED,
    difference,
    hold,
    own_fonts,
    picture,
    without_stream,
)

RENEW = "RENEW_SNAPSHOTS"
Done = Callable[[Page], None]


def _split(page: Page) -> None:
    for place, (name, amount) in enumerate(
        (("Altair Sand and Resin Co., Ltd.", "120,000.00"), ("Vega Coatings Co., Ltd.", "9,250.50"))
    ):
        page.locator(f"#to-{place}").select_option(label=name)
        page.locator(f"#amount-{place}").fill(amount)


def _quote(page: Page) -> None:
    page.locator("[name=amount]").fill("100,000.00")
    page.locator("[name=tenor]").fill("90")
    page.locator("button[value=quote]").click()
    page.locator("#quote").wait_for()
    page.wait_for_load_state()


def _print(page: Page) -> None:
    page.emulate_media(media="print")


@dataclass(frozen=True)
class Shot:
    """A page that is pictured.

    Attributes:
        by: who signs in; empty: nobody.
        path: with the names of `Pictured` in braces.
        first: what the person does on the page before the picture is taken.
    """

    name: str
    by: str
    path: str
    language: str = "en"
    width: int = 1280
    dark: bool = False
    first: Done | None = None


SHOTS = (
    Shot("sign-in", "", "/app/sign-in"),
    Shot("home", "supplier", "/app", dark=True),
    Shot("receivable", "supplier", "/app/receivables/{receivable}"),
    Shot("receivable-print", "supplier", "/app/receivables/{receivable}", first=_print, width=680),
    Shot("claims", "supplier", "/app/claims"),
    Shot("claims-phone", "supplier", "/app/claims", "zh-CN", 360, dark=True),
    Shot("split", "supplier", "/app/claims/{claim}/assignments", first=_split),
    Shot("offers", "supplier", "/app/offers/compare/{offered}", "zh-CN"),
    Shot("verification", "bank", "/app/verify?kind=claim&id={claim}"),
    Shot("draw", "supplier", "/app/facilities/{facility}/draws", dark=True, first=_quote),
    Shot("due", "buyer", "/app/due", "zh-CN", dark=True),
    Shot("lot-phone", "warehouse", "/app/lots/{lot}", "zh-CN", 360),
    Shot("risk", "bank", "/app/risk"),
    Shot("tree", "auditor", "/app/history/receivables/1/tree", dark=True),
)


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    chromium()  # no gateway starts where there is no browser
    with pytest.MonkeyPatch.context() as patch:
        for name in [item for item in os.environ if item.startswith("CESSION_")]:
            patch.delenv(name)
        patch.setenv("CESSION_RPC_TIMEOUT", "60")  # on a busy machine the node is slow
        with pictured_ledger(tmp_path_factory.mktemp("pictured") / "gateway") as ledger:
            yield ledger


@pytest.fixture(scope="module")
def still_desk(pictured: Pictured, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with (
        own_fonts(tmp_path_factory.mktemp("fonts")) as environment,
        browser(ARGUMENTS, environment) as opened,
    ):
        yield Desk(pictured.world, opened)


@pytest.fixture(scope="module")
def cookies() -> dict[str, list[Any]]:
    """What the browsers of those have who signed in already."""
    return {}


@pytest.fixture
def desk(still_desk: Desk) -> Iterator[Desk]:
    yield still_desk
    still_desk.leave()


@pytest.fixture
def shown(desk: Desk, pictured: Pictured, cookies: dict[str, list[Any]]) -> Callable[[Shot], Page]:
    """Opens a page as it is pictured."""

    def opened(shot: Shot) -> Page:
        page = desk.visitor(language=shot.language, width=shot.width, dark=shot.dark)
        without_stream(page)
        if shot.by in cookies:
            page.context.add_cookies(cookies[shot.by])
        elif shot.by:
            desk.sign_in(page, shot.by)
            cookies[shot.by] = page.context.cookies()
        page.goto(shot.path.format_map(vars(pictured)))
        if shot.first is not None:
            shot.first(page)
        return page

    return opened


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_page_looks_as_in_its_snapshot(shot: Shot, shown: Callable[[Shot], Page]) -> None:
    hold(shot.name, picture(shown(shot)), renew=RENEW in os.environ)


CHANGES = {
    "a moved column": "th:nth-child(3), td:nth-child(3) { padding-right: 1rem !important; }",
    "a changed colour of a surface": ".tone-good { background: var(--run-soft) !important; }",
    "a changed colour of a text": "main td { color: var(--bad) !important; }",
    "a lost button": ".filters button { visibility: hidden; }",
    "a lost border": ".table-box { border-color: transparent !important; }",
    "a clipped text": ".filters label { width: 1rem; overflow: hidden; white-space: nowrap; }",
    "another height": "h1 { margin-bottom: 3rem !important; }",
}


def test_no_change_of_a_page_goes_unseen(shown: Callable[[Shot], Page], tmp_path: Path) -> None:
    claims = next(shot for shot in SHOTS if shot.name == "claims")
    stored, reported = tmp_path / "stored", tmp_path / "reported"
    hold("claims", picture(shown(claims)), renew=True, stored=stored)
    page = shown(claims)
    hold("claims", picture(page), renew=False, stored=stored, reported=reported)
    assert not reported.exists(), "the same page, opened again, looks the same"
    for what, style in CHANGES.items():
        page.evaluate(
            "style => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style);"
            " document.adoptedStyleSheets = [sheet]; }",
            style,
        )
        with pytest.raises(AssertionError, match="make snapshots ONLY=claims"):
            hold("claims", picture(page), renew=False, stored=stored, reported=reported)
            pytest.fail(f"nobody saw {what}")
    assert {file.name for file in reported.iterdir()} == {
        f"claims-{kind}.png" for kind in ("actual", "expected", "difference")
    }


def test_a_changed_digit_is_seen(shown: Callable[[Shot], Page]) -> None:
    page = shown(next(shot for shot in SHOTS if shot.name == "receivable"))
    before = picture(page)
    page.evaluate(
        "() => { const figure = document.querySelector('main .figure');"
        " figure.textContent = figure.textContent.replace('4', '7'); }"
    )
    assert difference(before, picture(page)) is not None


def test_each_snapshot_is_of_a_page_and_all_are_small() -> None:
    files = list(STORED.iterdir())
    assert {file.name for file in files} == {f"{shot.name}.png" for shot in SHOTS}
    assert sum(file.stat().st_size for file in files) <= MAX_BYTES
