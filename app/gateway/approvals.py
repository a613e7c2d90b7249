"""Approvals: consent that a ledger contract needs before it may move a caller's cash or tokens.

The setting `Settings.approvals` chooses between two ways (decisions 0012 and 0025). *unlimited*:
the caller approves each contract once, without limit. *exact*: each command approves the amount
that it needs and then restores the earlier level; a token is approved by itself; a promise (an
offer, a facility) approves what it promises. Both ways use an unlimited approval that exists
already, until it is revoked.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.nonces import lock_signer
from app.gateway.cache import CacheKey
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call
from app.storage import run

UNLIMITED = 2**256 - 1
ENOUGH = 2**255
TOKENS = {"claim": "Receivables", "warehouse-receipt": "WarehouseReceipts"}
REMEMBERED_SECONDS = 1.0
_MAX_REMEMBERED = 10_000
APPROVAL, RESTORED, REVOKED = "approval", "restore-approval", "revoke-approval"
_APPROVE_TOKEN = "approve(address,uint256)"


class Approval(msgspec.Struct, frozen=True):
    """One approval that a command needs.

    Attributes:
        query: the call that reads whether the approval exists, or its amount.
        grant: the call that gives it.
        restore: the call that brings the earlier level back after the command; None: no such call.
        amount: what the command needs, in minor units; None: no limit, or a token.
        standing: the approval belongs to a promise that a later command keeps.
    """

    contract: str
    query: tuple[str, tuple[Any, ...]]
    grant: tuple[str, tuple[Any, ...]]
    restore: tuple[str, tuple[Any, ...]] | None = None
    amount: int | None = None
    standing: bool = False


# Approvals that exist, and the monotonic seconds until which the gateway relies on them.
_KNOWN: CacheKey[dict[Approval, float]] = CacheKey(dict)


def cash_approval(
    gateway: Gateway,
    *,
    currency: str,
    owner: str,
    spender: str,
    amount: int,
    standing: bool = False,
) -> Approval:
    """Lets a ledger contract take cash of the owner; it does so only at the owner's request."""
    address = gateway.contracts.address(spender)
    token, query = CASH_PREFIX + currency, ("allowance", (owner, address))
    if gateway.settings.approvals == "unlimited":
        return Approval(token, query, ("approve", (address, UNLIMITED)))
    grant = ("approve", (address, amount))
    return Approval(token, query, grant, amount=amount, standing=standing)


def token_approvals(
    gateway: Gateway, *, kind: str, owner: str, spender: str, ids: Sequence[int]
) -> list[Approval]:
    """Lets a ledger contract move these tokens; it does so only at the owner's request.

    Args:
        kind: "claim" or "warehouse-receipt".
    """
    if not ids:
        return []
    if gateway.settings.approvals == "unlimited":
        return [all_approval(gateway, contract=TOKENS[kind], owner=owner, spender=spender)]
    address = gateway.contracts.address(spender)
    return [
        Approval(TOKENS[kind], ("getApproved", (number,)), (_APPROVE_TOKEN, (address, number)))
        for number in ids
    ]


def all_approval(
    gateway: Gateway, *, contract: str, owner: str, spender: str, standing: bool = True
) -> Approval:
    """Lets a ledger contract move all tokens of a kind, where a token has no number yet.

    Args:
        standing: another party's command needs it later too.
    """
    address = gateway.contracts.address(spender)
    restore = None
    if gateway.settings.approvals == "exact" and not standing:
        restore = ("setApprovalForAll", (address, False))
    return Approval(
        contract,
        ("isApprovedForAll", (owner, address)),
        ("setApprovalForAll", (address, True)),
        restore,
        standing=standing,
    )


async def missing(
    gateway: Gateway, approvals: Sequence[Approval], *, custody: bool = True
) -> list[Approval]:
    """The approvals that do not exist yet.

    The chain's answer is cached for a second: a revoked approval is soon given again, and a busy
    payer does not query the chain each time.
    """
    known = gateway.cache.get(_KNOWN)
    now = time.monotonic()
    lacking = []
    for approval in approvals:
        if known.get(approval, 0.0) > now:
            continue
        function, arguments = approval.query
        value = await call(gateway, approval.contract, function, arguments)
        if _stands(approval, value, custody=custody):
            if approval.amount is None:
                _remember(known, approval, now)
        elif approval.amount is None:
            lacking.append(approval)
        else:
            # A wallet is asked for the amount itself; in custody other approvals may add to it.
            lacking.append(_at_level(approval, int(value) if custody else 0))
    return lacking


