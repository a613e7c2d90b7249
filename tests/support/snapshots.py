"""Pictures of pages, compared with stored ones.

A picture depends on the page alone: the browser draws with the font that travels with the gateway,
on a fixed clock, and whatever differs from run to run (hashes, times, block numbers) is written
over before the picture is taken. Another version of Chromium smooths the edges of letters
differently, so a pixel counts as different only if its colour is not among those within one pixel
of it in the other picture.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Page

from app.places import ROOT, WORK

STORED = ROOT / "tests" / "pages" / "snapshots"
REPORTED = WORK / "build" / "snapshots"
MAX_BYTES = 1_500_000
#: Steps of a colour channel, of 255, by which a surface may be off.
TOLERANCE = 5
#: Where colours change from pixel to pixel, this share of their span is allowed besides.
EDGE_SHARE = 4
#: Pixels that may differ: fewer than one letter has.
MAX_PIXELS = 12
#: How the browser draws the same on every machine.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--lang=en-US",
)
Colour = tuple[int, int, int]
_FAMILY = "WenQuanYi Micro Hei"
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>{fonts}</dir><cachedir>{cache}</cachedir>
<match target="pattern"><test name="family"><string>monospace</string></test>
<edit name="family" mode="assign" binding="strong"><string>{family} Mono</string></edit></match>
<match target="pattern"><test name="family" compare="not_eq"><string>{family} Mono</string></test>
<edit name="family" mode="append" binding="strong"><string>{family}</string></edit></match>
<match target="font"><edit name="antialias" mode="assign"><bool>true</bool></edit>
<edit name="hinting" mode="assign"><bool>false</bool></edit>
<edit name="embeddedbitmap" mode="assign"><bool>false</bool></edit>
<edit name="rgba" mode="assign"><const>none</const></edit></match>
</fontconfig>
"""
_NO_STREAM = "window.EventSource = class { addEventListener() {} close() {} };"
# Hashes keep their length; every instant becomes that of the newest block, at nine sharp.
_WRITE_OVER = r"""() => {
  const hash = /0x[0-9a-f]+(…[0-9a-f]+)?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
  const zeros = (text) => text.replace(/[0-9a-f]/gi, "0");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    node.data = node.data
      .replace(hash, (text) => text.startsWith("0x") ? "0x" + zeros(text.slice(2)) : zeros(text))
      .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:10000")
      .replace(/(block|区块) [\d,]+/g, "$1 100");
  }
  for (const head of document.querySelectorAll("thead th")) {
    if (!/^(Block|区块)$/.test(head.textContent.trim())) continue;
    const place = `td:nth-child(${head.cellIndex + 1})`;
    for (const cell of head.closest("table").querySelectorAll(place)) cell.textContent = "100";
  }
  const clock = document.querySelector(".as-of time");
  const now = clock?.textContent.replace(/\d\d?:\d\d:\d\d/, "09:00:00");
  for (const time of document.querySelectorAll("time:not([datetime])")) {
    if (/:\d\d/.test(time.textContent)) time.textContent = now;
  }
  for (const image of document.querySelectorAll("img")) image.style.visibility = "hidden";
  document.activeElement?.blur();
}"""


