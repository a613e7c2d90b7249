"""Sales of loans: proposed and signed as an agreement; bought back; acknowledged; read."""

from __future__ import annotations

import secrets
from fractions import Fraction

from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_HASH, keccak
from app.domain.calendar import date_of, day_of
from app.domain.repayment import WHOLE, half_up
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.approvals import cash_approval
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import deadline, today_of
from app.gateway.views import Names, party_view, time_view
from app.lending import access, selling
from app.lending import repository as lending
from app.lending.agreements.kinds import LOAN_SALE
from app.lending.agreements.proposals import propose
from app.lending.agreements.terms import SaleTerms
from app.lending.collateral.repository import debtors
from app.lending.commands import CONTRACT
from app.lending.rows import LoanRow
from app.lending.sales import repository
from app.lending.sales.repository import Notices, SaleRow
from app.lending.sales.schemas import (
    BuyBackOfLoan,
    LoanSale,
    LoanSalePage,
    NewBuyBackOfLoan,
    NewLoanBuyBack,
    NewSale,
)
from app.lending.shares import of_loan

SELLER_MAY, SELLER_MUST = 1, 2
# The seller's duty is bounded by this many times the agreed share of the principal.
BUY_BACK_ROOM = 2
MAX_AMOUNT = 2**60 - 1  # ClaimShares.MAX_AMOUNT


async def sell(command: Command, loan_id: int, request: NewSale) -> Change:
    """The lender proposes to sell a loan; seller and buyer sign, and the last signature sells it.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway = command.gateway
    row = await access.loan(gateway, command.caller, loan_id)
    _require_saleable(command.caller, row)
    if await gateway.storage.read(lambda connection: of_loan(connection, loan_id)):
        raise Conflict(
            say("loan {loan_id} cannot be sold: participants have a share of it", loan_id=loan_id),
            name="loan-not-saleable",
        )
    buyer = await selling.buyer_account(
        *(gateway, row, request.buyerPartyId),
        field="buyerPartyId",
        words=say("the buyer is a side of the loan"),
    )
    if buyer in await gateway.storage.read(lambda held: debtors(held, loan_id)):
        raise BadInput(
            "the buyer owes what secures the loan",
            field="buyerPartyId",
            fix="name a financier that owes none of the collateral",
        )
    currency = gateway.currency_at(row.currency)
    salt = secrets.token_hex(32)
    notice_hash = salted_hash(salt, request.notice)
    price, first, last = _buy_back_terms(request.buyBack, today=await today_of(gateway))
    bits = _bits(request.buyBack)
    terms: SaleTerms = {
        "loanId": loan_id,
        "seller": row.lender,
        "buyer": buyer,
        **(await selling.standing_of(gateway, row)),
        "price": minor(request.price, field="price", currency=currency),
        "buyBack": bits,
        "buyBackPrice": price,
        "buyBackMax": _duty_max(request.buyBack, row.outstanding, currency=currency),
        "buyBackFirstDay": first,
        "buyBackLastDay": last,
        "noticeHash": notice_hash,
        "deadline": await deadline(gateway),
        "nonce": secrets.randbits(63),
    }
    return await propose(
        command,
        LOAN_SALE,
        loan_id,
        currency=row.currency,
        terms=terms,
        signers={"seller": row.lender, "buyer": buyer},
        then=lambda connection: repository.keep_notice(
            connection, loan_id, notice_hash, salt=salt, notice=request.notice
        ),
    )


def salted_hash(salt: str, notice: str) -> str:
    """What goes on chain of a notice: the hash of 32 random bytes and its text.

    Whoever has only the hash cannot find the text by trying likely ones.
    """
    return "0x" + keccak(bytes.fromhex(salt) + notice.encode()).hex()


def _duty_max(buy_back: NewBuyBackOfLoan | None, principal: int, *, currency: str) -> int:
    """The most that a seller pays by its duty, in minor units; 0 without a duty.

    What it names, or room for interest that grows.

    Raises:
        BadInput.
    """
    if buy_back is None:
        return 0
    if not buy_back.sellerMust:
        if buy_back.max is not None:
            raise BadInput(
                "only a duty has a maximum: by its right the seller says what it pays when it buys",
                field="buyBack.max",
                fix="leave it out, or set sellerMust",
            )
        return 0
    if buy_back.max is not None:
        return minor(buy_back.max, field="buyBack.max", currency=currency)
    return max(1, min(MAX_AMOUNT, principal * buy_back.price * BUY_BACK_ROOM // WHOLE))


def _require_saleable(caller: Caller, row: LoanRow) -> None:
    words = say("only the lender sells a loan, and no entrusted one is sold")
    selling.require_lender(caller, row, words=words)
    selling.require_owed(
        row, words=say("loan {loan} cannot be sold", loan=row.loan_id), name="loan-not-saleable"
    )


def _bits(buy_back: NewBuyBackOfLoan | None) -> int:
    if buy_back is None:
        return 0
    bits = (SELLER_MAY if buy_back.sellerMay else 0) | (SELLER_MUST if buy_back.sellerMust else 0)
    if not bits:
        raise BadInput(
            "buyBack says neither that the seller may nor that it must",
            field="buyBack",
            fix="set sellerMay or sellerMust, or leave buyBack out",
        )
    return bits


def _buy_back_terms(buy_back: NewBuyBackOfLoan | None, *, today: int) -> tuple[int, int, int]:
    """Price, first and last day of buying back."""
    if buy_back is None:
        return 0, 0, 0
    last = day_of(buy_back.lastDate)
    first = today if buy_back.firstDate is None else day_of(buy_back.firstDate)
    if last < today:
        raise BadInput(
            say("{last_date:day} has passed", last_date=buy_back.lastDate),
            field="buyBack.lastDate",
            fix="give a later day",
        )
    if first > last:
        raise BadInput(
            say(
                "{first_date:day} is after {last_date:day}",
                first_date=buy_back.firstDate,
                last_date=buy_back.lastDate,
            ),
            field="buyBack.firstDate",
            fix="give a day up to lastDate",
        )
    return buy_back.price, first, last


async def buy_back(command: Command, loan_id: int, request: NewLoanBuyBack) -> Change:
    """Buys a loan back: its seller by its right, or its holder by the seller's duty.

    The seller pays at most the price of the loan as it stands now, and the transaction fails once
    the loan is another one: its holder and its borrower can raise what is owed.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    gateway, account = command.gateway, command.caller.acting()

    def find(connection: Connection) -> tuple[SaleRow | None, LoanRow | None, list[str]]:
        sale = repository.last_sold(connection, loan_id)
        accounts = [] if sale is None else repository.accounts_of_seller(connection, sale)
        return sale, lending.loan(connection, loan_id), accounts

    sale, row, sellers = await gateway.storage.read(find)
    if sale is None or row is None or not (account in sellers or account == row.lender):
        raise NotFound(say("there is no sold loan {loan_id}", loan_id=loan_id), name="loan-unknown")
    payer = payer_of(sale, sellers, account)
    today = await today_of(gateway)
    is_seller = account in sellers
    _require_due(sale, row, today=today, is_seller=is_seller)
    price = price_half_up(row, sale, today=today, is_called=not is_seller)
    currency = gateway.currency_at(row.currency)
    max_price, standing = 0, ZERO_HASH
    if is_seller:
        max_price = _max_price(request, price, currency=currency)
        standing = await call(gateway, CONTRACT, "saleStanding", [loan_id])
    elif request.maxPrice is not None:
        raise BadInput(
            "the maximum of the seller's duty is the one that it signed",
            field="maxPrice",
            fix="leave it out",
        )
    approval = cash_approval(
        gateway,
        currency=currency,
        owner=payer,
        spender=CONTRACT,
        amount=max_price if is_seller else price,
    )
    arguments = [loan_id, payer, max_price, standing]
    new_operation = NewOperation(
        *("buy-loan-back", CONTRACT, "buyLoanBack", arguments, {"loanId": loan_id}),
        [approval] if payer == account else [],
        promised=[] if payer == account else [(payer, approval)],
    )
    return await change_for(command, new_operation)


