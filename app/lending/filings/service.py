"""Operations on filings, and filings as callers may see them."""

from __future__ import annotations

import datetime
import re

from sqlalchemy import Connection

from app.domain.calendar import add_months, date_of, day_of
from app.domain.rule_sets import Rules
from app.domain.texts import say
from app.errors import BadInput, Conflict, Forbidden, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import minor
from app.gateway.read_as_of import business_day, moment
from app.gateway.rules import rules_of, rules_of_place
from app.lending import access
from app.lending import repository as lending
from app.lending.access import shown_account
from app.lending.filings import repository, views
from app.lending.filings.schemas import Discharge, FilingDetails, FilingPage, NewFiling
from app.lending.notices.projection import CONTRACT, SUBJECTS, FilingRow, number_word
from app.trade.claims import repository as claims
from app.trade.receivables import repository as receivables


async def record_of_loan(command: Command, loan_id: int, new_filing: NewFiling) -> Change:
    """The lender records the filing of its loan.

    Raises:
        NotFound, Forbidden, Conflict, BadInput.
    """
    gateway = command.gateway
    row = await access.loan(gateway, command.caller, loan_id)
    if command.caller.acting() not in (row.lender, row.entruster):
        raise Forbidden("only the lender records the filing of a loan", name="not-lender")
    if row.collateral == "none":
        raise Conflict(
            say("loan {loan_id} has no collateral", loan_id=loan_id),
            name="nothing-to-file",
            fix="there is nothing to do",
        )
    rules = await rules_of_loan(gateway, row.facility_id)
    return await _record(command, "loan", loan_id, new_filing, currency=row.currency, rules=rules)


async def record_of_claim(command: Command, claim_id: int, new_filing: NewFiling) -> Change:
    """The assignee or lienholder records the filing of its claim.

    Raises:
        NotFound, BadInput.
    """
    currency = await own_claim(command.gateway, command.caller, claim_id)
    return await _record(
        command, "claim", claim_id, new_filing, currency=currency, rules=rules_of_place()
    )


async def own_claim(gateway: Gateway, caller: Caller, claim_id: int) -> str:
    """The currency's address of a claim that was assigned to the caller or is under its lien.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> str | None:
        claim = claims.by_id(connection, claim_id)
        if claim is None:
            return None
        debt = receivables.by_id(connection, claim.claim.receivable_id)
        assert debt is not None
        is_assignee = claim.claim.owner == caller.account != debt.seller
        is_lienholder = claim.claim.lienholder == caller.account
        return claim.currency if is_assignee or is_lienholder else None

    currency = None if caller.account is None else await gateway.storage.read(find)
    if currency is None:
        raise NotFound(
            say(
                "there is no claim {claim_id} that was assigned to the caller or is under its lien",
                claim_id=claim_id,
            ),
            name="claim-unknown",
        )
    return currency


async def rules_of_loan(gateway: Gateway, facility_id: int) -> Rules | None:
    """The rule set of the product under which a loan was drawn."""

    def find(connection: Connection) -> Rules | None:
        row = lending.facility(connection, facility_id)
        assert row is not None
        return rules_of(
            lending.product_terms(connection, product_id=row.product_id, version=row.version)
        )

    return await gateway.storage.read(find)


async def amend(command: Command, filing_id: int, new_filing: NewFiling) -> Change:
    """The registrant records an amendment, such as an extension.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    row, currency = await _own(command, filing_id)
    rules = await _rules_of(command.gateway, row)
    terms = _terms(
        command.gateway, row.subject, row.subject_id, new_filing, currency=currency, rules=rules
    )
    return await change_for(
        command,
        NewOperation(
            *("amend-filing", CONTRACT, "amendFiling", [filing_id, terms]),
            {"filingId": filing_id, f"{row.subject}Id": row.subject_id},
        ),
    )


async def discharge(command: Command, filing_id: int, request: Discharge) -> Change:
    """The registrant records the discharge of a filing, once its right has ended.

    Raises:
        NotFound, Forbidden, BadInput, Conflict.
    """
    row, _ = await _own(command, filing_id)
    _require_number(await _rules_of(command.gateway, row), request.number)
    arguments = [filing_id, number_word(request.number), day_of(request.date)]
    subject = {"filingId": filing_id, f"{row.subject}Id": row.subject_id}
    return await change_for(
        command, NewOperation("discharge-filing", CONTRACT, "dischargeFiling", arguments, subject)
    )


async def details(gateway: Gateway, caller: Caller, filing_id: int) -> FilingDetails:
    """A filing with its history, for registrant, grantor, and those who see all.

    Raises:
        NotFound.
    """
    row, currency = await _filing(gateway, caller, filing_id)

    def find(connection: Connection) -> FilingDetails:
        now, as_of = moment(connection)
        (view,) = views.views_of(gateway, connection, [row], today=business_day(gateway, now))
        code = gateway.currency_at(currency)
        entries = repository.entries(connection, filing_id)
        return {
            **view,
            "entries": [views.entry_view(entry, currency=code) for entry in entries],
            "asOf": as_of,
        }

    return await gateway.storage.read(find)


