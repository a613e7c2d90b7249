"""What the gateway refuses at once while new risk is stopped is what the contracts specify."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.gateway.ledger import NEW_RISK
from app.lending.agreements.service import NEW_PROMISES
from app.places import ROOT

# Contracts that implement an interface whose name is not theirs with an I before it.
_CONTRACTS = {
    "ISplittableToken": ("Receivables", "WarehouseReceipts"),
    "ILoans": ("Facilities",),
    "ILoanSales": ("Facilities",),
    "ILoanParticipations": ("Facilities",),
    "ILiquidation": ("Facilities",),
}
# The switch itself, and the views that others ask.
_SWITCH = {"INewRisk", "IPartyRegistry"}
# They call the same code as a function that is specified.
_LIKE = {("Facilities", "drawOnGoods"): ("Facilities", "draw")}
_FUNCTION = re.compile(r"((?:    ///[^\n]*\n)+)    function (\w+)\(")


def _specified() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "contracts").rglob("I*.sol")):
        if path.stem not in _SWITCH:
            for notes, function in _FUNCTION.findall(path.read_text()):
                # New terms are refused only with some of their arguments: the ledger tells.
                if re.search(r"Reverts with \{NewRiskStopped\}(?! if)", notes):
                    for contract in _CONTRACTS.get(path.stem, (path.stem[1:],)):
                        yield contract, function


def test_gateway_refuses_at_once_what_a_stop_of_new_risk_refuses() -> None:
    specified = set(_specified())
    assert specified, "the specifications are there"
    also = {call for call, like in _LIKE.items() if like in specified}
    assert specified | also == NEW_RISK


def test_agreements_that_a_stop_refuses_are_those_whose_call_it_refuses() -> None:
    assert {"buy-back", "sharing", "insurance", "loan-sale", "participation"} == NEW_PROMISES
