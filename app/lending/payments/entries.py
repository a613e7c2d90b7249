"""What a bank's message says: money that came in, and money that came back."""

from __future__ import annotations

import datetime

import msgspec

from app.lending.payments.references import CreditorReference


class Booked(msgspec.Struct, frozen=True):
    """Money that a bank says has come in, in minor units.

    Attributes:
        reference: the bank's own; one that is reckoned from all the entry says where it has none.
        amount: what arrived.
        loan_id: where the payer named one.
        marks: what tells the entry from others that have no reference either.
        account: the one that was credited.
        end_to_end_id: the payer's own reference; empty where it gave none.
        creditor_reference: a structured one, RF, QRR or another.
        paid: what the payer sent, where the bank says that charges were taken out of it.
        payments: of how many the entry is the sum, where the bank does not tell them apart.
        entry_reference: the bank's own of the whole entry; empty where it has none.
        transaction_reference: the bank's own of this payment; empty where it has none.
        part: whether it is one of several payments of an entry.
    """

    reference: str
    amount: int
    currency: str
    booked_on: datetime.date
    loan_id: int | None
    marks: tuple[str, ...] = ()
    account: str = ""
    end_to_end_id: str = ""
    creditor_reference: CreditorReference | None = None
    paid: int | None = None
    payments: int = 1
    entry_reference: str = ""
    transaction_reference: str = ""
    part: bool = False


class Undone(msgspec.Struct, frozen=True):
    """A payment that a bank took back or sent back, in minor units.

    Attributes:
        reference: the bank's own; empty where it gave none.
        names: what the bank may have called the payment when it was made.
        reason: the bank's code or word; empty where it gave none.
        account: of which it was taken.
        own, entry_reference: the bank's own references of the reversal, of its transaction and of
            the entry; empty where it gave none.
    """

    reference: str
    amount: int
    currency: str
    booked_on: datetime.date
    loan_id: int | None
    end_to_end_id: str
    names: tuple[str, ...]
    reason: str
    account: str = ""
    own: str = ""
    entry_reference: str = ""


def sent_back(one: Booked) -> Undone:
    """A credit that is a pay-out come back."""
    return Undone(
        reference=one.reference,
        amount=one.amount,
        currency=one.currency,
        booked_on=one.booked_on,
        loan_id=one.loan_id,
        end_to_end_id=one.end_to_end_id,
        names=(),
        reason="",
    )


class Told(msgspec.Struct, frozen=True):
    """What a message says.

    Attributes:
        booked: money that came in.
        reversed: money that had come in, and went back to its payer.
        returned: money that the lender had sent, and that came back.
    """

    booked: list[Booked]
    reversed: list[Undone]
    returned: list[Undone]
