"""Which findings a caller sees, and on which it decides."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from app.errors import Forbidden
from app.gateway.callers import Caller
from app.oversight.crosschecks.register import Register
from app.oversight.crosschecks.standing import NamedFinding
from app.storage import run

_LOANS = (
    "SELECT loan_id FROM loans WHERE status <> 'Repaid' AND (lender = ? OR entruster = ? "
    "OR loan_id IN (SELECT loan_id FROM loan_participations WHERE participant = ?))"
)


class Sight(msgspec.Struct, frozen=True):
    """What a caller holds, lends on, or has an open offer for; it sees what touches that.

    Attributes:
        everything: it sees all findings.
        receivables, lots, orders: their numbers.
    """

    everything: bool
    receivables: frozenset[int] = frozenset()
    lots: frozenset[int] = frozenset()
    orders: frozenset[int] = frozenset()

    def sees(self, finding: NamedFinding) -> bool:
        """Whether it sees the finding."""
        return (
            self.everything
            or not self.receivables.isdisjoint(finding.receivables)
            or not self.lots.isdisjoint(finding.lots)
            or not self.orders.isdisjoint(finding.orders)
        )


def sight_of(connection: Connection, caller: Caller) -> Sight:
    """What a caller sees: all for auditors, operators and regulators.

    Raises:
        Forbidden: a lender without an account.
    """
    if caller.sees_all:
        return Sight(everything=True)
    account = caller.acting()
    three = (account,) * 3
    receivables = run(
        connection,
        "SELECT receivable_id FROM claims WHERE burned = 0 AND (owner = ? OR lienholder = ?) "
        "UNION SELECT c.receivable_id FROM claims c JOIN loans l ON l.collateral = 'claim' "
        f"AND l.collateral_id = c.claim_id WHERE l.loan_id IN ({_LOANS}) "
        "UNION SELECT c.receivable_id FROM claims c JOIN collateral_items i ON i.kind = 'claim' "
        "AND i.item_id = c.claim_id AND i.removed_position IS NULL "
        f"WHERE i.loan_id IN ({_LOANS}) "
        "UNION SELECT c.receivable_id FROM quotes q JOIN claims c ON c.claim_id = q.claim_id "
        "LEFT JOIN cancelled_quotes x ON x.funder = q.funder AND x.nonce = q.nonce "
        "WHERE q.funder = ? AND q.state = 'open' AND x.nonce IS NULL AND q.expires_at > "
        "(SELECT timestamp FROM checkpoints WHERE name = 'index')",
        (account, account, *three, *three, account),
    )
    lots = run(
        connection,
        "SELECT lot_id FROM warehouse_receipts WHERE ended IS NULL "
        "AND (owner = ? OR lienholder = ?) "
        "UNION SELECT w.lot_id FROM warehouse_receipts w JOIN loans l "
        "ON l.collateral = 'warehouse-receipt' AND l.collateral_id = w.warehouse_receipt_id "
        f"WHERE l.loan_id IN ({_LOANS}) "
        "UNION SELECT w.lot_id FROM warehouse_receipts w JOIN collateral_items i "
        "ON i.kind = 'warehouse-receipt' AND i.item_id = w.warehouse_receipt_id "
        f"AND i.removed_position IS NULL WHERE i.loan_id IN ({_LOANS})",
        (account, account, *three, *three),
    )
    orders = run(
        connection,
        "SELECT order_id FROM purchase_orders WHERE lienholder = ? "
        "UNION SELECT collateral_id FROM loans WHERE collateral = 'order' "
        f"AND collateral_id IS NOT NULL AND loan_id IN ({_LOANS}) "
        "UNION SELECT item_id FROM collateral_items WHERE kind = 'order' "
        f"AND removed_position IS NULL AND loan_id IN ({_LOANS})",
        (account, *three, *three),
    )
    return Sight(
        everything=False,
        receivables=frozenset(row[0] for row in receivables),
        lots=frozenset(row[0] for row in lots),
        orders=frozenset(row[0] for row in orders),
    )


def require_stranger(caller: Caller, finding: NamedFinding, register: Register) -> None:
    """Returns if the finding speaks neither of the caller's party nor of its group.

    Raises:
        Forbidden.
    """
    number = None if caller.account is None else register.number_of.get(caller.account)
    if number is not None and not register.related_to(number).isdisjoint(finding.parties):
        raise Forbidden(
            "the finding speaks of the caller's own party, or of one under one control with it",
            name="finding-about-itself",
            fix="let another lender, an auditor, an operator or a regulator decide",
        )
