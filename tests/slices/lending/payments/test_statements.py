"""camt.053 and camt.054: references, batches, charges, returns, reversals, accounts, schemas."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest
from stdnum import iso11649
from stdnum.ch import esr

from app.errors import BadInput
from app.lending.payments.camt import camt054, read_statement
from app.lending.payments.references import (
    CreditorReference,
    creditor_reference,
    loan_named,
    references_for,
)
from tests.support.bank import other_bank

IBAN = "DE02120300000000202051"


def entry(details: str = "", *, side: str = "CRDT", head: str = "", more: str = "") -> str:
    """An entry over 100.00.

    Args:
        head: elements behind the side; `more`: elements before the details.
    """
    return (
        f'<Ntry><Amt Ccy="CHF">100.00</Amt><CdtDbtInd>{side}</CdtDbtInd>{head}'
        "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>"
        f"<AcctSvcrRef>R-1</AcctSvcrRef><BkTxCd/>{more}"
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def message(*entries: str, version: str = "08", account: str = IBAN) -> bytes:
    """A camt.054 of these entries."""
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}">'
        "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId>"
        "<CreDtTm>2026-11-20T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id>"
        "<CreDtTm>2026-11-20T10:00:00Z</CreDtTm>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def structured(reference: str, kind: str = "") -> str:
    """A transaction with a structured reference."""
    tag = "Prtry" if kind == "QRR" else "Cd"
    named = f"<Tp><CdOrPrtry><{tag}>{kind}</{tag}></CdOrPrtry></Tp>" if kind else ""
    return (
        f"<TxDtls><RmtInf><Strd><CdtrRefInf>{named}<Ref>{reference}</Ref></CdtrRefInf></Strd>"
        "</RmtInf></TxDtls>"
    )


# -- structured references


@pytest.mark.parametrize("loan_id", [1, 7, 42, 10**17 - 1])
def test_references_of_a_loan_are_valid_and_name_it(loan_id: int) -> None:
    name, creditor, qr = references_for(loan_id)
    assert creditor is not None
    assert iso11649.is_valid(creditor)
    assert esr.is_valid(qr) and len(qr) == 27
    for item in (name, creditor, qr):
        assert loan_named([item], []) == loan_id
    assert loan_named([name, creditor, qr], []) == loan_id


def test_a_loan_whose_number_is_too_long_for_iso_11649_has_no_such_reference() -> None:
    assert references_for(10**17)[1] is None


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("RF18 5390 0754 7034", "SCOR", ("RF", "RF18539007547034", True)),
        ("RF19539007547034", "SCOR", ("RF", "RF19539007547034", False)),
        (
            "21 00000 00003 13947 14300 09017",
            "QRR",
            ("QRR", "210000000003139471430009017", True),
        ),
        ("210000000003139471430009018", "QRR", ("QRR", "210000000003139471430009018", False)),
        ("210000000003139471430009017", "", ("QRR", "210000000003139471430009017", True)),
        ("123", "QRR", ("QRR", "123", False)),
        ("INV 12", "SCOR", ("SCOR", "INV 12", None)),
    ],
)
def test_check_digits_of_structured_references_are_checked(
    text: str, kind: str, expected: tuple[str, str, bool | None]
) -> None:
    assert creditor_reference(text, kind=kind) == CreditorReference(*expected)
    (read_entry,) = camt054(message(entry(structured(text, kind))))
    assert read_entry.creditor_reference == CreditorReference(*expected)


def test_a_reference_whose_check_digit_is_wrong_names_no_loan() -> None:
    _, creditor, qr = references_for(7)
    assert creditor is not None
    wrong_digit = str((int(qr[-1]) + 1) % 10)
    for wrong in (qr[:-1] + wrong_digit, f"RF{(int(creditor[2:4]) + 1) % 97:02}LOAN7"):
        (read_entry,) = camt054(message(entry(structured(wrong))))
        assert read_entry.loan_id is None
    # A foreign reference with the same ending is ignored.
    number = "0" * 25 + "7"
    assert loan_named([number + str(esr.calc_check_digit(number))], []) is None


# -- batches


def part(
    amount: str, loan: int, *, currency: str = "CHF", side: str = "CRDT", more: str = ""
) -> str:
    """A transaction of a batch."""
    return (
        f"<TxDtls><Refs><AcctSvcrRef>T-{loan}</AcctSvcrRef><EndToEndId>LOAN-{loan}</EndToEndId>"
        f'</Refs><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}</TxDtls>'
    )


def batch(count: int, total: str) -> str:
    """A bank's details of a batch."""
    return f'<Btch><NbOfTxs>{count}</NbOfTxs><TtlAmt Ccy="CHF">{total}</TtlAmt></Btch>'