def _max_price(request: NewLoanBuyBack, price: int, *, currency: str) -> int:
    """The most that a seller pays by its right, in minor units: what it says, or today's price."""
    if request.maxPrice is None:
        return price
    max_price = minor(request.maxPrice, field="maxPrice", currency=currency)
    if price > max_price:
        raise Conflict(
            say(
                "the loan costs {amount} today, more than maxPrice",
                amount=money_view(price, currency=currency)["amount"],
            ),
            name="buy-back-costs-more",
            fix="look at what is owed on the loan, and give a higher maxPrice",
        )
    return max_price


def payer_of(sale: SaleRow, sellers: list[str], account: str) -> str:
    """The account that takes the loan back: the one that sold, unless its party removed it.

    Raises:
        Conflict.
    """
    if sale.seller in sellers:
        return sale.seller
    if account in sellers:
        return account
    if not sellers:
        raise Conflict(
            say("the seller of loan {loan_id} has no account any more", loan_id=sale.loan_id),
            name="seller-gone",
        )
    return sellers[0]


def price_half_up(row: LoanRow, sale: SaleRow, *, today: int, is_called: bool) -> int:
    """The price of buying a loan back: a share of all that is owed, without an early fee.

    By the seller's duty (is_called) also without costs, and at most what the seller signed. The
    ledger also leaves out what corrections brought back, so this is the most that the duty costs.
    """
    state = row.state()
    state.roll(row.own_day(today))
    owed = state.payoff
    counted = owed.total - owed.fee - (owed.costs if is_called else 0)
    price = half_up(Fraction(counted * sale.buy_back_price, WHOLE))
    return min(price, sale.buy_back_max) if is_called else price


