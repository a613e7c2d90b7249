"""Commands on collateral: substitution, conversion, and bids."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.catalogue import COLLATERAL
from app.domain.product_terms import ProductTerms
from app.domain.quantity import QuantityInvalid, thousandths
from app.domain.texts import say, text_of
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import all_approval, cash_approval, token_approvals
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.money import Money, minor
from app.lending import repository
from app.lending.access import loan
from app.lending.collateral import repository as goods
from app.lending.collateral.items import ALL, item_approvals, whole_items
from app.lending.collateral.schemas import (
    CollateralSubstitution,
    ConversionToGoods,
    InvoicedGoods,
    RemovedItem,
)
from app.lending.collateral.tenors import claims_among, require_tenor_of_claims
from app.lending.collateral.values import read_snapshot
from app.lending.commands import CONTRACT, MAX_REPAYMENT
from app.lending.rows import LoanRow
from app.trade.orders import deliveries
from app.trade.orders.deliveries import DELIVERIES
from app.trade.receivables import reading
from app.trade.receivables.service import debtors_word


async def substitute_collateral(
    command: Command, loan_id: int, request: CollateralSubstitution
) -> Change:
    """Adds items, and removes items or parts of them, in one transaction.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await _on_goods(command, loan_id)
    if not request.added and not request.removed:
        raise BadInput(
            "added and removed are both empty", field="added", fix="name at least one item"
        )
    added = whole_items(request.added, field="added")
    claim_ids = claims_among(request.added, field="added")
    if claim_ids:
        terms = await gateway.storage.read(lambda connection: _terms_of(connection, row))
        await require_tenor_of_claims(gateway, terms, claim_ids)
    currency = gateway.currency_at(row.currency)
    removed = [
        _part(item, field=f"removed.{index}", currency=currency)
        for index, item in enumerate(request.removed)
    ]
    approvals = item_approvals(gateway, owner=row.borrower, items=request.added)
    arguments = [loan_id, added, removed]
    subject = {"loanId": loan_id}
    return await change_for(
        command,
        NewOperation(
            "substitute-collateral", CONTRACT, "substituteCollateral", arguments, subject, approvals
        ),
    )


async def convert_to_goods(command: Command, loan_id: int, request: ConversionToGoods) -> Change:
    """Converts a delivery of a financed order: the lien moves to the warehouse receipt.

    Raises:
        NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    delivery = await gateway.storage.read(
        lambda connection: deliveries.find(connection, request.deliveryId)
    )

    def read_loan(connection: Connection) -> tuple[LoanRow | None, int | None]:
        order_loan_id = (
            None if delivery is None else goods.order_loan(connection, delivery.order_id)
        )
        return repository.loan(connection, loan_id), order_loan_id

    row, financed = await gateway.storage.read(read_loan)
    parties_of_loan = () if row is None else (row.lender, row.borrower, row.entruster)
    if delivery is not None and financed == loan_id:
        parties_of_loan = (*parties_of_loan, delivery.buyer)
    if row is None or caller.account is None or caller.account not in parties_of_loan:
        raise NotFound(say("there is no loan {loan_id}", loan_id=loan_id), name="loan-unknown")
    if delivery is None or financed != loan_id:
        raise NotFound(
            say(
                "there is no delivery {delivery_id} of this loan's order",
                delivery_id=request.deliveryId,
            ),
            name="delivery-unknown",
            field="deliveryId",
        )
    if delivery.signature is None:
        raise Conflict(
            "the buyer has not signed the delivery yet",
            name="signature-missing",
            fix=say("the buyer signs it at /v1/deliveries/{id}/signature", id=delivery.id),
        )
    approvals = []
    if caller.account == row.borrower:
        approvals = token_approvals(
            gateway,
            kind="warehouse-receipt",
            owner=row.borrower,
            spender=CONTRACT,
            ids=[request.warehouseReceiptId],
        )

    arguments = [loan_id, delivery.terms(), delivery.signature, request.warehouseReceiptId]
    subject = {"loanId": loan_id, "orderId": delivery.order_id}
    new_operation = NewOperation(
        "convert-to-goods", CONTRACT, "convertToGoods", arguments, subject, approvals
    )
    return await change_for(command, new_operation, side_writes=DELIVERIES.claim(delivery.id))


async def convert_goods_to_claim(command: Command, loan_id: int, request: InvoicedGoods) -> Change:
    """Converts invoiced goods: the lien moves to the claim, the goods go to the debtor.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await _on_goods(command, loan_id)
    receivable = await reading.receivable(gateway, command.caller, request.receivableId)
    if receivable.seller != row.borrower:
        raise Forbidden(
            "goods convert only to a receivable whose seller is the borrower", name="not-seller"
        )
    if receivable.status == "Requested" and request.signature is None:
        raise Conflict(
            say(
                "receivable {receivable_id} is not confirmed yet",
                receivable_id=request.receivableId,
            ),
            name="not-confirmed",
            fix="the debtor confirms it first, or signs its terms: send that signature",
        )
    claim_id = request.claimId or receivable.claim_id or 0
    quantity = ALL
    if request.quantity is not None:
        quantity = _quantity(request.quantity, field="quantity")
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
        *(loan_id, request.receivableId, claim_id, request.signature or "0x"),
        *(request.warehouseReceiptId, quantity),
    ]
    subject = {"loanId": loan_id, "receivableId": request.receivableId}
    return await change_for(
        command,
        NewOperation(
            "invoice-goods", CONTRACT, "convertGoodsToClaim", arguments, subject, approvals
        ),
    )


