"""Whether the breakdown of tax fits its rates, and the lines that it is drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext

from app.domain.money import DIGITS, decimal_text
from app.trade.documents.errors import DocumentError, FieldInvalid, mismatch
from app.trade.documents.model import Document

# Categories of UNTDID 5305 under which no tax is due, whatever rate they keep (BR-AE-09, BR-E-09,
# BR-G-09, BR-IC-09, BR-O-09, BR-Z-09; PINT keeps the rate of a reverse charge).
# `N` is the margin scheme of PINT in the Emirates: the tax is not shown.
UNTAXED = frozenset(("AE", "E", "G", "K", "N", "O", "Z"))
# The invoices of sellers who are not registered for the tax keep rates and charge nothing.
_UNREGISTERED = "pint:nontaxinvoice"
Group = tuple[str, Decimal]


def tax_findings(document: Document) -> Iterator[DocumentError]:
    """What is wrong with the taxes of a document.

    The slack is that of the standard's own validator: less than one whole unit.
    """
    yield from _amounts(document)
    yield from _bases(document)


def _amounts(document: Document) -> Iterator[DocumentError]:
    """BR-CO-17: the amount is the rate's share of what is taxed."""
    unit = 10 ** DIGITS[document.currency]
    if document.format == "fapiao":
        # Tax is reckoned line by line there, and each line may be off by 0.06.
        unit += 6 * len(document.lines)
    for index, tax in enumerate(document.taxes):
        field = f"taxes.{index}"
        rate = Decimal(0) if tax.rate is None else tax.rate
        if not 0 <= rate <= 100:
            yield FieldInvalid(
                f"{field}.rate is {rate:f}",
                name="tax-rate-absurd",
                field=f"{field}.rate",
                fix="give a percentage from 0 to 100",
            )
            continue
        unregistered = _UNREGISTERED in (document.profile or "")
        if (tax.category in UNTAXED or unregistered) and tax.amount == 0:
            continue
        with localcontext(prec=100):
            right = int((tax.taxable * rate / 100).to_integral_value(ROUND_HALF_UP))
        # No rate, no rule: a category out of scope of the tax has none.
        if tax.rate is not None and abs(tax.amount - right) >= unit:
            yield mismatch(
                f"{field}.amount",
                tax.amount,
                right,
                f"{rate:f} % of {decimal_text(tax.taxable, currency=document.currency)} is",
                rule="BR-CO-17",
                currency=document.currency,
            )


def _bases(document: Document) -> Iterator[DocumentError]:
    """BR-S-08 and its like: what is taxed at a rate is what lines, allowances and charges of that
    rate come to, and all that is taxed is what all of them come to. Asked only where each of them
    names its category; in our own JSON, the second also where none does.
    """
    if not document.taxes or not document.lines:
        return
    reckoned = _reckoned(document)
    groups = [_group(tax.category, tax.rate) for tax in document.taxes]
    if reckoned is None or None in groups:
        if document.format == "json" and not any(line.tax_category for line in document.lines):
            yield from _whole(document)
        return
    unit = 10 ** DIGITS[document.currency]
    for group in dict.fromkeys(groups):
        if group is None or group[0] in UNTAXED:
            continue
        stated = sum(
            tax.taxable for tax, own in zip(document.taxes, groups, strict=True) if own == group
        )
        right = reckoned.get(group, 0)
        if abs(stated - right) >= unit:
            yield mismatch(
                f"taxes.{groups.index(group)}.taxable",
                stated,
                right,
                f"the lines of category {group[0]} at {group[1]:f} % come to",
                rule="BR-S-08",
                currency=document.currency,
            )
            return
    yield from _whole(document)


def _reckoned(document: Document) -> dict[Group, int] | None:
    """What is taxed at each rate, by the lines; None where one of them does not say its rate."""
    found: dict[Group, int] = {}
    parts = [(line.tax_category, line.tax_rate, line.amount) for line in document.lines]
    parts += [
        (one.tax_category, one.tax_rate, one.amount if one.charge else -one.amount)
        for one in document.adjustments
    ]
    for category, rate, amount in parts:
        group = _group(category, rate)
        if group is None:
            return None
        found[group] = found.get(group, 0) + amount
    return found


def _group(category: str | None, rate: Decimal | None) -> Group | None:
    """Categories without tax count as one each, whatever rate they keep."""
    if category is None or (rate is None and category not in UNTAXED):
        return None
    return category, Decimal(0) if rate is None or category in UNTAXED else rate.normalize()


def _whole(document: Document) -> Iterator[DocumentError]:
    stated = sum(tax.taxable for tax in document.taxes)
    right = sum(line.amount for line in document.lines) + sum(
        one.amount if one.charge else -one.amount for one in document.adjustments
    )
    if abs(stated - right) >= 10 ** DIGITS[document.currency]:
        yield mismatch(
            "taxes.0.taxable",
            stated,
            right,
            "all lines, allowances and charges together come to",
            rule="BR-S-08",
            currency=document.currency,
        )
