"""The breaker of each product beside what it measures, stops in force, and their history."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from app.errors import Unavailable
from app.gateway.chain_queries import ask
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.gateway.read_as_of import moment
from app.gateway.views import Names, PartyView, party_view, time_view
from app.lending.products import repository as products
from app.lending.products.changes import proposed_breaker
from app.lending.products.repository import ProductRow
from app.oversight.breakers import repository
from app.oversight.breakers.repository import StopEvent
from app.oversight.breakers.schemas import (
    BreakerChange,
    BreakerHistory,
    Breakers,
    Kind,
    ProductBreaker,
)
from app.parties.registry import repository as parties
from app.storage.checkpoint import Checkpoint, read_checkpoint

WHOLE = 1_000_000
_KINDS: dict[str, Kind] = {
    "NewRiskStop": "new-risk-stopped",
    "ResumptionProposed": "resumption-proposed",
    "NewRiskResumed": "new-risk-resumed",
    "ProductAdded": "product-added",
    "ProductChangeProposed": "product-change-proposed",
    "ProductChanged": "product-changed",
    "ProductOpened": "product-closed",
    "NewLiensStopped": "liens-stopped",
}
_OFFICIALS = ("official", "approver")


class _Stored:
    """What the read tables say, all as of one block."""

    def __init__(self, connection: Connection) -> None:
        at = read_checkpoint(connection)
        if at is None:
            raise Unavailable(
                "the index has no block yet", fix="send the request again in a moment"
            )
        self.at: Checkpoint = at
        self.as_of = moment(connection)[1]
        self.products = products.products(connection)
        self.versions = products.breakers(connection)
        self.proposals = {
            row.product_id: proposal
            for row in self.products
            if (proposal := proposed_breaker(connection, row.product_id)) is not None
        }
        self.lien_stops = repository.lien_stops(connection)
        self.names = parties.names(connection, self._accounts())

    def _accounts(self) -> set[str]:
        proposers = {proposal.change.proposer for proposal in self.proposals.values()}
        return proposers | {row.warehouse for row in self.lien_stops}


async def breakers(gateway: Gateway) -> Breakers:
    """All breakers, as of the index's newest block.

    Raises:
        Unavailable, ChainError.
    """
    stored = await gateway.storage.read(_Stored)
    lent = await ask(
        gateway,
        stored.at,
        [("Facilities", "programme", [row.product_id]) for row in stored.products],
    )
    return {
        "products": [
            _product(gateway, stored, row, outstanding=int(amounts[0]), overdue=int(amounts[1]))
            for row, amounts in zip(stored.products, lent, strict=True)
        ],
        "lienStops": [
            {
                "warehouse": party_view(row.warehouse, stored.names),
                "since": time_view(row.timestamp),
                "evidenceHash": row.evidence_hash,
            }
            for row in stored.lien_stops
        ],
        "asOf": stored.as_of,
    }


def _product(
    gateway: Gateway, stored: _Stored, row: ProductRow, *, outstanding: int, overdue: int
) -> ProductBreaker:
    currency = gateway.currency_at(row.terms["currency"])
    proposal = stored.proposals.get(row.product_id)
    return {
        "productId": row.product_id,
        "code": row.code,
        "open": row.open,
        "outstanding": money_view(outstanding, currency=currency),
        "overdue": money_view(overdue, currency=currency),
        "overdueShare": -(-overdue * WHOLE // outstanding) if outstanding else None,
        "versions": [
            {
                "version": version.version,
                "breaker": version.breaker,
                # As LoanDraw compares them.
                "tripped": 0 < version.breaker * outstanding < overdue * WHOLE,
            }
            for version in stored.versions
            if version.product_id == row.product_id
        ],
        "proposal": None
        if proposal is None
        else {
            "proposedBy": party_view(proposal.change.proposer, stored.names),
            "proposedAt": time_view(proposal.change.timestamp),
            "termsHash": proposal.change.terms_hash,
            "breaker": proposal.breaker,
        },
    }


async def history(gateway: Gateway, *, before: int | None, limit: int) -> BreakerHistory:
    """Changes of breakers and stops, newest first.

    Args:
        before: the cursor, a place in the event log.
    """

    def find(connection: Connection) -> BreakerHistory:
        rows = repository.stop_events(connection, before=before, limit=limit)
        names = parties.names(connection, {name for row in rows for name in _accounts(row)})
        codes = {row.product_id: row.code for row in products.products(connection)}
        return {
            "items": [_change(row, names, codes) for row in rows],
            "nextCursor": rows[-1].position if len(rows) == limit else None,
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)


def _accounts(row: StopEvent) -> set[str]:
    names = (*_OFFICIALS, "proposer", "warehouse")
    return {str(row.arguments[name]).lower() for name in names if name in row.arguments}


def _change(row: StopEvent, names: Names, codes: Mapping[int, str]) -> BreakerChange:
    arguments = row.arguments
    kind = _KINDS[row.name]
    if kind == "liens-stopped" and not arguments["stopped"]:
        kind = "liens-allowed"
    # Proposing and approving both name the proposer; only an approval has a second official.
    official = next((name for name in _OFFICIALS if name in arguments), "proposer")
    product_id = arguments.get("productId")
    version = 1 if kind == "product-added" else arguments.get("version")
    reason = arguments.get("reasonHash") or arguments.get("evidenceHash")
    terms = arguments.get("terms")
    return {
        "kind": kind,
        "at": time_view(row.timestamp),
        "productId": product_id,
        "code": None if product_id is None else codes.get(int(product_id)),
        "version": version,
        "breaker": None if terms is None else int(terms["breaker"]),
        "warehouse": _party(arguments.get("warehouse"), names),
        "official": _party(arguments.get(official), names),
        "proposer": None if official == "proposer" else _party(arguments.get("proposer"), names),
        "reasonHash": reason,
        "blockNumber": row.block_number,
        "transactionHash": row.transaction_hash,
    }


def _party(account: str | None, names: Names) -> PartyView | None:
    return None if account is None else party_view(account.lower(), names)