async def bid(command: Command, loan_id: int, money: Money) -> Change:
    """A funder buys goods that pay a loan's debt, at the current auction price.

    Raises:
        NotFound, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    snapshot = await read_snapshot(gateway, loan_id=loan_id, only="any")
    is_open = bool(snapshot.rows) and snapshot.rows[0].margin.auction_start is not None
    if not is_open:
        await loan(gateway, caller, loan_id)  # other parties get a 404
        raise Conflict(
            say("no goods of loan {loan_id} are for sale", loan_id=loan_id),
            name="no-auction",
            fix="choose a loan from GET /v1/auctions",
        )
    currency = gateway.currency_at(snapshot.rows[0].loan.currency)
    maximum = min(minor(money, field="maxPrice", currency=currency), MAX_REPAYMENT)
    approval = cash_approval(
        gateway, currency=currency, owner=caller.acting(), spender=CONTRACT, amount=maximum
    )
    subject = {"loanId": loan_id}
    return await change_for(
        command, NewOperation("bid", CONTRACT, "bid", [loan_id, maximum], subject, (approval,))
    )


# ------------------------------------------------------------------ helpers


def _terms_of(connection: Connection, row: LoanRow) -> ProductTerms:
    facility = repository.facility(connection, row.facility_id)
    assert facility is not None
    return repository.product_terms(
        connection, product_id=facility.product_id, version=facility.version
    )


def _part(item: RemovedItem, *, field: str, currency: str) -> dict[str, int]:
    if item.quantity is not None and item.kind != "warehouse-receipt":
        raise BadInput(
            say("an item of kind {kind:words} takes no quantity", kind=item.kind),
            field=f"{field}.quantity",
            fix="leave quantity out",
        )
    if item.amount is not None and item.kind != "claim":
        raise BadInput(
            say("an item of kind {kind:words} takes no amount", kind=item.kind),
            field=f"{field}.amount",
            fix="leave amount out",
        )
    value = ALL
    if item.quantity is not None:
        value = _quantity(item.quantity, field=f"{field}.quantity")
    if item.amount is not None:
        value = minor(item.amount, field=f"{field}.amount", currency=currency)
    return {"kind": COLLATERAL.index(item.kind), "id": item.id, "value": value}


def _quantity(text: str, *, field: str) -> int:
    try:
        return thousandths(text)
    except QuantityInvalid as error:
        raise BadInput(text_of(error), name="quantity-invalid", field=field) from error


async def _on_goods(command: Command, loan_id: int) -> LoanRow:
    """A loan on goods whose borrower is the caller.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    row = await loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() != row.borrower:
        raise Forbidden("only the borrower changes the collateral", name="not-borrower")
    if row.collateral != "warehouse-receipt":
        raise Conflict(say("loan {loan_id} is not on goods", loan_id=loan_id), name="not-on-goods")
    return row


async def convert_to_claim(
    command: Command, loan_id: int, receivable_id: int, signature: str | None
) -> Change:
    """The buyer confirms a financed order's invoice; the order converts to the claim at once.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    receivable, buyer_signature = await debtors_word(command, receivable_id, signature)
    row = await gateway.storage.read(lambda connection: repository.loan(connection, loan_id))
    if row is None or row.collateral != "order" or row.borrower != receivable.seller:
        raise NotFound(
            say("there is no loan {loan_id} on an order of this seller", loan_id=loan_id),
            name="loan-unknown",
        )
    arguments = [loan_id, receivable_id, receivable.claim_id or 0, buyer_signature]
    subject = {"loanId": loan_id, "receivableId": receivable_id}
    return await change_for(
        command, NewOperation("convert-to-claim", CONTRACT, "convertToClaim", arguments, subject)
    )
