"""The stop of new risk: one official stops it, two officials resume it."""

from __future__ import annotations

from app.chain.evm.hashing import checksum_address, keccak
from app.domain.texts import say
from app.errors import Conflict
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import REGISTRY, RISK_STOP, risk_stop
from app.oversight.incidents import repository
from app.oversight.incidents.schemas import NewRisk

STOP, PROPOSE, RESUME = "stop-new-risk", "propose-resumption", "resume-new-risk"


def reason_hash(reason: str) -> str:
    """The hash that the ledger records for a reason."""
    return "0x" + keccak(reason.encode()).hex()


def stopping(reason: str) -> NewOperation:
    """The call that stops new risk."""
    hashed = reason_hash(reason)
    return NewOperation(
        STOP, REGISTRY, "stopNewRisk", [hashed], {"reason": reason, "reasonHash": hashed}
    )


async def stop(command: Command, reason: str) -> Change:
    """Stops new risk, as the caller."""
    command.gateway.cache.forget(RISK_STOP)
    return await change_for(command, stopping(reason))


async def resume(command: Command, reason_hash: str) -> Change:
    """The first official proposes that new risk resumes; the second one resumes it.

    Raises:
        Conflict: nothing is stopped, the reason differs, or the caller is the proposer.
    """
    new_operation = await resuming(command.gateway, reason_hash, official=command.caller.acting())
    command.gateway.cache.forget(RISK_STOP)
    return await change_for(command, new_operation)


async def resuming(gateway: Gateway, expected: str | None, *, official: str) -> NewOperation:
    """The call by which this official resumes new risk, or proposes it.

    Args:
        expected: hash of the reason that the official means; None: the current one.

    Raises:
        Conflict.
    """
    reason, proposer = await risk_stop(gateway)
    if reason is None:
        raise Conflict("new risk is not stopped", name="not-stopped")
    if expected is not None and expected != reason:
        raise Conflict(
            say(
                "new risk is stopped for the reason with the hash {reason}, not {expected}",
                reason=reason,
                expected=expected,
            ),
            name="reason-differs",
            fix="read the reason: GET /v1/new-risk",
            reasonHash=reason,
        )
    subject = {"reasonHash": reason}
    if proposer is None:
        return NewOperation(PROPOSE, REGISTRY, "proposeResumption", [reason], subject)
    if proposer == official.lower():
        raise Conflict(
            "the caller has already proposed the resumption",
            name="another-person",
            fix="an operator or a regulator of another party resumes new risk",
        )
    return NewOperation(RESUME, REGISTRY, "resumeNewRisk", [reason], subject)


async def status(gateway: Gateway) -> NewRisk:
    """Whether new risk is stopped, and why, if this gateway knows the reason."""
    reason, proposer = await risk_stop(gateway)
    if reason is None:
        text = None
    else:
        text = await gateway.storage.read(
            lambda connection: repository.stop_reason(connection, kind=STOP, reason_hash=reason)
        )
    return {
        "state": "open" if reason is None else "stopped",
        "reasonHash": reason,
        "reason": text,
        "resumptionProposedBy": None if proposer is None else checksum_address(proposer),
    }
