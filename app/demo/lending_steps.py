"""The steps of the stories of lending, and the expected balances."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.demo import expected_loans as expected
from app.demo.cast import CAST, NEWCOMER
from app.demo.client import Answer, Caller, GatewayRefused
from app.demo.report import Report, Step, money
from app.demo.story import DAY_SECONDS, Clock, StoryFailed
from app.domain.money import decimal_text, minor_units
from app.lending.products.schemas import Product

LEGAL = {member.name: (member.legal_name, member.legal_id) for member in (*CAST, NEWCOMER)}
RESERVE, CAMPAIGNS = "the reserve", "the campaigns"


@dataclass
class LendingSteps:
    """Everything that the stories need.

    Attributes:
        held_by: a contract's balance in a currency, read from the chain itself.
        borrower: who borrows in the story.
    """

    callers: Mapping[str, Caller]
    parties: Mapping[str, str]
    clock: Clock
    report: Report
    zone_seconds: int
    held_by: Callable[[str, str], int]
    currency: str = "CNY"
    borrower: str = "supplier"
    cash: dict[str, int] = field(default_factory=dict)

    # -- steps

    def issue(self, **amounts: int) -> None:
        """Issues money to parties."""
        for name, amount in amounts.items():
            self.command(
                "cash-issuer",
                f"/v1/cash/{self.currency}/mint",
                {"toPartyId": self.parties[name], "amount": self.amount(amount)},
                f"issues {money(amount)} to {name}",
            )
            self.cash[name] += amount

    def attest(self, *, tier: int, limit: int) -> None:
        """The rater attests the borrower's tier."""
        since = self.today() - datetime.timedelta(days=900)
        self.pass_days(1)
        self.command(
            "rater",
            "/v1/credit",
            {
                "partyId": self.parties[self.borrower],
                "tier": tier,
                "limit": {"amount": decimal_text(limit, currency="CNY"), "currency": "CNY"},
                "tradingSince": since.isoformat(),
                "modelVersion": "scorecard 1",
                "evidenceRoot": "0x" + secrets.token_hex(32),
            },
            f"attests tier {tier} to the {self.borrower}",
        )

    def rate(self, price: str) -> None:
        """The dollar's price in yuan: one appraiser posts it, another confirms it."""
        listing = {"items": ["USD"], "currency": "CNY", "maxJump": 50_000}
        self.command(
            *("operator", "/v1/price-items", listing | {"maxAgeSeconds": 3 * DAY_SECONDS}),
            "lists the dollar, to be priced in yuan",
        )
        self.pass_days(1)
        posted = {"item": "USD", "currency": "CNY", "price": price, "validHours": 72}
        self.command(
            "first-appraiser", "/v1/prices", {"prices": [posted]}, f"posts the dollar at {price}"
        )
        self.confirm_price("USD", "CNY", "confirms it: a first price needs two")

    def confirm_price(self, item: str, currency: str, what: str) -> bool:
        """The second appraiser looks at the price that waits and confirms it; False: none does."""
        caller = self.callers["second-appraiser"]
        prices = caller.get("/v1/prices/waiting", item=item, currency=currency).body["items"]
        if not prices:
            return False
        named = {"item": item, "currency": currency, "priceHash": prices[0]["priceHash"]}
        self.command("second-appraiser", "/v1/prices/confirmations", {"items": [named]}, what)
        return True

    def facility(
        self,
        code: str,
        *,
        lender: str,
        rate: int,
        limit: int,
        entruster: str | None = None,
        fee: int = 0,
        limit_currency: str | None = None,
        further: Mapping[str, object] | None = None,
    ) -> int:
        """A facility that all parties have signed.

        Args:
            further: further fields of the proposal.
        """
        body: dict[str, object] = {
            "productId": self.product(code)["id"],
            "borrowerPartyId": self.parties[self.borrower],
            "annualRate": rate,
            "limit": self.amount(limit)
            | ({"currency": limit_currency} if limit_currency is not None else {}),
            "administrationFee": fee,
            "lastDate": (self.today() + datetime.timedelta(days=360)).isoformat(),
        }
        body |= further or {}
        if entruster is not None:
            body["entrusterPartyId"] = self.parties[entruster]
        proposal = self.callers[lender].post("/v1/facility-proposals", body)
        self.step(lender, f"proposes a facility of {money(limit)} under {code}", proposal)
        path = f"/v1/facility-proposals/{proposal.body['id']}/signature"
        if entruster is not None:
            self.step(entruster, "signs the facility too", self.callers[entruster].post(path))
        answer = self.command(self.borrower, path, None, "signs the facility: it is agreed")
        return int(answer.body["result"]["facilityId"])

    def draw(
        self,
        facility: int,
        amount: int,
        style: str,
        tenor: int,
        *,
        lender: str,
        collateral: int | None = None,
        above_peak: int | None = None,
        choices: Mapping[str, object] | None = None,
    ) -> int:
        """Draws money from the lender; the reserve's share comes on top.

        Args:
            choices: further fields of the draw.
        """
        body: dict[str, object] = {"amount": self.amount(amount), "style": style, "tenor": tenor}
        body |= choices or {}
        if collateral is not None:
            body["collateralId"] = collateral
        answer = self.command(
            *(self.borrower, f"/v1/facilities/{facility}/draws", body),
            f"draws {money(amount)}, {style}",
        )
        self.lent(facility, amount, lender=lender, above_peak=above_peak)
        return int(answer.body["result"]["loanId"])

    def lent(
        self, facility: int, amount: int, *, lender: str, above_peak: int | None = None
    ) -> None:
        """The expected movements of a draw: the money, and the reserve's share above the peak."""
        new = amount if above_peak is None else above_peak
        self.move(lender, self.borrower, amount)
        body = self.callers[self.borrower].get(f"/v1/facilities/{facility}").body
        product = self.callers["supplier"].get(f"/v1/products/{body['productId']}").body
        self.move(lender, RESERVE, expected.share(new, parts=product["reserveShare"]))

    def refused_draw(self, facility: int, amount: int) -> None:
        """A draw beyond the limit, which the ledger must refuse."""
        body = {"amount": self.amount(amount), "style": "bullet", "tenor": 90}
        try:
            self.callers[self.borrower].command(f"/v1/facilities/{facility}/draws", body)
        except GatewayRefused as refused:
            self.report.say(f"a draw of {money(amount)} is refused: {refused}")
            return
        raise StoryFailed(f"the ledger accepted a draw of {money(amount)}")

    def over_the_shared_limit(self, amount: int) -> None:
        """A draw on a second facility that only the limit over all facilities refuses."""
        other = self.facility("merchant-credit", lender="platform", rate=84_000, limit=500_000_00)
        self.refused_draw(other, amount)

    def suspended(self, facility: int, amount: int) -> None:
        """The platform suspends draws, one is refused, and the platform resumes them."""
        path = f"/v1/facilities/{facility}/suspension"
        self.command("platform", path, None, "suspends draws at once")
        self.refused_draw(facility, amount)
        self.step("platform", "resumes them", self.callers["platform"].delete(path))

    def repay(self, loan: int, owed: int, *, max_amount: int | None = None) -> None:
        """The borrower pays; any excess stays its own."""
        amount = max_amount or owed
        self.command(
            *(self.borrower, f"/v1/loans/{loan}/repayments", {"amount": self.amount(amount)}),
            f"repays {money(owed)}",
        )

    def buyer_pays(self, receivable: int, claim: int, amount: int) -> None:
        """The buyer pays its invoice, and the claim is collected through the loan."""
        self.command(
            *("buyer", f"/v1/receivables/{receivable}/payments", {"amount": self.amount(amount)}),
            f"pays the invoice of {money(amount)}",
        )
        path = f"/v1/claims/{claim}/collection"
        self.command("supplier", path, None, "collects through the loan")

    def sold(self, loan: int, price: int, *, buy_back: Mapping[str, object] | None = None) -> None:
        """The bank sells a loan to the second bank: the loan and the price change hands at once."""
        body: dict[str, object] = {
            "buyerPartyId": self.parties["second-bank"],
            "price": self.amount(price),
            "notice": "Your loan now belongs to the Bank of the West Hills. You pay as before.",
        }
        if buy_back is not None:
            body["buyBack"] = buy_back
        proposal = self.callers["bank"].post(f"/v1/loans/{loan}/sales", body)
        self.step("bank", f"proposes to sell the loan for {money(price)}", proposal)
        path = f"/v1/agreements/{proposal.body['id']}/signature"
        self.command("second-bank", path, None, "signs: loan and money change hands")
        self.move("second-bank", "bank", price)
        lender = self.callers["supplier"].get(f"/v1/loans/{loan}").body["lender"]["name"]
        self.hold(lender == LEGAL["second-bank"][0], f"the supplier sees its lender: {lender}")

    def shared(self, loan: int, share: int, price: int) -> None:
        """The bank sells a share of a loan to the second bank, and stays its lender."""
        body = {
            "participantPartyId": self.parties["second-bank"],
            "share": share,
            "price": self.amount(price),
        }
        proposal = self.callers["bank"].post(f"/v1/loans/{loan}/participations", body)
        self.step("bank", f"proposes to sell a share of the loan for {money(price)}", proposal)
        path = f"/v1/agreements/{proposal.body['id']}/signature"
        self.command("second-bank", path, None, "signs: it has a share of what the bank gets")
        self.move("second-bank", "bank", price)

    def share_shown(self, loan: int, paid: int) -> None:
        """The second bank reads on the loan's statement what it was paid, and that is all."""
        path = f"/v1/loans/{loan}/statement"
        (share,) = self.callers["second-bank"].get(path).body["participations"]
        text = decimal_text(paid, currency=self.currency)
        self.hold(
            (share["paid"], minor_units(share["due"], currency=self.currency)) == (text, 0),
            f"the statement of the second bank says that it was paid {share['paid']}",
        )

    def acknowledged(self, loan: int) -> None:
        """The supplier reads the notice of the sale, and acknowledges it."""
        sale = self.callers["supplier"].get("/v1/loan-sales", loanId=loan).body["items"][0]
        path = f"/v1/loans/{loan}/sale-acknowledgement"
        self.command("supplier", path, None, f"acknowledges the notice: {sale['notice']}")

    def ended(self, loan: int) -> None:
        """Checks that the loan is repaid."""
        body = self.callers[self.borrower].get(f"/v1/loans/{loan}").body
        if body["status"] != "repaid":
            raise StoryFailed(f"loan {loan} is {body['status']}, {body['payoff']['total']} is owed")

    def requested(
        self, amount: int, *, days: int, seller: str = "supplier", debtor: str = "buyer"
    ) -> int:
        """An invoice from a seller to a debtor, filed as a debt."""
        today = self.today()
        document = {
            "kind": "invoice",
            "number": f"LH-{secrets.token_hex(4)}",
            "issueDate": today.isoformat(),
            "dueDate": (today + datetime.timedelta(days=days)).isoformat(),
            "currency": self.currency,
            "payableAmount": decimal_text(amount, currency=self.currency),
            "seller": {"name": LEGAL[seller][0], "id": LEGAL[seller][1]},
            "buyer": {"name": LEGAL[debtor][0], "id": LEGAL[debtor][1]},
            "lines": [
                {
                    "description": "castings",
                    "amount": decimal_text(amount, currency=self.currency),
                }
            ],
        }
        uploaded = self.callers[seller].upload(
            "/v1/documents",
            name="invoice.json",
            content=json.dumps(document).encode(),
            media_type="application/json",
        )
        answer = self.command(
            *(seller, "/v1/receivables", {"documentId": uploaded.body["id"]}),
            f"files an invoice over {money(amount)}",
        )
        return int(answer.body["result"]["receivableId"])

    def confirmed_order(
        self, amount: int, goods: str = "forty castings by drawing 7", *, days: int = 80
    ) -> int:
        """An order that the buyer confirmed, good for so many days; its id."""
        today = self.today()
        answer = self.command(
            "supplier",
            "/v1/orders",
            {
                "buyerPartyId": self.parties["buyer"],
                "number": f"PO-{secrets.token_hex(3)}",
                "amount": self.amount(amount),
                "deliveryDate": (today + datetime.timedelta(days=40)).isoformat(),
                "expiryDate": (today + datetime.timedelta(days=days)).isoformat(),
                "description": goods,
            },
            f"asks the buyer to confirm an order over {money(amount)}",
        )
        order = int(answer.body["result"]["orderId"])
        self.command("buyer", f"/v1/orders/{order}/confirmation", None, "confirms the order")
        return order

    def outstanding(self, loan: int) -> int:
        """Principal that is owed on a loan."""
        owed = self.callers["bank"].get(f"/v1/loans/{loan}").body["outstanding"]
        return minor_units(owed["amount"], currency=owed["currency"])

    def confirmed(
        self, amount: int, *, days: int, seller: str = "supplier", debtor: str = "buyer"
    ) -> tuple[int, int]:
        """The same, confirmed by the debtor; returns receivable and claim."""
        receivable = self.requested(amount, days=days, seller=seller, debtor=debtor)
        path = f"/v1/receivables/{receivable}/confirmation"
        answer = self.command(debtor, path, None, "confirms by its signature")
        return receivable, int(answer.body["result"]["claimIds"][0])

    # -- small things

    def command(self, who: str, path: str, body: Mapping[str, Any] | None, what: str) -> Answer:
        """Sends a command and records it as a step."""
        answer = self.callers[who].command(path, body)
        self.step(who, what, answer)
        return answer

    def step(self, who: str, what: str, answer: Answer) -> None:
        """Records a step."""
        operation = answer.body.get("operation", answer.body)
        self.report.add(
            Step(
                who,
                what,
                operation=str(operation.get("id", "")),
                transaction=str(operation.get("transactionHash") or ""),
                gas=operation.get("gasUsed"),
                milliseconds=answer.milliseconds,
            )
        )

    def hold(self, condition: bool, what: str) -> None:
        """Checks a fact of the story.

        Raises:
            StoryFailed: it is not so.
        """
        if not condition:
            raise StoryFailed(what)

    def move(self, giver: str, taker: str, amount: int) -> None:
        """Moves money in the expected balances."""
        self.cash[giver] -= amount
        self.cash[taker] += amount

    def amount(self, amount: int) -> dict[str, str]:
        """An amount in the gateway's form."""
        return {
            "amount": decimal_text(amount, currency=self.currency),
            "currency": self.currency,
        }

    def product(self, code: str) -> Product:
        """A product of the catalogue."""
        items: list[Product] = self.callers["supplier"].get("/v1/products").body["items"]
        return next(item for item in items if item["code"] == code)

    def reserve_of(self, code: str) -> int:
        """The product's reserve after its story: one share of one draw."""
        return expected.share(300_000_00, parts=self.product(code)["reserveShare"])

    def cash_of(self, name: str) -> int:
        """A party's cash, in minor units."""
        items = self.callers["auditor"].get("/v1/cash", partyId=self.parties[name]).body["items"]
        for item in items:
            if item["balance"]["currency"] == self.currency:
                return minor_units(item["balance"]["amount"], currency=self.currency)
        return 0

    def today(self) -> datetime.date:
        """The ledger's business day."""
        seconds = self.clock.now() + self.zone_seconds
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()

    def days_ahead(self, days: int) -> str:
        """The date so many days after today, in ISO 8601."""
        return (self.today() + datetime.timedelta(days=days)).isoformat()

    def pass_days(self, days: int) -> None:
        """Lets days pass."""
        self.clock.move_to(self.clock.now() + days * DAY_SECONDS)
        self.settle()
        self.report.say(f"{days} days pass: {self.today().isoformat()}")

    def to_next_due(self, loan: int) -> None:
        """Moves to the day on which the next instalment falls due."""
        days = (self.next_due(loan) - self.today()).days
        if days > 0:
            self.pass_days(days)

    def next_due(self, loan: int) -> datetime.date:
        """The day on which the next instalment falls due."""
        body = self.callers[self.borrower].get(f"/v1/loans/{loan}").body
        return datetime.date.fromisoformat(body["schedule"][0]["date"])

    def settle(self) -> None:
        """Waits until the gateway has read the new day (its lists are as of a block)."""
        self.callers["cash-issuer"].command(
            f"/v1/cash/{self.currency}/mint",
            {"toPartyId": self.parties["altair"], "amount": self.amount(1)},
        )
        if "altair" in self.cash:
            self.cash["altair"] += 1
