"""Checks that the tax breakdown fits its rates and the invoice lines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext

from app.domain.money import DIGITS, decimal_text
from app.domain.texts import say
from app.trade.documents.errors import DocumentError, FieldInvalid, mismatch
from app.trade.documents.model import Document
from app.trade.documents.values import WHOLE_IN_PERCENT

# Categories of UNTDID 5305 under which no tax is due, whatever rate they state (BR-AE-09, BR-E-09,
# BR-G-09, BR-IC-09, BR-O-09, BR-Z-09; PINT states the rate of a reverse charge).
# `N` is the margin scheme of PINT in the Emirates: the tax is not shown.
UNTAXED = frozenset(("AE", "E", "G", "K", "N", "O", "Z"))
# Invoices of sellers who are not registered for the tax state rates and charge no tax.
_UNREGISTERED = "pint:nontaxinvoice"
Group = tuple[str, Decimal]


def tax_findings(document: Document) -> Iterator[DocumentError]:
    """All that is wrong with the taxes of a document.

    The tolerance is that of the standard's own validator: less than one whole unit.
    """
    yield from _amounts(document)
    yield from _bases(document)


def _amounts(document: Document) -> Iterator[DocumentError]:
    """BR-CO-17: the tax amount is the taxable amount times the rate."""
    unit = 10 ** DIGITS[document.currency]
    if document.format == "fapiao":
        # A fapiao computes tax line by line, and each line may be off by 0.06.
        unit += 6 * len(document.lines)
    for index, tax in enumerate(document.taxes):
        field = f"taxes.{index}"
        rate = Decimal(0) if tax.rate is None else tax.rate
        if not 0 <= rate <= WHOLE_IN_PERCENT:
            yield FieldInvalid(
                say("{field}.rate is {rate}", field=field, rate=f"{rate:f}"),
                name="tax-rate-absurd",
                field=f"{field}.rate",
                fix="give a percentage from 0 to 100",
            )
            continue
        unregistered = _UNREGISTERED in (document.profile or "")
        if (tax.category in UNTAXED or unregistered) and tax.amount == 0:
            continue
        with localcontext(prec=100):
            right = int((tax.taxable * rate / WHOLE_IN_PERCENT).to_integral_value(ROUND_HALF_UP))
        # A category that is out of scope of the tax has no rate, and then there is no rule.
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
    """BR-S-08 and like rules: taxable amounts equal the sums of lines, allowances and charges.

    They do so for each rate, and in total. The check applies only if each line, allowance and
    charge names its category. In our own JSON, the total is also checked if no line names one.
    """
    if not document.taxes or not document.lines:
        return
    expected = _taxable_by_group(document)
    groups = [_group(tax.category, tax.rate) for tax in document.taxes]
    if expected is None or None in groups:
        if document.format == "json" and not any(line.tax_category for line in document.lines):
            yield from _total_taxable(document)
        return
    unit = 10 ** DIGITS[document.currency]
    for group in dict.fromkeys(groups):
        if group is None or group[0] in UNTAXED:
            continue
        stated = sum(
            tax.taxable
            for tax, group_of_tax in zip(document.taxes, groups, strict=True)
            if group_of_tax == group
        )
        right = expected.get(group, 0)
        if abs(stated - right) >= unit:
            yield mismatch(
                f"taxes.{groups.index(group)}.taxable",
                stated,
                right,
                f"the lines of category {group[0]} at {group[1]:f} % add up to",
                rule="BR-S-08",
                currency=document.currency,
            )
            return
    yield from _total_taxable(document)


def _taxable_by_group(document: Document) -> dict[Group, int] | None:
    """Taxable amounts of each category and rate, by the lines; None if one states no rate."""
    taxable: dict[Group, int] = {}
    parts = [(line.tax_category, line.tax_rate, line.amount) for line in document.lines]
    parts += [
        (
            adjustment.tax_category,
            adjustment.tax_rate,
            adjustment.amount if adjustment.charge else -adjustment.amount,
        )
        for adjustment in document.adjustments
    ]
    for category, rate, amount in parts:
        group = _group(category, rate)
        if group is None:
            return None
        taxable[group] = taxable.get(group, 0) + amount
    return taxable


def _group(category: str | None, rate: Decimal | None) -> Group | None:
    """Category and rate; a category without tax is one group, whatever rate it states."""
    if category is None or (rate is None and category not in UNTAXED):
        return None
    return category, Decimal(0) if rate is None or category in UNTAXED else rate.normalize()


def _total_taxable(document: Document) -> Iterator[DocumentError]:
    stated = sum(tax.taxable for tax in document.taxes)
    right = sum(line.amount for line in document.lines) + sum(
        adjustment.amount if adjustment.charge else -adjustment.amount
        for adjustment in document.adjustments
    )
    if abs(stated - right) >= 10 ** DIGITS[document.currency]:
        yield mismatch(
            "taxes.0.taxable",
            stated,
            right,
            "all lines, allowances and charges together add up to",
            rule="BR-S-08",
            currency=document.currency,
        )
