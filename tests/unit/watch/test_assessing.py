"""From signals to levels: of borrowers, debtors, products and the portfolio, by hand."""

from __future__ import annotations

import pytest

from app.domain.watch.assessing import Assessment, level_of, watched
from app.domain.watch.facts import FacilityUse, PartyStanding, Standing
from app.domain.watch.limits import use_signal
from app.domain.watch.model import Level, Signal, SignalKind, Unknown
from app.domain.watch.parameters import EVENTS, GROUPS, THRESHOLDS
from app.domain.watch.steps import STEPS
from tests.support.watch import TODAY, debt, facts, kinds, loan, trade


def signal(kind: SignalKind, level: Level) -> Signal:
    return Signal(kind, level, "loan:1", "", (), ())


WATCH, WARNING, ALARM = Level.WATCH, Level.WARNING, Level.ALARM


@pytest.mark.parametrize(
    ("signals", "level"),
    [
        ([], Level.CLEAR),
        ([("late-loan", WATCH)], WATCH),
        ([("late-loan", WATCH), ("limit-use", WATCH)], WATCH),
        ([("late-loan", WATCH), ("limit-use", WATCH), ("price-fall", WATCH)], WARNING),
        ([("late-loan", WARNING), ("limit-use", WATCH), ("price-fall", WATCH)], WARNING),
        ([("late-loan", WARNING), ("limit-use", WARNING)], ALARM),
        # The same trouble twice counts once.
        ([("price-fall", WARNING), ("margin-call", WARNING)], WARNING),
        ([("tier-fall", WATCH), ("tier-ended", WATCH), ("late-loan", WATCH)], WATCH),
        ([("late-loan", ALARM)], ALARM),
    ],
)
def test_worst_signal_decides_and_several_kinds_raise_the_level(
    signals: list[tuple[SignalKind, Level]], level: Level
) -> None:
    together, raised = level_of(signal(kind, each) for kind, each in signals)
    assert together is level
    above = together > max((each for _, each in signals), default=Level.CLEAR)
    assert bool(raised) is above


def test_every_signal_has_a_rule_and_every_level_a_next_step() -> None:
    assert set(THRESHOLDS) | set(EVENTS) == set(GROUPS)
    assert not set(THRESHOLDS) & set(EVENTS)
    for threshold in THRESHOLDS.values():
        bounds = [
            bound
            for bound in (threshold.watch, threshold.warning, threshold.alarm)
            if bound is not None
        ]
        assert bounds == sorted(set(bounds)), "a worse level needs more"
        assert len(str(threshold.reason)) > 30
    for subject in ("borrower", "debtor", "product", "portfolio"):
        assert all((subject, level) in STEPS for level in Level)


def test_use_of_a_limit_counts_where_the_facility_revolves() -> None:
    def use(used: int, limit: int | None = 1_000, *, revolving: bool = True) -> FacilityUse:
        return FacilityUse(facility=3, borrower=7, limit=limit, used=used, revolving=revolving)

    for used, level in ((800, WATCH), (950, WARNING), (1_000, WARNING)):
        outcome = use_signal(use(used))
        assert isinstance(outcome, Signal)
        assert (outcome.kind, outcome.level, outcome.about) == ("limit-use", level, "facility:3")
    assert use_signal(use(799)) is None
    assert use_signal(use(1_000, revolving=False)) is None
    assert isinstance(use_signal(use(1, limit=None)), Unknown)


def by_key(items: tuple[Assessment, ...]) -> dict[int, Assessment]:
    return {item.key: item for item in items}


def test_borrower_has_the_signals_of_all_its_loans_and_the_worst_comes_first() -> None:
    levels = watched(
        facts(
            loan(1, days_late=2),
            loan(2, outstanding=500),
            loan(3, borrower=8, days_late=40),
            loan(4, borrower=9),
            trade={7: (trade([100, 100, 100, 60, 60, 60]),)},
        )
    )
    assert [item.key for item in levels.borrowers] == [8, 7, 9]
    first = by_key(levels.borrowers)[7]
    assert kinds(first.signals) == [("falling-sales", WARNING), ("late-loan", WATCH)]
    assert (first.level, first.principal, first.loans) == (WARNING, {"CNY": 1_500}, (1, 2))
    assert str(first.next_step).startswith("Let a second person review")
    third = by_key(levels.borrowers)[9]
    assert third.level is Level.CLEAR
    assert [item.kind for item in third.unknown] == [
        *("falling-sales", "rising-returns", "tier-fall")
    ], "nothing is known of it"


