"""ISO 20022: pain.001.001.09 written for pay-outs, camt.054 and camt.053 read for repayments.

Both through classes that `pyiso20022` made from the official schemas: what is written has their
elements in their order, and what is read must have no element that they do not know, none missing
and none of another type.
"""

from __future__ import annotations

import datetime
import importlib
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from lxml import etree
from msgspec.structs import replace
from pyiso20022.pain.pain_001_001_09 import pain_001_001_09 as pain
from xsdata.exceptions import ConverterWarning, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate, XmlDateTime

from app.core.accounts import is_iban
from app.core.money import decimal_text, minor_units
from app.core.names import hidden_in
from app.documents import xml
from app.documents.errors import DocumentError
from app.errors import BadInput
from app.payments import sepa
from app.payments.addresses import Address
from app.payments.references import loan_named, loan_reference, reckoned, reference_of
from app.payments.schema_files import SchemaBroken, require_valid

PAIN_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CAMT_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
_CAMT = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:camt\.(?P<kind>05[34])\.001\.(?P<version>0[2-9]|1[0-2])"
)
MOST_DIGITS = 19  # more than 18, which the schema allows


class Side(msgspec.Struct, frozen=True):
    """A side of a transfer: name, account (IBAN, or a number of at most 34 characters), BIC."""

    name: str
    account: str
    bic: str | None = None
    address: Address | None = None


class Transfer(msgspec.Struct, frozen=True):
    """Money to a borrower for a loan drawn, in minor units.

    Attributes:
        end_to_end_id: at most 35 characters; no other transfer ever has the same.
    """

    loan_id: int
    creditor: Side
    amount: int
    end_to_end_id: str


class Booked(msgspec.Struct, frozen=True):
    """Money that a bank says has come in, in minor units.

    Attributes:
        reference: the bank's own; one that is reckoned from all the entry says where it has none.
        loan_id: where the payer named one.
        marks: what tells the entry from others that have no reference either.
    """

    reference: str
    amount: int
    currency: str
    booked_on: datetime.date
    loan_id: int | None
    marks: tuple[str, ...] = ()


# ------------------------------------------------------------------ out


def pain001(
    *,
    message_id: str,
    created: datetime.datetime,
    on: datetime.date,
    debtor: Side,
    transfers: Sequence[Transfer],
    currency: str,
) -> bytes:
    """An order to the debtor's bank: one payment of many transfers, each named by its loan.

    The message holds to the official schema.

    Args:
        message_id: at most 35 characters, the sender's own.
        on: the day on which it shall be carried out.

    Raises:
        BadInput: something that the schema does not take.
    """
    total = Decimal(decimal_text(sum(one.amount for one in transfers), currency=currency))
    count = str(len(transfers))
    payment = pain.PaymentInstruction30(
        pmt_inf_id=message_id,
        pmt_mtd=pain.PaymentMethod3Code.TRF,
        nb_of_txs=count,
        ctrl_sum=total,
        reqd_exctn_dt=pain.DateAndDateTime2Choice(dt=XmlDate.from_date(on)),
        dbtr=_party(debtor),
        dbtr_acct=_account(debtor.account, currency=currency),
        dbtr_agt=_agent(debtor.bic),
        cdt_trf_tx_inf=[_transfer(one, currency, debtor=debtor) for one in transfers],
    )
    header = pain.GroupHeader85(
        msg_id=message_id,
        cre_dt_tm=XmlDateTime.from_datetime(created.replace(microsecond=0)),
        nb_of_txs=count,
        ctrl_sum=total,
        initg_pty=pain.PartyIdentification135(nm=debtor.name),
    )
    document = pain.Document(
        cstmr_cdt_trf_initn=pain.CustomerCreditTransferInitiationV09(
            grp_hdr=header, pmt_inf=[payment]
        )
    )
    content = XmlSerializer().render(document, ns_map={None: PAIN_NAMESPACE}).encode()
    try:
        require_valid(etree.fromstring(content), "pain.001.001.09")
    except SchemaBroken as error:
        raise BadInput(f"the order does not hold to pain.001.001.09: {error}") from error
    return content


def _transfer(one: Transfer, currency: str, *, debtor: Side) -> pain.CreditTransferTransaction34:
    amount = Decimal(decimal_text(one.amount, currency=currency))
    by_sepa = sepa.is_transfer(currency, debtor.account, one.creditor.account)
    return pain.CreditTransferTransaction34(
        pmt_id=pain.PaymentIdentification6(end_to_end_id=one.end_to_end_id),
        pmt_tp_inf=_SEPA_SERVICE if by_sepa else None,
        amt=pain.AmountType4Choice(
            instd_amt=pain.ActiveOrHistoricCurrencyAndAmount(value=amount, ccy=currency)
        ),
        chrg_br=pain.ChargeBearerType1Code.SLEV if by_sepa else None,
        cdtr_agt=_agent(one.creditor.bic) if one.creditor.bic else None,
        cdtr=_party(one.creditor),
        cdtr_acct=_account(one.creditor.account, currency=None),
        rmt_inf=pain.RemittanceInformation16(ustrd=[f"Pay-out {loan_reference(one.loan_id)}"]),
    )


