"""/v1/products, /v1/facility-proposals, /v1/facilities, /v1/loans, /v1/portfolio"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from app.domain.calendar import date_of, day_at
from app.gateway.callers import Caller, CallerOf, allow
from app.gateway.commands import CommandOf
from app.gateway.downloads import PDF, XLSX, download
from app.gateway.gateway import GatewayOf
from app.gateway.naming import stored_state
from app.gateway.operations.schemas import CommandAnswer
from app.gateway.path_types import Number, NumberCursor, NumberWanted
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit, moment, read_as_of
from app.gateway.views import json_response, party_view
from app.lending import exports, repository, service, statement_files, views
from app.lending.collateral import service as goods_service
from app.lending.collateral import views as goods_reading
from app.lending.facilities import proposals
from app.lending.facilities import statement as account
from app.lending.facilities import statement_files as account_files
from app.lending.schemas import (
    AcceptedDebtor,
    AccountStatement,
    AuctionPage,
    CoverChange,
    Facility,
    FacilityPage,
    Instalments,
    InvoicedGoods,
    Loan,
    LoanPage,
    LoanStatus,
    MarginCallPage,
    NewBid,
    NewDraw,
    NewProposal,
    Passage,
    PassageToGoods,
    Portfolio,
    Product,
    ProductPage,
    Proposal,
    ProposalPage,
    ProposalSignature,
    Repayment,
    RepaymentOfMany,
)
from app.parties.registry import repository as parties

router = APIRouter(prefix="/v1", tags=["financing"], responses=PROBLEMS)
Lender = Annotated[Caller, allow("bank")]
Borrower = Annotated[Caller, allow("supplier", "buyer")]
Buyer = Annotated[Caller, allow("buyer")]
Seeing = Annotated[Caller, allow("bank", "auditor", "operator", "regulator")]
Checking = Annotated[Caller, allow("supplier", "buyer", "bank", "operator")]
Party = Annotated[Caller, allow("supplier", "buyer", "bank")]


def _account(caller: Caller) -> str | None:
    """Whose rows a list shows: None for all; nobody's for callers without an account."""
    return None if caller.sees_all else caller.account or ""


# ------------------------------------------------------------------ products


@router.get("/products", response_model=ProductPage)
async def list_products(gateway: GatewayOf, _: CallerOf) -> Response:
    """The catalogue: terms of financing, in the versions in force."""
    rows, as_of = await read_as_of(gateway, repository.products)
    items = [views.product(gateway, row) for row in rows]
    return json_response({"items": items, "asOf": as_of})


@router.get("/products/{product_id}", response_model=Product)
async def get_product(product_id: Number, gateway: GatewayOf, _: CallerOf) -> Response:
    """One product."""
    return json_response(views.product(gateway, await service.product_in(gateway, product_id)))


# ------------------------------------------------------------------ lines


@router.post("/facility-proposals", status_code=201, response_model=Proposal)
async def propose_facility(body: NewProposal, _: Lender, command: CommandOf) -> Response:
    """A lender proposes a line under a product; borrower (and entruster) sign the same terms."""
    return await proposals.propose(command, body)


