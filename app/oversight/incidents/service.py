"""The stop of new risk: one official stops it, two persons resume it."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.hashing import checksum_address, keccak
from app.errors import Conflict
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.ledger import REGISTRY, risk_stop
from app.storage import run

STOP, PROPOSE, RESUME = "stop-new-risk", "propose-resumption", "resume-new-risk"


def reason_hash(reason: str) -> str:
    """What stands on the ledger for a reason."""
    return "0x" + keccak(reason.encode()).hex()


def stopping(reason: str) -> Act:
    """The call that stops new risk."""
    given = reason_hash(reason)
    return Act(STOP, REGISTRY, "stopNewRisk", [given], {"reason": reason, "reasonHash": given})


async def stop(command: Command, reason: str) -> Response:
    """Stops new risk, as the caller."""
    command.gateway.cache.pop("risk-stop", None)
    return await act(command, stopping(reason))


async def resume(command: Command, given: str) -> Response:
    """The first official proposes that new risk resumes, the second one resumes it.

    Raises:
        Conflict: nothing is stopped, or for another reason, or the caller proposed it itself.
    """
    wanted = await resuming(command.gateway, given, official=command.caller.acting())
    command.gateway.cache.pop("risk-stop", None)
    return await act(command, wanted)


async def resuming(gateway: Gateway, given: str | None, *, official: str) -> Act:
    """The call by which this official resumes new risk, or proposes it.

    Args:
        given: hash of the reason that the official means; None: the one in force.

    Raises:
        Conflict.
    """
    reason, proposer = await risk_stop(gateway)
    if reason is None:
        raise Conflict("new risk is not stopped", name="not-stopped")
    if given is not None and given != reason:
        raise Conflict(
            f"new risk is stopped for the reason with the hash {reason}, not {given}",
            name="reason-differs",
            fix="GET /v1/new-risk",
            reasonHash=reason,
        )
    subject = {"reasonHash": reason}
    if proposer is None:
        return Act(PROPOSE, REGISTRY, "proposeResumption", [reason], subject)
    if proposer == official.lower():
        raise Conflict(
            "the caller has proposed it already",
            name="another-person",
            fix="an operator or a regulator of another party resumes new risk",
        )
    return Act(RESUME, REGISTRY, "resumeNewRisk", [reason], subject)


async def status(gateway: Gateway) -> dict[str, Any]:
    """Whether new risk is stopped, and why where this gateway knows it."""
    reason, proposer = await risk_stop(gateway)
    text = None
    if reason is not None:
        wanted = reason

        def find(connection: Connection) -> str | None:
            rows = run(
                connection,
                "SELECT subject_json FROM operations WHERE kind = ? ORDER BY id DESC LIMIT 100",
                (STOP,),
            )
            for row in rows:
                subject = msgspec.json.decode(row[0])
                if subject.get("reasonHash") == wanted:
                    return str(subject["reason"])
            return None

        text = await gateway.storage.read(find)
    return {
        "state": "open" if reason is None else "stopped",
        "reasonHash": reason,
        "reason": text,
        "resumptionProposedBy": None if proposer is None else checksum_address(proposer),
    }
