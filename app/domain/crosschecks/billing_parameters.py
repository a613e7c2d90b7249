"""Thresholds and points of the checks of amounts, copies and parts (see parameters)."""

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
        habit: the pair had confirmed invoices like these before, at like distances or as many in
            one day. never_alike: the pair has no other confirmed invoice like these.
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
    no_whole: int = -6
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
        goes_on: it had at least as many other invoices after them.
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
    goes_on: int = -6
