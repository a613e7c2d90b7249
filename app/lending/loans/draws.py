"""Draws on facilities: money to the borrower, and the lien on the collateral, at once."""

from __future__ import annotations

from starlette.responses import Response

from app.domain.catalogue import COVER, STYLES
from app.errors import BadInput, Forbidden
from app.gateway.approvals import Approval, all_approval, token_approvals
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.money import minor
from app.lending.access import facility
from app.lending.collateral.items import piece_approvals, whole_pieces
from app.lending.commands import CONTRACT
from app.lending.loans.schemas import NewDraw
from app.lending.products import repository as products
from app.lending.rows import FacilityRow


async def draw(command: Command, facility_id: int, wanted: NewDraw) -> Response:
    """Money from the lender to the borrower, with the lien on the cover.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    row = await facility(gateway, caller, facility_id)
    if caller.acting() != row.borrower:
        raise Forbidden("only the borrower draws on a line", name="not-borrower")
    currency = gateway.currency_at(row.currency)
    product = await gateway.storage.read(
        lambda connection: products.product(connection, row.product_id, version=row.version)
    )
    assert product is not None
    cover = COVER[product.terms["cover"]]
    if (cover == "receipt") != bool(wanted.pieces):
        words = "needs receipts as pieces" if cover == "receipt" else "takes no pieces"
        raise BadInput(f"product {product.code} {words}", field="pieces", fix=f"cover: {cover}")
    if cover == "receipt":
        return await _draw_on_goods(command, row, wanted)
    if (cover == "none") != (wanted.coverId is None):
        words = "takes no cover" if cover == "none" else f"needs a {cover} as cover"
        raise BadInput(f"product {product.code} {words}", field="coverId", fix=f"cover: {cover}")
    approvals: list[Approval] = []
    if cover == "claim":
        approvals += token_approvals(
            gateway, kind="claim", owner=row.borrower, spender=CONTRACT, ids=[wanted.coverId or 0]
        )
    elif cover == "order":
        approvals.append(_all_of(gateway, row.borrower, "PurchaseOrders", standing=False))
        # For the day when the order's loan passes to the claim, or to the goods: these have no
        # number yet, and it may be the buyer's command.
        approvals.append(_all_of(gateway, row.borrower, "Receivables"))
        if product.calls_margin:
            approvals.append(_all_of(gateway, row.borrower, "WarehouseReceipts"))
    request = _request(row, wanted, currency=currency)
    subject = {"facilityId": facility_id}
    return await act(command, Act("draw-loan", CONTRACT, "draw", [request], subject, approvals))


def _request(row: FacilityRow, wanted: NewDraw, *, currency: str) -> dict[str, int]:
    return {
        "facilityId": row.facility_id,
        "amount": minor(wanted.amount, field="amount", currency=currency),
        "style": STYLES.index(wanted.style),
        "tenor": wanted.tenor,
        "coverId": wanted.coverId or 0,
    }


async def _draw_on_goods(command: Command, row: FacilityRow, wanted: NewDraw) -> Response:
    """Money against receipts, and claims beside them: all of them come under lien at once.

    Raises:
        BadInput.
    """
    gateway = command.gateway
    if wanted.coverId is not None:
        raise BadInput("goods are given as pieces", field="coverId", fix="leave it out")
    kinds: set[str] = {one.kind for one in wanted.pieces}
    if "receipt" not in kinds:
        raise BadInput("at least one piece is a receipt", field="pieces")
    pieces = whole_pieces(wanted.pieces, field="pieces")
    request = _request(row, wanted, currency=gateway.currency_at(row.currency))
    subject = {"facilityId": row.facility_id}
    approvals = piece_approvals(gateway, owner=row.borrower, pieces=wanted.pieces)
    arguments = [request, pieces]
    return await act(
        command, Act("draw-loan", CONTRACT, "drawOnGoods", arguments, subject, approvals)
    )


def _all_of(gateway: Gateway, owner: str, contract: str, *, standing: bool = True) -> Approval:
    return all_approval(
        gateway, contract=contract, owner=owner, spender=CONTRACT, standing=standing
    )
