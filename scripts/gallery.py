"""Takes the pictures of the browser pages for the guides, in a real Chromium.

`cession serve` tells a world first, which takes minutes. Each page is shown wide, light and in
English, and narrow, dark and in Chinese; a few also the other way round. With `--whole` every page
is taken in all eight ways, in its full length, into `build/gallery`: to look for what is wrong.

Usage: python -m scripts.gallery [--access build/serve.json] [--only part-of-a-name] [--whole]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

from app.places import ROOT, WORK
from scripts.gallery_shots import ROLES, SHOTS, Shot

FOLDER = ROOT / "docs" / "guides" / "gallery"
PAGE = FOLDER.with_suffix(".md")
WHOLE = WORK / "build" / "gallery"
MAX_BYTES = 2_000_000
#: Pages that are also shown wide, dark and in Chinese.
ALSO_DARK = ("bank-verify", "supplier-split", "buyer-due", "risk-book", "auditor-tree")
_COLOURS = 24
_HEIGHTS = {1280: 860, 360: 720}
_SIZES = {1280: "wide", 360: "phone"}
_TELLING_SECONDS = 3_600.0  # a bound for a hanging process, not for a slow machine
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_LOCALES = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Look:
    """How a page is shown."""

    width: int
    theme: str
    language: str

    @property
    def suffix(self) -> str:
        """What stands at the end of the picture's name."""
        return f"{_SIZES[self.width]}-{self.theme}-{self.language}"


WIDE = Look(1280, "light", "en")
PHONE = Look(360, "dark", "zh")
DARK = Look(1280, "dark", "zh")
ALL = tuple(
    Look(width, theme, language)
    for width, theme, language in itertools.product(_HEIGHTS, ("light", "dark"), _LOCALES)
)


def looks_of(shot: Shot) -> tuple[Look, ...]:
    """How the gallery shows a page."""
    return (WIDE, PHONE, DARK) if shot.name in ALSO_DARK else (WIDE, PHONE)


def file_of(shot: Shot, look: Look) -> str:
    """The name of a picture."""
    return f"{shot.name}-{look.suffix}.png"


def page_text() -> str:
    """The page of the gallery, as Markdown."""
    lines = [
        "# Gallery",
        "",
        "The [pages](pages.md) as each role sees them, in the world that `make serve` tells.",
        "Each is shown on a wide screen, light and in English, and on a phone, dark and in "
        "Chinese; a few also wide, dark and in Chinese.",
        "`make gallery` takes the pictures in a real browser, and writes this page.",
    ]
    for role, shots in ROLES.items():
        lines += ["", f"## {role}"]
        for shot in shots:
            lines += ["", shot.words, ""]
            lines += [_picture(shot, look) for look in looks_of(shot)]
    return "\n".join(lines) + "\n"


def _picture(shot: Shot, look: Look) -> str:
    language = "English" if look.language == "en" else "Chinese"
    words = f"{shot.words.rstrip('.')}: {_SIZES[look.width]}, {look.theme}, {language}"
    return f"![{words}](gallery/{file_of(shot, look)})"


class Served:
    """A gateway whose world is told."""

    def __init__(self, access: dict[str, Any]) -> None:
        self.url = str(access["url"])
        self._keys: dict[str, str] = access["apiKeys"]

    def address(self, shot: Shot) -> str:
        """The address of a page, with the number of a thing that is worth showing."""
        if shot.source is None:
            return self.url + shot.path
        source = shot.source
        item = next(filter(source.fits, self._items(shot.login, source.path)), None)
        if item is None:
            raise LookupError(f"{shot.name}: no item of {source.path} is worth showing")
        return self.url + shot.path.format(id=item[source.key])

    def _items(self, login: str, path: str) -> Iterator[dict[str, Any]]:
        """All items of a list, the newest first."""
        address = httpx.URL(self.url + path)
        while True:
            answer = httpx.get(
                address,
                headers={"X-API-Key": self._keys[login]},
                timeout=300,
                trust_env=False,
            )
            answer.raise_for_status()
            body = answer.json()
            yield from body["items"]
            if not body.get("nextCursor"):
                return
            address = address.copy_set_param("cursor", body["nextCursor"])


@contextlib.contextmanager
def serving(access: Path | None) -> Iterator[Served]:
    """A gateway that runs already, or one of our own until the block ends."""
    if access is not None:
        yield Served(json.loads(access.read_text(encoding="utf-8")))
        return
    with tempfile.TemporaryDirectory(prefix="cession-gallery-") as folder:
        file = Path(folder) / "serve.json"
        command = [str(Path(sys.executable).parent / "cession"), "serve", "--write", str(file)]
        process = subprocess.Popen(command)
        try:
            end = time.monotonic() + _TELLING_SECONDS
            while not file.exists():
                if process.poll() is not None:
                    raise ChildProcessError("cession serve ended by itself")
                if time.monotonic() > end:
                    raise TimeoutError("cession serve does not get ready")
                time.sleep(0.2)
            yield Served(json.loads(file.read_text(encoding="utf-8")))
        finally:
            process.terminate()
            process.wait(120)


