"""Lets debts follow their borrowers into the groups of the registry.

The ledger counts a debt under the group that its borrower had at its last draw, until somebody
calls `followGroup`. After a registrar has changed a group, the gateway does so for a lender that it
signs for.
"""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.outbox.outbox import GATEWAY, Call, Origin, RanBeforeRestore
from app.domain.product_terms import rule_set_word
from app.gateway.gateway import Gateway
from app.lending.commands import CONTRACT
from app.outage import Outage
from app.storage import RowConflict, StorageError, StorageFull, StorageUnavailable, run
from app.storage.records import record_of

log = structlog.get_logger(__name__)
EVERY_SECONDS = 5.0


class _Debt(msgspec.Struct, frozen=True):
    """A debt that counts under another group than the registry's, and a lender of it."""

    party_id: int
    rule_set: str
    currency: str
    group_number: int
    counted_block: int
    facility_id: int
    lender: str
    lender_id: str

    @property
    def origin(self) -> Origin:
        """The same for all gateways on one store, so that only one of them sends it."""
        key = f"{self.rule_set}-{self.currency}-{self.group_number}-{self.counted_block}"
        return Origin(GATEWAY, f"follow-group-{self.party_id}-{key}")

    @property
    def call(self) -> Call:
        """The call of the ledger, for the lender."""
        return Call(
            kind="follow-group",
            party_id=self.lender_id,
            signer=self.lender,
            contract=CONTRACT,
            function="followGroup",
            arguments=[self.party_id, rule_set_word(self.rule_set), self.currency],
            subject={"facilityId": self.facility_id},
        )


async def follow_groups(gateway: Gateway) -> None:
    """Runs until it is cancelled; a failed step is tried again later."""
    outage = Outage(log, "groups")
    begun: set[Origin] = set()
    while True:
        try:
            for debt in await gateway.storage.read(_behind):
                if debt.origin not in begun and await gateway.keystore.held(debt.lender):
                    await _follow(gateway, debt)
                    begun.add(debt.origin)
            outage.over()
        except StorageError as error:
            outage.failed(error, logged=isinstance(error, StorageFull | StorageUnavailable))
        await asyncio.sleep(EVERY_SECONDS)


async def _follow(gateway: Gateway, debt: _Debt) -> None:
    try:
        await gateway.storage.write(
            partial(gateway.operations.enqueue, call=debt.call, origin=debt.origin)
        )
    except (RowConflict, RanBeforeRestore):
        return  # another gateway on this store began it, or this one before its restart


def _behind(connection: Connection) -> list[_Debt]:
    query = (
        "SELECT p.party_id, f.rule_set, f.currency, p.group_number, "
        "COALESCE(g.changed_block, 0) AS counted_block, f.facility_id, f.lender, "
        "d.id AS lender_id FROM facilities f "
        "JOIN accounts a ON a.account = f.borrower "
        "JOIN parties p ON p.party_id = a.party_id "
        "JOIN parties_directory d ON d.account = f.lender AND d.custody = 1 "
        "LEFT JOIN borrower_groups g ON g.party_id = p.party_id AND g.rule_set = f.rule_set "
        "AND g.currency = f.currency "
        "WHERE f.outstanding > 0 AND f.rule_set IS NOT NULL "
        "AND COALESCE(g.group_number, 0) <> p.group_number ORDER BY f.facility_id"
    )
    return [record_of(_Debt, row) for row in run(connection, query).all()]