_SEPA_SERVICE = pain.PaymentTypeInformation26(svc_lvl=[pain.ServiceLevel8Choice(cd="SEPA")])


def _party(side: Side) -> pain.PartyIdentification135:
    where = side.address
    if where is None:
        return pain.PartyIdentification135(nm=side.name)
    address = pain.PostalAddress24(
        dept=where.department,
        sub_dept=where.sub_department,
        strt_nm=where.street,
        bldg_nb=where.building_number,
        bldg_nm=where.building_name,
        flr=where.floor,
        pst_bx=where.post_box,
        room=where.room,
        pst_cd=where.post_code,
        twn_nm=where.town,
        twn_lctn_nm=where.town_location,
        dstrct_nm=where.district,
        ctry_sub_dvsn=where.region,
        ctry=where.country,
        adr_line=list(where.lines),
    )
    return pain.PartyIdentification135(nm=side.name, pstl_adr=address)


def _account(account: str, *, currency: str | None) -> pain.CashAccount38:
    if is_iban(account):
        chosen = pain.AccountIdentification4Choice(iban=account)
    else:
        other = pain.GenericAccountIdentification1(id=account)
        chosen = pain.AccountIdentification4Choice(othr=other)
    return pain.CashAccount38(id=chosen, ccy=currency)


def _agent(bic: str | None) -> pain.BranchAndFinancialInstitutionIdentification6:
    if bic is not None:
        found = pain.FinancialInstitutionIdentification18(bicfi=bic)
    else:
        unknown = pain.GenericFinancialIdentification1(id="NOTPROVIDED")
        found = pain.FinancialInstitutionIdentification18(othr=unknown)
    return pain.BranchAndFinancialInstitutionIdentification6(fin_instn_id=found)


# ------------------------------------------------------------------ in


def camt054(data: bytes) -> list[Booked]:
    """Money booked to an account's credit, in the message's order: out of a camt.054 (notification)
    or a camt.053 (statement) of any version from 02. Debits, what is not booked yet, entries over
    nothing, reversals and returned payments are left out.

    Raises:
        BadInput: not such a message, or an entry that cannot be told from another or is no amount.
    """
    try:
        root = xml.parse(data)
    except DocumentError as error:
        raise BadInput(str(error), name="camt-malformed", field="file") from error
    shape = _CAMT.fullmatch(etree.QName(root).namespace or "")
    if shape is None:
        raise BadInput(
            "the file is no camt.054 or camt.053 of a version from 02 to 12",
            name="camt-unknown",
            field="file",
            fix=f"its namespace must be such as {CAMT_NAMESPACE}",
        )
    name = f"camt_{shape['kind']}_001_{shape['version']}"
    classes = importlib.import_module(f"pyiso20022.camt.{name}.{name}")
    config = ParserConfig(
        fail_on_unknown_properties=True,
        fail_on_unknown_attributes=True,
        fail_on_converter_warnings=True,
    )
    parser = XmlParser(config=config, handler=LxmlEventHandler)
    try:
        document: Any = parser.parse(root.getroottree(), classes.Document)
    except (ParserError, ConverterWarning, TypeError, ValueError) as error:
        words = f"the file does not hold to the schema: {error}"
        raise BadInput(words[:400], name="camt-invalid", field="file") from error
    found: list[Booked] = []
    reports = (
        document.bk_to_cstmr_dbt_cdt_ntfctn.ntfctn
        if shape["kind"] == "054"
        else document.bk_to_cstmr_stmt.stmt
    )
    for report in reports:
        account = _account_of(report)
        for entry in report.ntry:
            if _status(entry) == "BOOK" and entry.cdt_dbt_ind.value == "CRDT":
                found += [] if entry.rvsl_ind or _is_return(entry) else _booked(entry, account)
    found = with_references([one for one in found if one.amount])
    counts = Counter(one.reference for one in found)
    twice = [reference for reference, count in counts.items() if count > 1]
    if twice:
        raise _unclear("AcctSvcrRef", f"{', '.join(sorted(twice)[:5])} stands twice")
    return found


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


def _status(entry: Any) -> str:
    """A code by itself up to version 07, a choice since."""
    status = entry.sts
    return str(getattr(status, "cd", None) or getattr(status, "value", ""))


def _is_return(told: Any) -> bool:
    """Whether an entry's or transaction's code says that a payment came back."""
    domain = told.bk_tx_cd and told.bk_tx_cd.domn
    return bool(domain and domain.fmly.sub_fmly_cd == "RRTN")


def _amount(transaction: Any) -> Any:
    """Of a transaction; version 02 has it among its details alone."""
    own = getattr(transaction, "amt", None)
    details = transaction.amt_dtls and transaction.amt_dtls.tx_amt
    return own or (details and details.amt)


