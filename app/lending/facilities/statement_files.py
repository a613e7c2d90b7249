"""The statement of a facility as a spreadsheet and as a page to print."""

from __future__ import annotations

import datetime

from app.domain.money import DIGITS, minor_units
from app.gateway import prints, sheets
from app.gateway.downloads import file_name
from app.gateway.file_texts import (
    amount,
    as_of,
    day_of_text,
    in_currency,
    mark,
    nt,
    printed,
    rate,
    t,
)
from app.gateway.languages import ENGLISH, current
from app.gateway.money import MoneyView
from app.gateway.sheets import Cell, Money, Sheet
from app.gateway.views import PartyView
from app.lending.facilities.schemas import AccountStatement
from app.lending.loans.statement_words import part, what
from app.lending.rows import PARTS
from app.lending.views import EffectiveRate, PartsView

_PAID = (*PARTS, "total")
_TEXTS = (0, 2, 3)  # places of the columns that are dates and words
_BILLS = (mark("bill due on"), mark("loans"), mark("billed"), mark("owed"))
_STYLES = {
    "bullet": mark("all at once"),
    "equal-principal": mark("equal principal"),
    "equal-instalment": mark("equal instalments"),
    "billing-cycle": mark("by bill"),
    "interest-only": mark("interest each period, principal with the last instalment"),
}


def _money(view: MoneyView) -> Money:
    amount, currency = view["amount"], view["currency"]
    known = currency in DIGITS  # an unknown token's amounts are whole units
    return Money(minor_units(amount, currency=currency) if known else int(amount), currency)


def _money_text(view: MoneyView) -> str:
    return amount(_money(view))


def _paid(view: MoneyView) -> Money | None:
    paid = _money(view)
    return paid if paid.amount else None


def _in_order(paid: PartsView) -> list[MoneyView]:
    """The amounts in the order of `_PAID`."""
    parts = [paid["costs"], paid["penalty"], paid["interest"], paid["principal"], paid["fee"]]
    parts.append(paid["service"])
    return [*parts, paid["total"]]


def _name(party: PartyView | None) -> str:
    return "" if party is None else party["name"] or party["account"]


def _draw(example: EffectiveRate) -> str:
    """Which draw it is: `bullet, 30 days`."""
    style, tenor = example["style"], example["tenor"]
    name = style if current.get() == ENGLISH else t(_STYLES.get(style, style))
    if not tenor:
        return name
    if style == "bullet":
        return nt("{style}, {count} day", "{style}, {count} days", tenor, style=name)
    return nt("{style}, {count} month", "{style}, {count} months", tenor, style=name)


def _effective(example: EffectiveRate) -> str:
    return t("effective annual rate, {draw}", draw=_draw(example))


def _facts(account: AccountStatement, day: datetime.date) -> list[tuple[str, str]]:
    facility, block = account["facility"], account["asOf"]["blockNumber"]
    sides = (
        (mark("lender"), facility["lender"]),
        (mark("borrower"), facility["borrower"]),
        (mark("entruster"), facility["entruster"]),
    )
    amounts = (
        (mark("limit"), facility["limit"]),
        (mark("outstanding"), facility["outstanding"]),
        (mark("deposit"), facility["deposit"]),
        (mark("deposit held"), facility["depositHeld"]),
    )
    rates = facility["effectiveAnnualRates"]
    first, last = day_of_text(facility["firstDate"]), day_of_text(facility["lastDate"])
    return [
        *((t(side), _name(party)) for side, party in sides if party is not None),
        (t("as of"), as_of(day, block)),
        *((t(name), _money_text(view)) for name, view in amounts),
        (t("annual rate"), rate(facility["annualRate"])),
        *((_effective(item), rate(item["effectiveAnnualRate"])) for item in rates),
        (t("open"), t("from {first} to {last}", first=first, last=last)),
        (t("closed"), t("yes") if facility["closed"] else t("no")),
    ]


def _entries(account: AccountStatement) -> Sheet:
    currency = account["facility"]["outstanding"]["currency"]
    names = (
        *(part(name) for name in _PAID),
        *(mark("outstanding of the loan"), mark("outstanding")),
    )
    rows: list[list[Cell]] = [
        [
            datetime.date.fromisoformat(entry["date"]),
            entry["loanId"],
            what(entry["kind"]),
            _name(entry["payer"]),
            *(_paid(amount) for amount in _in_order(entry["paid"])),
            _money(entry["outstandingOfLoan"]),
            _money(entry["outstanding"]),
        ]
        for entry in account["entries"]
    ]
    amounts = (in_currency(name, currency) for name in names)
    columns = (t("date"), t("loan"), t("what"), t("paid by"), *amounts)
    return Sheet(t("account"), columns, rows)


def _bills(account: AccountStatement) -> Sheet:
    rows: list[list[Cell]] = [
        [
            datetime.date.fromisoformat(bill["dueDate"]),
            ", ".join(str(loan) for loan in bill["loanIds"]),
            _money(bill["billed"]),
            _money(bill["owed"]),
        ]
        for bill in account["bills"]
    ]
    return Sheet(t("bills"), [t(name) for name in _BILLS], rows)


def name_of(account: AccountStatement, day: datetime.date, ending: str) -> str:
    """Facility, borrower and day: `facility-2-statement-Linghu-Castings-2026-11-26.xlsx`."""
    facility = account["facility"]
    borrower = facility["borrower"]["name"] or ""
    return file_name("facility", facility["id"], "statement", borrower, day=day, ending=ending)


def as_xlsx(account: AccountStatement, day: datetime.date) -> bytes:
    """A workbook: movements of money, bills, and the facility's terms.

    Args:
        account: what `statement.statement` returns.
        day: the ledger's day of the statement.
    """
    facts: list[list[Cell]] = [[t("facility"), account["facility"]["id"]]]
    facts += [[name, text] for name, text in _facts(account, day)]
    terms = Sheet(t("terms"), (t("term"), t("value")), facts)
    return sheets.xlsx([_entries(account), _bills(account), terms])


def as_pdf(account: AccountStatement, day: datetime.date) -> bytes:
    """A page to print; see `as_xlsx`."""
    table = _entries(account)
    currency = account["facility"]["outstanding"]["currency"]
    return prints.pdf(
        title=t("Statement of facility {number}", number=account["facility"]["id"]),
        facts=_facts(account, day),
        notes=[
            t(
                "Bill due on {day}: {billed} billed, {owed} owed; loans {loans}.",
                day=day_of_text(bill["dueDate"]),
                billed=_money_text(bill["billed"]),
                owed=_money_text(bill["owed"]),
                loans=", ".join(str(loan) for loan in bill["loanIds"]),
            )
            for bill in account["bills"]
        ],
        columns=[column.replace(f" ({currency})", "") for column in table.columns],
        rows=[[printed(value) for value in row] for row in table.rows],
        words=_TEXTS,
    )
