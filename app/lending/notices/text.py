"""The text of a notice: our own words in two languages, with facts that are all on the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from app.chain.evm.hashing import checksum_address, keccak
from app.chain.evm.typed_data import struct_hash
from app.domain.calendar import date_of
from app.domain.money import DIGITS, decimal_text
from app.gateway.gateway import Gateway
from app.lending.notices.facts import Facts, facts_in
from app.lending.notices.projection import NoticeRow
from app.places import ROOT
from app.trade.receivables.projection import ReceivableRow
from app.trade.receivables.service import terms_of

# The text of a version never changes: another text gets another version and another file.
FILES: Mapping[int, str] = {1: "docs/legal/notice-of-assignment.md"}
NEWEST = max(FILES)
_BLOCK = re.compile(r"^## (\w+)\n```text\n(.*?)```$", re.DOTALL | re.MULTILINE)


@cache
def _templates(version: int) -> Mapping[str, str]:
    page = (ROOT / FILES[version]).read_text(encoding="utf-8")
    return {name.lower(): text for name, text in _BLOCK.findall(page)}


def text_of(
    gateway: Gateway, facts: Facts, receivable: ReceivableRow, *, version: int = NEWEST
) -> str | None:
    """What a notice says; None: this gateway does not know the version."""
    if version not in FILES:
        return None
    currency = gateway.currency_at(receivable.currency)

    def money(amount: int) -> str:
        return decimal_text(amount, currency=currency) if currency in DIGITS else str(amount)

    loan = facts.loan_id
    words = {
        "chain": gateway.chain_id,
        "ledger": checksum_address(gateway.contracts.address("Receivables")),
        "debtor": checksum_address(facts.debtor),
        "assignor": checksum_address(facts.assignor),
        "assignee": checksum_address(facts.assignee),
        "receivable": facts.receivable_id,
        "claim": facts.claim_id,
        "value": money(facts.value),
        "face": money(receivable.face_amount),
        "currency": currency,
        "due": date_of(receivable.due_day).isoformat(),
        "fingerprint": receivable.fingerprint,
        "root": receivable.document_root,
        "terms": "0x" + struct_hash("ReceivableTerms", terms_of(receivable)).hex(),
        "loan": f" for loan {loan} of the ledger" if loan else "",
        "loan_zh": f"，担保账本上第 {loan} 号贷款" if loan else "",
    }
    return _templates(version)[facts.basis].format_map(words)


def text_is_known(gateway: Gateway, row: NoticeRow, receivable: ReceivableRow) -> bool:
    """Whether the text whose hash a notice has is the one that the gateway writes from its facts.

    Anyone of either side may give a notice with the hash of another text, or of none.
    """
    text = text_of(gateway, facts_in(row), receivable, version=row.text_version)
    return text is not None and hash_of(text) == row.text_hash


def hash_of(text: str) -> str:
    """The hash of a text on the ledger: keccak-256 of its UTF-8 bytes, 0x and 64 digits."""
    return "0x" + keccak(text.encode()).hex()