def _account_of(report: Any) -> str:
    chosen = report.acct.id
    return str(chosen.iban or (chosen.othr and chosen.othr.id) or "")


def _booked(entry: Any, account: str) -> list[Booked]:
    """One for each transaction of a batch, or one for the entry."""
    transactions: list[Any] = [one for each in entry.ntry_dtls for one in each.tx_dtls]
    if len(transactions) < 2:
        named = transactions[0] if transactions else None
        if named is not None and _came_back(named):
            return []
        reference = reference_of(_own(named)) or reference_of(entry.acct_svcr_ref)
        return [_one(entry, named, entry.amt, reference=reference, account=account)]
    whole = reference_of(entry.acct_svcr_ref)
    own = [reference_of(_own(one)) for one in transactions]
    found = []
    for place, one in enumerate(transactions):
        amount = _amount(one)
        if amount is None:
            raise _unclear("TxDtls.Amt", f"transaction {place + 1} of a batch has no amount")
        reference = own[place]
        # A transaction without a reference of its own goes by the entry's and its place.
        if reference is None or reference == whole or own.count(reference) > 1:
            reference = None if whole is None else f"{whole} {place + 1}"
        found.append(_one(entry, one, amount, reference=reference, account=account))
    if sum(one.amount for one in found) != _minor(entry.amt):
        raise _unclear("Ntry.Amt", "is not the sum of the batch's transactions")
    return [
        one
        for one, transaction in zip(found, transactions, strict=True)
        if not _came_back(transaction)
    ]


def _came_back(transaction: Any) -> bool:
    """Whether a transaction is a payment of the lender's own that came back."""
    return transaction.rtr_inf is not None or _is_return(transaction)


def _own(transaction: Any) -> str | None:
    """The bank's own reference of a transaction."""
    refs = None if transaction is None else transaction.refs
    if refs is None:
        return None
    return reference_of(refs.acct_svcr_ref) or reference_of(refs.tx_id)


def _one(
    entry: Any, transaction: Any, amount: Any, *, reference: str | None, account: str
) -> Booked:
    refs = None if transaction is None else transaction.refs
    day = entry.bookg_dt and (entry.bookg_dt.dt or entry.bookg_dt.dt_tm)
    if day is None:
        raise _unclear("BookgDt", f"entry {reference} has no day of booking")
    booked_on = _date(day, reference or "without a reference")
    remittance = None if transaction is None else transaction.rmt_inf
    texts = [] if remittance is None else list(remittance.ustrd)
    structured = [] if remittance is None else _structured(remittance)
    end_to_end = (refs and refs.end_to_end_id) or ""
    minor = _minor(amount)
    marks = (account, booked_on.isoformat(), str(minor), amount.ccy, end_to_end)
    return Booked(
        reference=reference or "",
        amount=minor,
        currency=amount.ccy,
        booked_on=booked_on,
        loan_id=loan_named([end_to_end, *structured], texts),
        marks=(*marks, *structured, *texts, *_payer(transaction)),
    )


def _structured(remittance: Any) -> list[str]:
    """References that stand in fields of their own."""
    found: list[str] = []
    for one in remittance.strd:
        if one.cdtr_ref_inf is not None and one.cdtr_ref_inf.ref:
            found.append(one.cdtr_ref_inf.ref)
        found += [each.nb for each in one.rfrd_doc_inf if each.nb]
        found += one.addtl_rmt_inf
    return found


def _payer(transaction: Any) -> list[str]:
    """Name and account of whoever paid, where the bank tells them."""
    parties = None if transaction is None else transaction.rltd_pties
    if parties is None:
        return []
    payer = parties.dbtr and getattr(parties.dbtr, "pty", parties.dbtr)
    name = payer and payer.nm
    account = parties.dbtr_acct and parties.dbtr_acct.id
    number = account and (account.iban or (account.othr and account.othr.id))
    return [one for one in (name, number) if one]


def _date(day: Any, reference: str) -> datetime.date:
    try:
        return datetime.date(day.year, day.month, day.day)
    except ValueError as error:
        raise _unclear("BookgDt", f"entry {reference}: {error}") from error


def _minor(amount: Any) -> int:
    # Before it is written out: 1E+999999999 would be a text of a thousand million digits.
    if amount.value.is_finite() and not -MOST_DIGITS < amount.value.adjusted() < MOST_DIGITS:
        raise _unclear("Amt", "is no amount of money")
    try:
        found = minor_units(format(amount.value, "f"), currency=amount.ccy)
    except ValueError as error:
        raise _unclear("Amt", str(error)) from error
    if found < 0:
        raise _unclear("Amt", f"{amount.value} is below zero")
    return found


def _unclear(field: str, words: str) -> BadInput:
    return BadInput(f"{field}: {words}", name="camt-entry-unclear", field=f"file.{field}")