def test_a_batch_is_read_by_its_payments() -> None:
    parts = part("60.00", 3) + part("40.00", 4)
    entries = camt054(message(entry(batch(2, "100.00") + parts)))
    assert [(item.reference, item.loan_id, item.amount, item.payments) for item in entries] == [
        *(("T-3", 3, 60_00, 1), ("T-4", 4, 40_00, 1)),
    ]


def test_batch_without_details_is_one_entry_marked_so() -> None:
    (read_entry,) = camt054(message(entry(batch(5, "100.00"))))
    assert (read_entry.reference, read_entry.amount, read_entry.payments, read_entry.loan_id) == (
        *("R-1", 100_00, 5, None),
    )


def test_charges_debited_in_a_batch_are_no_payment() -> None:
    parts = part("60.00", 3) + part("42.00", 4) + part("2.00", 9, side="DBIT")
    entries = camt054(message(entry(parts)))
    assert [(item.loan_id, item.amount) for item in entries] == [(3, 60_00), (4, 42_00)]


@pytest.mark.parametrize(
    ("details", "words"),
    [
        (batch(3, "100.00") + part("60.00", 3) + part("40.00", 4), "says 3; the batch has 2"),
        (batch(2, "90.00") + part("60.00", 3) + part("40.00", 4), "is 90.00; the entry is over"),
        (part("60.00", 3) + part("40.00", 4, currency="EUR"), "not in CHF"),
        (part("60.00", 3) + part("40.00", 4, side="DBIT"), "not the sum"),
    ],
)
def test_a_batch_that_does_not_add_up_is_refused(details: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        camt054(message(entry(details)))


# -- charges


def charged(amount: str, *, included: str | None, side: str = "DBIT") -> str:
    """Charges as versions from 04 have them."""
    said = "" if included is None else f"<ChrgInclInd>{included}</ChrgInclInd>"
    return (
        f'<Chrgs><Rcrd><Amt Ccy="CHF">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{said}</Rcrd>'
        "</Chrgs>"
    )


SENT = '<AmtDtls><InstdAmt><Amt Ccy="{}">{}</Amt></InstdAmt></AmtDtls>'


@pytest.mark.parametrize(
    ("more", "details", "paid"),
    [
        ("", "", None),
        (charged("2.50", included="true"), "", 102_50),
        (charged("2.50", included="false"), "", None),
        (charged("2.50", included=None), "", None),
        (charged("2.50", included="true", side="CRDT"), "", None),
        (SENT.format("CHF", "103.00"), "", 103_00),
        (SENT.format("CHF", "103.00") + charged("3.00", included="true"), "", 103_00),
        (SENT.format("EUR", "103.00"), "", None),
        ("", f"<TxDtls>{SENT.format('CHF', '101.00')}</TxDtls>", 101_00),
        ("", f"<TxDtls>{charged('1.00', included='1')}</TxDtls>", 101_00),
        (charged("2.50", included="true"), "<TxDtls/>", 102_50),
    ],
)
def test_entry_separates_the_amount_paid_and_the_amount_received(
    more: str, details: str, paid: int | None
) -> None:
    (read_entry,) = camt054(message(entry(details, more=more)))
    assert (read_entry.amount, read_entry.paid) == (100_00, paid)


def test_a_batch_that_is_stated_before_its_charges_is_read() -> None:
    details = batch(1, "102.50") + part("100.00", 3)
    (read_entry,) = camt054(message(entry(details, more=charged("2.50", included="true"))))
    assert (read_entry.amount, read_entry.paid, read_entry.loan_id) == (100_00, 102_50, 3)


# -- returns and reversals

BACK = (
    "<TxDtls><Refs><AcctSvcrRef>T-9</AcctSvcrRef><EndToEndId>{}</EndToEndId></Refs>"
    "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>"
)


def test_returned_pay_out_is_reported_with_loan_and_reason() -> None:
    statement = read_statement(message(entry(BACK.format("LOAN-7/AB12"))))
    assert statement.booked == [] and statement.reversed == []
    (returned,) = statement.returned
    assert (returned.loan_id, returned.end_to_end_id, returned.amount, returned.reason) == (
        *(7, "LOAN-7/AB12", 100_00, "AC04"),
    )


def test_reversed_credit_is_reported_with_all_its_references() -> None:
    head = "<RvslInd>true</RvslInd>"
    details = (
        "<TxDtls><Refs><AcctSvcrRef>R-1</AcctSvcrRef><EndToEndId>E-1</EndToEndId>"
        "<TxId>X-1</TxId></Refs></TxDtls>"
    )
    statement = read_statement(message(entry(details, side="DBIT", head=head)))
    assert statement.booked == [] and statement.returned == []
    (reversal,) = statement.reversed
    assert (reversal.names, reversal.end_to_end_id, reversal.amount) == (
        ("R-1", "X-1"),
        "E-1",
        100_00,
    )
    assert reversal.booked_on == datetime.date(2026, 11, 20)
    # Without details too, and a return that a code alone tells.
    assert len(read_statement(message(entry(side="DBIT", head=head))).reversed) == 1
    code = "<Domn><Cd>PMNT</Cd><Fmly><Cd>RDDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn>"
    content = message(entry(side="DBIT")).replace(b"<BkTxCd/>", f"<BkTxCd>{code}</BkTxCd>".encode())
    assert len(read_statement(content).reversed) == 1
    assert read_statement(message(entry(side="DBIT"))).reversed == []


def test_returned_payment_of_a_batch_is_the_only_one_left_out() -> None:
    returned = part("40.00", 4, more="<RtrInf><Rsn><Prtry>closed</Prtry></Rsn></RtrInf>")
    statement = read_statement(message(entry(part("60.00", 3) + returned)))
    assert [item.loan_id for item in statement.booked] == [3]
    assert [(item.loan_id, item.amount, item.reason) for item in statement.returned] == [
        (4, 40_00, "closed")
    ]


# -- accounts, days, schemas


def test_the_credited_account_and_the_day_of_value_are_read() -> None:
    content = message(entry()).replace(
        b"<BookgDt><Dt>2026-11-20</Dt></BookgDt>",
        b"<ValDt><DtTm>2026-11-19T23:30:00+01:00</DtTm></ValDt>",
    )
    (read_entry,) = camt054(content)
    assert (read_entry.account, read_entry.booked_on) == (IBAN, datetime.date(2026, 11, 19))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"<Id>N1</Id>", b"", "CreDtTm"),
        (b"CRDT", b"CREDIT", "CREDIT"),
        (b'Ccy="CHF"', b'Ccy="francs"', "francs"),
        (b"100.00", b"1.000001", "fraction"),
        (b"<AcctSvcrRef>R-1", b"<AcctSvcrRef>" + b"R" * 36, "36"),
        (b"<BkTxCd/>", b"", "NtryDtls"),
        (b"<BkTxCd/>", b"<BkTxCd/><Gift>1</Gift>", "Gift"),
        (b"</Sts><BookgDt>", b"</Sts><ValDt><Dt>2026-11-20</Dt></ValDt><BookgDt>", "BookgDt"),
    ],
)
def test_message_is_refused_when_it_does_not_fit_its_schema(
    old: bytes, new: bytes, words: str
) -> None:
    content = message(entry())
    assert old in content
    with pytest.raises(BadInput, match=f"schema of camt.054.001.08.*{words}") as caught:
        camt054(content.replace(old, new, 1))
    assert (caught.value.name, caught.value.field) == ("camt-invalid", "file")