def _require_due(sale: SaleRow, row: LoanRow, *, today: int, is_seller: bool) -> None:
    bit = SELLER_MAY if is_seller else SELLER_MUST
    words = say("loan {loan} cannot be bought back", loan=row.loan_id)
    if not sale.buy_back & bit:
        side = say("the seller may") if is_seller else say("the seller must")
        raise Conflict(
            say("{words}: its last sale does not say that {side}", words=words, side=side),
            name="buy-back-not-due",
        )
    if not sale.buy_back_first_day <= today <= sale.buy_back_last_day:
        first, last = date_of(sale.buy_back_first_day), date_of(sale.buy_back_last_day)
        raise Conflict(
            say("{words} today, only from {first} to {last}", words=words, first=first, last=last),
            name="buy-back-not-due",
        )
    if not is_seller and row.status not in ("Defaulted", "WrittenOff"):
        raise Conflict(
            say("{words} before it is in default", words=words),
            name="buy-back-not-due",
            fix="declare the default first",
        )


async def acknowledge(command: Command, loan_id: int) -> Change:
    """The borrower acknowledges the notice of the loan's last sale.

    Raises:
        NotFound, Forbidden, Conflict.
    """
    row = await access.loan(command.gateway, command.caller, loan_id)
    if command.caller.acting() != row.borrower:
        raise Forbidden("only the borrower acknowledges a notice", name="not-borrower")
    sale = await command.gateway.storage.read(
        lambda connection: repository.last_sold(connection, loan_id)
    )
    if sale is None or sale.acknowledged_at is not None:
        raise Conflict(
            say("loan {loan_id} has no notice to acknowledge", loan_id=loan_id),
            name="nothing-to-acknowledge",
        )
    return await change_for(
        command,
        NewOperation(
            *("acknowledge-sale", CONTRACT, "acknowledgeSale", [loan_id], {"loanId": loan_id})
        ),
    )


async def page(
    gateway: Gateway, caller: Caller, *, loan_id: int | None, before: int | None, limit: int
) -> LoanSalePage:
    """Sales of which the caller is seller, buyer or borrower, or all for those who see all."""

    def views(connection: Connection, rows: list[SaleRow], names: Names) -> list[LoanSale]:
        texts = repository.notices(connection, {row.loan_id for row in rows})
        return [view(gateway, row, names, texts, caller=caller) for row in rows]

    request = selling.page_request(caller, loan_id=loan_id, before=before, limit=limit)
    items, listing = await selling.page(
        gateway, request, rows=repository.page, sides=_sides, items=views
    )
    return {"items": items, **listing}


def _sides(row: SaleRow) -> tuple[str, ...]:
    return row.seller, row.buyer, row.borrower


def view(
    gateway: Gateway, row: SaleRow, names: Names, texts: Notices, *, caller: Caller
) -> LoanSale:
    """A sale as a caller sees it: the price is the business of seller and buyer."""
    currency = gateway.currency_at(row.currency)
    sees_price = caller.sees_all or caller.account in (row.seller, row.buyer)
    notice, salt = texts.get((row.loan_id, row.notice_hash), (None, None))
    return {
        "loanId": row.loan_id,
        "kind": row.kind,
        "seller": party_view(row.seller, names),
        "buyer": party_view(row.buyer, names),
        "borrower": party_view(row.borrower, names),
        "principal": money_view(row.principal, currency=currency),
        "price": money_view(row.price, currency=currency) if sees_price else None,
        "buyBack": _buy_back_view(gateway, row) if sees_price else None,
        "notice": notice,
        "noticeSalt": salt,
        "noticeHash": row.notice_hash,
        "acknowledgedAt": None if row.acknowledged_at is None else time_view(row.acknowledged_at),
        "transactionHash": row.transaction_hash,
        "timestamp": time_view(row.timestamp),
    }


def _buy_back_view(gateway: Gateway, row: SaleRow) -> BuyBackOfLoan | None:
    if not row.buy_back:
        return None
    return {
        "sellerMay": bool(row.buy_back & SELLER_MAY),
        "sellerMust": bool(row.buy_back & SELLER_MUST),
        "price": row.buy_back_price,
        "max": money_view(row.buy_back_max, currency=gateway.currency_at(row.currency))
        if row.buy_back & SELLER_MUST
        else None,
        "firstDate": date_of(row.buy_back_first_day).isoformat(),
        "lastDate": date_of(row.buy_back_last_day).isoformat(),
    }
