"""Writes ISO 20022 pain.001.001.09 for pay-outs; `statements` reads the other messages.

It uses the classes that `pyiso20022` generates from the official schema, and validates the result
against that schema.
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
from app.domain.texts import say
from app.errors import BadInput
from app.lending.payments import sepa
from app.lending.payments.addresses import Address
from app.lending.payments.camt import CAMT_NAMESPACE, camt054
from app.lending.payments.entries import Booked
from app.lending.payments.references import loan_reference
from app.lending.payments.schema_files import SchemaBroken, require_valid

__all__ = ["CAMT_NAMESPACE", "Booked", "Side", "Transfer", "camt054", "pain001"]
PAIN_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


class Side(msgspec.Struct, frozen=True):
    """A side of a transfer: name, account (IBAN, or a number of at most 34 characters), BIC."""

    name: str
    account: str
    bic: str | None = None
    address: Address | None = None


class Transfer(msgspec.Struct, frozen=True):
    """Money to a borrower for a drawn loan, in minor units.

    Attributes:
        end_to_end_id: at most 35 characters; unique among all transfers.
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
    """An order to the debtor's bank: one payment with many transfers, each named by its loan.

    The message is valid under the official schema.

    Args:
        message_id: the sender's own, at most 35 characters.
        on: the day on which the bank executes the order.

    Raises:
        BadInput: a value that the schema refuses.
    """
    total = Decimal(decimal_text(sum(transfer.amount for transfer in transfers), currency=currency))
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
        cdt_trf_tx_inf=[_transfer(transfer, currency, debtor=debtor) for transfer in transfers],
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
        raise BadInput(
            say("the order is not a valid pain.001.001.09: {error}", error=error)
        ) from error
    return content


def _transfer(
    transfer: Transfer, currency: str, *, debtor: Side
) -> pain.CreditTransferTransaction34:
    amount = Decimal(decimal_text(transfer.amount, currency=currency))
    by_sepa = sepa.is_transfer(currency, debtor.account, transfer.creditor.account)
    return pain.CreditTransferTransaction34(
        pmt_id=pain.PaymentIdentification6(end_to_end_id=transfer.end_to_end_id),
        pmt_tp_inf=_SEPA_SERVICE if by_sepa else None,
        amt=pain.AmountType4Choice(
            instd_amt=pain.ActiveOrHistoricCurrencyAndAmount(value=amount, ccy=currency)
        ),
        chrg_br=pain.ChargeBearerType1Code.SLEV if by_sepa else None,
        cdtr_agt=_agent(transfer.creditor.bic) if transfer.creditor.bic else None,
        cdtr=_party(transfer.creditor),
        cdtr_acct=_account(transfer.creditor.account, currency=None),
        rmt_inf=pain.RemittanceInformation16(ustrd=[f"Pay-out {loan_reference(transfer.loan_id)}"]),
    )


_SEPA_SERVICE = pain.PaymentTypeInformation26(svc_lvl=[pain.ServiceLevel8Choice(cd="SEPA")])


def _party(side: Side) -> pain.PartyIdentification135:
    address = side.address
    if address is None:
        return pain.PartyIdentification135(nm=side.name)
    postal_address = pain.PostalAddress24(
        dept=address.department,
        sub_dept=address.sub_department,
        strt_nm=address.street,
        bldg_nb=address.building_number,
        bldg_nm=address.building_name,
        flr=address.floor,
        pst_bx=address.post_box,
        room=address.room,
        pst_cd=address.post_code,
        twn_nm=address.town,
        twn_lctn_nm=address.town_location,
        dstrct_nm=address.district,
        ctry_sub_dvsn=address.region,
        ctry=address.country,
        adr_line=list(address.lines),
    )
    return pain.PartyIdentification135(nm=side.name, pstl_adr=postal_address)


def _account(account: str, *, currency: str | None) -> pain.CashAccount38:
    if is_iban(account):
        identification = pain.AccountIdentification4Choice(iban=account)
    else:
        other = pain.GenericAccountIdentification1(id=account)
        identification = pain.AccountIdentification4Choice(othr=other)
    return pain.CashAccount38(id=identification, ccy=currency)


def _agent(bic: str | None) -> pain.BranchAndFinancialInstitutionIdentification6:
    if bic is not None:
        institution = pain.FinancialInstitutionIdentification18(bicfi=bic)
    else:
        unknown = pain.GenericFinancialIdentification1(id="NOTPROVIDED")
        institution = pain.FinancialInstitutionIdentification18(othr=unknown)
    return pain.BranchAndFinancialInstitutionIdentification6(fin_instn_id=institution)
