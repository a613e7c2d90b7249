"""All stories on one gateway: which there are, how long each takes, and how one is told."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from app.demo.client import Caller
from app.demo.goods import STORIES, Goods
from app.demo.report import Report
from app.demo.server import RunningServer
from app.demo.story import CURRENCY, Story

MAIN = "main"
#: Days that a story moves the chain's clock, at most.
DAYS = {
    MAIN: 115,
    "receivables-finance": 47,
    "loan-sale": 47,
    "participation": 62,
    "order-finance": 62,
    "floating-rate": 80,
    "entrusted-loan": 94,
    "quarterly-loan": 388,
    "receivables-line": 34,
    "merchant-credit": 190,
    "purchase-credit": 125,
    "purchase-credit-weekly": 125,
    "tax-loan": 153,
    "cross-border": 40,
    "crowdfunding": 33,
    "warehouse-receipt-finance": 40,
    "cloud-warehouse-finance": 36,
    "inbound-order-finance": 45,
    "order-through-goods": 65,
    "restructuring": 290,
    "credit": 400,
}


def story_names() -> list[str]:
    """All stories, in the order of `--all`."""
    return [MAIN, *STORIES]


@dataclass
class Stories:
    """The stories on one server.

    Attributes:
        callers: by role and party; the parties' ids by name.
    """

    server: RunningServer
    callers: Mapping[str, Caller]
    parties: Mapping[str, str]
    report: Report

    def tell(self, name: str) -> None:
        """Tells one story, with its checks.

        Raises:
            StoryFailed, GatewayRefused.
        """
        if name == MAIN:
            self._main().tell()
        else:
            self.of_goods().tell(name, STORIES[name])

    def of_goods(self) -> Goods:
        """The steps of all stories but the main one."""
        return Goods(
            callers=self.callers,
            parties=self.parties,
            clock=self.server.clock,
            report=self.report,
            zone_seconds=self.server.gateway.zone_offset,
            held_by=partial(held_by, self.server),
        )

    def _main(self) -> Story:
        return Story(
            callers=self.callers,
            parties=self.parties,
            clock=self.server.clock,
            report=self.report,
            invoice_number=f"LH-{secrets.token_hex(3).upper()}",
            zone_seconds=self.server.gateway.zone_offset,
            balance_of_contract=lambda: held_by(self.server, "Receivables", CURRENCY),
        )


def held_by(server: RunningServer, contract: str, currency: str) -> int:
    """A contract's balance in a currency, read from the chain itself."""
    contracts = server.gateway.contracts
    token, holder = f"SettlementToken:{currency}", contracts.address(contract)
    data = "0x" + contracts.encode(token, "balanceOf", [holder]).hex()
    call = {"to": contracts.address(token), "data": data}
    return int(server.node.ask("eth_call", call, "latest"), 16)
