"""The steps of what draws have to prove: documents, orders with deliveries, and trade."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from app.demo.lending_steps import LEGAL, LendingSteps
from app.demo.report import money
from app.demo.sales import UNIT

GRADE = "A"
ORDERED_STEEL = "forty tonnes of steel coil"


class ProofSteps(LendingSteps):
    """Steps of the borrower, the lender and the platform before a draw."""

    def tax_certificate(self, facility: int, *, lender: str) -> None:
        """A certificate of the taxes of the last three months, which the lender accepts."""
        name, legal_id = LEGAL[self.borrower]
        today = self.today()
        document = {
            "kind": "tax-certificate",
            "number": f"4330162{secrets.randbelow(10**11):011d}",
            "authority": "Hangzhou Tax Service, State Taxation Administration",
            "taxpayerName": name,
            "taxpayerId": legal_id,
            "periodFrom": (today - datetime.timedelta(days=92)).isoformat(),
            "periodTo": (today - datetime.timedelta(days=2)).isoformat(),
            "issuedDate": (today - datetime.timedelta(days=1)).isoformat(),
            "paid": self.amount(186_240_55),
            "arrears": self.amount(0),
        }
        fingerprint = self.submitted(facility, document, "a tax certificate")
        self.accepted(facility, fingerprint, lender=lender)

    def declared(self, facility: int, amount: int, *, lender: str) -> None:
        """A customs declaration of goods exported today, which the lender accepts."""
        name, legal_id = LEGAL[self.borrower]
        document = {
            "kind": "customs-declaration",
            "number": f"3101{secrets.randbelow(10**14):014d}",
            "exporterName": name,
            "exporterId": legal_id,
            "consigneeName": "Northwind Pumps Ltd.",
            "amount": self.amount(amount),
            "declaredDate": self.today().isoformat(),
        }
        words = f"a customs declaration over {money(amount)}"
        fingerprint = self.submitted(facility, document, words)
        self.accepted(facility, fingerprint, lender=lender)

    def bought(self, facility: int, amount: int) -> None:
        """The borrower orders goods from the supplier, gets them, and submits both documents."""
        order = self.confirmed_order(amount, ORDERED_STEEL, days=120)
        lot, _ = self.store("castings", amount // 100, order=order)
        proposed = self.callers["supplier"].post(
            f"/v1/orders/{order}/deliveries",
            {"lotId": lot, "amount": self.amount(amount), "evidence": "goods received note"},
        )
        self.step("supplier", f"says that goods for {money(amount)} were delivered", proposed)
        path = f"/v1/deliveries/{proposed.body['id']}"
        self.step("buyer", "signs for the goods", self.callers["buyer"].post(f"{path}/signature"))
        self.command("supplier", f"{path}/execution", None, "records the delivery on the ledger")
        self.submitted(facility, {"kind": "order", "orderId": order}, "the order")
        delivery = {"kind": "delivery", "orderId": order, "lotId": lot}
        self.submitted(facility, delivery, "the delivery")

    def traded(self, amount: int, returned: int, words: str) -> None:
        """The platform reports the borrower's trade of the last month, or corrects its report."""
        month = (self.today().replace(day=1) - datetime.timedelta(days=1)).isoformat()[:7]
        body = {
            "merchantPartyId": self.parties[self.borrower],
            "month": month,
            "amount": self.amount(amount),
            "returned": self.amount(returned),
        }
        sums = f"{money(amount)} sold, {money(returned)} of it returned"
        self.command("platform", "/v1/trade-reports", body, f"{words} {month}: {sums}")

    def submitted(self, facility: int, document: dict[str, Any], words: str) -> str:
        """Uploads a document and submits it to a facility; its fingerprint."""
        caller = self.callers[self.borrower]
        uploaded = caller.post("/v1/draw-documents", document)
        self.step(self.borrower, f"uploads {words}", uploaded)
        path = f"/v1/facilities/{facility}/documents"
        body = {"documentIds": [uploaded.body["id"]]}
        self.command(self.borrower, path, body, "submits it for the next draw")
        return str(uploaded.body["fingerprint"])

    def accepted(self, facility: int, fingerprint: str, *, lender: str) -> None:
        """The lender reads a document and accepts it."""
        path = f"/v1/facilities/{facility}/documents"
        items = self.callers[lender].get(path).body["items"]
        shown = next(item for item in items if item["fingerprint"] == fingerprint)
        self.hold(shown["content"] is not None, "the lender reads the document")
        path = f"{path}/{fingerprint}/acceptance"
        self.command(lender, path, None, f"reads the {shown['kind']} and accepts it")

    def shows_documents(self, loan: int, kinds: list[str], *, lender: str) -> None:
        """Checks that the lender sees the documents behind a loan."""
        items = self.callers[lender].get(f"/v1/loans/{loan}/documents").body["items"]
        shown = [item["kind"] for item in items]
        self.hold(shown == kinds, f"the documents behind loan {loan} are {shown}")
        self.report.say(f"behind loan {loan}: {', '.join(shown)}")

    def trade_limit(self, facility: int, limit: int) -> None:
        """Checks what may be owed by the trade."""
        trade = self.callers[self.borrower].get(f"/v1/facilities/{facility}").body["trade"]
        self.hold(trade["limit"] == self.amount(limit), f"the limit by trade is {trade['limit']}")
        self.report.say(f"by its trade, {money(limit)} may be owed")

    def store(self, sku: str, kilograms: int, *, order: int | None = None) -> tuple[int, int]:
        """Stores the supplier's goods; returns lot and warehouse receipt."""
        today = self.today()
        body: dict[str, object] = {
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
            "warehouse",
            "/v1/lots",
            body,
            f"takes in {kilograms:,} kg and issues a warehouse receipt",
        )
        result = answer.body["result"]
        return int(result["lotId"]), int(result["warehouseReceiptIds"][0])
