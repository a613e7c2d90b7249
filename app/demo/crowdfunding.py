"""Crowdfunding: the steps of campaigns, and their story."""

from __future__ import annotations

import datetime
from collections import Counter

from app.demo.lending_steps import CAMPAIGNS, LendingSteps
from app.demo.report import money

TECHNOLOGY = "technology"


class Crowdfunding(LendingSteps):
    """Campaigns of the supplier's, with their contributors."""

    def campaign(self, *, goal: int, category: str) -> int:
        """Opens a campaign of the supplier's, with the bank as reviewer."""
        today = self.today()
        ends = datetime.datetime.combine(
            today + datetime.timedelta(days=30), datetime.time(), tzinfo=datetime.UTC
        )
        answer = self.command(
            "supplier",
            "/v1/campaigns",
            {
                "goal": self.amount(goal),
                "endsAt": ends.isoformat(),
                "reviewerPartyId": self.parties["bank"],
                "category": category,
                "description": "a lighter casting for electric motors",
                "tiers": [
                    {
                        "price": self.amount(100_07),
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
            f"opens a campaign in {category} with the goal of {money(goal)}",
        )
        return int(answer.body["result"]["campaignId"])

    def contribute(self, campaign: int, name: str, places: int) -> None:
        """Contributes for places at 100.07 each."""
        self.command(
            *(name, f"/v1/campaigns/{campaign}/contributions", {"tier": 0, "places": places}),
            f"contributes {money(places * 100_07)}",
        )
        self.move(name, CAMPAIGNS, places * 100_07)

    def outcomes(self, category: str) -> Counter[str]:
        """The number of campaigns of a category by status, counted from the list of campaigns."""
        statuses: Counter[str] = Counter()
        cursor: dict[str, int] = {}
        while True:
            page = self.callers["bank"].get("/v1/campaigns", category=category, **cursor).body
            statuses.update(item["status"] for item in page["items"])
            if page["nextCursor"] is None:
                return statuses
            cursor = {"cursor": page["nextCursor"]}

    def success_rate(self, category: str) -> int:
        """The success rate of a category as the gateway says it, in parts per million."""
        items = self.callers["bank"].get("/v1/campaign-categories").body["items"]
        return int(next(item for item in items if item["category"] == category)["successRate"])

    def crowdfunding(self) -> None:
        """One campaign meets its goal and is released by milestones; another is refunded."""
        self.issue(castor=100_000_00, pollux=100_000_00, buyer=100_000_00)
        before = self.outcomes(TECHNOLOGY)
        good = self.campaign(goal=50_000_00, category=TECHNOLOGY)
        self.contribute(good, "castor", 150)
        self.contribute(good, "buyer", 400)
        poor = self.campaign(goal=50_000_00, category=TECHNOLOGY)
        self.contribute(poor, "pollux", 33)
        self.pass_days(31)
        contributed, released = 550 * 100_07, 0
        steps = ((400_000, "the mould"), (1_000_000, "the series"))
        for place, (parts, words) in enumerate(steps):
            reviewed = {"milestone": place, "statement": f"{words} is accepted"}
            self.command(
                *("bank", f"/v1/campaigns/{good}/releases", reviewed),
                f"releases the milestone: {words}",
            )
            part = contributed * parts // 1_000_000 - released
            self.move(CAMPAIGNS, "supplier", part)
            released += part
        self.command(
            *("castor", f"/v1/campaigns/{poor}/refunds", {"partyId": self.parties["pollux"]}),
            "sends the contribution of pollux back; nobody has to allow it",
        )
        self.move(CAMPAIGNS, "pollux", 33 * 100_07)
        after = self.outcomes(TECHNOLOGY)
        self.hold(after - before == {"completed": 1, "missed": 1}, f"outcomes are {after}")
        succeeded, over = after["met"] + after["completed"], after.total() - after["funding"]
        rate = self.success_rate(TECHNOLOGY)
        self.hold(rate == succeeded * 1_000_000 // over, f"the success rate is {rate}")
        self.report.say(
            f"{TECHNOLOGY}: {succeeded} of {over} campaigns that are over succeeded, "
            f"{rate / 10_000:g} %"
        )
