"""Approvals: what a contract of the ledger needs before it may move what is the caller's.

Two ways (`Settings.approvals`, decision 0012 and 0025). *unlimited*: each contract once, without
limit. *exact*: each command the amount that it needs, and the level of before afterwards; a token
one by one; a promise (an offer, a facility) what it promises. An approval without limit that stands
already is used in both ways, until it is revoked.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.outbox.nonces import lock_signer
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call
from app.storage import run

UNLIMITED = 2**256 - 1
ENOUGH = 2**255
TOKENS = {"claim": "Receivables", "receipt": "WarehouseReceipts"}
REMEMBERED_SECONDS = 1.0
APPROVAL, RESTORED, REVOKED = "approval", "restore-approval", "revoke-approval"
_APPROVE_TOKEN = "approve(address,uint256)"


class Approval(msgspec.Struct, frozen=True):
    """One approval that a command needs.

    Attributes:
        asked: reads whether it is given, or how much is.
        given: gives it.
        restored: brings back what stood before, once the command is done; None: nothing does.
        amount: what the command needs, in minor units; None: all, or a token.
        standing: the promise of which it is a part is kept later, by another command.
    """

    contract: str
    asked: tuple[str, tuple[Any, ...]]
    given: tuple[str, tuple[Any, ...]]
    restored: tuple[str, tuple[Any, ...]] | None = None
    amount: int | None = None
    standing: bool = False


def cash_approval(
    gateway: Gateway,
    *,
    currency: str,
    owner: str,
    spender: str,
    amount: int,
    standing: bool = False,
) -> Approval:
    """A ledger contract may take cash, which it does only on the owner's own word."""
    address = gateway.contracts.address(spender)
    token, asked = CASH_PREFIX + currency, ("allowance", (owner, address))
    if gateway.settings.approvals == "unlimited":
        return Approval(token, asked, ("approve", (address, UNLIMITED)))
    given = ("approve", (address, amount))
    return Approval(token, asked, given, amount=amount, standing=standing)


def token_approvals(
    gateway: Gateway, *, kind: str, owner: str, spender: str, ids: Sequence[int]
) -> list[Approval]:
    """A ledger contract may move these claims or receipts, which it does only when the owner asks.

    Args:
        kind: "claim" or "receipt".
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
    """A ledger contract may move all tokens of a kind: for tokens that have no number yet.

    Args:
        standing: it is needed later, by another party's command too.
    """
    address = gateway.contracts.address(spender)
    restored = None
    if gateway.settings.approvals == "exact" and not standing:
        restored = ("setApprovalForAll", (address, False))
    return Approval(
        contract,
        ("isApprovedForAll", (owner, address)),
        ("setApprovalForAll", (address, True)),
        restored,
        standing=standing,
    )


async def missing(
    gateway: Gateway, approvals: Sequence[Approval], *, custody: bool = True
) -> list[Approval]:
    """Those approvals that are not given yet.

    What the chain said is remembered for a second, so that an approval that anyone took back, here
    or elsewhere, is soon given again, and a busy payer does not ask the chain each time.
    """
    known: dict[Approval, float] = gateway.cache.setdefault("approvals", {})
    now = time.monotonic()
    lacking = []
    for approval in approvals:
        if known.get(approval, 0.0) > now:
            continue
        function, arguments = approval.asked
        value = await call(gateway, approval.contract, function, arguments)
        if _is_given(approval, value, custody=custody):
            if approval.amount is None:
                _remember(known, approval, now)
        elif approval.amount is None:
            lacking.append(approval)
        else:
            # A wallet is asked for the amount itself; here others may stand beside it.
            lacking.append(_levelled(approval, int(value) if custody else 0))
    return lacking


def forget(gateway: Gateway) -> None:
    """What is remembered of approvals counts no more."""
    gateway.cache.pop("approvals", None)


def levelled(
    connection: Connection, approval: Approval, *, signer: str
) -> tuple[Approval, list[str]]:
    """The approval on top of what stands when it is its turn, and what it must wait for.

    Others of the same signer for the same contract may be on their way. They set levels, so each
    waits for the one before it, whatever becomes of that (`~id`, as `enqueue` takes it).
    """
    function, arguments = approval.given
    spender = str(arguments[0]).lower()
    on_the_way = approvals_under_way(
        connection, signer=signer, contract=approval.contract, function=function, spender=spender
    )
    if function == _APPROVE_TOKEN:
        on_the_way = [one for one in on_the_way if str(one[1][1]) == str(arguments[1])]
    if not on_the_way:
        return approval, []
    identifier, newest = on_the_way[-1]
    if approval.amount is not None:
        approval = _levelled(approval, int(newest[1]))
    return approval, [f"~{identifier}"]


def approvals_under_way(
    connection: Connection, *, signer: str, contract: str, function: str, spender: str
) -> list[tuple[str, list[Any]]]:
    """Ids and arguments of approvals that are on their way, oldest first: given, restored, revoked.

    Args:
        spender: address of the contract that they are for.
    """
    lock_signer(connection, signer=signer.lower())
    rows = run(
        connection,
        "SELECT id, arguments_json FROM operations WHERE state IN ('accepted', 'submitted') "
        "AND signer = ? AND contract = ? AND function = ? ORDER BY id",
        (signer.lower(), contract, function),
    )
    found = [(str(row[0]), msgspec.json.decode(row[1])) for row in rows]
    return [one for one in found if str(one[1][0]).lower() == spender.lower()]


def _levelled(approval: Approval, level: int) -> Approval:
    assert approval.amount is not None
    address = approval.given[1][0]
    return msgspec.structs.replace(
        approval,
        given=("approve", (address, level + approval.amount)),
        restored=None if approval.standing else ("approve", (address, level)),
    )


def _is_given(approval: Approval, value: Any, *, custody: bool) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.lower() == str(approval.given[1][0]).lower()
    if approval.amount is None or custody:
        return bool(value >= ENOUGH)
    return bool(value >= approval.amount)


def _remember(known: dict[Approval, float], approval: Approval, now: float) -> None:
    if len(known) > 10_000:
        known.clear()
    known[approval] = now + REMEMBERED_SECONDS
