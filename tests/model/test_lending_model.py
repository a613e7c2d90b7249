"""Loans on the chain against the Python model of a loan, under any order of what may happen."""

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import OPERATOR_PLACES
from app.demo.client import GatewayRefused
from app.domain.calendar import add_months, date_of, day_at, day_of
from app.domain.catalogue import AFTER_PREPAYMENT
from app.domain.loan import AfterPrepayment, Loan, LoanTerms, Parts, Style
from app.domain.money import minor_units
from app.lending.rows import PARTS
from tests.support.lending import agreed_facility, attested, product
from tests.support.proofs import accepted, tax_certificate
from tests.support.served import served_world
from tests.support.world import World, cny

# So small that many facilities of one borrower stay below the product's limit.
RATE, LIMIT = 96_000, 15_000_00
STYLES = {
    Style.BULLET: "bullet",
    Style.EQUAL_INSTALMENT: "equal-instalment",
    Style.INTEREST_ONLY: "interest-only",
}
PRODUCT = "tax-loan"


def amount(minor: int) -> dict[str, str]:
    """Minor units of yuan as the gateway takes them."""
    return cny(f"{minor // 100}.{minor % 100:02d}")


class Lending(RuleBasedStateMachine):
    """One facility; each loan is compared with its model."""

    world: World

    @initialize()
    def agree(self) -> None:
        self.loans: dict[int, Loan] = {}
        self.ended: set[int] = set()
        self.status: dict[int, str] = {}
        self.lost: set[int] = set()
        self.paused = False
        self.pass_days(1)
        attested(self.world, tier=1, limit=cny("1000000.00"))
        self.line = agreed_facility(self.world, PRODUCT, limit="15000.00", annualRate=RATE)
        self.terms = product(self.world, PRODUCT)

    # -- what may happen

    @rule(
        style=st.sampled_from(sorted(STYLES)),
        principal=st.integers(1, 8_000_00),
        tenor=st.sampled_from([30, 90, 180]),
        months=st.sampled_from([1, 3, 6]),
        due_day=st.sampled_from([0, 1, 15, 28]),
        after_prepayment=st.sampled_from(list(AfterPrepayment)),
    )
    def draw(
        self,
        style: Style,
        principal: int,
        tenor: int,
        months: int,
        due_day: int,
        after_prepayment: AfterPrepayment,
    ) -> None:
        bullet = style is Style.BULLET
        body = {
            "amount": amount(principal),
            "style": STYLES[style],
            "tenor": tenor if bullet else months,
            "dueDayOfMonth": 0 if bullet else due_day,
            "afterPrepayment": AFTER_PREPAYMENT[after_prepayment],
        }
        accepted(self.world, self.line, tax_certificate(self.world))
        try:
            done = self.world["supplier"].command(f"/v1/facilities/{self.line}/draws", body).body
        except GatewayRefused as refused:
            words = str(refused.problem)
            if self.paused:
                assert "ProductClosed" in words, words
                return
            late = any(word in words for word in ("FacilityOverdue", "BreakerTripped"))
            late = late or ("BorrowerInDefault" in words and "Defaulted" in self.status.values())
            used = sum(loan.outstanding for loan in self.loans.values())
            drawn = "LimitExceeded" in words
            stale = any(word in words for word in ("TierTooOld", "TierExpired"))
            assert late or drawn or stale, words
            assert used <= LIMIT
            return
        assert not self.paused, "a closed product lends nothing"
        today = self.today()
        first_due = today + tenor if bullet else 0
        if due_day and not bullet:
            first_due = day_of(date_of(add_months(today, 1)).replace(day=due_day))
        terms = LoanTerms(
            style=style,
            start_day=today,
            annual_rate=RATE,
            periods=1 if bullet else months,
            due_day=first_due,
            after_prepayment=after_prepayment,
            day_count=self.terms["dayCount"],
            penalty_multiple=self.terms["penaltyMultiple"],
            grace_days=self.terms["graceDays"],
        )
        number = int(done["result"]["loanId"])
        self.loans[number] = Loan.opened(terms, principal=principal)
        self.status[number] = "Running"

    @rule(pick=st.randoms(use_true_random=False), money=st.integers(1, 9_000_00))
    def repay(self, pick: random.Random, money: int) -> None:
        running = [number for number in self.loans if number not in self.ended]
        if not running:
            return
        number = pick.choice(running)
        before = self.cash()
        path = f"/v1/loans/{number}/repayments"
        self.world["supplier"].command(path, {"amount": amount(money)})
        loan = self.rolled(number)
        parts, left = loan.pay(money)
        assert before - self.cash() == parts.total == money - left
        if loan.paid:
            self.ended.add(number)
            self.status[number] = "Repaid"

    @rule(days=st.sampled_from([1, 5, 29, 40]))
    def pass_days(self, days: int) -> None:
        self.world.server.node.advance_time(days * 86_400)
        self.world.cash("vega", "0.01")

    @rule(pick=st.randoms(use_true_random=False))
    def declare_default(self, pick: random.Random) -> None:
        running = [number for number, status in self.status.items() if status == "Running"]
        if not running:
            return
        number = pick.choice(running)
        loan = self.rolled(number)
        overdue = bool(loan.past_principal or loan.past_interest)
        try:
            self.world["bank"].command(f"/v1/loans/{number}/default")
        except GatewayRefused as refused:
            assert not overdue, refused.problem
            assert "NotOverdue" in str(refused.problem)
            return
        assert overdue
        loan.accelerate(self.today())
        self.status[number] = "Defaulted"

    @rule(pick=st.randoms(use_true_random=False))
    def record_loss(self, pick: random.Random) -> None:
        failed = [
            number
            for number, status in self.status.items()
            if status == "Defaulted" and number not in self.lost
        ]
        if failed:
            number = pick.choice(failed)
            self.world["bank"].command(f"/v1/loans/{number}/loss")
            self.lost.add(number)

    @rule()
    def pause_or_open_again(self) -> None:
        """Closing takes one operator, opening again two; repayment goes on all the while."""
        first, second = (development_key(place).address for place in OPERATOR_PLACES)
        number = self.terms["id"]
        if not self.paused:
            self.send(first, "close", [number])
        else:
            version = self.ask_products("current", [number])[0]
            views = ("terms", "goodsTerms", "floatingTerms", "evidenceTerms")
            same = [self.ask_products(name, [number, version]) for name in views]
            self.send(first, "propose", [number, *same])
            self.send(second, "approve", [number, *same])
        self.paused = not self.paused

    def teardown(self) -> None:
        if getattr(self, "paused", False):
            self.pause_or_open_again()
        # A default would keep the borrower from drawing in the examples after this one.
        for number, status in getattr(self, "status", {}).items():
            if status == "Defaulted":
                everything = amount(self.rolled(number).payoff.total)
                path = f"/v1/loans/{number}/repayments"
                self.world["supplier"].command(path, {"amount": everything})

    # -- what must hold

    @invariant()
    def chain_gateway_and_model_agree(self) -> None:
        if not hasattr(self, "line"):
            return
        loans = self.world["bank"].get("/v1/loans", facilityId=self.line, limit=200).body["items"]
        assert {item["id"] for item in loans} == set(self.loans)
        for item in loans:
            loan = self.rolled(item["id"])
            assert item["status"] == self.status[item["id"]].lower(), item
            for name, parts in (("due", loan.amount_due), ("payoff", loan.payoff)):
                shown_parts = Parts(**{part: self.minor(item[name][part]) for part in PARTS})
                assert shown_parts == parts, (item["id"], name)
            assert self.minor(item["outstanding"]) == loan.outstanding
            on_chain = self.on_chain(item["id"])
            assert Parts(**on_chain["due"]) == loan.amount_due
            assert Parts(**on_chain["payoff"]) == loan.payoff
            assert on_chain["lossRecorded"] == (item["id"] in self.lost)
        facility_view = self.world["bank"].get(f"/v1/facilities/{self.line}").body
        outstanding = sum(loan.outstanding for loan in self.loans.values())
        assert self.minor(facility_view["outstanding"]) == outstanding <= LIMIT

    # -- small things

    def on_chain(self, number: int) -> dict[str, Any]:
        """What the contract itself says of a loan today."""
        contracts = self.world.server.gateway.contracts
        data = "0x" + contracts.encode("Facilities", "loan", [number]).hex()
        call = {"to": contracts.address("Facilities"), "data": data}
        answer = self.world.server.node.ask("eth_call", call, "latest")
        return dict(contracts.decode_result("Facilities", "loan", answer))

    def ask_products(self, function: str, arguments: list[Any]) -> Any:
        """Reads a view of Products."""
        contracts = self.world.server.gateway.contracts
        data = "0x" + contracts.encode("Products", function, arguments).hex()
        call = {"to": contracts.address("Products"), "data": data}
        answer = self.world.server.node.ask("eth_call", call, "latest")
        values = contracts.decode_result("Products", function, answer)
        return (
            list(values.values()) if function == "current" and isinstance(values, dict) else values
        )

    def send(self, sender: str, function: str, arguments: list[Any]) -> None:
        """Sends an operator's transaction to Products, which must succeed."""
        contracts, node = self.world.server.gateway.contracts, self.world.server.node
        data = "0x" + contracts.encode("Products", function, arguments).hex()
        node.ask("anvil_impersonateAccount", sender)
        sent = {"from": sender, "to": contracts.address("Products"), "data": data}
        hash_ = node.ask("eth_sendTransaction", sent | {"gas": hex(2_000_000), "gasPrice": "0x0"})
        while (receipt := node.ask("eth_getTransactionReceipt", hash_)) is None:
            time.sleep(0.01)
        assert receipt["status"] == "0x1", function

    def today(self) -> int:
        gateway = self.world.server.gateway
        return day_at(self.world.server.node.time(), zone_offset=gateway.zone_offset)

    def rolled(self, number: int) -> Loan:
        loan = self.loans[number]
        loan.roll(self.today())
        return loan

    def cash(self) -> int:
        return minor_units(self.world.balance("supplier"), currency="CNY")

    def minor(self, money: dict[str, str]) -> int:
        return minor_units(money["amount"], currency=money["currency"])


@pytest.fixture
def lending_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway whose clock this test may move."""
    with served_world(tmp_path_factory.mktemp("lending")) as world:
        for name in ("bank", "supplier"):
            world.cash(name, "900000000.00")
        yield world


def test_loans_follow_their_model_in_any_order(lending_world: World) -> None:
    Lending.world = lending_world
    run_state_machine_as_test(
        Lending,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=datetime.timedelta(seconds=60),
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
