"""What an acceptance of a document says: exactly what the borrower uploaded, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bodies import Json
from tests.support.contract_calls import account, sent
from tests.support.goods import deleted
from tests.support.lending import agreed_facility
from tests.support.proofs import accepted, submitted, tax_certificate
from tests.support.world import World, cny, refused

DRAW = {"amount": cny("900.00"), "tenor": 90}


def tax_facility(world: World) -> int:
    """A facility of a tax loan for the supplier."""
    return agreed_facility(world, "tax-loan", annualRate=60_000)


def overwritten(world: World, facility: int, stored: Json, **change: Any) -> None:
    """The borrower submits its document once more, past the gateway and with another content."""
    gateway = world.server.gateway
    rows = world["bank"].get(f"/v1/facilities/{facility}/documents").body["items"]
    (row,) = [row for row in rows if row["fingerprint"] == stored["fingerprint"]]
    known = gateway.storage.read_now(
        lambda connection: connection.exec_driver_sql(
            "SELECT day, amount, kind FROM loan_documents WHERE fingerprint = "
            f"'{row['fingerprint']}'"
        ).one()
    )
    document = {
        "kind": known.kind,
        "fingerprint": stored["fingerprint"],
        "documentRoot": stored["root"],
        "day": known.day,
        "amount": known.amount,
        "currency": "0x000000",
    }
    sent(
        *(world, account(world, "supplier"), "Facilities", "submitDocuments"),
        *(facility, [document | change]),
    )


@pytest.mark.parametrize("change", ["day", "documentRoot"])
def test_a_document_that_the_borrower_overwrote_on_the_ledger_is_not_accepted(
    world: World, change: str
) -> None:
    facility = tax_facility(world)
    stored = submitted(world, facility, tax_certificate(world))
    values = {"day": 20_000, "documentRoot": "0x" + "ab" * 32}
    overwritten(world, facility, stored, **{change: values[change]})
    path = f"/v1/facilities/{facility}/documents/{stored['fingerprint']}/acceptance"
    problem = refused(world["bank"], path)
    assert (problem["status"], problem["type"]) == (409, "urn:cession:problem:document-differs")
    body = {"documentIds": [stored["id"]]}
    world["supplier"].command(f"/v1/facilities/{facility}/documents", body)
    world["bank"].command(path)


def test_a_document_that_replaced_the_one_that_was_read_is_not_accepted(world: World) -> None:
    facility = tax_facility(world)
    read = submitted(world, facility, tax_certificate(world))
    certificate = tax_certificate(world) | {"number": read["content"]["number"]}
    paid = {"amount": "9000000.00", "currency": "CNY"}
    other = submitted(world, facility, certificate | {"paid": paid})
    assert (other["fingerprint"], other["root"] == read["root"]) == (read["fingerprint"], False)
    path = f"/v1/facilities/{facility}/documents/{read['fingerprint']}/acceptance"
    problem = refused(world["bank"], path, {"root": read["root"]})
    assert (problem["status"], problem["type"]) == (409, "urn:cession:problem:document-changed")
    world["bank"].command(path, {"root": other["root"]})


def test_an_accepted_document_leaves_a_facility_that_is_closed(world: World) -> None:
    first, second = tax_facility(world), tax_facility(world)
    stored = accepted(world, first, tax_certificate(world))
    path, body = f"/v1/facilities/{second}/documents", {"documentIds": [stored["id"]]}
    assert "DocumentInUse" in str(refused(world["supplier"], path, body))
    deleted(world, "bank", f"/v1/facilities/{first}")
    world["supplier"].command(path, body)
    (row,) = world["bank"].get(path).body["items"]
    assert (row["acceptedBy"], row["offered"]) == (None, True), "the next lender accepts it anew"
    assert world["bank"].get(f"/v1/facilities/{first}/documents").body["items"] == []
    world["bank"].command(f"{path}/{stored['fingerprint']}/acceptance")
    (row,) = world["bank"].get(path).body["items"]
    assert row["acceptedBy"]["partyId"] == world.parties["bank"]
