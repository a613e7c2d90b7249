"""Operators list references, appraisers post their rates, everyone reads them."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection
from typing_extensions import TypedDict

from app.domain.calendar import date_of, day_of
from app.domain.product_terms import reference_word
from app.domain.texts import say
from app.errors import BadInput, Conflict, NotFound
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.ledger import call
from app.gateway.read_as_of import business_day, moment, today_of
from app.gateway.views import Names, party_view, time_view
from app.lending.access import loan
from app.lending.history_parts import change_with_parts
from app.lending.rates import repository, resets
from app.lending.rates.projection import CONTRACT as RATES
from app.lending.rates.repository import RateRow, ReferenceRow
from app.lending.rates.schemas import (
    NewRate,
    NewReference,
    RateConfirmation,
    Reference,
    ReferencePage,
    ReferenceRate,
    ReferenceRatePage,
)
from app.parties.registry import repository as parties


class RateTerms(TypedDict):
    """What an appraiser posts: the struct Rate of IReferenceRates."""

    code: str
    fromDay: int
    lastDay: int
    rate: int
    evidence: str


async def list_reference(command: Command, reference: NewReference) -> Change:
    """The operator lists a reference, or asks for other bounds."""
    arguments = [reference_word(reference.code), reference.maxStep, reference.maxDays]
    return await change_for(
        command,
        NewOperation("list-reference", RATES, "list", arguments, {"reference": reference.code}),
    )


async def post(command: Command, code: str, new_rate: NewRate) -> Change:
    """An appraiser proposes the rate of the next period.

    Raises:
        NotFound, BadInput.
    """
    gateway = command.gateway
    await gateway.storage.read(lambda connection: _known(connection, code))
    listing = await call(gateway, RATES, "listing", [reference_word(code)])
    today, next_day = await today_of(gateway), int(listing["nextDay"])
    first_day = next_day or today
    if new_rate.fromDate is not None:
        first_day = day_of(new_rate.fromDate)
        if next_day and first_day != next_day:
            raise BadInput(
                say(
                    "fromDate is {from_date:day}; the last period of {code} ends on {next_day:day}",
                    from_date=new_rate.fromDate,
                    code=code,
                    next_day=date_of(next_day - 1),
                ),
                name="rate-out-of-turn",
                field="fromDate",
                fix=say("give {next_day:day}, or leave fromDate out", next_day=date_of(next_day)),
            )
    if first_day > today:
        raise BadInput(
            say(
                "the next period of {code} begins on {first_day:day}, and today is {today:day}",
                code=code,
                first_day=date_of(first_day),
                today=date_of(today),
            ),
            name="rate-out-of-turn",
            field="fromDate",
            fix="post it on that day or later",
        )
    last_day, latest = day_of(new_rate.lastDate), first_day + int(listing["maxDays"]) - 1
    if not first_day <= last_day <= latest:
        raise BadInput(
            say(
                "lastDate is {last_date:day}; a period of {code} that begins on "
                "{first_day:day} ends from then to {latest:day}",
                last_date=new_rate.lastDate,
                code=code,
                first_day=date_of(first_day),
                latest=date_of(latest),
            ),
            name="rate-out-of-range",
            field="lastDate",
            fix="give the day before the next publication",
        )
    terms: RateTerms = {
        "code": reference_word(code),
        "fromDay": first_day,
        "lastDay": last_day,
        "rate": new_rate.rate,
        "evidence": new_rate.evidence,
    }
    return await change_for(
        command, NewOperation("post-rate", RATES, "post", [terms], {"reference": code})
    )


async def confirm(command: Command, code: str, confirmation: RateConfirmation) -> Change:
    """A second appraiser confirms a rate, or a further one stands behind it.

    Raises:
        NotFound, Conflict: no such rate was proposed.
    """

    def find(connection: Connection) -> RateRow | None:
        _known(connection, code)
        return repository.rate_named(
            connection,
            code,
            rate=confirmation.rate,
            from_day=day_of(confirmation.fromDate),
            last_day=day_of(confirmation.lastDate),
            evidence=confirmation.evidence.lower(),
        )

    row = await command.gateway.storage.read(find)
    if row is None:
        raise Conflict(
            say(
                "no rate of {rate} parts per million from {first} to {last} with this evidence was "
                "proposed for {code}",
                rate=confirmation.rate,
                first=confirmation.fromDate,
                last=confirmation.lastDate,
                code=code,
            ),
            name="nothing-proposed",
            fix=say("look at GET /v1/reference-rates/{code}/rates", code=code),
        )
    terms: RateTerms = {
        "code": reference_word(code),
        "fromDay": row.from_day,
        "lastDay": row.last_day,
        "rate": row.rate,
        "evidence": row.evidence,
    }
    return await change_for(
        command, NewOperation("confirm-rate", RATES, "confirm", [terms], {"reference": code})
    )


async def withdraw(command: Command, code: str) -> Change:
    """An appraiser withdraws what its party proposed.

    Raises:
        NotFound.
    """
    await command.gateway.storage.read(lambda connection: _known(connection, code))
    arguments = [reference_word(code)]
    return await change_for(
        command, NewOperation("withdraw-rate", RATES, "withdraw", arguments, {"reference": code})
    )


async def reset(command: Command, loan_id: int) -> Change:
    """Sets the rate of a loan anew, from its next reset day on.

    Raises:
        NotFound.
    """
    row = await loan(command.gateway, command.caller, loan_id)
    rerun = await command.gateway.storage.read(partial(resets.rerun, row=row))
    return await change_with_parts(command, [rerun], partial(resets.operation, loan_id))


async def references(gateway: Gateway) -> ReferencePage:
    """All references, each with its newest rate."""

    def find(connection: Connection) -> ReferencePage:
        now, as_of = moment(connection)
        today = business_day(gateway, now)
        items: list[Reference] = []
        for row in repository.references(connection):
            newest = repository.rates(connection, row.code, before=None, limit=1, in_force=True)
            names = _names(connection, newest)
            items.append(
                {
                    "code": row.code,
                    "maxStep": row.max_step,
                    "maxDays": row.max_days,
                    "newest": _view(newest[0], names) if newest else None,
                    "isLate": not newest or newest[0].last_day < today,
                }
            )
        return {"items": items, "asOf": as_of}

    return await gateway.storage.read(find)


async def history(
    gateway: Gateway, code: str, *, before: int | None, limit: int
) -> ReferenceRatePage:
    """Rates of a reference that were proposed or are in force, newest first.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> ReferenceRatePage:
        _known(connection, code)
        rows = repository.rates(connection, code, before=before, limit=limit)
        names = _names(connection, rows)
        return {
            "items": [_view(row, names) for row in rows],
            "nextCursor": rows[-1].position if len(rows) == limit else None,
            "asOf": moment(connection)[1],
        }

    return await gateway.storage.read(find)


def _known(connection: Connection, code: str) -> ReferenceRow:
    for row in repository.references(connection):
        if row.code == code:
            return row
    raise NotFound(
        say("there is no reference rate {code}", code=code),
        name="reference-unknown",
        fix="look at GET /v1/reference-rates",
    )


def _names(connection: Connection, rows: list[RateRow]) -> Names:
    accounts = {row.appraiser for row in rows} | {row.confirmer or "" for row in rows}
    return parties.names(connection, accounts - {""})


def _view(row: RateRow, names: Names) -> ReferenceRate:
    return {
        "code": row.code,
        "rate": row.rate,
        "fromDate": date_of(row.from_day).isoformat(),
        "lastDate": date_of(row.last_day).isoformat(),
        "inForce": row.confirmer is not None,
        "appraiser": party_view(row.appraiser, names),
        "confirmer": None if row.confirmer is None else party_view(row.confirmer, names),
        "evidence": row.evidence,
        "transactionHash": row.transaction_hash,
        "postedAt": time_view(row.timestamp),
    }