def take(
    browser: Browser,
    served: Served,
    shots: Sequence[Shot],
    look: Look,
    folder: Path,
    *,
    whole: bool,
) -> list[str]:
    """Takes these pages in one way, each login in a context of its own; names what failed."""
    failed: list[str] = []
    by_login: dict[str, list[Shot]] = {}
    for shot in shots:
        by_login.setdefault(shot.login, []).append(shot)
    for login, own in by_login.items():
        context = browser.new_context(
            viewport={"width": look.width, "height": _HEIGHTS[look.width]},
            locale=_LOCALES[look.language],
            color_scheme="dark" if look.theme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        context.set_default_navigation_timeout(300_000)
        page = context.new_page()
        page.goto(f"{served.url}/app/sign-in")
        page.locator(f"button[name=login][value={login}]").click()
        page.locator("nav.menu").wait_for()
        for shot in own:
            target = folder / file_of(shot, look)
            try:
                _take_one(page, served.address(shot), shot, target, whole=whole)
            except (LookupError, Error) as error:
                failed.append(shot.name)
                print(f"gallery: {target.name}: {error}", file=sys.stderr)
        context.close()
    return failed


def _take_one(page: Page, address: str, shot: Shot, target: Path, *, whole: bool) -> None:
    answer = page.goto(address)
    if answer is None or not answer.ok:
        raise LookupError(f"{shot.name}: {address} answers {answer and answer.status}")
    if shot.prepare is not None:
        shot.prepare(page)
    page.wait_for_timeout(300)  # a chart draws itself
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if over > 0:
        print(f"gallery: {target.name} is {over} pixels too wide", file=sys.stderr)
    content = page.screenshot(full_page=whole, animations="disabled", caret="hide")
    _write_small(content, target)


def _write_small(content: bytes, target: Path) -> None:
    """Writes a picture with its commonest colours, so that surfaces keep theirs."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    counted = picture.getcolors(picture.width * picture.height) or []
    common = [colour for _, colour in sorted(counted, key=_how_often, reverse=True)[:_COLOURS]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([int(part) for colour in common for part in _parts(colour)])
    few = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


def _how_often(item: tuple[int, object]) -> int:
    return item[0]


def _parts(colour: object) -> tuple[int, ...]:
    assert isinstance(colour, tuple)
    return colour


def main(words: Sequence[str] | None = None) -> int:
    """Takes the pictures; returns the exit status."""
    parser = argparse.ArgumentParser(description="Takes the pictures of the browser pages.")
    parser.add_argument("--access", type=Path, help="access file of a gateway that runs already")
    parser.add_argument("--only", default="", help="part of the names of the pages to take")
    parser.add_argument("--whole", action="store_true", help="all ways, into build/gallery")
    options = parser.parse_args(words)
    program = next((path for path in map(shutil.which, _PROGRAMS) if path), None)
    if program is None:
        print("gallery: there is no Chromium; install the package `chromium`", file=sys.stderr)
        return 2
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout
    if not fonts:
        print("gallery: no font has Chinese; install `fonts-noto-cjk`", file=sys.stderr)
        return 2
    folder = WHOLE if options.whole else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    shots = [shot for shot in SHOTS if options.only in shot.name]
    with serving(options.access) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for look in ALL:
            fitting = [shot for shot in shots if options.whole or look in looks_of(shot)]
            failed += take(browser, served, fitting, look, folder, whole=options.whole)
        browser.close()
    if options.whole:
        print(f"gallery: {folder.relative_to(WORK)}")
        return 1 if failed else 0
    return _finish() or (1 if failed else 0)


def _finish() -> int:
    """Writes the page, drops pictures that it does not show, and weighs the folder."""
    PAGE.write_text(page_text(), encoding="utf-8")
    shown = {file_of(shot, look) for shot in SHOTS for look in looks_of(shot)}
    for file in FOLDER.glob("*.png"):
        if file.name not in shown:
            file.unlink()
    weight = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    print(f"gallery: {PAGE.relative_to(ROOT)}, {len(shown)} pictures, {weight / 1e6:.2f} MB")
    if weight > MAX_BYTES:
        print(f"gallery: more than {MAX_BYTES / 1e6:.0f} MB", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
