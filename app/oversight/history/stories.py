"""Stories: the events that belong to a token, a loan or a party, as conditions on the event log.

A story has strands; each strand is a condition. An event belongs to the story when one condition
holds. A strand is left out where the caller may not see its subject: a debtor reads the story of a
claim without the loan that the holder drew on it, and without the price of its sale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.abi import DecodedValues
from app.domain.catalogue import COLLATERAL
from app.gateway.callers import Caller
from app.goods.warehouse_receipts import repository as receipts
from app.lending import repository as financing
from app.parties.registry import repository as parties
from app.storage import run
from app.storage.tables.base import POSITION_SHIFT, position_of
from app.trade.claims import repository as claims

_NO_END = 2**62  # above every position
# Contracts whose events are deals between two sides, with prices and terms.
_DEALS = ("ClaimMarket", "Facilities")
# Events that say who has a lien on a claim or bought it, and for how much.
_OF_RIGHTS = ("DebtorNotified", "FilingRecorded", "FilingAmended")
# Events that say who has a share of a loan, for how much, and what it was paid.
_OF_PARTICIPANTS = ("ParticipationSold", "ParticipantPaid")
# Events that say for how much a loan was sold.
_OF_SALES = ("LoanSold", "LoanBoughtBack", "BuyBackPriceRaised")
# Events of a campaign that say what one backer contributed or got back.
_OF_BACKERS = ("CampaignFunded", "BackerRefunded", "RelatedBackerReturned")


class Strand(msgspec.Struct, frozen=True):
    """A condition on the row `e` of `events`, and its values."""

    where: str
    values: tuple[Any, ...]


Story = Sequence[Strand]


def of_subjects(subjects: Sequence[str]) -> Strand:
    """Events that name one of these subjects."""
    marks = ", ".join("?" * len(subjects))
    return Strand(
        f"e.position IN (SELECT position FROM event_subjects WHERE subject IN ({marks}))",
        tuple(subjects),
    )


def _joined(kind: str, table: str, column: str, owner: str, number: int) -> Strand:
    """Events that name a row of `table` whose `owner` is this number."""
    return Strand(
        "e.position IN (SELECT s.position FROM "
        f"{table} t JOIN event_subjects s ON s.subject = '{kind}:' || t.{column} "
        f"WHERE t.{owner} = ?)",
        (number,),
    )


def _within(windows: Iterable[tuple[str, int, int]]) -> Strand:
    """Events that name a subject from one position on, and before another."""
    parts = list(windows)
    ranges = " OR ".join(["(subject = ? AND position >= ? AND position < ?)"] * len(parts))
    return Strand(
        f"e.position IN (SELECT position FROM event_subjects WHERE {ranges})",
        tuple(value for window in parts for value in window),
    )


def _without_deals_of_others(connection: Connection, caller: Caller, strand: Strand) -> Strand:
    """The strand without other parties' loans, sales, notices and filings.

    A caller who sees all sees them too.

    A loan that the caller may see has a strand of its own. The events of a sale of goods do not
    name the buyer: `GoodsSold` does, which ends the list of items in the same transaction.
    """
    if caller.sees_all:
        return strand
    accounts = [""] if caller.account is None else parties.accounts_of(connection, caller.account)
    own = of_subjects(accounts)
    marks = ", ".join("?" * len(accounts))
    bought = (
        "e.name = 'WarehouseReceiptSold' AND EXISTS "
        "(SELECT 1 FROM events s JOIN event_subjects buyer "
        "ON buyer.position = s.position WHERE s.position > e.position "
        f"AND s.position < e.position + {1 << POSITION_SHIFT} AND s.name = 'GoodsSold' "
        f"AND s.transaction_hash = e.transaction_hash AND buyer.subject IN ({marks}))"
    )
    filed = _of_filings(accounts)
    return Strand(
        f"({strand.where}) AND ((e.contract NOT IN (?, ?) AND e.name NOT IN (?, ?, ?)) "
        f"OR {own.where} OR {bought} OR {filed.where})",
        (*strand.values, *_DEALS, *_OF_RIGHTS, *own.values, *accounts, *filed.values),
    )


def _of_filings(accounts: Sequence[str]) -> Strand:
    """Events of filings whose registrant or grantor has one of these accounts."""
    marks = ", ".join("?" * len(accounts))
    return Strand(
        "EXISTS (SELECT 1 FROM event_subjects filed JOIN filings f "
        "ON filed.subject = 'filing:' || f.filing_id WHERE filed.position = e.position "
        f"AND (f.registrant IN ({marks}) OR f.grantor IN ({marks})))",
        (*accounts, *accounts),
    )


def _without_notices_of_others(connection: Connection, caller: Caller, strand: Strand) -> Strand:
    """The strand without notices and filings of other parties, unless the caller sees all."""
    if caller.sees_all:
        return strand
    accounts = [""] if caller.account is None else parties.accounts_of(connection, caller.account)
    own, filed = of_subjects(accounts), _of_filings(accounts)
    return Strand(
        f"({strand.where}) AND (e.name NOT IN (?, ?, ?) OR {own.where} OR {filed.where})",
        (*strand.values, *_OF_RIGHTS, *own.values, *filed.values),
    )


def _without_shares_of_others(
    connection: Connection, caller: Caller, strand: Strand, *, hidden: Sequence[str]
) -> Strand:
    """The strand without the shares that others have of loans.

    Args:
        hidden: the names of the events that are left out unless they name the caller.
    """
    accounts = [""] if caller.account is None else parties.accounts_of(connection, caller.account)
    own = of_subjects(accounts)
    marks = ", ".join("?" * len(hidden))
    return Strand(
        f"({strand.where}) AND (e.name NOT IN ({marks}) OR {own.where})",
        (*strand.values, *hidden, *own.values),
    )


def of_receivable(connection: Connection, caller: Caller, receivable_id: int) -> Story:
    """The receivable, all claims ever issued on it, and the loans drawn on those."""
    rows = run(connection, "SELECT claim_id FROM claims WHERE receivable_id = ?", (receivable_id,))
    every = _joined("claim", "claims", "claim_id", "receivable_id", receivable_id)
    return [
        _without_notices_of_others(
            connection, caller, of_subjects([f"receivable:{receivable_id}"])
        ),
        _without_deals_of_others(connection, caller, every),
        *_loans_on(connection, caller, "claim", [row[0] for row in rows]),
    ]


def of_claim(connection: Connection, caller: Caller, claim_id: int, receivable_id: int) -> Story:
    """The claim with its ancestors until they were split, the debt, and the loans on the claim.

    The debt's own events are payments, disputes and default. Loans come with their calls, auctions
    and losses.
    """
    until = {step.token_id: step.until for step in claims.lineage(connection, claim_id)}
    debt = Strand(
        "e.claim_id IS NULL AND "
        "e.position IN (SELECT position FROM event_subjects WHERE subject = ?)",
        (f"receivable:{receivable_id}",),
    )
    ancestry = _within([(f"claim:{number}", 0, end) for number, end in until.items()])
    own = _without_deals_of_others(connection, caller, ancestry)
    return [own, debt, *_loans_on(connection, caller, "claim", sorted(until))]


def of_lot(connection: Connection, caller: Caller, lot_id: int) -> Story:
    """The lot, all warehouse receipts ever issued on it, and the loans drawn on those."""
    rows = run(
        connection,
        "SELECT warehouse_receipt_id FROM warehouse_receipts WHERE lot_id = ?",
        (lot_id,),
    )
    every = _joined(
        "warehouse-receipt", "warehouse_receipts", "warehouse_receipt_id", "lot_id", lot_id
    )
    return [
        of_subjects([f"lot:{lot_id}"]),
        _without_deals_of_others(connection, caller, every),
        *_loans_on(connection, caller, "warehouse-receipt", [row[0] for row in rows]),
    ]


def of_receipt(connection: Connection, caller: Caller, warehouse_receipt_id: int) -> Story:
    """The warehouse receipt with its ancestors until they were split, and the loans drawn on it."""
    steps = receipts.lineage(connection, warehouse_receipt_id)
    until = {step.token_id: step.until for step in steps}
    ancestry = [(f"warehouse-receipt:{number}", 0, end) for number, end in until.items()]
    sales = _sales_of(connection, sorted(until))
    own = _without_deals_of_others(connection, caller, _within([*ancestry, *sales]))
    return [own, *_loans_on(connection, caller, "warehouse-receipt", sorted(until))]


def _sales_of(connection: Connection, ancestry: Sequence[int]) -> list[tuple[str, int, int]]:
    """The sales that split one of these off another receipt: each event names only the other."""
    named = of_subjects([f"warehouse-receipt:{number}" for number in ancestry])
    rows = run(
        connection,
        "SELECT e.position, e.arguments_json FROM events e "
        f"WHERE e.name = 'WarehouseReceiptSold' AND {named.where}",
        named.values,
    )
    sales = [(int(position), json.loads(text)) for position, text in rows]
    return [
        (f"warehouse-receipt:{arguments['warehouseReceiptId']}", position, position + 1)
        for position, arguments in sales
        if arguments["soldWarehouseReceiptId"] in ancestry
    ]


def of_order(connection: Connection, caller: Caller, order_id: int) -> Story:
    """The order with its deliveries and invoices, and the loans drawn on it."""
    own = _without_deals_of_others(connection, caller, of_subjects([f"order:{order_id}"]))
    return [own, *_loans_on(connection, caller, "order", [order_id])]


def of_loan(connection: Connection, caller: Caller, loan_id: int) -> Story:
    """The loan, and the events of each collateral item while the loan held it.

    Only its lender reads what all participants have of it.
    """
    own = of_subjects([f"loan:{loan_id}"])
    row = financing.loan(connection, loan_id)
    if row is not None and not named(caller, row.lender):
        is_side = named(caller, row.borrower, row.entruster)
        hidden = _OF_PARTICIPANTS if is_side else (*_OF_PARTICIPANTS, *_OF_SALES)
        own = _without_shares_of_others(connection, caller, own, hidden=hidden)
    windows = _windows(connection, loan_id)
    if not windows:
        return [own]
    return [own, _without_deals_of_others(connection, caller, _within(windows))]


def of_facility(connection: Connection, caller: Caller, facility_id: int) -> Story:
    """The facility and all its loans; only its lender reads what participants have of them."""
    loans = _joined("loan", "loans", "loan_id", "facility_id", facility_id)
    row = financing.facility(connection, facility_id)
    if row is not None and not named(caller, row.lender):
        loans = _without_shares_of_others(connection, caller, loans, hidden=_OF_PARTICIPANTS)
    return [of_subjects([f"facility:{facility_id}"]), loans]


def of_campaign(campaign_id: int, *, backer: Sequence[str] | None) -> Story:
    """The campaign; with `backer`, only these accounts' share of the backers' events."""
    whole = of_subjects([f"campaign:{campaign_id}"])
    if backer is None:
        return [whole]
    names = ", ".join("?" * len(_OF_BACKERS))
    own = of_subjects(list(backer) or [""])
    return [
        Strand(
            f"{whole.where} AND (e.name NOT IN ({names}) OR {own.where})",
            (*whole.values, *_OF_BACKERS, *own.values),
        )
    ]


def of_party(connection: Connection, party_id: str) -> Story | None:
    """Events that name the party's number or accounts; None: there is no such party."""
    row = parties.by_id(connection, party_id)
    if row is None:
        return None
    subjects = [row.account]
    if row.ledger_party_id is not None:
        subjects.append(f"party:{row.ledger_party_id}")
        others = parties.accounts_of(connection, row.account)
        subjects += [account for account in others if account not in subjects]
    return [of_subjects(subjects)]


