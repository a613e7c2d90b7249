"""A floating rate: the steps of appraisers and lender, and the story."""

from __future__ import annotations

import datetime
import time

from app.demo import expected_loans as expected
from app.demo.lending_steps import LendingSteps
from app.demo.report import money
from app.demo.story import StoryFailed

RESET_SECONDS = 60.0
LPR = "CNY-LPR-1Y"


class RateSteps(LendingSteps):
    """The steps of appraisers who post a reference rate, and of a loan that follows it."""

    def list_reference(self, code: str) -> None:
        """The operator lists a reference rate."""
        body = {"code": code, "maxStep": 5_000, "maxDays": 45}
        self.command("operator", "/v1/reference-rates", body, f"lists the reference rate {code}")

    def publish(self, code: str, rate: int, *, days: int) -> None:
        """The rate of the next days: one appraiser posts it, another confirms it."""
        newest = self._newest_rate(code)
        first = self.today() if newest is None else newest + datetime.timedelta(days=1)
        last = first + datetime.timedelta(days=days - 1)
        path = f"/v1/reference-rates/{code}"
        body = {"rate": rate, "lastDate": last.isoformat()}
        percent = f"{rate / 10_000:.2f} %"
        self.command("first-appraiser", f"{path}/rates", body, f"posts {code} at {percent}")
        self.command(
            *("second-appraiser", f"{path}/confirmations", body | {"fromDate": first.isoformat()}),
            f"confirms it, from {first} on",
        )

    def _newest_rate(self, code: str) -> datetime.date | None:
        """Last day of the newest rate of a reference."""
        items = self.callers["bank"].get("/v1/reference-rates").body["items"]
        newest = next(item for item in items if item["code"] == code)["newest"]
        return None if newest is None else datetime.date.fromisoformat(newest["lastDate"])

    def reset_day(self, loan: int) -> datetime.date:
        """The next day on which a loan's rate is set anew."""
        floating = self.callers["bank"].get(f"/v1/loans/{loan}").body["floating"]
        return datetime.date.fromisoformat(floating["nextResetDate"])

    def reset_rate(self, loan: int, rate: int) -> None:
        """The gateway sets the rate anew by itself; waits for it, and checks the rate."""
        deadline = time.monotonic() + RESET_SECONDS
        while True:
            body = self.callers["bank"].get(f"/v1/loans/{loan}").body
            if not body["floating"]["rateDue"]:
                break
            if time.monotonic() > deadline:
                raise StoryFailed(f"the gateway did not reset the rate of loan {loan}")
            time.sleep(0.2)
        self.hold(body["annualRate"] == rate, f"the loan runs at {rate / 10_000:.2f} % now")

    def floating_rate(self) -> None:
        """A loan at the loan prime rate plus points: one rate comes in time, one late."""
        self.issue(bank=1_000_000_00, supplier=400_000_00)
        first, second, third = 30_000, 28_000, 31_500
        points = 40_000
        self.list_reference(LPR)
        self.publish(LPR, first, days=20)
        order = self.confirmed_order(500_000_00)
        facility = self.facility(
            "floating-rate",
            lender="bank",
            rate=120_000,
            limit=1_000_000_00,
            further={"spread": points},
        )
        lent, repaid = 350_000_00, 100_000_00
        loan = self.draw(facility, lent, "bullet", 150, lender="bank", collateral=order)
        drawn_on = self.today()
        self.pass_days(20)
        self.publish(LPR, second, days=30)
        first_reset = self.reset_day(loan)
        self.pass_days((first_reset - self.today()).days)
        self.reset_rate(loan, second + points)
        second_reset = self.reset_day(loan)
        self.pass_days((second_reset - self.today()).days + 4)
        self.repay(loan, repaid)
        before = self.outstanding(loan)
        self.pass_days(5)
        self.publish(LPR, third, days=45)
        self.reset_rate(loan, third + points)
        self.pass_days(6)
        runs = expected.interest(lent, rate=first + points, days=(first_reset - drawn_on).days)
        runs += expected.interest(
            lent, rate=second + points, days=(second_reset - first_reset).days
        )
        paid_cost = runs + expected.interest(lent, rate=third + points, days=4)
        rest = lent - (repaid - paid_cost)
        self.hold(
            rest == self.outstanding(loan) and rest > before,
            f"the late rate counts from {second_reset}: of {money(repaid)} "
            f"{money(rest - before)} more were interest",
        )
        cost = runs + expected.interest_of([(lent, 4), (rest, 11)], rate=third + points)
        self.repay(loan, rest + cost - paid_cost)
        self.move("supplier", "bank", lent + cost)
        self.ended(loan)
