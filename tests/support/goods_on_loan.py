"""Steps with goods that back loans.

Receipts are issued on the contract itself, so these tests ask nothing of other endpoints.
"""

from __future__ import annotations

import itertools
import secrets
import time
from typing import Any

from app.chain.evm.hashing import keccak
from app.demo.client import Caller, GatewayRefused
from tests.support.bodies import Json
from tests.support.contract_calls import account, sent
from tests.support.days import day
from tests.support.lending import agreed_facility, attested, ordered
from tests.support.prices import confirmation
from tests.support.world import World, cny

DAY = 86_400
GRADE, UNIT = b"A".ljust(16, b"\0"), b"KGM"
WAREHOUSE = ("Beilun Warehousing Co., Ltd.", "91330201MA2GW8001B")
_numbers = itertools.count(1)


def warehouse(world: World) -> str:
    """The account of the warehouse, which is registered when it is first asked for."""
    if "warehouse" not in world.parties:
        body = {
            "name": WAREHOUSE[0],
            "legalId": {"scheme": "USCC", "value": WAREHOUSE[1]},
            "roles": ["warehouse"],
        }
        registered = world["registrar"].command("/v1/parties", body).body
        world.parties["warehouse"] = registered["party"]["id"]
    return account(world, "warehouse")


def sku(name: str) -> bytes:
    """The hash of goods' code."""
    return keccak(name.encode())


def item(name: str) -> str:
    """The item under which goods are priced."""
    unit = UNIT.ljust(32, b"\0")
    return "0x" + keccak(sku(name) + GRADE.ljust(32, b"\0") + unit).hex()


def stored(
    world: World,
    name: str,
    kilograms: int = 1_000,
    *,
    owner: str = "supplier",
    order: int = 0,
    days_ago: int = 1,
    **terms: Any,
) -> tuple[int, int]:
    """Stores goods of a party; returns lot and warehouse receipt."""
    now = world.server.node.ask("eth_getBlockByNumber", "latest", False)["timestamp"]
    today = (int(now, 16) + world.server.gateway.zone_offset) // DAY
    fields = {
        "depositor": account(world, owner),
        "sku": "0x" + sku(name).hex(),
        "grade": "0x" + GRADE.hex(),
        "unit": "0x" + UNIT.hex(),
        "quantity": kilograms * 1_000,
        "storedDay": today - days_ago,
        "expiryDay": today + 500,
        "maxDepth": 8,
        "negotiable": True,
        "orderId": order,
        "fingerprint": "0x" + keccak(f"lot {next(_numbers)} {secrets.token_hex(8)}".encode()).hex(),
        "documentRoot": "0x" + "22" * 32,
        "legalTextHash": world.server.gateway.legal_text_hash,
    }
    done = sent(world, warehouse(world), "WarehouseReceipts", "issue", fields | terms)
    return int(done["result"]["lotId"]), int(done["result"]["warehouseReceiptIds"][0])


def priced(world: World, name: str, price: str = "10.00", *, haircut: int = 400_000) -> None:
    """Goods are listed and priced in yuan, by two appraisers; once in a world."""
    if name in world.extra.setdefault("priced", set()):
        return
    world.extra["priced"].add(name)
    body = {
        "items": [item(name)],
        "currency": "CNY",
        "maxJump": 100_000,
        "maxAgeSeconds": 60 * DAY,
    }
    world["operator"].command("/v1/price-items", body)
    appraised(world, name, price, haircut=haircut)


def appraised(
    world: World, name: str, price: str, *, haircut: int = 400_000, confirmed: bool = True
) -> None:
    """A new price of goods."""
    price_body = {"item": item(name), "currency": "CNY", "price": price, "haircut": haircut}
    prices = {"prices": [price_body | {"validHours": 24 * 50}]}
    try:
        world["first-appraiser"].command("/v1/prices", prices)
    except GatewayRefused as refused:
        if "PriceNotNewer" not in str(refused.problem):
            raise
        time.sleep(1)  # a price is as of the newest block, and of a later second than the last
        world.cash("buyer", "1.00")
        world["first-appraiser"].command("/v1/prices", prices)
    if not confirmed:
        return
    goods = {"item": item(name), "currency": "CNY"}
    if world["second-appraiser"].get("/v1/prices/waiting", **goods).body["items"]:
        named = confirmation(world, item=goods["item"])
        world["second-appraiser"].command("/v1/prices/confirmations", named)


def later(world: World, seconds: int = DAY) -> None:
    """Moves the next block this much later and waits for the index."""
    world.later(seconds)
    world.requested()


