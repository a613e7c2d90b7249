"""ISO 20022: pain.001.001.09 written for pay-outs; what is read stands in `statements`.

Written through classes that `pyiso20022` made from the official schema, and held to that schema.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

import msgspec
from lxml import etree
from pyiso20022.pain.pain_001_001_09 import pain_001_001_09 as pain
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate, XmlDateTime

from app.domain.accounts import is_iban
from app.domain.money import decimal_text
from app.errors import BadInput
from app.lending.payments import sepa
from app.lending.payments.addresses import Address
from app.lending.payments.entries import Booked
from app.lending.payments.references import loan_reference
from app.lending.payments.schema_files import SchemaBroken, require_valid
from app.lending.payments.statements import CAMT_NAMESPACE, camt054

__all__ = ["CAMT_NAMESPACE", "Booked", "Side", "Transfer", "camt054", "pain001"]
PAIN_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


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
