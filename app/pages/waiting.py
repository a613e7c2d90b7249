"""What waits for the person who is signed in: how much of it, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.pages.api import Json, Problem
from app.pages.languages import mark, t
from app.pages.navigation import EVERYONE
from app.pages.page import Page

_LIMIT = 100
_OWN = "own"
_TRADERS = ("supplier", "buyer", "financier")


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    Attributes:
        label: English text, marked with `mark`.
        roles: whose work it is; none: everybody's.
        source: the API's list of it.
        path: the page where it is done.
        query: parameters of the list; `own` stands for the person's party.
        counts: whether an item of the list waits for this party.
    """

    label: str
    roles: tuple[str, ...]
    source: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    counts: Callable[[Json, str | None], bool] = lambda item, own: True


@dataclass(frozen=True)
class Work:
    """Work of one kind that waits.

    Attributes:
        more: there is more than `count`.
    """

    label: str
    path: str
    count: int
    more: bool


def _unsigned(item: Json, own: str | None) -> bool:
    """The party has still to sign a proposal or an agreement."""
    sides = item.get("parties") or item
    return any((sides.get(name) or {}).get("partyId") == own for name in item["missing"])


def _is(name: str) -> Callable[[Json, str | None], bool]:
    return lambda item, own: (item.get(name) or {}).get("partyId") == own


def _to_price(items: Iterable[Json], own: str | None) -> int:
    """Prices that another appraiser proposed and nobody confirmed."""
    newest: dict[tuple[str, str], Json] = {}
    for item in items:
        newest.setdefault((item["item"], item["currency"]), item)
    return sum(not item["inForce"] and not _is("appraiser")(item, own) for item in newest.values())


KINDS = (
    Kind(
        mark("Operations that wait for your signature"),
        EVERYONE,
        "/v1/operations",
        "/app/operations?state=prepared",
        {"state": "prepared"},
    ),
    Kind(
        mark("Debts to confirm or reject"),
        ("buyer",),
        "/v1/receivables",
        "/app/receivables?status=requested",
        {"status": "requested", "debtorPartyId": _OWN},
    ),
    Kind(
        mark("Debts that are overdue"),
        ("buyer",),
        "/v1/receivables",
        "/app/due",
        {"status": "confirmed", "debtorPartyId": _OWN},
        lambda item, own: bool(item["overdue"]),
    ),
    Kind(
        mark("Orders to confirm or reject"),
        ("buyer",),
        "/v1/orders",
        "/app/orders",
        {},
        lambda item, own: item["status"] == "requested" and _is("buyer")(item, own),
    ),
    Kind(
        mark("Offers to accept"),
        ("supplier",),
        "/v1/offers",
        "/app/offers",
        {},
        lambda item, own: item["state"] == "open" and _is("seller")(item, own),
    ),
    Kind(
        mark("Requests to quote to answer"),
        ("financier",),
        "/v1/quote-requests",
        "/app/quote-requests?state=open",
        {"state": "open"},
        lambda item, own: not item["declines"] and not _is("seller")(item, own),
    ),
    Kind(
        mark("Facilities to sign"),
        _TRADERS,
        "/v1/facility-proposals",
        "/app/facility-proposals",
        {},
        lambda item, own: item["state"] == "waiting" and _unsigned(item, own),
    ),
    Kind(
        mark("Agreements to sign"),
        _TRADERS,
        "/v1/agreements",
        "/app/agreements",
        {},
        lambda item, own: item["state"] == "waiting" and _unsigned(item, own),
    ),
    Kind(
        mark("Margin calls to cure"),
        ("supplier", "buyer"),
        "/v1/margin-calls",
        "/app/margin-calls",
        {"limit": 50},
        _is("borrower"),
    ),
    Kind(
        mark("Margin calls on your borrowers"),
        ("financier",),
        "/v1/margin-calls",
        "/app/margin-calls",
        {"limit": 50},
        _is("lender"),
    ),
    Kind(
        mark("Loans that you have to pay now"),
        ("supplier", "buyer"),
        "/v1/loans",
        "/app/loans?status=running",
        {"status": "running"},
        lambda item, own: item["daysPastDue"] > 0 and _is("borrower")(item, own),
    ),
    Kind(
        mark("Loans past due"),
        ("financier",),
        "/v1/loans",
        "/app/loans?status=running",
        {"status": "running"},
        lambda item, own: item["daysPastDue"] > 0 and _is("lender")(item, own),
    ),
    Kind(
        mark("Alerts that nobody has seen"),
        ("financier",),
        "/v1/watch/alerts",
        "/app/risk/watch#alerts",
        {"acknowledged": "false"},
    ),
    Kind(
        mark("Goods to hand over"),
        ("warehouse",),
        "/v1/warehouse-receipts",
        "/app/warehouse-receipts?releaseRequested=true",
        {"releaseRequested": "true"},
    ),
    Kind(
        mark("Differences of stock"),
        ("warehouse",),
        "/v1/stock-differences",
        "/app/stock?open=true",
        {"open": "true"},
    ),
    Kind(
        mark("Credit cases under way"),
        ("rater",),
        "/v1/credit/evaluations",
        "/app/credit",
        {},
        lambda item, own: item["nextStep"] is not None,
    ),
    Kind(
        mark("Court orders that wait"),
        ("regulator",),
        "/v1/orders-of-court",
        "/app/court",
        {},
        lambda item, own: item["state"] == "issued",
    ),
    Kind(
        mark("Holds that no second regulator has confirmed"),
        ("regulator",),
        "/v1/holds",
        "/app/court/holds",
        {},
        lambda item, own: item["inForce"] and item["orderId"] is None,
    ),
    Kind(
        mark("API keys that wait for a second person"),
        (),  # a party confirms its own
        "/v1/api-keys",
        "/app/running/keys",
        {},
        lambda item, own: item["state"] == "waiting",
    ),
)
_PRICES = Kind(
    mark("Prices to confirm"), ("appraiser",), "/v1/prices", "/app/prices", {"limit": 200}
)


async def work_of(page: Page) -> list[Work]:
    """What waits for the person, in the order in which areas follow; nothing that is empty."""
    roles, own = set(page.person.roles), page.person.party_id
    fitting = [kind for kind in (*KINDS, _PRICES) if not kind.roles or roles & set(kind.roles)]
    work = [await _work(page, kind, own) for kind in fitting]
    return [item for item in work if item.count]


async def _work(page: Page, kind: Kind, own: str | None) -> Work:
    query = {"limit": _LIMIT} | {
        name: own if value == _OWN else value for name, value in kind.query.items()
    }
    try:
        answer = await page.api.get(kind.source, **query)
    except Problem:  # the role may see a part of it only
        answer = {"items": []}
    items = answer["items"]
    if kind is _PRICES:
        count = _to_price(items, own)
    else:
        count = sum(kind.counts(item, own) for item in items)
    more = bool(count and answer.get("nextCursor"))
    return Work(t(kind.label), kind.path, count, more)
