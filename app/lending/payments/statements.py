"""camt.053 (statements) and camt.054 (notifications) of versions 02 to 14, held to their schemas.

Elements are found by their local names, which mean the same in each version.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree
from msgspec.structs import replace

from app.domain.money import minor_units
from app.domain.names import hidden_in
from app.errors import BadInput
from app.lending.payments.entries import Booked, Told, Undone
from app.lending.payments.references import (
    CreditorReference,
    creditor_reference,
    loan_named,
    reckoned,
    reference_of,
)
from app.lending.payments.schema_files import SchemaBroken, require_valid
from app.trade.documents import xml
from app.trade.documents.errors import DocumentError

CAMT_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
_CAMT = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:(?P<message>camt\.05[34]\.001\.(?:0[2-9]|1[0-4]))"
)
# Return, cancellation; direct debits unpaid, reversed, cancelled.
_RETURNS = frozenset(("RRTN", "RPCR", "UPDD", "PRDD", "RCDD"))
Element = etree._Element


def camt054(data: bytes) -> list[Booked]:
    """Money booked to an account's credit, in the message's order. Debits, what is not booked yet,
    entries over nothing, reversals and returned payments are left out.

    Raises:
        BadInput: not such a message, or an entry that cannot be told from another or is no amount.
    """
    return read_statement(data).booked


def read_statement(data: bytes) -> Told:
    """All that a statement or a notification says of payments.

    Raises:
        BadInput: as `camt054`.
    """
    booked: list[Booked] = []
    reversals: list[Undone] = []
    returned: list[Undone] = []
    for report in _reports(data):
        account = _account(_find(report, "Acct/Id"))
        for entry in _all(report, "Ntry"):
            if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) != "BOOK":
                continue
            credit = _text(entry, "CdtDbtInd") == "CRDT"
            undone = _undone(entry, account)
            if credit:
                returned += undone
                booked += [] if _is_undone(entry) else _booked(entry, account)
            else:
                reversals += undone
    booked = with_references([one for one in booked if one.amount])
    counts = Counter((one.account, one.reference) for one in booked)
    twice = [reference for (_, reference), count in counts.items() if count > 1]
    if twice:
        raise _unclear("AcctSvcrRef", f"{', '.join(sorted(twice)[:5])} stands twice")
    return Told(booked, reversals, returned)


def _reports(data: bytes) -> list[Element]:
    try:
        root = xml.parse(data)
    except DocumentError as error:
        raise BadInput(str(error), name="camt-malformed", field="file") from error
    shape = _CAMT.fullmatch(etree.QName(root).namespace or "")
    if shape is None:
        raise BadInput(
            "the file is no camt.054 or camt.053 of a version from 02 to 14",
            name="camt-unknown",
            field="file",
            fix=f"its namespace must be such as {CAMT_NAMESPACE}",
        )
    try:
        require_valid(root, shape["message"])
    except SchemaBroken as error:
        words = f"the file does not hold to the schema of {shape['message']}: {error}"
        raise BadInput(words, name="camt-invalid", field="file") from error
    return [*_all(root, "BkToCstmrDbtCdtNtfctn/Ntfctn"), *_all(root, "BkToCstmrStmt/Stmt")]


def with_references(found: Sequence[Booked]) -> list[Booked]:
    """Entries without a reference of the bank's get one out of all that they say.

    Raises:
        BadInput: a reference hides a character.
    """
    places: Counter[tuple[str, ...]] = Counter()
    told = []
    for one in found:
        reference = one.reference
        hidden = hidden_in(reference)
        if hidden is not None:
            raise BadInput(
                f"AcctSvcrRef has {hidden}",
                name="hidden-character",
                field="file.AcctSvcrRef",
                fix="ask the bank for the message with a reference of visible characters",
            )
        if not reference:
            places[one.marks] += 1
            reference = reckoned(one.marks, place=places[one.marks])
        told.append(replace(one, reference=reference, marks=()))
    return told


# ------------------------------------------------------------------ money that came in


def _booked(entry: Element, account: str) -> list[Booked]:
    """One for each transaction of a batch, or one for the entry."""
    transactions = _all(entry, "NtryDtls/TxDtls")
    _require_whole_batch(entry, transactions)
    amount = _find(entry, "Amt")
    assert amount is not None
    if len(transactions) < 2:
        transaction = transactions[0] if transactions else None
        if transaction is not None and _came_back(transaction):
            return []
        reference = _own(transaction) or reference_of(_text(entry, "AcctSvcrRef"))
        return [_one(entry, transaction, amount, reference=reference, account=account)]
    whole = reference_of(_text(entry, "AcctSvcrRef"))
    own = [_own(one) for one in transactions]
    found, total = [], 0
    for place, transaction in enumerate(transactions):
        part = _amount_of(transaction)
        if part is None:
            raise _unclear("TxDtls.Amt", f"transaction {place + 1} of a batch has no amount")
        if part.get("Ccy") != amount.get("Ccy"):
            words = f"transaction {place + 1} of a batch is not in {amount.get('Ccy')}"
            raise _unclear("TxDtls.Amt", words)
        # A debit within a credit is what the bank kept, such as its charges.
        taken = _text(transaction, "CdtDbtInd") == "DBIT"
        total += -_minor(part) if taken else _minor(part)
        if taken or _came_back(transaction):
            continue
        reference = own[place]
        # A transaction without a reference of its own goes by the entry's and its place.
        if reference is None or reference == whole or own.count(reference) > 1:
            reference = None if whole is None else f"{whole} {place + 1}"
        found.append(_one(entry, transaction, part, reference=reference, account=account))
    if total != _minor(amount):
        raise _unclear("Ntry.Amt", "is not the sum of the batch's transactions")
    return found


def _require_whole_batch(entry: Element, transactions: Sequence[Element]) -> None:
    """A batch that tells its payments apart has as many as it says, and their sum."""
    for details in _all(entry, "NtryDtls"):
        count, inside = _text(details, "Btch/NbOfTxs"), len(_all(details, "TxDtls"))
        if count and inside and int(count) != inside:
            raise _unclear("Btch.NbOfTxs", f"says {count}, the batch has {inside}")
        total, amount = _find(details, "Btch/TtlAmt"), _find(entry, "Amt")
        if total is None or amount is None or len(_all(entry, "NtryDtls")) > 1:
            continue
        if total.get("Ccy") == amount.get("Ccy") and _minor(total) != _minor(amount):
            charged = _charges(entry)
            if _minor(total) != _minor(amount) + charged:
                raise _unclear("Btch.TtlAmt", f"is {total.text}, the entry is over {amount.text}")


def _one(
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
    marks = (account, day.isoformat(), str(minor), currency, end_to_end)
    count = _text(entry, "NtryDtls/Btch/NbOfTxs") if transaction is None else None
    return Booked(
        reference=reference or "",
        amount=minor,
        currency=currency,
        booked_on=day,
        loan_id=loan_named([end_to_end, *structured], texts),
        marks=(*marks, *structured, *texts, *_payer(transaction)),
        account=_visible(account),
        end_to_end_id=_visible(reference_of(end_to_end)),
        creditor_reference=creditor,
        paid=_paid(entry, transaction, minor, currency),
        payments=int(count or 1),
        entry_reference=_visible(reference_of(_text(entry, "AcctSvcrRef"))),
        transaction_reference=_visible(_own(transaction)),
        part=len(_all(entry, "NtryDtls/TxDtls")) > 1,
    )


def _paid(entry: Element, transaction: Element | None, arrived: int, currency: str) -> int | None:
    """What the payer sent, where charges were taken out of it: as the bank says it, or as what
    arrived and the charges that are included."""
    places = [transaction] if transaction is not None else [entry]
    if transaction is not None and len(_all(entry, "NtryDtls/TxDtls")) == 1:
        places.append(entry)
    for place in places:
        sent = _find(place, "AmtDtls/InstdAmt/Amt")
        if sent is not None and sent.get("Ccy") == currency and _minor(sent) > arrived:
            return _minor(sent)
    for place in places:
        charged = _charges(place)
        if charged > 0:
            return arrived + charged
    return None


def _charges(place: Element) -> int:
    """Charges that were taken out of the amount, in minor units.

    Version 02 does not say whether they are included, later ones do by `ChrgInclInd`.
    """
    found = 0
    for charge in _all(place, "Chrgs"):
        records = _all(charge, "Rcrd") or ([charge] if _find(charge, "Amt") is not None else [])
        for record in records:
            amount, included = _find(record, "Amt"), _text(record, "ChrgInclInd")
            if amount is None or included not in ("true", "1"):
                continue
            found += -_minor(amount) if _text(record, "CdtDbtInd") == "CRDT" else _minor(amount)
    return found


def _creditor_reference(transaction: Element | None) -> CreditorReference | None:
    """The one structured reference of a payment; None: none, or several."""
    found = {
        (reference, _visible(_text(one, "Tp/CdOrPrtry/Cd") or _text(one, "Tp/CdOrPrtry/Prtry")))
        for one in _all(transaction, "RmtInf/Strd/CdtrRefInf")
        if (reference := _visible(_text(one, "Ref")))
    }
    if len(found) != 1:
        return None
    ((reference, kind),) = found
    return creditor_reference(reference, kind=kind)


# ------------------------------------------------------------------ money that came back


def _undone(entry: Element, account: str) -> list[Undone]:
    """What of an entry undoes an earlier payment: all of it, or some of its transactions."""
    transactions = _all(entry, "NtryDtls/TxDtls")
    whole = _is_undone(entry)
    if not transactions:
        return [_back(entry, None, account)] if whole else []
    return [_back(entry, one, account) for one in transactions if whole or _came_back(one)]


def _back(entry: Element, transaction: Element | None, account: str) -> Undone:
    amount = None if transaction is None else _amount_of(transaction)
    if amount is None:
        amount = _find(entry, "Amt")
    assert amount is not None
    end_to_end = _visible(reference_of(_text(transaction, "Refs/EndToEndId")))
    texts = _texts(transaction, "RmtInf/Ustrd")
    own, whole = _own(transaction), reference_of(_text(entry, "AcctSvcrRef"))
    reference = _visible(own or whole)
    # Not `InstrId`: the payer chooses it, and could name another's payment.
    names = [
        *(_text(transaction, f"Refs/{name}") for name in ("AcctSvcrRef", "TxId")),
        _text(entry, "AcctSvcrRef"),
    ]
    return Undone(
        reference=reference,
        amount=_minor(amount),
        currency=str(amount.get("Ccy")),
        booked_on=_day(entry, reference),
        loan_id=loan_named([end_to_end], texts),
        end_to_end_id=end_to_end,
        names=tuple(dict.fromkeys(one for one in names if reference_of(one) and one)),
        reason=_visible(
            _text(transaction, "RtrInf/Rsn/Cd") or _text(transaction, "RtrInf/Rsn/Prtry")
        ),
        account=account,
        own=own or "",
        entry_reference=whole or "",
    )


def _is_undone(entry: Element) -> bool:
    """Whether an entry is a reversal, or a return as a whole."""
    return _text(entry, "RvslInd") in ("true", "1") or _is_return(entry)


def _is_return(told: Element) -> bool:
    """Whether an entry's or transaction's code says that a payment came back."""
    return _text(told, "BkTxCd/Domn/Fmly/SubFmlyCd") in _RETURNS


def _came_back(transaction: Element) -> bool:
    return _find(transaction, "RtrInf") is not None or _is_return(transaction)


# ------------------------------------------------------------------ elements


def _all(place: Element | None, path: str) -> list[Element]:
    return (
        [] if place is None else place.findall("/".join(f"{{*}}{one}" for one in path.split("/")))
    )


def _find(place: Element | None, path: str) -> Element | None:
    return next(iter(_all(place, path)), None)


def _text(place: Element | None, path: str) -> str | None:
    found = _find(place, path)
    text = None if found is None else (found.text or "").strip()
    return text or None


def _visible(text: str | None) -> str:
    """A payer's or bank's text to be shown; empty where it hides a character."""
    return text if text is not None and hidden_in(text) is None else ""


def _texts(place: Element | None, path: str) -> list[str]:
    return [one.text for one in _all(place, path) if one.text]


def _amount_of(transaction: Element) -> Element | None:
    """Version 02 has it among the details alone."""
    own = _find(transaction, "Amt")
    return _find(transaction, "AmtDtls/TxAmt/Amt") if own is None else own


def _own(transaction: Element | None) -> str | None:
    """The bank's own reference of a transaction."""
    return reference_of(_text(transaction, "Refs/AcctSvcrRef")) or reference_of(
        _text(transaction, "Refs/TxId")
    )


