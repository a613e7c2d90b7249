"""A world with life in it: all stories, then a book of invoices, then what is open today.

The stories move the clock of the chain by years. So a new chain begins years ago, and the clock
reaches today when all is told.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from rich.console import Console

from app.chain.nodes.nodes import TimeNotOurs
from app.demo.book import MONTHS, fill_book
from app.demo.client import GatewayRefused
from app.demo.epilogue import EPILOGUE_DAYS, open_things
from app.demo.stories import DAYS, Stories
from app.demo.story import DAY_SECONDS, StoryFailed
from app.domain.calendar import day_at, start_of

BOOK_DAYS = 31 * MONTHS
PROGRESS = "world.txt"  # in the data folder: the stories that were begun, one a line
DONE = "everything is told"
FAILURES = (StoryFailed, GatewayRefused, TimeoutError, httpx.HTTPError)


def first_block(stories: Sequence[str]) -> int:
    """Timestamp of a chain's first block, so that the stories and the book end today.

    It is a noon of the ledger: the stories count whole days, and no midnight passes meanwhile.
    """
    days = sum(DAYS[name] for name in stories) + BOOK_DAYS + EPILOGUE_DAYS
    half = DAY_SECONDS // 2
    return start_of(day_at(int(time.time()) - days * DAY_SECONDS - half)) + half


def tell_world(teller: Stories, console: Console, *, stories: Sequence[str], folder: Path) -> bool:
    """Tells the stories and fills the book, with a line for each; whether all was as it must be.

    A story that fails, because somebody uses the gateway meanwhile, ends alone: the next is told.
    """
    progress, all_hold = folder / PROGRESS, True
    for place, name in enumerate(stories, start=1):
        _note(progress, name)
        began = time.perf_counter()
        try:
            teller.tell(name)
        except FAILURES as error:
            all_hold = False
            console.print(f"[yellow]{name} was not told to its end:[/yellow] {error}")
            continue
        took = time.perf_counter() - began
        console.print(f"  {place}/{len(stories)} {name} [dim]{took:.1f} s[/dim]")
    all_hold = fill(teller, console) and all_hold
    _note(progress, DONE)
    return all_hold and teller.report.all_hold


def fill(teller: Stories, console: Console) -> bool:
    """Fills the book of invoices and leaves open what is open today; whether nothing failed."""
    story, all_hold = teller.of_goods(), True
    parts = (("invoices of the last months", fill_book), ("what is open today", open_things))
    for words, part in parts:
        began = time.perf_counter()
        try:
            part(story)
        except (*FAILURES, TimeNotOurs) as error:
            all_hold = False
            console.print(f"[yellow]{words}: not all is there:[/yellow] {error}")
            continue
        console.print(f"  {words} [dim]{time.perf_counter() - began:.1f} s[/dim]")
    return all_hold


def earlier_world(folder: Path) -> str:
    """What to say of a ledger that was there before this start."""
    progress = folder / PROGRESS
    if not progress.exists():
        return "This ledger was there before: nothing is told."
    if progress.read_text(encoding="utf-8").splitlines()[-1:] == [DONE]:
        return "The stories of this ledger were told before."
    return "An earlier start was interrupted: the rest of the stories is not told."


def _note(progress: Path, words: str) -> None:
    with progress.open("a", encoding="utf-8") as file:
        file.write(f"{words}\n")
