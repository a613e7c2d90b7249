"""The main story: one invoice on its way from the document to the last cent.

Every step is a request to the gateway. `ExpectedDebt` gets the same steps and never reads the
ledger.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.demo.client import Answer, Caller, GatewayRefused
from app.demo.expected import ExpectedDebt, discounted_price
from app.demo.invoice import demo_invoice
from app.demo.report import Report, Step, money
from app.domain.money import decimal_text, minor_units

CURRENCY = "CNY"
DAY_SECONDS = 86_400
GRACE_DAYS = 5
DAYS_LATE = 23
LATE_RATE = 73_500
QUOTE_RATE = 43_500
SECOND_TIER = {"castor": 312_500_17, "pollux": 208_333_33, "vega": 96_480_05}
THIRD_TIER = ("castor", "altair", 75_210_08)
SOLD_TO_BANK = 400_000_00
FIRST_PAYMENT = 450_000_01
DEBTOR_MONEY = 2_000_000_00
BANK_MONEY = 5_000_000_00


class Clock(Protocol):
    """The chain's clock, UTC seconds."""

    def now(self) -> int:
        """Timestamp of the latest block."""

    def move_to(self, timestamp: int) -> None:
        """Makes the next block's timestamp at least `timestamp`."""


class StoryFailed(Exception):
    """A step did not do what it must."""


