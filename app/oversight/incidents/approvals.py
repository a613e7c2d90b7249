"""Open approvals, read from the chain, and the command that revokes them.

The candidates come from the approval events in the index; only the contracts' current answers
count.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS, checksum_address
from app.chain.outbox.operation import DONE, REJECTED, Operation, to_json
from app.chain.outbox.outbox import Call
from app.chain.outbox.outbox import operation as stored_operation
from app.domain.texts import say
from app.errors import Unavailable
from app.gateway.approvals import REVOKED, UNLIMITED, approvals_under_way, forget
from app.gateway.callers import Caller
from app.gateway.gateway import CASH_PREFIX, Gateway
from app.gateway.ledger import call_many
from app.oversight.incidents import repository
from app.oversight.incidents.repository import ApprovalEvent, RevocationCall
from app.oversight.incidents.schemas import ApprovalKind, Approvals, ApprovalView
from app.parties.registry import repository as parties_repository
from app.parties.registry import service as parties
from app.storage.checkpoint import read_checkpoint

WAIT_SECONDS = 120.0
_TOKENS = ("Receivables", "WarehouseReceipts")
_EVENTS = ("Approval", "ApprovalForAll", "ApprovalValue", "OperatorSet")
_APPROVE_TOKEN = "approve(address,uint256)"
_APPROVE_VALUE = "approve(uint256,address,uint256)"


class OpenApproval(msgspec.Struct, frozen=True, order=True):
    """One approval on the chain.

    Attributes:
        owner: the account that gave it, lower case.
        contract: the contract of the cash or tokens, by its name in the deployment record.
        spender: the account that may move them, lower case.
        kind: "cash", "all" (tokens or orders of an owner), "token" (one) or "value" (part of one).
        token_id: the token; 0 for "cash" and "all".
        amount: the approved cash or value; 0 for other kinds.
    """

    owner: str
    contract: str
    spender: str
    kind: ApprovalKind
    token_id: int = 0
    amount: int = 0

    def revoked_by(self) -> tuple[str, list[Any]]:
        """The owner's call that revokes it."""
        match self.kind:
            case "cash":
                return "approve", [self.spender, 0]
            case "all":
                return "setApprovalForAll", [self.spender, False]
            case "token":
                return _APPROVE_TOKEN, [ZERO_ADDRESS, self.token_id]
            case _:
                return _APPROVE_VALUE, [self.token_id, self.spender, 0]


class Revocation(msgspec.Struct):
    """The outcome for one approval.

    Attributes:
        outcome: "revoked", "failed" (`why` says why) or "own-wallet": only its owner can revoke it.
    """

    approval: OpenApproval
    outcome: str
    why: str = ""


# ------------------------------------------------------------------ open approvals


async def open_approvals(
    gateway: Gateway, *, accounts: Collection[str] | None = None, contract: str | None = None
) -> list[OpenApproval]:
    """All approvals that exist on the chain now, from these accounts, for this contract.

    Args:
        accounts: lower case; None: all accounts.
        contract: a spender, by its name in the deployment record; None: any spender.

    Raises:
        ChainError, Unavailable: the index has not reached the chain's head.
    """
    await _index_at_head(gateway)
    events = await gateway.storage.read(
        lambda connection: repository.events_named(connection, _EVENTS)
    )
    candidates = _candidates(events)
    current = await _as_on_chain(gateway, sorted(candidates))
    spender = None if contract is None else gateway.contracts.address(contract).lower()
    return sorted(
        approval
        for approval in current
        if approval is not None
        and (accounts is None or approval.owner in accounts)
        and spender in (None, approval.spender)
    )


