"""What holds draws back: suspensions, announced draws, and events that end the commitment."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.product_terms import rule_set_word
from app.domain.texts import say
from app.errors import Conflict, Forbidden
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, SideWrites, change_for
from app.gateway.money import Money, minor
from app.lending.access import facility
from app.lending.commands import CONTRACT
from app.lending.facilities.limits import party_of

# Bits of `FacilityTerms.endEvents`, and of `Facility.suspendedBy`.
END_EVENTS = {"overdue": 1, "default": 2, "tier": 4}
SIDES = {"lender": 1, "entruster": 2}


def end_events(names: Iterable[str]) -> int:
    """The events as the terms write them: a bit set."""
    return sum(END_EVENTS[name] for name in set(names))


def names_in(bits: int, names: dict[str, int]) -> list[str]:
    """The names of the bits that are set."""
    return [name for name, bit in names.items() if bits & bit]


async def suspend(
    command: Command, facility_id: int, *, side_writes: SideWrites | None = None
) -> Change:
    """The lender's side suspends draws on a facility.

    Raises:
        NotFound, Forbidden.
    """
    return await _hold(
        command,
        facility_id,
        kind="suspend-draws",
        function="suspendDraws",
        side_writes=side_writes,
    )


async def resume(command: Command, facility_id: int) -> Change:
    """The side that suspended draws resumes them, or the lender renews a commitment that ended.

    Raises:
        NotFound, Forbidden.
    """
    return await _hold(command, facility_id, kind="resume-draws", function="resumeDraws")


async def announce(command: Command, facility_id: int, money: Money) -> Change:
    """The borrower announces a draw above what the terms allow without an announcement.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    return await _hold(
        command, facility_id, kind="announce-draw", function="announceDraw", money=money
    )


async def allow(command: Command, facility_id: int, money: Money) -> Change:
    """The lender's second signature: the announced draw of this amount is possible at once.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    return await _hold(command, facility_id, kind="allow-draw", function="allowDraw", money=money)


async def stop(command: Command, facility_id: int) -> Change:
    """Lender, entruster or borrower stops the announced draw.

    Raises:
        NotFound.
    """
    return await _hold(command, facility_id, kind="stop-draw", function="stopDraw")


async def follow_group(command: Command, facility_id: int) -> Change:
    """Lets the borrower's debt count for the group that the registry has for it now.

    Raises:
        NotFound, Conflict.
    """
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    if row.rule_set is None:
        raise Conflict(
            say(
                "facility {facility_id} counts for no limit of a rule set", facility_id=facility_id
            ),
            name="no-rule-set",
        )
    party_id = await gateway.storage.read(lambda connection: party_of(connection, row.borrower))
    arguments = [party_id, rule_set_word(row.rule_set), row.currency]
    subject = {"facilityId": facility_id}
    return await change_for(
        command, NewOperation("follow-group", CONTRACT, "followGroup", arguments, subject)
    )


async def _hold(
    command: Command,
    facility_id: int,
    *,
    kind: str,
    function: str,
    money: Money | None = None,
    side_writes: SideWrites | None = None,
) -> Change:
    gateway = command.gateway
    row = await facility(gateway, command.caller, facility_id)
    account = command.caller.acting()
    if function == "announceDraw" and account != row.borrower:
        raise Forbidden("only the borrower announces a draw", name="not-borrower")
    if function in ("suspendDraws", "resumeDraws", "allowDraw") and account not in (
        row.lender,
        row.entruster,
    ):
        raise Forbidden("only the lender or the entruster may do this", name="not-lender")
    arguments: list[int] = [facility_id]
    if money is not None:
        currency = gateway.currency_at(row.currency)
        arguments.append(minor(money, field="amount", currency=currency))
    subject = {"facilityId": facility_id}
    new_operation = NewOperation(kind, CONTRACT, function, arguments, subject)
    return await change_for(command, new_operation, side_writes=side_writes)
