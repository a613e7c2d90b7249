"""Shares of loans, through the API on a real chain: who sells, signs, is paid and reads."""

from __future__ import annotations

import datetime
import io
import uuid
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from tests.support.bank_files import entry, notification, uploaded
from tests.support.bodies import Json
from tests.support.goods_on_loan import other_funder
from tests.support.histories import names
from tests.support.lending import lent
from tests.support.participations import share_body, shared
from tests.support.sheets import pairs
from tests.support.world import World, cny, refused


def repaid(world: World, loan: int, amount: str) -> None:
    """The borrower repays on the ledger."""
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny(amount)})


def statement(world: World, by: str, loan: int) -> Json:
    """What a caller reads of the shares of a loan."""
    return dict(world[by].get(f"/v1/loans/{loan}/participations").body)


def recorded(world: World, loan: int, amount: str) -> str:
    """Money that reached the bank outside the ledger, recorded on the loan: its path."""
    mark = uuid.uuid4().hex[:20]
    content = notification(entry(amount, reference=mark, remittance=f"LOAN-{loan}"))
    (item,) = uploaded(world, content)["items"]
    path = f"/v1/bank-entries/{item['id']}"
    drawn_on = world["bank"].get(f"/v1/loans/{loan}").body["startDate"]
    world["bank"].command(f"{path}/repayment", {"valueDate": drawn_on})
    return path


def test_both_sign_and_each_repayment_is_shared(world: World) -> None:
    _, loan, _ = lent(world)
    before = world.balance("bank")
    done = shared(world, loan)
    assert done["state"] in ("included", "final")
    assert Decimal(world.balance("bank")) - Decimal(before) == 200
    participant = Decimal(world.balance("second-bank"))
    repaid(world, loan, "100.01")
    assert Decimal(world.balance("second-bank")) - participant == 40
    body = statement(world, "bank", loan)
    assert (body["proceeds"], body["shared"], body["due"]) == (
        cny("100.01"),
        400_000,
        cny("0.00"),
    )
    (item,) = body["items"]
    assert (item["share"], item["price"], item["paid"]) == (400_000, cny("200.00"), cny("40.00"))
    assert [(line["kind"], line["amount"]) for line in body["entries"]] == [
        ("proceeds", cny("100.01")),
        ("paid", cny("40.00")),
    ]
    loan_view = world["second-bank"].get(f"/v1/loans/{loan}").body
    assert loan_view["lender"]["partyId"] == world.parties["bank"], "the lender stays"


def test_money_outside_the_ledger_is_owed_until_the_lender_pays_it(world: World) -> None:
    _, loan, _ = lent(world)
    shared(world, loan)
    path = recorded(world, loan, "100.00")
    assert statement(world, "second-bank", loan)["due"] == cny("40.00")
    payments = f"/v1/loans/{loan}/participation-payments"
    problem = refused(world["bank"], payments, {"amount": cny("40.01")})
    assert (problem["status"], problem["field"]) == (422, "amount"), problem
    before = Decimal(world.balance("second-bank"))
    world["bank"].command(payments, {"amount": cny("40.00")})
    assert Decimal(world.balance("second-bank")) - before == 40
    world["bank"].command(f"{path}/reversal", {"reason": "returned by the bank"})
    body = statement(world, "second-bank", loan)
    assert (body["proceeds"], body["due"]) == (cny("0.00"), cny("0.00"))
    assert [line["amount"] for line in body["entries"] if line["kind"] == "proceeds"] == [
        cny("100.00"),
        cny("-100.00"),
    ]
    repaid(world, loan, "150.00")
    assert Decimal(world.balance("second-bank")) - before == 60, "two fifths of 150.00"


def test_money_outside_the_ledger_that_ends_the_loan_pays_participants_at_once(
    world: World,
) -> None:
    _, loan, _ = lent(world)
    shared(world, loan)
    recorded(world, loan, "100.00")
    before = Decimal(world.balance("second-bank"))
    recorded(world, loan, "400.00")
    assert world["bank"].get(f"/v1/loans/{loan}").body["status"] == "repaid"
    assert Decimal(world.balance("second-bank")) - before == 200, "two fifths of 500.00"
    assert statement(world, "bank", loan)["due"] == cny("0.00")


