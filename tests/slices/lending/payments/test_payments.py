"""Bank messages: camt.054 read and recorded once, loans paid out by the lender alone."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from stdnum import iso11649

from app.domain.accounts import AccountInvalid, checked_account
from app.errors import BadInput
from app.lending.payments.messages import CAMT_NAMESPACE, Booked, camt054
from app.lending.payments.references import loan_named
from app.storage import run
from tests.support.bank_files import as_statement, entry, notification, uploaded
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn
from tests.support.payment_orders import checked_root, texts
from tests.support.world import CAST, World, cny, refused

# -- camt.054


def test_bank_reference_hides_no_character() -> None:
    with pytest.raises(BadInput) as caught:
        camt054(notification(entry(reference="R\u202e7")))
    assert (caught.value.name, caught.value.field) == ("hidden-character", "file.AcctSvcrRef")
    content = notification(entry()).replace(b">110105<", ">110\u202e105<".encode())
    assert [item.account for item in camt054(content)] == [""]


def test_booked_credits_are_read_exactly_and_other_entries_skipped() -> None:
    entries = camt054(
        notification(
            entry("1234567.89"),
            entry(reference="R-2", side="DBIT"),
            entry(reference="R-3", status="PDNG"),
            entry(reference="R-4", remittance="LOAN-1 and LOAN-2"),
            entry("500", reference="R-5", currency="JPY", remittance="thanks"),
        )
    )
    day = datetime.date(2026, 11, 20)
    assert entries == [
        Booked("R-1", 123_456_789, "CNY", day, 7, account="110105", entry_reference="R-1"),
        Booked("R-4", 100_00, "CNY", day, None, account="110105", entry_reference="R-4"),
        Booked("R-5", 500, "JPY", day, None, account="110105", entry_reference="R-5"),
    ]


def test_batch_is_split_into_its_transactions() -> None:
    transaction = (
        "<TxDtls><Refs><AcctSvcrRef>{0}</AcctSvcrRef><EndToEndId>LOAN-{1}</EndToEndId></Refs>"
        '<Amt Ccy="CNY">{2}</Amt></TxDtls>'
    )
    parts = transaction.format("T-1", 3, "60.00") + transaction.format("T-2", 4, "40.00")
    entries = camt054(notification(entry(more=f"<NtryDtls>{parts}</NtryDtls>")))
    assert [(each.reference, each.loan_id, each.amount) for each in entries] == [
        *(("T-1", 3, 60_00), ("T-2", 4, 40_00)),
    ]
    parts = transaction.format("T-1", 3, "60.00") + transaction.format("T-2", 4, "41.00")
    with pytest.raises(BadInput, match="not the sum"):
        camt054(notification(entry(more=f"<NtryDtls>{parts}</NtryDtls>")))


def test_loan_in_a_truncated_text_is_read_only_when_unambiguous() -> None:
    def named(*items: str) -> int | None:
        texts = "".join(f"<Ustrd>{item}</Ustrd>" for item in items)
        details = f"<NtryDtls><TxDtls><RmtInf>{texts}</RmtInf></TxDtls></NtryDtls>"
        (read_entry,) = camt054(notification(entry(more=details)))
        return read_entry.loan_id

    assert named("Repayment of the agreed sum LOAN-12", "34 thank you") is None
    assert named("LOAN-12", "thank you") == 12
    assert named("thank you for", "LOAN-12") == 12
    assert named("LOAN-12", "2026-11-19") is None
    assert named("LOAN-12", "LOAN-13") is None
    assert named("repays LOAN-", "12") is None


@pytest.mark.parametrize(
    "structured",
    [
        "<CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>LOAN-7</Ref></CdtrRefInf>",
        "<RfrdDocInf><Nb>LOAN-7</Nb></RfrdDocInf>",
        "<AddtlRmtInf>for LOAN-7</AddtlRmtInf>",
    ],
)
def test_a_loan_in_a_structured_reference_is_read(structured: str) -> None:
    details = f"<NtryDtls><TxDtls><RmtInf><Strd>{structured}</Strd></RmtInf></TxDtls></NtryDtls>"
    (read_entry,) = camt054(notification(entry(more=details)))
    assert read_entry.loan_id == 7


def test_a_creditor_reference_names_a_loan_if_its_check_digits_hold() -> None:
    right = next(item for item in (f"RF{n:02}LOAN7" for n in range(98)) if iso11649.is_valid(item))
    assert loan_named([right], []) == 7
    assert loan_named([f"{right[:4]} {right[4:]}"], []) == 7
    wrong = f"RF{(int(right[2:4]) + 1) % 98:02}LOAN7"
    assert loan_named([wrong], []) is None


@pytest.mark.parametrize("filler", ["NONREF", "NOTPROVIDED", "0", "000", "n/a", "-", ""])
def test_filler_reference_is_ignored_and_loses_no_payment(filler: str) -> None:
    entries = [entry(reference=filler), entry(reference=filler), entry("7", reference=filler)]
    content = notification(*entries)
    first = camt054(content)
    assert [item.amount for item in first] == [100_00, 100_00, 7_00]
    assert len({item.reference for item in first}) == 3
    assert camt054(content.replace(b"M1", b"M2")) == first
    later = camt054(content.replace(b"2026-11-20</Dt>", b"2026-11-21</Dt>"))
    assert not {item.reference for item in later} & {item.reference for item in first}


def test_batch_transactions_without_references_are_named_by_entry_and_position() -> None:
    transaction = "<TxDtls><Refs><EndToEndId>LOAN-{0}</EndToEndId></Refs>"
    transaction += '<Amt Ccy="CNY">{1}</Amt></TxDtls>'
    parts = transaction.format(3, "60.00") + transaction.format(4, "40.00")
    entries = camt054(notification(entry(more=f"<NtryDtls>{parts}</NtryDtls>")))
    assert [(each.reference, each.loan_id) for each in entries] == [("R-1 1", 3), ("R-1 2", 4)]


def older(content: bytes, version: str) -> bytes:
    """The message in a version before 08, where a status is a code by itself."""
    plain = content.replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>BOOK</Sts>")
    return plain.replace(b"camt.054.001.08", f"camt.054.001.{version}".encode())


def full_notification() -> bytes:
    """Two entries as every version from 04 takes them: each transaction has its own amount."""
    details = (
        "<NtryDtls><TxDtls><Refs><EndToEndId>LOAN-7</EndToEndId></Refs>"
        '<Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls></NtryDtls>'
    )
    content = notification(entry(more=details), entry("5.00", reference="R-2", more="<NtryDtls/>"))
    return content.replace(b"<BkTxCd/>", b"<BkTxCd><Prtry><Cd>1</Cd></Prtry></BkTxCd>")


@pytest.mark.parametrize("version", ["02", "04", "05", "06"])
def test_older_message_versions_give_the_same_entries(version: str) -> None:
    content = full_notification().replace(
        b"<Id>N1</Id>", b"<Id>N1</Id><CreDtTm>2026-11-20T10:00:00Z</CreDtTm>"
    )
    newest = camt054(content)
    assert [(item.reference, item.loan_id) for item in newest] == [("R-1", 7), ("R-2", None)]
    if version == "02":
        own = b'<Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>'
        content = content.replace(own, b"</TxDtls>")
    assert camt054(older(content, version)) == newest
    assert camt054(as_statement(older(content, version))) == newest


@pytest.mark.parametrize("version", ["07", "09", "10", "11", "12", "13", "14"])
def test_newer_message_versions_give_the_same_entries(version: str) -> None:
    content = full_notification()
    young = content.replace(b"001.08", f"001.{version}".encode())
    assert camt054(young) == camt054(content) == camt054(as_statement(young))


def test_a_batch_of_version_02_has_its_amounts_among_the_details() -> None:
    transaction = "<TxDtls><Refs><EndToEndId>LOAN-{0}</EndToEndId></Refs><AmtDtls><TxAmt>"
    transaction += '<Amt Ccy="CNY">{1}</Amt></TxAmt></AmtDtls></TxDtls>'
    parts = transaction.format(3, "60.00") + transaction.format(4, "40.00")
    content = notification(entry(more=f"<NtryDtls>{parts}</NtryDtls>"))
    content = content.replace(b"<Id>N1</Id>", b"<Id>N1</Id><CreDtTm>2026-11-20T10:00:00Z</CreDtTm>")
    entries = camt054(older(content, "02"))
    assert [(each.loan_id, each.amount) for each in entries] == [(3, 60_00), (4, 40_00)]


def test_a_pay_out_that_came_back_is_no_repayment() -> None:
    details = (
        "<NtryDtls><TxDtls><Refs><EndToEndId>LOAN-7</EndToEndId></Refs>"
        "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"
    )
    assert camt054(notification(entry(more=details))) == []
    code = b"<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn>"
    content = notification(entry()).replace(b"<BkTxCd/>", b"<BkTxCd>" + code + b"</BkTxCd>")
    assert camt054(content) == []


def test_entry_of_zero_is_skipped_and_the_rest_is_read() -> None:
    content = notification(entry(), entry("0.00", reference="R-2"), entry(reference="R-3"))
    assert [item.reference for item in camt054(content)] == ["R-1", "R-3"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"not xml", "camt-malformed"),
        (notification(entry(), extra="<!DOCTYPE a [<!ENTITY b 'c'>]>"), "camt-malformed"),
        (notification(entry(), namespace=CAMT_NAMESPACE[:-2] + "99"), "camt-unknown"),
        (notification(entry() + "<Gift>1</Gift>"), "camt-invalid"),
        (notification(entry("ten")), "camt-invalid"),
        (notification(entry("1.001")), "camt-entry-unclear"),
        (notification(entry("-5.00")), "camt-invalid"),
        (notification(entry(currency="QQQ")), "camt-entry-unclear"),
        (notification(entry(), entry()), "camt-entry-unclear"),
    ],
)
def test_invalid_notification_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        camt054(content)
    assert caught.value.name == name
    assert str(caught.value.field).startswith("file")


# -- through the gateway


def test_repayment_outside_the_ledger_is_recorded_once_and_moves_no_money(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "500.00")
    mark = uuid.uuid4().hex
    content = notification(
        entry("120.00", reference=mark, remittance=f"LOAN-{loan}"),
        entry("5.00", reference=mark + "b", remittance="no loan named"),
    )
    upload_result = uploaded(world, content)
    assert [(item["loanId"], item["amount"]) for item in upload_result["items"]] == [
        *((loan, cny("120.00")), (None, cny("5.00"))),
    ]
    again = uploaded(world, content.replace(b"M1", b"M2"))
    assert (again["items"], again["known"]) == ([], 2)
    assert again["knownItems"] == upload_result["items"]
    before = world.balance("bank"), world.balance("supplier")
    first, second = (f"/v1/bank-entries/{item['id']}/repayment" for item in upload_result["items"])
    value_date = world["bank"].get(f"/v1/loans/{loan}").body["startDate"]
    world["bank"].command(first, {"valueDate": value_date})
    loan_view = world["supplier"].get(f"/v1/loans/{loan}").body
    assert loan_view["outstanding"] == cny("380.00")
    assert (world.balance("bank"), world.balance("supplier")) == before
    assert refused(world["bank"], first, {"valueDate": value_date})["status"] == 409
    assert refused(world["bank"], second)["field"] == "loanId"
    assert refused(world["bank"], first, {"loanId": loan + 1})["field"] == "loanId"
    world["bank"].command(second, {"loanId": loan, "valueDate": value_date})
    assert world["supplier"].get(f"/v1/loans/{loan}").body["outstanding"] == cny("375.00")
    states = [item["state"] for item in world["bank"].get("/v1/bank-entries").body["items"][:2]]
    assert states == ["recorded", "recorded"]
    for name, status in (("platform", 404), ("supplier", 403), ("operator", 403)):
        assert refused(world[name], second, {"loanId": loan})["status"] == status
    changed = notification(entry("121.00", reference=mark))
    with pytest.raises(Exception, match="409"):
        uploaded(world, changed)


def test_reversed_payment_is_not_recorded(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    (stored,) = uploaded(world, notification(entry("61.00", reference=mark)))["items"]
    assert (stored["account"], stored["state"], stored["accountExpected"]) == (
        "110105",
        "waiting",
        None,
    )
    back = entry("61.00", reference=mark, side="DBIT").replace(
        "</CdtDbtInd>", "</CdtDbtInd><RvslInd>true</RvslInd>"
    )
    # Another sum takes back something else.
    other = uploaded(world, notification(back.replace("61.00", "60.00")))
    assert [item["entryId"] for item in other["reversals"]] == [None]
    for number in ("M2", "M3"):
        upload_result = uploaded(world, notification(back).replace(b"M1", number.encode()))
        assert upload_result["items"] == []
        (reversal,) = upload_result["reversals"]
        assert (reversal["entryId"], reversal["amount"]) == (stored["id"], cny("61.00"))
    (newest,) = world["bank"].get("/v1/bank-entries", limit=1).body["items"]
    assert (newest["id"], newest["state"], newest["reversedBy"]) == (stored["id"], "reversed", mark)
    problem = refused(world["bank"], f"/v1/bank-entries/{stored['id']}/repayment", {"loanId": 7})
    assert (problem["status"], problem["type"].split(":")[-1]) == (409, "entry-reversed")


def test_a_reversal_finds_its_entry_by_the_payers_reference_alone(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    details = f"<NtryDtls><TxDtls><Refs><EndToEndId>{mark}</EndToEndId></Refs></TxDtls></NtryDtls>"
    entries = [entry("9.00", reference=mark + end, more=details) for end in ("a", "b")]
    first, second = uploaded(world, notification(*entries))["items"]
    assert first["endToEndId"] == mark

    def back(reference: str) -> list[Any]:
        debit = entry("9.00", reference=reference, side="DBIT", more=details)
        debit = debit.replace("</CdtDbtInd>", "</CdtDbtInd><RvslInd>true</RvslInd>")
        upload_result = uploaded(world, notification(debit).replace(b"M1", reference.encode()))
        return [reversal["entryId"] for reversal in upload_result["reversals"]]

    # Two can be meant: none is marked.
    assert back(mark + "c") == [None]
    assert back(mark + "a") == [first["id"]]
    # Now one is left.
    assert back(mark + "d") == [second["id"]]


def test_an_account_that_is_not_the_expected_one_is_flagged(world: World) -> None:
    for account, expected in (("110105", True), ("110106", False)):
        content = notification(entry(reference=uuid.uuid4().hex))
        headers = {**world["bank"].headers, "Idempotency-Key": uuid.uuid4().hex}
        answer = world.http.post(
            "/v1/bank-notifications",
            files={"file": ("camt.xml", content, "application/xml")},
            data={"account": account},
            headers=headers,
        )
        assert answer.status_code == 201, answer.text
        assert [item["accountExpected"] for item in answer.json()["items"]] == [expected]


def test_charges_and_references_are_shown_with_the_entry(world: World) -> None:
    details = (
        "<NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy='CNY'>102.00</Amt></InstdAmt></AmtDtls>"
        "<RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
        "</TxDtls></NtryDtls>"
    )
    content = notification(entry(reference=uuid.uuid4().hex, more=details))
    (shown,) = uploaded(world, content)["items"]
    assert (shown["amount"], shown["paid"], shown["charges"]) == (
        *(cny("100.00"), cny("102.00"), cny("2.00")),
    )
    named = {"type": "RF", "value": "RF18539007547034", "valid": True}
    assert shown["creditorReference"] == named


def test_payer_sees_the_reference_of_its_loan(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "500.00")
    for who in ("supplier", "bank"):
        shown = world[who].get(f"/v1/loans/{loan}/payment-references").body
        assert {loan_named([item], []) for item in shown.values()} == {loan}
    answer = world.http.get(f"/v1/loans/{loan}/payment-references", headers=world["buyer"].headers)
    assert answer.status_code == 404


def test_pay_outs_are_ordered_by_the_lender_alone(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "500.00")
    body = {
        "account": "110105000000001",
        "executionDate": "2099-03-01",
        "payOuts": [
            {
                "loanId": loan,
                "account": "330106000000002",
                "name": "灵湖铸件",
                "address": {"town": "杭州", "country": "CN", "lines": ["西湖路 1 号"]},
            }
        ],
    }
    answer = world.http.post("/v1/pay-outs", json=body, headers=world["bank"].headers)
    assert answer.status_code == 200, answer.text
    name = f'attachment; filename="pay-outs-loan-{loan}-2099-03-01.xml"'
    assert answer.headers["content-disposition"] == name
    root = checked_root(answer.content)
    assert texts(root, "p:Cdtr/p:Nm") == ["灵湖铸件"]
    assert texts(root, "p:Cdtr/p:PstlAdr/p:TwnNm") == ["杭州"]
    assert texts(root, "p:InstdAmt") == ["500.00"]
    for name, status in (("platform", 404), ("supplier", 403), ("auditor", 403)):
        reply = world.http.post("/v1/pay-outs", json=body, headers=world[name].headers)
        assert reply.status_code == status, name
    # The same request, the same message; no other one for the same loan.
    again = world.http.post("/v1/pay-outs", json=body, headers=world["bank"].headers)
    assert again.content == answer.content
    other = body | {"executionDate": "2099-03-02"}
    reply = world.http.post("/v1/pay-outs", json=other, headers=world["bank"].headers)
    assert (reply.status_code, reply.json()["field"]) == (409, "payOuts.0.loanId")
    order = reply.json()["messageId"]
    assert texts(root, "p:GrpHdr/p:MsgId") == [order]
    unknown = other | {"replaces": "f" * 32}
    reply = world.http.post("/v1/pay-outs", json=unknown, headers=world["bank"].headers)
    assert reply.status_code == 409
    second = world.http.post(
        "/v1/pay-outs", json=other | {"replaces": order}, headers=world["bank"].headers
    )
    first_names = texts(root, "p:EndToEndId")
    names = texts(checked_root(second.content), "p:EndToEndId")
    assert loan_named(names, []) == loan_named(first_names, []) == loan
    assert names != first_names
    stored = world.server.gateway.storage.read_now(
        lambda c: run(c, "SELECT end_to_end_id FROM pay_outs WHERE loan_id = ?", (loan,)).all()
    )
    assert {row[0] for row in stored} == {*names, *first_names}
    gone = body | {"replaces": order}
    reply = world.http.post("/v1/pay-outs", json=gone, headers=world["bank"].headers)
    assert reply.status_code == 409
    twice = body | {"payOuts": [*body["payOuts"], *body["payOuts"]]}
    reply = world.http.post("/v1/pay-outs", json=twice, headers=world["bank"].headers)
    assert (reply.status_code, reply.json()["field"]) == (422, "payOuts")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"account": "DE00120300000000202051"}, "account"),
        ({"account": "DE8937040044053201300"}, "account"),
        ({"payOuts": [{"loanId": 1, "account": "GB33BUKB20201555555556"}]}, "payOuts.0.account"),
        ({"bic": "ABCDXXFF"}, "bic"),
        ({"executionDate": "2020-01-01"}, "executionDate"),
        ({"name": "Bank\u202e"}, "name"),
        ({"address": {"lines": ["Hauptstr. 5, 60311 Frankfurt"]}}, "address"),
    ],
)
def test_invalid_account_bank_or_day_is_refused_by_its_field(
    world: World, more: Json, field: str
) -> None:
    body = {
        "account": "DE89370400440532013000",
        "bic": "COBADEFF",
        "executionDate": "2099-03-01",
        "payOuts": [{"loanId": 1, "account": "110105000000001"}],
    }
    answer = world.http.post("/v1/pay-outs", json=body | more, headers=world["bank"].headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


@pytest.mark.parametrize(
    ("account", "holds"),
    [
        ("DE89370400440532013000", True),
        ("GB33BUKB20201555555555", True),
        ("110105000000001", True),
        ("CN12345678", True),
        ("US00ABC", True),
        ("DE88370400440532013000", False),
        ("GB33BUKB20201555555556", False),
    ],
)
def test_account_number_that_starts_like_an_iban_is_checked_as_one(
    account: str, holds: bool
) -> None:
    if holds:
        assert checked_account(account) == account
    else:
        with pytest.raises(AccountInvalid, match="mod 97"):
            checked_account(account)


@pytest.mark.parametrize(
    ("amount", "day"), [("1E+999999999", "2026-11-20"), ("9.00", "19999-11-20")]
)
def test_numbers_that_no_bank_books_are_refused_at_once(amount: str, day: str) -> None:
    data = notification(entry(amount)).replace(b"2026-11-20</Dt>", day.encode() + b"</Dt>")
    with pytest.raises(BadInput) as caught:
        camt054(data)
    assert len(str(caught.value)) < 400


def test_lender_alone_reads_one_of_its_entries(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    (item,) = uploaded(world, notification(entry("12.00", reference=mark)))["items"]
    path = f"/v1/bank-entries/{item['id']}"
    assert world["bank"].get(path).body == item
    unknown = world.http.get(f"/v1/bank-entries/{uuid.uuid4()}", headers=world["bank"].headers)
    assert unknown.json()["type"] == "urn:cession:problem:entry-unknown"
    lenders = {member.name for member in CAST if "financier" in member.api_roles}
    for name in lenders - {"bank"}:
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == 404, name
    for name in (set(world.server.keys) | {member.name for member in CAST}) - lenders:
        assert world.http.get(path, headers=world[name].headers).status_code == 403, name
    assert world.http.get(path).status_code == 401
