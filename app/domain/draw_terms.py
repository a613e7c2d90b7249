"""The terms of a loan that is drawn under a product.

Twin of `_termsOf` in contracts/lending/LoanDraw.sol.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from app.domain.calendar import in_month, month_end, week_end
from app.domain.catalogue import CYCLES, MAX_PERIODS, STYLES
from app.domain.loan import SCHEDULES, AfterPrepayment, LoanTerms, Style
from app.domain.product_terms import ProductTerms
from app.domain.texts import Sentence, Text, say

MAX_DUE_DAY = 28  # every month has it
#: Names of `STYLES` for the catalogues of texts.
_STYLES = (
    *(say("bullet"), say("equal-principal"), say("equal-instalment")),
    *(say("billing-cycle"), say("interest-only")),
)


class DrawInvalid(ValueError):
    """The product does not allow a term of the draw.

    Attributes:
        term: the term's name.
        allowed: what it may be, in words.
    """

    def __init__(self, term: str, value: Text | int, *, allowed: Text) -> None:
        super().__init__(
            say("{term} is {value}; it must be {allowed}", term=term, value=value, allowed=allowed)
        )
        self.term, self.allowed = term, allowed


@dataclass(frozen=True)
class DrawFees:
    """The service fees of a facility's loans: `IServiceFees.FacilityFees`.

    Attributes:
        flat: of each draw, in minor units.
        draw: share of each draw, in parts per million.
        periodic: share of the running principal that each instalment is charged, in parts per
            million.
    """

    flat: int = 0
    draw: int = 0
    periodic: int = 0

    def added_to(self, terms: LoanTerms) -> LoanTerms:
        """The terms of a loan with these fees."""
        return replace(terms, flat_fee=self.flat, draw_fee=self.draw, periodic_fee=self.periodic)


NO_FEES = DrawFees()


@dataclass(frozen=True, kw_only=True)
class DrawChoice:
    """What the borrower chooses when it draws.

    Attributes:
        tenor: days of a bullet, months of a schedule, 0 for a bill.
        due_day_of_month: of a schedule's instalments; 0: by the day of the draw.
    """

    style: Style
    tenor: int = 0
    due_day_of_month: int = 0
    after_prepayment: AfterPrepayment = AfterPrepayment.PAY_AHEAD


def loan_terms(
    product: ProductTerms,
    *,
    style: Style,
    annual_rate: int,
    start_day: int,
    periods: int,
    due_day: int,
    after_prepayment: AfterPrepayment,
    shifts: tuple[int, ...] = (),
) -> LoanTerms:
    """Terms of a loan: those of its draw, and those that its product has for all loans."""
    scheduled = style in SCHEDULES
    with_grace = scheduled and style is not Style.INTEREST_ONLY
    return LoanTerms(
        style=style,
        start_day=start_day,
        annual_rate=annual_rate,
        periods=periods,
        due_day=due_day,
        day_count=product["dayCount"],
        penalty_multiple=product["penaltyMultiple"],
        grace_days=product["graceDays"],
        early_fee=product["earlyFee"],
        penalty_on_interest=product["penaltyOnInterest"],
        same_day_interest=product["sameDayInterest"],
        shifts=shifts,
        months_per_period=product["monthsPerPeriod"] if scheduled else 1,
        principal_grace=product["principalGrace"] if with_grace else 0,
        interest_grace=product["interestGrace"] if scheduled else 0,
        after_prepayment=after_prepayment,
    )


def terms_of_draw(
    product: ProductTerms,
    choice: DrawChoice,
    *,
    annual_rate: int,
    today: int,
    fees: DrawFees = NO_FEES,
) -> LoanTerms:
    """Terms of a loan that is drawn today, before its due days move to business days.

    Raises:
        DrawInvalid.
    """
    style, tenor = choice.style, choice.tenor
    if not product["styles"] >> style & 1:
        names = [STYLES[other] for other in Style if product["styles"] >> other & 1]
        value = say("{style:words}", style=STYLES[style])
        raise DrawInvalid("style", value, allowed=_any_of(names))
    _check_due_day(choice)
    periods, due_day = 1, 0
    if style is Style.BULLET:
        if not product["minDays"] <= tenor <= product["maxDays"]:
            allowed = say("{min} to {max} days", min=product["minDays"], max=product["maxDays"])
            raise DrawInvalid("tenor", tenor, allowed=allowed)
        due_day = today + tenor
    elif style is Style.BILLING_CYCLE:
        if tenor:
            raise DrawInvalid("tenor", tenor, allowed=say("0 for a bill"))
        weekly = CYCLES[product["cycle"]] == "weekly"
        due_day = (week_end(today) if weekly else month_end(today)) + product["freeDays"]
    else:
        if tenor > MAX_PERIODS or not product["months"] >> tenor & 1:
            months = [month for month in range(MAX_PERIODS + 1) if product["months"] >> month & 1]
            allowed = say("{months} months", months=_any_of(months))
            raise DrawInvalid("tenor", tenor, allowed=allowed)
        periods = tenor // product["monthsPerPeriod"]
        if choice.due_day_of_month:
            due_day = in_month(today, product["monthsPerPeriod"], choice.due_day_of_month)
    terms = loan_terms(
        product,
        style=style,
        annual_rate=annual_rate,
        start_day=today,
        periods=periods,
        due_day=due_day,
        after_prepayment=choice.after_prepayment,
    )
    return fees.added_to(terms)


def _check_due_day(choice: DrawChoice) -> None:
    allowed = MAX_DUE_DAY if choice.style in SCHEDULES else 0
    if choice.due_day_of_month > allowed:
        up_to = say("0 to {max}", max=MAX_DUE_DAY)
        words = up_to if allowed else say("0, because nothing falls due each month")
        raise DrawInvalid("dueDayOfMonth", choice.due_day_of_month, allowed=words)


def _any_of(values: Sequence[str | int]) -> Sentence:
    """The values, the last one after "or"."""
    first, *others = (
        say("{style:words}", style=value) if isinstance(value, str) else say("{value}", value=value)
        for value in values
    )
    for other in others:
        first = say("{first} or {other}", first=first, other=other)
    return first


def on_business_days(terms: LoanTerms, days_off: Container[int]) -> LoanTerms:
    """The terms with each due day moved past days off.

    Twin of `shifts` in contracts/lending/Products.sol.
    """
    unmoved = replace(terms, shifts=())
    shifts = []
    for number in range(1, terms.periods + 1):
        due = day = unmoved.due_day_of(number)
        while day in days_off:
            day += 1
        shifts.append(day - due)
    return replace(terms, shifts=tuple(shifts) if any(shifts) else ())


def shifted(terms: LoanTerms, packed: int) -> LoanTerms:
    """The terms with the days by which due days move, as the ledger packs them."""
    return replace(terms, shifts=shifts_of(packed, terms.periods))


def shifts_of(packed: int, periods: int) -> tuple[int, ...]:
    """Days by which each due day moves; four bits for each period."""
    return tuple((packed >> (4 * place)) & 15 for place in range(periods)) if packed else ()