def test_participant_reads_the_loan_and_only_its_own_share(world: World) -> None:
    _, loan, _ = lent(world)
    shared(world, loan)
    repaid(world, loan, "10.00")
    for path in (f"/v1/loans/{loan}", f"/v1/loans/{loan}/statement"):
        assert world["second-bank"].get(path).body["asOf"]
    for name, count in (("bank", 1), ("second-bank", 1), ("auditor", 1), ("castor", 0)):
        items = world[name].get("/v1/loan-participations", loanId=loan).body["items"]
        assert len(items) == count, name
    path = f"/v1/loans/{loan}/participations"
    for name, status in (
        *(("bank", 200), ("second-bank", 200), ("auditor", 200), ("operator", 200)),
        *(("supplier", 403), ("castor", 404), ("platform", 404), ("rater", 404)),
    ):
        answer = world.http.get(path, headers=world[name].headers)
        assert answer.status_code == status, name
    private = {"ParticipationSold", "ParticipantPaid"}
    for name in ("bank", "second-bank"):
        assert private <= set(names(world, by=name, loan=loan)), name
    assert not private & set(names(world, by="supplier", loan=loan))


def shares_shown(world: World, by: str, loan: int, **parameters: str) -> list[tuple[object, ...]]:
    """The rows of participations in the spreadsheet and, the same, in the page and in JSON."""

    def file(ending: str) -> io.BytesIO:
        answer = world.http.get(
            f"/v1/loans/{loan}/statement",
            params={"format": ending} | parameters,
            headers=world[by].headers,
        )
        assert answer.status_code == 200
        return io.BytesIO(answer.content)

    book = openpyxl.load_workbook(file("xlsx"))
    terms = pairs(book["terms"])
    text = "".join(page.extract_text() for page in pypdf.PdfReader(file("pdf")).pages)
    in_json = rows_in_json(world, by, loan, **parameters)
    if "participations" not in book.sheetnames:
        assert "Participations" not in text and "what participants are due" not in terms
        assert in_json == []
        return []
    assert "Participations" in text
    assert "proceeds at the sale" in str(terms["what participants are due"])
    rows = list(book["participations"].iter_rows(values_only=True))
    assert rows[0][2:] == (
        "share (%)",
        *(f"{name} (CNY)" for name in ("price", "proceeds at the sale", "proceeds", "paid", "due")),
    )
    for row in rows[1:]:
        assert isinstance(row[1], datetime.datetime)
        assert f"{row[6]:.2f}" in text, "what was paid"
    assert in_json == [(row[0], *row[2:]) for row in rows[1:]]
    return in_json


def rows_in_json(world: World, by: str, loan: int, **parameters: str) -> list[tuple[object, ...]]:
    """The same rows of the statement in JSON."""
    body = world[by].get(f"/v1/loans/{loan}/statement", **parameters).body
    amounts = ("price", "joinedAt", "proceeds", "paid", "due")
    return [
        (
            item["participant"]["name"],
            item["share"] / 10_000,
            *(float(item[amount]) for amount in amounts),
        )
        for item in body["participations"]
    ]


def test_statement_files_show_each_reader_the_shares_that_it_may_see(world: World) -> None:
    _, loan, _ = lent(world)
    assert shares_shown(world, "bank", loan) == []
    shared(world, loan)
    other_funder(world)
    shared(world, loan, 100_000, by="funder")
    repaid(world, loan, "10.01")
    recorded(world, loan, "5.00")
    names = [item["participant"]["name"] for item in statement(world, "bank", loan)["items"]]
    # Of 15.01 a share of 40 % is 6.00 and of 10 % is 1.50; 4.00 and 1.00 came with 10.01.
    first = (names[0], 40, 200, 0, 15.01, 4, 2)
    second = (names[1], 10, 200, 0, 15.01, 1, 0.5)
    for name, rows in (
        *(("bank", [first, second]), ("auditor", [first, second]), ("operator", [first, second])),
        *(("second-bank", [first]), ("funder", [second]), ("supplier", [])),
    ):
        assert shares_shown(world, name, loan) == rows, name
    for name in ("castor", "rater"):
        path = f"/v1/loans/{loan}/statement"
        answer = world.http.get(path, params={"format": "xlsx"}, headers=world[name].headers)
        assert answer.status_code == 404, name


def test_statement_of_a_past_day_shows_the_shares_of_that_day(own_world: World) -> None:
    world = own_world
    _, loan, _ = lent(world)
    first_day = world["bank"].get(f"/v1/loans/{loan}").body["startDate"]
    shared(world, loan)
    repaid(world, loan, "10.00")
    world.later(86_400)
    other_funder(world)
    shared(world, loan, 100_000, by="funder")
    repaid(world, loan, "20.00")
    assert [row[3:] for row in shares_shown(world, "bank", loan)] == [
        (0, 30, 12, 0),
        (10, 30, 2, 0),
    ]
    past = shares_shown(world, "bank", loan, date=first_day)
    assert [row[3:] for row in past] == [(0, 10, 4, 0)]


