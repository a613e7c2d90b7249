"""Reads camt.053 (statements) and camt.054 (notifications), versions 02 to 14.

Each file is validated against its schema. Elements are found by their local names, which mean the
same in each version.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree
from msgspec.structs import replace

from app.domain.hidden_text import hidden_in
from app.domain.money import minor_units
from app.domain.texts import Text, say, text_of
from app.errors import BadInput
from app.lending.payments.entries import BankMessage, Booked, Reversal
from app.lending.payments.references import (
    CreditorReference,
    computed_reference,
    creditor_reference,
    loan_named,
    reference_of,
)
from app.lending.payments.schema_files import SchemaBroken, require_valid
from app.trade.documents import xml
from app.trade.documents.errors import DocumentError

CAMT_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
_CAMT = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:(?P<message>camt\.05[34]\.001\.(?:0[2-9]|1[0-4]))"
)
# Returns and cancellations; direct debits that are unpaid, reversed or cancelled.
_RETURNS = frozenset(("RRTN", "RPCR", "UPDD", "PRDD", "RCDD"))
Element = etree._Element


def camt054(data: bytes) -> list[Booked]:
    """Booked credits of an account, in the message's order.

    It leaves out debits, entries that are not booked yet, zero amounts, reversals and returned
    payments.

    Raises:
        BadInput: the file is not such a message, or an entry is ambiguous or has no valid amount.
    """
    return read_statement(data).booked


def read_statement(data: bytes) -> BankMessage:
    """Everything that a statement or notification reports about payments.

    Raises:
        BadInput: as `camt054`.
    """
    booked: list[Booked] = []
    reversals: list[Reversal] = []
    returned: list[Reversal] = []
    for report in _reports(data):
        account = _account(_find(report, "Acct/Id"))
        for entry in _all(report, "Ntry"):
            if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) != "BOOK":
                continue
            credit = _text(entry, "CdtDbtInd") == "CRDT"
            reversals_of_entry = _reversals(entry, account)
            if credit:
                returned += reversals_of_entry
                booked += [] if _is_reversal(entry) else _credits(entry, account)
            else:
                reversals += reversals_of_entry
    booked = with_references([entry for entry in booked if entry.amount])
    counts = Counter((entry.account, entry.reference) for entry in booked)
    repeated = [reference for (_, reference), count in counts.items() if count > 1]
    if repeated:
        raise _unclear(
            "AcctSvcrRef",
            say("{references} is on several entries", references=", ".join(sorted(repeated)[:5])),
        )
    return BankMessage(booked, reversals, returned)


def _reports(data: bytes) -> list[Element]:
    try:
        root = xml.parse(data)
    except DocumentError as error:
        raise BadInput(text_of(error), name="camt-malformed", field="file") from error
    shape = _CAMT.fullmatch(etree.QName(root).namespace or "")
    if shape is None:
        raise BadInput(
            "the file is not a camt.054 or camt.053 of version 02 to 14",
            name="camt-unknown",
            field="file",
            fix=say(
                "send a file with a namespace such as {camt_namespace}",
                camt_namespace=CAMT_NAMESPACE,
            ),
        )
    try:
        require_valid(root, shape["message"])
    except SchemaBroken as error:
        words = say(
            "the file is not valid under the schema of {schema}: {error}",
            schema=shape["message"],
            error=str(error),
        )
        raise BadInput(words, name="camt-invalid", field="file") from error
    return [*_all(root, "BkToCstmrDbtCdtNtfctn/Ntfctn"), *_all(root, "BkToCstmrStmt/Stmt")]


def with_references(entries: Sequence[Booked]) -> list[Booked]:
    """Gives entries without a bank reference one that is computed from their content.

    Raises:
        BadInput: a reference has a hidden character.
    """
    places: Counter[tuple[str, ...]] = Counter()
    completed = []
    for entry in entries:
        reference = entry.reference
        hidden = hidden_in(reference)
        if hidden is not None:
            raise BadInput(
                say("AcctSvcrRef has {hidden}", hidden=hidden),
                name="hidden-character",
                field="file.AcctSvcrRef",
                fix="ask the bank for the message with a reference of visible characters",
            )
        if not reference:
            places[entry.marks] += 1
            reference = computed_reference(entry.marks, place=places[entry.marks])
        completed.append(replace(entry, reference=reference, marks=()))
    return completed


# ------------------------------------------------------------------ money that came in


def _credits(entry: Element, account: str) -> list[Booked]:
    """One credit for each transaction of a batch, or one for the whole entry."""
    transactions = _all(entry, "NtryDtls/TxDtls")
    _require_whole_batch(entry, transactions)
    amount = _find(entry, "Amt")
    assert amount is not None
    if len(transactions) <= 1:
        transaction = transactions[0] if transactions else None
        if transaction is not None and _came_back(transaction):
            return []
        reference = _own(transaction) or reference_of(_text(entry, "AcctSvcrRef"))
        return [_credit(entry, transaction, amount, reference=reference, account=account)]
    whole = reference_of(_text(entry, "AcctSvcrRef"))
    own = [_own(transaction) for transaction in transactions]
    booked, total = [], 0
    for index, transaction in enumerate(transactions):
        part = _amount_of(transaction)
        if part is None:
            raise _unclear(
                "TxDtls.Amt", say("transaction {index} of a batch has no amount", index=index + 1)
            )
        if part.get("Ccy") != amount.get("Ccy"):
            words = say(
                "transaction {index} of a batch is not in {currency}",
                index=index + 1,
                currency=amount.get("Ccy"),
            )
            raise _unclear("TxDtls.Amt", words)
        # A debit within a credit is what the bank deducted, such as its charges.
        taken = _text(transaction, "CdtDbtInd") == "DBIT"
        total += -_minor(part) if taken else _minor(part)
        if taken or _came_back(transaction):
            continue
        reference = own[index]
        # A transaction without its own reference gets the entry's and its number.
        if reference is None or reference == whole or own.count(reference) > 1:
            reference = None if whole is None else f"{whole} {index + 1}"
        booked.append(_credit(entry, transaction, part, reference=reference, account=account))
    if total != _minor(amount):
        raise _unclear("Ntry.Amt", say("is not the sum of the batch's transactions"))
    return booked


def _require_whole_batch(entry: Element, transactions: Sequence[Element]) -> None:
    """Refuses a batch whose payments differ from its stated number or sum.

    Raises:
        BadInput.
    """
    for details in _all(entry, "NtryDtls"):
        count, inside = _text(details, "Btch/NbOfTxs"), len(_all(details, "TxDtls"))
        if count and inside and int(count) != inside:
            raise _unclear(
                "Btch.NbOfTxs",
                say("says {count}; the batch has {inside}", count=count, inside=inside),
            )
        total, amount = _find(details, "Btch/TtlAmt"), _find(entry, "Amt")
        if total is None or amount is None or len(_all(entry, "NtryDtls")) > 1:
            continue
        if total.get("Ccy") == amount.get("Ccy") and _minor(total) != _minor(amount):
            charged = _charges(entry)
            if _minor(total) != _minor(amount) + charged:
                raise _unclear(
                    "Btch.TtlAmt",
                    say(
                        "is {total}; the entry is over {amount}",
                        total=total.text,
                        amount=amount.text,
                    ),
                )


def _credit(
    entry: Element,
    transaction: Element | None,
    amount: Element,
    *,
    reference: str | None,
    account: str,
) -> Booked:
    day = _day(entry, reference)
    texts = _texts(transaction, "RmtInf/Ustrd")
    creditor = _creditor_reference(transaction)
    structured = [
        *_texts(transaction, "RmtInf/Strd/CdtrRefInf/Ref"),
        *_texts(transaction, "RmtInf/Strd/RfrdDocInf/Nb"),
        *_texts(transaction, "RmtInf/Strd/AddtlRmtInf"),
    ]
    end_to_end = _text(transaction, "Refs/EndToEndId") or ""
    minor, currency = _minor(amount), str(amount.get("Ccy"))
    payer = _payer(transaction)
    marks = (account, day.isoformat(), str(minor), currency, end_to_end)
    count = _text(entry, "NtryDtls/Btch/NbOfTxs") if transaction is None else None
    return Booked(
        reference=reference or "",
        amount=minor,
        currency=currency,
        booked_on=day,
        loan_id=loan_named([end_to_end, *structured], texts),
        marks=(*marks, *structured, *texts, *(text for text in payer if text)),
        account=_visible(account),
        end_to_end_id=_visible(reference_of(end_to_end)),
        creditor_reference=creditor,
        paid=_paid(entry, transaction, minor, currency),
        payments=int(count or 1),
        entry_reference=_visible(reference_of(_text(entry, "AcctSvcrRef"))),
        transaction_reference=_visible(_own(transaction)),
        part=len(_all(entry, "NtryDtls/TxDtls")) > 1,
        payer_name=_visible(payer[0]),
        payer_account=_visible(payer[1]),
        valued_on=_value_day(entry, reference),
    )


def _paid(entry: Element, transaction: Element | None, arrived: int, currency: str) -> int | None:
    """What the payer sent, if charges were deducted; None if not.

    It is the instructed amount, or else the sum of what arrived and the included charges.
    """
    sources = [transaction] if transaction is not None else [entry]
    if transaction is not None and len(_all(entry, "NtryDtls/TxDtls")) == 1:
        sources.append(entry)
    for source in sources:
        sent = _find(source, "AmtDtls/InstdAmt/Amt")
        if sent is not None and sent.get("Ccy") == currency and _minor(sent) > arrived:
            return _minor(sent)
    for source in sources:
        charged = _charges(source)
        if charged > 0:
            return arrived + charged
    return None


def _charges(source: Element) -> int:
    """Charges that were deducted from the amount, in minor units.

    Later versions say by `ChrgInclInd` whether charges are included; version 02 does not say.
    """
    total = 0
    for group in _all(source, "Chrgs"):
        records = _all(group, "Rcrd") or ([group] if _find(group, "Amt") is not None else [])
        for record in records:
            amount, is_included = _find(record, "Amt"), _text(record, "ChrgInclInd")
            if amount is None or is_included not in ("true", "1"):
                continue
            total += -_minor(amount) if _text(record, "CdtDbtInd") == "CRDT" else _minor(amount)
    return total


def _creditor_reference(transaction: Element | None) -> CreditorReference | None:
    """The one structured reference of a payment; None for none or several."""
    references = {
        (reference, _visible(_text(item, "Tp/CdOrPrtry/Cd") or _text(item, "Tp/CdOrPrtry/Prtry")))
        for item in _all(transaction, "RmtInf/Strd/CdtrRefInf")
        if (reference := _visible(_text(item, "Ref")))
    }
    if len(references) != 1:
        return None
    ((reference, kind),) = references
    return creditor_reference(reference, kind=kind)


# ------------------------------------------------------------------ money that came back


def _reversals(entry: Element, account: str) -> list[Reversal]:
    """The reversals of an entry: the whole entry, or some of its transactions."""
    transactions = _all(entry, "NtryDtls/TxDtls")
    whole = _is_reversal(entry)
    if not transactions:
        return [_reversal(entry, None, account)] if whole else []
    return [
        _reversal(entry, transaction, account)
        for transaction in transactions
        if whole or _came_back(transaction)
    ]


def _reversal(entry: Element, transaction: Element | None, account: str) -> Reversal:
    amount = None if transaction is None else _amount_of(transaction)
    if amount is None:
        amount = _find(entry, "Amt")
    assert amount is not None
    end_to_end = _visible(reference_of(_text(transaction, "Refs/EndToEndId")))
    texts = _texts(transaction, "RmtInf/Ustrd")
    transaction_reference, entry_reference = (
        _own(transaction),
        reference_of(_text(entry, "AcctSvcrRef")),
    )
    reference = _visible(transaction_reference or entry_reference)
    # Not `InstrId`: the payer chooses it and could name another payer's payment.
    names = [
        *(_text(transaction, f"Refs/{name}") for name in ("AcctSvcrRef", "TxId")),
        _text(entry, "AcctSvcrRef"),
    ]
    return Reversal(
        reference=reference,
        amount=_minor(amount),
        currency=str(amount.get("Ccy")),
        booked_on=_day(entry, reference),
        loan_id=loan_named([end_to_end], texts),
        end_to_end_id=end_to_end,
        names=tuple(dict.fromkeys(name for name in names if reference_of(name) and name)),
        reason=_visible(
            _text(transaction, "RtrInf/Rsn/Cd") or _text(transaction, "RtrInf/Rsn/Prtry")
        ),
        account=account,
        own=transaction_reference or "",
        entry_reference=entry_reference or "",
    )


def _is_reversal(entry: Element) -> bool:
    """Whether the whole entry is a reversal or a return."""
    return _text(entry, "RvslInd") in ("true", "1") or _is_return(entry)


def _is_return(element: Element) -> bool:
    """Whether the code of an entry or transaction says that a payment came back."""
    return _text(element, "BkTxCd/Domn/Fmly/SubFmlyCd") in _RETURNS


def _came_back(transaction: Element) -> bool:
    return _find(transaction, "RtrInf") is not None or _is_return(transaction)


# ------------------------------------------------------------------ elements


def _all(parent: Element | None, path: str) -> list[Element]:
    return (
        []
        if parent is None
        else parent.findall("/".join(f"{{*}}{name}" for name in path.split("/")))
    )


def _find(parent: Element | None, path: str) -> Element | None:
    return next(iter(_all(parent, path)), None)


def _text(parent: Element | None, path: str) -> str | None:
    element = _find(parent, path)
    text = None if element is None else (element.text or "").strip()
    return text or None


def _visible(text: str | None) -> str:
    """A text that callers may see; empty if it has a hidden character."""
    return text if text is not None and hidden_in(text) is None else ""


def _texts(parent: Element | None, path: str) -> list[str]:
    return [element.text for element in _all(parent, path) if element.text]


def _amount_of(transaction: Element) -> Element | None:
    """The transaction's amount; version 02 has it only among the details."""
    own = _find(transaction, "Amt")
    return _find(transaction, "AmtDtls/TxAmt/Amt") if own is None else own


