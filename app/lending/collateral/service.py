"""What is done about loans on goods: draws, swaps, the way on, calls, liquidation, bids."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.outbox.operation import Operation
from app.domain.catalogue import COVER
from app.domain.quantity import QuantityInvalid, thousandths
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import all_approval, cash_approval, token_approvals
from app.gateway.commands import Command
from app.gateway.execution import Act, act, claim_once
from app.gateway.money import minor
from app.lending import repository
from app.lending.access import loan
from app.lending.collateral import repository as goods
from app.lending.collateral import views
from app.lending.collateral.items import ALL, piece_approvals, whole_pieces
from app.lending.collateral.schemas import CoverChange, InvoicedGoods, OutPiece, PassageToGoods
from app.lending.commands import CONTRACT, MOST_REPAYMENT
from app.lending.rows import LoanRow
from app.trade.orders import deliveries
from app.trade.receivables import reading
from app.trade.receivables.service import debtors_word


async def change_cover(command: Command, loan_id: int, wanted: CoverChange) -> Response:
    """Pieces come in, pieces or parts go out, in one transaction.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await _on_goods(command, loan_id)
    if not wanted.added and not wanted.removed:
        raise BadInput("nothing comes in and nothing goes out", field="added")
    added = whole_pieces(wanted.added, field="added")
    currency = gateway.currency_at(row.currency)
    removed = [
        _part(one, field=f"removed.{place}", currency=currency)
        for place, one in enumerate(wanted.removed)
    ]
    approvals = piece_approvals(gateway, owner=row.borrower, pieces=wanted.added)
    arguments = [loan_id, added, removed]
    subject = {"loanId": loan_id}
    return await act(
        command, Act("change-cover", CONTRACT, "changeCover", arguments, subject, approvals)
    )


async def pass_to_goods(command: Command, loan_id: int, wanted: PassageToGoods) -> Response:
    """A financed order's goods are in: loan and lien pass to their receipt.

    Raises:
        NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    draft = await gateway.storage.read(
        lambda connection: deliveries.find(connection, wanted.deliveryId)
    )

    def backed(connection: Connection) -> tuple[LoanRow | None, int | None]:
        found = None if draft is None else goods.order_loan(connection, draft.order_id)
        return repository.loan(connection, loan_id), found

    row, financed = await gateway.storage.read(backed)
    near = () if row is None else (row.lender, row.borrower, row.entruster)
    if draft is not None and financed == loan_id:
        near = (*near, draft.buyer)
    if row is None or caller.account is None or caller.account not in near:
        raise NotFound(f"there is no loan {loan_id}", name="loan-unknown")
    if draft is None or financed != loan_id:
        raise NotFound(
            f"there is no delivery {wanted.deliveryId} of this loan's order",
            name="delivery-unknown",
            field="deliveryId",
        )
    if draft.signature is None:
        raise Conflict(
            "the buyer has not signed the delivery yet",
            name="signature-missing",
            fix=f"the buyer signs it at /v1/deliveries/{draft.id}/signature",
        )
    approvals = []
    if caller.account == row.borrower:
        approvals = token_approvals(
            gateway, kind="receipt", owner=row.borrower, spender=CONTRACT, ids=[wanted.receiptId]
        )

    def also(connection: Connection, operation: Operation) -> dict[str, Any]:
        claim_once(
            connection,
            "delivery_drafts",
            identifier=draft.id,
            operation_id=operation.id,
            what="the delivery",
        )
        return {}

    arguments = [loan_id, draft.terms(), draft.signature, wanted.receiptId]
    subject = {"loanId": loan_id, "orderId": draft.order_id}
    wanted_act = Act("pass-to-goods", CONTRACT, "passToGoods", arguments, subject, approvals)
    return await act(command, wanted_act, also=also)


async def pass_to_claim(command: Command, loan_id: int, wanted: InvoicedGoods) -> Response:
    """Goods under lien are invoiced: the lien passes to the claim, the goods to the debtor.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await _on_goods(command, loan_id)
    debt = await reading.receivable(gateway, command.caller, wanted.receivableId)
    if debt.seller != row.borrower:
        raise Forbidden("only the seller's own invoice takes the place of goods", name="not-seller")
    if debt.status == "Requested" and wanted.signature is None:
        raise Conflict(
            f"receivable {wanted.receivableId} is not confirmed yet",
            name="not-confirmed",
            fix="the debtor confirms it first, or signs its terms: give the signature",
        )
    claim_id = wanted.claimId or debt.claim_id or 0
    quantity = ALL
    if wanted.quantity is not None:
        quantity = _quantity(wanted.quantity, field="quantity")
    approvals = token_approvals(
        gateway, kind="claim", owner=row.borrower, spender=CONTRACT, ids=[claim_id]
    )
    if claim_id == 0:
        # The debtor's signature mints the claim in the same transaction.
        approvals = [
            all_approval(
                gateway,
                contract="Receivables",
                owner=row.borrower,
                spender=CONTRACT,
                standing=False,
            )
        ]
    arguments = [
        *(loan_id, wanted.receivableId, claim_id, wanted.signature or "0x"),
        *(wanted.receiptId, quantity),
    ]
    subject = {"loanId": loan_id, "receivableId": wanted.receivableId}
    return await act(
        command,
        Act("invoice-goods", CONTRACT, "passGoodsToReceivable", arguments, subject, approvals),
    )


