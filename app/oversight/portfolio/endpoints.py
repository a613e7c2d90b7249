"""/v1/portfolio/…: figures of what is lent, a stress test, limits, and lenders' own money"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.domain.texts import say
from app.errors import BadInput
from app.gateway.callers import Caller, allow
from app.gateway.downloads import CSV, XLSX, file_name, spoken
from app.gateway.gateway import Gateway, GatewayOf
from app.gateway.idempotency import Idempotent
from app.gateway.languages import SPEAKS
from app.gateway.path_types import Written
from app.gateway.problems import PROBLEMS, contents
from app.gateway.read_as_of import Cursor, Limit
from app.gateway.sheets import Sheet, csv_text, xlsx
from app.gateway.views import json_response
from app.oversight.portfolio import files, service, stress
from app.oversight.portfolio.limits import files as limit_files
from app.oversight.portfolio.limits import service as limits_of
from app.oversight.portfolio.limits import statements
from app.oversight.portfolio.limits.schemas import (
    LegalLimits,
    NewOwnFunds,
    OwnFunds,
    OwnFundsPage,
    TableKind,
)
from app.oversight.portfolio.loading import Scope
from app.oversight.portfolio.schemas import (
    Concentrations,
    ExpectedLosses,
    FileKind,
    Grouping,
    Naming,
    ReserveNeeds,
    RollRates,
    StressTest,
    Vintages,
)

SVG = "image/svg+xml"
MILLION = 1_000_000
router = APIRouter(prefix="/v1/portfolio", tags=["risk"], responses=PROBLEMS, dependencies=[SPEAKS])
FILES = contents(CSV, XLSX, SVG)
Viewer = Annotated[Caller, allow("financier", "auditor", "operator", "regulator")]
Stating = Annotated[Caller, allow("financier")]
Lender = Annotated[
    str | None,
    Query(
        max_length=36,
        description="The party whose loans these are; by default the caller's own, and all loans "
        "for auditors, operators and regulators.",
    ),
]
Currency = Annotated[
    str | None,
    Query(pattern="^[A-Z]{3}$", description="ISO 4217 code; a plot needs a single currency."),
]
Kind = Annotated[
    FileKind,
    Query(description="json; csv, the first table; xlsx, all tables; svg, a plot."),
]
Severity = Annotated[
    Written,
    Query(
        ge=0,
        le=MILLION,
        description="The loss given default that is assumed, in parts per million.",
    ),
]


def _share(words: str) -> Any:
    return Query(ge=0, le=MILLION, description=f"{words}, in parts per million.")


async def _answer(
    gateway: Gateway,
    body: Any,
    *,
    kind: FileKind,
    name: str,
    sheets: Callable[[Any], Sequence[Sheet]],
    plot: Callable[[Any], str],
) -> Response:
    """The figures in the format of the request.

    Raises:
        BadInput: a plot of several currencies, or of none.
    """
    if kind == "json":
        return json_response(body)
    title = file_name(
        "portfolio", name, f"block {body['asOf']['blockNumber']}", day=None, ending=kind
    )
    if kind == "svg":
        require_single(body)
        return spoken(await gateway.documents.run(plot, body), kind=SVG, name=title)
    tables = sheets(body)
    if kind == "csv":
        return spoken(csv_text(tables[0]), kind=CSV, name=title)
    return spoken(await gateway.documents.run(xlsx, tables), kind=XLSX, name=title)


def require_single(body: Any) -> None:
    """Raises BadInput unless the figures are of one currency."""
    parts = body["products"] if "products" in body else body["currencies"]
    codes = sorted({part["currency"] for part in parts})
    if not codes:
        raise BadInput(
            "there is no loan to plot",
            name="nothing-to-plot",
            field="format",
            fix="ask for json, csv or xlsx",
        )
    if len(codes) > 1:
        raise BadInput(
            say("a plot shows one currency; the loans are in {codes}", codes=", ".join(codes)),
            name="several-currencies",
            field="currency",
            fix=say("give one of {codes}", codes=", ".join(codes)),
        )


@router.get("/roll-rates", response_model=RollRates, responses=FILES)
async def get_roll_rates(
    gateway: GatewayOf,
    caller: Viewer,
    months: Annotated[Written, Query(ge=1, le=36, description="Whole months up to today.")] = 12,
    lenderPartyId: Lender = None,
    currency: Currency = None,
    format: Kind = "json",
) -> Response:
    """Roll rates: where the loans of each overdue bucket stand a month later."""
    body = await service.rolls(gateway, caller, Scope(lenderPartyId, currency), months=months)
    return await _answer(
        *(gateway, body),
        kind=format,
        name="roll-rates",
        sheets=files.roll_sheets,
        plot=files.roll_plot,
    )


@router.get("/vintages", response_model=Vintages, responses=FILES)
async def get_vintages(
    gateway: GatewayOf,
    caller: Viewer,
    overdueDays: Annotated[
        Written, Query(ge=0, le=365, description="A loan counts as overdue after more days.")
    ] = 30,
    maxMonths: Annotated[Written, Query(ge=0, le=60, description="The last age.")] = 24,
    lenderPartyId: Lender = None,
    currency: Currency = None,
    format: Kind = "json",
) -> Response:
    """Vintage curves: what was overdue, defaulted and lost by months since the draw."""
    body = await service.curves(
        *(gateway, caller, Scope(lenderPartyId, currency)),
        overdue_days=overdueDays,
        max_months=maxMonths,
    )
    return await _answer(
        *(gateway, body),
        kind=format,
        name="vintages",
        sheets=files.vintage_sheets,
        plot=files.vintage_plot,
    )


@router.get("/expected-losses", response_model=ExpectedLosses, responses=FILES)
async def get_expected_losses(
    gateway: GatewayOf,
    caller: Viewer,
    by: Annotated[Grouping, Query(description="How loans are grouped.")] = "tier",
    lossSeverity: Severity = 450_000,
    minLoans: Annotated[
        Written,
        Query(
            ge=1,
            le=100_000,
            description="A group with fewer observed loans takes the rate of the whole book.",
        ),
    ] = 30,
    lenderPartyId: Lender = None,
    currency: Currency = None,
    format: Kind = "json",
) -> Response:
    """Expected losses in the next 365 days, by tier or by product.

    `lossSeverity` counts only while no default has ended.
    """
    body = await service.losses(
        *(gateway, caller, Scope(lenderPartyId, currency)),
        by=by,
        assumed=lossSeverity,
        min_loans=minLoans,
    )
    return await _answer(
        *(gateway, body),
        kind=format,
        name="expected-losses",
        sheets=files.loss_sheets,
        plot=files.loss_plot,
    )


@router.get("/concentrations", response_model=Concentrations, responses=FILES)
async def get_concentrations(
    gateway: GatewayOf,
    caller: Viewer,
    by: Annotated[Naming, Query(description="Whose names.")] = "borrower",
    largest: Annotated[Written, Query(ge=1, le=200, description="Names that are listed.")] = 20,
    lenderPartyId: Lender = None,
    currency: Currency = None,
    format: Kind = "json",
) -> Response:
    """Concentration: the largest names with their shares, and the index of all."""
    body = await service.concentrations(
        *(gateway, caller, Scope(lenderPartyId, currency)), by=by, largest=largest
    )
    return await _answer(
        *(gateway, body),
        kind=format,
        name=f"concentration by {by}",
        sheets=files.concentration_sheets,
        plot=files.concentration_plot,
    )


@router.get("/reserves", response_model=ReserveNeeds, responses=FILES)
async def get_reserve_needs(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Lender = None,
    currency: Currency = None,
    format: Kind = "json",
) -> Response:
    """Reserve needed, by volume and by the history of losses, against reserve held."""
    body = await stress.reserves(gateway, caller, Scope(lenderPartyId, currency))
    return await _answer(
        *(gateway, body),
        kind=format,
        name="reserves",
        sheets=files.reserve_sheets,
        plot=files.reserve_plot,
    )


@router.get("/stress-test", response_model=StressTest, responses=FILES)
async def get_stress_test(
    gateway: GatewayOf,
    caller: Viewer,
    pricesDown: Annotated[Written, _share("Goods are worth so much less")] = 0,
    largest: Annotated[
        Written, Query(ge=0, le=200, description="So many of the largest names default.")
    ] = 0,
    partyId: Annotated[str | None, Query(max_length=36, description="This party defaults.")] = None,
    delayDays: Annotated[
        Written, Query(ge=0, le=365, description="For so many days nobody pays.")
    ] = 0,
    salesDown: Annotated[Written, _share("Borrowers sell so much less")] = 0,
    lossSeverity: Severity = 450_000,
    lenderPartyId: Lender = None,
    currency: Currency = None,
    format: Kind = "json",
) -> Response:
    """A stress test of the book as it is: each shock alone, and all together."""
    request = stress.ShockRequest(
        loss_severity=lossSeverity,
        prices_down=pricesDown,
        largest=largest,
        party_id=partyId,
        delay_days=delayDays,
        sales_down=salesDown,
    )
    body = await stress.stress_test(gateway, caller, Scope(lenderPartyId, currency), request)
    return await _answer(
        *(gateway, body),
        kind=format,
        name="stress-test",
        sheets=files.stress_sheets,
        plot=files.stress_plot,
    )


@router.get("/limits", response_model=LegalLimits, responses=contents(CSV, XLSX))
async def get_legal_limits(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Annotated[
        str | None,
        Query(
            max_length=36,
            description="The lender; by default the caller. Auditors, operators and regulators "
            "must give one.",
        ),
    ] = None,
    currency: Annotated[
        str | None, Query(pattern="^[A-Z]{3}$", description="Only limits of money in this one.")
    ] = None,
    format: Annotated[
        TableKind, Query(description="json; csv, the limits; xlsx, with what the lender stated.")
    ] = "json",
) -> Response:
    """Each limit of a lender's rule sets: its figure now, how much is used, and who holds it.

    Ratios need the lender's own figures; without them they are not judged.
    """
    body = await limits_of.limits(gateway, caller, Scope(lenderPartyId, currency))
    if format == "json":
        return json_response(body)
    name = file_name(
        *("portfolio", "limits", f"block {body['asOf']['blockNumber']}"), day=None, ending=format
    )
    tables = limit_files.limit_sheets(body)
    if format == "csv":
        return spoken(csv_text(tables[0]), kind=CSV, name=name)
    return spoken(await gateway.documents.run(xlsx, tables), kind=XLSX, name=name)


@router.post("/own-funds", status_code=201, response_model=OwnFunds)
async def state_own_funds(body: NewOwnFunds, _: Stating, request: Idempotent) -> Response:
    """A lender states its own money, risk assets and provisions as of a day.

    The last day counts, and of one day the last statement. Earlier ones stay in the record.
    """
    return await request.carry_out(statements.state, body)


@router.get("/own-funds", response_model=OwnFundsPage)
async def list_own_funds(
    gateway: GatewayOf,
    caller: Viewer,
    lenderPartyId: Annotated[
        str | None,
        Query(
            max_length=36,
            description="The lender; by default the caller, and all lenders for auditors, "
            "operators and regulators.",
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What lenders stated of themselves, newest first."""
    body = await statements.page(
        gateway, caller, lender_party_id=lenderPartyId, before=cursor, limit=limit
    )
    return json_response(body)
