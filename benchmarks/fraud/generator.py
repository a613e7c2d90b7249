"""A market in which most trade is honest and some is not, made from a number.

`market(seed, size)` gives the same bytes for the same seed and size. Who reads only the market
cannot tell fraud from its ids or the order of its records.

Assumptions about honest trade:

- `size` companies in thirteen sectors sell along chains of supply for two years; a large company
  has more partners. 5 % are founded within the two years, 18 % of pairs meet within them, and half
  of those begin with an order of three to seven times the usual amount.
- Amounts of a pair are log-normal about a level that follows a trend and a season. One pair in
  fourteen invoices the same amount every one to four weeks; one in thirty has round prices. One
  line in twenty is written as two. One delivery in 500 is four to ten times as large as usual,
  with an order well ahead, and is paid.
- 45 % of pairs order each delivery, 25 % by the quarter; for 30 % no order is known. 12 % of
  deliveries come in two or three parts, equal but for the last. One order in 300 is written a day
  after the goods left.
- The carriers of 75 % of pairs report movements, but for two in a thousand; one line in ten is
  weighed again and differs by up to 0.4 %. For the other pairs no movement is known.
- 1 % of invoices are cancelled at the tax authority and issued anew within ten days, under a number
  of their own or the old one with a mark; half of the cancelled ones are in the ledger too. Three
  in a thousand numbers are written otherwise than the seller writes them.
- One market in five (its seed is a multiple of five) never asked the tax authority: `tax_known` is
  false, it has no tax records, and no fraud of that kind. Elsewhere none is a statement.
- One buyer in eight pays two to six weeks late; some pay one by one, some by the week or month,
  some in two parts, some without references, some before the invoice; banks take fees, and 1.5 % of
  references are miswritten. Four invoices in a thousand are disputed and never paid, and one
  company in a hundred, and one more, stops paying for good.
- Groups say so: one name, one holding company in the register, the prices of others; some have a
  treasury that pays for all. Board members by profession, addresses of agents and small investors
  tie companies that have nothing else in common. Families own one company in twelve through a
  holding company. For 8 % no owner is known.
- Sectors sell to each other in cycles: steel to machines and machines to steel.
- 45 % of claims go to banks, 6 % of these by way of a supplier.
- Two warehouses share a site; each counts its lots for itself, so that marks repeat elsewhere; a
  bay is used again after 75 days. Loads of equal quantity lie side by side.

Fraud is in `benchmarks.fraud.schemes`: twelve kinds, each at its rate, each by clumsy, trained and
careful people in turn. They finance 85 % of what they invent. A copy bears a label, and the invoice
that it copies does not.

None of it was fitted to real firms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.domain.calendar import day_of
from app.domain.crosschecks.records import Kind, Market
from benchmarks.fraud.companies import arrange_trade, found_companies
from benchmarks.fraud.drafts import DraftInvoice, DraftReceipt, Honest, SizeRefused, Skill, World
from benchmarks.fraud.records import finished
from benchmarks.fraud.schemes import inject
from benchmarks.fraud.settlement import assign, settle
from benchmarks.fraud.storage import store
from benchmarks.fraud.trade import trade

FIRST, DAYS = day_of(date(2024, 1, 1)), 730
REVIEW_LIMIT = 500_000_00
MIN_SIZE, MAX_SIZE = 60, 5_000
TAX_UNKNOWN_EACH = 5

Labels = dict[str, Kind]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the detector must not see. All by id of the invoice or warehouse receipt.

    Attributes:
        labels: the kind of each fraudulent record.
        skills: how well it was done.
        cases: the number of the case that it belongs to.
        honest: why an honest record may look like fraud, for those that do.
    """

    labels: Labels
    skills: dict[str, Skill]
    cases: dict[str, int]
    honest: dict[str, Honest]


def market(seed: int, size: int) -> tuple[Market, Labels]:
    """A market of so many companies, and the kind of each fraudulent invoice or receipt by its id.

    Raises:
        SizeRefused: fewer than 60 companies, or more than 5,000.
    """
    records, secrets = generate(seed, size)
    return records, secrets.labels


def generate(seed: int, size: int) -> tuple[Market, Secrets]:
    """A market with all that is known of its records.

    Raises:
        SizeRefused: fewer than 60 companies, or more than 5,000.
    """
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise SizeRefused(f"size {size}: take {MIN_SIZE} to {MAX_SIZE} companies")
    world = World(
        seed=seed,
        size=size,
        first=FIRST,
        today=FIRST + DAYS,
        review_limit=REVIEW_LIMIT,
        tax_known=seed % TAX_UNKNOWN_EACH != 0,
    )
    found_companies(world)
    arrange_trade(world)
    trade(world)
    store(world)
    inject(world)
    settle(world)
    assign(world)
    records = finished(world)
    written: list[DraftInvoice | DraftReceipt] = [*world.invoices, *world.receipts]
    drafts = [one for one in written if one.id]
    return records, Secrets(
        labels={one.id: one.label for one in drafts if one.label},
        skills={one.id: one.skill for one in drafts if one.skill},
        cases={one.id: one.case for one in drafts if one.case},
        honest={one.id: one.honest for one in drafts if one.honest},
    )