def test_dispute_concerns_borrower_and_debtor_and_late_payment_only_the_debtor() -> None:
    levels = watched(
        facts(
            loan(1, receivables=(3,)),
            loan(2, borrower=8, receivables=(4,)),
            debts={
                3: debt(3, disputed_day=TODAY - 1),
                4: debt(4, due_day=TODAY - 20),
            },
        )
    )
    (debtor,) = levels.debtors
    assert kinds(debtor.signals) == [("dispute", WARNING), ("late-debtor", WARNING)]
    assert debtor.level is ALARM, "two kinds of trouble at warning"
    assert debtor.raised
    assert debtor.loans == (1, 2)
    borrowers = by_key(levels.borrowers)
    assert kinds(borrowers[7].signals) == [("dispute", WARNING)]
    assert kinds(borrowers[8].signals) == []


def test_two_loans_on_one_debt_are_one_signal() -> None:
    levels = watched(
        facts(
            loan(1, receivables=(3,)),
            loan(2, receivables=(3,)),
            debts={3: debt(3, disputed_day=TODAY)},
        )
    )
    assert kinds(levels.borrowers[0].signals) == [("dispute", WARNING)]
    assert kinds(levels.debtors[0].signals) == [("dispute", WARNING)]


def test_frozen_debtor_is_an_alarm_for_the_loans_on_it() -> None:
    levels = watched(
        facts(
            loan(1, receivables=(3,)),
            debts={3: debt(3)},
            parties={50: PartyStanding(frozen=True)},
        )
    )
    assert levels.debtors[0].level is ALARM
    assert levels.borrowers[0].level is Level.CLEAR
    assert kinds(levels.products[0].signals) == [("warned-share", ALARM)]


def test_product_is_judged_by_the_principal_at_warning_in_each_currency() -> None:
    def product(warned: int) -> tuple[Level, list[str]]:
        levels = watched(
            facts(
                loan(1, outstanding=warned, borrower=8, days_late=10),
                loan(2, outstanding=1_000 - warned),
                loan(3, outstanding=5_000, currency="USD"),
            )
        )
        (item,) = levels.products
        assert item.principal == {"CNY": 1_000, "USD": 5_000}
        return item.level, [each.about for each in item.signals]

    assert product(49) == (Level.CLEAR, [])
    assert product(50) == (WATCH, ["product:1:CNY"])
    assert product(100) == (WARNING, ["product:1:CNY"])
    assert product(250) == (ALARM, ["product:1:CNY"])


def test_lost_principal_counts_no_more_but_its_borrower_is_an_alarm() -> None:
    lost = loan(1, standing=Standing.LOST, outstanding=900)
    levels = watched(facts(lost, loan(2, borrower=8, outstanding=100)))
    assert by_key(levels.borrowers)[7].level is ALARM
    assert levels.portfolio.level is Level.CLEAR
    assert levels.portfolio.principal == {"CNY": 100}


def test_name_with_a_fifth_of_the_principal_is_concentration() -> None:
    amounts = {11: 350, 12: 200, 13: 150, 14: 150, 15: 150}
    loans = [loan(n, borrower=n, outstanding=amount) for n, amount in amounts.items()]
    levels = watched(facts(*loans))
    assert [(each.about, each.level) for each in levels.portfolio.signals] == [
        ("borrower:party:11:CNY", WARNING),
        ("borrower:party:12:CNY", WATCH),
    ]
    together = watched(facts(*loans, groups={13: 2, 14: 2}))
    assert "borrower:group:2:CNY" in [each.about for each in together.portfolio.signals]
    few = watched(facts(*loans[:4]))
    assert few.portfolio.signals == (), "with four loans every name has a large share"


def test_share_of_a_debtor_is_of_all_principal() -> None:
    loans = [loan(n, borrower=n, outstanding=100) for n in range(11, 21)]
    on_claims = [loan(30, borrower=30, outstanding=100, receivables=(3,))]
    levels = watched(facts(*loans, *on_claims, debts={3: debt(3)}))
    assert levels.portfolio.signals == (), "100 of 1,100, though it is the only debtor"


def test_nothing_lent_is_clear() -> None:
    levels = watched(facts())
    assert (levels.borrowers, levels.debtors, levels.products) == ((), (), ())
    assert levels.portfolio.level is Level.CLEAR


def test_worked_example_of_the_page() -> None:
    levels = watched(
        facts(
            loan(1, days_late=2),
            facilities=(
                FacilityUse(
                    facility=3, borrower=7, limit=10_000_000, used=8_200_000, revolving=True
                ),
            ),
            trade={7: (trade([100, 100, 100, 80, 80, 79]),)},
        )
    )
    (borrower,) = levels.borrowers
    figures = {each.kind: (each.level, each.values[0].number) for each in borrower.signals}
    assert figures == {
        "late-loan": (WATCH, 2),
        "limit-use": (WATCH, 820_000),
        "falling-sales": (WATCH, 203_333),
    }
    assert borrower.level is WARNING
    assert str(borrower.raised) == "3 kinds of trouble to watch are a warning."
