"""What waits for the person who is signed in: how much of it, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.pages.api import Json, Problem
from app.pages.languages import mark, t
from app.pages.navigation import EVERYONE
from app.pages.page import Page

_LIMIT = 100  # items of a page of a list, and of a kind counted one by one
_OWN, _TODAY = "own", "today"
_TRADERS = ("supplier", "buyer", "financier")


def _each(item: Json, own: str | None) -> bool:
    """All that the list has waits for the party."""
    return True


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    Attributes:
        label: English text, marked with `mark`.
        roles: whose work it is; none: everybody's.
        source: the API's list of it.
        path: the page where it is done.
        query: parameters of the list; `own` stands for the person's party, `today` for the day of
            the newest block.
        counts: whether an item of the list waits for this party.
        by_account: `counts` gets the account that signs, not the party.
    """

    label: str
    roles: tuple[str, ...]
    source: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    counts: Callable[[Json, str | None], bool] = _each
    by_account: bool = False


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


KINDS = (
    Kind(
        mark("Operations that wait for your signature"),
        EVERYONE,
        "/v1/operations",
        "/app/operations?state=prepared",
        {"state": "prepared"},
        lambda item, account: item["signer"].lower() == (account or "").lower(),
        by_account=True,
    ),
    Kind(
        mark("Debts to confirm or reject"),
        ("buyer",),
        "/v1/receivables",
        "/app/receivables?status=requested",
        {"status": "requested", "debtorPartyId": _OWN},
    ),
    Kind(
        mark("Credit notes to sign"),
        ("buyer",),
        "/v1/receivables",
        "/app/receivables?creditNoteWaits=true",
        {"creditNoteWaits": "true", "debtorPartyId": _OWN},
    ),
    Kind(
        mark("Debts that are overdue"),
        ("buyer",),
        "/v1/receivables",
        "/app/due",
        {"status": "confirmed", "debtorPartyId": _OWN, "dueTo": _TODAY, "unpaid": "true"},
        lambda item, own: bool(item["overdue"]),
    ),
    Kind(
        mark("Orders to confirm or reject"),
        ("buyer",),
        "/v1/orders",
        "/app/orders?status=requested",
        {"status": "requested"},
        _is("buyer"),
    ),
    Kind(
        mark("Offers to accept"),
        ("supplier",),
        "/v1/offers",
        "/app/offers?state=open",
        {"state": "open"},
        lambda item, own: not item["exceedsClaim"] and _is("seller")(item, own),
    ),
    Kind(
        mark("Claims that are paid, to collect"),
        ("supplier", "financier"),
        "/v1/claims",
        "/app/claims?status=settled",
        {"status": "settled", "burned": "false"},
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
        {"confirmed": "false"},
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
    Kind(
        mark("Prices to confirm"),
        ("appraiser",),
        "/v1/prices/waiting",
        "/app/prices",
        {"limit": None},  # the list has no pages
        lambda item, own: not _is("appraiser")(item, own),
    ),
)


async def work_of(page: Page) -> list[Work]:
    """What waits for the person, in the order in which areas follow; nothing that is empty."""
    roles, own = set(page.person.roles), page.person.party_id
    stands_for = {_OWN: own, _TODAY: (await page.as_of()).day(page.gateway.zone_offset)}
    fitting = [kind for kind in KINDS if not kind.roles or roles & set(kind.roles)]
    account = page.person.account
    work = [
        await _work(page, kind, account if kind.by_account else own, stands_for) for kind in fitting
    ]
    return [item for item in work if item.count or item.more]


async def _work(
    page: Page, kind: Kind, own: str | None, stands_for: Mapping[str, str | None]
) -> Work:
    """Counts page by page: the newest items may all be done, and an older one may wait."""
    query = {name: stands_for.get(value, value) for name, value in kind.query.items()}
    count, more = 0, False
    try:
        async for answer in page.api.pages(kind.source, **{"limit": _LIMIT} | query):
            count += sum(kind.counts(item, own) for item in answer["items"])
            more = bool(answer.get("nextCursor"))
            if count >= _LIMIT or kind.counts is _each:
                break
    except Problem:  # the role may see a part of it only
        return Work(t(kind.label), kind.path, 0, False)
    return Work(t(kind.label), kind.path, count, more)
