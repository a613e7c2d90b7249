"""Verifies a pack of disclosed fields."""

from __future__ import annotations

from app.chain.evm.typed_data import struct_hash
from app.domain.money import minor_units
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.chain_queries import answer_as, ask
from app.gateway.gateway import Gateway
from app.gateway.money import money_view
from app.oversight.verification import repository
from app.oversight.verification.on_chain import ReceivableOnChain
from app.oversight.verification.schemas import Check, PackQuestion, PackVerification
from app.oversight.verification.service import STATUS, check, verify_claim
from app.trade.documents.merkle import verify_disclosure
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.service import terms_of

# States of a debt that the debtor confirmed and that is not disputed or in default.
_OWED = frozenset(("confirmed", "settled"))


async def verify_pack(gateway: Gateway, caller: Caller, pack: PackQuestion) -> PackVerification:
    """Whether disclosed fields are in a document behind a receivable (of the claim, if given).

    Raises:
        NotFound, Unavailable.
    """
    root = bytes.fromhex(pack.root[2:])
    proofs = [
        check(
            f"field:{field.field}",
            verify_disclosure(
                root=root,
                field=field.field,
                value=field.value,
                salt=bytes.fromhex(field.salt[2:]),
                proof=[bytes.fromhex(sibling.removeprefix("0x")) for sibling in field.proof],
            ),
            value=field.value,
        )
        for field in pack.fields
    ]
    at, rows = await gateway.storage.read(
        lambda connection: repository.with_root(connection, pack.root)
    )
    if at is None:
        raise NotFound("the index has read no block yet", fix="ask again in a moment")
    checks = list(proofs)
    if pack.claimId is not None:
        verified = await verify_claim(gateway, caller, pack.claimId)
        rows = [row for row in rows if row.receivable_id == verified["receivableId"]]
        failed = [item["name"] for item in verified["checks"] if not item["holds"]]
        checks.append(check("claim", verified["holds"], claimId=pack.claimId, failed=failed))
    answers = await ask(
        gateway, at, [("Receivables", "receivable", [row.receivable_id]) for row in rows]
    )
    disclosed = {field.field: field.value for field in pack.fields}
    on_ledger = {}
    for row, answer in zip(rows, answers, strict=True):
        debt = answer_as(ReceivableOnChain, answer)
        if debt.terms_hash == "0x" + struct_hash("ReceivableTerms", terms_of(row)).hex():
            on_ledger[row.receivable_id] = STATUS[debt.status]
    checks.append(check("on-ledger", bool(on_ledger), receivableIds=list(on_ledger)))
    checks.append(
        check(
            "confirmed",
            bool(on_ledger) and _OWED.issuperset(on_ledger.values()),
            status={str(number): status for number, status in on_ledger.items()},
        )
    )
    # A caller who shows a true part of the document may see the rest of the comparison.
    if all(proof["holds"] for proof in proofs):
        for row in rows:
            if row.receivable_id in on_ledger:
                checks += _fields_match(gateway, row, disclosed)
    return {
        "root": pack.root,
        "holds": all(item["holds"] for item in checks),
        "receivableIds": list(on_ledger),
        "checks": checks,
        "asOf": {"blockNumber": at.block_number, "blockHash": at.block_hash},
    }


def _fields_match(gateway: Gateway, row: ReceivableRow, disclosed: dict[str, str]) -> list[Check]:
    """The values of the documents compared with those of the ledger."""
    currency = gateway.currency_at(row.currency)
    checks = []
    if "payableAmount" in disclosed:
        try:
            amount = minor_units(disclosed["payableAmount"], currency=currency)
        except ValueError:
            amount = -1
        checks.append(
            check(
                "face-amount-matches",
                amount == row.face_amount,
                documents=disclosed["payableAmount"],
                ledger=money_view(row.face_amount, currency=currency),
            )
        )
    if "currency" in disclosed:
        checks.append(
            check(
                "currency-matches",
                disclosed["currency"] == currency,
                documents=disclosed["currency"],
                ledger=currency,
            )
        )
    return checks
