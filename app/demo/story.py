"""The story: one invoice on its way from paper to the last cent.

Every step is a request to the gateway. The reckoning beside it (`ExpectedDebt`) is told the same
steps and never reads the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.demo.client import Answer, Caller, GatewayRefused
from app.demo.expected import ExpectedDebt
from app.demo.invoice import demo_invoice
from app.demo.report import Report, Step, money

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
        """Time of the latest block."""

    def move_to(self, timestamp: int) -> None:
        """Makes the next block's time at least `timestamp`."""


class StoryFailed(Exception):
    """A step did not do what it must."""


@dataclass
class Story:
    """Everything a telling needs.

    Attributes:
        callers: by role: supplier, buyer, bank, auditor, operator, cash-issuer, and the further
            suppliers castor, pollux, vega and altair.
        parties: the party ids that the gateway knows them by.
        zone_seconds: how far the ledger's day is ahead of UTC.
    """

    callers: Mapping[str, Caller]
    parties: Mapping[str, str]
    clock: Clock
    report: Report
    invoice_number: str
    zone_seconds: int
    debt: ExpectedDebt = field(init=False)
    claims: dict[str, int] = field(default_factory=dict)
    receivable_id: int = 0
    due_day: int = 0
    opening: dict[str, int] = field(default_factory=dict)

    def tell(self) -> None:
        """The whole story.

        Raises:
            StoryFailed, GatewayRefused.
        """
        self.open_accounts()
        self.report.chapter("From paper to a confirmed claim")
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
        self.collect("bank", early=True)
        self.pay_rest_late()
        self.collect_all()
        self.report.chapter("The auditor")
        self.read_history()
        self.check()

    # -- the opening

    def open_accounts(self) -> None:
        """The cash issuer puts tokenised deposits on the accounts of buyer and bank."""
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
        """The file as it is."""
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
        answer = self.callers["buyer"].command(
            f"/v1/receivables/{self.receivable_id}/confirmation"
        )
        self.claims["supplier"] = int(answer.body["result"]["claimIds"][0])
        self.step("buyer", "confirms by its signature over the terms", answer)

    # -- down the chain

    def split(self) -> None:
        """Three second-tier suppliers are paid with parts of the claim, in one call."""
        self.assign("supplier", SECOND_TIER)

    def pass_on(self) -> None:
        """One of them passes part on."""
        giver, taker, amount = THIRD_TIER
        self.assign(giver, {taker: amount})

    def assign(self, giver: str, parts: Mapping[str, int]) -> None:
        """Passes parts of the giver's claim on."""
        answer = self.callers[giver].command(
            f"/v1/claims/{self.claims[giver]}/assignments",
            {
                "parts": [
                    {"toPartyId": self.parties[taker], "amount": _amount(amount)}
                    for taker, amount in parts.items()
                ]
            },
        )
        found = answer.body["result"]["claimIds"]
        for taker, claim_id in zip(parts, found, strict=True):
            self.claims[taker] = int(claim_id)
            self.debt.assign(giver=giver, taker=taker, amount=parts[taker])
        words = ", ".join(f"{money(amount)} to {taker}" for taker, amount in parts.items())
        self.step(giver, f"passes on {words}", answer)

    def second_upload(self) -> None:
        """The same invoice again must be refused."""
        try:
            answer = self.send_invoice()
            self.callers["supplier"].command(
                "/v1/receivables",
                {"documentId": answer.body["id"], "debtorPartyId": self.parties["buyer"]},
            )
        except GatewayRefused as refused:
            self.report.add(Step("supplier", f"uploads the same invoice again: refused ({refused})"))
            return
        raise StoryFailed("the same invoice was taken twice")
