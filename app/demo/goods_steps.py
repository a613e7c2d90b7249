"""The steps that stories of goods are made of."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from app.demo.client import Answer, GatewayRefused
from app.demo.lending import Lending
from app.demo.report import money
from app.demo.story import DAY_SECONDS, StoryFailed
from app.domain.money import minor_units

GRADE, UNIT = "A", "KGM"
PRICE_DAYS = 60


class GoodsSteps(Lending):
    """What warehouses, appraisers and lenders on goods do."""

    def list_goods(self, sku: str) -> None:
        """The operator lists goods that appraisers may price."""
        listing = {"goods": [self.goods(sku)], "currency": self.currency, "mostJump": 100_000}
        self.command(
            *("operator", "/v1/price-items", listing | {"mostAgeSeconds": 60 * DAY_SECONDS}),
            f"lists {sku}, to be priced in {self.currency}",
        )

    def appraise(self, sku: str, price: str, haircut: int) -> None:
        """A price that both appraisers agree on; a small move needs one only."""
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
        named = {"items": [{"item": self.item(sku), "currency": self.currency}]}
        try:
            self.command(
                *("second-appraiser", "/v1/prices/confirmations", named),
                "confirms it: a first price and a jump need two",
            )
        except GatewayRefused as refused:
            if refused.kind != "nothing-proposed":
                raise

    def store(self, sku: str, kilograms: int, *, order: int | None = None) -> tuple[int, int]:
        """The supplier's goods come in: lot and receipt."""
        today = self.today()
        body: dict[str, Any] = {
            "lotNumber": f"L-{secrets.token_hex(4)}",
            "depositorPartyId": self.parties["supplier"],
            "sku": sku,
            "grade": GRADE,
            "unit": UNIT,
            "quantity": f"{kilograms}.000",
            "storedDate": today.isoformat(),
            "expiryDate": (today + datetime.timedelta(days=400)).isoformat(),
            "statement": {
                "goodsDescription": f"{sku}, apparently sound",
                "packages": "bales on pallets",
                "storagePlace": "hall 4, rows 11 to 13",
                "issuePlace": "Ningbo",
                "warehouseAddress": "88 Gangkou Road, Beilun, Ningbo",
                "charges": "0.35 CNY a tonne and day",
                "insurance": "all risks",
            },
        }
        if order is not None:
            body["orderId"] = order
        answer = self.command(
            "warehouse", "/v1/lots", body, f"takes in {kilograms:,} kg and issues a receipt"
        )
        result = answer.body["result"]
        return int(result["lotId"]), int(result["receiptIds"][0])

    def draw_on_goods(self, line: int, amount: int, days: int, receipts: list[int]) -> Answer:
        """A draw on receipts; the gateway's answer."""
        pieces = [{"kind": "receipt", "id": one} for one in receipts]
        body = {"amount": self.given(amount), "style": "bullet", "tenor": days, "pieces": pieces}
        return self.callers["supplier"].command(f"/v1/facilities/{line}/draws", body)

    def lent_on_goods(
        self, line: int, amount: int, days: int, receipts: list[int], *, lender: str
    ) -> int:
        """The same, with money moved and reckoned."""
        self.step(
            "supplier",
            f"draws {money(amount)} on {len(receipts)} receipt(s)",
            answer := self.draw_on_goods(line, amount, days, receipts),
        )
        self.lent(line, amount, lender=lender)
        return int(answer.body["operation"]["result"]["loanId"])

    def refused_on_goods(self, line: int, amount: int, days: int, receipts: list[int]) -> None:
        """A draw beyond what the goods are worth, which the ledger must refuse."""
        try:
            self.draw_on_goods(line, amount, days, receipts)
        except GatewayRefused as refused:
            self.report.say(f"a draw of {money(amount)} is refused: {refused}")
            return
        raise StoryFailed(f"a draw of {money(amount)} went through")

    def price(self, sku: str, price: str, *, haircut: int) -> None:
        """Goods are listed, unless they are, and priced."""
        if self.item(sku) is None:
            self.list_goods(sku)
        self.appraise(sku, price, haircut)

    def margin_check(self, loan: int) -> None:
        """Anybody may have a margin looked at; here the bank."""
        self.command(
            *("bank", f"/v1/loans/{loan}/margin-check", None),
            f"has the margin of loan {loan} checked",
        )

    def buy_back(self, line: int, *, lender: str, undertaker: str, most: int) -> None:
        """A party undertakes to buy the goods of a line's loans at 90 % of their value."""
        made = self.callers[lender].post(
            f"/v1/facilities/{line}/buy-backs",
            {
                "undertakerPartyId": self.parties[undertaker],
                "share": 900_000,
                "most": self.given(most),
                "lastDate": (self.today() + datetime.timedelta(days=360)).isoformat(),
            },
        )
        self.step(lender, "asks for an undertaking to buy back", made)
        path = f"/v1/agreements/{made.body['id']}"
        signed = self.callers[undertaker].post(f"{path}/signature")
        self.step(undertaker, f"undertakes up to {money(most)}", signed)
        self.command(lender, f"{path}/execution", None, "puts the undertaking on the ledger")

    def accept_debtor(self, line: int, *, lender: str, debtor: str) -> None:
        """The lender accepts debts of a party in place of goods."""
        self.command(
            *(lender, f"/v1/facilities/{line}/debtors"),
            {"debtorPartyId": self.parties[debtor]},
            f"accepts debts of the {debtor} in place of goods",
        )

    def hand_over(self, receipt: int) -> None:
        """The supplier asks for the goods of a free receipt and gets them."""
        path = f"/v1/receipts/{receipt}"
        self.command("supplier", f"{path}/releases", {}, f"asks for the goods of receipt {receipt}")
        self.command("warehouse", f"{path}/hand-over", {}, "hands them over; the receipt is burned")

    def quantity_of(self, receipt: int) -> int:
        """Thousandths of a unit in a receipt of the supplier's."""
        seen = self.callers["supplier"].get(f"/v1/receipts/{receipt}").body
        return round(float(seen["quantity"]) * 1_000)

    def newest_receipt(self) -> int:
        """The supplier's receipt with the highest number."""
        items = self.callers["supplier"].get("/v1/receipts").body["items"]
        return max(int(one["id"]) for one in items)

    def ordered(self, amount: int) -> int:
        """An order that the buyer has confirmed."""
        today = self.today()
        answer = self.command(
            "supplier",
            "/v1/orders",
            {
                "buyerPartyId": self.parties["buyer"],
                "number": f"PO-{secrets.token_hex(3)}",
                "amount": self.given(amount),
                "deliveryDate": (today + datetime.timedelta(days=40)).isoformat(),
                "expiryDate": (today + datetime.timedelta(days=120)).isoformat(),
                "description": "forty tonnes of steel coil",
            },
            f"asks the buyer to confirm an order over {money(amount)}",
        )
        order = int(answer.body["result"]["orderId"])
        self.command("buyer", f"/v1/orders/{order}/confirmation", None, "confirms the order")
        return order

    def delivered(self, loan: int, order: int, lot: int, receipt: int, amount: int) -> None:
        """The buyer signs for goods of an order; loan and lien pass to them."""
        made = self.callers["supplier"].post(
            f"/v1/orders/{order}/deliveries",
            {"lotId": lot, "amount": self.given(amount), "papers": "goods received note"},
        )
        self.step("supplier", f"says that {money(amount)} of the order were delivered", made)
        delivery = made.body["id"]
        signed = self.callers["buyer"].post(f"/v1/deliveries/{delivery}/signature")
        self.step("buyer", "signs for the goods", signed)
        self.command(
            *("supplier", f"/v1/loans/{loan}/goods"),
            {"deliveryId": delivery, "receiptId": receipt},
            "loan and lien pass from the order to the goods",
        )

    def goods_to_claim(self, loan: int, receivable: int, claim: int, receipt: int) -> None:
        """The supplier hands invoiced goods to the buyer; the lien passes to the claim."""
        self.command(
            "supplier",
            f"/v1/loans/{loan}/invoiced-goods",
            {"receivableId": receivable, "claimId": claim, "receiptId": receipt},
            "hands the goods to the buyer: the lien passes to the claim",
        )

    def minor(self, amount: dict[str, str]) -> int:
        """An amount that the gateway shows, in minor units."""
        return minor_units(amount["amount"], currency=amount["currency"])

    def cover_of(self, loan: int) -> dict[str, Any]:
        """The cover of a loan as the gateway shows it."""
        return dict(self.callers["supplier"].get(f"/v1/loans/{loan}").body["cover"])

    def hold(self, condition: bool, what: str) -> None:
        """A fact of the story.

        Raises:
            StoryFailed: it is none.
        """
        if not condition:
            raise StoryFailed(what)

    def item(self, sku: str) -> str | None:
        """What the ledger calls goods that were listed."""
        items = self.callers["operator"].get("/v1/price-items").body["items"]
        named = [one["item"] for one in items if (one["goods"] or {}).get("sku") == sku]
        return named[0] if named else None

    def goods(self, sku: str) -> dict[str, str]:
        """Goods as the gateway names them."""
        return {"sku": sku, "grade": GRADE, "unit": UNIT}
