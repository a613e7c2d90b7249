"""Records that cannot be checked are refused by name and field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.crosschecks import validation
from app.domain.crosschecks.detector import find
from app.domain.crosschecks.records import Assignment, Holding, Line, Market
from app.domain.crosschecks.validation import RecordInvalid, TooManyRecords
from tests.support.trade_records import BEGIN, TODAY, Records, last, quiet


def refused(records: Records) -> RecordInvalid:
    with pytest.raises(RecordInvalid) as raised:
        find(records.market())
    return raised.value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("buyer", "nobody"),
        ("amount", -1),
        ("amount", 2**200),
        ("issue_day", -1),
        ("due_day", 10**9),
        ("received_day", TODAY + 1),
        ("number", "7" * 300),
        ("lines", (Line("steel", -5, 1),)),
        ("lines", (Line("steel", 5, -1),)),
    ],
)
def test_an_invoice_that_cannot_be_checked_is_named_with_its_field(
    field: str, value: object
) -> None:
    records = quiet()
    invoice = last(records, "s1", "b2")
    records.invoices[invoice] = replace(records.invoices[invoice], **{field: value})  # type: ignore[arg-type]
    error = refused(records)
    assert error.record == f"invoice {invoice}"
    assert error.field.split(".")[0] == field


def test_an_unknown_currency_is_refused() -> None:
    records = quiet()
    payment = next(iter(records.payments.values()))
    records.payments[payment.id] = replace(payment, currency="XYZ")
    assert refused(records).record == f"payment {payment.id}"


def test_a_share_above_the_whole_is_refused() -> None:
    records = quiet()
    records.party("x", owners=(Holding("p", 1_000_001),))
    assert refused(records).field == "owners"


def test_movements_receipts_and_assignments_of_unknown_parties_are_refused() -> None:
    spoils: tuple[Callable[[Records], object], ...] = (
        lambda records: records.move(("s1", "nobody"), "steel", 1, BEGIN),
        lambda records: records.store("x", depositor="nobody"),
        lambda records: records.assignments.update(
            {"a": Assignment("a", "i00000", "s1", "nobody", 1, BEGIN)}
        ),
    )
    for spoil in spoils:
        records = quiet()
        spoil(records)
        assert "nobody" in str(refused(records))


def test_an_id_that_occurs_twice_is_refused() -> None:
    market = quiet().market()
    with pytest.raises(RecordInvalid, match="occurs twice"):
        find(replace(market, invoices=(*market.invoices, market.invoices[0])))


def test_too_many_records_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "MAX_RECORDS", 100)
    with pytest.raises(TooManyRecords, match="at most 100"):
        find(quiet().market())


def test_a_market_without_records_has_no_findings() -> None:
    assert find(Market(today=TODAY, review_limit=1, tax_known=True)).findings == ()
