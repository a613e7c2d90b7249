"""A loan's statement says what the ledger says, to the cent, on each day."""

from __future__ import annotations

import datetime
import io
from fractions import Fraction
from typing import Any

import openpyxl
import pypdf
import pytest

from app.domain.loan import Loan, LoanTerms, Style
from app.domain.money import decimal_text
from app.lending.rows import LEDGER_PARTS, LoanRow
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, drawn
from tests.support.world import World, caught_up, cny

DAY = 86_400
START = 20_500


def on_ledger(world: World, loan: int) -> tuple[Json, Json]:
    """What is due on a loan, and what would repay it: the contract's own answer for its day."""
    contracts = world.server.gateway.contracts
    data = contracts.encode("Facilities", "loan", [loan])
    call = {"to": contracts.address("Facilities"), "data": "0x" + data.hex()}
    answer = world.server.node.ask("eth_call", call, "latest")
    view = contracts.decode_result("Facilities", "loan", answer)
    return amounts(view["due"]), amounts(view["payoff"])


def amounts(parts: dict[str, int]) -> Json:
    """The parts of an amount as the statement writes them."""
    minor = {"service": 0} | {name: parts[name] for name in LEDGER_PARTS}  # loans without fees
    minor["total"] = sum(minor.values())
    return {name: decimal_text(amount, currency="CNY") for name, amount in minor.items()}


def statement(world: World, loan: int, **query: Any) -> Json:
    caught_up(world)
    return dict(world["bank"].get(f"/v1/loans/{loan}/statement", **query).body)


def after(world: World, days: int) -> None:
    world.later(days * DAY)


def half_up(exact: Fraction) -> int:
    return (exact + Fraction(1, 2)).__floor__()


def checked_by_hand(body: Json) -> None:
    """Each interest and penalty follows from the texts of its factors alone."""
    for figure in body["figures"]:
        factors = {factor["name"]: factor["value"] for factor in figure["factors"]}
        sums = [factors.get("sum of days"), factors.get("sum of overdue days")]
        texts = [text for text in sums if text is not None]
        if not texts:
            continue
        (sum_of_days,) = map(int, texts)
        rate = Fraction(int(factors["annual rate"]), 1_000_000)
        multiple = Fraction(int(factors.get("penalty multiple", 1_000_000)), 1_000_000)
        exact = sum_of_days * rate * multiple / int(factors["days of a year"])
        assert figure["rounded"] == decimal_text(half_up(exact), currency="CNY")
        assert 0 <= exact / 100 - Fraction(figure["exact"]) < Fraction(1, 10**10)
        rest = Fraction(figure["rounded"]) - Fraction(figure["less"])
        assert Fraction(figure["amount"]) == rest


def test_statement_of_an_overdue_loan_is_the_ledgers_own_answer(own_world: World) -> None:
    world = own_world
    _, claim = world.confirmed(amount="1000.00", days=40)
    loan = drawn(world, agreed_facility(world), claim, "777.77", tenor=30)
    first = datetime.date.fromisoformat(statement(world, loan)["date"])
    day = {days: (first + datetime.timedelta(days=days)).isoformat() for days in range(80)}

    after(world, 20)
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("123.45")})
    earlier = statement(world, loan)
    assert (earlier["due"], earlier["payoff"]) == on_ledger(world, loan)
    assert (earlier["overdueSince"], earlier["daysPastDue"]) == (None, 0)
    forecast = statement(world, loan, date=day[55])

    after(world, 35)
    late = statement(world, loan)
    assert late == forecast | {"asOf": late["asOf"]}
    assert (late["due"], late["payoff"]) == on_ledger(world, loan)
    assert (late["overdueSince"], late["daysPastDue"]) == (day[30], 25)
    (run,) = [line for line in late["lines"] if line["kind"] == "penalty-run"]
    assert (run["from"], run["date"], run["days"]) == (day[30], day[55], 25)
    assert Fraction(run["principal"]) * 100 * 25 == Fraction(run["sumOfDays"])
    assert Fraction(late["due"]["penalty"]) > 0
    checked_by_hand(late)

    body = {"amount": cny("35.00"), "evidence": "the bailiff's bill of today"}
    draft = world["bank"].post(f"/v1/loans/{loan}/costs", body).body
    world["supplier"].post(f"/v1/agreements/{draft['id']}/signature")
    world["bank"].command(f"/v1/agreements/{draft['id']}/execution")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("36.01")})
    after(world, 7)
    newest = statement(world, loan)
    assert (newest["due"], newest["payoff"]) == on_ledger(world, loan)
    kinds = [line["kind"] for line in newest["lines"]]
    assert kinds[-4:] == ["penalty-run", "costs", "repaid", "penalty-run"]
    charged, repaid = newest["lines"][-3], newest["lines"][-2]
    assert (charged["principal"], charged["due"]["costs"]) == ("35.00", "35.00")
    assert (repaid["paid"]["costs"], repaid["paid"]["penalty"]) == ("35.00", "1.01")
    assert repaid["due"]["costs"] == "0.00"
    checked_by_hand(newest)

    # An earlier day is told as it was then.
    again = statement(world, loan, date=day[20])
    assert again == earlier | {"asOf": again["asOf"]}
    same_in_files(world, loan, newest)
    for text in (day[0], day[79]):
        statement(world, loan, date=text)
    for text in ((first - datetime.timedelta(days=1)).isoformat(), "9999-01-01"):
        answer = world.http.get(
            f"/v1/loans/{loan}/statement", params={"date": text}, headers=world["bank"].headers
        )
        assert (answer.status_code, answer.json()["field"]) == (422, "date")


