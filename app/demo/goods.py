"""Stories of goods: stored, lent on, called for, substituted, sold; and orders paid at the end.

As in the other stories, each party's money is computed separately and must agree to the cent.
"""

from __future__ import annotations

from collections.abc import Callable

from app.demo import expected_loans as expected
from app.demo.credit import credit_story
from app.demo.goods_steps import GoodsSteps
from app.demo.lending import PENALTY
from app.demo.lending import STORIES as LENDING
from app.demo.lending_steps import RESERVE
from app.demo.proof_steps import ORDERED_STEEL
from app.demo.report import money
from app.demo.restructuring import restructuring
from app.demo.sales import WINDOW_DAYS, Sold, every_other_day

RATE = 72_000
RUBBER, STEEL, DOCUMENT = "rubber TSR20", "steel coil 3 mm", "copying document A4"


class Goods(GoodsSteps):
    """The stories."""

    def warehouse_receipt_finance(self) -> None:
        """Stored goods are lent on; a hedge, a fall, a call, a substitution, a repayment."""
        self.issue(bank=1_000_000_00, supplier=50_000_00)
        self.price(RUBBER, "12.50", haircut=350_000)
        _, receipt = self.store(RUBBER, 40_000)
        facility = self.facility(
            "warehouse-receipt-finance", lender="bank", rate=RATE, limit=1_000_000_00
        )
        # 40,000 kg at 12.50 less 35 % are 325,000.00: a cent more is refused.
        self.refused_on_goods(facility, 325_000_01, 90, [receipt])
        loan = self.lent_on_goods(facility, 320_000_00, 90, [receipt], lender="bank")
        contract = self.hedge(loan, RUBBER, 40_000, "12.50")
        self.pass_days(9)
        self.appraise(RUBBER, "11.00", 350_000)
        # 286,000.00 alone call the margin of 320,576.00; half of what the hedge adds holds it back.
        collateral = self.collateral_of(loan)
        self.report.check(
            "warehouse-receipt-finance: hedged",
            shown=self.minor(collateral["hedged"]),
            expected=expected.hedged(40_000_000, 12_50, 11_00, haircut=350_000, share=500_000),
        )
        self.no_margin_call(loan)
        self.close_hedge(loan, contract)
        self.hold(self.collateral_of(loan)["calledDate"] is not None, "the margin is called")
        _, fresh = self.store(RUBBER, 20_000)
        self.command(
            "supplier",
            f"/v1/loans/{loan}/collateral",
            {
                "added": [{"kind": "warehouse-receipt", "id": fresh}],
                "removed": [{"kind": "warehouse-receipt", "id": receipt, "quantity": "12000.000"}],
            },
            "substitutes collateral: 20,000 kg of fresh goods in, 12,000 kg of the oldest out",
        )
        collateral = self.collateral_of(loan)
        self.hold(collateral["calledDate"] is None, "the call is cured")
        worth = expected.lendable([(48_000_000, 11_00)], haircut=350_000)
        self.report.check(
            "warehouse-receipt-finance: lendable",
            shown=self.minor(collateral["lendable"]),
            expected=worth,
        )
        self.hand_over(self.newest_receipt())
        self.pass_days(27)
        owed = 320_000_00 + expected.interest(320_000_00, rate=RATE, days=37)
        self.repay(loan, owed, max_amount=330_000_00)
        self.move("supplier", "bank", owed)
        self.ended(loan)

    def cloud_warehouse_finance(self) -> None:
        """Goods fall too far: one loan is bought back, one auctioned with a loss, then repaid."""
        self.issue(platform=1_000_000_00, buyer=500_000_00, bank=500_000_00)
        if self.item(DOCUMENT) is None:
            self.list_goods(DOCUMENT)
        self.pass_days(1)
        sold = every_other_day(self.yesterday(), days=WINDOW_DAYS, kilograms=600, price=20_00)
        opening = self.value(DOCUMENT, sold, stock=20_000)
        self.report.check(
            "cloud-warehouse-finance: value of a kilogram", shown=opening.price, expected=20_00
        )
        self.attest(tier=2, limit=500_000_00)
        bought_back = self.facility(
            "cloud-warehouse-finance", lender="platform", rate=RATE, limit=500_000_00
        )
        auctioned = self.facility(
            "cloud-warehouse-finance", lender="platform", rate=RATE, limit=500_000_00
        )
        self.buy_back(bought_back, lender="platform", undertaker="buyer", maximum=200_000_00)
        _, first = self.store(DOCUMENT, 10_000)
        _, second = self.store(DOCUMENT, 10_000)
        # All that 10,000 kg at the value less the haircut allow; a cent more is refused.
        first_amount = expected.lendable([(10_000_000, 20_00)], haircut=opening.haircut)
        self.refused_on_goods(bought_back, first_amount + 1, 60, [first])
        first_loan = self.lent_on_goods(bought_back, first_amount, 60, [first], lender="platform")
        second_amount = first_amount - 10_000_00
        second_loan = self.lent_on_goods(auctioned, second_amount, 60, [second], lender="platform")
        self.pass_days(10)
        # The trader clears its stock at 14.00, and buyers bring back what they paid 20.00 for.
        sold += every_other_day(self.yesterday(), days=10, kilograms=1_300, price=14_00)
        sold.append(Sold(self.yesterday(), "return", 2_400, 20_00))
        fallen = self.value(DOCUMENT, sold, stock=20_000)
        self.hold(fallen.grade > opening.grade, "the grade has fallen")
        worth = expected.lendable([(10_000_000, 14_00)], haircut=fallen.haircut)
        # Below 85 % of either debt.
        for loan in (first_loan, second_loan):
            self.report.check(
                f"cloud-warehouse-finance: lendable on loan {loan}",
                shown=self.minor(self.collateral_of(loan)["lendable"]),
                expected=worth,
            )
            self.command(
                *("platform", f"/v1/loans/{loan}/liquidation", None),
                f"liquidates loan {loan}: there are no cure days so far below",
            )
        # Others may pay more: the undertaking of 90 % is called once the auction asks no more.
        self.pass_days(2)
        self.command(
            *("platform", f"/v1/loans/{first_loan}/buy-back", None),
            f"calls the undertaking: the buyer buys the goods that pay loan {first_loan}",
        )
        owed = first_amount + expected.interest(first_amount, rate=RATE, days=10)
        owed += expected.penalty(first_amount, rate=RATE, multiple=PENALTY, days=2)
        grams, price = expected.sold_for(owed, unit=14_00, parts=900_000)
        self.move("buyer", "platform", owed)
        self.move("buyer", "supplier", price - owed)
        self.ended(first_loan)
        self.hold(self.quantity_of(first) == 10_000_000 - grams, "the rest of the goods is free")
        self.pass_days(2)
        floor = expected.share(10_000 * 14_00, parts=400_000)
        self.command(
            *("bank", f"/v1/loans/{second_loan}/bids", {"maxPrice": self.amount(60_000_00)}),
            f"buys the goods of loan {second_loan} at the floor of {money(floor)}",
        )
        self.move("bank", "platform", floor)
        # No loss is recorded in a loan's first 30 days.
        self.pass_days(17)
        self.command("platform", f"/v1/loans/{second_loan}/loss", None, "records the loss")
        paid_by_reserve = sum(
            expected.share(amount, parts=self.product("cloud-warehouse-finance")["reserveShare"])
            for amount in (first_amount, second_amount)
        )
        self.move(RESERVE, "platform", paid_by_reserve)
        # While it is in default it draws nowhere, so it pays the rest after all.
        late = expected.penalty(second_amount, rate=RATE, multiple=PENALTY, days=4)
        cost = expected.interest(second_amount, rate=RATE, days=10)
        left = second_amount - (floor - cost - late)
        all_days = second_amount * 4 + left * 17
        owed = left + expected.penalty(all_days, rate=RATE, multiple=PENALTY, days=1) - late
        self.repay(second_loan, owed, max_amount=100_000_00)
        self.move("supplier", "platform", owed - paid_by_reserve)
        self.move("supplier", RESERVE, paid_by_reserve)
        self.ended(second_loan)

    def inbound_order_finance(self) -> None:
        """A bank lends on goods received but not invoiced; the invoice's claim gets the lien."""
        self.issue(bank=500_000_00, buyer=400_000_00)
        self.price(STEEL, "12.50", haircut=350_000)
        order = self.confirmed_order(300_000_00, ORDERED_STEEL, days=120)
        _, receipt = self.store(STEEL, 24_000, order=order)
        facility = self.facility(
            "inbound-order-finance", lender="bank", rate=RATE, limit=500_000_00
        )
        self.accept_debtor(facility, lender="bank", debtor="buyer")
        loan = self.lent_on_goods(facility, 190_000_00, 90, [receipt], lender="bank")
        self.pass_days(12)
        receivable, claim = self.confirmed(300_000_00, days=45)
        self.goods_to_claim(loan, receivable, claim, receipt)
        self.pass_days(30)
        owed = 190_000_00 + expected.interest(190_000_00, rate=RATE, days=42)
        self.buyer_pays(receivable, claim, 300_000_00)
        self.move("buyer", "bank", owed)
        self.move("buyer", "supplier", 300_000_00 - owed)
        self.ended(loan)

    def order_through_goods(self) -> None:
        """An order's loan is converted to goods, then to claims, and is repaid."""
        self.issue(bank=500_000_00, buyer=600_000_00)
        self.price(STEEL, "12.50", haircut=350_000)
        order = self.confirmed_order(500_000_00, ORDERED_STEEL, days=120)
        facility = self.facility("order-finance", lender="bank", rate=90_000, limit=1_000_000_00)
        loan = self.draw(facility, 300_000_00, "bullet", 120, lender="bank", collateral=order)
        drawn_on = self.today()
        goods = []
        for kilograms, amount in ((24_000, 300_000_00), (16_000, 200_000_00)):
            self.pass_days(10)
            lot, receipt = self.store(STEEL, kilograms, order=order)
            self.delivered(loan, order, lot, receipt, amount)
            goods.append((receipt, amount))
        self.appraise(STEEL, "12.40", 350_000)
        paid = []
        for receipt, amount in goods:
            self.pass_days(5)
            receivable, claim = self.confirmed(amount, days=60)
            self.goods_to_claim(loan, receivable, claim, receipt)
            paid.append((receivable, claim, amount))
        self.pass_days(30)
        days = (self.today() - drawn_on).days
        owed = 300_000_00 + expected.interest(300_000_00, rate=90_000, days=days)
        for receivable, claim, amount in paid:
            self.buyer_pays(receivable, claim, amount)
        self.move("buyer", "bank", owed)
        self.move("buyer", "supplier", 500_000_00 - owed)
        self.ended(loan)


STORIES: dict[str, Callable[[Goods], None]] = {
    **LENDING,
    "warehouse-receipt-finance": Goods.warehouse_receipt_finance,
    "cloud-warehouse-finance": Goods.cloud_warehouse_finance,
    "inbound-order-finance": Goods.inbound_order_finance,
    "order-through-goods": Goods.order_through_goods,
    "restructuring": restructuring,
    "credit": credit_story,
}