def _candidates(events: Sequence[ApprovalEvent]) -> set[OpenApproval]:
    candidates = set()
    for event in events:
        contract, name, arguments = event.contract, event.name, event.arguments
        if name == "Approval" and contract.startswith(CASH_PREFIX):
            candidates.add(OpenApproval(arguments["owner"], contract, arguments["spender"], "cash"))
        elif name == "ApprovalForAll":
            candidates.add(OpenApproval(arguments["owner"], contract, arguments["operator"], "all"))
        elif name == "OperatorSet":
            candidates.add(
                OpenApproval(arguments["seller"], contract, arguments["operator"], "all")
            )
        elif name == "Approval" and contract in _TOKENS:
            number = int(arguments["tokenId"])
            candidates.add(OpenApproval("", contract, "", "token", number))
        elif name == "ApprovalValue" and contract in _TOKENS:
            number = int(arguments["_tokenId"])
            candidates.add(OpenApproval("", contract, arguments["_operator"], "value", number))
    return candidates


async def _as_on_chain(
    gateway: Gateway, candidates: Sequence[OpenApproval]
) -> list[OpenApproval | None]:
    """Each candidate as the contracts answer now; None where no approval exists."""
    questions: list[tuple[str, str, Sequence[Any]]] = []
    for item in candidates:
        match item.kind:
            case "cash":
                questions.append((item.contract, "allowance", [item.owner, item.spender]))
            case "all":
                questions.append((item.contract, "isApprovedForAll", [item.owner, item.spender]))
            case "token":
                questions.append((item.contract, "getApproved", [item.token_id]))
            case _:
                questions.append((item.contract, "allowance", [item.token_id, item.spender]))
    owners = [(item.contract, "ownerOf", [item.token_id]) for item in candidates if item.token_id]
    answers = await call_many(gateway, questions, lenient=True)
    owner_of = dict(
        zip(
            [(contract, ids[0]) for contract, _, ids in owners],
            await call_many(gateway, owners, lenient=True),
            strict=True,
        )
    )
    return [
        _current(item, answer, owner_of.get((item.contract, item.token_id)))
        for item, answer in zip(candidates, answers, strict=True)
    ]


def _current(candidate: OpenApproval, answer: Any, owner: str | None) -> OpenApproval | None:
    replace = msgspec.structs.replace
    match candidate.kind:
        case "cash":
            return replace(candidate, amount=int(answer)) if answer else None
        case "all":
            return candidate if answer else None
    if owner is None or not answer:
        return None
    if candidate.kind == "value":
        return replace(candidate, owner=owner.lower(), amount=int(answer))
    spender = str(answer).lower()
    return (
        None
        if spender == ZERO_ADDRESS
        else replace(candidate, owner=owner.lower(), spender=spender)
    )


async def _index_at_head(gateway: Gateway) -> None:
    head = int(await gateway.rpc.call("eth_blockNumber"), 16)
    end = time.monotonic() + WAIT_SECONDS
    gateway.indexer.wake()
    while True:
        at = await gateway.storage.read(read_checkpoint)
        if at is not None and at.block_number >= head:
            return
        if time.monotonic() > end:
            raise Unavailable(
                say("the index has not reached block {head}", head=head), name="index-behind"
            )
        await asyncio.sleep(0.05)


# ------------------------------------------------------------------ revoking


async def revoke(
    gateway: Gateway, *, party_id: str | None, contract: str | None
) -> list[Revocation]:
    """Revokes approvals for the ledger's contracts, of accounts in custody.

    Each revocation goes through the outbox. After an interruption, run this again: it waits for
    operations under way and sends none of them twice. Approvals for accounts outside the ledger
    are their owners' own affair and stay.

    Args:
        party_id: of the directory; None: all parties.
        contract: by its name in the deployment record; None: all contracts of the ledger.

    Raises:
        NotFound, ChainError, StorageError, Unavailable.
    """
    accounts = None
    if party_id is not None:
        accounts = {(await parties.party(gateway, party_id)).account.lower()}
    approvals = [
        approval
        for approval in await open_approvals(gateway, accounts=accounts, contract=contract)
        if gateway.contracts.name_at(approval.spender) is not None
    ]
    custody_accounts = await gateway.storage.read(repository.accounts_in_custody)
    custody = {
        account
        for account in {approval.owner for approval in approvals} & custody_accounts
        if await gateway.keystore.held(account)
    }
    in_custody = [approval for approval in approvals if approval.owner in custody]
    operations = await gateway.storage.write(
        lambda connection: _enqueued(gateway, connection, in_custody)
    )
    forget(gateway)
    report = [
        Revocation(approval, "own-wallet", "only its owner can revoke it")
        for approval in approvals
        if approval.owner not in custody
    ]
    for approval, operation in zip(in_custody, operations, strict=True):
        report.append(await _outcome(gateway, approval, operation))
    return sorted(report, key=lambda revocation: revocation.approval)


