"""What is open today: work that waits in each role, after all stories.

Everything comes about through the API, as in the stories. Its dates lie in the last weeks, so a
visitor finds things that are due soon, overdue, or waiting for a signature.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
import time
from collections.abc import Mapping

from app.demo.client import GatewayRefused
from app.demo.goods import RUBBER, STEEL, Goods
from app.demo.lending_steps import CAMPAIGNS, RESERVE
from app.demo.proof_steps import ORDERED_STEEL
from app.demo.rating import CASES
from app.demo.story import DAY_SECONDS, StoryFailed
from app.demo.unclaimed_steps import left_unclaimed
from app.places import TRADE_CARD

EPILOGUE_DAYS = 64
RATE = 72_000
OFFER_SECONDS = 30 * DAY_SECONDS
OFFERS = (("bank", 43_500), ("second-bank", 41_000), ("platform", 56_000))


def open_things(story: Goods) -> None:
    """Leaves open what a visitor can take up today.

    Raises:
        StoryFailed, GatewayRefused, TimeNotOurs.
    """
    story.borrower, story.currency = "supplier", "CNY"
    story.cash = dict.fromkeys((*story.parties, RESERVE, CAMPAIGNS), 0)
    story.report.chapter("What is open today")
    _move_to(story, EPILOGUE_DAYS - 1)
    story.issue(
        **{"bank": 20_000_000_00, "second-bank": 20_000_000_00, "platform": 5_000_000_00},
        **{"supplier": 300_000_00, "castor": 200_000_00, "buyer": 5_000_000_00},
    )
    facility, overdue = _loans(story)
    _move_to(story, 20)
    left_unclaimed(story)
    _move_to(story, 6)
    _margin_call(story)
    _move_to(story, 0)
    story.command("bank", f"/v1/loans/{overdue}/overdue", None, "marks the loan overdue")
    _for_the_buyer(story)
    _for_the_supplier(story)
    _for_warehouse_and_appraisers(story)
    _under_way(story)
    _for_officials(story)
    _fails(story, facility)


def _move_to(story: Goods, days_ago: int) -> None:
    """Moves the chain to so many days before the machine's today, if it is not there yet."""
    story.clock.move_to(int(time.time()) - days_ago * DAY_SECONDS)
    story.settle()


# -- loans


