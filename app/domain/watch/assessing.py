"""From facts to warning levels: of each borrower, debtor and product, and of the portfolio."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.texts import Text, say
from app.domain.watch.facts import Facts, WatchedLoan
from app.domain.watch.goods import goods_of
from app.domain.watch.limits import (
    concentration_signals,
    principal_by,
    use_signal,
    warned_signal,
)
from app.domain.watch.model import Level, Signal, SubjectKind, Unknown
from app.domain.watch.parameters import (
    GROUPS,
    MIN_LOANS,
    WARNINGS_TO_ALARM,
    WATCHES_TO_WARNING,
)
from app.domain.watch.payments import debt_signals, dispute_signals, loan_signals
from app.domain.watch.registration import registration_signals, tier_signal
from app.domain.watch.sales import trade_signals
from app.domain.watch.steps import STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How a subject stands.

    Attributes:
        key: a party's or product's number; 0: the portfolio.
        raised: why the level is above that of each signal; empty: it is not.
        signals: the worst first.
        unknown: signals that could not be judged; they count for no level.
        principal: by currency, of the loans behind it.
        loans: their numbers.
    """

    subject: SubjectKind
    key: int
    level: Level
    raised: Text
    signals: tuple[Signal, ...]
    unknown: tuple[Unknown, ...]
    principal: Mapping[str, int]
    loans: tuple[int, ...]

    @property
    def next_step(self) -> Text:
        """What to do now."""
        return STEPS[self.subject, self.level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """All assessments, of each kind the worst first."""

    borrowers: tuple[Assessment, ...]
    debtors: tuple[Assessment, ...]
    products: tuple[Assessment, ...]
    portfolio: Assessment


def level_of(signals: Iterable[Signal]) -> tuple[Level, Text]:
    """The level that signals give together, and why it is above each of them.

    The worst signal decides. Several kinds of trouble at once raise the level by one: each may
    have an innocent explanation, but all of them seldom have.
    """
    worst: dict[str, Level] = {}
    for signal in signals:
        group = GROUPS[signal.kind]
        worst[group] = max(worst.get(group, Level.CLEAR), signal.level)
    level = max(worst.values(), default=Level.CLEAR)
    count = Counter(worst.values())
    if level is Level.WARNING and count[Level.WARNING] >= WARNINGS_TO_ALARM:
        return Level.ALARM, say(
            "{kinds} kinds of trouble at warning are an alarm.", kinds=count[Level.WARNING]
        )
    if level is Level.WATCH and count[Level.WATCH] >= WATCHES_TO_WARNING:
        return Level.WARNING, say(
            "{kinds} kinds of trouble to watch are a warning.", kinds=count[Level.WATCH]
        )
    return level, ""


def watched(facts: Facts) -> Watched:
    """The warning levels of everything that the loans hang on."""
    borrowers = _borrowers(facts)
    debtors = _debtors(facts)
    levels = _loan_levels(facts, borrowers, debtors)
    return Watched(
        borrowers=_worst_first(borrowers.values()),
        debtors=_worst_first(debtors.values()),
        products=_worst_first(_products(facts, levels)),
        portfolio=_portfolio(facts, levels),
    )


def _assessed(
    subject: SubjectKind,
    key: int,
    loans: Sequence[WatchedLoan],
    signals: Iterable[Signal],
    unknown: Iterable[Unknown],
) -> Assessment:
    # Two loans on one lot or one debt say the same thing once.
    once = {signal.id: signal for signal in signals}
    ordered = tuple(sorted(once.values(), key=lambda signal: (-signal.level, signal.id)))
    level, raised = level_of(ordered)
    principal: Counter[str] = Counter()
    for loan in loans:
        principal[loan.currency] += loan.principal
    return Assessment(
        subject=subject,
        key=key,
        level=level,
        raised=raised,
        signals=ordered,
        unknown=tuple(dict.fromkeys(unknown)),
        principal=dict(sorted(principal.items())),
        loans=tuple(loan.number for loan in loans),
    )


def _worst_first(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    return tuple(
        sorted(
            assessments,
            key=lambda item: (-item.level, -len(item.loans), item.key),
        )
    )


def _borrowers(facts: Facts) -> dict[int, Assessment]:
    loans: defaultdict[int, list[WatchedLoan]] = defaultdict(list)
    for loan in facts.loans:
        loans[loan.borrower].append(loan)
    signals: defaultdict[int, list[Signal]] = defaultdict(list)
    unknown: defaultdict[int, list[Unknown]] = defaultdict(list)
    for use in facts.facilities:
        _put(use_signal(use), signals[use.borrower], unknown[use.borrower])
    for party, own in loans.items():
        for loan in own:
            signals[party] += loan_signals(loan)
            for number in loan.receivables:
                signals[party] += dispute_signals(facts.debts[number], facts)
            more, open_questions = goods_of(loan, facts)
            signals[party] += more
            unknown[party] += open_questions
        more, open_questions = trade_signals(
            facts.trade.get(party, ()), merchant=party, month=facts.month
        )
        signals[party] += more
        unknown[party] += open_questions
        signals[party] += registration_signals(party, facts.parties.get(party), now=facts.now)
        tier = tier_signal(party, facts.tiers.get(party, ()), now=facts.now)
        _put(tier, signals[party], unknown[party])
    return {
        party: _assessed("borrower", party, own, signals[party], unknown[party])
        for party, own in loans.items()
    }


def _put(outcome: Signal | Unknown | None, signals: list[Signal], unknown: list[Unknown]) -> None:
    if isinstance(outcome, Signal):
        signals.append(outcome)
    elif outcome is not None:
        unknown.append(outcome)


def _debtors(facts: Facts) -> dict[int, Assessment]:
    loans: defaultdict[int, list[WatchedLoan]] = defaultdict(list)
    debts: defaultdict[int, dict[int, None]] = defaultdict(dict)
    for loan in facts.loans:
        owing = dict.fromkeys(facts.debts[number].debtor for number in loan.receivables)
        for debtor in owing:
            loans[debtor].append(loan)
        for number in loan.receivables:
            debts[facts.debts[number].debtor][number] = None
    assessments = {}
    for party, numbers in debts.items():
        signals = registration_signals(party, facts.parties.get(party), now=facts.now)
        for number in numbers:
            signals += debt_signals(facts.debts[number], facts)
            signals += dispute_signals(facts.debts[number], facts)
        assessments[party] = _assessed("debtor", party, loans[party], signals, ())
    return assessments


def _loan_levels(
    facts: Facts, borrowers: Mapping[int, Assessment], debtors: Mapping[int, Assessment]
) -> dict[int, Level]:
    """The level of each loan: the worst of its borrower and its debtors."""
    return {
        loan.number: max(
            borrowers[loan.borrower].level,
            *(debtors[facts.debts[number].debtor].level for number in loan.receivables),
            Level.CLEAR,
        )
        for loan in facts.loans
    }


def _warned(name: str, loans: Sequence[WatchedLoan], levels: Mapping[int, Level]) -> list[Signal]:
    """The share at warning or above, in each currency."""
    signals = []
    for currency in sorted({loan.currency for loan in loans}):
        same = [loan for loan in loans if loan.currency == currency]
        warned = [loan for loan in same if levels[loan.number] >= Level.WARNING]
        signal = warned_signal(
            f"{name}:{currency}",
            warned=sum(loan.principal for loan in warned),
            principal=sum(loan.principal for loan in same),
            loans=[loan.number for loan in warned if loan.principal],
        )
        if signal is not None:
            signals.append(signal)
    return signals


def _products(facts: Facts, levels: Mapping[int, Level]) -> list[Assessment]:
    loans: defaultdict[int, list[WatchedLoan]] = defaultdict(list)
    for loan in facts.loans:
        loans[loan.product].append(loan)
    return [
        _assessed("product", product, own, _warned(f"product:{product}", own, levels), ())
        for product, own in loans.items()
    ]


def _portfolio(facts: Facts, levels: Mapping[int, Level]) -> Assessment:
    signals = _warned("portfolio", facts.loans, levels)
    for currency in sorted({loan.currency for loan in facts.loans}):
        same = [loan for loan in facts.loans if loan.currency == currency and loan.principal]
        if len(same) < MIN_LOANS:
            continue
        by_borrower = [(_name(facts, loan.borrower), loan.principal) for loan in same]
        by_debtor = [
            (name, loan.principal)
            for loan in same
            for name in {_name(facts, facts.debts[number].debtor) for number in loan.receivables}
        ]
        principal = sum(loan.principal for loan in same)
        for whose, pairs in (("borrower", by_borrower), ("debtor", by_debtor)):
            signals += concentration_signals(
                principal_by(pairs), principal=principal, whose=whose, currency=currency
            )
    return _assessed("portfolio", 0, facts.loans, signals, ())


def _name(facts: Facts, party: int) -> str:
    """A party's group, or the party itself if it is in none."""
    group = facts.groups.get(party, 0)
    return f"group:{group}" if group else f"party:{party}"
