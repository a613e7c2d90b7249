"""Which pages the gallery shows: for each role, what it opens and what one sees there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

Item = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """The list of the API from which a page's number is taken.

    Attributes:
        key: the field of the chosen item that stands in the address.
        fits: whether an item is worth showing; the first that fits is shown.
    """

    path: str
    key: str = "id"
    fits: Callable[[Item], bool] = bool


@dataclass(frozen=True)
class Shot:
    """One page.

    Attributes:
        login: the demo login that opens it.
        path: `{id}` is what `source` yields.
        words: what one sees, for the gallery's page.
        prepare: what the person does on the page first.
    """

    name: str
    login: str
    path: str
    words: str
    source: Source | None = None
    prepare: Callable[[Page], None] | None = None


def _split(page: Page) -> None:
    """Types two parts, so that the sums show."""
    parts = (("Castor Moulds Co., Ltd.", "120,000.00"), ("Vega Coatings Co., Ltd.", "85,250.50"))
    for place, (name, amount) in enumerate(parts):
        page.locator(f"#to-{place}").select_option(label=name)
        page.locator(f"#amount-{place}").fill(amount)


def _price(page: Page) -> None:
    """Types a rate; the price and the yield show beside it."""
    page.locator("[name=rate]").fill("4.35")
    page.locator("#figures dd").first.wait_for()


def _quote(page: Page) -> None:
    """Asks what a draw costs."""
    page.locator("[name=amount]").fill("100,000.00")
    page.locator("[name=tenor]").fill("90")
    page.locator("button[value=quote]").click()
    page.locator("#quote").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#quote').scrollIntoView()")


def _stress(page: Page) -> None:
    """Moves the first slider and asks for the answer."""
    page.locator("input[type=range]").first.fill("10")
    page.locator("main form button").first.click()
    page.locator("main table").first.wait_for()


def _free(claim: Item) -> bool:
    return not claim["burned"] and claim["lienholder"] is None


def _unused(facility: Item) -> bool:
    return not facility["closed"] and float(facility["outstanding"]["amount"]) == 0


def _open(offer: Item) -> bool:
    return bool(offer["state"] == "open")


def _running(loan: Item) -> bool:
    return bool(loan["status"] == "running")


ROLES: dict[str, tuple[Shot, ...]] = {
    "Bank": (
        Shot(
            "bank-verify",
            "bank",
            "/app/verify?kind=claim&id={id}",
            "Eight verdicts about a claim, each with its evidence.",
            Source("/v1/offers", key="claimId", fits=_open),
        ),
        Shot(
            "bank-request",
            "bank",
            "/app/quote-requests/{id}/offer",
            "Answers a request to quote: the price typed, rate and yield shown.",
            Source("/v1/quote-requests?state=open"),
            _price,
        ),
        Shot("bank-offers", "bank", "/app/offers", "The offers that it made."),
        Shot("bank-loans", "bank", "/app/loans", "The book of loans."),
        Shot(
            "bank-loan",
            "bank",
            "/app/loans/{id}",
            "A loan: what is due, the schedule, the collateral.",
            Source("/v1/loans", fits=_running),
        ),
        Shot("bank-watch", "bank", "/app/risk/watch", "Borrowers with a warning, and why."),
    ),
    "Supplier": (
        Shot("supplier-documents", "supplier", "/app/documents", "The invoices that it uploaded."),
        Shot(
            "supplier-document",
            "supplier",
            "/app/documents/{id}",
            "What was read of an invoice, beside the invoice itself.",
            Source("/v1/documents"),
        ),
        Shot("supplier-claims", "supplier", "/app/claims", "The claims that it holds."),
        Shot(
            "supplier-split",
            "supplier",
            "/app/claims/{id}/assignments",
            "Splits a claim; the sums follow what is typed.",
            Source("/v1/claims", fits=_free),
            _split,
        ),
        Shot(
            "supplier-offers",
            "supplier",
            "/app/offers/compare/{id}",
            "Offers of two banks side by side.",
            Source("/v1/offers", key="claimId", fits=_open),
        ),
        Shot(
            "supplier-draw",
            "supplier",
            "/app/facilities/{id}/draws",
            "What a draw costs, day by day, before it is drawn.",
            Source("/v1/facilities", fits=_unused),
            _quote,
        ),
    ),
    "Buyer": (
        Shot("buyer-due", "buyer", "/app/due", "What falls due on which day, and pays it."),
        Shot(
            "buyer-confirm",
            "buyer",
            "/app/receivables/{id}/confirmation",
            "What it confirms, and the message that it signs, in words.",
            Source("/v1/receivables?status=requested"),
        ),
    ),
    "Warehouse": (
        Shot("warehouse-lots", "warehouse", "/app/lots", "The lots that it stores."),
        Shot(
            "warehouse-lot",
            "warehouse",
            "/app/lots/{id}",
            "A lot: what it holds, and its receipts.",
            Source("/v1/lots"),
        ),
    ),
    "Appraiser": (
        Shot("appraiser-prices", "second-appraiser", "/app/prices", "Prices, and their age."),
        Shot(
            "appraiser-history",
            "second-appraiser",
            "/app/prices/history?item={id}&currency=CNY",
            "The prices of one kind of goods, as a line and as a table.",
            Source("/v1/prices", key="item"),
        ),
    ),
    "Rater": (
        Shot(
            "rater-case",
            "rater",
            "/app/credit/{id}",
            "A case with the step that is next.",
            Source("/v1/credit/evaluations"),
        ),
    ),
    "Risk": (
        Shot("risk-book", "bank", "/app/risk", "The book by age, debtor and month of issue."),
        Shot("risk-stress", "bank", "/app/risk/stress", "A shock to the book.", prepare=_stress),
    ),
    "Operator": (
        Shot("operator-health", "operator", "/app/running", "Health, lag, and the relay accounts."),
        Shot(
            "operator-operation",
            "supplier",
            "/app/operations/{id}",
            "An operation that the ledger refused: the reason, and what to do.",
            Source("/v1/operations?state=rejected"),
        ),
    ),
    "Registrar": (
        Shot("registrar-parties", "registrar", "/app/parties", "The parties of the ledger."),
    ),
    "Regulator": (
        Shot(
            "regulator-order",
            "second-regulator",
            "/app/court/{id}",
            "What an order of a court does, in words, before it is executed.",
            Source("/v1/orders-of-court"),
        ),
    ),
    "Auditor": (
        Shot(
            "auditor-tree",
            "auditor",
            "/app/history/receivables/1/tree",
            "Every claim that came of the first receivable.",
        ),
        Shot("auditor-history", "auditor", "/app/history", "Events in the order of the chain."),
    ),
}
SHOTS = tuple(shot for shots in ROLES.values() for shot in shots)
