"""Lines of a Cross Industry Invoice, and what they add up to with taxes and adjustments."""

from __future__ import annotations

from decimal import Decimal

from app.domain.texts import say
from app.trade.documents.errors import FieldInvalid
from app.trade.documents.kinds import has_third_parties
from app.trade.documents.model import Adjustment, Line, Tax, Totals
from app.trade.documents.xml import Element, Reader

# Lines that group others or only inform: the amounts are in other lines (Factur-X Extended).
_LINES_WITHOUT_AMOUNT = {"GROUP", "INFORMATION"}


def _category(
    reader: Reader, parent: Element | None, path: str, *, field: str
) -> tuple[str | None, Decimal | None]:
    for tax in reader.elements(parent, path):
        kind = reader.text(tax, "ram:TypeCode", field=f"{field}.taxCategory")
        if kind in {None, "VAT", "GST"}:
            return (
                reader.text(tax, "ram:CategoryCode", field=f"{field}.taxCategory"),
                reader.decimal(tax, "ram:RateApplicablePercent", field=f"{field}.taxRate"),
            )
    return None, None


def read_lines(reader: Reader, transaction: Element) -> tuple[Line, ...]:
    """The lines that have an amount."""
    lines: list[Line] = []
    for line in reader.elements(transaction, "ram:IncludedSupplyChainTradeLineItem"):
        field = f"lines.{len(lines)}"
        line_document = reader.needed(
            line, "ram:AssociatedDocumentLineDocument", field=f"{field}.number"
        )
        status = reader.text(line_document, "ram:LineStatusReasonCode", field=f"{field}.number")
        if status in _LINES_WITHOUT_AMOUNT:
            continue
        delivery, settlement = (
            reader.element(line, f"ram:SpecifiedLineTrade{name}", field=field)
            for name in ("Delivery", "Settlement")
        )
        quantity = reader.element(delivery, "ram:BilledQuantity", field=f"{field}.quantity")
        category, rate = _category(reader, settlement, "ram:ApplicableTradeTax", field=field)
        net, exact = reader.fine_amount(
            settlement,
            "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
            field=f"{field}.amount",
        )
        lines.append(
            Line(
                number=reader.needed_text(line_document, "ram:LineID", field=f"{field}.number"),
                description=reader.needed_text(
                    line, "ram:SpecifiedTradeProduct/ram:Name", field=f"{field}.description"
                ),
                amount=net,
                exact=exact,
                quantity=reader.decimal(delivery, "ram:BilledQuantity", field=f"{field}.quantity"),
                unit=None if quantity is None else quantity.get("unitCode"),
                price=reader.decimal(
                    line,
                    "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
                    field=f"{field}.price",
                ),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(lines)


def read_adjustments(reader: Reader, settlement: Element) -> tuple[Adjustment, ...]:
    """Allowances and charges of the whole document."""
    adjustments: list[Adjustment] = []
    for element in reader.elements(settlement, "ram:SpecifiedTradeAllowanceCharge"):
        field = f"adjustments.{len(adjustments)}"
        category, rate = _category(reader, element, "ram:CategoryTradeTax", field=field)
        amount, exact = reader.fine_amount(element, "ram:ActualAmount", field=f"{field}.amount")
        adjustments.append(
            Adjustment(
                charge=reader.flag(
                    element, "ram:ChargeIndicator/udt:Indicator", field=f"{field}.charge"
                ),
                amount=amount,
                exact=exact,
                reason=reader.text(element, "ram:Reason", field=f"{field}.reason"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    for element in reader.elements(settlement, "ram:SpecifiedLogisticsServiceCharge"):
        field = f"adjustments.{len(adjustments)}"
        category, rate = _category(reader, element, "ram:AppliedTradeTax", field=field)
        amount, exact = reader.fine_amount(element, "ram:AppliedAmount", field=f"{field}.amount")
        adjustments.append(
            Adjustment(
                charge=True,
                amount=amount,
                exact=exact,
                reason=reader.text(element, "ram:Description", field=f"{field}.reason"),
                tax_category=category,
                tax_rate=rate,
            )
        )
    return tuple(adjustments)


def read_taxes(reader: Reader, settlement: Element) -> tuple[Tax, ...]:
    """The tax breakdown."""
    taxes = []
    for index, element in enumerate(reader.elements(settlement, "ram:ApplicableTradeTax")):
        field = f"taxes.{index}"
        taxable, taxable_exact = reader.fine_amount(
            element, "ram:BasisAmount", field=f"{field}.taxable"
        )
        amount, exact = reader.fine_amount(element, "ram:CalculatedAmount", field=f"{field}.amount")
        taxes.append(
            Tax(
                taxable=taxable,
                taxable_exact=taxable_exact,
                amount=amount,
                exact=exact,
                category=reader.text(element, "ram:CategoryCode", field=f"{field}.category"),
                rate=reader.decimal(element, "ram:RateApplicablePercent", field=f"{field}.rate"),
            )
        )
    return tuple(taxes)


def _tax_total(reader: Reader, sums: Element) -> int | None:
    """The tax in the document's currency; the document may repeat it in the tax currency."""
    totals = [
        total
        for total in reader.elements(sums, "ram:TaxTotalAmount")
        if (total.get("currencyID") or reader.currency).strip() == reader.currency
    ]
    if len(totals) > 1:
        raise FieldInvalid(
            say(
                "the tax in {currency} is given {totals} times",
                currency=reader.currency,
                totals=len(totals),
            ),
            name="field-repeated",
            field="totals.tax",
            fix="give one ram:TaxTotalAmount for each currency",
        )
    return reader.amount_of(totals[0], field="totals.tax") if totals else None


def read_totals(
    reader: Reader, settlement: Element, sums: Element, *, profile: str | None
) -> Totals:
    """The totals.

    Args:
        profile: says whether advance payments are a third party's.
    """

    def amount(path: str, name: str) -> int | None:
        return reader.amount(sums, f"ram:{path}", field=f"totals.{name}")

    return Totals(
        lines=amount("LineTotalAmount", "lines"),
        allowances=amount("AllowanceTotalAmount", "allowances"),
        charges=amount("ChargeTotalAmount", "charges"),
        tax_exclusive=amount("TaxBasisTotalAmount", "taxExclusive"),
        tax=_tax_total(reader, sums),
        tax_inclusive=amount("GrandTotalAmount", "taxInclusive"),
        prepaid=amount("TotalPrepaidAmount", "prepaid"),
        rounding=amount("RoundingAmount", "rounding"),
        third_party=_third_party(reader, settlement) if has_third_parties(profile) else None,
    )


def _third_party(reader: Reader, settlement: Element) -> int | None:
    """BG-DEX-09. In other profiles an advance payment is part of the prepaid amount."""
    amounts = [
        reader.needed_amount(payment, "ram:PaidAmount", field="totals.thirdParty")
        for payment in reader.elements(settlement, "ram:SpecifiedAdvancePayment")
    ]
    return sum(amounts) if amounts else None
