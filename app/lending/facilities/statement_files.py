"""The statement of a facility as a spreadsheet and as a page to print."""

from __future__ import annotations

import datetime

from app.domain.money import DIGITS, minor_units
from app.gateway import prints, sheets
from app.gateway.downloads import file_name
from app.gateway.money import MoneyView
from app.gateway.sheets import Cell, Money, Sheet
from app.gateway.views import PartyView
from app.lending.facilities.schemas import AccountStatement
from app.lending.loans.statement_files import percent, printed, what
from app.lending.rows import PARTS
from app.lending.views import EffectiveRate, PartsView

_PAID = (*PARTS, "total")
_TEXTS = (0, 2, 3)  # places of the columns that are dates and words
_BILLS = ("bill due on", "loans", "billed", "owed")


def _money(view: MoneyView) -> Money:
    amount, currency = view["amount"], view["currency"]
    known = currency in DIGITS  # an unknown token's amounts are whole units
    return Money(minor_units(amount, currency=currency) if known else int(amount), currency)


def _money_text(view: MoneyView) -> str:
    return f"{printed(_money(view))} {view['currency']}"


def _paid(view: MoneyView) -> Money | None:
    amount = _money(view)
    return amount if amount.amount else None


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
    if not tenor:
        return style
    unit = "day" if style == "bullet" else "month"
    return f"{style}, {tenor} {unit}{'' if tenor == 1 else 's'}"


def _rate(example: EffectiveRate) -> str:
    rate = example["effectiveAnnualRate"]
    return "none" if rate is None else percent(rate)


def _facts(account: AccountStatement, day: datetime.date) -> list[tuple[str, str]]:
    facility, block = account["facility"], account["asOf"]["blockNumber"]
    sides = (
        ("lender", facility["lender"]),
        ("borrower", facility["borrower"]),
        ("entruster", facility["entruster"]),
    )
    amounts = (
        ("limit", facility["limit"]),
        ("outstanding", facility["outstanding"]),
        ("deposit", facility["deposit"]),
        ("deposit held", facility["depositHeld"]),
    )
    rates = facility["effectiveAnnualRates"]
    return [
        *((side, _name(party)) for side, party in sides if party is not None),
        ("as of", day.isoformat() + ("" if block is None else f", block {block}")),
        *((name, _money_text(amount)) for name, amount in amounts),
        ("annual rate", percent(facility["annualRate"])),
        *((f"effective annual rate, {_draw(item)}", _rate(item)) for item in rates),
        ("open", f"from {facility['firstDate']} to {facility['lastDate']}"),
        ("closed", "yes" if facility["closed"] else "no"),
    ]


def _entries(account: AccountStatement) -> Sheet:
    currency = account["facility"]["outstanding"]["currency"]
    amounts = (*_PAID, "outstanding of the loan", "outstanding")
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
    columns = ("date", "loan", "what", "paid by", *(f"{name} ({currency})" for name in amounts))
    return Sheet("account", columns, rows)


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
    return Sheet("bills", _BILLS, rows)


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
    facts: list[list[Cell]] = [["facility", account["facility"]["id"]]]
    facts += [[name, text] for name, text in _facts(account, day)]
    terms = Sheet("terms", ("term", "value"), facts)
    return sheets.xlsx([_entries(account), _bills(account), terms])


def as_pdf(account: AccountStatement, day: datetime.date) -> bytes:
    """A page to print; see `as_xlsx`."""
    table, bills = _entries(account), _bills(account)
    currency = account["facility"]["outstanding"]["currency"]
    return prints.pdf(
        title=f"Statement of facility {account['facility']['id']}",
        facts=_facts(account, day),
        notes=[
            f"Bill due on {printed(due)}: {printed(billed)} {currency} billed, "
            f"{printed(owed)} {currency} owed; loans {loans}."
            for due, loans, billed, owed in bills.rows
        ],
        columns=[column.replace(f" ({currency})", "") for column in table.columns],
        rows=[[printed(value) for value in row] for row in table.rows],
        words=_TEXTS,
    )
