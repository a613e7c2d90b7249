"""All thresholds and points of the checks, so that an officer may change them.

Those of amounts, copies, parts and new pairs stand in app.domain.crosschecks.billing_parameters.

Points are decibans (app.domain.crosschecks.weighing): +10 means that fraud became ten times
likelier. Each check starts from `base`, the odds before it knows anything but its trigger. The
figures come from reasoning about how honest trade looks, and were corrected by hand on markets
whose frauds were known: change them with the outcomes of findings that were decided. Days are
days, shares and rates parts per million. `Steps` list points by a value's upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.crosschecks.billing_parameters import (
    Amounts,
    Deliveries,
    Duplicates,
    Financing,
    NewPairs,
    Splits,
)
from app.domain.crosschecks.weighing import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Circles:
    """Goods or claims that come back to where they began.

    Attributes:
        days: the whole ring happens within so many.
        max_legs: longer rings are not searched.
        amount_gap: the largest amount is above the smallest by at most this share; each leg may
            add a margin.
        close_gap, close_days: for rings whose goods differ from leg to leg.
        max_parts, part_days: so many invoices of one pair within so many days may be one leg.
        in_parts: a leg in parts: more sums are tried, so that one fits by chance more often.
        max_steps: steps of the search, shared by all starts; what remains is left out.
        start_steps: steps for one start.
        pairs_only: points for two parties that sell to each other; more: for three or more.
        through_group: two companies of the ring belong to one owner, who closes it.
        goods_alike, goods_differ: the legs have a kind of goods in common, or none.
        quantities: by how far the largest quantity is above the smallest.
        spread: the same of amounts. time: days from the first to the last leg.
        not_moved, moved: no leg's goods moved; all did.
        laps: the ring was run through again.
        claim_base, claim_legs: a claim that comes back to an assignor, through so many parties; a
            return between two is a buy-back.
    """

    days: int = 60
    max_legs: int = 6
    amount_gap: int = 350_000
    close_gap: int = 60_000
    close_days: int = 21
    max_parts: int = 3
    part_days: int = 3
    in_parts: int = -3
    max_steps: int = 2_000_000
    start_steps: int = 5_000
    base: int = -5
    pairs_only: int = -2
    more: int = 2
    through_group: int = -4
    goods_alike: int = 6
    goods_differ: int = -7
    quantities: Steps = ((30_000, 5), (120_000, 3), (400_000, 0), (None, -8))
    spread: Steps = ((50_000, 5), (150_000, 3), (250_000, 1), (None, -1))
    time: Steps = ((10, 4), (30, 2), (45, 0), (None, -2))
    not_moved: int = 4
    moved: int = -3
    laps: int = 4
    claim_base: int = 6
    claim_legs: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Seller and buyer under one control.

    Attributes:
        controls: a share above this decides.
        significant: from this share on a person is a beneficial owner (FATF recommendation 24
            names 25 % as an example).
        common: a director or contact of more parties than this is an agent or an office service.
        max_holdings: holders of more companies than this are funds; their links are left out.
        person_controls, person_significant: one person above these shares in both.
        director, contact: each in common; at most two of each kind count.
        open_group: ownership through companies of the register, or a common rare first word of the
            names: the group trades openly, and the bank sees it.
        name_count: the first word of a name is a group's if at most so many parties have it;
            own_name_count if no owner is common: other names begin with a town.
        not_moved: no goods of the pair move. moved: nearly all do, and are paid.
        young: one of the two was registered within so many days before their first invoice.
    """

    controls: int = 500_000
    significant: int = 250_000
    common: int = 4
    max_holdings: int = 50
    base: int = -8
    person_controls: int = 16
    person_significant: int = 9
    director: int = 8
    contact: int = 7
    open_group: int = -14
    name_count: int = 6
    own_name_count: int = 2
    not_moved: int = 4
    moved: int = -2
    young_days: int = 365
    young: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Dates that cannot be.

    Attributes:
        slack: days by which a date may be wrong: time zones, a telephone order written up later.
        due_before_issue, received_before_issue, unregistered, delivered_before_order,
            invoiced_before_order, paid_before_issue, assigned_before_issue: points of each.
        days: points by how many days are wrong.
        usual: if more than this share of the invoices has the fault, it is a habit of the market
            (a framework order written at the end of the month): usual_points.
        min_usual: and at least so many have it.
        late_entry: a party with more invoices before its entry in the register than this was
            entered late or anew.
        prepaid: a pair with more invoices paid before their issue than this pays in advance.
    """

    slack: int = 2
    base: int = 0
    due_before_issue: int = 8
    received_before_issue: int = 8
    unregistered: int = 8
    delivered_before_order: int = 5
    invoiced_before_order: int = 4
    paid_before_issue: int = 4
    assigned_before_issue: int = 6
    days: Steps = ((3, -2), (6, 1), (20, 4), (None, 6))
    usual: int = 80_000
    usual_points: int = -12
    min_usual: int = 10
    prepaid: int = 2
    late_entry: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Goods that never moved, and more sold than ordered or delivered.

    Attributes:
        financing: points by whether the invoices were assigned.
        rate: points by the rate of gaps among the pair's other invoices (unmoved), or of partial
            deliveries in the market (short). A carrier reports all trade of a pair or none, so a
            single gap among reported trade is rare: some 1 in 500 reports is lost.
        unreported: above this rate of gaps nobody reports the pair's trade.
        paid, overdue: the buyer paid all the same; the invoice is long due and not paid.
        no_order, rare: no order, though fewer than `rare` of the pair's invoices have none.
        beyond: more than the order by less than this is weighing and packing.
        beyond_order: base of what is beyond an order; excess: by how far. Buyers do not accept an
            invoice beyond their order, and a corrected order is a new one.
        moved_as_ordered: what moved is less than what was invoiced. beyond_and_moved: all moved.
        short_base, short, short_paid: a movement is smaller than its invoice, by the missing
            share; and the buyer paid the whole.
    """

    financing: Financing = field(default_factory=Financing)
    base: int = 0
    rate: Steps = ((30_000, 12), (60_000, 9), (100_000, 4), (200_000, -4), (None, -8))
    unreported: int = 400_000
    paid: int = -9
    overdue: int = 3
    no_order: int = 5
    rare: int = 50_000
    beyond: int = 50_000
    beyond_order: int = 10
    excess: Steps = ((100_000, -2), (200_000, 1), (None, 3))
    moved_as_ordered: int = 3
    beyond_and_moved: int = -14
    short_base: int = -12
    short: Steps = ((100_000, -3), (200_000, 1), (None, 3))
    short_paid: int = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """A buyer of many due invoices that no payment at a bank shows.

    Attributes:
        grace: late payers pay within so many days after the due day.
        oldest: and the oldest is due for so many.
        min_count: due invoices. pair_count: if the buyer pays other sellers.
        count: points by the number of due invoices. known: by the share of due invoices of other
            buyers for which a payment is known.
        long_overdue: the oldest is due for long_days.
        many_sellers: not a quarrel with one seller.
        pays_others: the buyer pays other sellers: a quarrel, or its name is used by another.
    """

    grace: int = 30
    oldest: int = 45
    min_count: int = 3
    pair_count: int = 4
    base: int = -6
    count: Steps = ((3, 2), (5, 5), (8, 7), (None, 9))
    known: Steps = ((700_000, 0), (850_000, 3), (None, 6))
    long_days: int = 90
    long_overdue: int = 2
    many_sellers: int = 2
    pays_others: int = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """What the tax authority knows otherwise, as cancelled, or not.

    Attributes:
        delay: the authority's records come within so many days.
        amount_gap: a smaller difference is rounding or a deduction.
        min_known: as of Deliveries, for one seller with min_count invoices: else it is outside
            the system.
        cancelled, other_buyer, other_currency, other_amount, missing: base points of each.
        amount: points by the gap of the amounts.
        rate: points of a missing record, by the rate of missing records.
        rare_gap, rare: another amount, if at most this share of the records has one.
        replace_days, replace_gap: a cancelled invoice followed within so many days by one of
            like amount was corrected; not reported unless it was assigned after that.
    """

    delay: int = 15
    amount_gap: int = 10_000
    min_known: int = 500_000
    min_count: int = 5
    cancelled: int = 9
    other_buyer: int = 9
    other_currency: int = 9
    other_amount: int = 2
    missing: int = 0
    amount: Steps = ((30_000, -3), (80_000, 2), (None, 6))
    rate: Steps = ((30_000, 7), (70_000, 4), (150_000, 0), (None, -6))
    rare_gap: int = 4
    rare: int = 20_000
    replace_days: int = 30
    replace_gap: int = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """One lot of goods behind two warehouse receipts.

    Attributes:
        quantity_gap: the same quantity, up to weighing.
        days: without a mark of the lot, receipts are compared within so many days.
        same_mark: the same mark of one warehouse; other_warehouse: of two warehouses.
        same_quantity, other_quantity: a lot may be split into two receipts of what each holds.
        same_place, other_place: where the goods lie.
        other_depositor: another depositor of the same lot.
        common_quantity: a usual quantity of the goods, at another warehouse, is chance.
        bulk: a mark of more receipts than bulk_count is a batch of a producer, not a lot.
        no_mark: at least one receipt has no mark.
        habit: the depositor stores this quantity again and again.
        max_group: so many receipts are compared with each other; more are left out.
    """

    quantity_gap: int = 20_000
    days: int = 120
    base: int = -6
    same_mark: int = 10
    other_warehouse: int = 4
    same_quantity: int = 5
    other_quantity: int = -5
    same_place: int = 5
    other_place: int = -3
    other_depositor: int = 1
    common_quantity: int = -4
    bulk_count: int = 4
    bulk: int = -8
    no_mark: int = 0
    habit: int = -8
    max_group: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Everything that an officer may change.

    Attributes:
        min_weight: weaker findings are not reported; below some 9 % none is made.
    """

    min_weight: int = 500_000
    deliveries: Deliveries = field(default_factory=Deliveries)
    duplicates: Duplicates = field(default_factory=Duplicates)
    splits: Splits = field(default_factory=Splits)
    amounts: Amounts = field(default_factory=Amounts)
    new_pairs: NewPairs = field(default_factory=NewPairs)
    circles: Circles = field(default_factory=Circles)
    control: Control = field(default_factory=Control)
    dates: Dates = field(default_factory=Dates)
    goods: Goods = field(default_factory=Goods)
    payments: Payments = field(default_factory=Payments)
    tax: Tax = field(default_factory=Tax)
    receipts: Receipts = field(default_factory=Receipts)
