"""Stories: the events that belong to a token, a loan, a party, as conditions on the event log.

A story has strands, each a condition; an event belongs to it when one of them holds. A strand is
left out where the caller may not see what it is about: a debtor reads the story of a claim without
the loan that its holder drew on it, and without the price at which it was sold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.catalogue import COVER
from app.gateway.callers import Caller
from app.goods.warehouse_receipts import repository as receipts
from app.lending import repository as financing
from app.parties.registry import repository as parties
from app.storage import run
from app.storage.tables import POSITION_SHIFT, position_of
from app.trade.claims import repository as claims

_NO_END = 2**62  # past every position
# Contracts whose events are deals of two sides, with prices and terms.
_DEALS = ("ClaimMarket", "Facilities")
# Events of a campaign that say what one backer put in or got back.
_OF_BACKERS = ("CampaignFunded", "BackerRefunded", "RelatedBackerReturned")


class Strand(msgspec.Struct, frozen=True):
    """A condition on the row `e` of `events`, with its values."""

    where: str
    values: tuple[Any, ...]


Story = Sequence[Strand]


def of_subjects(subjects: Sequence[str]) -> Strand:
    """Events that name one of these."""
    marks = ", ".join("?" * len(subjects))
    return Strand(
        f"e.position IN (SELECT position FROM event_subjects WHERE subject IN ({marks}))",
        tuple(subjects),
    )


def _joined(kind: str, table: str, column: str, owner: str, number: int) -> Strand:
    """Events that name a row of `table` whose `owner` is this number, however many there are."""
    return Strand(
        "e.position IN (SELECT s.position FROM "
        f"{table} t JOIN event_subjects s ON s.subject = '{kind}:' || t.{column} "
        f"WHERE t.{owner} = ?)",
        (number,),
    )


def _within(windows: Iterable[tuple[str, int, int]]) -> Strand:
    """Events that name a subject from a position on, and before another."""
    found = list(windows)
    ranges = " OR ".join(["(subject = ? AND position >= ? AND position < ?)"] * len(found))
    return Strand(
        f"e.position IN (SELECT position FROM event_subjects WHERE {ranges})",
        tuple(value for window in found for value in window),
    )


def _without_deals_of_others(connection: Connection, caller: Caller, strand: Strand) -> Strand:
    """The strand, of its loans and sales only what names the caller, unless it sees all.

    What a loan that it may see tells is a strand of its own. The pieces of a sale of goods do not
    name their buyer: `GoodsSold`, which ends the same transaction's list of them, does.
    """
    if caller.sees_all:
        return strand
    accounts = [""] if caller.account is None else accounts_of(connection, caller.account)
    own = of_subjects(accounts)
    marks = ", ".join("?" * len(accounts))
    bought = (
        "e.name = 'PieceSold' AND EXISTS (SELECT 1 FROM events s JOIN event_subjects buyer "
        "ON buyer.position = s.position WHERE s.position > e.position "
        f"AND s.position < e.position + {1 << POSITION_SHIFT} AND s.name = 'GoodsSold' "
        f"AND s.transaction_hash = e.transaction_hash AND buyer.subject IN ({marks}))"
    )
    return Strand(
        f"({strand.where}) AND (e.contract NOT IN (?, ?) OR {own.where} OR {bought})",
        (*strand.values, *_DEALS, *own.values, *accounts),
    )


def of_receivable(connection: Connection, caller: Caller, receivable_id: int) -> Story:
    """The receivable, every claim there ever was on it, and the loans drawn on those."""
    rows = run(connection, "SELECT claim_id FROM claims WHERE receivable_id = ?", (receivable_id,))
    every = _joined("claim", "claims", "claim_id", "receivable_id", receivable_id)
    return [
        of_subjects([f"receivable:{receivable_id}"]),
        _without_deals_of_others(connection, caller, every),
        *_loans_on(connection, caller, "claim", [row[0] for row in rows]),
    ]


def of_claim(connection: Connection, caller: Caller, claim_id: int, receivable_id: int) -> Story:
    """The claim with its ancestors until they were split, what happened to the debt itself
    (payments, disputes, default), and the loans drawn on the claim with their calls, auctions and
    losses."""
    until = {step["claim_id"]: step["until"] for step in claims.lineage(connection, claim_id)}
    debt = Strand(
        "e.claim_id IS NULL AND "
        "e.position IN (SELECT position FROM event_subjects WHERE subject = ?)",
        (f"receivable:{receivable_id}",),
    )
    line = _within([(f"claim:{number}", 0, end) for number, end in until.items()])
    own = _without_deals_of_others(connection, caller, line)
    return [own, debt, *_loans_on(connection, caller, "claim", sorted(until))]


def of_lot(connection: Connection, caller: Caller, lot_id: int) -> Story:
    """The lot, every receipt there ever was on it, and the loans drawn on those."""
    rows = run(connection, "SELECT receipt_id FROM receipts WHERE lot_id = ?", (lot_id,))
    every = _joined("receipt", "receipts", "receipt_id", "lot_id", lot_id)
    return [
        of_subjects([f"lot:{lot_id}"]),
        _without_deals_of_others(connection, caller, every),
        *_loans_on(connection, caller, "receipt", [row[0] for row in rows]),
    ]


def of_receipt(connection: Connection, caller: Caller, receipt_id: int) -> Story:
    """The receipt with its ancestors until they were split, and the loans drawn on it."""
    until = {step["receipt_id"]: step["until"] for step in receipts.lineage(connection, receipt_id)}
    line = [(f"receipt:{number}", 0, end) for number, end in until.items()]
    sales = _sales_of(connection, sorted(until))
    own = _without_deals_of_others(connection, caller, _within([*line, *sales]))
    return [own, *_loans_on(connection, caller, "receipt", sorted(until))]


def _sales_of(connection: Connection, line: Sequence[int]) -> list[tuple[str, int, int]]:
    """The sales by which one of these was split off another: each names the other only."""
    named = of_subjects([f"receipt:{number}" for number in line])
    rows = run(
        connection,
        "SELECT e.position, e.arguments_json FROM events e "
        f"WHERE e.name = 'PieceSold' AND {named.where}",
        named.values,
    )
    sales = [(int(position), json.loads(text)) for position, text in rows]
    return [
        (f"receipt:{given['receiptId']}", position, position + 1)
        for position, given in sales
        if given["soldId"] in line
    ]


def of_order(connection: Connection, caller: Caller, order_id: int) -> Story:
    """The order with its deliveries and invoices, and the loans drawn on it."""
    own = _without_deals_of_others(connection, caller, of_subjects([f"order:{order_id}"]))
    return [own, *_loans_on(connection, caller, "order", [order_id])]


def of_loan(connection: Connection, caller: Caller, loan_id: int) -> Story:
    """The loan, and what happened to each piece of its collateral while it was that."""
    own = of_subjects([f"loan:{loan_id}"])
    windows = _windows(connection, loan_id)
    if not windows:
        return [own]
    return [own, _without_deals_of_others(connection, caller, _within(windows))]


def of_facility(facility_id: int) -> Story:
    """The facility and all its loans."""
    return [
        of_subjects([f"facility:{facility_id}"]),
        _joined("loan", "loans", "loan_id", "facility_id", facility_id),
    ]


def of_campaign(campaign_id: int, *, backer: Sequence[str] | None) -> Story:
    """The campaign; with `backer`, of the backers' events only those of these accounts."""
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
    """What names the party's number or accounts; None when there is no such party."""
    row = parties.by_id(connection, party_id)
    if row is None:
        return None
    found = [row.account]
    if row.ledger_party_id is not None:
        found.append(f"party:{row.ledger_party_id}")
        found += [one for one in accounts_of(connection, row.account) if one not in found]
    return [of_subjects(found)]


