"""Collateral items that a request names, and the approvals of their liens."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.catalogue import COVER
from app.errors import BadInput
from app.gateway.approvals import Approval, token_approvals
from app.gateway.gateway import Gateway
from app.lending.collateral.schemas import NewPiece
from app.lending.commands import CONTRACT

ALL = 0  # of a piece


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