@pytest.mark.parametrize("version", ["13", "14"])
def test_newest_message_versions_are_read(version: str) -> None:
    details = structured("RF18539007547034", "SCOR")
    (read_entry,) = camt054(message(entry(details), version=version))
    assert read_entry.amount == 100_00


def test_a_payers_text_that_hides_a_character_is_not_shown_and_loses_no_payment() -> None:
    hidden = structured("RF18\u202e539").replace(
        "<RmtInf>", "<Refs><EndToEndId>E\u200b1</EndToEndId></Refs><RmtInf>"
    )
    (read_entry,) = camt054(message(entry(hidden)))
    assert (read_entry.creditor_reference, read_entry.end_to_end_id, read_entry.amount) == (
        None,
        "",
        100_00,
    )


# -- another bank


def read_all(messages: Sequence[bytes]) -> list[Any]:
    """Each message's entries, taken as one list."""
    return [read_statement(item) for item in messages]


def test_statement_of_an_independent_bank_is_read() -> None:
    with other_bank() as bank:
        _, creditor, _ = references_for(8)
        bank.credit(account="ACME", amount=120_00, note=["for LOAN-7, thank you"], wrap=35)
        bank.credit(account="ACME", amount=1, reference=creditor, debtor={"name": "Linghu"})
        notified = [
            item for statement in read_all(bank.messages("camt.054")) for item in statement.booked
        ]
        assert [(item.amount, item.loan_id) for item in notified] == [(120_00, 7), (1, 8)]
        assert {item.account for item in notified} == {bank.ibans["ACME"]}
        assert {item.currency for item in notified} == {"EUR"}
        bank.advance(days=1)
        stated = [
            item for statement in read_all(bank.messages("camt.053")) for item in statement.booked
        ]
        # A statement has the references of its notifications, so that nothing is counted twice.
        assert stated == notified