@dataclass
class Story:
    """Everything that the story needs.

    Attributes:
        callers: by role: supplier, buyer, bank, auditor, operator, cash-issuer, and the further
            suppliers castor, pollux, vega and altair.
        parties: the ids of the parties in the gateway.
        zone_seconds: seconds that the ledger's day is ahead of UTC.
        balance_of_contract: reads the balance of the contract of receivables from the chain.
    """

    callers: Mapping[str, Caller]
    parties: Mapping[str, str]
    clock: Clock
    report: Report
    invoice_number: str
    zone_seconds: int
    balance_of_contract: Callable[[], int]
    contract_before: int = 0
    debt: ExpectedDebt = field(init=False)
    claims: dict[str, int] = field(default_factory=dict)
    receivable_id: int = 0
    due_day: int = 0
    opening: dict[str, int] = field(default_factory=dict)

    def tell(self) -> None:
        """Runs the whole story.

        Raises:
            StoryFailed, GatewayRefused.
        """
        self.contract_before = self.balance_of_contract()
        self.open_accounts()
        self.report.chapter("From the document to a confirmed claim")
        document_id = self.upload()
        self.request(document_id)
        self.confirm()
        self.report.chapter("Down the chain of suppliers")
        self.split()
        self.pass_on()
        self.second_upload()
        self.report.chapter("The bank")
        self.verify()
        self.sell()
        self.report.chapter("The money")
        self.pay_part()
        self.collect("bank")
        self.pay_rest_late()
        self.collect_all()
        self.report.chapter("The auditor")
        self.read_history()
        self.check()

    # -- the opening

    def open_accounts(self) -> None:
        """The cash issuer issues tokenised deposits to buyer and bank."""
        for name in self.parties:
            self.opening[name] = self.cash_of(name)
        for name, amount in (("buyer", DEBTOR_MONEY), ("bank", BANK_MONEY)):
            self.opening[name] += amount
            answer = self.callers["cash-issuer"].command(
                f"/v1/cash/{CURRENCY}/mint",
                {"toPartyId": self.parties[name], "amount": _amount(amount)},
            )
            self.step("cash-issuer", f"issues {money(amount)} to {name}", answer)

    def upload(self) -> str:
        """The supplier uploads its invoice."""
        answer = self.send_invoice()
        document = answer.body
        invoice = document.get("invoice", document)
        face = _minor(invoice["payableAmount"])
        self.debt = ExpectedDebt(
            seller="supplier",
            debtor="buyer",
            face=face,
            late_rate=LATE_RATE,
            cash=dict(self.opening),
        )
        self.step("supplier", f"uploads invoice {invoice['number']} over {money(face)}", answer)
        return str(document["id"])

    def send_invoice(self) -> Answer:
        """Uploads the invoice."""
        issued = self.today()
        return self.callers["supplier"].upload(
            "/v1/documents",
            name=f"{self.invoice_number}.xml",
            content=demo_invoice(number=self.invoice_number, issued=issued),
            media_type="application/xml",
        )

    def request(self, document_id: str) -> None:
        """The supplier asks the buyer to confirm the debt."""
        answer = self.callers["supplier"].command(
            "/v1/receivables",
            {
                "documentId": document_id,
                "debtorPartyId": self.parties["buyer"],
                "graceDays": GRACE_DAYS,
                "lateRate": LATE_RATE,
            },
        )
        self.receivable_id = int(answer.body["result"]["receivableId"])
        self.step("supplier", "asks the buyer to confirm the debt", answer)

    def confirm(self) -> None:
        """The buyer signs the terms; the first claim is minted to the supplier."""
        answer = self.callers["buyer"].command(f"/v1/receivables/{self.receivable_id}/confirmation")
        self.claims["supplier"] = int(answer.body["result"]["claimIds"][0])
        self.due_day = self.day_of(
            self.callers["buyer"].get(f"/v1/receivables/{self.receivable_id}").body["dueDate"]
        )
        self.step("buyer", "confirms by its signature over the terms", answer)

    # -- down the chain

    def split(self) -> None:
        """Pays three second-tier suppliers with parts of the claim, in one call."""
        self.assign("supplier", SECOND_TIER)

    def pass_on(self) -> None:
        """One of them assigns a part of its claim."""
        giver, taker, amount = THIRD_TIER
        self.assign(giver, {taker: amount})

    def assign(self, giver: str, parts: Mapping[str, int]) -> None:
        """Assigns parts of the giver's claim."""
        answer = self.callers[giver].command(
            f"/v1/claims/{self.claims[giver]}/assignments",
            {
                "parts": [
                    {"toPartyId": self.parties[taker], "amount": _amount(amount)}
                    for taker, amount in parts.items()
                ]
            },
        )
        claim_ids = answer.body["result"]["claimIds"]
        for taker, claim_id in zip(parts, claim_ids, strict=True):
            self.claims[taker] = int(claim_id)
            self.debt.assign(giver=giver, taker=taker, amount=parts[taker])
        words = ", ".join(f"{money(amount)} to {taker}" for taker, amount in parts.items())
        self.step(giver, f"assigns {words}", answer)

    def second_upload(self) -> None:
        """The same invoice again must be refused."""
        began = time.perf_counter()
        try:
            self.send_invoice()
        except GatewayRefused as refused:
            self.require(refused.kind == "document-already-registered", str(refused))
            took = (time.perf_counter() - began) * 1000
            words = "uploads the same invoice again: refused, it is already registered"
            self.report.add(Step("supplier", words, milliseconds=took))
            return
        raise StoryFailed("the gateway accepted the same invoice twice")

    # -- the bank

    def verify(self) -> None:
        """The bank verifies the claim before it makes an offer."""
        answer = self.callers["bank"].get(f"/v1/verification/claims/{self.claims['supplier']}")
        failed = [check["name"] for check in answer.body["checks"] if not check["holds"]]
        self.require(not failed, f"the bank's verification fails: {failed}")
        block = answer.body["asOf"]["blockNumber"]
        words = f"verifies the claim: all {len(answer.body['checks'])} checks pass in block {block}"
        self.step("bank", words, answer)

    def sell(self) -> None:
        """The bank quotes, the supplier accepts: claim for cash in one transaction."""
        claim = self.claims["supplier"]
        offer = self.callers["bank"].post(
            "/v1/offers",
            {"claimId": claim, "value": _amount(SOLD_TO_BANK), "discountRate": QUOTE_RATE},
        )
        days = self.due_day - self.day()
        price = discounted_price(face=SOLD_TO_BANK, rate=QUOTE_RATE, days=days)
        quoted = _minor(offer.body["price"]["amount"])
        self.report.check("price of the sale", shown=quoted, expected=price)
        words = f"offers {money(quoted)} for {money(SOLD_TO_BANK)} due in {days} days"
        self.step("bank", words, offer)
        answer = self.callers["supplier"].command(f"/v1/offers/{offer.body['id']}/acceptance")
        self.claims["bank"] = int(answer.body["result"]["claimIds"][0])
        self.debt.sell(giver="supplier", taker="bank", amount=SOLD_TO_BANK, price=price)
        self.step("supplier", "accepts: claim for cash in one transaction", answer)

    # -- the money

    def pay_part(self) -> None:
        """The buyer pays part before the due day."""
        self.pay(FIRST_PAYMENT, days_late=0, words="pays part before it is due")

    def pay_rest_late(self) -> None:
        """Weeks after the due day the buyer pays the rest, with its late charge."""
        moment = (self.due_day + DAYS_LATE) * DAY_SECONDS - self.zone_seconds + DAY_SECONDS // 2
        self.clock.move_to(moment)
        self.report.say(f"{DAYS_LATE} days after the due day")
        self.pay(DEBTOR_MONEY - FIRST_PAYMENT, days_late=DAYS_LATE, words="pays the rest")

    def pay(self, amount: int, *, days_late: int, words: str) -> None:
        """A payment of at most `amount`."""
        answer = self.callers["buyer"].command(
            f"/v1/receivables/{self.receivable_id}/payments", {"amount": _amount(amount)}
        )
        before = self.debt.late_paid
        taken = self.debt.pay(amount=amount, days_late=days_late)
        late = self.debt.late_paid - before
        words += f": {money(taken)}" + (f", {money(late)} of it late charge" if late else "")
        self.step("buyer", words, answer)

    def collect(self, name: str) -> None:
        """One holder collects."""
        answer = self.callers[name].command(f"/v1/claims/{self.claims[name]}/collection")
        amount = self.debt.collect(holder=name)
        self.step(name, f"collects {money(amount)}", answer)

    def collect_all(self) -> None:
        """Every holder collects what is left."""
        for name in self.claims:
            self.collect(name)
        self.debt.close()

    # -- the auditor

    def read_history(self) -> None:
        """Every event of the debt and of all claims on it, and the state in a past block."""
        auditor = self.callers["auditor"]
        answer = auditor.get("/v1/history", receivable=self.receivable_id, limit=1000)
        events = answer.body["items"]
        names = [event["event"] for event in events]
        for name in ("ReceivableRequested", "ReceivableConfirmed", "ClaimSold", "PaymentReceived"):
            self.require(name in names, f"the history lacks {name}")
        self.require(names.count("Collected") == len(self.claims) + 1, "collections are missing")
        self.step("auditor", f"reads {len(events)} events, first to last", answer)
        sale = next(event for event in events if event["event"] == "ClaimSold")
        past = auditor.get(
            f"/v1/history/receivables/{self.receivable_id}/balances", block=sale["blockNumber"]
        )
        held = sum(_minor(claim["value"]["amount"]) for claim in past.body["claims"])
        self.report.check("claims right after the sale", shown=held, expected=self.debt.face)
        self.step("auditor", f"reads who held what in block {sale['blockNumber']}", past)

    def check(self) -> None:
        """Compares every balance with the expected one."""
        for name in self.parties:
            expected = self.debt.cash.get(name, self.opening[name])
            self.report.check(f"cash of {name}", shown=self.cash_of(name), expected=expected)
        shown = self.callers["auditor"].get(f"/v1/receivables/{self.receivable_id}").body
        self.require(shown["status"] == "settled", f"the receivable is {shown['status']}")
        for field_name, expected in (
            ("principalPaid", self.debt.face),
            ("redeemed", self.debt.face),
            ("unpaid", 0),
            ("lateChargePaid", self.debt.late_paid),
        ):
            amount = _minor(shown[field_name]["amount"])
            self.report.check(f"{field_name} of the debt", shown=amount, expected=expected)
        self.report.check("left in the contract", shown=self.left_in_contract(), expected=0)

    # -- small things

    def left_in_contract(self) -> int:
        """The remaining balance of the contract of receivables, read from the chain itself."""
        return self.balance_of_contract() - self.contract_before

    def step(self, who: str, what: str, answer: Answer) -> None:
        """Records a step with its operation, transaction, gas and time."""
        body = answer.body
        operation = body.get("operation", body)
        self.report.add(
            Step(
                who,
                what,
                operation=operation.get("id", "") if "transactionHash" in operation else "",
                transaction=operation.get("transactionHash") or "",
                gas=operation.get("gasUsed"),
                milliseconds=answer.milliseconds,
            )
        )

    def require(self, holds: bool, words: str) -> None:
        """Ends the story if a condition fails."""
        if not holds:
            raise StoryFailed(words)

    def cash_of(self, name: str) -> int:
        """A party's cash according to the gateway."""
        answer = self.callers["auditor"].get("/v1/cash", partyId=self.parties[name])
        for item in answer.body["items"]:
            if item["balance"]["currency"] == CURRENCY:
                return _minor(item["balance"]["amount"])
        return 0

    def day(self) -> int:
        """The ledger's day number."""
        return (self.clock.now() + self.zone_seconds) // DAY_SECONDS

    @staticmethod
    def day_of(text: str) -> int:
        """The day number of a date."""
        return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days

    def today(self) -> datetime.date:
        """The ledger's date."""
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=self.day())


def _amount(minor: int) -> dict[str, str]:
    return {"amount": decimal_text(minor, currency=CURRENCY), "currency": CURRENCY}


def _minor(text: str) -> int:
    return minor_units(text, currency=CURRENCY)
