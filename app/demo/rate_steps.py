"""The steps of stories with a floating rate."""

from __future__ import annotations

import datetime
import time

from app.demo.lending_steps import LendingSteps
from app.demo.story import StoryFailed

RESET_SECONDS = 60.0


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
            *("second-appraiser", f"{path}/confirmations", {"rate": rate}),
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
