"""The chain of assignment of a token, compared with the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.chain.evm.hashing import checksum_address
from app.trade.claims.lineage import Assignment, LineageStep


def ancestors_of(steps: Sequence[LineageStep]) -> list[int]:
    """The numbers of the tokens from the root to the token itself."""
    return list(dict.fromkeys(step.token_id for step in steps))


def is_unbroken(
    steps: Sequence[LineageStep], parents: Sequence[Any], *, first_holder: str, holder: str
) -> bool:
    """Whether the steps lead without a gap from the first holder to the holder.

    Args:
        parents: the ledger's answers for the parents of `ancestors_of(steps)`.
    """
    stored = {step.token_id: step.parent_id or 0 for step in steps}
    on_chain = dict(zip(ancestors_of(steps), (int(parent) for parent in parents), strict=True))
    unbroken, last_holder = stored == on_chain, first_holder
    for step in steps:
        assignment = step.assignment
        if assignment is None:
            continue
        unbroken &= assignment.from_owner == last_holder or assignment.court_order_hash is not None
        last_holder = assignment.to_owner
    return unbroken and last_holder == holder


def evidence_of(assignment: Assignment) -> dict[str, str | None]:
    """What a check shows of an assignment, whatever the token."""
    return {
        "from": checksum_address(assignment.from_owner),
        "to": checksum_address(assignment.to_owner),
        "documentRoot": assignment.document_root,
        "courtOrderHash": assignment.court_order_hash,
        "transactionHash": assignment.transaction_hash,
    }
