"""The story of credit: a thin file, a tier, a loan, a warning, and a downgrade that stops draws."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from app.demo import expected_credit as credit
from app.demo import expected_loans as expected
from app.demo.cast import NEWCOMER, join
from app.demo.client import GatewayRefused
from app.demo.firm import NAME, Firm, months_later
from app.demo.goods_steps import GoodsSteps
from app.demo.lending import PENALTY
from app.demo.pack_steps import recompute
from app.demo.rating import CASES, RatingDesk
from app.demo.report import money
from app.demo.story import DAY_SECONDS, StoryFailed
from app.lending.evaluations.packs import Pack

CODE, RATE, LENT, MONTHS = "tax-loan", 96_000, 50_000_00, 6
INVOICE, INVOICES, PURCHASE = 40_000_00, 3, 5_000_00
MONTHS_REPORTED = 6
FALLEN = (Fraction(1, 2), Fraction(65, 100))
DAYS_WARNED, DAYS_PAID_LATE = 10, 12
SEVERITY = 450_000

# Points that a reader of the card gives to what the story makes known.
YOUNG = {"registration-months": 5, "ownership": 25}
GOOD = {
    **{"days-paid-late": 140, "defaults": 120, "disputed-share": 80, "credit-note-share": 50},
    **{"largest-buyer-share": 0, "months-of-trade": 60, "yearly-sales": 40, "return-share": 30},
    **{"tax-standing": 40, "registration-months": 20, "ownership": 25},
}
POOR = GOOD | {"days-paid-late": 80, "disputed-share": 0, "limit-use": 20}


def credit_story(story: GoodsSteps) -> None:
    """From a thin file to a tier, a loan, a warning, and a downgrade that stops new draws."""
    CreditStory(story).tell()


class CreditStory:
    """The story of one firm.

    Attributes:
        desk: its rater.
        plan: interest and principal of each instalment.
    """

    def __init__(self, story: GoodsSteps) -> None:
        self.story = story
        start = months_later(story.today(), 1)
        self._move_to(start)
        identifier, caller = join(story.callers["registrar"], NEWCOMER)
        story.callers = {**story.callers, NAME: caller}
        story.parties = {**story.parties, NAME: identifier}
        story.cash[NAME] = 0
        story.borrower = NAME
        self.firm = Firm(identifier, start)
        self.desk = RatingDesk(story, NAME)
        self.plan = expected.equal_instalments(LENT, rate=RATE, months=MONTHS)
        self.facility = self.loan = 0

    def tell(self) -> None:
        """Tells the story.

        Raises:
            StoryFailed, GatewayRefused.
        """
        story = self.story
        story.issue(bank=100_000_00, buyer=INVOICES * INVOICE, **{NAME: PURCHASE})
        self._thin_file()
        self._half_a_year()
        limit = self._good_file()
        self._lend(limit)
        self._watch()
        self._downgrade(limit)
        self._repay()

    # -- a thin file

    def _thin_file(self) -> None:
        """Nobody knows more of the firm than the business register."""
        story, desk = self.story, self.desk
        case = desk.opened("a first limit", trading_since=None)
        self._identify(case, self.firm.register_items(story.today(), months=10), YOUNG)
        score = desk.quantified(case, "an extract of the register, and nothing else")
        self._hold_score(score, YOUNG, limit=0)
        story.hold(score["refused"], "a file this thin gets a limit")
        confirmed = desk.decided(case)
        story.hold(confirmed["attestation"] is None, "a refusal can be attested")
        view = story.callers[NAME].get(f"{CASES}/{case}").body
        story.hold(view["result"]["tier"] == credit.REFUSED.number, "the firm sees another tier")
        story.hold("person" not in view["steps"][0], "the firm sees the rater's persons")
        story.report.say(f"to reach tier 4: {view['result']['missing'][0]['document']} first")

    def _half_a_year(self) -> None:
        """The firm pays its own supplier, sells to one buyer, and the platform reports."""
        self._paid_invoice("pollux", NAME, PURCHASE)
        for month in range(MONTHS_REPORTED):
            if month < INVOICES:
                self._paid_invoice(NAME, "buyer", INVOICE)
            self._move_to(months_later(self.firm.start, month + 1))
            self._report(Fraction(1))

    def _paid_invoice(self, seller: str, debtor: str, amount: int) -> None:
        story = self.story
        receivable, claim = story.confirmed(amount, days=30, seller=seller, debtor=debtor)
        path = f"/v1/receivables/{receivable}/payments"
        story.command(debtor, path, {"amount": story.amount(amount)}, f"pays {money(amount)}")
        story.command(seller, f"/v1/claims/{claim}/collection", None, "collects it")
        story.move(debtor, seller, amount)

    # -- a tier

    def _good_file(self) -> int:
        """The same firm with a history: a tier that the bank computes again. Its limit."""
        story, desk = self.story, self.desk
        case = desk.opened("a limit for a tax loan", trading_since=self.firm.trading_since)
        items = self.firm.register_items(story.today(), months=16)
        items.append(self.firm.tax_item(story.today()))
        self._identify(case, items, GOOD)
        score = desk.quantified(case, "sales are steady, to one buyer only")
        limit = self.firm.limit(GOOD)
        self._hold_score(score, GOOD, limit=limit)
        self._hold_values(score, {"days-paid-late": "0", "defaults": "0", "disputed-share": "0%"})
        pack = desk.attested(case, desk.decided(case)["attestation"])
        recompute(story, desk, pack)
        self._hold_tier(pack, GOOD, limit)
        return limit

    def _hold_tier(self, pack: Pack, known: Mapping[str, int], limit: int) -> None:
        """The ledger has the tier and the limit of the pack."""
        story, tier = self.story, credit.judged(known).tier
        answer = story.callers["bank"].get(f"/v1/credit/{story.parties[NAME]}")
        shown = answer.body
        story.hold(shown["tier"] == tier.number, f"the ledger has tier {shown['tier']}")
        story.hold(shown["evidenceRoot"] == pack.evidence.root, "the ledger has another root")
        what = f"credit: limit of tier {tier.number}"
        story.report.check(what, shown=story.minor(shown["limit"]), expected=limit)
        story.step("bank", f"finds the pack's root on the ledger, with tier {tier.number}", answer)

    # -- a loan

    def _lend(self, limit: int) -> None:
        """A facility under a product that takes tiers 1 to 3, and a draw."""
        story = self.story
        needed = story.product(CODE)["minTier"]
        story.hold(needed == credit.judged(GOOD).tier.number, f"the product takes {needed}")
        self.facility = story.facility(CODE, lender="bank", rate=RATE, limit=limit)
        path = f"/v1/facilities/{self.facility}/attester"
        body = {"partyId": story.parties["platform"]}
        story.command("bank", path, body, "names the platform: its reports of sales count")
        story.tax_certificate(self.facility, lender="bank")
        self.loan = story.draw(self.facility, LENT, "equal-instalment", MONTHS, lender="bank")
        self._level("clear", {})

    # -- a warning

    def _watch(self) -> None:
        """Sales fall, and the second instalment does not come."""
        story = self.story
        story.to_next_due(self.loan)
        self._pay_instalment(0)
        self._report(FALLEN[0])
        self._level("watch", {"falling-sales": "watch"})
        story.to_next_due(self.loan)
        self._report(FALLEN[1])
        receivable, _ = story.confirmed(INVOICE, days=60, seller=NAME)
        story.command(
            *("buyer", f"/v1/receivables/{receivable}/dispute"),
            {"statement": "half of the bolts are cracked"},
            f"disputes an invoice of {money(INVOICE)}",
        )
        story.pass_days(DAYS_WARNED)
        late = self._level("warning", {"late-loan": "warning", "falling-sales": "watch"})
        reason = f"Loan {self.loan} is overdue for {DAYS_WARNED} days."
        story.hold(late["signals"][0]["reason"] == reason, f"it says {late['signals'][0]}")
        self._stress()
        story.command("bank", self._suspension, None, "suspends draws until the review is done")
        self._refused("FacilitySuspended", "a draw meanwhile")

    def _stress(self) -> None:
        """What the bank loses if the firm defaults, before any reserve."""
        story = self.story
        answer = story.callers["bank"].get(
            "/v1/portfolio/stress-test", partyId=story.parties[NAME], lossSeverity=SEVERITY
        )
        (book,) = [each for each in answer.body["currencies"] if each["currency"] == story.currency]
        (effect,) = [each for each in book["effects"] if each["shock"] == "defaults"]
        owed = self._outstanding(1)
        for name, sum_of_loan in (
            ("exposure", owed),
            ("loss", expected.share(owed, parts=SEVERITY)),
        ):
            shown = story.minor(effect[name])
            story.report.check(
                f"credit: {name} of the stress test", shown=shown, expected=sum_of_loan
            )
        story.step("bank", "tests what a default of the firm would cost", answer)

    # -- a downgrade

    def _downgrade(self, facility_limit: int) -> None:
        """A new case gives a worse tier, which stops draws; the loan runs on."""
        story, desk = self.story, self.desk
        story.pass_days(DAYS_PAID_LATE - DAYS_WARNED)
        case = desk.opened("review after a warning", trading_since=self.firm.trading_since)
        items = self.firm.register_items(story.today(), months=18)
        items.append(self.firm.tax_item(story.today()))
        self._identify(case, items, POOR)
        score = desk.quantified(case, "it pays late, sales fall, a buyer disputes")
        limit = self.firm.limit(POOR)
        self._hold_score(score, POOR, limit=limit)
        cost, part = self.plan[0]
        late = [(PURCHASE, 0), (cost + part, 0), (self._outstanding(1), DAYS_PAID_LATE)]
        self._hold_values(
            score,
            {
                "days-paid-late": str(credit.days_late(late)),
                "disputed-share": credit.part_of(1, 4),
                "limit-use": credit.part_of(self._outstanding(1), facility_limit),
            },
        )
        pack = desk.attested(case, desk.decided(case)["attestation"])
        self._hold_tier(pack, POOR, limit)
        levels = {"late-loan": "warning", "tier-fall": "warning", "falling-sales": "watch"}
        alarm = self._level("alarm", levels)
        story.hold(alarm["raised"] is not None, "nothing says why two warnings are an alarm")
        story.report.say(f"why: {alarm['raised']}")
        lifted = story.callers["bank"].delete(self._suspension)
        story.step("bank", "lifts its suspension: the tier decides now", lifted)
        refused = self._refused("TierTooLow", "a draw with the new tier")
        story.hold("has tier 4; the product needs tier 3" in refused, refused)

    # -- to the end

    def _repay(self) -> None:
        """The running loan is repaid as agreed: the late instalment with its penalty."""
        story = self.story
        self._pay_instalment(1, days=DAYS_PAID_LATE)
        self._level("warning", {"tier-fall": "warning", "falling-sales": "watch"})
        for place in range(2, MONTHS):
            story.to_next_due(self.loan)
            self._pay_instalment(place)
        story.ended(self.loan)
        story.hold(self._standing() is None, "the bank still watches a firm that owes it nothing")

    def _pay_instalment(self, place: int, *, days: int = 0) -> None:
        story, (cost, part) = self.story, self.plan[place]
        owed = cost + part + expected.penalty(part, rate=RATE, multiple=PENALTY, days=days)
        story.repay(self.loan, owed)
        story.move(NAME, "bank", owed)

    def _outstanding(self, paid: int) -> int:
        """Principal after so many instalments."""
        return LENT - sum(part for _, part in self.plan[:paid])

    # -- cases

    def _identify(
        self, case: str, items: list[dict[str, object]], points: Mapping[str, int]
    ) -> None:
        """The evidence shows what it should, and the answer names what is missing."""
        story, judged = self.story, credit.judged(points)
        table = self.firm.sales_table() if "yearly-sales" in points else None
        result = self.desk.identified(case, items, sales=table)
        story.hold(sorted(result["known"]) == sorted(points), f"known: {result['known']}")
        documents = tuple(each["document"] for each in result["missing"])
        story.hold(documents == judged.helpful, f"{documents} would help, not {judged.helpful}")
        story.report.say(
            f"confidence {result['confidence'] / 10_000:g} %; most would help: {documents[0]}"
        )

    def _hold_score(
        self, score: Mapping[str, Any], points: Mapping[str, int], *, limit: int
    ) -> None:
        story, judged = self.story, credit.judged(points)
        shown = (score["points"], score["confidence"], score["tier"])
        due = (judged.points, judged.confidence, judged.tier.number)
        story.hold(shown == due, f"points, confidence and tier are {shown}, not {due}")
        for name, feature in credit.FEATURES.items():
            shown_points = score["features"][name]["points"]
            due_points = points.get(name, feature.unknown)
            words = f"{name} has {shown_points} points, not {due_points}"
            story.hold(shown_points == due_points, words)
        what = f"credit: limit of {judged.points} points"
        story.report.check(what, shown=story.minor(score["limit"]), expected=limit)
        sum_of_limit = "refused" if not limit else f"limit {money(limit)}"
        story.report.say(f"{judged.points} points, tier {judged.tier.number}: {sum_of_limit}")

    def _hold_values(self, score: Mapping[str, Any], values: Mapping[str, str]) -> None:
        """The ledger's own figures are those that the story computes."""
        shown = {name: score["features"][name]["value"] for name in values}
        self.story.hold(shown == values, f"the ledger shows {shown}, not {values}")
        words = ", ".join(f"{name} {value}" for name, value in values.items())
        self.story.report.say(f"from the ledger: {words}")

    # -- watch and refusals

    def _report(self, share: Fraction) -> None:
        """The platform reports the month that is over: a share of what is usual."""
        self.story.traded(*self.firm.trades(share), f"reports what {NAME} sold in")

    def _standing(self) -> dict[str, Any] | None:
        """How the firm stands in the bank's watch; None: the bank has no loan to it."""
        story = self.story
        items = story.callers["bank"].get("/v1/watch/borrowers").body["items"]
        own = [each for each in items if each["party"]["partyId"] == story.parties[NAME]]
        return dict(own[0]) if own else None

    def _level(self, level: str, signals: Mapping[str, str]) -> dict[str, Any]:
        """The firm's level in the bank's watch is this one, for these reasons."""
        story, standing = self.story, self._standing()
        if standing is None:
            raise StoryFailed("the bank does not watch its borrower")
        shown = {each["kind"]: each["level"] for each in standing["signals"]}
        reasons = " ".join(each["reason"] for each in standing["signals"])
        words = f"the level is {standing['level']}, not {level}: {shown} {reasons}"
        story.hold((standing["level"], shown) == (level, signals), words)
        for each in standing["signals"]:
            story.report.say(f"{level}: {each['reason']}")
            if each["kind"] == "falling-sales":
                self._hold_fall(each)
        story.report.say(f"{level}: {standing['nextStep']}")
        return standing

    def _hold_fall(self, signal: Mapping[str, Any]) -> None:
        fall = self.firm.fall()
        (value,) = signal["values"]
        self.story.hold(value["number"] == fall, f"sales fell by {value['number']}, not {fall}")

    @property
    def _suspension(self) -> str:
        return f"/v1/facilities/{self.facility}/suspension"

    def _refused(self, error: str, words: str) -> str:
        """A draw that the ledger refuses for this reason; what it says."""
        story = self.story
        body = {"amount": story.amount(1_000_00), "style": "equal-instalment", "tenor": MONTHS}
        try:
            story.callers[NAME].command(f"/v1/facilities/{self.facility}/draws", body)
        except GatewayRefused as refused:
            name = (refused.problem.get("contractError") or {}).get("name")
            story.hold(name == error, f"another refusal: {refused}")
            story.report.say(f"{words} is refused: {refused}")
            return str(refused)
        raise StoryFailed(f"the ledger accepted {words}")

    def _move_to(self, day: datetime.date) -> None:
        """Moves the chain to noon of a day."""
        story = self.story
        noon = (day - datetime.date(1970, 1, 1)).days * DAY_SECONDS + DAY_SECONDS // 2
        story.clock.move_to(noon - story.zone_seconds)
        story.settle()
        story.report.say(f"it is {day.isoformat()}")
