"""The records that are compared, from what the ledger and the gateway store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import msgspec

from app.domain.crosschecks.records import (
    Assignment,
    Invoice,
    Market,
    Movement,
    Order,
    Payment,
    Receipt,
)
from app.domain.crosschecks.weighing import LeftOut
from app.domain.money import DIGITS
from app.oversight.crosschecks.debts import Debt
from app.oversight.crosschecks.documents import Place, ReadInvoice, plain_goods
from app.oversight.crosschecks.reported import Reported
from app.oversight.crosschecks.repository import Delivered, Rows, StoredLot, StoredOrder

_MAX_DAY = 2_932_896  # 9999-12-31
_MAX_TEXT = 200
OrderFingerprint = Callable[[str, str, str], str | None]
#: By seller, buyer, and whether the buyer confirmed the invoice.
GoodsOf = defaultdict[tuple[str, str, bool], set[str]]


class Limit(msgspec.Struct, frozen=True):
    """Above this amount of the currency a person looks at an invoice; minor units, 0: unknown."""

    amount: int = 0
    currency: str | None = None


class Compared(msgspec.Struct):
    """The market, and what its records stand for.

    Attributes:
        receivables_of: the receivables of each invoice: several if it is due in instalments.
        left_out: what the gateway does not know, or did not read.
    """

    market: Market
    receivables_of: dict[str, tuple[int, ...]]
    left_out: list[LeftOut]


class Assembly:
    """Makes the records from the rows.

    Args:
        codes: code of each currency, by the address of its token.
        invoices: what was read in documents, by id.
        places: what warehouse receipts say, by the root of their documents.
        order_fingerprint: of an order, from the hashes of seller and buyer and its number.
        reported: what files of the tax authority and the company register say.
    """

    def __init__(
        self,
        rows: Rows,
        *,
        codes: Mapping[str, str],
        invoices: Mapping[str, ReadInvoice],
        places: Mapping[str, Place],
        order_fingerprint: OrderFingerprint,
        reported: Reported | None = None,
    ) -> None:
        self._rows = rows
        self._codes = codes
        self._invoices = invoices
        self._places = places
        self._order_fingerprint = order_fingerprint
        self._reported = reported or Reported()
        self._parties = {f"party:{number}" for number in rows.register.identity_of}
        self._invoice_of: dict[int, str] = {}
        self._order_days: dict[int, int] = {}
        self._unreadable = 0

    def compared(self, limit: Limit) -> Compared:
        """All records. What no check could read is left out by number, so that it stops none."""
        invoices = self._all_invoices()
        goods_of: GoodsOf = defaultdict(set)
        for invoice in invoices:
            sides = (invoice.seller, invoice.buyer, invoice.is_confirmed)
            goods_of[sides].update(line.goods for line in invoice.lines)
        market = Market(
            today=self._rows.today,
            review_limit=limit.amount,
            review_currency=limit.currency,
            tax_known=bool(self._reported.covered),
            tax_covered=self._reported.within(invoices),
            tax_records=self._reported.tax_records,
            parties=self._reported.with_register(self._rows.register.parties()),
            orders=tuple(
                order for stored in self._rows.orders if (order := self._order(stored)) is not None
            ),
            invoices=tuple(invoices),
            movements=tuple(
                movement
                for delivered in self._rows.deliveries
                if (movement := self._movement(delivered, goods_of)) is not None
            ),
            receipts=tuple(
                receipt
                for lot in self._rows.lots.values()
                if lot.promised and (receipt := self._receipt(lot)) is not None
            ),
            payments=self._payments(invoices),
            assignments=self._assignments(),
        )
        receivables: defaultdict[str, list[int]] = defaultdict(list)
        for number, invoice_id in sorted(self._invoice_of.items()):
            receivables[invoice_id].append(number)
        return Compared(
            market=market,
            receivables_of={key: tuple(numbers) for key, numbers in receivables.items()},
            left_out=self._left_out(market),
        )

    def _left_out(self, market: Market) -> list[LeftOut]:
        unread = sum(1 for invoice in market.invoices if not invoice.lines)
        said = self._reported
        covered = market.tax_covered or frozenset()
        unasked = len(market.invoices) - len(covered) if market.tax_known else 0
        entries = (
            ("receivables", self._rows.older, "older receivables: only the newest are compared"),
            (
                "receivables",
                self._rows.older_unconfirmed,
                "older unconfirmed receivables: only the newest of each seller are compared",
            ),
            ("orders", self._rows.older_orders, "older orders: only the newest are compared"),
            ("lots", self._rows.older_lots, "older lots: only the newest are compared"),
            (
                "receivables",
                self._unreadable,
                "receivables whose parties, currency or due day are unknown here",
            ),
            ("receivables", unread, "invoices whose document has no lines or is not here"),
            (
                "register",
                sum(1 for party in market.parties if party.id not in said.known),
                "parties whose owners and age no registry record shows",
            ),
            ("register", len(market.parties), "parties whose directors and contacts are unknown"),
            (
                "register",
                said.nameless,
                "owners, controllers and holdings without a number or without a share",
            ),
            ("tax", unasked, "invoices of sellers or days that no tax file covers"),
            ("tax", said.unknown_sellers, "tax records of sellers that the ledger does not have"),
            ("files", said.older_files, "older files of records: only the newest are read"),
        )
        return [LeftOut(check, count, reason) for check, count, reason in entries if count]

    def _party(self, account: str) -> str | None:
        party = self._rows.register.id_of(account)
        return party if party in self._parties else None

    def _identity(self, account: str) -> str:
        register = self._rows.register
        return register.identity_of[register.number_of[account]]

    def _all_invoices(self) -> list[Invoice]:
        groups: defaultdict[str, list[Debt]] = defaultdict(list)
        for debt in self._rows.debts:
            behind = self._rows.behind.get(debt.number)
            parts = behind is not None and behind.instalment > 0
            key = f"document:{behind.document_id}" if behind and parts else f"debt:{debt.number}"
            groups[key].append(debt)
        order_numbers = {order.fingerprint: order.number for order in self._rows.orders}
        invoices = []
        for debts in groups.values():
            invoice = self._invoice(debts, order_numbers)
            if invoice is None:
                self._unreadable += len(debts)
                continue
            invoices.append(invoice)
            self._invoice_of |= {debt.number: invoice.id for debt in debts}
        return invoices

    def _invoice(self, debts: list[Debt], order_numbers: Mapping[str, int]) -> Invoice | None:
        # What its seller alone says of further instalments changes no invoice.
        debts = [debt for debt in debts if debt.confirmed] or debts
        first = debts[0]
        seller, buyer = self._party(first.seller), self._party(first.debtor)
        currency = self._codes.get(first.currency)
        due_day = max(debt.due_day for debt in debts)
        if seller is None or buyer is None or currency not in DIGITS or due_day > _MAX_DAY:
            return None
        behind = self._rows.behind.get(first.number)
        document = None if behind is None else self._invoices.get(behind.document_id)
        amount = sum(debt.amount for debt in debts)
        if document is None:
            # No document's number is like this one: it says only that none is known.
            number, issue_day = f"unknown of {first.fingerprint} unknown", first.requested_day
        else:
            number, issue_day = document.number, document.day
            if len(debts) > 1 or (behind is not None and behind.instalment):
                amount = document.amount or amount
        return Invoice(
            id=f"receivable:{first.number}",
            number=number,
            seller=seller,
            buyer=buyer,
            currency=str(currency),
            amount=amount,
            issue_day=issue_day,
            due_day=due_day,
            received_day=min(self._rows.today, first.requested_day),
            lines=() if document is None else document.lines,
            order_id=self._order_id(first, document, order_numbers),
            is_confirmed=first.confirmed,
        )

    def _order_id(
        self, debt: Debt, document: ReadInvoice | None, order_numbers: Mapping[str, int]
    ) -> str | None:
        """The order that the ledger replaced by the receivable, or that the invoice names.

        The earliest day that a confirmed invoice states of its order is the order's.
        """
        known = self._rows.order_of.get(debt.number)
        for number, day in () if document is None else document.orders:
            fingerprint = self._order_fingerprint(
                self._identity(debt.seller), self._identity(debt.debtor), number
            )
            if fingerprint is None or fingerprint not in order_numbers:
                continue
            named = order_numbers[fingerprint]
            if day is not None and debt.confirmed:
                self._order_days[named] = min(day, self._order_days.get(named, day))
            known = named if known is None else known
        return None if known is None else f"order:{known}"

    def _order(self, stored: StoredOrder) -> Order | None:
        buyer, seller = self._party(stored.buyer), self._party(stored.seller)
        currency = self._codes.get(stored.currency)
        if buyer is None or seller is None or currency not in DIGITS:
            return None
        return Order(
            id=f"order:{stored.number}",
            buyer=buyer,
            seller=seller,
            currency=str(currency),
            amount=stored.amount,
            day=self._order_days.get(stored.number, stored.day),
            is_day_known=stored.number in self._order_days,
        )

    def _movement(
        self, delivered: Delivered, goods_of: Mapping[tuple[str, str, bool], set[str]]
    ) -> Movement | None:
        sender, receiver = self._party(delivered.sender), self._party(delivered.receiver)
        lot = self._rows.lots.get(delivered.lot)
        if sender is None or receiver is None or lot is None:
            return None
        return Movement(
            id=delivered.id,
            sender=sender,
            receiver=receiver,
            goods=self._goods(
                lot, [goods_of.get((sender, receiver, owed), set()) for owed in (True, False)]
            ),
            quantity=delivered.quantity,
            day=delivered.day,
            order_id=None if delivered.order is None else f"order:{delivered.order}",
        )

    def _goods(self, lot: StoredLot, invoiced: Iterable[set[str]]) -> str:
        """The lot's goods as the pair's invoices name them: by description, or by code.

        Args:
            invoiced: goods of confirmed invoices, and of others.
        """
        place = self._places.get(lot.document_root)
        code = plain_goods(lot.sku or lot.item)
        names = [code]
        if place is not None and place.description:
            names.insert(0, plain_goods(place.description))
        return next((name for goods in invoiced for name in names if name in goods), code)

    def _receipt(self, lot: StoredLot) -> Receipt | None:
        depositor = self._party(lot.depositor)
        if depositor is None or not 0 <= lot.day <= _MAX_DAY:
            return None
        place = self._places.get(lot.document_root)
        named = None if lot.sku is None else f"{lot.sku} {lot.grade or ''}".strip()
        return Receipt(
            id=f"lot:{lot.number}",
            warehouse=self._party(lot.warehouse) or lot.warehouse,
            depositor=depositor,
            goods=(named or lot.item)[:_MAX_TEXT],
            quantity=lot.quantity,
            day=lot.day,
            lot=None if place is None else place.marks,
            place=None if place is None else place.place,
        )

    def _payments(self, invoices: list[Invoice]) -> tuple[Payment, ...]:
        """Payments on the ledger: each names its invoice."""
        invoice_of = {invoice.id: invoice for invoice in invoices}
        payments = []
        for paid in self._rows.payments:
            invoice = invoice_of.get(self._invoice_of.get(paid.receivable, ""))
            if invoice is not None:
                payments.append(
                    Payment(
                        id=f"payment:{paid.position}",
                        payer=self._party(paid.payer) or paid.payer,
                        payee=invoice.seller,
                        currency=invoice.currency,
                        amount=paid.amount,
                        day=paid.day,
                        references=(invoice.number,),
                    )
                )
        return tuple(payments)

    def _assignments(self) -> tuple[Assignment, ...]:
        assignments = []
        for assignment in self._rows.assignments:
            number = int(assignment.invoice_id.partition(":")[2])
            invoice_id = self._invoice_of.get(number)
            parties = {assignment.assignor, assignment.assignee}
            if invoice_id is not None and parties <= self._parties:
                assignments.append(
                    Assignment(
                        assignment.id,
                        invoice_id,
                        assignment.assignor,
                        assignment.assignee,
                        assignment.amount,
                        assignment.day,
                    )
                )
        return tuple(assignments)
