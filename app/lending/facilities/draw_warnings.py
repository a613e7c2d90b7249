"""What the read tables know against a draw that somebody asks about."""

from __future__ import annotations

from sqlalchemy import Connection

from app.domain.calendar import date_of
from app.domain.catalogue import COLLATERAL
from app.domain.money import decimal_text
from app.domain.texts import Text, say
from app.errors import BadInput
from app.gateway.gateway import Gateway
from app.gateway.said import localized
from app.lending.collateral import repository as collateral
from app.lending.collateral.tenors import check_tenor_of_claims, claims_among
from app.lending.facilities import limits
from app.lending.facilities.holds import SIDES, names_in
from app.lending.facilities.quote_schemas import DrawWarning, QuoteRequest
from app.lending.products.repository import ProductRow
from app.lending.rows import FacilityRow
from app.parties.registry import repository as parties
from app.trade.claims import repository as claims
from app.trade.orders import repository as orders


def warning(name: str, detail: Text, fix: Text) -> DrawWarning:
    """A warning in the caller's language; an empty fix counts as none."""
    return {"name": name, "detail": localized(detail), "fix": localized(fix) if fix else None}


def of_facility(
    connection: Connection,
    row: FacilityRow,
    product: ProductRow,
    *,
    today: int,
    amount: int,
    currency: str,
) -> list[DrawWarning]:
    """All that speaks against the draw, where the ledger would name only the first reason."""
    warnings = []
    if row.closed:
        warnings.append(
            warning("facility-closed", say("the facility is closed"), say("agree another one"))
        )
    if not product.open:
        words = say("product {code} is closed for draws", code=product.code)
        fix = say("wait until operators open it again")
        warnings.append(warning("product-closed", words, fix))
    if not row.first_day <= today <= row.last_day:
        words = say(
            "draws are possible from {first:day} to {last:day}",
            first=date_of(row.first_day),
            last=date_of(row.last_day),
        )
        warnings.append(warning("facility-not-in-time", words, say("agree another facility")))
    if row.suspended_by:
        sides = ", ".join(names_in(row.suspended_by, SIDES))
        words = say("draws are suspended by {sides:words}", sides=sides)
        warnings.append(warning("draws-suspended", words, say("ask that side to resume them")))
    if row.deposit_held < row.deposit:
        missing = decimal_text(row.deposit - row.deposit_held, currency=currency)
        words = say(
            "{missing} {currency} of the deposit is missing", missing=missing, currency=currency
        )
        fix = say("pay it: POST /v1/facilities/{id}/deposits")
        warnings.append(warning("deposit-missing", words, fix))
    if limits.in_default(connection, row):
        words = say("a loan of the borrower is in default")
        warnings.append(warning("borrower-in-default", words, say("repay that loan first")))
    for limit in limits.limits(connection, row, currency=currency, today=today):
        if amount > limit.free:
            free = decimal_text(limit.free, currency=currency)
            words = say(
                "the limit of the {kind:words} leaves {free} {currency} free",
                kind=limit.kind,
                free=free,
                currency=currency,
            )
            fix = say("draw at most {free} {currency}", free=free, currency=currency)
            warnings.append(warning("limit-exceeded", words, fix))
    return warnings


def of_collateral(
    gateway: Gateway,
    connection: Connection,
    row: FacilityRow,
    product: ProductRow,
    request: QuoteRequest,
) -> list[DrawWarning]:
    """What speaks against the collateral that was named.

    Nothing is said of a token of another party, not even whether it exists: anyone with a facility
    could ask for any number.
    """
    kind = COLLATERAL[product.terms["collateral"]]
    named: list[tuple[str, int]] = []
    claim_ids: dict[str, int] = {}
    if kind == "warehouse-receipt":
        named = [(item.kind, item.id) for item in request.items]
        claim_ids = claims_among(request.items, field="items")
    elif kind != "none" and request.collateralId is not None:
        named = [(kind, request.collateralId)]
        claim_ids = {"collateralId": request.collateralId} if kind == "claim" else {}
    own = parties.accounts_of(connection, row.borrower)
    if any(_owner_of(connection, kind, number) not in own for kind, number in named):
        words = say("the borrower cannot use this collateral")
        fix = say("name an item that the borrower has")
        return [warning("collateral-not-usable", words, fix)]
    try:
        check_tenor_of_claims(gateway, connection, product.terms, claim_ids)
    except BadInput as error:
        return [warning(error.name, error.said, error.remedy or "")]
    return []


def _owner_of(connection: Connection, kind: str, number: int) -> str | None:
    """Whose a token is; None: there is none."""
    match kind:
        case "claim":
            claim = claims.by_id(connection, number)
            return None if claim is None else claim.claim.owner
        case "order":
            order = orders.by_id(connection, number)
            return None if order is None else order.seller
        case _:
            return collateral.owner_of_receipt(connection, number)
