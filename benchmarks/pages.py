"""The browser pages over very many claims: a real Chromium before a real gateway.

The same pages of a bank with 100,000 claims and of another with 100 are loaded in turn, so that
the ratio says what the length of a list costs. Processor time and memory are the gateway's, as
Linux counts them.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from playwright.sync_api import Browser, BrowserContext, Page

from app.domain.calendar import ZONE_OFFSET_SECONDS, day_at
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY, LedgerKey
from app.domain.prefixes import number_beginnings
from app.storage import Storage, create_storage, insert_many
from app.storage.tables.trade import document_numbers
from app.trade.documents.numbers import token_of
from benchmarks.world import Gateway, gateway
from tests.support.desk import NAMES, browser
from tests.support.long_lists import Book, document_root, fill

COUNT, FEW = 100_000, 100
NUMBERED = 10  # every so many debts have an invoice of which the number is known
ROUNDS = 5
FIRST_PAGE_KILOBYTES, INTERACTIVE_MS = 200.0, 1000.0
_FIRST = 9_000_000_000
_AT_ONCE = 10_000
_SORTS = ("newest", "oldest", "due-soonest", "due-latest", "largest", "smallest")
_VIEW = urlencode(
    {
        **{"currency": "CNY", "sort": "largest"},
        "columns": "claim,receivable,value,collected,owner,documents",
    }
)
# When a page can be read and used: its scripts have run, and something is painted.
_USABLE = """() => new Promise((done) => {
  new PerformanceObserver((list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    const loaded = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
    if (paint) done(Math.max(loaded, paint.startTime));
  }).observe({type: "paint", buffered: true});
})"""
_NEXT_PAGE = """() => new Promise((done) => {
  const start = performance.now();
  document.addEventListener("htmx:afterSettle", () => {
    requestAnimationFrame(() => done(performance.now() - start));
  }, {once: true});
  document.querySelector("a[rel=next]").click();
})"""


class Figure(msgspec.Struct, frozen=True):
    """One measure, with its bound and what the same is elsewhere."""

    name: str
    value: float
    unit: str
    below: float | None = None
    peer: tuple[str, float] | None = None


class Reader(msgspec.Struct):
    """Who looks at a list in a browser of its own, and the debts and claims that are in it."""

    name: str
    book: Book
    page: Page


class Spent(msgspec.Struct):
    """What the loads of one page took."""

    milliseconds: list[float] = msgspec.field(default_factory=list)
    processor: list[float] = msgspec.field(default_factory=list)


def has_browser() -> bool:
    """Whether there is a Chromium."""
    return any(shutil.which(name) for name in NAMES)


def pages(folder: Path, *, store: str, database: str) -> list[Figure]:
    """All figures of the pages of a gateway on an empty store.

    Args:
        folder: of what the gateway writes; made here.
        store: what the database is called.
    """
    folder.mkdir()
    with (
        gateway(folder=folder, database=database) as running,
        httpx.Client(base_url=running.access["url"], timeout=60, trust_env=False) as http,
    ):
        accounts = _Accounts(http, running)
        books = accounts.books()
        storage = create_storage(database)
        try:
            fill(storage, books)
            number_documents(storage, books[0], owner=accounts.party("supplier"))
        finally:
            storage.close()
        with browser() as opened:
            return [
                msgspec.structs.replace(figure, name=f"{figure.name}, {store}")
                for figure in _measured(opened, running, books)
            ]


class _Accounts:
    """Parties of the gateway, as the API tells them themselves."""

    def __init__(self, http: httpx.Client, running: Gateway) -> None:
        self._http = http
        self._access = running.access

    def _caller(self, name: str) -> Any:
        headers = {"X-API-Key": self._access["apiKeys"][name]}
        return self._http.get("/v1/caller", headers=headers).raise_for_status().json()

    def party(self, name: str) -> str:
        return str(self._caller(name)["party"]["id"])

    def books(self) -> tuple[Book, Book]:
        """Very many claims of the bank on one debtor, and few of the second bank on another."""
        account = {
            name: self._caller(name)["account"].lower()
            for name in ("supplier", "buyer", "bank", "second-bank", "castor")
        }
        common: dict[str, Any] = {
            "seller": account["supplier"],
            "currency": self._access["contracts"]["SettlementToken:CNY"].lower(),
            "today": day_at(int(time.time()), zone_offset=ZONE_OFFSET_SECONDS),
        }
        return (
            Book(
                **{"first": _FIRST, "count": COUNT, "debtor": account["buyer"]},
                **{"holder": account["bank"], **common},
            ),
            Book(
                **{"first": _FIRST + COUNT, "count": FEW, "debtor": account["castor"]},
                **{"holder": account["second-bank"], **common},
            ),
        )


def invoice_number(number: int) -> str:
    """The number of the invoice behind a debt."""
    return f"INV{number % _FIRST + COUNT}"


def number_documents(storage: Storage, book: Book, *, owner: str) -> None:
    """Stores the beginnings of some invoices' numbers, by which the seller finds its debts."""
    token = cache(partial(token_of, LedgerKey(DEVELOPMENT_LEDGER_KEY)))
    rows = (
        (token(text), document_root(number), owner, str(number))
        for number in book.numbers[::NUMBERED]
        for text in number_beginnings(invoice_number(number))
    )
    while batch := list(islice(rows, _AT_ONCE)):
        storage.write_now(partial(insert_many, table=document_numbers, rows=batch))


