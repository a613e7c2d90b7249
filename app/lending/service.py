"""Lines in use, draws on them, repayments, and failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.domain.calendar import day_at
from app.domain.catalogue import COVER, STYLES
from app.errors import BadInput, Forbidden, NotFound
from app.gateway.approvals import Approval, all_approval, cash_approval, token_approvals
from app.gateway.callers import Caller
from app.gateway.commands import Command
from app.gateway.execution import Act, act
from app.gateway.gateway import Gateway
from app.gateway.money import minor
from app.gateway.read_as_of import moment
from app.lending import repository, views
from app.lending.collateral import views as goods_reading
from app.lending.repository import ProductRow
from app.lending.rows import FacilityRow, LoanRow
from app.lending.schemas import AcceptedDebtor, NewDraw, NewPiece
from app.parties.registry.service import party_in
from app.trade.receivables import service as receivables

CONTRACT = "Facilities"
MOST_REPAYMENT = 2**60 - 1
ALL = 0  # of a piece


async def today_of(gateway: Gateway) -> int:
    """The ledger's day of the newest block."""
    now, _ = await gateway.storage.read(moment)
    return day_at(now, zone_offset=gateway.zone_offset)


# ------------------------------------------------------------------ lines


async def facility(gateway: Gateway, caller: Caller, facility_id: int) -> FacilityRow:
    """A line that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(
        lambda connection: repository.facility(connection, facility_id)
    )
    named = () if row is None else (row.lender, row.borrower, row.entruster)
    if row is None or not (caller.sees_all or (caller.account and caller.account in named)):
        raise NotFound(f"there is no facility {facility_id}", name="facility-unknown")
    return row


async def product_in(gateway: Gateway, product_id: int) -> ProductRow:
    """The product that a request names.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.product(connection, product_id))
    if row is None:
        raise NotFound(f"there is no product {product_id}", name="product-unknown")
    return row


async def pay_deposit(command: Command, facility_id: int, money: Any) -> Response:
    """Pays on a line's deposit, from the caller's own account."""
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    approval = cash_approval(
        gateway,
        currency=currency,
        owner=command.caller.acting(),
        spender=CONTRACT,
        amount=min(amount, MOST_REPAYMENT),
    )
    subject = {"facilityId": facility_id}
    wanted = Act("pay-deposit", CONTRACT, "payDeposit", [facility_id, amount], subject, (approval,))
    return await act(command, wanted)


async def accept_debtor(command: Command, facility_id: int, wanted: AcceptedDebtor) -> Response:
    """Whose debts may become collateral of a line's loans, at the lender's word.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    if command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender accepts debtors", name="not-lender")
    debtor = await party_in(gateway, wanted.debtorPartyId, field="debtorPartyId")
    arguments = [facility_id, debtor.account, wanted.accepted]
    subject = {"facilityId": facility_id}
    return await act(command, Act("accept-debtor", CONTRACT, "acceptDebtor", arguments, subject))


async def close(command: Command, facility_id: int) -> Response:
    """Closes a line on which nothing is owed; its deposit goes back."""
    await facility(command.gateway, command.caller, facility_id)
    subject = {"facilityId": facility_id}
    return await act(command, Act("close-facility", CONTRACT, "close", [facility_id], subject))


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
        lambda connection: repository.product(connection, row.product_id, version=row.version)
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


def piece_approvals(gateway: Gateway, *, owner: str, pieces: Sequence[NewPiece]) -> list[Approval]:
    """Approvals of the liens on what backs a loan."""
    found = []
    for kind in ("receipt", "claim"):
        ids = [one.id for one in pieces if one.kind == kind]
        found += token_approvals(gateway, kind=kind, owner=owner, spender=CONTRACT, ids=ids)
    return found


def whole_pieces(given: list[NewPiece], *, field: str) -> list[dict[str, int]]:
    """Pieces that come in, as the ledger takes them.

    Raises:
        BadInput: one stands twice.
    """
    named = [(one.kind, one.id) for one in given]
    for place, one in enumerate(named):
        if one in named[:place]:
            raise BadInput(f"{one[0]} {one[1]} stands twice", field=f"{field}.{place}.id")
    return [{"kind": COVER.index(kind), "id": number, "value": ALL} for kind, number in named]


# ------------------------------------------------------------------ loans


async def loan(gateway: Gateway, caller: Caller, loan_id: int) -> LoanRow:
    """A loan that the caller is party to, or any for those who see all.

    Raises:
        NotFound.
    """
    row = await gateway.storage.read(lambda connection: repository.loan(connection, loan_id))
    named = () if row is None else (row.lender, row.borrower, row.entruster)
    if row is None or not (caller.sees_all or (caller.account and caller.account in named)):
        raise NotFound(f"there is no loan {loan_id}", name="loan-unknown")
    return row


async def repay(command: Command, loan_id: int, money: Any) -> Response:
    """Pays on a loan, from the caller's own account; at most what is owed is taken."""
    gateway = command.gateway
    row = await loan(gateway, command.caller, loan_id)
    currency = gateway.currency_at(row.currency)
    amount = minor(money, field="amount", currency=currency)
    payer = command.caller.acting()
    amount = min(amount, MOST_REPAYMENT)
    approval = cash_approval(
        gateway, currency=currency, owner=payer, spender=CONTRACT, amount=amount
    )
    arguments = [loan_id, amount]
    subject = {"loanId": loan_id}
    return await act(command, Act("repay-loan", CONTRACT, "repay", arguments, subject, (approval,)))


