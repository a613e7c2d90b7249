"""Lets debts follow their borrowers into the groups of the registry.

The ledger counts a debt under the group that its borrower had at its last draw, until somebody
calls `followGroup`. Anyone may, so after a registrar has changed a group, the gateway does so with
its own account.
"""

from __future__ import annotations

import contextlib
from functools import partial

import msgspec
import structlog
from sqlalchemy import Connection

from app.chain.outbox.outbox import Call, RanBeforeRestore
from app.domain.product_terms import rule_set_word
from app.gateway import own_tasks, own_work
from app.gateway.gateway import Gateway
from app.lending.commands import CONTRACT
from app.storage import RowConflict, run
from app.storage.records import record_of

log = structlog.get_logger(__name__)
EVERY_SECONDS = 5.0


class _Debt(msgspec.Struct, frozen=True):
    """A debt that counts under another group than the registry's."""

    party_id: int
    rule_set: str
    currency: str
    group_number: int
    counted_block: int
    facility_id: int

    @property
    def purpose(self) -> str:
        """The same for all gateways on one store, so that only one of them sends it."""
        key = f"{self.rule_set}-{self.currency}-{self.group_number}-{self.counted_block}"
        return f"follow-group-{self.party_id}-{key}"

    def call(self, signer: str) -> Call:
        """The call of the ledger."""
        return Call(
            kind="follow-group",
            party_id=None,
            signer=signer,
            contract=CONTRACT,
            function="followGroup",
            arguments=[self.party_id, rule_set_word(self.rule_set), self.currency],
            subject={"facilityId": self.facility_id},
        )


async def follow_groups(gateway: Gateway) -> None:
    """Runs until it is cancelled."""
    items = own_tasks.Items(log, "groups")

    async def step() -> None:
        paused = items.paused()
        for debt in await gateway.storage.read(_behind):
            if debt.purpose in paused:
                continue
            with items.attempt(debt.purpose), contextlib.suppress(RowConflict, RanBeforeRestore):
                call = debt.call(await own_work.own_account(gateway))
                await gateway.storage.write(
                    partial(own_work.begin, purpose=debt.purpose, call=call)
                )

    await own_tasks.repeated(step, every=EVERY_SECONDS, log=log, name="groups")


def _behind(connection: Connection) -> list[_Debt]:
    query = (
        "SELECT p.party_id, f.rule_set, f.currency, p.group_number, "
        "COALESCE(g.changed_block, 0) AS counted_block, min(f.facility_id) AS facility_id "
        "FROM facilities f "
        "JOIN accounts a ON a.account = f.borrower "
        "JOIN parties p ON p.party_id = a.party_id "
        "LEFT JOIN borrower_groups g ON g.party_id = p.party_id AND g.rule_set = f.rule_set "
        "AND g.currency = f.currency "
        "WHERE f.outstanding > 0 AND f.rule_set IS NOT NULL "
        "AND COALESCE(g.group_number, 0) <> p.group_number "
        "GROUP BY p.party_id, f.rule_set, f.currency, p.group_number, counted_block "
        "ORDER BY min(f.facility_id)"
    )
    return [record_of(_Debt, row) for row in run(connection, query).all()]
