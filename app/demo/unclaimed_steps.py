"""Money that nobody could be paid: it waits for its owner."""

from __future__ import annotations

import hashlib

from app.demo.goods import Goods

RATE = 69_000
LENT, REPAID = 150_000_00, 40_000_00


def left_unclaimed(story: Goods) -> None:
    """Castor repays the second bank while a regulator holds that bank; the hold then ends.

    Raises:
        GatewayRefused.
    """
    story.borrower = "castor"
    try:
        _, claim = story.confirmed(200_000_00, days=90, seller="castor")
        facility = story.facility(
            "receivables-finance", lender="second-bank", rate=RATE, limit=500_000_00
        )
        loan = story.draw(facility, LENT, "bullet", 80, lender="second-bank", collateral=claim)
        held = story.parties["second-bank"]
        order = "0x" + hashlib.sha256(b"order to hold a bank").hexdigest()
        hold = {"partyId": held, "orderHash": order}
        story.command("regulator", "/v1/holds", hold, "holds the second bank at once")
        story.repay(loan, REPAID)
        story.command("regulator", f"/v1/holds/{held}/end", None, "ends the hold")
    finally:
        story.borrower = "supplier"