async def repay_many(command: Command, loan_ids: list[int], money: Any) -> Response:
    """Pays on several loans, in this order, from the caller's own account.

    Raises:
        BadInput: a loan stands twice, or they are not of one currency.
    """
    gateway = command.gateway
    if len(set(loan_ids)) < len(loan_ids):
        raise BadInput("a loan stands twice", field="loanIds", fix="name each loan once")
    rows = [await loan(gateway, command.caller, loan_id) for loan_id in loan_ids]
    if len({row.currency for row in rows}) > 1:
        raise BadInput("the loans are not of one currency", field="loanIds")
    currency = gateway.currency_at(rows[0].currency)
    amount = minor(money, field="amount", currency=currency)
    approval = cash_approval(
        gateway,
        currency=currency,
        owner=command.caller.acting(),
        spender=CONTRACT,
        amount=min(amount, MOST_REPAYMENT),
    )
    arguments = [loan_ids, min(amount, MOST_REPAYMENT)]
    subject = {"loanIds": loan_ids}
    wanted = Act("repay-loans", CONTRACT, "repayMany", arguments, subject, (approval,))
    return await act(command, wanted)


async def pass_to_receivable(
    command: Command, loan_id: int, receivable_id: int, signature: str | None
) -> Response:
    """The buyer confirms the invoice of a financed order: loan and lien pass to its claim at once.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    debt, word = await receivables.debtors_word(command, receivable_id, signature)
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


async def in_instalments(command: Command, loan_id: int, months: int) -> Response:
    """A purchase on a bill becomes instalments, at the borrower's word."""
    row = await loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() != row.borrower:
        raise Forbidden("only the borrower chooses instalments", name="not-borrower")
    subject = {"loanId": loan_id}
    wanted = Act("pay-in-instalments", CONTRACT, "payInInstalments", [[loan_id], months], subject)
    return await act(command, wanted)


async def step(command: Command, loan_id: int, *, kind: str, function: str, side: str) -> Response:
    """Overdue (anyone near it), default, loss and write-off (the lender)."""
    row = await loan(command.gateway, command.caller, loan_id)
    if side == "lender" and command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender may do this", name="not-lender")
    return await act(command, Act(kind, CONTRACT, function, [loan_id], {"loanId": loan_id}))


async def portfolio(gateway: Gateway, caller: Caller) -> dict[str, Any]:
    """What is lent (by the caller, or by all), by age and by maturity."""
    account = None if caller.sees_all else caller.acting()

    def find(connection: Connection) -> dict[str, Any]:
        now, as_of = moment(connection)
        today = day_at(now, zone_offset=gateway.zone_offset)
        ages = repository.ageing(connection, account=account, today=today)
        ladder = repository.maturities(connection, account=account, today=today)
        return {
            "ageing": views.classes(gateway, ages, views.AGES),
            "maturities": views.classes(gateway, ladder, views.MATURITIES),
            "asOf": as_of,
        }

    goods = await goods_reading.portfolio(gateway, account)
    return await gateway.storage.read(find) | {"goods": goods}
