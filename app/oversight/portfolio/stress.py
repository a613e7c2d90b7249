"""Reserve needed against reserve held, and the stress test, of the loans a caller may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.chain.evm.hashing import ZERO_ADDRESS
from app.domain.portfolio.book import BookLoan
from app.domain.portfolio.concentration import Name
from app.domain.portfolio.reserve import reserve_need
from app.domain.portfolio.shares import part_half_up
from app.domain.portfolio.stress import Shocks, exposures, largest_names, stressed
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.ledger import call_many
from app.lending import repository as lending
from app.lending.collateral.values import collateral_values, read_snapshot
from app.lending.collateral.views import MAX_VALUED
from app.lending.evidence import trade
from app.lending.products import service as products
from app.oversight.portfolio import repository, views
from app.oversight.portfolio.loading import LoadedBook, Scope, load, reader
from app.oversight.portfolio.schemas import ReserveNeeds, StressTest
from app.parties.registry.service import party_in

CONTRACT = "RiskReserve"
MAX_FACILITIES = 1_000  # whose trade one stress test looks up


class ShockRequest(msgspec.Struct, frozen=True):
    """The shocks of a request; shares in parts per million.

    Attributes:
        largest: so many of the largest names default.
        party_id: id of a party that defaults.
    """

    loss_severity: int
    prices_down: int = 0
    largest: int = 0
    party_id: str | None = None
    delay_days: int = 0
    sales_down: int = 0


async def reserves(gateway: Gateway, caller: Caller, scope: Scope) -> ReserveNeeds:
    """Reserve needed against reserve held, by product.

    Raises:
        Forbidden, BadInput.
    """
    book = await load(gateway, caller, scope)
    body: ReserveNeeds = {"products": [], "asOf": book.as_of}
    for currency, loans in book.loans.items():
        by_product: defaultdict[int, list[BookLoan]] = defaultdict(list)
        for loan in loans:
            by_product[loan.product].append(loan)
        held = await reserve_held(gateway, book, currency, sorted(by_product))
        read = await reader(gateway, book, currency)
        for product_id in sorted(by_product):
            product = await products.product_in(gateway, product_id)
            share = product.terms["reserveShare"]
            balance, pool = held[product_id]
            need = await gateway.documents.run(
                reserve_need,
                by_product[product_id],
                reserve_share=share,
                held=balance,
                today=book.today,
            )
            body["products"].append(
                views.reserve(read, need, product_id=product_id, reserve_share=share, pool=pool)
            )
    return body


async def stress_test(
    gateway: Gateway, caller: Caller, scope: Scope, request: ShockRequest
) -> StressTest:
    """What the shocks would cost the book as it is.

    Raises:
        Forbidden, BadInput.
    """
    named = await _named(gateway, request)
    book = await load(gateway, caller, scope)
    bounds = await _trade(gateway, book) if request.sales_down else {}
    if request.prices_down:
        await _value_goods(gateway, book)
    body: StressTest = {
        "lossSeverity": request.loss_severity,
        "currencies": [],
        "asOf": book.as_of,
    }
    for currency, loans in book.loans.items():
        amounts = exposures(loans, today=book.today)
        names = named | largest_names(loans, request.largest, today=book.today)
        shocks = Shocks(
            loss_severity=request.loss_severity,
            prices_down=request.prices_down,
            parties=names,
            delay_days=request.delay_days,
            sales_down=request.sales_down,
        )
        result = await gateway.documents.run(
            stressed, loans, shocks, trade=bounds, today=book.today
        )
        total = sum(result.before.values())
        defaulting = [
            Name(key, amounts[key], part_half_up(amounts[key], total) or 0)
            for key in sorted(names, key=lambda key: (-amounts[key], key))
            if amounts[key]
        ]
        held = await reserve_held(gateway, book, currency, sorted({loan.product for loan in loans}))
        read = await reader(gateway, book, currency, {item.key for item in defaulting})
        body["currencies"].append(
            views.stress(
                read,
                result,
                held=sum(balance for balance, _ in held.values()),
                defaulting=defaulting,
            )
        )
    return body


async def _named(gateway: Gateway, request: ShockRequest) -> frozenset[int]:
    """The party that a request lets default, by its number on the ledger.

    Raises:
        BadInput: there is no shock, or no such party on the ledger.
    """
    shocks = (request.prices_down, request.largest, request.delay_days, request.sales_down)
    if not any(shocks) and request.party_id is None:
        raise BadInput(
            "the stress test has no shock",
            name="no-shock",
            field="pricesDown",
            fix="give at least one of pricesDown, largest, partyId, delayDays and salesDown",
        )
    if request.party_id is None:
        return frozenset()
    party = await party_in(gateway, request.party_id, field="partyId")
    if party.ledger_party_id is None:
        raise BadInput(
            say("party {party_id} is not on the ledger yet", party_id=request.party_id),
            name="party-not-registered",
            field="partyId",
            fix="wait until its registration is included",
        )
    return frozenset((int(party.ledger_party_id),))


async def reserve_held(
    gateway: Gateway, book: LoadedBook, currency: str, product_ids: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """By product: the balance that is held for the book, and the pool's balance."""
    address = book.addresses[currency]
    questions: list[tuple[str, str, list[object]]] = []
    for product_id in product_ids:
        key: list[object] = [product_id, address]
        questions.append((CONTRACT, "balanceOf", [*key, ZERO_ADDRESS]))
        questions.append(
            (CONTRACT, "totalOf", key)
            if book.lender is None
            else (CONTRACT, "balanceOf", [*key, book.lender])
        )
    answers = [int(answer) for answer in await call_many(gateway, questions)]
    return {
        product_id: (answers[2 * place + 1], answers[2 * place])
        for place, product_id in enumerate(product_ids)
    }


async def _value_goods(gateway: Gateway, book: LoadedBook) -> None:
    """Looks up what the goods of the newest loans on goods are worth."""
    snapshot = await read_snapshot(gateway, account=book.lender, only="open", limit=MAX_VALUED)
    values = await collateral_values(gateway, snapshot)
    for loans in book.loans.values():
        for loan in loans:
            if loan.on_goods and (value := values.get(loan.number)) is not None:
                loan.goods_value = value.market if value.priced else None


async def _trade(gateway: Gateway, book: LoadedBook) -> dict[int, int]:
    """By facility with a bound by trade: what may be owed under it."""

    def find(connection: Connection) -> dict[int, int]:
        bounds = {}
        for facility_id in repository.bounded_facilities(
            connection, lender=book.lender, limit=MAX_FACILITIES
        ):
            row = lending.facility(connection, facility_id)
            limited = None if row is None else trade.limit_of(connection, row, today=book.today)
            if limited is not None:
                bounds[facility_id] = limited[1].limit
        return bounds

    return await gateway.storage.read(find)