def forget(gateway: Gateway) -> None:
    """Drops the cached answers about approvals."""
    gateway.cache.forget(_KNOWN)


def levelled(
    connection: Connection, approval: Approval, *, signer: str
) -> tuple[Approval, list[str]]:
    """The approval added to the level that stands at its turn, and the operations it waits for.

    Other approvals by the same signer for the same contract may be under way. Each sets a level, so
    each waits for the one before it, whatever its outcome (`~id`, as `enqueue` takes it).
    """
    function, arguments = approval.grant
    spender = str(arguments[0]).lower()
    under_way = approvals_under_way(
        connection, signer=signer, contract=approval.contract, function=function, spender=spender
    )
    under_way = [other for other in under_way if _is_for(approval, other[1])]
    if not under_way:
        return approval, []
    identifier, newest = under_way[-1]
    if approval.amount is not None:
        approval = _at_level(approval, int(newest[1]))
    return approval, [f"~{identifier}"]


def approvals_under_way(
    connection: Connection, *, signer: str, contract: str, function: str, spender: str
) -> list[tuple[str, list[Any]]]:
    """Ids and arguments of approvals under way, oldest first: given, restored or revoked.

    Args:
        spender: address of the contract that they are for.
    """
    lock_signer(connection, signer=signer.lower())
    return [
        (operation.id, operation.arguments)
        for operation in _under_way(
            connection, signer=signer, contract=contract, function=function, spender=spender
        )
    ]


def promised_under_way(
    connection: Connection, approval: Approval, *, promised_by: str
) -> list[str]:
    """Ids of operations under way that give another party's approval for the same contract.

    A command that needs it waits for them. The promise was stored together with its approval, so
    no lock is needed to see it. A party with its own wallet may keep an operation under way for
    long, so nobody waits for that.
    """
    function, arguments = approval.grant
    operations = _under_way(
        connection,
        signer=promised_by,
        contract=approval.contract,
        function=function,
        spender=str(arguments[0]),
    )
    return [
        operation.id
        for operation in operations
        if operation.kind == APPROVAL
        and operation.custody
        and _is_for(approval, operation.arguments)
    ]


def _is_for(approval: Approval, arguments: Sequence[Any]) -> bool:
    """Whether a grant with these arguments is for the approval's token, if it is for one token."""
    function, needed = approval.grant
    return function != _APPROVE_TOKEN or str(arguments[1]) == str(needed[1])


class _UnderWay(msgspec.Struct, frozen=True):
    """An approval under way."""

    id: str
    kind: str
    custody: bool
    arguments: list[Any]


def _under_way(
    connection: Connection, *, signer: str, contract: str, function: str, spender: str
) -> list[_UnderWay]:
    """A signer's approvals under way, oldest first."""
    rows = run(
        connection,
        "SELECT id, kind, custody, arguments_json FROM operations "
        "WHERE state IN ('accepted', 'submitted') "
        "AND signer = ? AND contract = ? AND function = ? ORDER BY id",
        (signer.lower(), contract, function),
    )
    operations = [
        _UnderWay(row.id, row.kind, bool(row.custody), msgspec.json.decode(row.arguments_json))
        for row in rows
    ]
    return [
        operation
        for operation in operations
        if str(operation.arguments[0]).lower() == spender.lower()
    ]


def _at_level(approval: Approval, level: int) -> Approval:
    assert approval.amount is not None
    address = approval.grant[1][0]
    return msgspec.structs.replace(
        approval,
        grant=("approve", (address, level + approval.amount)),
        restore=None if approval.standing else ("approve", (address, level)),
    )


def _stands(approval: Approval, value: Any, *, custody: bool) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.lower() == str(approval.grant[1][0]).lower()
    if approval.amount is None or custody:
        return bool(value >= ENOUGH)
    return bool(value >= approval.amount)


def _remember(known: dict[Approval, float], approval: Approval, now: float) -> None:
    if len(known) > _MAX_REMEMBERED:
        known.clear()
    known[approval] = now + REMEMBERED_SECONDS
