"""Draws on facilities: money to the borrower, and the lien on the collateral, at once."""

from __future__ import annotations

from app.domain.catalogue import AFTER_PREPAYMENT, COLLATERAL, STYLES
from app.domain.texts import say
from app.errors import BadInput, Forbidden
from app.gateway.approvals import Approval, all_approval, token_approvals
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import minor
from app.lending.access import facility
from app.lending.collateral.items import item_approvals, whole_items
from app.lending.collateral.tenors import claims_among, require_tenor_of_claims
from app.lending.commands import CONTRACT
from app.lending.loans.schemas import NewDraw
from app.lending.products import repository as products
from app.lending.rows import FacilityRow


async def draw(command: Command, facility_id: int, request: NewDraw) -> Change:
    """Draws on a facility: one transaction pays the borrower and places the lien.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await facility(gateway, caller, facility_id)
    if caller.acting() != row.borrower:
        raise Forbidden("only the borrower draws on a facility", name="not-borrower")
    currency = gateway.currency_at(row.currency)
    product = await gateway.storage.read(
        lambda connection: products.product(connection, row.product_id, version=row.version)
    )
    assert product is not None
    collateral = COLLATERAL[product.terms["collateral"]]
    if (collateral == "warehouse-receipt") != bool(request.items):
        words = (
            say("product {code} needs warehouse receipts as items", code=product.code)
            if collateral == "warehouse-receipt"
            else say("product {code} takes no items", code=product.code)
        )
        raise BadInput(
            words,
            field="items",
            fix="give items" if collateral == "warehouse-receipt" else "leave items out",
        )
    if collateral == "warehouse-receipt":
        claim_ids = claims_among(request.items, field="items")
        await require_tenor_of_claims(gateway, product.terms, claim_ids)
        return await _draw_on_goods(command, row, request)
    if (collateral == "none") != (request.collateralId is None):
        words = (
            say("product {code} takes no collateral", code=product.code)
            if collateral == "none"
            else say(
                "product {code} needs collateral of the kind {kind:words}",
                code=product.code,
                kind=collateral,
            )
        )
        raise BadInput(
            words,
            field="collateralId",
            fix="leave collateralId out" if collateral == "none" else "give collateralId",
        )
    approvals: list[Approval] = []
    if collateral == "claim":
        claim_ids = {"collateralId": request.collateralId or 0}
        await require_tenor_of_claims(gateway, product.terms, claim_ids)
        approvals += token_approvals(
            gateway,
            kind="claim",
            owner=row.borrower,
            spender=CONTRACT,
            ids=[request.collateralId or 0],
        )
    elif collateral == "order":
        approvals.append(_all_tokens(gateway, row.borrower, "PurchaseOrders", standing=False))
        # The loan converts later to the claim or to the goods. These have no number yet, and
        # the buyer may send that command.
        approvals.append(_all_tokens(gateway, row.borrower, "Receivables"))
        if product.calls_margin:
            approvals.append(_all_tokens(gateway, row.borrower, "WarehouseReceipts"))
    arguments = [draw_request(row, request, currency=currency)]
    subject = {"facilityId": facility_id}
    return await change_for(
        command, NewOperation("draw-loan", CONTRACT, "draw", arguments, subject, approvals)
    )


def draw_request(row: FacilityRow, request: NewDraw, *, currency: str) -> dict[str, int]:
    """What is asked for, as the contracts take it: `ILoans.DrawRequest`.

    Raises:
        BadInput.
    """
    return {
        "facilityId": row.facility_id,
        "amount": minor(request.amount, field="amount", currency=currency),
        "style": STYLES.index(request.style),
        "tenor": request.tenor,
        "dueDayOfMonth": request.dueDayOfMonth,
        "afterPrepayment": AFTER_PREPAYMENT.index(request.afterPrepayment),
        "collateralId": request.collateralId or 0,
    }


async def _draw_on_goods(command: Command, row: FacilityRow, request: NewDraw) -> Change:
    """Draws against warehouse receipts and, if given, claims; each gets its lien at once.

    Raises:
        BadInput.
    """
    gateway = command.gateway
    if request.collateralId is not None:
        raise BadInput(
            "a loan on goods takes items, not collateralId",
            field="collateralId",
            fix="leave collateralId out",
        )
    kinds: set[str] = {item.kind for item in request.items}
    if "warehouse-receipt" not in kinds:
        raise BadInput("no item is a warehouse receipt", field="items", fix="add at least one")
    items = whole_items(request.items, field="items")
    subject = {"facilityId": row.facility_id}
    approvals = item_approvals(gateway, owner=row.borrower, items=request.items)
    currency = gateway.currency_at(row.currency)
    arguments = [draw_request(row, request, currency=currency), items]
    return await change_for(
        command, NewOperation("draw-loan", CONTRACT, "drawOnGoods", arguments, subject, approvals)
    )


def _all_tokens(gateway: Gateway, owner: str, contract: str, *, standing: bool = True) -> Approval:
    return all_approval(
        gateway, contract=contract, owner=owner, spender=CONTRACT, standing=standing
    )
