"""The steps of the stories of goods."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from app.demo.client import Answer, GatewayRefused
from app.demo.lending import Lending
from app.demo.proof_steps import GRADE
from app.demo.report import money
from app.demo.sales import UNIT, Sold, movements_file, sales_file
from app.demo.story import DAY_SECONDS, StoryFailed
from app.domain.money import minor_units
from app.gateway.money import MoneyView
from app.lending.collateral.schemas import GoodsCollateral

PRICE_DAYS = 60


class Appraisal(NamedTuple):
    """The result of a valuation: minor units a kilogram, grade, haircut in parts per million."""

    price: int
    grade: str
    haircut: int


class GoodsSteps(Lending):
    """The steps of warehouses, appraisers and lenders on goods."""

    def list_goods(self, sku: str) -> None:
        """The operator lists goods for appraisers to price."""
        listing = {"goods": [self.goods(sku)], "currency": self.currency, "maxJump": 100_000}
        self.command(
            *("operator", "/v1/price-items", listing | {"maxAgeSeconds": 60 * DAY_SECONDS}),
            f"lists {sku}, to be priced in {self.currency}",
        )

    def appraise(self, sku: str, price: str, haircut: int) -> None:
        """A price that both appraisers confirm; a small move needs only one."""
        self.pass_days(1)
        posted = {
            "item": self.item(sku),
            "currency": self.currency,
            "price": price,
            "haircut": haircut,
            "validHours": PRICE_DAYS * 24,
        }
        self.command(
            "first-appraiser",
            "/v1/prices",
            {"prices": [posted]},
            f"posts {sku} at {price} with a haircut of {haircut / 10_000:g} %",
        )
        self.confirm(sku)

    def confirm(self, sku: str) -> bool:
        """The second appraiser confirms the price that waits; False: none does."""
        return self.confirm_price(
            self.item(sku) or "",
            self.currency,
            "confirms it: a first price, a jump and another haircut need two",
        )

    def value(self, sku: str, sold: list[Sold], *, stock: int) -> Appraisal:
        """The price that the gateway works out from sales, at the close of yesterday.

        One appraiser posts it. The other values the same files, gets the same evidence and confirms
        the price.
        """
        files = {
            "sales": ("sales.csv", sales_file(sold, currency=self.currency), "text/csv"),
            "movements": ("movements.csv", movements_file(sold, stock=stock), "text/csv"),
        }
        fields = {**self.goods(sku), "currency": self.currency}
        first, second = (
            self.callers[name].command_with_files(
                "/v1/valuations", fields=fields, files=files, **query
            )
            for name, query in (("first-appraiser", {"post": "true"}), ("second-appraiser", {}))
        )
        body = first.body
        appraisal = Appraisal(
            minor_units(body["value"], currency=self.currency), body["grade"], body["haircut"]
        )
        self.step(
            "first-appraiser",
            f"values {sku} from {len(sold)} sales and posts {money(appraisal.price)}: "
            f"grade {appraisal.grade}, haircut {appraisal.haircut / 10_000:g} %",
            first,
        )
        self.hold(second.body["evidence"] == body["evidence"], "both valuations are the same")
        self.report.say("the second appraiser values the same files: the evidence is the same")
        self.hold(self.confirm(sku), "the price has waited for the second appraiser")
        return appraisal

    def draw_on_goods(self, facility: int, amount: int, days: int, receipts: list[int]) -> Answer:
        """A draw on warehouse receipts; the gateway's answer."""
        items = [{"kind": "warehouse-receipt", "id": receipt} for receipt in receipts]
        body = {"amount": self.amount(amount), "style": "bullet", "tenor": days, "items": items}
        return self.callers["supplier"].command(f"/v1/facilities/{facility}/draws", body)

    def lent_on_goods(
        self, facility: int, amount: int, days: int, receipts: list[int], *, lender: str
    ) -> int:
        """Draws on warehouse receipts, with the expected movements of money."""
        self.step(
            "supplier",
            f"draws {money(amount)} on {len(receipts)} warehouse receipt(s)",
            answer := self.draw_on_goods(facility, amount, days, receipts),
        )
        self.lent(facility, amount, lender=lender)
        return int(answer.body["operation"]["result"]["loanId"])

    def refused_on_goods(self, facility: int, amount: int, days: int, receipts: list[int]) -> None:
        """A draw above the lendable value, which the ledger must refuse."""
        try:
            self.draw_on_goods(facility, amount, days, receipts)
        except GatewayRefused as refused:
            self.report.say(f"a draw of {money(amount)} is refused: {refused}")
            return
        raise StoryFailed(f"the ledger accepted a draw of {money(amount)}")

    def price(self, sku: str, price: str, *, haircut: int) -> None:
        """Lists goods, if they are not listed yet, and prices them."""
        if self.item(sku) is None:
            self.list_goods(sku)
        self.appraise(sku, price, haircut)

    def margin_check(self, loan: int) -> None:
        """Checks a margin, as anyone may; here the bank does."""
        self.command(
            *("bank", f"/v1/loans/{loan}/margin-check", None),
            f"has the margin of loan {loan} checked",
        )

    def no_margin_call(self, loan: int) -> None:
        """A check of the margin finds nothing to call.

        Raises:
            StoryFailed: it makes a call.
        """
        try:
            self.callers["bank"].command(f"/v1/loans/{loan}/margin-check")
        except GatewayRefused as refused:
            self.hold("MarginUnchanged" in str(refused), "no margin is called")
            return
        raise StoryFailed(f"the margin of loan {loan} was called in spite of its hedge")

    def hedge(self, loan: int, sku: str, kilograms: int, price: str) -> str:
        """The supplier has sold the goods forward at an exchange; the bank signs for it too."""
        agreement = self.callers["supplier"].post(
            f"/v1/loans/{loan}/hedges",
            {
                "item": self.item(sku),
                "quantity": f"{kilograms}.000",
                "price": price,
                "currency": "CNY",
                "lastDate": (self.today() + datetime.timedelta(days=60)).isoformat(),
                "venue": "XSGE",
                "contractNumber": f"forward of loan {loan}",
            },
        )
        self.command(
            *("bank", f"/v1/agreements/{agreement.body['id']}/signature", None),
            f"signs the hedge of {kilograms:,} kg at {price} at an exchange",
        )
        return str(agreement.body["typedData"]["message"]["contractHash"])

    def close_hedge(self, loan: int, contract_hash: str) -> None:
        """The bank closes a hedge; the margin call that it held back begins."""
        self.command(
            *("bank", f"/v1/loans/{loan}/hedges/{contract_hash}/closure", None),
            "closes the hedge: the supplier has ended it at the exchange",
        )

    def buy_back(self, facility: int, *, lender: str, undertaker: str, maximum: int) -> None:
        """A party undertakes to buy the goods of a facility's loans at 90 % of their value."""
        agreement = self.callers[lender].post(
            f"/v1/facilities/{facility}/buy-backs",
            {
                "undertakerPartyId": self.parties[undertaker],
                "share": 900_000,
                "maxTotal": self.amount(maximum),
                "lastDate": (self.today() + datetime.timedelta(days=360)).isoformat(),
            },
        )
        self.step(lender, "asks for a buy-back undertaking", agreement)
        path = f"/v1/agreements/{agreement.body['id']}"
        signed = self.callers[undertaker].post(f"{path}/signature")
        self.step(undertaker, f"undertakes up to {money(maximum)}", signed)
        self.command(lender, f"{path}/execution", None, "puts the undertaking on the ledger")

    def accept_debtor(self, facility: int, *, lender: str, debtor: str) -> None:
        """The lender accepts a party's debts in place of goods."""
        self.command(
            *(lender, f"/v1/facilities/{facility}/debtors"),
            {"debtorPartyId": self.parties[debtor]},
            f"accepts debts of the {debtor} in place of goods",
        )

    def hand_over(self, receipt: int) -> None:
        """The supplier asks for the goods of a free warehouse receipt and gets them."""
        path = f"/v1/warehouse-receipts/{receipt}"
        asks = f"asks for the goods of warehouse receipt {receipt}"
        self.command("supplier", f"{path}/releases", {}, asks)
        shown = self.callers["warehouse"].get(path).body
        handed = {"quantity": shown["quantity"], "holderAccount": shown["owner"]["account"]}
        hands = "hands them over; the receipt is burned"
        self.command("warehouse", f"{path}/hand-over", handed, hands)

    def quantity_of(self, receipt: int) -> int:
        """Thousandths of a unit in one of the supplier's warehouse receipts."""
        body = self.callers["supplier"].get(f"/v1/warehouse-receipts/{receipt}").body
        return round(float(body["quantity"]) * 1_000)

    def newest_receipt(self) -> int:
        """The supplier's warehouse receipt with the highest number."""
        items = self.callers["supplier"].get("/v1/warehouse-receipts").body["items"]
        return max(int(item["id"]) for item in items)

    def delivered(self, loan: int, order: int, lot: int, receipt: int, amount: int) -> None:
        """The buyer signs for goods of an order; the loan's collateral is converted to them."""
        proposed = self.callers["supplier"].post(
            f"/v1/orders/{order}/deliveries",
            {"lotId": lot, "amount": self.amount(amount), "evidence": "goods received note"},
        )
        self.step("supplier", f"says that {money(amount)} of the order were delivered", proposed)
        delivery = proposed.body["id"]
        signed = self.callers["buyer"].post(f"/v1/deliveries/{delivery}/signature")
        self.step("buyer", "signs for the goods", signed)
        self.command(
            *("supplier", f"/v1/loans/{loan}/goods"),
            {"deliveryId": delivery, "warehouseReceiptId": receipt},
            "the loan and its lien are converted from the order to the goods",
        )

    def goods_to_claim(self, loan: int, receivable: int, claim: int, receipt: int) -> None:
        """The supplier hands invoiced goods to the buyer; the claim gets the lien."""
        self.command(
            "supplier",
            f"/v1/loans/{loan}/invoiced-goods",
            {"receivableId": receivable, "claimId": claim, "warehouseReceiptId": receipt},
            "hands the goods to the buyer: the claim gets the lien",
        )

    def minor(self, amount: MoneyView | None) -> int:
        """An amount in the gateway's form, in minor units.

        Raises:
            StoryFailed: there is none, because the chain did not answer.
        """
        if amount is None:
            raise StoryFailed("the chain did not answer")
        return minor_units(amount["amount"], currency=amount["currency"])

    def collateral_of(self, loan: int) -> GoodsCollateral:
        """The collateral of a loan on goods."""
        body = self.callers["supplier"].get(f"/v1/loans/{loan}").body
        collateral: GoodsCollateral = body["collateral"]
        return collateral

    def yesterday(self) -> datetime.date:
        """The ledger's last business day that is over."""
        return self.today() - datetime.timedelta(days=1)

    def item(self, sku: str) -> str | None:
        """The ledger's name of listed goods."""
        items = self.callers["operator"].get("/v1/price-items").body["items"]
        hashes = [item["item"] for item in items if (item["goods"] or {}).get("sku") == sku]
        return hashes[0] if hashes else None

    def goods(self, sku: str) -> dict[str, str]:
        """Goods in the gateway's form."""
        return {"sku": sku, "grade": GRADE, "unit": UNIT}
