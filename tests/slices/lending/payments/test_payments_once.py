"""No money moves twice: loans are ordered once, entries stored once under all their references."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from app.gateway.middleware import UPLOADS
from app.lending.payments.messages import camt054
from tests.support.bank_files import as_statement, entry, notification, uploaded
from tests.support.lending import agreed_facility, drawn
from tests.support.world import World, cny, refused


def ordered(world: World, loans: list[int], **more: Any) -> httpx.Response:
    """The answer to a pay-out order."""
    body = {
        "account": "110105000000001",
        "executionDate": "2099-03-01",
        "payOuts": [{"loanId": loan, "account": "330106000000002"} for loan in loans],
    }
    return world.http.post("/v1/pay-outs", json=body | more, headers=world["bank"].headers)


def message_id(answer: httpx.Response) -> str:
    """`MsgId` of an order."""
    assert answer.status_code == 200, answer.text
    return str(answer.text.split("<MsgId>")[1].split("<")[0])


def test_loan_left_out_of_a_replacement_order_stays_ordered(world: World) -> None:
    facility = agreed_facility(world)
    first, second, third, fresh = (
        drawn(world, facility, world.confirmed(amount="1000.00")[1], "100.00") for _ in range(4)
    )
    whole = message_id(ordered(world, [first, second, third]))
    part = message_id(ordered(world, [third], replaces=whole))
    for loans in ([first, second], [first, second, third]):
        answer = ordered(world, loans)
        assert (answer.status_code, answer.json()["messageId"]) == (409, whole), answer.text
    # What stands in the second order is not replaced by naming the first one.
    answer = ordered(world, [third], replaces=whole, executionDate="2099-03-02")
    assert (answer.status_code, answer.json()["messageId"]) == (409, part)
    again = message_id(ordered(world, [first], replaces=whole))
    answer = ordered(world, [first], replaces=whole, executionDate="2099-03-02")
    assert (answer.status_code, answer.json()["messageId"]) == (409, again)
    answer = ordered(world, [fresh], replaces=whole)
    assert (answer.status_code, answer.json()["field"]) == (422, "replaces")


def test_a_repaid_loan_is_not_paid_out(world: World) -> None:
    facility = agreed_facility(world)
    _, claim = world.confirmed(amount="1000.00")
    loan = drawn(world, facility, claim, "100.00")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("100.00")})
    shown = world["supplier"].get(f"/v1/loans/{loan}").body
    assert shown["status"] == "repaid"
    answer = ordered(world, [loan])
    problem = answer.json()
    assert (answer.status_code, problem["type"].split(":")[-1], problem["field"]) == (
        *(409, "loan-not-running", "payOuts.0.loanId"),
    )


def transaction(reference: str, end_to_end: str, amount: str) -> str:
    """A payment of a batch; without a reference of the bank's where that is empty."""
    own = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    named = f"<EndToEndId>{end_to_end}</EndToEndId>" if end_to_end else ""
    refs = f"<Refs>{own}{named}</Refs>" if own or named else ""
    return f'<TxDtls>{refs}<Amt Ccy="CNY">{amount}</Amt></TxDtls>'


def upload_counts(world: World, *entries: str, statement: bool = False) -> tuple[int, list[str]]:
    """The number of new entries in a message, and the ids of known ones."""
    content = notification(*entries)
    body = uploaded(world, as_statement(content) if statement else content)
    assert body["known"] == len(body["knownItems"])
    return len(body["items"]), [item["id"] for item in body["knownItems"]]


def details(*transactions: str) -> str:
    """A batch."""
    return f"<NtryDtls>{''.join(transactions)}</NtryDtls>"


def test_payment_in_notification_and_statement_is_stored_once(world: World) -> None:
    for end_to_end in ("", "LOAN-7"):
        for first_statement in (False, True):
            mark = uuid.uuid4().hex[:20]
            by_transaction = entry(
                "31.00",
                reference=mark,
                more=details(transaction("T" + mark, end_to_end, "31.00")),
            )
            alone = entry("31.00", reference=mark, more="<NtryDtls/>")
            pair = [(by_transaction, False), (alone, True)]
            (first_entry, as_first), (other, as_second) = (
                reversed(pair) if first_statement else pair
            )
            assert upload_counts(world, first_entry, statement=as_first) == (1, [])
            new, known = upload_counts(world, other, statement=as_second)
            assert (new, len(known)) == (0, 1)


