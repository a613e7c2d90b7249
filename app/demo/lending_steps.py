"""The steps that stories of lending are made of, and the reckoning beside them."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.demo import expected_loans as reckon
from app.demo.cast import CAST
from app.demo.client import Answer, Caller, GatewayRefused
from app.demo.report import Report, Step, money
from app.demo.story import DAY_SECONDS, Clock, StoryFailed
from app.domain.money import decimal_text, minor_units

LEGAL = {member.name: (member.legal_name, member.legal_id) for member in CAST}
RESERVE, CAMPAIGNS = "the reserve", "the campaigns"


@dataclass
class LendingSteps:
    """Everything the stories need.

    Attributes:
        held_by: what a contract of the ledger holds of a currency, asked of the chain itself.
    """

    callers: Mapping[str, Caller]
    parties: Mapping[str, str]
    clock: Clock
    report: Report
    zone_seconds: int
    held_by: Callable[[str, str], int]
    currency: str = "CNY"
    cash: dict[str, int] = field(default_factory=dict)

    # -- steps

    def campaign(self, *, goal: int) -> int:
        """A campaign of the supplier's, with the bank as reviewer."""
        today = self.today()
        ends = datetime.datetime.combine(
            today + datetime.timedelta(days=30), datetime.time(), tzinfo=datetime.UTC
        )
        answer = self.command(
            "supplier",
            "/v1/campaigns",
            {
                "goal": self.given(goal),
                "endsAt": ends.isoformat(),
                "reviewerPartyId": self.parties["bank"],
                "description": "a lighter casting for electric motors",
                "tiers": [
                    {
                        "price": self.given(100_07),
                        "places": 1_000,
                        "kind": "reward",
                        "description": "one casting of the first series",
                    }
                ],
                "milestones": [
                    {
                        "part": part,
                        "lastDate": (today + datetime.timedelta(days=days)).isoformat(),
                        "description": words,
                    }
                    for part, days, words in ((400_000, 90, "mould"), (600_000, 180, "series"))
                ],
            },
            f"opens a campaign with the goal of {money(goal)}",
        )
        return int(answer.body["result"]["campaignId"])

    def pledge(self, campaign: int, name: str, places: int) -> None:
        """Places at 100.07 each."""
        self.command(
            *(name, f"/v1/campaigns/{campaign}/pledges", {"tier": 0, "places": places}),
            f"pledges {money(places * 100_07)}",
        )
        self.move(name, CAMPAIGNS, places * 100_07)

    def issue(self, **amounts: int) -> None:
        """Money for parties."""
        for name, amount in amounts.items():
            self.command(
                "cash-issuer",
                f"/v1/cash/{self.currency}/mint",
                {"toPartyId": self.parties[name], "amount": self.given(amount)},
                f"issues {money(amount)} to {name}",
            )
            self.cash[name] += amount

    def attest(self, *, tier: int, limit: int) -> None:
        """The rater's word on the supplier."""
        since = self.today() - datetime.timedelta(days=900)
        self.pass_days(1)
        self.command(
            "rater",
            "/v1/credit",
            {
                "partyId": self.parties["supplier"],
                "tier": tier,
                "limit": {"amount": decimal_text(limit, currency="CNY"), "currency": "CNY"},
                "tradingSince": since.isoformat(),
                "modelVersion": "scorecard 1",
                "evidenceRoot": "0x" + secrets.token_hex(32),
            },
            f"attests tier {tier} to the supplier",
        )

    def rate(self, price: str) -> None:
        """A dollar's price in yuan: one appraiser posts it, another confirms."""
        listing = {"items": ["USD"], "currency": "CNY", "mostJump": 50_000}
        self.command(
            *("operator", "/v1/price-items", listing | {"mostAgeSeconds": 3 * DAY_SECONDS}),
            "lists the dollar, to be priced in yuan",
        )
        self.pass_days(1)
        posted = {"item": "USD", "currency": "CNY", "price": price, "validHours": 72}
        self.command(
            "first-appraiser", "/v1/prices", {"prices": [posted]}, f"posts the dollar at {price}"
        )
        named = {"items": [{"item": "USD", "currency": "CNY"}]}
        self.command(
            *("second-appraiser", "/v1/prices/confirmations", named),
            "confirms it: a first price needs two",
        )

    def line(
        self,
        code: str,
        *,
        lender: str,
        rate: int,
        limit: int,
        entruster: str | None = None,
        fee: int = 0,
        limit_currency: str | None = None,
    ) -> int:
        """A line that all have signed."""
        body: dict[str, Any] = {
            "productId": self.product(code)["id"],
            "borrowerPartyId": self.parties["supplier"],
            "annualRate": rate,
            "limit": self.given(limit)
            | ({"currency": limit_currency} if limit_currency is not None else {}),
            "administrationFee": fee,
            "lastDate": (self.today() + datetime.timedelta(days=360)).isoformat(),
        }
        if entruster is not None:
            body["entrusterPartyId"] = self.parties[entruster]
        made = self.callers[lender].post("/v1/facility-proposals", body)
        self.step(lender, f"proposes a line of {money(limit)} under {code}", made)
        path = f"/v1/facility-proposals/{made.body['id']}/signature"
        if entruster is not None:
            self.step(entruster, "signs the line too", self.callers[entruster].post(path))
        answer = self.command("supplier", path, None, "signs the line: it is agreed")
        return int(answer.body["result"]["facilityId"])

    def draw(
        self,
        line: int,
        amount: int,
        style: str,
        tenor: int,
        *,
        lender: str,
        cover: int | None = None,
        above_peak: int | None = None,
    ) -> int:
        """Money from the lender, and the reserve's share on top."""
        body: dict[str, Any] = {"amount": self.given(amount), "style": style, "tenor": tenor}
        if cover is not None:
            body["coverId"] = cover
        answer = self.command(
            *("supplier", f"/v1/facilities/{line}/draws", body), f"draws {money(amount)}, {style}"
        )
        self.lent(line, amount, lender=lender, above_peak=above_peak)
        return int(answer.body["result"]["loanId"])

    def lent(self, line: int, amount: int, *, lender: str, above_peak: int | None = None) -> None:
        """Reckons a draw: the money, and the share of what is above the line's peak on top."""
        new = amount if above_peak is None else above_peak
        self.move(lender, "supplier", amount)
        seen = self.callers["supplier"].get(f"/v1/facilities/{line}").body
        product = self.callers["supplier"].get(f"/v1/products/{seen['productId']}").body
        self.move(lender, RESERVE, reckon.share(new, parts=product["reserveShare"]))

    def refused_draw(self, line: int, amount: int) -> None:
        """A draw beyond the limit, which the ledger must refuse."""
        body = {"amount": self.given(amount), "style": "bullet", "tenor": 90}
        try:
            self.callers["supplier"].command(f"/v1/facilities/{line}/draws", body)
        except GatewayRefused as refused:
            self.report.say(f"a draw of {money(amount)} is refused: {refused}")
            return
        raise StoryFailed(f"a draw of {money(amount)} went through")

    def repay(self, loan: int, owed: int, *, at_most: int | None = None) -> None:
        """The supplier pays; what is beyond its debt stays its own."""
        amount = at_most or owed
        self.command(
            *("supplier", f"/v1/loans/{loan}/repayments", {"amount": self.given(amount)}),
            f"repays {money(owed)}",
        )

    def buyer_pays(self, receivable: int, claim: int, amount: int) -> None:
        """The buyer pays its invoice, and the claim is collected through the loan."""
        self.command(
            *("buyer", f"/v1/receivables/{receivable}/payments", {"amount": self.given(amount)}),
            f"pays the invoice of {money(amount)}",
        )
        path = f"/v1/claims/{claim}/collection"
        self.command("supplier", path, None, "collects through the loan")

    def ended(self, loan: int) -> None:
        """The loan must be repaid and its line free again."""
        seen = self.callers["supplier"].get(f"/v1/loans/{loan}").body
        if seen["status"] != "repaid":
            raise StoryFailed(f"loan {loan} is {seen['status']}, {seen['payoff']['total']} is owed")

    def requested(self, amount: int, *, days: int) -> int:
        """An invoice of the supplier's to the buyer, filed as a debt."""
        today = self.today()
        document = {
            "kind": "invoice",
            "number": f"LH-{secrets.token_hex(4)}",
            "issueDate": today.isoformat(),
            "dueDate": (today + datetime.timedelta(days=days)).isoformat(),
            "currency": self.currency,
            "payableAmount": decimal_text(amount, currency=self.currency),
            "seller": {"name": LEGAL["supplier"][0], "id": LEGAL["supplier"][1]},
            "buyer": {"name": LEGAL["buyer"][0], "id": LEGAL["buyer"][1]},
            "lines": [
                {
                    "description": "castings",
                    "amount": decimal_text(amount, currency=self.currency),
                }
            ],
        }
        paper = self.callers["supplier"].upload(
            "/v1/documents",
            name="invoice.json",
            content=json.dumps(document).encode(),
            media_type="application/json",
        )
        answer = self.command(
            *("supplier", "/v1/receivables", {"documentId": paper.body["id"]}),
            f"files an invoice over {money(amount)}",
        )
        return int(answer.body["result"]["receivableId"])

    def confirmed(self, amount: int, *, days: int) -> tuple[int, int]:
        """The same, confirmed by the buyer: receivable and claim."""
        receivable = self.requested(amount, days=days)
        path = f"/v1/receivables/{receivable}/confirmation"
        answer = self.command("buyer", path, None, "confirms by its signature")
        return receivable, int(answer.body["result"]["claimIds"][0])

    # -- small things

    def command(self, who: str, path: str, body: dict[str, Any] | None, what: str) -> Answer:
        """A command that is a step."""
        answer = self.callers[who].command(path, body)
        self.step(who, what, answer)
        return answer

    def step(self, who: str, what: str, answer: Answer) -> None:
        """Notes a step."""
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

    def move(self, giver: str, taker: str, amount: int) -> None:
        """Reckons a movement of money."""
        self.cash[giver] -= amount
        self.cash[taker] += amount

    def given(self, amount: int) -> dict[str, str]:
        """An amount as the gateway takes it."""
        return {
            "amount": decimal_text(amount, currency=self.currency),
            "currency": self.currency,
        }

    def product(self, code: str) -> dict[str, Any]:
        """A product of the catalogue."""
        items = self.callers["supplier"].get("/v1/products").body["items"]
        return dict(next(one for one in items if one["code"] == code))

    def reserve_of(self, code: str) -> int:
        """What one product's reserve was fed by the draws of its story: one share of one draw."""
        return reckon.share(300_000_00, parts=self.product(code)["reserveShare"])

    def cash_of(self, name: str) -> int:
        """What a party holds, in minor units."""
        items = self.callers["auditor"].get("/v1/cash", partyId=self.parties[name]).body["items"]
        for one in items:
            if one["balance"]["currency"] == self.currency:
                return minor_units(one["balance"]["amount"], currency=self.currency)
        return 0

    def today(self) -> datetime.date:
        """The ledger's day."""
        seconds = self.clock.now() + self.zone_seconds
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()

    def pass_days(self, days: int) -> None:
        """So many days later."""
        self.clock.move_to(self.clock.now() + days * DAY_SECONDS)
        self.settle()
        self.report.say(f"{days} days pass: {self.today().isoformat()}")

    def to_next_due(self, loan: int) -> None:
        """On the day on which the next instalment falls due."""
        seen = self.callers["supplier"].get(f"/v1/loans/{loan}").body
        day = datetime.date.fromisoformat(seen["schedule"][0]["date"])
        days = (day - self.today()).days
        if days > 0:
            self.pass_days(days)

    def settle(self) -> None:
        """Waits until the gateway has seen the day (its lists are as of a block)."""
        self.callers["cash-issuer"].command(
            f"/v1/cash/{self.currency}/mint",
            {"toPartyId": self.parties["altair"], "amount": self.given(1)},
        )
        if "altair" in self.cash:
            self.cash["altair"] += 1
