"""Open approvals, read from the chain, and the one command that takes them back.

Candidates are the events of approvals that the index holds; what counts is what the contracts
answer now. Nothing is taken on the index's word.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import checksum_address
from app.chain.outbox.operation import DONE, REJECTED, Operation, to_json
from app.chain.outbox.outbox import operation as stored_operation
from app.errors import Unavailable
from app.gateway.approvals import REVOKED, UNLIMITED, approvals_under_way, forget
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call_many
from app.parties.registry import service as parties
from app.storage import run
from app.storage.checkpoint import read_checkpoint

WAIT_SECONDS = 120.0
_TOKENS = ("Receivables", "WarehouseReceipts")
_EVENTS = ("Approval", "ApprovalForAll", "ApprovalValue", "OperatorSet")
_NOBODY = "0x" + "0" * 40
_APPROVE_TOKEN = "approve(address,uint256)"
_APPROVE_VALUE = "approve(uint256,address,uint256)"


class OpenApproval(msgspec.Struct, frozen=True, order=True):
    """One approval that stands on the chain.

    Attributes:
        owner: who gave it, lower case.
        contract: of the money or tokens, by its name in the deployment record.
        spender: who may move them, lower case.
        kind: "cash", "all" (tokens or orders of an owner), "token" (one) or "value" (part of one).
        token_id: of a token's approval, else 0.
        amount: of cash or value, else 0.
    """

    owner: str
    contract: str
    spender: str
    kind: str
    token_id: int = 0
    amount: int = 0

    def revoked_by(self) -> tuple[str, list[Any]]:
        """The owner's call that takes it back."""
        match self.kind:
            case "cash":
                return "approve", [self.spender, 0]
            case "all":
                return "setApprovalForAll", [self.spender, False]
            case "token":
                return _APPROVE_TOKEN, [_NOBODY, self.token_id]
            case _:
                return _APPROVE_VALUE, [self.token_id, self.spender, 0]


class Revocation(msgspec.Struct):
    """What became of one approval.

    Attributes:
        outcome: "revoked", "failed" (`why` says why) or "own-wallet": only its owner can.
    """

    approval: OpenApproval
    outcome: str
    why: str = ""


# ------------------------------------------------------------------ what stands open


async def open_approvals(
    gateway: Gateway, *, accounts: Collection[str] | None = None, contract: str | None = None
) -> list[OpenApproval]:
    """All approvals that stand on the chain now, of these accounts, for this contract.

    Args:
        accounts: lower case; None: of everyone.
        contract: a spender, by its name in the deployment record; None: any.

    Raises:
        ChainError, Unavailable: the index does not reach the chain's head.
    """
    await _index_at_head(gateway)
    given = await gateway.storage.read(_candidates)
    found = [one for one in await _as_on_chain(gateway, given) if one is not None]
    spender = None if contract is None else gateway.contracts.address(contract).lower()
    return sorted(
        one
        for one in found
        if (accounts is None or one.owner in accounts) and spender in (None, one.spender)
    )


def _candidates(connection: Connection) -> set[OpenApproval]:
    marks = ", ".join("?" * len(_EVENTS))
    rows = run(
        connection,
        f"SELECT contract, name, arguments_json FROM events WHERE name IN ({marks})",
        _EVENTS,
    )
    found = set()
    for contract, name, arguments_json in rows:
        given = msgspec.json.decode(arguments_json)
        if name == "Approval" and contract.startswith(CASH_PREFIX):
            found.add(OpenApproval(given["owner"], contract, given["spender"], "cash"))
        elif name == "ApprovalForAll":
            found.add(OpenApproval(given["owner"], contract, given["operator"], "all"))
        elif name == "OperatorSet":
            found.add(OpenApproval(given["seller"], contract, given["operator"], "all"))
        elif name == "Approval" and contract in _TOKENS:
            number = int(given["tokenId"])
            found.add(OpenApproval("", contract, "", "token", number))
        elif name == "ApprovalValue" and contract in _TOKENS:
            number = int(given["_tokenId"])
            found.add(OpenApproval("", contract, given["_operator"], "value", number))
    return found


async def _as_on_chain(
    gateway: Gateway, given: Collection[OpenApproval]
) -> list[OpenApproval | None]:
    """Each candidate as the contracts answer now; None where nothing stands."""
    asked = sorted(given)
    questions: list[tuple[str, str, Sequence[Any]]] = []
    for one in asked:
        match one.kind:
            case "cash":
                questions.append((one.contract, "allowance", [one.owner, one.spender]))
            case "all":
                questions.append((one.contract, "isApprovedForAll", [one.owner, one.spender]))
            case "token":
                questions.append((one.contract, "getApproved", [one.token_id]))
            case _:
                questions.append((one.contract, "allowance", [one.token_id, one.spender]))
    owners = [(one.contract, "ownerOf", [one.token_id]) for one in asked if one.token_id]
    answers = await call_many(gateway, questions, lenient=True)
    owner_of = dict(
        zip(
            [(contract, ids[0]) for contract, _, ids in owners],
            await call_many(gateway, owners, lenient=True),
            strict=True,
        )
    )
    return [
        _standing(one, answer, owner_of.get((one.contract, one.token_id)))
        for one, answer in zip(asked, answers, strict=True)
    ]


def _standing(one: OpenApproval, answer: Any, owner: str | None) -> OpenApproval | None:
    replace = msgspec.structs.replace
    match one.kind:
        case "cash":
            return replace(one, amount=int(answer)) if answer else None
        case "all":
            return one if answer else None
    if owner is None or not answer:
        return None
    if one.kind == "value":
        return replace(one, owner=owner.lower(), amount=int(answer))
    spender = str(answer).lower()
    return None if spender == _NOBODY else replace(one, owner=owner.lower(), spender=spender)


