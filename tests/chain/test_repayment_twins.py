"""The arithmetic in Solidity and in Python gives the same answers, on a real chain."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import pytest

from app.chain.evm.contracts import Contracts
from app.domain import calendar, relief, repayment
from app.domain.loan import (
    MAX_GRACE_DAYS,
    MAX_SHIFT_DAYS,
    SCHEDULES,
    SERVICE_FEES,
    AfterPrepayment,
    Loan,
    LoanTerms,
    Parts,
    Style,
)
from app.domain.total_cost import total_cost
from app.lending.histories import NOT_STATE, fees_word
from scripts.compile import ROOT, compile_standard, sources, standard_input
from tests.support.harness import Anvil

LOANS = 10_000
IN_ONE_CALL = 100
NAME = "LoanHarness"
HARNESS = "tests/contracts/math/LoanHarness.sol"
AT = "0x" + "cc" * 20
MAX_AMOUNT = 2**60 - 1
NO_RATE = 2**24 - 1


class Harness:
    """The harness by name, without a deployment: its code is given along with each call."""

    def __init__(self, node: Anvil) -> None:
        source = {
            name: text
            for name, text in sources().items()
            if name.startswith(("contracts/math/", "contracts/types/"))
        }
        request = standard_input(source | {HARNESS: (ROOT / HARNESS).read_text()})
        built = compile_standard(request)["contracts"][HARNESS][NAME]
        self._code = "0x" + built["evm"]["deployedBytecode"]["object"]
        self._contracts = Contracts({NAME: AT}, {NAME: built})
        self._node = node

    def __call__(self, function: str, *arguments: Any) -> Any:
        data = "0x" + self._contracts.encode(NAME, function, arguments).hex()
        call = {"to": AT, "data": data, "gas": hex(10**9)}
        answer = self._node.ask("eth_call", call, "latest", {AT: {"code": self._code}})
        return self._contracts.decode_result(NAME, function, answer)


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    node = Anvil(tmp_path_factory.mktemp("twins"))
    yield Harness(node)
    node.kill()


def any_terms(chance: random.Random) -> LoanTerms:
    style = chance.choice(list(Style))
    scheduled = style in SCHEDULES
    months = chance.choice([1, 1, 3, 12]) if scheduled else 1
    periods = chance.choice([1, 2, 3, 6, 12, 24, 60]) if scheduled else 1
    periods = min(periods, repayment.MAX_PERIODS // months)
    start = chance.randrange(18_000, 40_000)
    fixed_day = not scheduled or chance.random() < 0.3
    return LoanTerms(
        style=style,
        periods=periods,
        start_day=start,
        due_day=start + chance.randrange(1, 60 if scheduled else 400) if fixed_day else 0,
        annual_rate=chance.choice([0, 1, 84_000, chance.randrange(1_000_001)]),
        day_count=chance.choice([360, 365]),
        penalty_multiple=chance.randrange(3_000_001),
        grace_days=chance.randrange(MAX_GRACE_DAYS + 1),
        early_fee=chance.choice([0, 0, chance.randrange(200_000)]),
        penalty_on_interest=chance.random() < 0.5,
        same_day_interest=chance.random() < 0.5,
        shifts=tuple(chance.randrange(MAX_SHIFT_DAYS + 1) for _ in range(periods))
        if chance.random() < 0.5
        else (),
        months_per_period=months,
        principal_grace=chance.choice([0, chance.randrange(min(periods, 12))]),
        interest_grace=chance.choice([0, chance.randrange(min(periods, 12))]),
        after_prepayment=chance.choice(list(AfterPrepayment)),
        **any_fees(chance),
    )


def any_fees(chance: random.Random) -> dict[str, int]:
    if chance.random() < 0.5:
        return {}
    return {
        "flat_fee": chance.choice([0, 1, chance.randrange(10**9)]),
        "draw_fee": chance.choice([0, 1, chance.randrange(200_001)]),
        "periodic_fee": chance.choice([0, 1, chance.randrange(200_001)]),
    }


def any_acts(chance: random.Random, terms: LoanTerms, principal: int) -> list[dict[str, Any]]:
    day, acts = terms.start_day, []
    floating = terms.style is not Style.BILLING_CYCLE and chance.random() < 0.5
    for _ in range(chance.randrange(2, 7)):
        day += chance.choice([0, 0, 1, chance.randrange(60), chance.randrange(400)])
        amount = chance.choice([0, 1, chance.randrange(principal + 1), principal // terms.periods])
        resets = floating and chance.random() < 0.5
        acts.append(
            {
                "day": day,
                "amount": amount,
                "accelerate": chance.random() < 0.05,
                "rate": chance.choice([0, chance.randrange(1_000_001)]) if resets else NO_RATE,
                "waivedPenalty": chance.choice([0, 0, 1, chance.randrange(10**6)]),
                "waivedInterest": chance.choice([0, 0, 1, chance.randrange(10**6)]),
                "waivedFees": chance.choice([0, 0, 1, chance.randrange(10**6)]),
                "relief": any_relief(chance, principal),
                "newTerms": [new_terms(chance, terms, day)] if chance.random() < 0.2 else [],
            }
        )
    return acts


def any_relief(chance: random.Random, principal: int) -> dict[str, int]:
    return {
        "costs": 0,
        "penalty": 2**63,
        "interest": chance.choice([0, chance.randrange(principal + 1)]),
        "principal": chance.choice([0, chance.randrange(principal)]),
        "capitalised": chance.choice([0, chance.randrange(principal + 1)]),
    }


def new_terms(chance: random.Random, terms: LoanTerms, day: int) -> LoanTerms:
    """Terms that begin on a day or later, with a first due day."""
    drawn = any_terms(chance)
    while drawn.style is Style.BILLING_CYCLE:
        drawn = any_terms(chance)
    start = day + chance.choice([0, 0, chance.randrange(60)])
    no_fees: dict[str, Any] = dict.fromkeys(SERVICE_FEES, 0)  # new terms charge none
    return dataclasses.replace(
        drawn,
        start_day=start,
        due_day=start + chance.randrange(1, 60),
        same_day_interest=False,
        day_count=terms.day_count,
        **no_fees,
    )


def packed(terms: LoanTerms) -> dict[str, Any]:
    """The terms as the contract has them."""
    fields = {
        name: value for name, value in dataclasses.asdict(terms).items() if name not in SERVICE_FEES
    }
    fields["shifts"] = sum(shift << (4 * place) for place, shift in enumerate(terms.shifts))
    return {camel(name): value for name, value in fields.items()}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def parts_of(parts: Parts) -> dict[str, int]:
    """The parts as the contract has them: both fees together."""
    fields = dataclasses.asdict(parts)
    fields["fee"] += fields.pop("service")
    return fields


def expected(terms: LoanTerms, principal: int, acts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    loan, steps = Loan.opened(terms, principal=principal), []
    for act in acts:
        if act["accelerate"]:
            loan.accelerate(act["day"])
        else:
            loan.roll(act["day"])
        loan, given_up = relieved_by(loan, act)
        if act["rate"] != NO_RATE:
            loan.reset_rate(act["rate"])
        parts, left = loan.pay(act["amount"])
        state = {
            camel(part.name): getattr(loan, part.name)
            for part in dataclasses.fields(loan)
            if part.name not in NOT_STATE
        } | {"fees": fees_word(loan)}
        steps.append(
            {
                "state": state,
                "parts": parts_of(parts),
                "left": left,
                "payoff": parts_of(loan.payoff),
                "outstanding": loan.outstanding,
                "paid": loan.paid,
                **given_up,
            }
        )
    return steps


def relieved_by(loan: Loan, act: dict[str, Any]) -> tuple[Loan, dict[str, Any]]:
    """The loan after what the lender gives up."""
    waived = [
        relief.waive_penalty(loan, act["waivedPenalty"]),
        relief.waive_interest(loan, act["waivedInterest"]),
        relief.waive_fees(loan, act["waivedFees"]),
    ]
    nothing = relief.Relieved(relief=relief.Relief(), costs=0, penalty=0, interest=0, principal=0)
    if act["newTerms"] and loan.outstanding > act["relief"]["principal"]:
        nothing = relief.relieve(loan, relief.Relief(**act["relief"]))
        loan = relief.begun(act["newTerms"][0], nothing, today=act["day"])
    return loan, {"waived": waived, "relieved": dataclasses.asdict(nothing)}


def test_twins_agree_on_every_step_of_random_loans(harness: Harness) -> None:
    chance = random.Random(20_261_124)
    for _ in range(LOANS // IN_ONE_CALL):
        cases = []
        for _ in range(IN_ONE_CALL):
            terms, principal = any_terms(chance), chance.choice([1, 60_000_000, MAX_AMOUNT])
            principal = chance.choice([principal, chance.randrange(1, 10**11)])
            cases.append((terms, principal, any_acts(chance, terms, principal)))
        loans = [
            {
                "terms": packed(terms),
                "principal": principal,
                "fees": fees_word(Loan.opened(terms, principal=principal)),
                "acts": [
                    act | {"newTerms": [packed(new) for new in act["newTerms"]]} for act in acts
                ],
            }
            for terms, principal, acts in cases
        ]
        for case, theirs in zip(cases, harness("run", loans), strict=True):
            assert theirs == expected(*case), case


def test_twins_agree_on_the_total_cost(harness: Harness) -> None:
    chance = random.Random(48)
    for cap in (1, 240_000, 2**24 - 1):
        cases = [
            (any_terms(chance), chance.choice([1, 14, chance.randrange(1, 10**11), MAX_AMOUNT]))
            for _ in range(300)
        ]
        cases = [case for case in cases if case[0].style is not Style.BILLING_CYCLE]
        loans = [
            {
                "terms": packed(terms),
                "principal": principal,
                "fees": fees_word(Loan.opened(terms, principal=principal)),
                "acts": [],
            }
            for terms, principal in cases
        ]
        for (terms, principal), theirs in zip(cases, harness("costs", loans, cap), strict=True):
            assert theirs == list(total_cost(terms, principal=principal, cap=cap)), terms


def test_twins_agree_on_the_formulas(harness: Harness) -> None:
    chance = random.Random(7)
    rows = []
    for _ in range(2_000):
        months = chance.choice([1, 3, 12])
        rows.append(
            [
                chance.choice([0, 1, chance.randrange(10**11), MAX_AMOUNT]),
                chance.choice([0, 1, chance.randrange(1_000_001)]),
                chance.randrange(1, repayment.MAX_PERIODS // months + 1),
                chance.randrange(200_001),
                months,
            ]
        )
    for (amount, rate, count, fee, months), theirs in zip(
        rows, harness("formulas", rows), strict=True
    ):
        days = amount * count
        assert theirs == [
            repayment.interest_half_up(days, annual_rate=rate, day_count=365),
            repayment.penalty_half_up(days, annual_rate=rate, multiple=1_500_000, day_count=360),
            repayment.discount_half_up(amount, annual_rate=rate, days_early=count),
            repayment.equal_principal_half_up(amount, periods=count),
            repayment.equal_instalment_half_up(
                amount, annual_rate=rate, periods=count, months_per_period=months
            ),
            repayment.principal_of_prepayment_half_up(amount, fee=fee),
            repayment.money_of_prepayment(amount, fee=fee),
        ]


@pytest.mark.parametrize("months", [0, 1, 11, 12, 60])
def test_twins_agree_on_the_calendar(harness: Harness, months: int) -> None:
    days = list(range(10_000, 60_000, 7))
    for day, theirs in zip(days, harness("calendar", days, months), strict=True):
        when = calendar.date_of(day)
        assert theirs == [
            when.year * 10_000 + when.month * 100 + when.day,
            calendar.add_months(day, months),
            calendar.month_end(day),
            calendar.week_end(day),
            when.weekday(),
            calendar.in_month(day, months, 28),
        ]
