"""A fault is found: the rehearsal of docs/guides/incident.md on a real chain, by the command line.

Debts, loans on a claim and on goods, and a campaign are open. New risk stops and every way to it is
refused; repayment, collection and release go on; approvals are taken back by one command; two
persons resume.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from app.chain.deployment.development import development_key
from app.chain.deployment.plan import OPERATOR_PLACES, REGULATOR_PLACES
from app.demo.client import Caller
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.embedded import RECORD
from tests.support import campaigns
from tests.support.bodies import Json
from tests.support.goods_on_loan import goods_facility, lent_on_goods, receipts, stored
from tests.support.lending import FAR, agreed_facility, drawn, ordered, product
from tests.support.served import served_world
from tests.support.wallets import registered, sent
from tests.support.world import World, cny, invoice, refused

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guides" / "incident.md"
CESSION = [str(Path(sys.executable).parent / "cession")]
PARTY = "01a20b01-b514-70dd-928c-b6cc4f15541b"  # of the page
REASON = "INC-7: collection pays one claim twice"


def commands_of_the_page() -> list[list[str]]:
    """Each command line of docs/guides/incident.md, in order, without `cession`."""
    return [
        shlex.split(row)[1:]
        for row in PAGE.read_text(encoding="utf-8").splitlines()
        if row.startswith("    cession ")
    ]


class Operations:
    """Persons at a terminal of the same gateway, who follow the page."""

    def __init__(self, world: World, folder: Path) -> None:
        self.page = commands_of_the_page()
        secrets = json.loads((folder / "gateway" / "secrets.json").read_text())
        self.keys: dict[str, str] = {}
        places = {"relay": 20, "regulator": REGULATOR_PLACES[0], "operator": OPERATOR_PLACES[0]}
        for name, place in (places | {"second-operator": OPERATOR_PLACES[1]}).items():
            file = folder / f"{name}.json"
            document = development_key(place).keystore(secrets["keystore_password"], iterations=2)
            file.write_text(json.dumps(document))
            self.keys[name] = str(file)
        password = folder / "password"
        password.write_text(secrets["keystore_password"] + "\n")
        self.names = {
            "operator.json": self.keys["operator"],
            "other.json": self.keys["second-operator"],
            "operator.password": str(password),
            "other.password": str(password),
            PARTY: world.parties["vega"],
        }
        self.environment = {
            "CESSION_RPC_URL": world.server.node.url,
            "CESSION_DEPLOYMENT": str(folder / "gateway" / RECORD),
            "CESSION_DATABASE_URL": f"sqlite:///{folder / 'gateway' / 'cession.sqlite'}",
            "CESSION_LEDGER_KEY": DEVELOPMENT_LEDGER_KEY,
            "CESSION_MASTER_KEY": secrets["master_key"],
            "CESSION_KEYSTORE_PASSWORD": secrets["keystore_password"],
            "CESSION_SCRYPT_COST": "2",
            "CESSION_FINALITY": "instant",
            "CESSION_RELAY_KEYSTORES": self.keys["relay"],
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command to its end."""
        return subprocess.run(
            [*CESSION, *words],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "200", **self.environment},
            text=True,
            capture_output=True,
            timeout=300,
            check=False,
        )

    def follow(self, *begins: str) -> str:
        """Runs the page's next command, which must begin so."""
        words = self.page.pop(0)
        assert words[: len(begins)] == [*begins], words
        return self.done(*(self.names.get(word, word) for word in words))

    def done(self, *words: str) -> str:
        """What a command printed that must succeed."""
        ended = self.run(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def world(folder: Path) -> Any:
    with served_world(folder / "gateway") as world:
        for name in ("buyer", "bank", "supplier"):
            world.cash(name, "1000000.00")
        yield world


def stopped_by(caller: Caller, path: str, body: Json | None = None) -> None:
    """The command must be refused, because new risk is stopped."""
    problem = refused(caller, path, body)
    assert problem["type"] == "urn:cession:problem:new-risk-stopped", (path, problem)
    assert problem["status"] == 409 and problem["reasonHash"].startswith("0x"), problem


@dataclass
class Business:
    """What is open on the day: ids, by what is done with each."""

    debt: int
    claim: int  # of the debt
    requested: int
    encumbered: int
    facility: int
    collateral: int
    loan: int
    spare: int  # a claim that nothing encumbers
    goods_loan: int
    goods_receipt: int  # its collateral
    goods_facility: int
    stored_receipt: int
    campaign: int
    order: int
    offer: str
    proposal: Json
    half_signed: str  # the proposal's id

    @classmethod
    def opened(cls, world: World) -> Business:
        supplier, bank = world["supplier"], world["bank"]
        debt, claim = world.confirmed(amount="1000.00")
        requested = world.requested(amount="500.00")
        _, encumbered = world.confirmed(amount="400.00")
        lienholder = {"lienholderPartyId": world.parties["bank"]}
        supplier.command(f"/v1/claims/{encumbered}/lien", lienholder)
        facility = agreed_facility(world)
        _, collateral = world.confirmed(amount="1000.00")
        loan = drawn(world, facility, collateral, "500.00")
        _, spare = world.confirmed(amount="1000.00")
        on_goods = lent_on_goods(world, "rubber")
        _, receipt = stored(world, "rubber")
        goods = goods_facility(world)
        campaign = campaigns.opened(world)
        campaigns.contribute(world, campaign, 2)
        order = ordered(world)
        offer = bank.post(
            "/v1/offers",
            {
                "claimId": spare,
                "value": cny("1000.00"),
                "price": cny("900.00"),
                "recourse": False,
                "validSeconds": 3600,
            },
        ).body["id"]
        proposal = {
            "productId": product(world, "receivables-finance")["id"],
            "borrowerPartyId": world.parties["supplier"],
            "annualRate": 72_000,
            "limit": cny("1000.00"),
            "lastDate": FAR,
        }
        return cls(
            debt=debt,
            claim=claim,
            requested=requested,
            encumbered=encumbered,
            facility=facility,
            collateral=collateral,
            loan=loan,
            spare=spare,
            goods_loan=on_goods[1],
            goods_receipt=on_goods[2],
            goods_facility=goods,
            stored_receipt=receipt,
            campaign=campaign,
            order=order,
            offer=offer,
            proposal=proposal,
            half_signed=bank.post("/v1/facility-proposals", proposal).body["id"],
        )


class Wallet:
    """A party that signs for itself and has approved a contract."""

    def __init__(self, world: World) -> None:
        self.wallet = Account.create()
        self.caller = registered(world, self.wallet)
        world.cash("own", "10.00")
        self.approve(contract="Campaigns")

    def approve(self, **approval: Any) -> None:
        operation = self.caller.post("/v1/cash/CNY/approvals", approval)
        sent(self.caller, operation, self.wallet)

    def approvals(self) -> list[Json]:
        items: list[Json] = self.caller.get("/v1/approvals").body["items"]
        return items


def new_risk_is_refused(world: World, business: Business, *, document: str) -> None:
    """Every way to a new risk is stopped."""
    supplier, buyer, bank = world["supplier"], world["buyer"], world["bank"]
    stopped_by(supplier, "/v1/receivables", {"documentId": document})
    stopped_by(buyer, f"/v1/receivables/{business.requested}/confirmation")
    lienholder = {"lienholderPartyId": world.parties["bank"]}
    stopped_by(supplier, f"/v1/claims/{business.claim}/lien", lienholder)
    stopped_by(supplier, f"/v1/offers/{business.offer}/acceptance")
    offer = {"claimId": business.spare, "value": cny("1.00"), "price": cny("1.00")}
    stopped_by(bank, "/v1/offers", offer)
    stopped_by(buyer, f"/v1/orders/{business.order}/confirmation")
    stopped_by(bank, "/v1/facility-proposals", business.proposal)
    stopped_by(supplier, f"/v1/facility-proposals/{business.half_signed}/signature")
    draw = {"amount": cny("100.00"), "tenor": 30}
    on_claim = draw | {"collateralId": business.spare}
    stopped_by(supplier, f"/v1/facilities/{business.facility}/draws", on_claim)
    on_goods = draw | {"items": receipts(business.stored_receipt)}
    stopped_by(supplier, f"/v1/facilities/{business.goods_facility}/draws", on_goods)
    stopped_by(supplier, "/v1/campaigns", campaigns.body(world))
    contribution = {"tier": 0, "places": 1}
    stopped_by(buyer, f"/v1/campaigns/{business.campaign}/contributions", contribution)


def other_business_goes_on(world: World, business: Business) -> None:
    """Payment, collection, release, assignment and repayment go on."""
    supplier, buyer, bank = world["supplier"], world["buyer"], world["bank"]
    buyer.command(f"/v1/receivables/{business.debt}/payments", {"amount": cny("600.00")})
    supplier.command(f"/v1/claims/{business.claim}/collection")
    bank.command(f"/v1/claims/{business.encumbered}/release")
    assert world.assigned(business.claim, "castor", "100.00")
    in_full = {"amount": cny("100000.00")}
    supplier.command(f"/v1/loans/{business.loan}/repayments", in_full)
    assert supplier.get(f"/v1/claims/{business.collateral}").body["lienholder"] is None
    supplier.command(f"/v1/loans/{business.goods_loan}/repayments", in_full)
    receipt = f"/v1/warehouse-receipts/{business.goods_receipt}"
    supplier.command(f"{receipt}/releases", {"quantity": "1"})


def approvals_are_taken_back(office: Operations, own: Wallet) -> None:
    """One command takes back all but those of own wallets, whose owners do it."""
    before = office.follow("approvals", "list").splitlines()
    assert any("Facilities" in row and "CNY" in row for row in before), before
    problem = office.run("approvals", "revoke")
    assert problem.returncode == 2 and "--all" in problem.stderr
    report = office.follow("approvals", "revoke", "--all").splitlines()
    assert report[-1].startswith(f"{len(before) - 1} revoked, 0 failed, 1 open in own wallets")
    left = office.done("approvals", "list").splitlines()
    assert len(left) == 1 and "Campaigns" in left[0], left
    again = office.follow("approvals", "revoke", "--all", "--contract").splitlines()
    assert again[-1] == "0 revoked, 0 failed, 0 open in own wallets", again
    again = office.follow("approvals", "revoke", "--party").splitlines()
    assert again[-1] == "0 revoked, 0 failed, 0 open in own wallets", again
    assert own.approvals()[0]["spender"] == "Campaigns"
    own.approve(contract="Campaigns", amount=cny("0.00"))
    assert own.approvals() == []
    assert office.done("approvals", "list") == ""


def resuming_takes_two(office: Operations, supplier: Caller, *, document: str) -> None:
    """One person proposes it, and another one carries it out."""
    assert "another operator or regulator" in office.follow("incident", "resume")
    alone = office.run("incident", "resume", "--keystore", office.keys["operator"])
    assert alone.returncode == 1 and "already proposed" in alone.stderr
    stopped_by(supplier, "/v1/receivables", {"documentId": document})
    assert "state: open" in office.follow("incident", "resume")


def test_stop_refuses_only_new_risk_until_two_persons_resume(world: World, folder: Path) -> None:
    office = Operations(world, folder)
    supplier, buyer = world["supplier"], world["buyer"]
    business, own = Business.opened(world), Wallet(world)

    # Minutes: one person stops it.
    assert "state: open" in office.follow("incident", "status")
    shown = office.follow("incident", "stop")
    assert "state: stopped" in shown and REASON in shown
    time.sleep(1.1)
    new_risk = supplier.get("/v1/new-risk").body
    assert (new_risk["state"], new_risk["reason"]) == ("stopped", REASON)
    document = world.upload(invoice())["id"]
    new_risk_is_refused(world, business, document=document)
    other_business_goes_on(world, business)

    # Within the hour: approvals are taken back by one command.
    approvals_are_taken_back(office, own)
    # The running gateway has forgotten them: it gives what the next command needs.
    buyer.command(f"/v1/receivables/{business.debt}/payments", {"amount": cny("100.00")})
    supplier.command(f"/v1/claims/{business.claim}/collection")

    resuming_takes_two(office, supplier, document=document)
    assert office.page == [], "every command of the page was run"
    time.sleep(1.1)
    supplier.command("/v1/receivables", {"documentId": document})
    buyer.command(f"/v1/receivables/{business.requested}/confirmation")
    campaigns.contribute(world, business.campaign, 1)