async def bid(command: Command, loan_id: int, money: Any) -> Response:
    """A funder buys what pays a loan's debt, at the auction's price of the moment.

    Raises:
        NotFound, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    seen = await views.see(gateway, loan_id=loan_id, only="any")
    is_open = bool(seen.rows) and seen.rows[0].margin.auction_start is not None
    if not is_open:
        await loan(gateway, caller, loan_id)  # whose it is not does not hear of it
        raise Conflict(
            f"no goods of loan {loan_id} are for sale",
            name="no-auction",
            fix="GET /v1/auctions lists those that are",
        )
    currency = gateway.currency_at(seen.rows[0].loan.currency)
    most = min(minor(money, field="most", currency=currency), MOST_REPAYMENT)
    approval = cash_approval(
        gateway, currency=currency, owner=caller.acting(), spender=CONTRACT, amount=most
    )
    subject = {"loanId": loan_id}
    return await act(command, Act("bid", CONTRACT, "bid", [loan_id, most], subject, (approval,)))


# ------------------------------------------------------------------ parts of the above


def _part(one: OutPiece, *, field: str, currency: str) -> dict[str, int]:
    if one.quantity is not None and one.kind != "receipt":
        raise BadInput("a quantity is of a receipt", field=f"{field}.quantity", fix="give amount")
    if one.amount is not None and one.kind != "claim":
        raise BadInput("an amount is of a claim", field=f"{field}.amount", fix="give quantity")
    value = ALL
    if one.quantity is not None:
        value = _quantity(one.quantity, field=f"{field}.quantity")
    if one.amount is not None:
        value = minor(one.amount, field=f"{field}.amount", currency=currency)
    return {"kind": COVER.index(one.kind), "id": one.id, "value": value}


def _quantity(text: str, *, field: str) -> int:
    try:
        return thousandths(text)
    except QuantityInvalid as error:
        raise BadInput(str(error), name="quantity-invalid", field=field) from error


async def _on_goods(command: Command, loan_id: int) -> LoanRow:
    """A loan on goods of which the caller is the borrower."""
    row = await loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() != row.borrower:
        raise Forbidden("only the borrower changes the cover", name="not-borrower")
    if row.cover != "receipt":
        raise Conflict(f"loan {loan_id} is not on goods", name="not-on-goods")
    return row


async def pass_to_receivable(
    command: Command, loan_id: int, receivable_id: int, signature: str | None
) -> Response:
    """The buyer confirms the invoice of a financed order: loan and lien pass to its claim at once.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    debt, word = await debtors_word(command, receivable_id, signature)
    row = await gateway.storage.read(lambda connection: repository.loan(connection, loan_id))
    if row is None or row.cover != "order" or row.borrower != debt.seller:
        raise NotFound(
            f"there is no loan {loan_id} on an order of this seller", name="loan-unknown"
        )
    arguments = [loan_id, receivable_id, debt.claim_id or 0, word]
    subject = {"loanId": loan_id, "receivableId": receivable_id}
    return await act(
        command, Act("pass-to-receivable", CONTRACT, "passToReceivable", arguments, subject)
    )
