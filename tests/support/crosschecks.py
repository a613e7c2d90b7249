"""Trade that does not fit together, filed through the API, and what the cross-checks say of it."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

import httpx

from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.goods import STATEMENT, issued
from tests.support.officials import official_sends
from tests.support.world import IDS, World, caught_up, cny, invoice

PATH = "/v1/cross-checks/findings"


def filed(
    world: World,
    number: str,
    amount: str,
    *,
    by: str = "supplier",
    confirm: bool = True,
    **more: Any,
) -> tuple[int, int]:
    """A receivable to the buyer with this number: its id and the claim's (0: not confirmed)."""
    document = world.upload(invoice(seller=by, number=number, amount=amount, **more), by=by)
    answer = world[by].command("/v1/receivables", {"documentId": document["id"]})
    receivable = int(answer.body["result"]["receivableId"])
    if not confirm:
        return receivable, 0
    done = world["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
    return receivable, int(done.body["result"]["claimIds"][0])


def lines(goods: str, amount: str) -> list[Json]:
    """One line of these goods."""
    return [{"description": goods, "amount": amount}]


def copied(world: World, amount: str = "4321.17") -> tuple[tuple[int, int], tuple[int, int]]:
    """One delivery under two numbers that look alike; each receivable with its claim."""
    mark = secrets.token_hex(3)
    return (
        filed(world, f"DH-1001-{mark}", amount),
        filed(world, f"DH-10O1-{mark}", amount),
    )


def backdated(world: World, *, by: str = "pollux") -> int:
    """A receivable of an invoice that is a month older than it says its order is."""
    number = f"PO-{secrets.token_hex(4)}"
    today = ledger_today()
    body = {
        "buyerPartyId": world.parties["buyer"],
        "number": number,
        "amount": cny("7654.32"),
        "deliveryDate": (today + datetime.timedelta(days=30)).isoformat(),
        "expiryDate": (today + datetime.timedelta(days=60)).isoformat(),
        "description": "steel",
    }
    order = int(world[by].command("/v1/orders", body).body["result"]["orderId"])
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    receivable, _ = filed(
        world,
        f"PX-{secrets.token_hex(3)}",
        "7654.32",
        by=by,
        issueDate=(today - datetime.timedelta(days=31)).isoformat(),
        references=[{"kind": "order", "number": number, "issueDate": today.isoformat()}],
        lines=lines("steel", "7654.32"),
    )
    return receivable


def stored_twice(world: World) -> tuple[int, int]:
    """Two lots with one mark at one place."""
    marks = STATEMENT | {"marks": f"heat {secrets.token_hex(4)}", "storagePlace": "hall 9, row 3"}
    return issued(world, statement=marks)[0], issued(world, statement=marks)[0]


def grouped(world: World, name: str, group: int) -> None:
    """The registrar puts a party into a group."""
    number = world["auditor"].get(f"/v1/parties/{world.parties[name]}").body["ledgerPartyId"]
    official_sends(world, "registrar", "PartyRegistry", "setGroup", [int(number), group])


def findings(world: World, by: str = "auditor", **query: Any) -> list[Json]:
    """The findings that a caller sees, once the index has caught up."""
    caught_up(world)
    items: list[Json] = world[by].get(PATH, limit=200, **query).body["items"]
    return items


def one_of(items: list[Json], kind: str, receivable: int) -> Json:
    """The only finding of a kind about a receivable."""
    (item,) = [i for i in items if i["kind"] == kind and receivable in i["receivableIds"]]
    return item


def decided(world: World, finding: Json, decision: str, *, by: str, reason: str = "seen") -> Json:
    """Decides on a finding; what it is then."""
    body = {"decision": decision, "reason": reason}
    answer = world[by].post(f"{PATH}/{finding['id']}/decisions", body)
    assert answer.status == 201
    updated: Json = answer.body["finding"]
    return updated


TAX_HEADER = "number,seller,buyer,day,currency,amount,status"


def days_ago(count: int) -> str:
    """A day as files write it."""
    return (ledger_today() - datetime.timedelta(count)).isoformat()


def legal_id(name: str) -> str:
    """The number of a party as a company; a number that is nobody's stays."""
    return IDS[name][1] if name in IDS else name


def tax_row(number: str, amount: str, **changed: str) -> str:
    """A record of an invoice of vega to the buyer."""
    cells = {
        "number": number,
        "seller": "vega",
        "buyer": "buyer",
        "day": days_ago(40),
        "currency": "CNY",
        "amount": amount,
        "status": "issued",
    } | changed
    cells |= {side: legal_id(cells[side]) for side in ("seller", "buyer")}
    return ",".join(cells[column] for column in TAX_HEADER.split(","))


def tax_file(*rows: str) -> bytes:
    """A file of tax records."""
    return "\n".join((TAX_HEADER, *rows, "")).encode()


def registry_file(*rows: str) -> bytes:
    """A file of an extract of the company register."""
    return "\n".join(("record,id,name,asOf,state,founded,share", *rows, "")).encode()


def extract(name: str, *rows: str, founded: str = "", day: str = "") -> bytes:
    """An extract about a party."""
    company = f"company,{legal_id(name)},{name},{day or days_ago(1)},active,{founded},"
    return registry_file(company, *rows)


def hand_in(
    world: World,
    path: str,
    content: bytes,
    *,
    by: str = "auditor",
    headers: dict[str, str] | None = None,
    **form: str,
) -> httpx.Response:
    """Hands in a file of tax or registry records."""
    usual = {"source": "tax office"}
    if path.endswith("tax-records"):
        usual |= {"asOf": days_ago(0), "periodFrom": days_ago(90), "periodTo": days_ago(1)}
    own = {"Idempotency-Key": secrets.token_hex(16)} | (headers or {})
    return world.http.post(
        path,
        files={"file": ("records.csv", content, "text/csv")},
        data=usual | form,
        headers=world[by].headers | own,
    )