# ------------------------------------------------------------------ loans


def _loans_on(
    connection: Connection, caller: Caller, kind: str, numbers: Sequence[int]
) -> list[Strand]:
    """Loans that had one of these as collateral, or accepted it in place of money."""
    if not numbers:
        return []
    account = None if caller.sees_all else caller.account or ""
    wheres, values = financing.of_account(account, of="l.")
    visible = "".join(f" AND {where}" for where in wheres)
    marks = ", ".join("?" * len(numbers))
    rows = run(
        connection,
        "SELECT l.loan_id FROM loans l "
        f"WHERE l.collateral = ? AND l.collateral_id IN ({marks}){visible} "
        "UNION SELECT l.loan_id FROM collateral_items p JOIN loans l ON l.loan_id = p.loan_id "
        f"WHERE p.kind = ? AND p.item_id IN ({marks}){visible}",
        (kind, *numbers, *values, kind, *numbers, *values),
    )
    loans = {int(row[0]) for row in rows}
    named_loans = _loans_named(connection, [f"{kind}:{number}" for number in numbers])
    loans |= {number for number in named_loans - loans if _may_see(connection, caller, number)}
    if not loans:
        return []
    strand = of_subjects([f"loan:{number}" for number in sorted(loans)])
    if caller.sees_all:
        return [strand]
    return [_without_shares_of_others(connection, caller, strand, hidden=_OF_PARTICIPANTS)]