def _own(transaction: Element | None) -> str | None:
    """The bank's own reference of a transaction."""
    return reference_of(_text(transaction, "Refs/AcctSvcrRef")) or reference_of(
        _text(transaction, "Refs/TxId")
    )


def _account(identification: Element | None) -> str:
    return _text(identification, "IBAN") or _text(identification, "Othr/Id") or ""


def _payer(transaction: Element | None) -> tuple[str, str]:
    """Name and account of the payer; empty where the bank does not report them."""
    name = _text(transaction, "RltdPties/Dbtr/Pty/Nm") or _text(transaction, "RltdPties/Dbtr/Nm")
    return name or "", _account(_find(transaction, "RltdPties/DbtrAcct/Id"))


def _day(entry: Element, reference: str | None) -> datetime.date:
    """The booking date; the value date if the bank gives no booking date."""
    name = _entry_name(reference)
    day = _day_at(entry, ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"), name)
    if day is None:
        raise _unclear("BookgDt", say("{name} has no booking date", name=name))
    return day


def _value_day(entry: Element, reference: str | None) -> datetime.date | None:
    """The value date; None if the bank gives none."""
    name = _entry_name(reference)
    return _day_at(entry, ("ValDt/Dt", "ValDt/DtTm"), name)


def _entry_name(reference: str | None) -> Text:
    if reference:
        return say("entry {reference}", reference=reference)
    return say("an entry without a reference")


def _day_at(entry: Element, paths: Sequence[str], name: Text) -> datetime.date | None:
    text = next((day for path in paths if (day := _text(entry, path))), None)
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError as error:
        raise _unclear(
            "BookgDt", say("{name}: {text} is not a date", name=name, text=text[:40])
        ) from error


def _minor(amount: Element) -> int:
    try:
        text, currency = (amount.text or "").strip(), str(amount.get("Ccy"))
        return minor_units(text, currency=currency, final_zeros=True)
    except ValueError as error:
        raise _unclear("Amt", text_of(error)) from error


def _unclear(field: str, words: Text) -> BadInput:
    return BadInput(
        say("{field}: {words}", field=field, words=words),
        name="camt-entry-unclear",
        field=f"file.{field}",
    )