def same_in_files(world: World, loan: int, body: Json) -> None:
    """The spreadsheet and the page have the amounts of the JSON."""
    path, headers = f"/v1/loans/{loan}/statement", world["bank"].headers
    content = world.http.get(path, params={"format": "xlsx"}, headers=headers).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    owed = list(book["owed"].iter_rows(min_row=2, values_only=True))
    assert len(owed) == len(body["lines"]) + 2
    for row, told in zip(
        owed, [*(line["due"] for line in body["lines"]), body["due"], body["payoff"]], strict=True
    ):
        assert row[2:9] == tuple(pytest.approx(float(text)) for text in told.values())
    figures = list(book["figures"].iter_rows(min_row=2, values_only=True))
    told = [
        (figure["name"], factor["name"], float(factor["value"]), factor["unit"])
        for figure in body["figures"]
        for factor in figure["factors"]
    ]
    assert [row[1:5] for row in figures] == told
    results = [row[5:9] for row in figures if row[5] is not None]
    assert results == [
        tuple(pytest.approx(float(figure[name])) for name in ("exact", "rounded", "less", "amount"))
        for figure in body["figures"]
    ]
    content = world.http.get(path, params={"format": "pdf"}, headers=headers).content
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = "".join(page.extract_text() for page in pages)
    for figure in body["figures"]:
        assert figure["name"] in text
        assert figure["exact"] in text
    assert body["due"]["total"] in text
    assert body["overdueSince"] in text


def stopped_loan() -> LoanRow:
    """A loan whose currency stood still from its day 10 for five days, and from day 20 for three.

    In the calendar, the second stop began on day 25.
    """
    terms = LoanTerms(style=Style.BULLET, start_day=START, due_day=START + 60, annual_rate=72_000)
    empty: dict[str, Any] = dict.fromkeys(LoanRow.__struct_fields__)
    row = LoanRow(**empty | {"stops_json": "[]"})
    row.lost_days, row.stopped_day = 0, None
    row.oldest_unpaid_day = 0
    row.keep(Loan.opened(terms, principal=1))
    row.stop(START + 10)
    row.move_on(5)
    row.stop(START + 25)
    return row


def test_a_loans_own_day_on_a_past_day_leaves_out_days_lost_by_then() -> None:
    row = stopped_loan()
    calendar = [0, 9, 10, 12, 15, 16, 24, 25]
    own = [0, 9, 10, 10, 10, 11, 19, 20]
    assert [row.own_day(START + day) - START for day in calendar] == own
    assert [row.own_day(START + day) - START for day in (26, 90)] == [20, 20], "it still lasts"
    row.move_on(3)
    assert [row.own_day(START + day) - START for day in calendar] == own
    assert [row.own_day(START + day) - START for day in (26, 28, 29, 90)] == [20, 20, 21, 82]
    for own_day in (START + day for day in range(60)):
        assert row.own_day(row.calendar_day(own_day, START + 90)) == own_day


def test_stop_that_ends_on_its_first_day_moves_no_later_day() -> None:
    row = stopped_loan()
    row.move_on(0)
    assert [row.own_day_of(START + day) - START for day in (9, 12, 16, 25, 26, 90)] == [
        *(9, 10, 11, 20),
        *(21, 85),
    ]