def _loans_named(connection: Connection, subjects: Sequence[str]) -> set[int]:
    """Loans that an event of Facilities names together with one of these subjects."""
    strand = of_subjects(subjects)
    rows = run(
        connection,
        f"SELECT e.arguments_json FROM events e WHERE e.contract = 'Facilities' AND {strand.where}",
        strand.values,
    )
    numbers = (json.loads(row[0]).get("loanId") for row in rows)
    return {int(number) for number in numbers if number}


def _may_see(connection: Connection, caller: Caller, loan_id: int) -> bool:
    row = financing.loan(connection, loan_id)
    return row is not None and named(caller, row.lender, row.borrower, row.entruster)


def named(caller: Caller, *accounts: str | None) -> bool:
    """Whether the caller has one of these accounts, or sees all."""
    return caller.sees_all or (caller.account is not None and caller.account in accounts)


def lent_on(connection: Connection, caller: Caller, kind: str, number: int) -> bool:
    """Whether the caller lent or borrowed on it: its lienholder is the ledger, not the lender."""
    return bool(_loans_on(connection, caller, kind, [number]))


def _windows(connection: Connection, loan_id: int) -> list[tuple[str, int, int]]:
    """Each collateral item with the positions between which the loan held it, for each time.

    From the block in which the loan took the item to the end of the block that released it.
    """
    row = financing.loan(connection, loan_id)
    if row is None:
        return []
    strand = of_subjects([f"loan:{loan_id}"])
    rows = run(
        connection,
        "SELECT e.block_number, e.name, e.arguments_json FROM events e "
        f"WHERE {strand.where} ORDER BY e.position",
        strand.values,
    )
    events = [
        (int(event.block_number), event.name, json.loads(event.arguments_json)) for event in rows
    ]
    orders = {
        arguments.get("orderId")
        for _, name, arguments in events
        if name.startswith("OrderConvertedToClaim")
    }
    since: dict[str, int] = {}
    windows: list[tuple[str, int, int]] = []
    for block, name, arguments in events:
        first = "order" if arguments.get("collateralId") in orders else row.collateral
        taken, released = _moved(name, arguments, first=first)
        if taken is not None:
            since.setdefault(taken, block)
        for item in list(since) if name == "LoanEnded" else [released]:
            if item in since:
                windows.append((item, position_of(since.pop(item), 0), position_of(block + 1, 0)))
    return windows + [(item, position_of(begun, 0), _NO_END) for item, begun in since.items()]


def _moved(name: str, arguments: DecodedValues, *, first: str) -> tuple[str | None, str | None]:
    """The item that becomes a loan's collateral with this event, and the item that it releases.

    Args:
        first: the kind of the item that the loan was drawn on.
    """
    match name:
        case "LoanDrawn" if arguments["collateralId"]:
            return f"{first}:{arguments['collateralId']}", None
        case "CollateralAdded":
            return f"{COLLATERAL[arguments['kind']]}:{arguments['id']}", None
        case "CollateralReleased":
            return None, f"{COLLATERAL[arguments['collateral']]}:{arguments['collateralId']}"
        case "OrderConvertedToClaim":
            return f"claim:{arguments['claimId']}", f"order:{arguments['orderId']}"
        case "OrderConvertedToGoods":  # the order stays: part of it may still be undelivered
            return f"warehouse-receipt:{arguments['warehouseReceiptId']}", None
        case "GoodsConvertedToClaim":  # part of the warehouse receipt may stay
            return f"claim:{arguments['claimId']}", None
    return None, None
