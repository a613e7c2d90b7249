"""The facts of a notice, as the ledger knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.chain.evm.contracts import ContractError
from app.chain.evm.rpc import ChainError, RpcError
from app.domain.texts import say
from app.errors import CessionError, Conflict, NotFound
from app.gateway.chain_queries import Question, ask
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.refusal_facts import know
from app.gateway.refusals import refusal as in_words
from app.lending.notices.projection import BASES, CONTRACT, NoticeRow
from app.storage.checkpoint import Checkpoint

AT_ONCE = 100  # questions in one request, because nodes limit a batch


class Facts(msgspec.Struct, frozen=True):
    """What a notice says; `basis` is assignment or lien, `loan_id` None if no loan has the lien."""

    basis: str
    claim_id: int
    receivable_id: int
    debtor: str
    assignor: str
    assignee: str
    loan_id: int | None
    value: int

    def argument(self) -> dict[str, Any]:
        """The facts as the contract takes them."""
        return {
            "basis": BASES.index(self.basis),
            "claimId": self.claim_id,
            "receivableId": self.receivable_id,
            "debtor": self.debtor,
            "assignor": self.assignor,
            "assignee": self.assignee,
            "loanId": self.loan_id or 0,
            "value": self.value,
        }


def facts_in(row: NoticeRow) -> Facts:
    """The facts of a notice that was given."""
    return Facts(
        basis=row.basis,
        claim_id=row.claim_id,
        receivable_id=row.receivable_id,
        debtor=row.debtor,
        assignor=row.assignor,
        assignee=row.assignee,
        loan_id=row.loan_id,
        value=row.value,
    )


async def facts_of(gateway: Gateway, claim_id: int) -> Facts:
    """What a notice on a claim would say now, from the ledger.

    Raises:
        NotFound: there is no such claim.
        Conflict: there is nothing to notify of.
        ChainError.
    """
    try:
        answer = await call(gateway, CONTRACT, "factsOf", [claim_id])
    except RpcError as error:
        if not error.is_revert:
            raise
        refusal = gateway.contracts.decode_error(error.data, called=CONTRACT)
        await know(gateway, [(refusal, None)])
        raise _refused(refusal, claim_id) from error
    return _facts_from(answer)


def question_of(claim_id: int) -> Question:
    """Asks the ledger for the facts of a claim; it reverts if there is nothing to notify of."""
    return CONTRACT, "factsOf", [claim_id]


def stands(row: NoticeRow, answer: Any, *, last_id: int) -> bool:
    """Whether a notice says what the ledger says now.

    Args:
        answer: to `question_of`; None if there is nothing to notify of.
        last_id: the last notice on the same claim.
    """
    if answer is None or last_id != row.notice_id:
        return False
    return _facts_from(answer) == facts_in(row)


async def which_stand(
    gateway: Gateway, at: Checkpoint | None, rows: Sequence[NoticeRow], last_ids: Mapping[int, int]
) -> list[bool | None]:
    """Of each notice, whether it stands as of a block; None if the chain does not answer.

    Args:
        last_ids: the last notice of each claim.
    """
    if at is None:
        return [None] * len(rows)
    answers: list[Any] = []
    try:
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            answers += await ask(gateway, at, [question_of(row.claim_id) for row in part])
    except (CessionError, ChainError):
        return [None] * len(rows)
    return [
        stands(row, answer, last_id=last_ids[row.claim_id])
        for row, answer in zip(rows, answers, strict=True)
    ]


def _facts_from(answer: Mapping[str, Any]) -> Facts:
    return Facts(
        basis=BASES[answer["basis"]],
        claim_id=answer["claimId"],
        receivable_id=answer["receivableId"],
        debtor=answer["debtor"].lower(),
        assignor=answer["assignor"].lower(),
        assignee=answer["assignee"].lower(),
        loan_id=answer["loanId"] or None,
        value=answer["value"],
    )


def _refused(refusal: ContractError, claim_id: int) -> Conflict | NotFound:
    if refusal.name == "ClaimUnknown":
        return NotFound(
            say("there is no claim {claim_id}", claim_id=claim_id), name="claim-unknown"
        )
    message, fix = in_words(refusal)
    return Conflict(message, name="nothing-to-notify", fix=fix)