async def page(
    gateway: Gateway,
    caller: Caller,
    *,
    subject: str | None,
    subject_id: int | None,
    before: int | None,
    limit: int,
) -> FilingPage:
    """A page of the filings by or against the caller, newest first."""

    def find(connection: Connection) -> FilingPage:
        now, as_of = moment(connection)
        rows = repository.listed(
            connection,
            account=shown_account(caller),
            subject=subject,
            subject_id=subject_id,
            before=before,
            limit=limit,
        )
        items = views.views_of(gateway, connection, rows, today=business_day(gateway, now))
        following = rows[-1].filing_id if len(rows) == limit else None
        return {"items": items, "nextCursor": following, "asOf": as_of}

    return await gateway.storage.read(find)


async def _record(
    command: Command,
    subject: str,
    subject_id: int,
    new_filing: NewFiling,
    *,
    currency: str,
    rules: Rules | None,
) -> Change:
    terms = _terms(command.gateway, subject, subject_id, new_filing, currency=currency, rules=rules)
    return await change_for(
        command,
        NewOperation(
            *("record-filing", CONTRACT, "recordFiling", [terms]), {f"{subject}Id": subject_id}
        ),
    )


def _terms(
    gateway: Gateway,
    subject: str,
    subject_id: int,
    new_filing: NewFiling,
    *,
    currency: str,
    rules: Rules | None,
) -> dict[str, object]:
    """The filing as the contract takes it.

    Raises:
        BadInput.
    """
    _require_number(rules, new_filing.number)
    _require_months(rules, new_filing.date, new_filing.endDate)
    code = gateway.currency_at(currency)
    return {
        "subject": SUBJECTS.index(subject),
        "subjectId": subject_id,
        "number": number_word(new_filing.number),
        "day": day_of(new_filing.date),
        "endDay": day_of(new_filing.endDate),
        "securedAmount": minor(new_filing.securedAmount, field="securedAmount", currency=code),
    }


def _require_number(rules: Rules | None, number: str) -> None:
    """Refuses what is no number of the register.

    Raises:
        BadInput.
    """
    if rules is None or rules.filing is None:
        return
    if re.fullmatch(rules.filing.number, number) is None:
        raise BadInput(
            say(
                "{number} is no number of {register_name}",
                number=number,
                register_name=rules.filing.register_name,
            ),
            name="filing-number-invalid",
            field="number",
            fix=say(
                "give the number as the register wrote it: {number}", number=rules.filing.number
            ),
        )


def _require_months(rules: Rules | None, day: datetime.date, end: datetime.date) -> None:
    """Refuses a time that the register does not give.

    Raises:
        BadInput.
    """
    if rules is None or rules.filing is None:
        return
    months = rules.filing.months
    earliest, latest = (
        date_of(add_months(day_of(day), count)) for count in (months.min, months.max)
    )
    # A register may count the first day or not, so a filing of six months ends a day sooner or not.
    if not earliest.toordinal() - 1 <= end.toordinal() <= latest.toordinal():
        raise BadInput(
            say(
                "a filing of {day:day} that ends on {end} holds for less than {min} months or "
                "more than {max}",
                day=day,
                end=end,
                min=months.min,
                max=months.max,
            ),
            name="filing-time-invalid",
            field="endDate",
            fix=say(
                "give a day from {earliest:day} to {latest:day}", earliest=earliest, latest=latest
            ),
        )


async def _filing(gateway: Gateway, caller: Caller, filing_id: int) -> tuple[FilingRow, str]:
    """A filing that the caller may see, and its currency's address.

    Raises:
        NotFound.
    """

    def find(connection: Connection) -> tuple[FilingRow, str] | None:
        row = repository.by_id(connection, filing_id)
        if row is None or not (caller.sees_all or caller.account in (row.registrant, row.grantor)):
            return None
        return row, repository.currency_of(connection, row)

    stored_filing = await gateway.storage.read(find)
    if stored_filing is None:
        raise NotFound(
            say("there is no filing {filing_id}", filing_id=filing_id), name="filing-unknown"
        )
    return stored_filing


async def _own(command: Command, filing_id: int) -> tuple[FilingRow, str]:
    """A filing of the caller's, and its currency's address.

    Raises:
        NotFound, Forbidden.
    """
    row, currency = await _filing(command.gateway, command.caller, filing_id)
    if command.caller.acting() != row.registrant:
        raise Forbidden("only the registrant of a filing may do this", name="not-registrant")
    return row, currency


async def _rules_of(gateway: Gateway, row: FilingRow) -> Rules | None:
    if row.subject == "claim":
        return rules_of_place()
    loan = await gateway.storage.read(lambda connection: lending.loan(connection, row.subject_id))
    return None if loan is None else await rules_of_loan(gateway, loan.facility_id)
