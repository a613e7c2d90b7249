"""The checks that a document must pass before it may become a receivable.

Sums follow EN 16931: BR-CO-10 to BR-CO-17, in whole minor units. Identifiers with check digits
(LEI, unified social credit code) are checked by them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext

from app.domain.hidden_text import hidden_in
from app.domain.id_schemes import LEI, USCC
from app.domain.identifiers import IdentifierInvalid, normalised_id
from app.domain.money import DIGITS, decimal_text
from app.domain.numbering import normalised_number
from app.domain.texts import say
from app.trade.documents.due import MAX_INSTALMENTS
from app.trade.documents.errors import DocumentError, FieldInvalid, FieldMissing, mismatch
from app.trade.documents.model import INVOICE, Adjustment, Document, Line, Party, Tax, fields
from app.trade.documents.tax_checks import tax_findings

EARLIEST = datetime.date(2000, 1, 1)
MAX_YEARS = 10
MAX_NUMBER = 128
# The ledger holds face amounts in 96 bits, the store in 63; both are far above any invoice.
MAX_AMOUNT = 9 * 10**18
# Factur-X profiles that carry no lines.
_WITHOUT_LINES = ("minimum", "basicwl")


def check_document(document: Document, *, today: datetime.date | None = None) -> None:
    """Refuses a document that fails a check.

    Args:
        document: to check.
        today: default: the day in UTC.

    Raises:
        DocumentError: the first finding; its member `findings` lists them all.
    """
    problems = findings(document, today=today)
    if problems:
        first = problems[0]
        if len(problems) > 1:
            first.more["findings"] = [
                {"code": problem.code, "field": problem.field, "detail": problem.detail}
                for problem in problems[:50]
            ]
        raise first


def findings(document: Document, *, today: datetime.date | None = None) -> list[DocumentError]:
    """All that is wrong with a document, in the order of its fields."""
    today = today or datetime.datetime.now(datetime.UTC).date()
    problems: list[DocumentError] = []
    problems += _printable(document)
    problems += _number(document)
    problems += _dates(document, today)
    problems += _payable(document)
    if document.currency in DIGITS:
        problems += _lines(document)
        problems += _sums(document)
        problems += _instalments(document)
        problems += tax_findings(document)
    for field, party in (
        ("seller", document.seller),
        ("buyer", document.buyer),
        ("payee", document.payee),
    ):
        if party is not None:
            problems += _party(party, field=field)
    problems += _two_parties(document)
    return problems


def _number(document: Document) -> Iterator[DocumentError]:
    if not normalised_number(document.number) or len(document.number) > MAX_NUMBER:
        yield FieldInvalid(
            say("number is {number}", number=repr(document.number[:60])),
            name="number-unusable",
            field="number",
            fix=say(
                "give a number with letters or digits, of at most {max_number} characters",
                max_number=MAX_NUMBER,
            ),
        )


def _printable(document: Document) -> Iterator[DocumentError]:
    """Refuses invisible characters: they make people read something else than the text."""
    # `assignment` repeats other fields, so the other fields are named first.
    texts = sorted(fields(document).items(), key=lambda item: item[0].startswith("assignment."))
    for field, text in texts:
        hidden = hidden_in(text)
        if hidden is not None:
            yield FieldInvalid(
                say("{field}: {hidden}", field=field, hidden=hidden),
                name="text-unprintable",
                field=field,
                fix="leave control, invisible and direction characters out",
            )


def _dates(document: Document, today: datetime.date) -> Iterator[DocumentError]:
    issued = document.issue_date
    days = [instalment.due_date for instalment in document.instalments]
    days += [] if document.due_date is None else [document.due_date]
    if not EARLIEST <= issued <= today + datetime.timedelta(days=1):
        yield _date_problem("issueDate", issued, f"between {EARLIEST} and today")
    # A due day before the issue is accepted: no rule of EN 16931 forbids it.
    for due in days:
        if not EARLIEST <= due <= _years_after(issued, MAX_YEARS):
            yield _date_problem("dueDate", due, f"within {MAX_YEARS} years of {issued}")


def _years_after(day: datetime.date, years: int) -> datetime.date:
    year = min(day.year + years, datetime.MAXYEAR)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _date_problem(field: str, day: datetime.date, fix: str) -> DocumentError:
    return FieldInvalid(
        say("{field} is {day:day}", field=field, day=day),
        name="date-absurd",
        field=field,
        fix=say("give a day {fix}", fix=fix),
    )


def _payable(document: Document) -> Iterator[DocumentError]:
    if document.currency not in DIGITS:
        yield FieldInvalid(
            say("{currency} is not a currency of ISO 4217", currency=repr(document.currency[:20])),
            name="currency-unknown",
            field="currency",
            fix="give a code such as CNY or EUR",
        )
        return
    amount = decimal_text(document.payable_amount, currency=document.currency)
    if document.payable_amount == 0:
        yield FieldInvalid(
            "nothing is owed: payableAmount is zero",
            name="amount-zero",
            field="payableAmount",
            fix="send a document with an amount that is still payable",
        )
    elif document.payable_amount < 0:
        plain = amount.removeprefix("-")
        yield FieldInvalid(
            say("payableAmount is negative: {amount}", amount=amount),
            name="amount-negative",
            field="payableAmount",
            fix=say("send a credit note over {plain}", plain=plain)
            if document.kind == INVOICE
            else say(
                "if it is a credit, send its sums without minus signs; if it is a debt, send an "
                "invoice over {plain}",
                plain=plain,
            ),
        )
    elif document.payable_amount > MAX_AMOUNT:
        yield FieldInvalid(
            say("payableAmount is {amount}", amount=amount),
            name="amount-too-large",
            field="payableAmount",
            fix=say(
                "give at most {max_amount}",
                max_amount=decimal_text(MAX_AMOUNT, currency=document.currency),
            ),
        )


def _lines(document: Document) -> Iterator[DocumentError]:
    if not document.lines and not _may_lack_lines(document):
        yield FieldMissing("there are no lines", field="lines", fix="give at least one line")
    numbers = set()
    for index, line in enumerate(document.lines):
        if line.number in numbers:
            yield FieldInvalid(
                say("two lines have the number {number}", number=repr(line.number[:40])),
                name="line-repeated",
                field=f"lines.{index}.number",
                fix="number the lines differently",
            )
        numbers.add(line.number)
        # If all sums are negative, that is the problem, not each price.
        if line.price is not None and line.price < 0 <= document.payable_amount:
            yield FieldInvalid(
                say("lines.{index}.price is negative", index=index),
                name="amount-negative",
                field=f"lines.{index}.price",
                fix="give a negative quantity instead of a negative price",
            )


def _may_lack_lines(document: Document) -> bool:
    profile = (document.profile or "").lower()
    return document.format in {"cii", "factur-x"} and profile.endswith(_WITHOUT_LINES)


def _sums(document: Document) -> Iterator[DocumentError]:
    """BR-CO-10 to BR-CO-16; a total that is not given counts as right."""
    totals = stated_totals = document.totals
    if document.format != "json":
        yield from _needed_totals(document)
    lines = _sum(document.lines)
    allowances = _sum(adjustment for adjustment in document.adjustments if not adjustment.charge)
    charges = _sum(adjustment for adjustment in document.adjustments if adjustment.charge)
    tax = _sum(document.taxes)
    rules = []
    if document.lines:
        rules.append(("BR-CO-10", "lines", stated_totals.lines, lines, "the lines"))
    elif totals.lines is not None:
        lines = totals.lines
    else:
        # Factur-X Minimum has neither lines nor their sum, only the total without tax.
        lines = (totals.tax_exclusive or 0) + allowances - charges
    if not document.lines and not document.adjustments:
        allowances, charges = totals.allowances or 0, totals.charges or 0
    if not document.taxes:
        tax = totals.tax or 0
    exclusive = lines - allowances + charges
    inclusive = exclusive + tax
    payable = inclusive - (totals.prepaid or 0) + (totals.rounding or 0) + (totals.third_party or 0)
    rules += [
        ("BR-CO-11", "allowances", stated_totals.allowances, allowances, "the allowances"),
        ("BR-CO-12", "charges", stated_totals.charges, charges, "the charges"),
        (
            "BR-CO-13",
            "taxExclusive",
            stated_totals.tax_exclusive,
            exclusive,
            "lines less allowances plus charges",
        ),
        ("BR-CO-14", "tax", stated_totals.tax, tax, "the taxes"),
        (
            "BR-CO-15",
            "taxInclusive",
            stated_totals.tax_inclusive,
            inclusive,
            "taxExclusive plus tax",
        ),
    ]
    for rule, name, stated, right, words in rules:
        if stated is not None and stated != right:
            yield mismatch(
                f"totals.{name}",
                stated,
                right,
                f"{words} add up to",
                rule=rule,
                currency=document.currency,
            )
    if _may_lack_prepaid(document):
        if document.payable_amount > payable:
            yield mismatch(
                "payableAmount",
                document.payable_amount,
                payable,
                "it is at most taxInclusive,",
                rule="BR-CO-16",
                currency=document.currency,
            )
    elif document.payable_amount != payable:
        yield mismatch(
            "payableAmount",
            document.payable_amount,
            payable,
            "taxInclusive less prepaid plus rounding gives",
            rule="BR-CO-16",
            currency=document.currency,
        )


def _sum(parts: Iterable[Line | Adjustment | Tax]) -> int:
    """The sum of exact amounts, in minor units, half up."""
    with localcontext(prec=100):
        total = sum(
            (Decimal(part.amount) if part.exact is None else part.exact for part in parts),
            Decimal(0),
        )
        return int(total.to_integral_value(ROUND_HALF_UP))


def _may_lack_prepaid(document: Document) -> bool:
    """Factur-X Minimum has no field for prepaid amounts."""
    return _may_lack_lines(document) and (document.profile or "").lower().endswith("minimum")


def _instalments(document: Document) -> Iterator[DocumentError]:
    parts = [instalment.amount for instalment in document.instalments]
    if parts and (sum(parts) != document.payable_amount or min(parts) <= 0):
        yield mismatch(
            "instalments",
            sum(parts),
            document.payable_amount,
            "payableAmount is",
            rule="instalments",
            currency=document.currency,
        )
    days = [instalment.due_date for instalment in document.instalments]
    if days and (len(days) > MAX_INSTALMENTS or document.due_date is not None):
        yield FieldInvalid(
            say(
                "the document has {days} instalments and dueDate {due_date:day}",
                days=len(days),
                due_date=document.due_date,
            ),
            name="instalments-invalid",
            field="instalments",
            fix=say(
                "give at most {max_instalments} instalments, or one dueDate for the whole",
                max_instalments=MAX_INSTALMENTS,
            ),
        )
    if sorted(set(days)) != days:
        yield FieldInvalid(
            "the instalments are not in the order of their days, or two have the same day",
            name="instalments-invalid",
            field="instalments",
            fix="give one instalment for each day, the earliest first",
        )


def _needed_totals(document: Document) -> Iterator[DocumentError]:
    """BR-12 to BR-14; profiles without lines may leave out the sum of the lines."""
    totals = document.totals
    needed = [("taxExclusive", totals.tax_exclusive), ("taxInclusive", totals.tax_inclusive)]
    if not _may_lack_lines(document):
        needed.insert(0, ("lines", totals.lines))
    for name, amount in needed:
        if amount is None:
            field = f"totals.{name}"
            yield FieldMissing(
                say("{field} is missing", field=field),
                field=field,
                fix=say("give {field}", field=field),
            )


def _party(party: Party, *, field: str) -> Iterator[DocumentError]:
    if not normalised_number(party.name):
        yield FieldInvalid(
            say("{field}.name has neither letters nor digits", field=field),
            name="name-unusable",
            field=f"{field}.name",
            fix="give the registered name",
        )
    for candidate in party.identifiers:
        if candidate.scheme not in {LEI, USCC}:
            continue
        try:
            normalised_id(candidate.value, scheme=candidate.scheme)
        except IdentifierInvalid as error:
            yield FieldInvalid(
                say("{field}.id: {error}", field=field, error=str(error)[:200]),
                name="identifier-invalid",
                field=f"{field}.id",
                fix="copy it from the register, with its check digits",
            )


def _two_parties(document: Document) -> Iterator[DocumentError]:
    seller, buyer = document.seller.identifier, document.buyer.identifier
    if seller is not None and seller == buyer:
        yield FieldInvalid(
            "seller and buyer are the same",
            name="parties-same",
            field="buyer.id",
            fix="name two different parties",
        )
