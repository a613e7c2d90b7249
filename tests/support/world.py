"""A running gateway with its parties, and the steps that many tests need."""

from __future__ import annotations

import datetime
import itertools
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from cession_client import Client, Operation

from app.demo.cast import CAST, Member, assemble
from app.demo.client import Answer, Caller, GatewayRefused
from app.demo.server import RunningServer
from app.storage.checkpoint import read_checkpoint
from tests.support.bodies import Json
from tests.support.days import ledger_today
from tests.support.described import Description
from tests.support.signed_words import hold_signed

UNDER_WAY = ("accepted", "submitted")
_numbers = itertools.count(1)
IDS = {member.name: (member.legal_name, member.legal_id) for member in CAST}


def invoice(
    *,
    seller: str = "supplier",
    buyer: str = "buyer",
    amount: str = "1000.00",
    kind: str = "invoice",
    number: str | None = None,
    days: int = 60,
    today: datetime.date | None = None,
    currency: str = "CNY",
    **more: Any,
) -> Json:
    """An invoice in our JSON, issued today."""
    today = today or ledger_today()
    document: Json = {
        "kind": kind,
        "number": number or f"T-{next(_numbers)}-{secrets.token_hex(3)}",
        "issueDate": today.isoformat(),
        "dueDate": (today + datetime.timedelta(days=days)).isoformat(),
        "currency": currency,
        "payableAmount": amount,
        "seller": {"name": IDS[seller][0], "id": IDS[seller][1]},
        "buyer": {"name": IDS[buyer][0], "id": IDS[buyer][1]},
        "lines": [{"description": "castings", "amount": amount}],
    }
    return document | more


def cny(amount: str) -> dict[str, str]:
    """An amount in yuan."""
    return {"amount": amount, "currency": "CNY"}


@dataclass
class World:
    """Callers and party ids by name."""

    server: RunningServer
    http: httpx.Client
    callers: dict[str, Caller]
    parties: dict[str, str]
    extra: dict[str, Any] = field(default_factory=dict)
    ahead: int = 0

    @classmethod
    def on(cls, server: RunningServer, http: httpx.Client) -> World:
        """Registers the parties. Each later answer is checked against the API's description.

        What it hands to a wallet must have words.
        """
        callers, parties = assemble(http, server.keys)
        hooks = [Description.of(http).hold, hold_signed(server.gateway)]
        http.event_hooks = {"response": hooks}
        return cls(server, http, callers, parties)

    def later(self, seconds: int) -> None:
        """Moves the chain's clock, makes a block, and waits until the index has it."""
        self.server.node.advance_time(seconds)
        self.ahead += seconds
        caught_up(self)

    def today(self) -> datetime.date:
        """The ledger's day, also after the chain's clock was moved."""
        return ledger_today(self.ahead)

    def __getitem__(self, name: str) -> Caller:
        return self.callers[name]

    def upload(self, document: Json, *, by: str = "supplier") -> Json:
        """Uploads JSON as a file."""
        answer = self[by].upload(
            "/v1/documents",
            name="invoice.json",
            content=json.dumps(document).encode(),
            media_type="application/json",
        )
        return answer.body

    def requested(self, *, amount: str = "1000.00", by: str = "supplier", **terms: Any) -> int:
        """A receivable that waits for the buyer; returns its id."""
        days = terms.pop("days", 60)
        document = self.upload(
            invoice(seller=by, amount=amount, days=days, today=self.today()), by=by
        )
        answer = self[by].command("/v1/receivables", {"documentId": document["id"], **terms})
        return int(answer.body["result"]["receivableId"])

    def confirmed(self, **terms: Any) -> tuple[int, int]:
        """A confirmed receivable: its id and the claim's."""
        receivable = self.requested(**terms)
        answer = self["buyer"].command(f"/v1/receivables/{receivable}/confirmation")
        return receivable, int(answer.body["result"]["claimIds"][0])

    def assigned(self, claim: int, to: str, amount: str, *, by: str = "supplier") -> int:
        """Assigns part of a claim; returns the new claim."""
        answer = self[by].command(
            f"/v1/claims/{claim}/assignments",
            {"parts": [{"toPartyId": self.parties[to], "amount": cny(amount)}]},
        )
        return int(answer.body["result"]["claimIds"][0])

    def cash(self, to: str, amount: str) -> Answer:
        """Money for a party."""
        body = {"toPartyId": self.parties[to], "amount": cny(amount)}
        return self["cash-issuer"].command("/v1/cash/CNY/mint", body)

    def balance(self, name: str) -> str:
        """What a party holds in yuan."""
        items = self["auditor"].get("/v1/cash", partyId=self.parties[name]).body["items"]
        held = [item["balance"] for item in items if item["balance"]["currency"] == "CNY"]
        return str(held[0]["amount"]) if held else "0.00"


def refused(caller: Caller, path: str, body: Json | None = None) -> Json:
    """The problem document that a command must return."""
    try:
        answer = caller.command(path, body)
    except GatewayRefused as error:
        return error.problem
    raise AssertionError(f"{path} was not refused: {answer.body}")


__all__ = ["CAST", "Member", "World", "cny", "invoice", "refused"]


def caught_up(world: World) -> None:
    """Waits until the gateway's index stands at the head."""
    end = time.monotonic() + 120
    storage = world.server.gateway.storage
    while True:
        head = world.server.node.ask("eth_getBlockByNumber", "latest", False)
        at = storage.read_now(read_checkpoint)
        if at is not None and at.block_hash == head["hash"]:
            return
        assert time.monotonic() < end, f"the index stands at {at}, the head is {head['hash']}"
        time.sleep(0.05)


def carried_out(world: World, name: str) -> None:
    """Waits until nothing that the party sent is under way, an offer's approval among it."""
    end = time.monotonic() + 120
    while any(world[name].get("/v1/operations", state=state).body["items"] for state in UNDER_WAY):
        assert time.monotonic() < end, f"operations of {name} are still under way"
        time.sleep(0.05)


def ended(caller: Client, operation: str) -> Json:
    """The operation of this id once the ledger has carried it out.

    Raises:
        GatewayRefused: the ledger refused it.
    """
    done = caller.wait(cast("Operation", caller.get(f"/v1/operations/{operation}").body))
    assert done["state"] in ("included", "final"), done
    return dict(done)
