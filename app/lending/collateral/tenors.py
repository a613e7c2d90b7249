"""How long the claims behind a loan run, and what the rule set of its product says of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from app.domain.product_terms import ProductTerms
from app.domain.texts import say
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import ledger_day
from app.gateway.rules import require_tenor, rules_of
from app.lending.collateral.schemas import NewItem
from app.trade.claims import repository as claims
from app.trade.receivables import repository as receivables


def claims_among(items: Sequence[NewItem], *, field: str) -> dict[str, int]:
    """The claims among items of collateral, by the fields that name them."""
    return {
        f"{field}.{place}.id": item.id for place, item in enumerate(items) if item.kind == "claim"
    }


async def require_tenor_of_claims(
    gateway: Gateway, terms: ProductTerms, claim_ids: Mapping[str, int]
) -> None:
    """Refuses a claim that is due later than the product's rule set lets anyone finance it.

    Args:
        claim_ids: the claims by the fields that name them.

    Raises:
        BadInput.
    """
    await gateway.storage.read(
        lambda connection: check_tenor_of_claims(gateway, connection, terms, claim_ids)
    )


def check_tenor_of_claims(
    gateway: Gateway, connection: Connection, terms: ProductTerms, claim_ids: Mapping[str, int]
) -> None:
    """The same, where the tables are being read.

    Raises:
        BadInput.
    """
    rules, today = rules_of(terms), ledger_day(gateway, connection)
    for field, claim_id in claim_ids.items():
        claim = claims.by_id(connection, claim_id)
        if claim is None:
            continue
        debt = receivables.by_id(connection, claim.claim.receivable_id)
        assert debt is not None
        days = debt.due_day - today
        what = say("claim {claim} is due in {left:days}", claim=claim_id, left=days)
        require_tenor(rules, days=days, field=field, what=what)