def test_payment_is_recognised_by_the_payers_reference_alone(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    earlier = entry("32.00", reference="", more=details(transaction("T" + mark, mark, "32.00")))
    two = entry("32.00", reference="R" + mark, more=details(transaction("", mark, "32.00")))
    assert upload_counts(world, earlier) == (1, [])
    assert upload_counts(world, two, statement=True)[0] == 0
    # Another sum, another day or another account is another payment.
    assert (
        upload_counts(world, two.replace("32.00", "33.00").replace("R" + mark, "S" + mark))[0] == 1
    )
    assert upload_counts(world, two.replace("-20<", "-21<").replace("R" + mark, "U" + mark))[0] == 1
    elsewhere = notification(two).replace(b">110105<", b">110106<")
    assert len(uploaded(world, elsewhere)["items"]) == 1
    assert len(uploaded(world, elsewhere.replace(b"M1", b"M2"))["items"]) == 0


def test_two_equal_payments_of_a_batch_remain_two_under_all_their_names(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    notified = [transaction(f"T{place}{mark}", "LOAN-7", "30.00") for place in range(2)]
    notified.append(transaction(f"T9{mark}", "LOAN-8", "40.00"))
    stated = [
        transaction("", name, sum_)
        for name, sum_ in (*(("LOAN-8", "40.00"), ("LOAN-7", "30.00"), ("LOAN-7", "30.00")),)
    ]
    assert upload_counts(world, entry(reference=mark, more=details(*notified))) == (3, [])
    new, known = upload_counts(world, entry(reference=mark, more=details(*stated)), statement=True)
    assert (new, len(known)) == (0, 3)
    # The same batch as one sum.
    new, known = upload_counts(world, entry(reference=mark, more="<NtryDtls/>"), statement=True)
    assert (new, len(known)) == (0, 1)


def test_batch_stored_as_one_sum_is_not_stored_again_by_its_payments(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    assert upload_counts(world, entry(reference=mark, more="<NtryDtls/>"), statement=True) == (
        1,
        [],
    )
    parts = [transaction(f"T{sum_}{mark}", "LOAN-7", sum_) for sum_ in ("60.00", "40.00")]
    new, known = upload_counts(world, entry(reference=mark, more=details(*parts)))
    assert (new, len(known)) == (0, 1)


def test_one_reference_on_two_accounts_is_two_entries(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    content = notification(entry("34.00", reference=mark))
    report = content[content.index(b"<Ntfctn>") : content.index(b"</BkToCstmrDbtCdtNtfctn>")]
    other = report.replace(b">110105<", b">110106<").replace(b"34.00", b"35.00")
    both = content.replace(report, report + other)
    shown = uploaded(world, both)
    assert [(item["account"], item["amount"]) for item in shown["items"]] == [
        *(("110105", cny("34.00")), ("110106", cny("35.00"))),
    ]
    again = uploaded(world, both.replace(b"M1", b"M2"))
    assert (again["items"], again["known"]) == ([], 2)


def test_every_endpoint_that_takes_a_file_takes_a_large_one(world: World) -> None:
    document = world.http.get("/openapi.json").json()
    taking = {
        path
        for path, methods in document["paths"].items()
        for method in methods.values()
        if "multipart/form-data" in method.get("requestBody", {}).get("content", {})
    }
    assert taking == UPLOADS
    padding = b"<!--" + b" " * 1_100_000 + b"-->"
    content = notification(entry("36.00", reference=uuid.uuid4().hex)) + padding
    assert len(uploaded(world, content)["items"]) == 1


def test_a_credit_with_a_pay_outs_own_name_is_a_return(world: World) -> None:
    loan = drawn(world, agreed_facility(world), world.confirmed(amount="1000.00")[1], "100.00")
    order = ordered(world, [loan])
    name = order.text.split("<EndToEndId>")[1].split("<")[0]
    content = notification(
        entry(reference=uuid.uuid4().hex, more=details(transaction("", name, "100.00")))
    )
    body = uploaded(world, content)
    assert (body["items"], [out["endToEndId"] for out in body["returnedPayOuts"]]) == ([], [name])


@pytest.mark.parametrize("code", ["RRTN", "RPCR", "UPDD", "PRDD", "RCDD"])
def test_entries_with_return_codes_are_no_repayments(code: str) -> None:
    family = f"<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{code}</SubFmlyCd></Fmly></Domn>"
    content = notification(entry()).replace(b"<BkTxCd/>", f"<BkTxCd>{family}</BkTxCd>".encode())
    assert camt054(content) == []


def test_entry_on_another_account_is_recorded_only_when_the_lender_confirms(world: World) -> None:
    loan = drawn(world, agreed_facility(world), world.confirmed(amount="1000.00")[1], "100.00")
    content = notification(entry("5.00", reference=uuid.uuid4().hex, remittance=f"LOAN-{loan}"))
    answer = world.http.post(
        "/v1/bank-notifications",
        files={"file": ("camt.xml", content, "application/xml")},
        data={"account": "110106"},
        headers={**world["bank"].headers, "Idempotency-Key": uuid.uuid4().hex},
    )
    path = f"/v1/bank-entries/{answer.json()['items'][0]['id']}/repayment"
    problem = refused(world["bank"], path)
    assert (problem["status"], problem["type"].split(":")[-1]) == (409, "account-unexpected")
    value_date = world["bank"].get(f"/v1/loans/{loan}").body["startDate"]
    world["bank"].command(path, {"anyAccount": True, "valueDate": value_date})