def other_funder(world: World) -> Caller:
    """A bank that is no party to any loan, with money."""
    if "funder" not in world.parties:
        body = {
            "name": "Bank of the West Lake Co., Ltd.",
            "legalId": {"scheme": "0088", "value": "9501101000094"},
            "roles": ["financier"],
        }
        registered = world["registrar"].command("/v1/parties", body).body
        world.parties["funder"] = registered["party"]["id"]
        path = f"/v1/parties/{world.parties['funder']}/api-keys"
        key = (
            world["registrar"].post(path, {"roles": ["financier"], "label": "test"}).body["apiKey"]
        )
        world.callers["funder"] = Caller(world.http, "funder", key)
        world.cash("funder", "50000.00")
    return world["funder"]


def goods_facility(world: World, code: str = "warehouse-receipt-finance", **terms: Any) -> int:
    """A facility for loans on goods."""
    default_terms: dict[str, Any] = {"annualRate": 72_000, "limit": "100000.00"}
    return agreed_facility(world, code, **(default_terms | terms))


def cloud_line(world: World) -> int:
    """A facility of the platform's own funds, for goods and claims."""
    attested(world)
    body = {"toPartyId": world.parties["platform"], "amount": cny("1000000.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", body)
    return agreed_facility(world, "cloud-warehouse-finance", by="platform", annualRate=72_000)


def receipts(*numbers: int) -> list[Json]:
    """Warehouse receipts as collateral items."""
    return [{"kind": "warehouse-receipt", "id": number} for number in numbers]


def drawn_on_goods(world: World, facility: int, amount: str, *numbers: int, tenor: int = 60) -> int:
    """Draws a loan on warehouse receipts; returns its id."""
    body = {"amount": cny(amount), "tenor": tenor, "items": receipts(*numbers)}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    return int(done["result"]["loanId"])


def lent_on_goods(
    world: World, name: str, amount: str = "5000.00", *, kilograms: int = 1_000
) -> tuple[int, int, int]:
    """Goods, priced at 10.00 with a haircut of 40%, and a loan on them: facility, loan, receipt."""
    priced(world, name)
    _, receipt = stored(world, name, kilograms)
    facility = goods_facility(world)
    return facility, drawn_on_goods(world, facility, amount, receipt), receipt


def hedge_terms(name: str, **changes: Any) -> Json:
    """A hedge of 1,000 kg at 10.00, at an exchange."""
    body: Json = {
        "item": item(name),
        "quantity": "1000.000",
        "price": "10.00",
        "currency": "CNY",
        "lastDate": day(90),
        "venue": "XSGE",
        "contractNumber": f"RU2609-{next(_numbers)}",
    }
    return body | changes


def hedged(world: World, loan: int, body: Json) -> str:
    """The borrower proposes a hedge, the lender signs; returns the contract's hash."""
    draft = world["supplier"].post(f"/v1/loans/{loan}/hedges", body).body
    assert (draft["kind"], draft["missing"]) == ("hedge", ["lender"])
    world["bank"].command(f"/v1/agreements/{draft['id']}/signature")
    return str(draft["typedData"]["message"]["contractHash"])


def lent_on_order(
    world: World, *, amount: str = "10000.00", loan: str = "5000.00"
) -> tuple[int, int]:
    """A confirmed order and a loan on it."""
    order = ordered(world, amount=amount)
    world["buyer"].command(f"/v1/orders/{order}/confirmation")
    facility = agreed_facility(world, "order-finance", annualRate=90_000)
    body = {"amount": cny(loan), "tenor": 90, "collateralId": order}
    done = world["supplier"].command(f"/v1/facilities/{facility}/draws", body).body
    return order, int(done["result"]["loanId"])


def delivery(world: World, order: int, lot: int, amount: str, *, signed: bool = True) -> str:
    """A delivery of an order, signed by the buyer; its id."""
    body = {"lotId": lot, "amount": cny(amount), "evidence": f"note of lot {lot}"}
    draft = world["supplier"].post(f"/v1/orders/{order}/deliveries", body).body
    assert draft["state"] == "waiting"
    if signed:
        done = world["buyer"].post(f"/v1/deliveries/{draft['id']}/signature").body
        assert done["state"] == "signed"
    return str(draft["id"])


def collateral_of(world: World, loan: int, *, by: str = "supplier") -> Json:
    """The collateral of a loan."""
    return dict(world[by].get(f"/v1/loans/{loan}").body["collateral"])


def kinds(world: World, loan: int) -> list[str]:
    """What happened to a loan."""
    entries = world["supplier"].get(f"/v1/loans/{loan}").body["entries"]
    return [entry["kind"] for entry in entries]
