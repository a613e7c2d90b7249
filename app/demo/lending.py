"""Stories of lending: one for each product of the catalogue that lends.

Every step is a request to the gateway. Each party's money is also computed separately, and at the
end the ledger must agree to the cent.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from fractions import Fraction
from typing import Self

from app.demo import expected_loans as expected
from app.demo.crowdfunding import Crowdfunding
from app.demo.law_steps import LawSteps
from app.demo.lending_steps import CAMPAIGNS, RESERVE
from app.demo.proof_steps import ProofSteps
from app.demo.rate_steps import RateSteps
from app.demo.report import money

PENALTY = Fraction(3, 2)
HELD = {RESERVE: "RiskReserve", CAMPAIGNS: "Campaigns"}


class Lending(LawSteps, ProofSteps, RateSteps, Crowdfunding):
    """The stories."""

    def tell(self, name: str, story: Callable[[Self], None]) -> None:
        """Runs one story.

        Raises:
            StoryFailed, GatewayRefused.
        """
        self.borrower = "supplier"
        self.currency = "USD" if name == "cross-border" else "CNY"
        self.report.chapter(f"{name}: {(story.__doc__ or '').strip().splitlines()[0]}")
        self.cash = {party: self.cash_of(party) for party in self.parties}
        for words, contract in HELD.items():
            self.cash[words] = self.held_by(contract, self.currency)
        facilities_before = self.held_by("Facilities", self.currency)
        story(self)
        for party in self.parties:
            self.report.check(
                f"{name}: {party}", shown=self.cash_of(party), expected=self.cash[party]
            )
        for words, contract in HELD.items():
            held = self.held_by(contract, self.currency)
            self.report.check(f"{name}: {words}", shown=held, expected=self.cash[words])
        left = self.held_by("Facilities", self.currency)
        self.report.check(f"{name}: left in Facilities", shown=left, expected=facilities_before)

    # -- the stories

    def receivables_finance(self) -> None:
        """A bank lends on a confirmed claim; the buyer's payment repays it by itself."""
        self.issue(bank=2_000_000_00, buyer=2_000_000_00)
        receivable, claim = self.confirmed(1_234_567_89, days=60)
        facility = self.facility(
            "receivables-finance", lender="bank", rate=72_000, limit=5_000_000_00
        )
        lent = 987_654_31
        loan = self.draw(facility, lent, "bullet", 60, lender="bank", collateral=claim)
        self.notified(claim, by="bank")
        filing = self.filed(loan, claim, lent)
        self.too_long(facility)
        self.pass_days(45)
        self.command(
            *(
                "buyer",
                f"/v1/receivables/{receivable}/payments",
                {"amount": self.amount(1_234_567_89)},
            ),
            f"pays the invoice of {money(1_234_567_89)}",
        )
        self.command(
            "supplier", f"/v1/claims/{claim}/collection", None, "collects through the loan"
        )
        owed = lent + expected.interest(lent, rate=72_000, days=45)
        self.move("buyer", "bank", owed)
        self.move("buyer", "supplier", 1_234_567_89 - owed)
        self.ended(loan)
        self.discharged(filing)

    def loan_sale(self) -> None:
        """A bank sells a loan, buys it back by its right, and sells it for good."""
        self.issue(bank=1_000_000_00, buyer=1_000_000_00, **{"second-bank": 2_000_000_00})
        receivable, claim = self.confirmed(1_000_000_00, days=60)
        facility = self.facility(
            "receivables-finance", lender="bank", rate=72_000, limit=1_000_000_00
        )
        loan = self.draw(facility, 700_000_00, "bullet", 60, lender="bank", collateral=claim)
        self.pass_days(20)
        right = {
            "sellerMay": True,
            "price": 995_000,
            "lastDate": (self.today() + datetime.timedelta(days=20)).isoformat(),
        }
        self.sold(loan, 702_000_00, buy_back=right)
        self.acknowledged(loan)
        self.pass_days(10)
        owed = 700_000_00 + expected.interest(700_000_00, rate=72_000, days=30)
        price = expected.share(owed, parts=995_000)
        self.command(
            "bank", f"/v1/loans/{loan}/sale-buy-back", None, f"buys it back for {money(price)}"
        )
        self.move("bank", "second-bank", price)
        self.sold(loan, 704_000_00)
        self.pass_days(15)
        self.command(
            *("buyer", f"/v1/receivables/{receivable}/payments"),
            {"amount": self.amount(1_000_000_00)},
            f"pays the invoice of {money(1_000_000_00)}",
        )
        self.command(
            "supplier", f"/v1/claims/{claim}/collection", None, "collects through the loan"
        )
        owed = 700_000_00 + expected.interest(700_000_00, rate=72_000, days=45)
        self.move("buyer", "second-bank", owed)
        self.move("buyer", "supplier", 1_000_000_00 - owed)
        self.ended(loan)

    def order_finance(self) -> None:
        """A bank lends on an order; the invoice's claim replaces it in one transaction."""
        self.issue(bank=1_000_000_00, buyer=1_000_000_00)
        order = self.confirmed_order(500_000_00)
        facility = self.facility("order-finance", lender="bank", rate=90_000, limit=1_000_000_00)
        loan = self.draw(facility, 350_000_00, "bullet", 90, lender="bank", collateral=order)
        self.pass_days(30)
        receivable = self.requested(500_000_00, days=60)
        answer = self.command(
            "buyer",
            f"/v1/loans/{loan}/conversion",
            {"receivableId": receivable},
            "confirms the invoice: loan and lien are converted to its claim",
        )
        claim = int(answer.body["result"]["claimIds"][0])
        self.pass_days(30)
        self.command(
            *(
                "buyer",
                f"/v1/receivables/{receivable}/payments",
                {"amount": self.amount(500_000_00)},
            ),
            "pays the invoice",
        )
        self.command(
            "supplier", f"/v1/claims/{claim}/collection", None, "collects through the loan"
        )
        owed = 350_000_00 + expected.interest(350_000_00, rate=90_000, days=60)
        self.move("buyer", "bank", owed)
        self.move("buyer", "supplier", 500_000_00 - owed)
        self.ended(loan)

    def entrusted_loan(self) -> None:
        """A third party's money through a bank that administers it for a tenth of the interest."""
        self.issue(buyer=1_000_000_00, supplier=100_000_00)
        facility = self.facility(
            *("entrusted-loan",),
            lender="bank",
            rate=66_000,
            limit=1_000_000_00,
            entruster="buyer",
            fee=100_000,
        )
        loan = self.draw(facility, 1_000_000_00, "equal-principal", 3, lender="buyer")
        for cost, part in expected.equal_principal(1_000_000_00, rate=66_000, months=3):
            self.to_next_due(loan)
            self.repay(loan, cost + part)
            fee = cost * 100_000 // 1_000_000
            self.move("supplier", "bank", fee)
            self.move("supplier", "buyer", cost + part - fee)
        self.ended(loan)

    def quarterly_loan(self) -> None:
        """Interest each quarter on the 20th, and quarterly instalments that a prepayment lowers.

        Both with service fees: of the draw, and with each instalment.
        """
        self.issue(bank=1_000_000_00, supplier=600_000_00)
        self.attest(tier=2, limit=900_000_00)
        flat, of_draw, of_period = 100_00, 5_000, 1_000
        facility = self.facility(
            "quarterly-loan",
            lender="bank",
            rate=60_000,
            limit=900_000_00,
            further={
                "flatFee": self.amount(flat),
                "drawFee": of_draw,
                "periodicFee": of_period,
            },
        )
        loan = self.draw(
            *(facility, 500_000_00, "interest-only", 12),
            lender="bank",
            choices={"dueDayOfMonth": 20},
        )
        lowered = self.draw(
            *(facility, 400_000_00, "equal-instalment", 12),
            lender="bank",
            choices={"afterPrepayment": "lower-instalment"},
        )
        drawn_on = self.today()
        [(cost, part), *_] = expected.equal_instalments(400_000_00, rate=3 * 60_000, months=4)
        rest = 400_000_00 - part - 100_000_00
        plan = [(cost, part + 100_000_00)]
        plan += expected.equal_instalments(rest, rate=3 * 60_000, months=3)
        running = {loan: 500_000_00, lowered: 400_000_00}
        for place, (cost, part) in enumerate(plan):
            due = {number: self.next_due(number) for number in (loan, lowered)}
            for number in sorted(due, key=lambda each: due[each]):
                self.to_next_due(number)
                if number == loan:
                    days = 90 if place else (self.today() - drawn_on).days
                    owed = expected.interest(500_000_00, rate=60_000, days=days)
                    owed += 500_000_00 if place == len(plan) - 1 else 0
                else:
                    owed = cost + part
                owed += expected.share(running[number], parts=of_period)
                if not place:
                    owed += flat + expected.share(running[number], parts=of_draw)
                running[number] -= part if number == lowered else 0
                self.repay(number, owed)
                self.move("supplier", "bank", owed)
        self.ended(loan)
        self.ended(lowered)

    def receivables_line(self) -> None:
        """A revolving facility from the platform for a good tier: draw, repay, draw again."""
        self.issue(platform=1_000_000_00, supplier=50_000_00)
        self.attest(tier=2, limit=500_000_00)
        facility = self.facility(
            "receivables-line", lender="platform", rate=84_000, limit=500_000_00
        )
        first = self.draw(facility, 200_000_00, "bullet", 90, lender="platform")
        self.over_the_shared_limit(300_000_01)
        self.suspended(facility, 1_000_00)
        self.pass_days(10)
        cost = expected.interest(200_000_00, rate=84_000, days=10)
        self.repay(first, 50_000_00)
        self.move("supplier", "platform", 50_000_00)
        # Less is owed than before, so the reserve takes no second share.
        second = self.draw(facility, 30_000_00, "bullet", 30, lender="platform", above_peak=0)
        left = 200_000_00 - (50_000_00 - cost)
        self.pass_days(20)
        for loan, owed in (
            (
                first,
                left + expected.interest_of([(200_000_00, 10), (left, 20)], rate=84_000) - cost,
            ),
            (second, 30_000_00 + expected.interest(30_000_00, rate=84_000, days=20)),
        ):
            self.repay(loan, owed, max_amount=owed + 5_000_00)
            self.move("supplier", "platform", owed)
            self.ended(loan)

    def merchant_credit(self) -> None:
        """The limit follows the trade; of six instalments the first is late, with penalty."""
        self.issue(platform=1_000_000_00, supplier=100_000_00)
        self.attest(tier=4, limit=700_000_00)
        facility = self.facility(
            "merchant-credit", lender="platform", rate=84_000, limit=700_000_00
        )
        self.traded(1_300_000_00, 20_000_00, "reports the supplier's trade of")
        self.trade_limit(facility, 640_000_00)
        self.traded(1_260_000_00, 20_000_00, "corrects its report of")
        self.trade_limit(facility, 620_000_00)
        self.refused_draw(facility, 620_000_01)
        loan = self.draw(facility, 600_000_00, "equal-instalment", 6, lender="platform")
        for place, (cost, part) in enumerate(
            expected.equal_instalments(600_000_00, rate=84_000, months=6)
        ):
            self.to_next_due(loan)
            owed = cost + part
            if place == 0:
                self.pass_days(10)
                owed += expected.penalty(part, rate=84_000, multiple=PENALTY, days=10)
            self.repay(loan, owed)
            self.move("supplier", "platform", owed)
        self.ended(loan)

    def purchase_credit(self) -> None:
        """Goods ordered and delivered are paid later: one purchase in three instalments."""
        self.on_bills("purchase-credit")

    def purchase_credit_weekly(self) -> None:
        """The same with a bill each week."""
        self.on_bills("purchase-credit-weekly")

    def on_bills(self, code: str) -> None:
        """Two purchases on a bill."""
        self.borrower = "buyer"
        self.issue(platform=100_000_00, buyer=50_000_00)
        self.attest(tier=3, limit=100_000_00)
        facility = self.facility(code, lender="platform", rate=150_000, limit=100_000_00)
        self.bought(facility, 12_000_00)
        paid = self.draw(facility, 12_000_00, "billing-cycle", 0, lender="platform")
        self.shows_documents(paid, ["order", "delivery"], lender="platform")
        self.bought(facility, 9_000_00)
        later = self.draw(facility, 9_000_00, "billing-cycle", 0, lender="platform")
        self.command(
            *("buyer", f"/v1/loans/{later}/instalments", {"months": 3}),
            "turns one purchase into three instalments",
        )
        self.to_next_due(paid)
        self.repay(paid, 12_000_00)
        self.move("buyer", "platform", 12_000_00)
        self.ended(paid)
        for cost, part in expected.equal_instalments(9_000_00, rate=150_000, months=3):
            self.to_next_due(later)
            self.repay(later, cost + part)
            self.move("buyer", "platform", cost + part)
        self.ended(later)

    def tax_loan(self) -> None:
        """A loan without collateral fails: default, loss, reserve; then it is recovered."""
        self.issue(bank=500_000_00, supplier=50_000_00)
        self.attest(tier=1, limit=400_000_00)
        facility = self.facility("tax-loan", lender="bank", rate=96_000, limit=400_000_00)
        self.refused_draw(facility, 300_000_00)
        self.tax_certificate(facility, lender="bank")
        loan = self.draw(facility, 300_000_00, "bullet", 90, lender="bank")
        self.shows_documents(loan, ["tax-certificate"], lender="bank")
        self.pass_days(100)
        self.command("bank", f"/v1/loans/{loan}/overdue", None, "marks the loan overdue")
        self.command("bank", f"/v1/loans/{loan}/default", None, "declares the default")
        self.command("bank", f"/v1/loans/{loan}/loss", None, "records the loss")
        paid_by_reserve = self.reserve_of("tax-loan")
        self.move(RESERVE, "bank", paid_by_reserve)
        self.pass_days(50)
        owed = 300_000_00 + expected.interest(300_000_00, rate=96_000, days=90)
        owed += expected.penalty(300_000_00, rate=96_000, multiple=PENALTY, days=60)
        self.repay(loan, owed, max_amount=400_000_00)
        self.move("supplier", "bank", owed - paid_by_reserve)
        self.move("supplier", RESERVE, paid_by_reserve)
        self.ended(loan)

    def participation(self) -> None:
        """A bank sells two fifths of a loan, and shares each payment of its borrower."""
        self.issue(bank=1_000_000_00, buyer=1_000_000_00, **{"second-bank": 500_000_00})
        receivable, claim = self.confirmed(1_000_000_00, days=60)
        facility = self.facility(
            "receivables-finance", lender="bank", rate=72_000, limit=1_000_000_00
        )
        loan = self.draw(facility, 700_000_00, "bullet", 60, lender="bank", collateral=claim)
        self.shared(loan, 400_000, 281_000_00)
        self.pass_days(20)
        first = 100_000_01
        self.repay(loan, first)
        to_participant = first * 400_000 // 1_000_000
        self.move("supplier", "second-bank", to_participant)
        self.move("supplier", "bank", first - to_participant)
        self.share_shown(loan, to_participant)
        self.pass_days(40)
        self.command(
            *("buyer", f"/v1/receivables/{receivable}/payments"),
            {"amount": self.amount(1_000_000_00)},
            f"pays the invoice of {money(1_000_000_00)}",
        )
        path = f"/v1/claims/{claim}/collection"
        self.command("supplier", path, None, "collects through the loan")
        interest = expected.interest(700_000_00, rate=72_000, days=20)
        left = 700_000_00 + interest - first
        owed = left + expected.interest(left, rate=72_000, days=40)
        share = (first + owed) * 400_000 // 1_000_000 - to_participant
        self.move("buyer", "second-bank", share)
        self.move("buyer", "bank", owed - share)
        self.move("buyer", "supplier", 1_000_000_00 - owed)
        self.share_shown(loan, to_participant + share)
        self.ended(loan)

    def cross_border(self) -> None:
        """Dollars for a foreign trade under a limit in yuan, by the day, repaid early."""
        self.issue(bank=200_000_00, supplier=5_000_00)
        price = "7.1234"
        self.rate(price)
        facility = self.facility(
            "cross-border", lender="bank", rate=60_000, limit=1_200_000_00, limit_currency="CNY"
        )
        lent = expected.max_drawn(1_200_000_00, price=price)
        self.declared(facility, 110_000_00, lender="bank")
        self.trade_limit(facility, 88_000_00)
        self.refused_draw(facility, 88_000_01)
        self.declared(facility, 110_000_00, lender="bank")
        self.trade_limit(facility, 176_000_00)
        self.refused_draw(facility, lent + 1)
        loan = self.draw(facility, lent, "bullet", 90, lender="bank")
        self.shows_documents(loan, ["customs-declaration"], lender="bank")
        self.pass_days(37)
        owed = lent + expected.interest(lent, rate=60_000, days=37)
        self.repay(loan, owed, max_amount=180_000_00)
        self.move("supplier", "bank", owed)
        self.ended(loan)


STORIES: dict[str, Callable[[Lending], None]] = {
    "receivables-finance": Lending.receivables_finance,
    "loan-sale": Lending.loan_sale,
    "participation": Lending.participation,
    "order-finance": Lending.order_finance,
    "floating-rate": Lending.floating_rate,
    "entrusted-loan": Lending.entrusted_loan,
    "quarterly-loan": Lending.quarterly_loan,
    "receivables-line": Lending.receivables_line,
    "merchant-credit": Lending.merchant_credit,
    "purchase-credit": Lending.purchase_credit,
    "purchase-credit-weekly": Lending.purchase_credit_weekly,
    "tax-loan": Lending.tax_loan,
    "cross-border": Lending.cross_border,
    "crowdfunding": Lending.crowdfunding,
}