def test_verification_shows_each_reader_the_shares_of_the_loan_that_it_may_see(
    world: World,
) -> None:
    _, loan, claim = lent(world)
    path = f"/v1/verification/claims/{claim}"
    assert world["bank"].get(path).body["loan"]["participations"] == []
    shared(world, loan)
    other_funder(world)
    shared(world, loan, 100_000, by="funder")
    repaid(world, loan, "10.01")
    recorded(world, loan, "5.00")
    every = statement(world, "bank", loan)["items"]
    assert [item["due"] for item in every] == [cny("2.00"), cny("0.50")]
    for name, items in (
        *(("bank", every), ("auditor", every), ("operator", every), ("supplier", None)),
        *(("second-bank", every[:1]), ("funder", every[1:])),
    ):
        shown = world[name].get(path).body["loan"]
        assert (shown["id"], shown["participations"]) == (loan, items), name
        assert shown["lender"]["partyId"] == world.parties["bank"]
    assert world["platform"].get(path).body["loan"] is None, "a financier that has no part in it"
    assert world["buyer"].get(path).body["loan"] is None, "the debtor of the claim"
    assert world.http.get(path, headers=world["castor"].headers).status_code == 404
    _, free = world.confirmed()
    assert world["bank"].get(f"/v1/verification/claims/{free}").body["loan"] is None


def test_nobody_but_the_lender_proposes_and_pays(world: World) -> None:
    _, loan, _ = lent(world)
    shared(world, loan, 100_000)
    payment = {"amount": cny("1.00")}
    for name, status in (
        *(("supplier", 403), ("castor", 403), ("buyer", 403), ("rater", 403)),
        *(("auditor", 403), ("operator", 403), ("platform", 404), ("second-bank", 404)),
    ):
        path = f"/v1/loans/{loan}/participations"
        assert refused(world[name], path, share_body(world))["status"] == status, name
        path = f"/v1/loans/{loan}/participation-payments"
        assert refused(world[name], path, payment)["status"] == status, name


def test_loan_with_participants_is_not_sold(world: World) -> None:
    _, loan, _ = lent(world)
    shared(world, loan)
    sale = {
        "buyerPartyId": world.parties["platform"],
        "price": cny("1.00"),
        "notice": "Your loan was sold.",
    }
    problem = refused(world["bank"], f"/v1/loans/{loan}/sales", sale)
    assert problem["type"].endswith("loan-not-saleable"), problem


def test_costs_of_a_loan_with_participants_are_not_proposed(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/costs"
    body = {"amount": cny("10.00"), "evidence": "Bill 7 of the enforcement office"}
    before = world["bank"].post(path, body).body
    shared(world, loan)
    problem = refused(world["bank"], path, body)
    assert (problem["status"], problem["type"]) == (
        409,
        "urn:cession:problem:costs-of-shared-loan",
    )
    assert "court" in problem["fix"]
    # Proposed before the share was sold: the ledger itself refuses it.
    agreement = f"/v1/agreements/{before['id']}"
    world["supplier"].command(f"{agreement}/signature")
    assert "CostsOfSharedLoan" in str(refused(world["bank"], f"{agreement}/execution"))


def test_repayment_between_signing_and_sending_ends_the_terms(world: World) -> None:
    _, loan, _ = lent(world)
    world.cash("second-bank", "1000.00")
    draft = world["bank"].post(f"/v1/loans/{loan}/participations", share_body(world)).body
    repaid(world, loan, "1.00")
    problem = refused(world["second-bank"], f"/v1/agreements/{draft['id']}/signature")
    assert "LoanChanged" in str(problem)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"share": 0}, "share"),
        ({"share": 950_001}, "share"),
        ({"share": 600_000}, "share"),
        ({"price": cny("0.00")}, "price.amount"),
        ({"price": {"amount": "1.00", "currency": "EUR"}}, "price.currency"),
        ({"participantPartyId": "nobody"}, "participantPartyId"),
    ],
)
def test_invalid_participation_names_its_field(world: World, change: Json, field: str) -> None:
    _, loan, _ = lent(world)
    shared(world, loan)
    path = f"/v1/loans/{loan}/participations"
    problem = refused(world["bank"], path, share_body(world) | change)
    assert (problem["status"], problem["field"]) == (422, field), problem


def test_share_goes_to_no_side_of_the_loan_and_to_no_other_role(world: World) -> None:
    _, loan, _ = lent(world)
    path = f"/v1/loans/{loan}/participations"
    for name in ("supplier", "bank"):
        body = share_body(world, participantPartyId=world.parties[name])
        assert refused(world["bank"], path, body)["field"] == "participantPartyId"
    draft = world["bank"].post(path, share_body(world, participantPartyId=world.parties["castor"]))
    problem = refused(world["castor"], f"/v1/agreements/{draft.body['id']}/signature")
    assert "RoleMissing" in str(problem)


def test_repaid_loan_is_not_shared(world: World) -> None:
    _, loan, _ = lent(world)
    repaid(world, loan, "600.00")
    problem = refused(world["bank"], f"/v1/loans/{loan}/participations", share_body(world))
    assert problem["type"].endswith("loan-not-shareable")
