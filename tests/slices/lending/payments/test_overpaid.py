"""A bank entry says what its loan does not take, and to which account that goes back."""

from __future__ import annotations

import io
import uuid

import openpyxl
import pytest

from tests.support.bank_files import entry, notification, uploaded
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn
from tests.support.world import World, cny, refused

PAYER = (
    "<RltdPties><Dbtr><Pty><Nm>Linghu Castings</Nm></Pty></Dbtr>"
    "<DbtrAcct><Id><Othr><Id>330106000000002</Id></Othr></Id></DbtrAcct></RltdPties>"
)


def paid(amount: str, reference: str, loan: int | None, *, payer: str = PAYER) -> str:
    """An entry from the borrower's account."""
    name = "NOTPROVIDED" if loan is None else f"LOAN-{loan}"
    details = f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs>{payer}</TxDtls>"
    return entry(amount, reference=reference, more=f"<NtryDtls>{details}</NtryDtls>")


def lent(world: World, amount: str = "500.00") -> int:
    _, claim = world.confirmed(amount="1000.00")
    return drawn(world, agreed_facility(world), claim, amount)


def drawn_on(world: World, loan: int) -> Json:
    """The day of the draw as value date: the entries are of a day before it."""
    return {"valueDate": world["bank"].get(f"/v1/loans/{loan}").body["startDate"]}


def shown(world: World, entry_id: str) -> Json:
    items = world["bank"].get("/v1/bank-entries").body["items"]
    return dict(next(item for item in items if item["id"] == entry_id))


def back(amount: str, *, final: bool) -> Json:
    return {
        "amount": cny(amount),
        "toAccount": "330106000000002",
        "toName": "Linghu Castings",
        "final": final,
    }


def test_entry_above_the_payoff_says_what_goes_back_and_where(world: World) -> None:
    loan, mark = lent(world), uuid.uuid4().hex
    first, exact, second = uploaded(
        world,
        notification(
            paid("620.00", mark, loan),
            paid("500.00", mark + "b", loan),
            paid("30.00", mark + "c", None),
        ),
    )["items"]
    assert (first["payerAccount"], first["payerName"]) == ("330106000000002", "Linghu Castings")
    assert first["overpaid"] == back("120.00", final=False)
    assert (exact["overpaid"], second["overpaid"]) == (None, None)

    # The borrower pays some of it on the ledger first: more goes back than was expected.
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("50.00")})
    assert shown(world, first["id"])["overpaid"] == back("170.00", final=False)
    world["bank"].command(f"/v1/bank-entries/{first['id']}/repayment", drawn_on(world, loan))
    assert shown(world, first["id"])["overpaid"] == back("170.00", final=True)
    assert world["bank"].get(f"/v1/loans/{loan}").body["status"] == "repaid"

    # Nothing is owed any more: all of a later entry goes back, and recording it is refused.
    assert shown(world, exact["id"])["overpaid"] == back("500.00", final=False)
    path = f"/v1/bank-entries/{exact['id']}/repayment"
    problem = refused(world["bank"], path, drawn_on(world, loan))
    assert problem["contractError"]["contract"] == "Facilities"
    assert problem["contractError"]["arguments"]["loanId"] == loan
    assert f"nothing is owed on loan {loan}" in problem["detail"]


def test_entry_of_a_payer_who_named_no_loan_goes_back_in_part_once_recorded(world: World) -> None:
    loan, mark = lent(world, "10.00"), uuid.uuid4().hex
    (stored,) = uploaded(world, notification(paid("12.34", mark, None, payer="")))["items"]
    assert (stored["payerAccount"], stored["overpaid"]) == (None, None)
    body = {"loanId": loan} | drawn_on(world, loan)
    world["bank"].command(f"/v1/bank-entries/{stored['id']}/repayment", body)
    overpaid = {"amount": cny("2.34"), "toAccount": None, "toName": None, "final": True}
    assert shown(world, stored["id"])["overpaid"] == overpaid


def test_loan_of_another_lender_tells_nothing_about_its_payoff(world: World) -> None:
    loan, mark = lent(world, "10.00"), uuid.uuid4().hex
    (stored,) = uploaded(world, notification(paid("99.00", mark, loan)), by="platform")["items"]
    assert stored["overpaid"] is None


@pytest.mark.parametrize("party", ["supplier", "operator"])
def test_spreadsheet_of_bank_entries_is_for_lenders(world: World, party: str) -> None:
    answer = world.http.get(
        "/v1/bank-entries", params={"format": "xlsx"}, headers=world[party].headers
    )
    assert answer.status_code == 403


def test_spreadsheet_of_bank_entries_has_what_goes_back(world: World) -> None:
    loan, mark = lent(world), uuid.uuid4().hex
    (stored,) = uploaded(world, notification(paid("620.00", mark, loan)))["items"]
    answer = world.http.get(
        "/v1/bank-entries", params={"format": "xlsx"}, headers=world["bank"].headers
    )
    assert 'filename="bank-entries-' in answer.headers["content-disposition"]
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    header, *rows = sheet.iter_rows(values_only=True)
    row = dict(zip(header, next(row for row in rows if row[1] == stored["reference"]), strict=True))
    assert (row["loan"], row["amount"], row["state"]) == (loan, 620, "waiting")
    assert (row["goes back"], row["to account"]) == (120, "330106000000002")
    assert (row["to"], row["recorded"]) == ("Linghu Castings", "not yet")
