"""What a court order does, read from the bytes of its call.

Only a call that is known to the last byte, and that carries the order's own hash, is read. Of
anything else a reader sees the bytes alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.abi import decode_all, selector_of
from app.chain.evm.hashing import checksum_address
from app.domain.quantity import quantity_text
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.money import money_view
from app.gateway.views import Names, PartyView, party_view
from app.lending import repository as lending
from app.oversight.court import repository
from app.oversight.court.repository import OrderRow
from app.oversight.court.schemas import CourtEffect, OrderKind
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims

Effects = Mapping[int, CourtEffect | None]
_MAX = 2**63 - 1  # of a column
_SELECTOR_BYTES = 4
_RECEIPTS, _COURT = "WarehouseReceipts", "CourtOrders"
_FROM_HOLDER = "forcedTransferFrom"
# Functions that a court calls, by contract.
_FUNCTIONS: dict[str, dict[str, OrderKind]] = {
    "PartyRegistry": {"freeze": "freeze"},
    "Receivables": {"forcedTransfer": "forced-transfer", _FROM_HOLDER: "forced-transfer"},
    _RECEIPTS: {_FROM_HOLDER: "forced-transfer"},
    "Facilities": {"forcedCosts": "costs"},
    _COURT: {"appoint": "appoint-regulator", "dismiss": "dismiss-regulator"},
}
_UNCLAIMED: dict[str, OrderKind] = {"forcedWithdraw": "forced-withdrawal"}
_HOLDS_MONEY = ("Receivables", "Facilities", "RiskReserve", "Campaigns", "ClaimMarket")
_CASH: dict[str, OrderKind] = {"forcedTransfer": "forced-cash-transfer"}
_NUMBERS = ("partyId", "holder", "tokenId", "slot", "loanId")


class _Call(msgspec.Struct, frozen=True):
    """A call that is known.

    Attributes:
        contract: the name of the contract that is called.
        values: the arguments by their names.
    """

    kind: OrderKind
    contract: str
    function: str
    values: Mapping[str, Any]


class _About(msgspec.Struct, frozen=True):
    """What the ledger knows of the things that a call names.

    Attributes:
        source: the account of the party that the order is about, or that it takes from.
        currency: the code of what `value` or `amount` counts.
    """

    source: str | None
    currency: str | None


def effects(gateway: Gateway, connection: Connection, rows: Sequence[OrderRow]) -> Effects:
    """What each order does, by its number; None if its call is not known."""
    calls = {row.order_id: _read(gateway, row) for row in rows}
    known = {number: call for number, call in calls.items() if call is not None}
    about = {number: _about(gateway, connection, call) for number, call in known.items()}
    accounts = {item.source for item in about.values() if item.source is not None}
    accounts |= {str(call.values["to"]) for call in known.values() if "to" in call.values}
    names = parties.names(connection, accounts)
    left = {row.order_id: row.value_left for row in rows}
    return {number: None for number in calls} | {
        number: _effect(call, about[number], names, left=left[number])
        for number, call in known.items()
    }


def _read(gateway: Gateway, row: OrderRow) -> _Call | None:
    """The order's call; None if it is not known, or is not of this order."""
    contract = gateway.contracts.name_at(row.target)
    if contract is None:
        return None
    data = bytes.fromhex(row.call.removeprefix("0x"))
    for name, kind in _functions(contract).items():
        function = gateway.contracts.function(contract, name)
        if data[:_SELECTOR_BYTES] != selector_of(function):
            continue
        try:
            arguments = decode_all(function["inputs"], data[_SELECTOR_BYTES:])
            whole = gateway.contracts.encode(contract, name, arguments) == data
        except Exception:  # the decoder raises many kinds for data that does not fit
            return None
        places = zip(function["inputs"], arguments, strict=True)
        values = {part["name"]: value for part, value in places}
        of_order = contract == _COURT or values["orderHash"] == row.order_hash
        fits = all(values.get(name, 0) <= _MAX for name in _NUMBERS)
        lifted = kind == "freeze" and not values["frozen"]
        known = _Call("unfreeze" if lifted else kind, contract, name, values)
        return known if whole and of_order and fits else None
    return None


def _functions(contract: str) -> dict[str, OrderKind]:
    """The functions of a contract that a court calls, each with the kind of its order."""
    if contract.startswith(CASH_PREFIX):
        return _CASH
    unclaimed = _UNCLAIMED if contract in _HOLDS_MONEY else {}
    return _FUNCTIONS.get(contract, {}) | unclaimed


def _about(gateway: Gateway, connection: Connection, call: _Call) -> _About:
    """The account that the call is about, and the currency of its amount."""
    values = call.values
    source, address = values.get("from"), values.get("currency")
    if "tokenId" in values and (claim := claims.by_id(connection, values["tokenId"])):
        source, address = claim.claim.owner, claim.currency
    elif "loanId" in values and (loan := lending.loan(connection, values["loanId"])):
        source, address = loan.borrower, loan.currency
    elif "holder" in values or "partyId" in values:
        number = values.get("holder", values.get("partyId"))
        source = repository.account_of(connection, number)
        if call.contract == "Receivables":
            address = repository.receivable_currency(connection, values["slot"])
    if call.contract.startswith(CASH_PREFIX):
        return _About(source, call.contract.removeprefix(CASH_PREFIX))
    return _About(source, None if address is None else gateway.currency_at(address))


def _effect(call: _Call, about: _About, names: Names, *, left: int | None) -> CourtEffect:
    values = call.values
    of_lot = call.contract == _RECEIPTS
    amount = values.get("value", values.get("amount"))
    account = values.get("account")

    def party(name: str | None) -> PartyView | None:
        return None if name is None else party_view(name, names)

    def money(value: int | None) -> Any:
        known = value is not None and about.currency is not None and not of_lot
        return money_view(value, currency=about.currency) if known else None  # type: ignore[arg-type]

    def quantity(value: int | None) -> str | None:
        return quantity_text(value) if value is not None and of_lot else None

    return {
        "kind": call.kind,
        "party": party(about.source),
        "toParty": party(values.get("to")),
        "value": money(amount),
        "left": money(left),
        "quantity": quantity(amount),
        "quantityLeft": quantity(left),
        "claimId": values.get("tokenId"),
        "receivableId": None if of_lot else values.get("slot"),
        "lotId": values.get("slot") if of_lot else None,
        "loanId": values.get("loanId"),
        "account": None if account is None else checksum_address(account),
    }
