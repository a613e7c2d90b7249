"""Names findings, so that one that lasts has one name, whatever else the ledger learns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from app.domain.crosschecks.records import Finding, Invoice, Kind

DIGITS = 32
# What these speak of grows with each invoice of the parties, and stays the same finding.
_OF_PARTIES = frozenset((Kind.COMMON_CONTROL, Kind.NEW_PAIR_ROUND_SUMS))


def identities(findings: Sequence[Finding], invoices: Mapping[str, Invoice]) -> list[str]:
    """The name of each finding, in their order; no two are equal.

    A name follows from the kind and from what the finding speaks of: seller and buyer, or a buyer
    that never pays, or else the invoices or warehouse receipts. Weight, reason and other evidence
    change while a finding lasts, and its name does not. A finding about unconfirmed invoices takes
    no other one's name.

    Args:
        invoices: of the market that was checked, by their ids.
    """

    def is_suspected(at: int) -> bool:
        return any(s in invoices and not invoices[s].is_confirmed for s in findings[at].subjects)

    names: dict[int, str] = {}
    used: set[str] = set()
    for at in sorted(range(len(findings)), key=is_suspected):
        finding = findings[at]
        name = _digest((finding.kind, *_about(finding, invoices)))
        if name in used:  # a second finding of its kind about the same parties
            name = _digest((finding.kind, "subjects", *finding.subjects))
        used.add(name)
        names[at] = name
    return [names[at] for at in range(len(findings))]


def basis_of(finding: Finding) -> str:
    """A hash of the records that show a finding: whoever decided on it had seen these."""
    return _digest((finding.kind, *finding.subjects, "evidence", *finding.evidence))


def _about(finding: Finding, invoices: Mapping[str, Invoice]) -> Sequence[str]:
    named = [invoices[subject] for subject in finding.subjects if subject in invoices]
    if finding.kind in _OF_PARTIES:
        return sorted({f"{invoice.seller} to {invoice.buyer}" for invoice in named})
    if finding.kind is Kind.UNPAID_BUYER:
        sellers = {invoice.seller for invoice in named}
        buyers = {invoice.buyer for invoice in named}
        return sorted(buyers | sellers if len(sellers) == 1 else buyers)
    return finding.subjects


def _digest(parts: Iterable[str]) -> str:
    """Hexadecimal digits; each part ends with a zero byte, so that no two lists are alike."""
    return sha256(b"".join(part.encode() + b"\0" for part in parts)).hexdigest()[:DIGITS]
