"""Evaluations in tests: a second person of the rater, evidence of a thin file, the six steps."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from app.demo.client import Caller
from tests.support.bodies import Json
from tests.support.days import day, ledger_today
from tests.support.world import World, cny

ROOT = Path(__file__).resolve().parents[2]
PATH = "/v1/credit/evaluations"
#: What the shipped card gives for the thin file.
THIN = {"tier": 3, "limit": cny("50000.00"), "points": 560, "confidence": 700_000}
_VALUES: dict[str, Any] = {
    "days-paid-late": 2,
    "defaults": 0,
    "disputed-share": "0.8%",
    "largest-buyer-share": "48.5%",
    "months-of-trade": 9,
    "yearly-sales": cny("1234567.89"),
    "return-share": "3%",
    "registration-months": 14,
}


def second_person(world: World, party: str = "rater") -> Caller:
    """Another person of a party, with a key of its own."""
    path = f"/v1/parties/{world.parties[party]}/api-keys"
    label = f"second-{secrets.token_hex(3)}"
    body = {"roles": ["rater"], "label": label}
    answer = world["registrar"].post(path, body).body
    if answer["waiting"]:
        world["operator"].post(f"{path}/{label}/confirmation", {"keyId": answer["id"]})
    return Caller(world.http, label, answer["apiKey"])


def item(world: World, feature: str, value: Any, *, party: str = "vega", **more: Any) -> Json:
    """An item of evidence as of yesterday."""
    return {
        "feature": feature,
        "value": value,
        "partyId": world.parties[party],
        "source": "file of the party",
        "asOf": day(-1),
        "hash": "0x" + "a1" * 32,
        **more,
    }


def thin_file(world: World, party: str = "vega", **changed: Any) -> list[Json]:
    """Evidence of half of the features; `_` in the names of changed ones stands for `-`."""
    values = _VALUES | {name.replace("_", "-"): value for name, value in changed.items()}
    return [item(world, name, value, party=party) for name, value in values.items()]


def month_ago(months: int) -> str:
    """A month so many months before the ledger's, such as 2026-03."""
    today = ledger_today()
    month = today.year * 12 + today.month - 1 - months
    return f"{month // 12}-{month % 12 + 1:02d}"


def sales_table(world: World, *, months: int = 9, party: str = "vega") -> Json:
    """A platform's table of the months that are over."""
    rows = [f"{month_ago(back)},200000.00,2000.00" for back in range(months, 0, -1)]
    content = "\n".join(("month,sales,returns", *rows))
    return {"content": content, "partyId": world.parties[party], "source": "platform's report"}


def opened(world: World, party: str = "vega", *, consent: bool = True, **changed: Any) -> str:
    """An evaluation with its scope, to which the party has consented."""
    body = {
        "partyId": world.parties[party],
        "purpose": "limit for purchase credit",
        "tradingSince": day(-286),
        "card": (ROOT / "scorecards" / "trade.yaml").read_text(),
    }
    identifier = str(world["rater"].post(PATH, body | changed).body["id"])
    if consent:
        world[party].post(f"{PATH}/{identifier}/consent", {})
    return identifier


def identified(world: World, identifier: str, items: list[Json], **more: Any) -> Json:
    """The case after its second step, without what the ledger shows."""
    body = {"items": items, "fromLedger": False, **more}
    return world["rater"].post(f"{PATH}/{identifier}/identification", body).body


def quantified(world: World, party: str = "vega", **changed: Any) -> str:
    """An evaluation of a thin file that waits for its decision."""
    identifier = opened(world, party)
    identified(world, identifier, thin_file(world, party, **changed))
    for step in ("analysis", "quantification"):
        world["rater"].post(f"{PATH}/{identifier}/{step}", {"note": ""})
    return identifier


def decided(world: World, party: str = "vega", **decision: Any) -> str:
    """An evaluation of a thin file that waits for a second person."""
    identifier = quantified(world, party)
    world["rater"].post(f"{PATH}/{identifier}/decision", decision)
    return identifier


def confirmed(world: World, party: str = "vega") -> str:
    """An evaluation of a thin file that a second person has confirmed."""
    identifier = decided(world, party)
    body = {"outcome": "confirmed", "stepsTaken": 5}
    second_person(world).post(f"{PATH}/{identifier}/confirmation", body)
    return identifier
