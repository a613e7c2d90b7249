"""Projects the sales of loans: the loan's new lender and facility, and the sale itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.chain.evm.events import DecodedEvent
from app.lending.batch import Batch, Handlers
from app.storage import insert_many, run
from app.storage.tables.lending import loan_sales

SOLD, BOUGHT_BACK = "sold", "bought-back"


class SaleEvents(Handlers):
    """The events of one batch that move loans to another lender."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self._sales: list[tuple[Any, ...]] = []

    def _LoanSold(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        terms = arguments["terms"]
        self._close_earlier(arguments["loanId"])
        self._move(event, arguments, SOLD, seller=arguments["seller"], buyer=arguments["buyer"])
        self._sell(
            event,
            arguments,
            SOLD,
            sides=(arguments["seller"], arguments["buyer"]),
            money=(terms["principal"], terms["price"]),
            buy_back=(
                *(terms["buyBack"], terms["buyBackPrice"], terms["buyBackMax"]),
                *(terms["buyBackFirstDay"], terms["buyBackLastDay"]),
            ),
            notice_hash=terms["noticeHash"],
        )

    def _LoanBoughtBack(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        seller, buyer = arguments["holder"], arguments["seller"]
        notice_hash = self._close_earlier(arguments["loanId"])
        self._move(event, arguments, BOUGHT_BACK, seller=seller, buyer=buyer)
        self._sell(
            event,
            arguments,
            BOUGHT_BACK,
            sides=(seller, buyer),
            money=(arguments["principal"], arguments["price"]),
            buy_back=(0, 0, 0, 0, 0),
            notice_hash=notice_hash,
        )

    def _BuyBackChanged(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self.write()
        run(
            self.batch.connection,
            "UPDATE loan_sales SET buy_back = ?, buy_back_last_day = ?, block_number = ? "
            "WHERE position = "
            "(SELECT MAX(position) FROM loan_sales WHERE loan_id = ? AND kind = ?)",
            (
                *(arguments["buyBack"], arguments["lastDay"], event.block_number),
                *(arguments["loanId"], SOLD),
            ),
        )
        self.batch.row(event, arguments["loanId"])

    def _SaleAcknowledged(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        self.write()
        run(
            self.batch.connection,
            "UPDATE loan_sales SET acknowledged_at = ?, block_number = ? WHERE position = "
            "(SELECT MAX(position) FROM loan_sales WHERE loan_id = ? AND kind = ?)",
            (event.timestamp, event.block_number, arguments["loanId"], SOLD),
        )
        self.batch.row(event, arguments["loanId"])

    def write(self) -> None:
        """Writes the sales of this batch."""
        insert_many(self.batch.connection, loan_sales, self._sales)
        self._sales = []

    def _close_earlier(self, loan_id: int) -> str:
        """What earlier sales agreed on buying back is over; the hash of the last notice."""
        self.write()
        connection = self.batch.connection
        run(
            connection,
            "UPDATE loan_sales SET buy_back = 0 WHERE loan_id = ? AND buy_back <> 0",
            (loan_id,),
        )
        query = (
            "SELECT notice_hash FROM loan_sales WHERE loan_id = ? ORDER BY position DESC LIMIT 1"
        )
        return str(run(connection, query, (loan_id,)).scalar() or "")

    def _move(
        self,
        event: DecodedEvent,
        arguments: Mapping[str, Any],
        kind: str,
        *,
        seller: str,
        buyer: str,
    ) -> None:
        row = self.batch.row(event, arguments["loanId"])
        before = self.batch.facility(event, arguments["fromFacilityId"])
        after = self.batch.facility(event, arguments["facilityId"])
        before.outstanding -= row.outstanding
        if before.origin_id is not None:
            before.credit_limit -= min(before.credit_limit, row.outstanding)
        after.outstanding += row.outstanding
        if after.origin_id is not None:
            after.credit_limit += row.outstanding
            after.drawn += row.outstanding
        row.facility_id, row.lender = after.facility_id, after.lender
        self.batch.entry(
            event,
            row,
            kind,
            row.own_day(self.batch.day(event)),
            details={"seller": seller, "buyer": buyer},
            from_facility_id=before.facility_id,
        )

    def _sell(
        self,
        event: DecodedEvent,
        arguments: Mapping[str, Any],
        kind: str,
        *,
        sides: tuple[str, str],
        money: tuple[int, int],
        buy_back: tuple[int, int, int, int, int],
        notice_hash: str,
    ) -> None:
        loan_id = arguments["loanId"]
        self._sales.append(
            (
                *(event.position, loan_id, kind, *sides, arguments["borrower"]),
                *(arguments["facilityId"], arguments["fromFacilityId"]),
                *(self.batch.loans.get(loan_id).currency, *money, *buy_back, notice_hash, None),
                *(event.transaction_hash, event.timestamp, event.block_number),
            )
        )
