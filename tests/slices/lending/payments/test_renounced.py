"""Purchases on which payments outside the ledger are recorded go into instalments, over HTTP."""

from __future__ import annotations

from tests.support.bank_entries import came_in, loan_of, name_of
from tests.support.bodies import Json
from tests.support.lending import agreed_facility, attested
from tests.support.proofs import proved
from tests.support.world import World, cny, refused


def bought(world: World) -> tuple[int, int]:
    """A purchase for 900.00 on a bill of the platform: the facility and the loan."""
    world.cash("platform", "10000.00")
    attested(world)
    facility = agreed_facility(world, "purchase-credit", by="platform", correctionDays=10)
    proved(world, facility, "purchase-credit")
    body = {"amount": cny("900.00"), "style": "billing-cycle"}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    return facility, int(done["result"]["loanId"])


def entry_of(world: World, path: str) -> Json:
    """The lender's bank entry."""
    items = world["platform"].get("/v1/bank-entries").body["items"]
    (entry,) = [item for item in items if path.endswith(item["id"])]
    return dict(entry)


def test_borrower_renounces_what_is_recorded_and_the_lender_records_it_anew(
    own_world: World,
) -> None:
    world = own_world
    facility, loan = bought(world)
    instalments = f"/v1/loans/{loan}/instalments"
    start = loan_of(world, loan, by="platform")["startDate"]
    path, _ = came_in(world, loan, "100.00", start, by="platform")
    world["platform"].command(f"{path}/repayment")
    too_little: tuple[Json, ...] = ({"months": 3}, {"months": 3, "renounced": cny("99.99")})
    for command in too_little:
        problem = refused(world["supplier"], instalments, command)
        assert (name_of(problem), problem["field"]) == ("payments-recorded", "renounced")
        assert "100.00 CNY" in problem["detail"] and "100.00 CNY" in problem["fix"]
    negative = {"months": 3, "renounced": cny("-0.01")}
    assert refused(world["supplier"], instalments, negative)["status"] == 422
    quote = world["supplier"].get(instalments, months=3).body
    assert (quote["amount"], quote["renounced"]) == (cny("900.00"), cny("100.00"))

    world["supplier"].command(instalments, {"months": 3, "renounced": cny("100.00")})
    body = loan_of(world, loan, by="supplier")
    assert body["outstanding"] == cny("900.00")
    assert body["schedule"] == quote["schedule"]
    assert [item["kind"] for item in body["entries"]][-2:] == ["renounced", "instalments"]
    details = body["entries"][-2]["details"]
    assert details == {"amount": cny("100.00"), "renouncedPrincipal": cny("100.00")}
    facility_body = world["platform"].get(f"/v1/facilities/{facility}").body
    assert facility_body["outstanding"] == cny("900.00")
    statement = world["supplier"].get(f"/v1/loans/{loan}/statement").body
    (line,) = [line for line in statement["lines"] if line["kind"] == "renounced"]
    assert (line["principal"], line["outstanding"]) == ("100.00", "900.00")
    assert entry_of(world, path)["state"] == "renounced"

    # The money did come in, so it is recorded once more, and once only.
    world["platform"].command(f"{path}/repayment")
    assert loan_of(world, loan, by="platform")["outstanding"] == cny("800.00")
    assert entry_of(world, path)["state"] == "recorded"
    assert name_of(refused(world["platform"], f"{path}/repayment")) == "under-way"
    # Like any payment, it can be reversed.
    world["platform"].command(f"{path}/reversal", {"reason": "returned by the bank"})
    assert loan_of(world, loan, by="platform")["outstanding"] == cny("900.00")
    statement = world["supplier"].get(f"/v1/loans/{loan}/statement").body
    assert statement["lines"][-1]["outstanding"] == "900.00"
    assert entry_of(world, path)["state"] == "recorded", "with an operation that reversed it"
    assert name_of(refused(world["platform"], f"{path}/repayment")) == "under-way"


def test_purchase_on_which_nothing_is_recorded_owes_no_more_in_instalments(
    own_world: World,
) -> None:
    world = own_world
    _, loan = bought(world)
    body = {"months": 2, "renounced": cny("5.00")}
    world["supplier"].command(f"/v1/loans/{loan}/instalments", body)
    assert loan_of(world, loan, by="platform")["outstanding"] == cny("900.00")
    assert "renounced" not in [
        item["kind"] for item in loan_of(world, loan, by="platform")["entries"]
    ]