def _account(identification: Element | None) -> str:
    return _text(identification, "IBAN") or _text(identification, "Othr/Id") or ""


def _payer(transaction: Element | None) -> list[str]:
    """Name and account of whoever paid, where the bank tells them."""
    name = _text(transaction, "RltdPties/Dbtr/Pty/Nm") or _text(transaction, "RltdPties/Dbtr/Nm")
    number = _account(_find(transaction, "RltdPties/DbtrAcct/Id"))
    return [one for one in (name, number) if one]


def _day(entry: Element, reference: str | None) -> datetime.date:
    """The day of booking; of value where the bank does not tell that of booking."""
    name = f"entry {reference or 'without a reference'}"
    places = ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    text = next((found for place in places if (found := _text(entry, place))), None)
    if text is None:
        raise _unclear("BookgDt", f"{name} has no day of booking")
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError as error:
        raise _unclear("BookgDt", f"{name}: {text[:40]} is no day that we know") from error


def _minor(amount: Element) -> int:
    try:
        return minor_units((amount.text or "").strip(), currency=str(amount.get("Ccy")))
    except ValueError as error:
        raise _unclear("Amt", str(error)) from error


def _unclear(field: str, words: str) -> BadInput:
    return BadInput(f"{field}: {words}", name="camt-entry-unclear", field=f"file.{field}")
