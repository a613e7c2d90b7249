"""From which day the lender's days to correct a payment count that is about to be recorded."""

from __future__ import annotations

import msgspec

from app.domain.postings import Posting, TakenOff
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.lending.commands import CONTRACT


class _PostingsState(msgspec.Struct, rename="camel"):
    """What `Facilities.postingsOf` answers of it."""

    taken_off: int
    taken_off_first_day: int
    taken_off_last_day: int


async def recorded_as(gateway: Gateway, loan_id: int, posting: Posting) -> Posting:
    """The payment as the ledger posts it on a loan.

    Raises:
        ChainError.
    """
    answer = await call(gateway, CONTRACT, "postingsOf", [loan_id])
    state = msgspec.convert(answer, _PostingsState)
    taken_off = TakenOff(state.taken_off, state.taken_off_first_day, state.taken_off_last_day)
    return posting.in_place_of(taken_off)
