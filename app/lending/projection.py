"""Products, lines and loans out of the events of Products and Facilities.

Each loan is run by the twin of the contracts' arithmetic. What the twin makes of a payment must be
what the ledger said; a difference stops the index, as it would mean that one of them is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from app.chain.index.projection import DecodedEvent
from app.domain.calendar import day_at
from app.domain.catalogue import COVER
from app.domain.loan import Loan, LoanTerms, Parts, Style
from app.domain.money import currency_in
from app.lending.collateral.projection import GoodsEvents
from app.lending.rows import NOBODY, PARTS, FacilityRow, LoanRow
from app.storage import insert_many, run
from app.storage.financing_tables import (
    buy_backs,
    facilities,
    facility_debtors,
    goods_sales,
    loan_entries,
    loan_margins,
    loan_pieces,
    loans,
    product_versions,
    products,
)
from app.storage.rows import Rows


class TwinDiffers(Exception):
    """The gateway's arithmetic and the ledger's do not agree."""


def shifts_of(packed: int, periods: int) -> tuple[int, ...]:
    """Days by which each due day moves, four bits a period."""
    return tuple((packed >> (4 * place)) & 15 for place in range(periods)) if packed else ()


class FinancingProjection:
    """Fills the read tables of lending."""

    def __init__(self, zone_offset: int) -> None:
        self.tables: list[Table] = [
            *(products, product_versions, facilities, facility_debtors, loans, loan_entries),
            *(loan_pieces, loan_margins, goods_sales, buy_backs),
        ]
        self._zone_offset = zone_offset

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        ours = [event for event in events if event.contract in ("Products", "Facilities")]
        if not ours:
            return
        lines = Rows(connection, facilities, FacilityRow)
        lent = Rows(connection, loans, LoanRow)
        lines.load({event.arguments["facilityId"] for event in ours if _names(event, "facilityId")})
        lent.load({event.arguments["loanId"] for event in ours if _names(event, "loanId")})
        lines.load({row.facility_id for row in lent.values()} - lines.keys())
        for event in ours:
            if event.contract == "Facilities" and event.name in (
                "CurrencyStopped",
                "CurrencyMoves",
            ):
                lent.load(_open_loans(connection, event.arguments["currency"]) - lent.keys())
        batch = _Batch(connection, lines, lent, self._zone_offset)
        for event in ours:
            batch.take(event)
        lines.write()
        lent.write()
        batch.goods.write()
        insert_many(connection, loan_entries, batch.entries)


def _open_loans(connection: Connection, currency: str) -> set[int]:
    query = "SELECT loan_id FROM loans WHERE currency = ? AND status <> 'Repaid'"
    return {row[0] for row in run(connection, query, (currency,))}


def _names(event: DecodedEvent, argument: str) -> bool:
    return argument in event.arguments


class _Batch:
    """The events of one batch, applied one after another."""

    def __init__(
        self,
        connection: Connection,
        lines: Rows[FacilityRow],
        lent: Rows[LoanRow],
        zone_offset: int,
    ) -> None:
        self.connection = connection
        self.lines = lines
        self.lent = lent
        self.zone_offset = zone_offset
        self.entries: list[tuple[Any, ...]] = []
        self.goods = GoodsEvents(self)

    def take(self, event: DecodedEvent) -> None:
        """Applies one event, by the method of its name."""
        handler = getattr(self, f"_{event.name}", None)
        if handler is not None:
            handler(event, event.arguments)
        self.goods.take(event)

    # -- products

    def _ProductAdded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        code = bytes.fromhex(given["code"][2:]).rstrip(b"\0").decode(errors="replace")
        block = event.block_number
        run(
            self.connection,
            "INSERT INTO products (product_id, code, version, open, created_block, changed_block) "
            "VALUES (?, ?, 1, 1, ?, ?)",
            (given["productId"], code, block, block),
        )
        self._version(event, given["productId"], 1, given)

    def _ProductChanged(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        known = run(
            self.connection,
            "SELECT version FROM products WHERE product_id = ?",
            (given["productId"],),
        ).scalar()
        if given["version"] != known:
            self._version(event, given["productId"], given["version"], given)
        run(
            self.connection,
            "UPDATE products SET version = ?, changed_block = ? WHERE product_id = ?",
            (given["version"], event.block_number, given["productId"]),
        )

    def _ProductOpened(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        run(
            self.connection,
            "UPDATE products SET open = ?, changed_block = ? WHERE product_id = ?",
            (int(given["open"]), event.block_number, given["productId"]),
        )

    def _version(
        self, event: DecodedEvent, product_id: int, version: int, given: dict[str, Any]
    ) -> None:
        terms, goods = given["terms"], given["goods"]
        run(
            self.connection,
            "INSERT INTO product_versions (product_id, version, currency, terms_json, goods_json, "
            "block_number) VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(product_id, version, terms["currency"], msgspec.json.encode(terms).decode()),
                *(msgspec.json.encode(goods).decode(), event.block_number),
            ),
        )

    # -- lines

    def _FacilityAgreed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        terms, block = given["terms"], event.block_number
        product = self._terms_of(terms["productId"], terms["version"])
        entruster = None if terms["entruster"] == NOBODY else terms["entruster"]
        self.lines.add(
            FacilityRow(
                facility_id=given["facilityId"],
                product_id=terms["productId"],
                version=terms["version"],
                lender=terms["lender"],
                borrower=terms["borrower"],
                entruster=entruster,
                currency=product["currency"],
                limit_currency=currency_in(product["limitCurrency"]),
                annual_rate=terms["annualRate"],
                administration_fee=terms["administrationFee"],
                credit_limit=terms["limit"],
                deposit=terms["deposit"],
                first_day=terms["firstDay"],
                last_day=terms["lastDay"],
                legal_text_hash=terms["legalTextHash"],
                outstanding=0,
                drawn=0,
                deposit_held=0,
                closed=0,
                created_block=block,
                changed_block=block,
            )
        )

    def _FacilityClosed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        line = self._line(event, given["facilityId"])
        line.closed, line.deposit_held = 1, 0

    def _DebtorAccepted(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        self._line(event, given["facilityId"])
        query = "SELECT party_id FROM accounts WHERE account = ?"
        party = run(self.connection, query, (given["debtor"],)).scalar()
        key = (given["facilityId"], party)
        run(
            self.connection,
            "DELETE FROM facility_debtors WHERE facility_id = ? AND party_id = ?",
            key,
        )
        if given["accepted"]:
            run(
                self.connection,
                "INSERT INTO facility_debtors (facility_id, party_id, debtor, block_number) "
                "VALUES (?, ?, ?, ?)",
                (*key, given["debtor"], event.block_number),
            )

    def _DepositPaid(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        self._line(event, given["facilityId"]).deposit_held = given["held"]

    def _DepositUsed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        self._line(event, given["facilityId"]).deposit_held = given["held"]

    def _line(self, event: DecodedEvent, facility_id: int) -> FacilityRow:
        line = self.lines.get(facility_id)
        line.changed_block = event.block_number
        return line

    def _terms_of(self, product_id: int, version: int) -> dict[str, Any]:
        text = run(
            self.connection,
            "SELECT terms_json FROM product_versions WHERE product_id = ? AND version = ?",
            (product_id, version),
        ).scalar()
        return dict(msgspec.json.decode(str(text)))

    # -- loans

    def _LoanDrawn(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        line = self._line(event, given["facilityId"])
        product = self._terms_of(line.product_id, line.version)
        terms = LoanTerms(
            style=Style(given["style"]),
            start_day=given["startDay"],
            annual_rate=line.annual_rate,
            periods=given["periods"],
            due_day=given["dueDay"],
            day_count=product["dayCount"],
            penalty_multiple=product["penaltyMultiple"],
            grace_days=product["graceDays"],
            early_fee=product["earlyFee"],
            penalty_on_interest=product["penaltyOnInterest"],
            same_day_interest=product["sameDayInterest"],
            shifts=shifts_of(given["shifts"], given["periods"]),
        )
        amount, block = given["amount"], event.block_number
        row = LoanRow(
            loan_id=given["loanId"],
            facility_id=line.facility_id,
            product_id=line.product_id,
            lender=line.lender,
            borrower=line.borrower,
            entruster=line.entruster,
            currency=line.currency,
            status="Running",
            cover=COVER[product["cover"]],
            cover_id=given["coverId"] or None,
            drawn=amount,
            outstanding=amount,
            start_day=given["startDay"],
            last_due_day=0,
            oldest_unpaid_day=0,
            marked_overdue=0,
            loss=0,
            loss_covered=0,
            lost_days=0,
            stopped_day=None,
            stops_json="[]",
            state_json="",
            created_block=block,
            changed_block=block,
        )
        row.keep(Loan.opened(terms, principal=amount))
        self.lent.add(row)
        line.outstanding += amount
        line.drawn += amount
        details = {"reserveShare": given["reserveShare"], "terms": msgspec.to_builtins(terms)}
        self.entry(event, row, "drawn", given["startDay"], details=details)

    def _LoanRepaid(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        said = Parts(**{name: given["parts"][name] for name in PARTS})
        found, left = loan.pay(said.total)
        if row.own_day(self.day(event)) != given["day"]:
            raise TwinDiffers(f"loan {row.loan_id}: its day is not {given['day']}")
        if left or found != said or loan.outstanding != given["outstanding"]:
            raise TwinDiffers(f"loan {row.loan_id}, day {given['day']}: {found} is not {said}")
        row.keep(loan)
        self._line(event, row.facility_id).outstanding -= said.principal
        if not (loan.past_principal or loan.past_interest) and row.status == "Running":
            row.marked_overdue = 0
        self.entry(event, row, "repaid", given["day"], parts=said, payer=given["payer"])

    def _LoanEnded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.row(event, given["loanId"])
        row.status, row.marked_overdue = "Repaid", 0

    def _LoanExtended(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        day = row.own_day(self.day(event))
        shifts = shifts_of(given["shifts"], given["periods"])
        if loan.terms.monthly:
            loan.extend(given["periods"], shifts=shifts)
        else:
            loan.terms = replace(loan.terms, due_day=given["dueDay"], shifts=shifts)
        row.oldest_unpaid_day = 0
        row.keep(loan)
        self.entry(event, row, "extended", day, details={"terms": msgspec.to_builtins(loan.terms)})

    def _LoanInInstalments(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        day = row.own_day(self.day(event))
        terms = replace(
            loan.terms,
            style=Style.EQUAL_INSTALMENT,
            start_day=given["startDay"],
            periods=given["periods"],
            same_day_interest=False,
            shifts=shifts_of(given["shifts"], given["periods"]),
        )
        fresh = Loan.opened(terms, principal=loan.balance)
        fresh.costs = loan.costs
        row.oldest_unpaid_day = 0
        row.keep(fresh)
        self.entry(event, row, "instalments", day, details={"terms": msgspec.to_builtins(terms)})

    def _CostsCharged(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        day = row.own_day(self.day(event))
        loan.costs += given["amount"]
        row.keep(loan)
        details = {"amount": given["amount"], "papersHash": given["papersHash"]}
        self.entry(event, row, "costs", day, details=details)

    def _LoanOverdue(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.row(event, given["loanId"])
        row.marked_overdue = 1
        self.entry(event, row, "overdue", given["day"])

    def _LoanDefaulted(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row, loan = self._rolled(event, given["loanId"])
        loan.accelerate(given["day"])
        row.status = "Defaulted"
        row.keep(loan)
        self.entry(event, row, "defaulted", given["day"])

    def _LoanLossRecorded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.row(event, given["loanId"])
        row.loss, row.loss_covered = given["loss"], given["covered"]
        details = {name: given[name] for name in ("fromDeposit", "loss", "covered")}
        day = row.own_day(self.day(event))
        self.entry(event, row, "loss", day, details=details)

    def _LoanWrittenOff(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.row(event, given["loanId"])
        row.status = "WrittenOff"
        self.entry(event, row, "written-off", given["day"])

    def _CoverPassed(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        row = self.row(event, given["loanId"])
        row.cover, row.cover_id = "claim", given["claimId"]
        day = row.own_day(self.day(event))
        details = {"orderId": given["orderId"], "claimId": given["claimId"]}
        self.entry(event, row, "cover-passed", day, details=details)

    def _CurrencyStopped(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        if event.contract == "Facilities":
            day = day_at(given["stoppedAt"], zone_offset=self.zone_offset)
            for row in self._open(given["currency"]):
                row.stop(day)

    def _CurrencyMoves(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        if event.contract == "Facilities":
            for row in self._open(given["currency"]):
                row.move_on(given["daysLost"])

    def _open(self, currency: str) -> list[LoanRow]:
        rows = self.lent.values()
        return [row for row in rows if row.currency == currency and row.status != "Repaid"]

    def day(self, event: DecodedEvent) -> int:
        """The ledger's day of an event."""
        return day_at(event.timestamp, zone_offset=self.zone_offset)

    def row(self, event: DecodedEvent, loan_id: int) -> LoanRow:
        """The loan that an event is about."""
        row = self.lent.get(loan_id)
        row.changed_block = event.block_number
        return row

    def _rolled(self, event: DecodedEvent, loan_id: int) -> tuple[LoanRow, Loan]:
        row = self.row(event, loan_id)
        loan = row.state()
        loan.roll(row.own_day(self.day(event)))
        return row, loan

    def entry(
        self,
        event: DecodedEvent,
        row: LoanRow,
        kind: str,
        day: int,
        *,
        parts: Parts | None = None,
        payer: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Something to be told of a loan."""
        parts = parts or Parts()
        self.entries.append(
            (
                *(event.position, row.loan_id, kind, day, payer),
                *(parts.costs, parts.penalty, parts.interest, parts.principal, parts.fee),
                *(row.outstanding, msgspec.json.encode(details or {}).decode()),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )
