"""Filings in a public register, as tests record them."""

from __future__ import annotations

import secrets

from tests.support.bodies import Json
from tests.support.world import World


def register_number() -> str:
    """A number as the register writes it: twenty digits."""
    return str(secrets.randbelow(9 * 10**19) + 10**19)


def filing_from(world: World, path: str, *, by: str) -> Json:
    """A filing of the ledger's own day, from the exported fields of a loan or claim.

    Args:
        path: `/v1/loans/7` or `/v1/claims/7`.
    """
    fields = world[by].get(f"{path}/filing").body
    return {
        "number": register_number(),
        "date": fields["startDate"],
        "endDate": fields["endDate"],
        "securedAmount": fields["securedAmount"],
    }


def filed(world: World, path: str, *, by: str) -> int:
    """Records a filing for a loan or a claim; its id."""
    done = world[by].command(f"{path}/filings", filing_from(world, path, by=by)).body
    return int(done["result"]["filingId"])