@router.get("/facility-proposals", response_model=ProposalPage)
async def list_proposals(
    gateway: GatewayOf, caller: CallerOf, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Lines that wait for signatures, or were agreed, newest first."""

    def find(connection: Connection) -> dict[str, Any]:
        rows = repository.proposals(
            connection, account=_account(caller), before=cursor, limit=limit
        )
        accounts = {account for row in rows for account in row.signers().values()}
        names = parties.names(connection, accounts)
        items = [views.proposal(gateway, row, names) for row in rows]
        return {"items": items, "nextCursor": rows[-1].id if len(rows) == limit else None}

    return json_response(await gateway.storage.read(find))


@router.get("/facility-proposals/{proposal_id}", response_model=Proposal)
async def get_proposal(proposal_id: str, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One of them, with the typed data that is signed."""
    row = await proposals.proposal(gateway, caller, proposal_id)
    names = await gateway.storage.read(
        lambda connection: parties.names(connection, set(row.signers().values()))
    )
    return json_response(views.proposal(gateway, row, names))


@router.post("/facility-proposals/{proposal_id}/signature", response_model=Proposal)
async def sign_proposal(
    proposal_id: str, _: Party, command: CommandOf, body: ProposalSignature | None = None
) -> Response:
    """Signs a line; with the last signature it is agreed on the ledger."""
    return await proposals.sign(command, proposal_id, None if body is None else body.signature)


@router.post(
    "/facility-proposals/{proposal_id}/withdrawal", status_code=202, response_model=CommandAnswer
)
async def withdraw_proposal_signature(proposal_id: str, _: Party, command: CommandOf) -> Response:
    """Takes the caller's signature back on the ledger, for ever: the line is not agreed by it."""
    return await proposals.withdraw(command, proposal_id)


@router.get("/facilities", response_model=FacilityPage)
async def list_facilities(
    gateway: GatewayOf, caller: CallerOf, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Lines of the caller, newest first."""

    def find(connection: Connection) -> dict[str, Any]:
        _, as_of = moment(connection)
        rows = repository.facilities(
            connection, account=_account(caller), before=cursor, limit=limit
        )
        accounts = {row.lender for row in rows} | {row.borrower for row in rows}
        names = parties.names(connection, accounts | {row.entruster or "" for row in rows})
        items = [views.facility(gateway, row, names) for row in rows]
        following = rows[-1].facility_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return json_response(await gateway.storage.read(find))


def _debtors(connection: Connection, facility_id: int) -> list[dict[str, Any]]:
    accounts = repository.debtors(connection, facility_id)
    names = parties.names(connection, set(accounts))
    return [party_view(account, names) for account in accounts]


@router.get("/facilities/{facility_id}", response_model=Facility)
async def get_facility(facility_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One line."""
    row = await service.facility(gateway, caller, facility_id)
    accounts = {row.lender, row.borrower, row.entruster or ""}
    names = await gateway.storage.read(lambda connection: parties.names(connection, accounts))
    currency = gateway.currency_at(row.currency)
    given = await goods_reading.buy_back_view(gateway, facility_id, currency=currency)
    accepted = await gateway.storage.read(lambda connection: _debtors(connection, facility_id))
    body = views.facility(gateway, row, names)
    return json_response(body | {"buyBack": given, "acceptedDebtors": accepted})


@router.get(
    "/facilities/{facility_id}/statement",
    response_model=AccountStatement,
    responses=contents(XLSX, PDF),
)
async def get_account(
    facility_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    format: Literal["json", "xlsx", "pdf"] = "json",
) -> Response:
    """The account of a line: its limit, its bills, and everything that moved money on it."""
    row = await service.facility(gateway, caller, facility_id)
    today = await service.today_of(gateway)
    found = await account.statement(gateway, row, today=today)
    if format == "json":
        return json_response(found)
    write = account_files.as_xlsx if format == "xlsx" else account_files.as_pdf
    content = await gateway.documents.run(write, found, date_of(today))
    name = account_files.name_of(found, date_of(today), format)
    return download(content, kind=XLSX if format == "xlsx" else PDF, name=name)


@router.post("/facilities/{facility_id}/debtors", status_code=202, response_model=CommandAnswer)
async def accept_debtor(
    facility_id: Number, body: AcceptedDebtor, _: Party, command: CommandOf
) -> Response:
    """The lender accepts a debtor, whose debts may become collateral of the line's loans."""
    return await service.accept_debtor(command, facility_id, body)


@router.post("/facilities/{facility_id}/deposits", status_code=202, response_model=CommandAnswer)
async def pay_deposit(
    facility_id: Number, body: Repayment, _: Party, command: CommandOf
) -> Response:
    """Pays the deposit that a line asks for."""
    return await service.pay_deposit(command, facility_id, body.amount)


@router.post("/facilities/{facility_id}/draws", status_code=202, response_model=CommandAnswer)
async def draw_loan(
    facility_id: Number, body: NewDraw, _: Borrower, command: CommandOf
) -> Response:
    """Draws on a line: money in the borrower's account and the lien on its cover, at once."""
    return await service.draw(command, facility_id, body)


@router.delete("/facilities/{facility_id}", status_code=202, response_model=CommandAnswer)
async def close_facility(facility_id: Number, _: Party, command: CommandOf) -> Response:
    """Closes a line on which nothing is owed; its deposit goes back to the borrower."""
    return await service.close(command, facility_id)


# ------------------------------------------------------------------ loans


@router.get("/loans", response_model=LoanPage)
async def list_loans(
    gateway: GatewayOf,
    caller: CallerOf,
    facilityId: NumberWanted = None,
    status: LoanStatus | None = None,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Loans of the caller, newest first, each as of the day of the newest block."""

    def find(connection: Connection) -> dict[str, Any]:
        now, as_of = moment(connection)
        today = day_at(now, zone_offset=gateway.zone_offset)
        rows = repository.loans(
            connection,
            account=_account(caller),
            facility_id=facilityId,
            status=status and stored_state(status),
            before=cursor,
            limit=limit,
        )
        names = parties.names(
            connection, {row.lender for row in rows} | {row.borrower for row in rows}
        )
        items = [views.loan(gateway, row, names, today=today) for row in rows]
        following = rows[-1].loan_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return json_response(await gateway.storage.read(find))


@router.get("/loans/{loan_id}", response_model=Loan)
async def get_loan(loan_id: Number, gateway: GatewayOf, caller: CallerOf) -> Response:
    """One loan: what is due today, what would end it, what falls due when, what happened."""
    row = await service.loan(gateway, caller, loan_id)
    cover = await goods_reading.cover_view(gateway, loan_id)

    def find(connection: Connection) -> dict[str, Any]:
        now, as_of = moment(connection)
        today = day_at(now, zone_offset=gateway.zone_offset)
        told = repository.entries(connection, loan_id)
        accounts = {row.lender, row.borrower} | {one["payer"] or "" for one in told}
        names = parties.names(connection, accounts)
        body = views.loan(gateway, row, names, today=today)
        return body | {
            "cover": cover or body["cover"],
            "schedule": views.schedule(gateway, row, today=today),
            "entries": [views.entry(gateway, row, one, names) for one in told],
            "asOf": as_of,
        }

    return json_response(await gateway.storage.read(find))


@router.get(
    "/loans/{loan_id}/statement",
    responses=contents("application/json", XLSX, PDF),
)
async def get_statement(
    loan_id: Number,
    gateway: GatewayOf,
    caller: CallerOf,
    format: Literal["json", "xlsx", "pdf"] = "json",
) -> Response:
    """The loan's statement: each amount with the exact sum that it is reckoned from."""
    row = await service.loan(gateway, caller, loan_id)

    def find(connection: Connection) -> tuple[int, list[dict[str, Any]], Any, dict[str, Any]]:
        now, as_of = moment(connection)
        names = parties.names(connection, {row.lender, row.borrower, row.entruster or ""})
        return now, repository.entries(connection, loan_id), names, as_of

    now, told, names, as_of = await gateway.storage.read(find)
    today = day_at(now, zone_offset=gateway.zone_offset)
    terms, lines = exports.lines_of(row, told, today=today)
    currency = gateway.currency_at(row.currency)
    if format == "json":
        return json_response(exports.as_json(lines, terms, currency=currency) | {"asOf": as_of})
    statement = statement_files.of_loan(
        row, lines, names, currency=currency, today=today, block=as_of["blockNumber"]
    )
    write = statement_files.as_xlsx if format == "xlsx" else statement_files.as_pdf
    content = await gateway.documents.run(write, statement)
    kind = XLSX if format == "xlsx" else PDF
    return download(content, kind=kind, name=statement.file_name(format))


@router.post("/loans/{loan_id}/repayments", status_code=202, response_model=CommandAnswer)
async def repay_loan(loan_id: Number, body: Repayment, _: Party, command: CommandOf) -> Response:
    """Repays: costs, penalty, interest, principal, the oldest first; at most what is owed."""
    return await service.repay(command, loan_id, body.amount)


@router.post("/repayments", status_code=202, response_model=CommandAnswer)
async def repay_loans(body: RepaymentOfMany, _: Party, command: CommandOf) -> Response:
    """Repays several loans in one transaction, such as all purchases of a bill."""
    return await service.repay_many(command, body.loanIds, body.amount)


@router.post("/loans/{loan_id}/passage", status_code=202, response_model=CommandAnswer)
async def pass_to_receivable(
    loan_id: Number, body: Passage, _: Buyer, command: CommandOf
) -> Response:
    """The buyer confirms a financed order's invoice: loan and lien pass to the claim at once."""
    return await service.pass_to_receivable(command, loan_id, body.receivableId, body.signature)


@router.post("/loans/{loan_id}/instalments", status_code=202, response_model=CommandAnswer)
async def pay_in_instalments(
    loan_id: Number, body: Instalments, _: Borrower, command: CommandOf
) -> Response:
    """Turns a purchase on a bill into instalments, before the bill is due."""
    return await service.in_instalments(command, loan_id, body.months)


@router.post("/loans/{loan_id}/overdue", status_code=202, response_model=CommandAnswer)
async def mark_overdue(loan_id: Number, _: Party, command: CommandOf) -> Response:
    """Marks a loan that is unpaid beyond its grace; its line then gives no new money."""
    return await service.step(
        command, loan_id, kind="mark-overdue", function="markOverdue", side="any"
    )


@router.post("/loans/{loan_id}/default", status_code=202, response_model=CommandAnswer)
async def declare_loan_default(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """The lender declares the default of an overdue loan: all of it falls due."""
    return await service.step(
        command, loan_id, kind="default-loan", function="declareDefault", side="lender"
    )


@router.post("/loans/{loan_id}/loss", status_code=202, response_model=CommandAnswer)
async def record_loss(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """Records the loss once the cover is exhausted: deposit, reserve, sharers, insurer, lender."""
    return await service.step(
        command, loan_id, kind="record-loss", function="recordLoss", side="lender"
    )


@router.post("/loans/{loan_id}/write-off", status_code=202, response_model=CommandAnswer)
async def write_off_loan(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """Writes a defaulted loan off after its days; it forgives nothing."""
    return await service.step(
        command, loan_id, kind="write-off-loan", function="writeOff", side="lender"
    )


@router.get("/portfolio", response_model=Portfolio)
async def get_portfolio(gateway: GatewayOf, caller: Seeing) -> Response:
    """What is lent: ageing by days past due, the ladder of maturities, and cover over debt."""
    return json_response(await service.portfolio(gateway, caller))


# ------------------------------------------------------------------ goods


@router.post("/loans/{loan_id}/cover", status_code=202, response_model=CommandAnswer)
async def change_cover(
    loan_id: Number, body: CoverChange, _: Borrower, command: CommandOf
) -> Response:
    """Swaps what backs a loan on goods, in one transaction; what stays covers the debt."""
    return await goods_service.change_cover(command, loan_id, body)


@router.post("/loans/{loan_id}/goods", status_code=202, response_model=CommandAnswer)
async def pass_to_goods(
    loan_id: Number, body: PassageToGoods, _: Party, command: CommandOf
) -> Response:
    """An order's goods are in, and the buyer signed for them: loan and lien pass to the receipt."""
    return await goods_service.pass_to_goods(command, loan_id, body)


@router.post("/loans/{loan_id}/invoiced-goods", status_code=202, response_model=CommandAnswer)
async def pass_goods_to_claim(
    loan_id: Number, body: InvoicedGoods, _: Borrower, command: CommandOf
) -> Response:
    """Goods under lien are invoiced: the lien passes to the claim and the goods to the debtor."""
    return await goods_service.pass_to_claim(command, loan_id, body)


@router.post("/loans/{loan_id}/margin-check", status_code=202, response_model=CommandAnswer)
async def check_margin(loan_id: Number, _: Checking, command: CommandOf) -> Response:
    """Starts a margin call when the cover has fallen below the call level, or ends a cured one."""
    return await service.step(
        command, loan_id, kind="check-margin", function="checkMargin", side="any"
    )


@router.post("/loans/{loan_id}/liquidation", status_code=202, response_model=CommandAnswer)
async def liquidate_loan(loan_id: Number, _: Lender, command: CommandOf) -> Response:
    """The lender opens an auction of a loan's goods, or its next round."""
    return await service.step(
        command, loan_id, kind="liquidate", function="liquidate", side="lender"
    )


@router.post("/loans/{loan_id}/bids", status_code=202, response_model=CommandAnswer)
async def bid_for_goods(loan_id: Number, body: NewBid, _: Lender, command: CommandOf) -> Response:
    """A funder buys what pays the debt, at the auction's price of the moment, at most at `most`."""
    return await goods_service.bid(command, loan_id, body.most)


@router.post("/loans/{loan_id}/buy-back", status_code=202, response_model=CommandAnswer)
async def call_buy_back(loan_id: Number, _: Party, command: CommandOf) -> Response:
    """Has the undertaker buy what pays the debt, once the auction asks no more than it pays."""
    return await service.step(
        command, loan_id, kind="call-buy-back", function="callBuyBack", side="any"
    )


@router.get("/auctions", response_model=AuctionPage)
async def list_auctions(
    gateway: GatewayOf, _: Seeing, cursor: NumberCursor = None, limit: Limit = 50
) -> Response:
    """Goods that are for sale, with the price as of the block; open to every funder."""
    return json_response(await goods_reading.auctions(gateway, before=cursor, limit=limit))


@router.get("/margin-calls", response_model=MarginCallPage)
async def list_margin_calls(
    gateway: GatewayOf,
    caller: CallerOf,
    near: bool = False,
    cursor: NumberCursor = None,
    limit: Limit = 50,
) -> Response:
    """Open margin calls of the caller's loans; `near` adds those within 5 points of one."""
    return json_response(
        await goods_reading.margin_calls(gateway, caller, near=near, before=cursor, limit=limit)
    )