async def _index_at_head(gateway: Gateway) -> None:
    head = int(await gateway.rpc.call("eth_blockNumber"), 16)
    end = time.monotonic() + WAIT_SECONDS
    gateway.indexer.wake()
    while True:
        at = await gateway.storage.read(read_checkpoint)
        if at is not None and at.block_number >= head:
            return
        if time.monotonic() > end:
            raise Unavailable(f"the index has not reached block {head}", name="index-behind")
        await asyncio.sleep(0.05)


# ------------------------------------------------------------------ taking them back


async def revoke(
    gateway: Gateway, *, party_id: str | None, contract: str | None
) -> list[Revocation]:
    """Takes back every approval for a contract of the ledger, of accounts in custody.

    Each one goes through the outbox: whoever is interrupted runs this again, and what is under way
    is waited for, not sent twice. Approvals for anyone else than the ledger's contracts are their
    owners' own affair and stay.

    Args:
        party_id: of the directory; None: of all parties.
        contract: by its name in the deployment record; None: all of the ledger's.

    Raises:
        NotFound, ChainError, StorageError, Unavailable.
    """
    accounts = None
    if party_id is not None:
        accounts = {(await parties.party(gateway, party_id)).account.lower()}
    found = [
        one
        for one in await open_approvals(gateway, accounts=accounts, contract=contract)
        if gateway.contracts.name_at(one.spender) is not None
    ]
    kept = await gateway.storage.read(_in_custody)
    custody = {
        account
        for account in {one.owner for one in found} & kept
        if await gateway.keystore.held(account)
    }
    ours = [one for one in found if one.owner in custody]
    operations = await gateway.storage.write(
        lambda connection: _enqueued(gateway, connection, ours)
    )
    forget(gateway)
    report = [
        Revocation(one, "own-wallet", "only its owner can take it back")
        for one in found
        if one.owner not in custody
    ]
    for one, operation in zip(ours, operations, strict=True):
        report.append(await _outcome(gateway, one, operation))
    return sorted(report, key=lambda one: one.approval)


def _in_custody(connection: Connection) -> set[str]:
    rows = run(connection, "SELECT account FROM parties_directory WHERE custody = 1")
    return {str(row[0]).lower() for row in rows}


def _enqueued(
    gateway: Gateway, connection: Connection, found: Sequence[OpenApproval]
) -> list[Operation]:
    """An operation for each, in one transaction: the one under way where there is one."""
    under_way: dict[tuple[str, str, str, str], str] = {}
    rows = run(
        connection,
        "SELECT id, signer, contract, function, arguments_json FROM operations "
        "WHERE kind = ? AND state IN ('accepted', 'submitted')",
        (REVOKED,),
    )
    for row in rows:
        under_way[row[1], row[2], row[3], row[4]] = str(row[0])
    operations = []
    for one in found:
        function, arguments = one.revoked_by()
        text = to_json(arguments)
        identifier = under_way.get((one.owner, one.contract, function, text))
        if identifier is not None:
            operations.append(_stored(connection, identifier))
            continue
        before = approvals_under_way(
            connection,
            signer=one.owner,
            contract=one.contract,
            function=function,
            spender=one.spender,
        )
        operations.append(
            gateway.operations.enqueue(
                connection,
                kind=REVOKED,
                party_id=_party_of(connection, one.owner),
                signer=one.owner,
                contract=one.contract,
                function=function,
                arguments=arguments,
                subject={"spender": one.spender},
                after=[f"~{identifier}" for identifier, _ in before],
            )
        )
    return operations


def _stored(connection: Connection, identifier: str) -> Operation:
    found = stored_operation(connection, identifier)
    assert found is not None
    return found


def _party_of(connection: Connection, account: str) -> str | None:
    query = "SELECT id FROM parties_directory WHERE account = ?"
    found = run(connection, query, (account,)).scalar()
    return None if found is None else str(found)


async def _outcome(gateway: Gateway, one: OpenApproval, operation: Operation) -> Revocation:
    done = await gateway.operations.wait(operation.id, WAIT_SECONDS)
    if done.state == REJECTED or done.state not in DONE:
        why = done.error.message if done.error is not None else f"operation {done.id} {done.state}"
        return Revocation(one, "failed", why)
    # A command that was under way may have used it meanwhile; the chain has the last word.
    (standing,) = await _as_on_chain(gateway, [one])
    if standing is not None and standing.spender == one.spender:
        return Revocation(one, "failed", "it stands again: a command gave it anew")
    return Revocation(one, "revoked")


# ------------------------------------------------------------------ in words


def view(gateway: Gateway, one: OpenApproval) -> dict[str, Any]:
    """An approval in JSON."""
    amount: str | None = None
    if one.kind in ("cash", "value"):
        amount = "unlimited" if one.amount >= UNLIMITED // 2 else str(one.amount)
    return {
        "account": checksum_address(one.owner),
        "contract": one.contract,
        "spender": gateway.contracts.name_at(one.spender) or checksum_address(one.spender),
        "kind": one.kind,
        "tokenId": one.token_id or None,
        "amount": amount,
    }


def line(gateway: Gateway, one: OpenApproval) -> str:
    """An approval in a line of a terminal."""
    seen = view(gateway, one)
    what = {
        "cash": f"{seen['amount']} of {one.contract}",
        "all": f"all of {one.contract}",
        "token": f"{one.contract} {one.token_id}",
        "value": f"{seen['amount']} of {one.contract} {one.token_id}",
    }[one.kind]
    return f"{seen['account']}  {seen['spender']:<14} {what}"
