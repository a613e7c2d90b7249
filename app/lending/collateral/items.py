"""Collateral items that a request names, and the approvals that their liens need."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.catalogue import COLLATERAL
from app.domain.texts import say
from app.errors import BadInput
from app.gateway.approvals import Approval, token_approvals
from app.gateway.gateway import Gateway
from app.lending.collateral.schemas import NewItem
from app.lending.commands import CONTRACT

ALL = 0  # the value that stands for the whole item


def item_approvals(gateway: Gateway, *, owner: str, items: Sequence[NewItem]) -> list[Approval]:
    """Approvals that the liens on these items need."""
    approvals = []
    for kind in ("warehouse-receipt", "claim"):
        ids = [item.id for item in items if item.kind == kind]
        approvals += token_approvals(gateway, kind=kind, owner=owner, spender=CONTRACT, ids=ids)
    return approvals


def whole_items(items: list[NewItem], *, field: str) -> list[dict[str, int]]:
    """Whole items as the contract takes them.

    Raises:
        BadInput: an item is named twice.
    """
    keys = [(item.kind, item.id) for item in items]
    for index, (kind, number) in enumerate(keys):
        if (kind, number) in keys[:index]:
            raise BadInput(
                say("{kind:words} {number} is named twice", kind=kind, number=number),
                field=f"{field}.{index}.id",
                fix="name each item once",
            )
    return [{"kind": COLLATERAL.index(kind), "id": number, "value": ALL} for kind, number in keys]