def accounts_of(connection: Connection, account: str) -> list[str]:
    """All accounts of the party that an account belongs to, and the account itself."""
    rows = run(
        connection,
        "SELECT other.account FROM accounts mine JOIN accounts other "
        "ON other.party_id = mine.party_id WHERE mine.account = ?",
        (account,),
    )
    return sorted({account, *(row[0] for row in rows)})


# ------------------------------------------------------------------ loans


def _loans_on(
    connection: Connection, caller: Caller, kind: str, numbers: Sequence[int]
) -> list[Strand]:
    """Loans that had one of these as collateral, or took it in place of money."""
    if not numbers:
        return []
    account = None if caller.sees_all else caller.account or ""
    wheres, values = financing.of_account(account, of="l.")
    seen = "".join(f" AND {where}" for where in wheres)
    marks = ", ".join("?" * len(numbers))
    rows = run(
        connection,
        f"SELECT l.loan_id FROM loans l WHERE l.cover = ? AND l.cover_id IN ({marks}){seen} "
        "UNION SELECT l.loan_id FROM loan_pieces p JOIN loans l ON l.loan_id = p.loan_id "
        f"WHERE p.kind = ? AND p.piece_id IN ({marks}){seen}",
        (kind, *numbers, *values, kind, *numbers, *values),
    )
    loans = {int(row[0]) for row in rows}
    told = _loans_named(connection, [f"{kind}:{number}" for number in numbers])
    loans |= {number for number in told - loans if _may_see(connection, caller, number)}
    return [of_subjects([f"loan:{number}" for number in sorted(loans)])] if loans else []


