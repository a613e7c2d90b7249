"""All thresholds and points of the checks, in one place, so that an officer may change them.

Points are decibans (app.domain.crosschecks.weighing): +10 means that fraud became ten times
likelier. Each check starts from `base`, the odds before it knows anything but its trigger. The
figures come from reasoning about how honest trade looks, not from a fit: change them with the
outcomes of findings that were decided. Days are days, shares and rates parts per million. `Steps`
list points by a value's upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.crosschecks.weighing import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """How movements and payments are matched with invoices.

    Attributes:
        window: a movement without a common order belongs to an invoice only if it is this near.
        grace: goods of an invoice may be on their way, and a back order open, for so long.
        paid_share: an invoice counts as paid from this share on; the rest is fees and deductions.
        delivered_share: as delivered from this share on; weighing and packing differ.
        weighing: two scales differ by so much; what remains is no delivery of its own.
        token: below this share nothing but a show moved: nobody sends a tenth of an order.
        prepaid: a payment may come so many days before the invoice.
        min_known: below this share of matured invoices with a movement (due ones with a payment,
            old ones with a tax record) the reports are too thin, and the check is left out.
        min_sample: below so many matured invoices of a kind of goods, the market's rate counts.
    """

    window: int = 60
    grace: int = 30
    paid_share: int = 900_000
    delivered_share: int = 950_000
    weighing: int = 30_000
    token: int = 100_000
    prepaid: int = 60
    min_known: int = 500_000
    min_sample: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Financing:
    """Whether a suspicious invoice was assigned.

    Who invents an invoice does so to be paid for it at once. One that was never assigned cheated
    no financier: it is rather a true one with an odd record.

    Attributes:
        assigned: most of the invoices of a finding were. not_assigned: most were not.
    """

    assigned: int = 2
    not_assigned: int = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """The same delivery under another number.

    Attributes:
        financing: points by whether the invoices were assigned.
        amount_gap: copies are changed a little: rounding, a fee, a cent.
        days: a copy is presented while the first is not yet paid.
        lines_alike: share of the goods that both have.
        group: in larger groups of like invoices a pair trades in a standard lot; each is compared
            with its next ones only, as many as this.
        same_order: one order that does not allow both.
        order_allows: one order that allows both: partial deliveries, framework order.
        own_orders: each has an order of its own.
        variant: one number is the other with something added, or with letters for digits.
        one_delivery: goods moved for one of two. own_deliveries: each moved.
        tax_knows_one, tax_knows_both: of the two.
        both_paid: nobody pays a copy twice. one_paid: one is paid, the other is due and not,
            where the pair leaves at most payment_gaps of its invoices unpaid.
        corrected: only the later is paid, and nobody knows whether the first was cancelled.
        not_ordered: one has no order, where at most `rare` of the pair's invoices have none.
        excess_gap: what is beyond their order is one of them, up to this share.
        habit: the pair has more invoices like these, at like distances or as many in one day.
        never_alike: the pair has no other invoice like these.
        same_lines, other_lines: the quantities are equal, or only near.
        exact: equal to the cent, and not a round sum.
        nearness: days between the two.
    """

    financing: Financing = field(default_factory=Financing)
    amount_gap: int = 20_000
    days: int = 60
    lines_alike: int = 900_000
    group: int = 20
    base: int = -8
    same_order: int = 10
    order_allows: int = -10
    own_orders: int = -10
    variant: int = 8
    one_delivery: int = 7
    own_deliveries: int = -10
    tax_knows_one: int = 7
    tax_knows_both: int = -2
    both_paid: int = -8
    one_paid: int = 6
    corrected: int = -10
    payment_gaps: int = 200_000
    not_ordered: int = 6
    rare: int = 50_000
    excess_gap: int = 50_000
    habit: int = -8
    never_alike: int = 4
    same_lines: int = 2
    other_lines: int = -5
    exact: int = 3
    nearness: Steps = ((3, 3), (14, 2), (30, 0), (None, -2))

    @property
    def max_rest(self) -> int:
        """What number, lines, habit and nearness together may add."""
        nearest = max(points for _, points in self.nearness)
        rest = self.variant + self.same_lines + self.never_alike + self.exact
        return max(0, rest) + nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """Parts that each stay below the limit of a review.

    Attributes:
        financing: points by whether the invoices were assigned.
        order_days: parts of one order lie within so many days; later ones are deliveries.
        batch_days: parts without a common order within so many.
        part: without a common order, smaller shares of the limit are other business.
        one_order: one order above the limit. own_orders: each part has its own.
        whole, no_whole: the parts make the whole order, up to whole_gap, or only some of a
            framework.
        parts: by their number: two deliveries in a week are ordinary, four at the limit are not.
        span: days from first to last part.
        nearness: by the share of the limit that all parts but the smallest reach.
        others_near: by how many of the pair's other invoices lie between `part` and the limit in
            order_days (millionths), if it has min_others and over at least min_days: a pair that
            always bills so much hides nothing, and one that never does has no such week by chance.
        rare_band: no more than this share of invoices lies so near below the limit by chance.
        rare: points if the band is that rare; common: if three times as many are in it.
        one_movement: goods of all parts moved at once. own_movements: each apart, by the days
            from the first to the last.
        habit: so many batches of the pair stay below the limit in all: it bills in batches.
    """

    financing: Financing = field(default_factory=Financing)
    order_days: int = 7
    batch_days: int = 7
    part: int = 450_000
    base: int = -10
    one_order: int = 4
    own_orders: int = -1
    whole_gap: int = 10_000
    whole: int = 5
    no_whole: int = -3
    parts: Steps = ((2, -10), (3, 4), (None, 8))
    span: Steps = ((0, 4), (2, 3), (4, 1), (None, -1))
    nearness: Steps = ((500_000, 0), (700_000, 3), (800_000, 6), (None, 9))
    min_others: int = 5
    min_days: int = 90
    others_near: Steps = ((10_000, 7), (50_000, 5), (120_000, 2), (250_000, -1), (None, -6))
    rare_band: int = 60_000
    rare: int = 2
    common: int = -4
    one_movement: int = 6
    own_movements: Steps = ((0, 0), (2, -1), (None, -3))
    min_habit: int = 5
    habit: int = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Amounts out of the pattern of their seller and buyer.

    Attributes:
        financing: points by whether the invoices were assigned.
        min_history: other invoices that a pattern needs.
        min_factor: an amount below so many times (ppm) the usual one is no finding.
        min_deviations: robust standard deviations of the logarithm above the usual amount.
        prior_count: the market's dispersion counts as so many invoices of the pair.
        min_dispersion: so small dispersions (millionths of an e-fold) are chance.
        season_days: what the seller's other buyers do in this time is a season.
        deviations: points by deviations in thousandths.
        price: the price of goods is so many times (ppm) what the pair pays for them; prices of
            one pair differ by some percent, so that half as much again is no bargaining.
        odd_price, beyond_order, beyond_lines: points for a price out of the pattern, for more
            than the order, for an amount that the lines do not explain.
        order_gap: more than the order by less than this is a fee.
        corroborated: delivered in full and ordered at this amount: most large sums are.
        paid: the buyer paid, at least a part. not_paid: it is due and not, by the rate of others.
        not_ordered, rare: no order, though fewer than `rare` of the pair's invoices have none.
    """

    financing: Financing = field(default_factory=Financing)
    min_history: int = 5
    min_factor: int = 2_500_000
    min_deviations: int = 2_500
    prior_count: int = 6
    min_dispersion: int = 150_000
    season_days: int = 20
    base: int = -2
    deviations: Steps = ((3_000, -2), (4_000, 0), (5_000, 3), (7_000, 6), (None, 9))
    price: int = 1_500_000
    odd_price: int = 10
    beyond_order: int = 7
    beyond_lines: int = 7
    order_gap: int = 100_000
    corroborated: int = -3
    paid: int = -8
    not_paid: Steps = ((100_000, 8), (200_000, 5), (400_000, 1), (None, -3))
    not_ordered: int = 6
    rare: int = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPairs:
    """Large round sums as soon as two parties meet.

    Attributes:
        days: a pair is new for so long after its first order or invoice.
        known_days: the records must reach back so far before it, or nobody knows that it is new.
        min_count: so many round sums.
        round_digits: at most so many digits before the zeros.
        large: this quantile of the market's invoices.
        registered_days: a party this young speaks for it.
        rarity: points of each round sum, by how many of the market's invoices are round.
        max_counted: so many round sums count.
        all_round, huge, young, not_ordered, not_moved, not_paid: points for all invoices round,
            for three times the quantile, for a young party, and for what is missing.
        moved, moved_and_paid: points against, if true of all.
        ended, ended_days: the pair had no other business after its first days, for so long.
    """

    days: int = 60
    known_days: int = 30
    min_count: int = 2
    round_digits: int = 3
    large: int = 700_000
    registered_days: int = 365
    base: int = -14
    rarity: Steps = ((50_000, 8), (120_000, 6), (250_000, 4), (500_000, 1), (None, -2))
    max_counted: int = 3
    all_round: int = 3
    huge: int = 4
    young: int = 4
    not_ordered: int = 2
    not_moved: int = 5
    not_paid: int = 3
    moved: int = -2
    moved_and_paid: int = -5
    ended: int = 6
    ended_days: int = 60


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