def _enqueued(
    gateway: Gateway, connection: Connection, approvals: Sequence[OpenApproval]
) -> list[Operation]:
    """One operation for each, in one transaction; an operation under way is used again."""
    under_way = repository.under_way(connection, kind=REVOKED)
    operations = []
    for approval in approvals:
        function, arguments = approval.revoked_by()
        call = RevocationCall(approval.owner, approval.contract, function, to_json(arguments))
        identifier = under_way.get(call)
        if identifier is not None:
            operations.append(_stored(connection, identifier))
            continue
        before = approvals_under_way(
            connection,
            signer=approval.owner,
            contract=approval.contract,
            function=function,
            spender=approval.spender,
        )
        party = parties_repository.by_account(connection, approval.owner)
        operations.append(
            gateway.operations.enqueue(
                connection,
                Call(
                    kind=REVOKED,
                    party_id=None if party is None else party.id,
                    signer=approval.owner,
                    contract=approval.contract,
                    function=function,
                    arguments=arguments,
                    subject={"spender": approval.spender},
                ),
                after=[f"~{identifier}" for identifier, _ in before],
            )
        )
    return operations


def _stored(connection: Connection, identifier: str) -> Operation:
    operation = stored_operation(connection, identifier)
    assert operation is not None
    return operation


async def _outcome(gateway: Gateway, approval: OpenApproval, operation: Operation) -> Revocation:
    done = await gateway.operations.wait(operation.id, WAIT_SECONDS)
    if done.state == REJECTED or done.state not in DONE:
        why = done.error.message if done.error is not None else f"operation {done.id} {done.state}"
        return Revocation(approval, "failed", why)
    # A command that was under way may have given it again; the chain decides.
    (current,) = await _as_on_chain(gateway, [approval])
    if current is not None and current.spender == approval.spender:
        return Revocation(approval, "failed", "a command gave the approval again")
    return Revocation(approval, "revoked")


# ------------------------------------------------------------------ in words


async def page(gateway: Gateway, caller: Caller, party_id: str | None) -> Approvals:
    """Open approvals of a party; without `party_id`, of the caller's account.

    Raises:
        Forbidden, NotFound, ChainError, Unavailable.
    """
    account = await parties.readable_account(gateway, caller, party_id, what=say("approvals"))
    items = await open_approvals(gateway, accounts={account.lower()})
    return {"items": [view(gateway, item) for item in items]}


def view(gateway: Gateway, approval: OpenApproval) -> ApprovalView:
    """An approval in JSON."""
    amount: str | None = None
    if approval.kind in ("cash", "value"):
        amount = "unlimited" if approval.amount >= UNLIMITED // 2 else str(approval.amount)
    return {
        "account": checksum_address(approval.owner),
        "contract": approval.contract,
        "spender": gateway.contracts.name_at(approval.spender)
        or checksum_address(approval.spender),
        "kind": approval.kind,
        "tokenId": approval.token_id or None,
        "amount": amount,
    }


def line(gateway: Gateway, approval: OpenApproval) -> str:
    """An approval as a line in a terminal."""
    body = view(gateway, approval)
    what = {
        "cash": f"{body['amount']} of {approval.contract}",
        "all": f"all of {approval.contract}",
        "token": f"{approval.contract} {approval.token_id}",
        "value": f"{body['amount']} of {approval.contract} {approval.token_id}",
    }[approval.kind]
    return f"{body['account']}  {body['spender']:<14} {what}"