def _loans_named(connection: Connection, subjects: Sequence[str]) -> set[int]:
    """Loans that an event of Facilities names together with one of these."""
    strand = of_subjects(subjects)
    rows = run(
        connection,
        f"SELECT e.arguments_json FROM events e WHERE e.contract = 'Facilities' AND {strand.where}",
        strand.values,
    )
    found = (json.loads(row[0]).get("loanId") for row in rows)
    return {int(number) for number in found if number}


def _may_see(connection: Connection, caller: Caller, loan_id: int) -> bool:
    row = financing.loan(connection, loan_id)
    return row is not None and named(caller, row.lender, row.borrower, row.entruster)


def named(caller: Caller, *accounts: str | None) -> bool:
    """Whether the caller is one of these, or sees all."""
    return caller.sees_all or (caller.account is not None and caller.account in accounts)


def lent_on(connection: Connection, caller: Caller, kind: str, number: int) -> bool:
    """Whether the caller lent or borrowed on it: the ledger itself has the lien, not the lender."""
    return bool(_loans_on(connection, caller, kind, [number]))


def _windows(connection: Connection, loan_id: int) -> list[tuple[str, int, int]]:
    """Each piece of collateral with the positions between which it was that, for each time.

    From the block in which the loan took it to the end of the one that let it go.
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
    told = [(int(block), name, json.loads(text)) for block, name, text in rows]
    orders = {given.get("orderId") for _, name, given in told if name.startswith("CoverPassed")}
    since: dict[str, int] = {}
    found: list[tuple[str, int, int]] = []
    for block, name, given in told:
        first = "order" if given.get("coverId") in orders else row.cover
        taken, freed = _moved(name, given, first=first)
        if taken is not None:
            since.setdefault(taken, block)
        for piece in list(since) if name == "LoanEnded" else [freed]:
            if piece in since:
                found.append((piece, position_of(since.pop(piece), 0), position_of(block + 1, 0)))
    return found + [(piece, position_of(begun, 0), _NO_END) for piece, begun in since.items()]


def _moved(name: str, given: dict[str, Any], *, first: str) -> tuple[str | None, str | None]:
    """The piece that became collateral of a loan with an event of it, and the one that is no more.

    Args:
        first: the kind of what the loan was drawn on.
    """
    match name:
        case "LoanDrawn" if given["coverId"]:
            return f"{first}:{given['coverId']}", None
        case "CoverAdded":
            return f"{COVER[given['kind']]}:{given['id']}", None
        case "CoverReleased":
            return None, f"{COVER[given['cover']]}:{given['coverId']}"
        case "CoverPassed":
            return f"claim:{given['claimId']}", f"order:{given['orderId']}"
        case "CoverPassedToGoods":  # the order stays: not all of it may be delivered
            return f"receipt:{given['receiptId']}", None
        case "GoodsPassedToClaim":  # of the receipt a part may stay
            return f"claim:{given['claimId']}", None
    return None, None
