"""What was posted on a loan, and the loan run anew from its history.

Twin of contracts/lending/LoanHistory.sol and contracts/types/PostingWord.sol. Postings are sorted
by value day. Money that is not owed waits, and pays what is charged later.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum

import msgspec

from app.domain.loan import Loan, Parts
from app.domain.relief import waive_fees, waive_interest, waive_penalty

_VALUE_DAY, _RECORDED_DAY, _AMOUNT, _REFERENCE = 8, 32, 56, 120  # places in a word, in bits
_REFERENCE_BITS = 136


class PostingKind(IntEnum):
    """What happened to a loan; the contracts use the same numbers."""

    PAID = 1
    RECORDED = 2
    COSTS = 3
    DEFAULTED = 4
    LIQUIDATED = 5
    REFUNDED = 6
    WAIVED_PENALTY = 7
    WAIVED_INTEREST = 8
    RATE_SET = 9
    FEE = 10
    WAIVED_FEE = 12


class HistoryInvalid(ValueError):
    """A history that the ledger would refuse: the message says why."""


class Posting(msgspec.Struct, frozen=True, array_like=True):
    """One posting on a loan, in minor units.

    Attributes:
        amount: money; of RATE_SET the rate, in parts per million a year.
        value_day: the loan's own day from which it counts.
        recorded_day: the calendar day of the recording; 0 for the ledger's own postings.
        reference: the first 136 bits of the bank's reference as a number; 0 for the ledger's own.
    """

    kind: PostingKind
    value_day: int
    amount: int = 0
    recorded_day: int = 0
    reference: int = 0

    @classmethod
    def recorded(
        cls, amount: int, *, value_day: int, recorded_day: int, bank_reference: str
    ) -> Posting:
        """Money that came in outside the ledger.

        Args:
            bank_reference: 32 bytes in hexadecimal digits.
        """
        reference = int(bank_reference, 16) >> (256 - _REFERENCE_BITS)
        return cls(PostingKind.RECORDED, value_day, amount, recorded_day, reference)

    @classmethod
    def of_word(cls, word: int) -> Posting:
        """The posting of a word of the contracts."""
        return cls(
            PostingKind(word & 0xFF),
            (word >> _VALUE_DAY) & 0xFFFFFF,
            (word >> _AMOUNT) & (2**64 - 1),
            (word >> _RECORDED_DAY) & 0xFFFFFF,
            word >> _REFERENCE,
        )

    @property
    def word(self) -> int:
        """The posting as the contracts have it."""
        return (
            self.kind
            | self.value_day << _VALUE_DAY
            | self.recorded_day << _RECORDED_DAY
            | self.amount << _AMOUNT
            | self.reference << _REFERENCE
        )

    def moved_to(self, value_day: int) -> Posting:
        """The same posting with another value day."""
        return msgspec.structs.replace(self, value_day=value_day)


class Outcome(msgspec.Struct):
    """A loan that was run anew.

    Attributes:
        overpaid: money that is not owed.
        defaulted: whether all of it fell due.
        oldest_unpaid_day: due day of the oldest unpaid instalment, or the next one.
        paid: the parts of each posting, in the order of the history.
    """

    loan: Loan
    overpaid: int
    defaulted: bool
    oldest_unpaid_day: int
    paid: list[Parts]


def inserted(postings: Sequence[Posting], posting: Posting) -> list[Posting]:
    """The postings with one more, after all others of its value day.

    A rate comes before them all, but after the rates of its day: the one that was set last stands.
    The rate with which the history of a floating loan begins stays first.
    """
    place, begins = len(postings), int(starts_with_rate(postings))
    while place > begins and _is_before(posting, postings[place - 1]):
        place -= 1
    return [*postings[:place], posting, *postings[place:]]


def _is_before(added: Posting, posting: Posting) -> bool:
    """Whether a posting that is inserted comes before one of the history."""
    if posting.value_day != added.value_day:
        return posting.value_day > added.value_day
    return added.kind is PostingKind.RATE_SET and posting.kind is not PostingKind.RATE_SET


def starts_with_rate(postings: Sequence[Posting]) -> bool:
    """Whether a history is that of a floating loan: it begins with the rate."""
    return bool(postings) and postings[0].kind is PostingKind.RATE_SET


def without(postings: Iterable[Posting], posting: Posting) -> list[Posting]:
    """The postings without the first that equals one.

    Raises:
        HistoryInvalid: it is not among them.
    """
    rest = list(postings)
    if posting not in rest:
        raise HistoryInvalid("the payment is not on the loan, or was reversed")
    rest.remove(posting)
    return rest


def run(start: Loan, postings: Sequence[Posting], *, today: int) -> Outcome:
    """The loan as its postings leave it, rolled to its own day.

    Args:
        start: the loan as drawn, or as both sides last changed its terms.

    Raises:
        HistoryInvalid: money that was refunded would be owed.
    """
    loan = copy.deepcopy(start)
    outcome = Outcome(loan, 0, defaulted=False, oldest_unpaid_day=loan.oldest_unpaid(0), paid=[])
    for place, posting in enumerate(postings):
        if place == 0 and starts_with_rate(postings):
            loan.terms = replace(loan.terms, annual_rate=posting.amount)
            outcome.paid.append(Parts())
            continue
        loan.roll(posting.value_day)
        outcome.paid.append(_post(outcome, posting))
        outcome.oldest_unpaid_day = loan.oldest_unpaid(outcome.oldest_unpaid_day)
    loan.roll(today)
    outcome.oldest_unpaid_day = loan.oldest_unpaid(outcome.oldest_unpaid_day)
    return outcome


def _post(outcome: Outcome, posting: Posting) -> Parts:
    loan = outcome.loan
    if posting.kind is PostingKind.RATE_SET:
        loan.reset_rate(posting.amount)
        return Parts()
    if posting.kind is PostingKind.FEE:
        return Parts()  # the loan as drawn has it by its terms
    if posting.kind is PostingKind.REFUNDED:
        if posting.amount > outcome.overpaid:
            raise HistoryInvalid("money that was refunded would be owed")
        outcome.overpaid -= posting.amount
        return Parts()
    if posting.kind in (PostingKind.DEFAULTED, PostingKind.LIQUIDATED):
        if posting.kind is PostingKind.DEFAULTED and not loan.has_past:
            return Parts()
        loan.accelerate(posting.value_day)
        outcome.defaulted = True
    elif posting.kind is PostingKind.COSTS:
        loan.costs += posting.amount
    elif posting.kind is PostingKind.WAIVED_PENALTY:
        waive_penalty(loan, posting.amount)  # what is owed less falls away
    elif posting.kind is PostingKind.WAIVED_FEE:
        waive_fees(loan, posting.amount)
    elif posting.kind is PostingKind.WAIVED_INTEREST:
        waive_interest(loan, posting.amount)
    else:
        outcome.overpaid += posting.amount
    parts, outcome.overpaid = loan.pay(outcome.overpaid)
    return parts
