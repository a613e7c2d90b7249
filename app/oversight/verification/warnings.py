"""What the law asks of a claim's financing and is not so: notice, filing, tenor."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from app.domain.rule_sets import Rules
from app.domain.texts import Sentence, say
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import business_day
from app.gateway.rules import RuleWarning, rules_of, rules_of_place, tenor_warnings
from app.gateway.said import localized
from app.lending import repository as lending
from app.lending.filings import repository as filings
from app.lending.filings import views as filing_views
from app.lending.filings.schemas import Filing
from app.lending.notices import repository as notices
from app.lending.notices.facts import stands
from app.lending.notices.projection import FilingRow, NoticeRow
from app.lending.notices.schemas import Notice
from app.lending.notices.text import text_is_known
from app.lending.notices.views import accounts_of, notice_view
from app.lending.rows import LoanRow
from app.parties.registry import repository as parties
from app.trade.claims.projection import ClaimRow
from app.trade.receivables.projection import ReceivableRow

_OWED = ("Confirmed", "Disputed", "Defaulted", "WrittenOff")


class _Right(msgspec.Struct, frozen=True):
    """Who has a right over a claim beside the seller, and why.

    Attributes:
        basis: assignment or lien; None: nobody has one.
        holders: accounts, of an entrusted loan of bank and entruster.
        collateral: kind of collateral.
        due_day: the last day on which the debt falls due that the claim is or secures.
    """

    basis: str | None
    holders: frozenset[str]
    loan_id: int | None
    collateral: str
    due_day: int


class Legal(msgspec.Struct, frozen=True):
    """The last notice on a claim, the filings of those who have a right over it, and warnings."""

    notice: Notice | None
    filings: list[Filing]
    warnings: list[RuleWarning]


def legal_of(
    gateway: Gateway,
    connection: Connection,
    claim: ClaimRow,
    receivable: ReceivableRow,
    *,
    timestamp: int,
    facts: Any,
) -> Legal:
    """What the tables know of notice and filing, as of a block's time.

    Args:
        facts: what a notice on the claim would say, as the ledger answers; None if nothing.
    """
    today = business_day(gateway, timestamp)
    loan = lending.loan_of_claim(connection, claim.claim_id)
    rules = rules_of_place() if loan is None else _rules_of(connection, loan)
    right = _right_over(claim, receivable, loan, today=today)
    filed = filings.of_subject(connection, "claim", claim.claim_id)
    if loan is not None:
        filed = filings.of_subject(connection, "loan", loan.loan_id) + filed
    notice = notices.last_of_claim(connection, claim.claim_id)
    warnings: list[RuleWarning] = []
    if receivable.status in _OWED:
        warnings += tenor_warnings(rules, days=receivable.due_day - today)
        warnings += _notice_warnings(gateway, rules, notice, right, receivable)
        warnings += _filing_warnings(connection, rules, filed, right, today=today)
    return Legal(
        notice=None
        if notice is None
        else _notice_view(gateway, connection, notice, receivable, facts=facts),
        filings=filing_views.views_of(gateway, connection, filed, today=today),
        warnings=warnings,
    )


def _rules_of(connection: Connection, loan: LoanRow) -> Rules | None:
    facility = lending.facility(connection, loan.facility_id)
    assert facility is not None
    return rules_of(
        lending.product_terms(connection, product_id=facility.product_id, version=facility.version)
    )


def _right_over(
    claim: ClaimRow, receivable: ReceivableRow, loan: LoanRow | None, *, today: int
) -> _Right:
    if loan is not None:
        holders = frozenset(filter(None, (loan.lender, loan.entruster)))
        due_day = loan.calendar_day(loan.last_due_day, today)
        return _Right("lien", holders, loan.loan_id, loan.collateral, due_day)
    holder = claim.lienholder or claim.owner
    basis = None if holder == receivable.seller else "assignment"
    if claim.lienholder is not None:
        basis = "lien"
    return _Right(basis, frozenset((holder,)), None, "claim", receivable.due_day)


def _notice_warnings(
    gateway: Gateway,
    rules: Rules | None,
    notice: NoticeRow | None,
    right: _Right,
    receivable: ReceivableRow,
) -> list[RuleWarning]:
    if rules is None or rules.notice is None or right.basis not in rules.notice.required:
        return []
    reasons: list[tuple[str, Sentence]] = []
    stands = (
        notice is not None
        and notice.basis == right.basis
        and notice.loan_id == right.loan_id
        and notice.assignee in right.holders
    )
    if notice is None or not stands:
        reasons.append(("notice-missing", say("the debtor is not notified who is to be paid now")))
    else:
        number = notice.notice_id
        if not text_is_known(gateway, notice, receivable):
            words = say(
                "notice {number} has another text than the gateway writes from its facts",
                number=number,
            )
            reasons.append(("notice-text-unknown", words))
        if notice.acknowledged_day is None:
            words = say("the debtor has not acknowledged notice {number}", number=number)
            reasons.append(("notice-not-acknowledged", words))
    source = localized(rules.notice.source.strip())
    return [
        {"name": name, "words": localized(words), "ruleSet": rules.name, "source": source}
        for name, words in reasons
    ]


def _filing_warnings(
    connection: Connection,
    rules: Rules | None,
    filed: list[FilingRow],
    right: _Right,
    *,
    today: int,
) -> list[RuleWarning]:
    """Only filings of those who have the right count."""
    if right.basis is None:
        return []
    own = [row for row in filed if row.registrant in right.holders]
    return filing_views.warnings_of(
        rules,
        own,
        collateral=right.collateral,
        open_until=right.due_day,
        today=today,
        others=filings.others_with_number(connection, own[0]) if own else [],
    )


def _notice_view(
    gateway: Gateway,
    connection: Connection,
    notice: NoticeRow,
    receivable: ReceivableRow,
    *,
    facts: Any,
) -> Notice:
    names = parties.names(connection, accounts_of(notice))
    return notice_view(
        *(gateway, notice, names),
        currency=receivable.currency,
        last_id=notice.notice_id,
        current=stands(notice, facts, last_id=notice.notice_id),
    )