def _measured(opened: Browser, running: Gateway, books: tuple[Book, Book]) -> list[Figure]:
    figures = first_page(opened, running)
    before = memory(running)
    holders, debtors = (
        [
            Reader(name, book, signed_in(opened, running, name).new_page())
            for name, book in zip(names, books, strict=True)
        ]
        for names in (("bank", "second-bank"), ("buyer", "castor"))
    )
    for reader in holders:
        save_view(reader.page)
    for what, step in steps().items():
        figures += in_turn(running, f"claims of {COUNT:,}, {what}", holders, step)
    figures += in_turn(running, f"receivables of {COUNT:,}", holders, visit("/app/receivables"))
    figures += in_turn(running, f"due calendar of {COUNT:,}", debtors, visit("/app/due"))
    seller = [Reader("supplier", books[0], signed_in(opened, running, "supplier").new_page())]
    for what, length in (("invoice number", None), ("beginning of all invoice numbers", 3)):
        step = partial(find_invoice, length=length)
        figures += in_turn(running, f"search for the {what}", seller, step)
    after = memory(running)
    return [*figures, Figure("memory of the gateway", after, "MB", peer=("before", before))]


def signed_in(opened: Browser, running: Gateway, name: str) -> BrowserContext:
    """A browser of its own, in which a party has signed in."""
    context = opened.new_context(base_url=running.access["url"], locale="en")
    page = context.new_page()
    page.goto("/app/sign-in")
    page.locator("#apiKey").fill(running.access["apiKeys"][name])
    page.locator("form[action='/app/sign-in'] button").click()
    page.locator("nav.menu").wait_for()
    page.close()
    return context


def first_page(opened: Browser, running: Gateway) -> list[Figure]:
    """The first page after the sign-in, in browsers that have nothing of it yet."""
    with signed_in(opened, running, "bank") as known:
        state = known.storage_state()
    sizes: list[float] = []
    times: list[float] = []
    for _ in range(ROUNDS):
        with opened.new_context(
            base_url=running.access["url"], locale="en", storage_state=state
        ) as context:
            page = context.new_page()
            transferred: list[float] = []
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.on(
                "Network.loadingFinished",
                lambda event, sizes=transferred: sizes.append(event["encodedDataLength"]),
            )
            page.goto("/app", wait_until="networkidle")
            times.append(float(page.evaluate(_USABLE)))
            sizes.append(sum(transferred) / 1000)
    return [
        Figure("first page, transferred", max(sizes), "kB", below=FIRST_PAGE_KILOBYTES),
        Figure("first page, until usable", statistics.median(times), "ms", below=INTERACTIVE_MS),
    ]


Step = Callable[[Reader], float]


def visit(address: str) -> Step:
    """Loads a page; `{last}` in its address is a debt near the list's end."""

    def load(reader: Reader) -> float:
        last = reader.book.numbers[reader.book.count // 10 + 1]
        reader.page.goto(address.format(last=last))
        return float(reader.page.evaluate(_USABLE))

    return load


def steps() -> dict[str, Step]:
    """What is done with the list of claims."""
    return {
        "first page": visit("/app/claims"),
        "next page": next_page,
        "deep page": visit("/app/claims?cursor={last}"),
        **{f"sorted: {sort}": visit(f"/app/claims?currency=CNY&sort={sort}") for sort in _SORTS},
        "of one receivable": visit("/app/claims?receivableId={last}"),
        "collected ones": visit("/app/claims?burned=true"),
        "saved view, other columns": saved_view,
        "search for a claim": visit("/app/search?q=claim+{last}"),
    }


def next_page(reader: Reader) -> float:
    """Follows the link to the next page, which changes the list alone."""
    reader.page.goto("/app/claims")
    return float(reader.page.evaluate(_NEXT_PAGE))


def save_view(page: Page) -> None:
    """Saves a view of the list of claims."""
    page.goto(f"/app/claims?{_VIEW}")
    page.locator(".views summary").click()
    page.locator("#view-name").fill("bench")
    page.locator("form[action='/app/views'] button").click()
    page.locator(".views a").wait_for()


def saved_view(reader: Reader) -> float:
    """Opens the saved view from the list."""
    reader.page.goto("/app/claims")
    with reader.page.expect_navigation():
        reader.page.locator(".views a").click()
    return float(reader.page.evaluate(_USABLE))


def find_invoice(reader: Reader, *, length: int | None) -> float:
    """Searches for an invoice by the beginning of its number."""
    number = invoice_number(reader.book.numbers[reader.book.count // 2])[:length]
    return visit(f"/app/search?q={number}")(reader)


def in_turn(running: Gateway, name: str, readers: list[Reader], step: Step) -> list[Figure]:
    """A step of each reader, in turn; the second reader's is the peer of the first one's."""
    spent = [Spent() for _ in readers]
    for place in range(ROUNDS + 1):
        for reader, sums in zip(readers, spent, strict=True):
            began = processor_seconds(running)
            milliseconds = step(reader)
            if place:  # the first time is a rehearsal
                sums.milliseconds.append(milliseconds)
                sums.processor.append((processor_seconds(running) - began) * 1000)
    times = [statistics.median(sums.milliseconds) for sums in spent]
    processor = [statistics.mean(sums.processor) for sums in spent]
    peer = f"the same of {FEW}"
    return [
        Figure(what, values[0], unit, peer=(peer, values[1]) if values[1:] else None)
        for what, values, unit in (
            (name, times, "ms"),
            (f"{name}, gateway", processor, "ms of processor time"),
        )
    ]


def processor_seconds(running: Gateway) -> float:
    """Processor time of the gateway's process so far."""
    fields = Path(f"/proc/{running.process.pid}/stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def memory(running: Gateway) -> float:
    """Memory of the gateway's process now, in MB."""
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    resident = next(line for line in lines if line.startswith("VmRSS:"))
    return int(resident.split()[1]) / 1000
