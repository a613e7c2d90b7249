"""Stories: the events that belong to a token, a loan, a party, as conditions on the event log.

A story has strands, each a condition; an event belongs to it when one of them holds. A strand is
left out where the caller may not see what it is about: a debtor reads the story of a claim without
the loan that its holder drew on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.subjects import subjects_of
from app.claims import repository as claims
from app.financing import repository as financing
from app.http.callers import Caller
from app.parties import repository as parties
from app.receipts import repository as receipts
from app.storage import run
from app.storage.tables import position_of

_NO_END = 2**42  # past every block
_PIECES = ("claim:", "order:", "receipt:")
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


def of_receivable(connection: Connection, caller: Caller, receivable_id: int) -> Story:
    """The receivable, every claim there ever was on it, and the loans drawn on those."""
    rows = run(connection, "SELECT claim_id FROM claims WHERE receivable_id = ?", (receivable_id,))
    return [
        of_subjects([f"receivable:{receivable_id}"]),
        _joined("claim", "claims", "claim_id", "receivable_id", receivable_id),
        *_loans_on(connection, caller, "claim", [row[0] for row in rows]),
    ]


def of_claim(connection: Connection, caller: Caller, claim_id: int, receivable_id: int) -> Story:
    """The claim with its ancestors, what happened to the debt itself (payments, disputes, default),
    and the loans drawn on the claim with their calls, auctions and losses."""
    line = sorted({step["claim_id"] for step in claims.lineage(connection, claim_id)})
    marks = ", ".join("?" * len(line))
    debt = Strand(
        "e.position IN (SELECT position FROM event_subjects WHERE subject = ?) "
        f"AND (e.claim_id IS NULL OR e.claim_id IN ({marks}))",
        (f"receivable:{receivable_id}", *line),
    )
    own = of_subjects([f"claim:{number}" for number in line])
    return [own, debt, *_loans_on(connection, caller, "claim", line)]


def of_lot(connection: Connection, caller: Caller, lot_id: int) -> Story:
    """The lot, every receipt there ever was on it, and the loans drawn on those."""
    rows = run(connection, "SELECT receipt_id FROM receipts WHERE lot_id = ?", (lot_id,))
    return [
        of_subjects([f"lot:{lot_id}"]),
        _joined("receipt", "receipts", "receipt_id", "lot_id", lot_id),
        *_loans_on(connection, caller, "receipt", [row[0] for row in rows]),
    ]


def of_receipt(connection: Connection, caller: Caller, receipt_id: int) -> Story:
    """The receipt with its ancestors, and the loans drawn on it."""
    line = sorted({step["receipt_id"] for step in receipts.lineage(connection, receipt_id)})
    own = of_subjects([f"receipt:{number}" for number in line])
    return [own, *_loans_on(connection, caller, "receipt", line)]


def of_order(connection: Connection, caller: Caller, order_id: int) -> Story:
    """The order with its deliveries and invoices, and the loans drawn on it."""
    own = of_subjects([f"order:{order_id}"])
    return [own, *_loans_on(connection, caller, "order", [order_id])]


def of_loan(connection: Connection, loan_id: int) -> Story:
    """The loan, and what happened to each piece of its collateral while it was that."""
    return [of_subjects([f"loan:{loan_id}"]), *_collateral(connection, loan_id)]


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


def _collateral(connection: Connection, loan_id: int) -> Iterable[Strand]:
    """Events of each piece from the block in which the loan took it to the one that let it go."""
    row = financing.loan(connection, loan_id)
    if row is None:
        return []
    strand = of_subjects([f"loan:{loan_id}"])
    told = run(
        connection,
        "SELECT e.block_number, e.contract, e.name, e.arguments_json FROM events e "
        f"WHERE {strand.where} ORDER BY e.position",
        strand.values,
    ).all()
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    if row.cover_id is not None:
        first[f"{row.cover}:{row.cover_id}"] = row.created_block
    for block, contract, name, text in told:
        given = json.loads(text)
        for piece in sorted(subjects_of(contract, given)):
            if piece.startswith(_PIECES):
                first.setdefault(piece, int(block))
                last.pop(piece, None)
                if name == "CoverReleased":
                    last[piece] = int(block)
        if name == "CoverPassed":  # the order was collateral from the draw on; it is no more
            order = f"order:{given['orderId']}"
            first[order], last[order] = row.created_block, int(block)
        if name == "LoanEnded":
            last |= dict.fromkeys(first.keys() - last.keys(), int(block))
    return [
        Strand(
            "e.position IN (SELECT position FROM event_subjects WHERE subject = ? "
            "AND position >= ? AND position < ?)",
            (piece, position_of(begun, 0), position_of(last.get(piece, _NO_END) + 1, 0)),
        )
        for piece, begun in sorted(first.items())
    ]
