"""What comes after an invoice: payments at banks, and claims that pass to financiers.

All invoices go through here alike, those of fraud too: what marks fraud is only what its scheme
chose (`pays`, `paid_on`, `financed`).
"""

from __future__ import annotations

from collections import defaultdict
from random import Random

from app.domain.calendar import month_end, week_end
from benchmarks.fraud.drafts import (
    Company,
    DraftAssignment,
    DraftInvoice,
    DraftPayment,
    Honest,
    World,
    working_day,
)

LATE_DAYS = 12  # from here on a buyer is called a late payer
DISPUTED, IN_PARTS, FEES, PASSED_ON = 0.004, 0.05, 0.02, 0.06


def settle(world: World) -> None:
    """Payments of all invoices, each on its own or many at once, as the buyer is used to."""
    chance = world.stream("payments")
    batches: dict[tuple[Company, Company, str, int], list[DraftInvoice]] = defaultdict(list)
    for invoice in world.invoices:
        day = _pay_day(chance, invoice)
        if day is not None:
            pair = invoice.pair
            batches[pair.buyer, pair.seller, pair.currency, day].append(invoice)
    for (buyer, _, _, day), invoices in batches.items():
        _pay(world, chance, invoices, payer=buyer.treasury or buyer, day=day)


def _pay_day(chance: Random, invoice: DraftInvoice) -> int | None:
    pair, buyer = invoice.pair, invoice.pair.buyer
    if invoice.paid_on is not None:
        return invoice.paid_on
    if not invoice.pays:
        return None
    disputed = chance.random() < DISPUTED
    if disputed and invoice.label is None:
        invoice.honest = Honest.DISPUTED
        return None
    if pair.prepaid:
        return max(pair.start, invoice.issue_day - chance.randint(1, 3))
    day = invoice.due_day + round(chance.gauss(buyer.late, 2))
    day = working_day(max(invoice.issue_day + 1, day))
    if buyer.batch == "week":
        day = week_end(day) - 2
    elif buyer.batch == "month":
        day = working_day(month_end(day) - 3)
    day = max(day, invoice.issue_day + 1)
    if buyer.insolvent_day is not None and day > buyer.insolvent_day:
        if invoice.label is None:
            invoice.honest = Honest.INSOLVENT
        return None
    if buyer.late > LATE_DAYS and invoice.label is None:
        invoice.honest = invoice.honest or Honest.LATE_PAYER
    return day


def _pay(
    world: World, chance: Random, invoices: list[DraftInvoice], *, payer: Company, day: int
) -> None:
    pair = invoices[0].pair
    total = sum(invoice.amount for invoice in invoices)
    early = any(invoice.paid_on is not None for invoice in invoices)
    names = early or (chance.random() < pair.buyer.refers and not pair.prepaid)
    shares = [total]
    if len(invoices) == 1 and chance.random() < IN_PARTS:
        first = total * chance.choice((30, 50, 70)) // 100
        shares = [first, total - first]
    if chance.random() < FEES:  # a bank on the way takes its fee
        shares[-1] -= chance.choice((5, 30, 15_00))
    for share in shares:
        if share > 0:
            world.payments.append(
                DraftPayment(
                    payer=payer,
                    payee=pair.seller,
                    currency=pair.currency,
                    amount=share,
                    day=day,
                    named=list(invoices) if names else [],
                )
            )
        day += chance.randint(5, 25)


def assign(world: World) -> None:
    """Claims go to banks, some by way of a supplier of the seller; fraud's are no exception."""
    chance = world.stream("assignments")
    suppliers: dict[Company, list[Company]] = defaultdict(list)
    for pair in world.pairs:
        suppliers[pair.buyer].append(pair.seller)
    passed = {assignment.invoice for assignment in world.assignments}
    for invoice in world.invoices:
        if not invoice.stated or invoice in passed or chance.random() >= invoice.financed:
            continue
        day = invoice.received_day + chance.randint(0, 10)
        amount = invoice.amount * chance.choice((80, 90, 100, 100)) // 100
        holder = invoice.pair.seller
        if suppliers[holder] and chance.random() < PASSED_ON:
            supplier = chance.choice(suppliers[holder])
            world.assignments.append(DraftAssignment(invoice, holder, supplier, amount, day))
            holder, day = supplier, day + chance.randint(1, 20)
        bank = chance.choice(world.banks)
        world.assignments.append(DraftAssignment(invoice, holder, bank, amount, day))