@contextmanager
def own_fonts(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a browser that knows the gateway's own font and no other."""
    with as_file(files("paperang_p2_fonts_cjk") / "fonts") as fonts:
        file = folder / "fonts.conf"
        cache = folder / "fonts"
        file.write_text(_FONTS.format(fonts=fonts, cache=cache, family=_FAMILY), encoding="utf-8")
        own = {"FONTCONFIG_FILE": str(file), "LANG": "C.UTF-8", "LANGUAGE": "en", "TZ": "UTC"}
        yield os.environ | own


def without_stream(page: Page) -> None:
    """Keeps the bar of the newest block as the gateway wrote it, from the next page on."""
    page.add_init_script(_NO_STREAM)


def picture(page: Page) -> bytes:
    """The whole page as it stands, with what differs from run to run written over."""
    page.evaluate("document.fonts.ready.then(() => true)")
    page.evaluate(_WRITE_OVER)
    return page.screenshot(full_page=True, animations="disabled", caret="hide", scale="css")


@dataclass(frozen=True)
class Difference:
    """What two pictures of one page do not share.

    Attributes:
        words: for whoever reads the failure.
        shown: the actual picture, faint, with what differs in red.
    """

    words: str
    shown: Image.Image


def difference(stored: bytes, actual: bytes) -> Difference | None:
    """Where pictures differ by more than the smoothing of edges; None: nowhere."""
    before, after = (Image.open(io.BytesIO(item)).convert("RGB") for item in (stored, actual))
    if before.size != after.size:
        words = "the picture has {} by {} pixels, the snapshot {} by {}"
        return Difference(words.format(*after.size, *before.size), after)
    box = _over(ImageChops.difference(before, after)).getbbox()
    if box is None:
        return None
    left, top, right, bottom = box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1
    part, other = (item.crop((left, top, right, bottom)) for item in (before, after))
    mask = _over(ImageChops.lighter(_beyond(part, other), _beyond(other, part)))
    pixels = mask.histogram()[255]
    if pixels <= MAX_PIXELS:
        return None
    shown = Image.blend(after, Image.new("RGB", after.size, "white"), 0.7)
    shown.paste("red", (left, top), mask)
    return Difference(f"{pixels} pixels differ, within {box} (left, top, right, bottom)", shown)


def _beyond(one: Image.Image, other: Image.Image) -> Image.Image:
    """How far each pixel is outside the colours around it in the other picture."""
    darkest = other.filter(ImageFilter.MinFilter(3))
    lightest = other.filter(ImageFilter.MaxFilter(3))
    span = ImageChops.subtract(lightest, darkest, scale=EDGE_SHARE)
    outside = ImageChops.lighter(
        ImageChops.subtract(darkest, one), ImageChops.subtract(one, lightest)
    )
    return ImageChops.subtract(outside, span)


def _over(steps: Image.Image) -> Image.Image:
    """White where a channel is above the tolerance, black elsewhere."""
    red, green, blue = steps.split()
    most = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    return most.point([255 if step > TOLERANCE else 0 for step in range(256)])


def hold(
    name: str, actual: bytes, *, renew: bool, stored: Path = STORED, reported: Path = REPORTED
) -> None:
    """The picture is the stored one; else three pictures in `reported` show what differs.

    Args:
        renew: stores the picture instead, if it differs.
    """
    file = stored / f"{name}.png"
    unlike = difference(file.read_bytes(), actual) if file.exists() else None
    if renew and (unlike is not None or not file.exists()):
        stored.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_small(actual))
        assert difference(file.read_bytes(), actual) is None, f"{name} has too many colours"
        return
    assert file.exists(), f"there is no {file}; store it: make snapshots ONLY={name}"
    if unlike is None:
        return
    reported.mkdir(parents=True, exist_ok=True)
    (reported / f"{name}-actual.png").write_bytes(actual)
    (reported / f"{name}-expected.png").write_bytes(file.read_bytes())
    unlike.shown.save(reported / f"{name}-difference.png")
    raise AssertionError(
        f"{name}: {unlike.words}.\nLook at {reported / name}-{{actual,expected,difference}}.png. "
        f"If the page is meant to look so, renew the snapshot: make snapshots ONLY={name}"
    )


def _small(content: bytes) -> bytes:
    """The picture with at most 256 colours: the commonest, and for each other the nearest."""
    whole = Image.open(io.BytesIO(content)).convert("RGB")
    pixels = list(zip(*[iter(whole.tobytes())] * 3, strict=True))
    chosen: list[Colour] = []
    places: dict[Colour, int] = {}
    for colour, _ in Counter(pixels).most_common():
        place = min(range(len(chosen)), key=lambda at: _apart(colour, chosen[at]), default=None)
        far = place is None or _apart(colour, chosen[place]) >= TOLERANCE
        if far and len(chosen) < 256:
            place = len(chosen)
            chosen.append(colour)
        assert place is not None
        places[colour] = place
    few = Image.frombytes("P", whole.size, bytes(places[colour] for colour in pixels))
    few.putpalette([channel for colour in chosen for channel in colour])
    file = io.BytesIO()
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


def _apart(one: Colour, other: Colour) -> int:
    return max(abs(first - second) for first, second in zip(one, other, strict=True))
