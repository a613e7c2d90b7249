"""What a bank's message reports: money that came in, and money that came back."""

from __future__ import annotations

import datetime

import msgspec

from app.lending.payments.references import CreditorReference


class Booked(msgspec.Struct, frozen=True):
    """Money that a bank reports as received, in minor units.

    Attributes:
        reference: the bank's own; where it gives none, one computed from the whole entry.
        amount: what arrived.
        loan_id: the loan that the payer named, if any.
        marks: what distinguishes the entry from others that have no reference either.
        account: the credited account.
        end_to_end_id: the payer's own reference; empty where it gave none.
        creditor_reference: a structured reference: RF, QRR or another.
        paid: what the payer sent, if the bank says that it deducted charges.
        payments: number of payments in the entry, if the bank reports only their sum.
        entry_reference: the bank's own reference of the whole entry; empty where it has none.
        transaction_reference: the bank's own reference of this payment; empty where it has none.
        part: whether this is one of several payments of an entry.
        payer_name, payer_account: the payer's; empty where the bank reports none.
        valued_on: the bank's value date; None where it gave none.
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
    payer_name: str = ""
    payer_account: str = ""
    valued_on: datetime.date | None = None


class Reversal(msgspec.Struct, frozen=True):
    """A payment that a bank reversed or returned, in minor units.

    Attributes:
        reference: the bank's own; empty where it gave none.
        names: references that the bank may have given the original payment.
        reason: the bank's code or word; empty where it gave none.
        account: the account that was debited.
        own, entry_reference: the bank's own references of the reversal's transaction and entry;
            empty where it gave none.
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


def sent_back(entry: Booked) -> Reversal:
    """A credit that returns one of the lender's pay-outs."""
    return Reversal(
        reference=entry.reference,
        amount=entry.amount,
        currency=entry.currency,
        booked_on=entry.booked_on,
        loan_id=entry.loan_id,
        end_to_end_id=entry.end_to_end_id,
        names=(),
        reason="",
    )


class BankMessage(msgspec.Struct, frozen=True):
    """What a message reports.

    Attributes:
        booked: money that came in.
        reversed: money that came in earlier and went back to its payer.
        returned: money that the lender sent earlier and that came back.
    """

    booked: list[Booked]
    reversed: list[Reversal]
    returned: list[Reversal]