def _loans(story: Goods) -> tuple[int, int]:
    """A facility with room, a loan that is due soon, and one that is overdue: facility and loan."""
    facility = story.facility("receivables-finance", lender="bank", rate=RATE, limit=3_000_000_00)
    loans = []
    for amount, invoice_days, loan_days in ((420_000_00, 75, 67), (260_000_00, 45, 40)):
        _, claim = story.confirmed(amount * 3 // 2, days=invoice_days)
        loans.append(
            story.draw(facility, amount, "bullet", loan_days, lender="bank", collateral=claim)
        )
    return facility, loans[1]


def _margin_call(story: Goods) -> None:
    """Goods fall in price below what was lent on them."""
    story.price(RUBBER, "12.50", haircut=350_000)
    _, receipt = story.store(RUBBER, 40_000)
    facility = story.facility(
        "warehouse-receipt-finance", lender="bank", rate=RATE, limit=1_000_000_00
    )
    loan = story.lent_on_goods(facility, 320_000_00, 90, [receipt], lender="bank")
    _move_to(story, 2)
    story.appraise(RUBBER, "11.00", 350_000)
    story.margin_check(loan)


# -- what waits for a party


def _for_the_buyer(story: Goods) -> None:
    """Invoices and an order to confirm, one invoice in dispute, and a notice."""
    for amount, days in ((186_420_50, 60), (92_310_00, 30), (310_775_25, 90)):
        story.requested(amount, days=days)
    story.requested(64_800_00, days=45, seller="castor")
    story.command(
        *("supplier", "/v1/orders"),
        {
            "buyerPartyId": story.parties["buyer"],
            "number": f"PO-{secrets.token_hex(3)}",
            "amount": story.amount(240_000_00),
            "deliveryDate": story.days_ahead(40),
            "expiryDate": story.days_ahead(80),
            "description": ORDERED_STEEL,
        },
        "asks the buyer to confirm an order",
    )
    receivable, _ = story.confirmed(128_000_00, days=60)
    story.command(
        *("buyer", f"/v1/receivables/{receivable}/dispute"),
        {"statement": "three castings of forty are cracked; see our report"},
        "disputes an invoice",
    )


def _for_the_supplier(story: Goods) -> None:
    """Two requests to quote, three offers for one, a facility to sign, and one to draw on."""
    _, claim = story.confirmed(560_000_00, days=75)
    everybody = {"allFinanciers": True, "note": "We compare offers for our largest invoice."}
    _ask(story, claim, "asks all financiers to quote", everybody)
    for lender, rate in OFFERS:
        body = {
            "claimId": claim,
            "value": story.amount(560_000_00),
            "discountRate": rate,
            "recourse": lender == "platform",
            "validSeconds": OFFER_SECONDS,
        }
        answer = story.callers[lender].post("/v1/offers", body)
        story.step(lender, f"offers money for claim {claim}", answer)
    _, unanswered = story.confirmed(245_000_00, days=50)
    both = {"financierPartyIds": [story.parties[lender] for lender in ("bank", "second-bank")]}
    _ask(story, unanswered, "asks both banks to quote; neither has answered yet", both)
    story.facility("order-finance", lender="bank", rate=90_000, limit=1_000_000_00)
    body = {
        "productId": story.product("receivables-finance")["id"],
        "borrowerPartyId": story.parties["supplier"],
        "annualRate": 68_000,
        "limit": story.amount(2_000_000_00),
        "lastDate": story.days_ahead(360),
    }
    answer = story.callers["second-bank"].post("/v1/facility-proposals", body)
    story.step("second-bank", "proposes a facility, which the supplier has not signed", answer)


def _ask(story: Goods, claim: int, words: str, body: Mapping[str, object]) -> None:
    """The supplier requests offers for a whole claim."""
    ends = datetime.datetime.fromtimestamp(time.time() + OFFER_SECONDS, datetime.UTC)
    request = {"claimId": claim, "until": ends.isoformat(timespec="seconds"), **body}
    answer = story.callers["supplier"].post("/v1/quote-requests", request)
    story.step("supplier", words, answer)


def _for_warehouse_and_appraisers(story: Goods) -> None:
    """Goods that the supplier asks for, and a price that needs a second appraiser."""
    _, receipt = story.store("castings", 6_000)
    path = f"/v1/warehouse-receipts/{receipt}/releases"
    story.command(
        "supplier", path, {}, "asks for its goods: the warehouse has not handed them over"
    )
    if story.item(STEEL) is None:
        story.list_goods(STEEL)
    posted = {
        "item": story.item(STEEL),
        "currency": story.currency,
        "price": "15.20",
        "haircut": 350_000,
        "validHours": 60 * 24,
    }
    words = f"posts {STEEL} at 15.20, a jump that another appraiser has to confirm"
    story.command("first-appraiser", "/v1/prices", {"prices": [posted]}, words)


def _under_way(story: Goods) -> None:
    """An evaluation after its second step, and a campaign that collects money."""
    party, today = story.parties["castor"], story.today()
    rater = story.callers["rater"]
    body = {
        "partyId": party,
        "purpose": "a limit for the coming year",
        "tradingSince": f"{today.year - 6}-03-01",
        "card": TRADE_CARD.read_text(encoding="utf-8"),
    }
    opened = rater.post(CASES, body)
    story.step("rater", "opens a case of Castor", opened)
    case = f"{CASES}/{opened.body['id']}"
    story.callers["castor"].post(f"{case}/consent")
    source = "extract of the business register"
    items = [
        {
            "feature": feature,
            "value": value,
            "partyId": party,
            "source": source,
            "asOf": today.isoformat(),
            "hash": "0x" + hashlib.sha256(f"{source}: {feature}".encode()).hexdigest(),
        }
        for feature, value in (("registration-months", 80), ("ownership", "stated"))
    ]
    answer = rater.post(f"{case}/identification", {"items": items})
    story.step("rater", "gathers the evidence; the analysis is next", answer)
    campaign = story.campaign(goal=60_000_00, category="design")
    story.contribute(campaign, "castor", 120)


def _for_officials(story: Goods) -> None:
    """A key that waits for its party, and a court order that waits for its delay."""
    path = f"/v1/parties/{story.parties['warehouse']}/api-keys"
    answer = story.callers["registrar"].post(path, {"roles": ["warehouse"], "label": "night-shift"})
    story.step("registrar", "makes a second key; the warehouse has to confirm it", answer)
    order = {
        "kind": "freeze",
        "partyId": story.parties["pollux"],
        "orderHash": "0x" + hashlib.sha256(b"order of the court of Hangzhou").hexdigest(),
    }
    story.command("regulator", "/v1/orders-of-court", order, "records a court order: it waits")


def _fails(story: Goods, facility: int) -> None:
    """A draw beyond the limit: the operation fails, and its reason stays on record."""
    _, claim = story.confirmed(4_400_000_00, days=60)
    body = {"amount": story.amount(3_100_000_00), "style": "bullet", "tenor": 60}
    path = f"/v1/facilities/{facility}/draws"
    try:
        story.callers["supplier"].command(path, body | {"collateralId": claim})
    except GatewayRefused as refused:
        story.report.say(f"a draw above the limit fails: {refused}")
        return
    raise StoryFailed("the ledger accepted a draw above the limit of its facility")
