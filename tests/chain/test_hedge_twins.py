"""Hedges in Solidity and in Python count for the same, on a real chain."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from app.chain.evm.contracts import Contracts
from app.domain.valuation.hedge import Counted, Hedge, HedgedGoods, counted
from scripts.compile import ROOT, compile_standard, sources, standard_input
from tests.support.harness import Anvil

CASES = 4_000
IN_ONE_CALL = 200
NAME = "HedgeHarness"
HARNESS = "tests/contracts/math/HedgeHarness.sol"
AT = "0x" + "cd" * 20
ITEMS = ["0x" + digit * 64 for digit in "12"]


class Harness:
    """The harness, without a deployment: its code is given along with each call."""

    def __init__(self, node: Anvil) -> None:
        math = {
            name: text for name, text in sources().items() if name.startswith("contracts/math/")
        }
        request = standard_input(math | {HARNESS: (ROOT / HARNESS).read_text()})
        built = compile_standard(request)["contracts"][HARNESS][NAME]
        self._code = "0x" + built["evm"]["deployedBytecode"]["object"]
        self._contracts = Contracts({NAME: AT}, {NAME: built})
        self._node = node

    def counted(self, cases: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """What the hedges of each case count for."""
        data = "0x" + self._contracts.encode(NAME, "counted", [cases]).hex()
        call = {"to": AT, "data": data, "gas": hex(10**9)}
        answer = self._node.ask("eth_call", call, "latest", {AT: {"code": self._code}})
        results: list[list[dict[str, Any]]] = self._contracts.decode_result(NAME, "counted", answer)
        return results


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    node = Anvil(tmp_path_factory.mktemp("hedges"))
    yield Harness(node)
    node.kill()


def _price(chance: random.Random) -> int:
    """Often near each other, sometimes the bounds."""
    return chance.choice(
        [0, 1, 2**60 - 1, chance.randint(900_000, 1_100_000), chance.randint(1, 2**60 - 1)]
    )


def _goods(chance: random.Random) -> HedgedGoods:
    return HedgedGoods(
        item=chance.choice(ITEMS),
        quantity=chance.choice([1, 2**96 - 1, chance.randint(1, 10**9)]),
        price=_price(chance),
        haircut=chance.choice([0, 1_000_000, chance.randint(0, 1_000_000)]),
    )


def _hedge(chance: random.Random) -> Hedge:
    return Hedge(
        item=chance.choice(ITEMS),
        quantity=chance.choice([1, 2**96 - 1, chance.randint(1, 10**9)]),
        price=chance.choice([2**64 - 1, _price(chance)]),
        max_price=_price(chance),
        expiry_day=chance.randint(99, 101),
    )


def _on_chain(hedge: Hedge) -> dict[str, Any]:
    return {
        "item": hedge.item,
        "contractHash": "0x" + "00" * 32,
        "quantity": hedge.quantity,
        "price": hedge.price,
        "maxPrice": hedge.max_price,
        "expiryDay": hedge.expiry_day,
        "counted": 0,
        "lendable": 0,
    }


def test_hedges_count_for_the_same_in_both(harness: Harness) -> None:
    chance = random.Random(20_26)
    added = 0
    for _ in range(CASES // IN_ONE_CALL):
        drawn = [
            (
                [_goods(chance) for _ in range(chance.randint(1, 4))],
                [_hedge(chance) for _ in range(chance.randint(0, 4))],
                chance.choice([0, 1, 1_000_000, chance.randint(0, 1_000_000)]),
            )
            for _ in range(IN_ONE_CALL)
        ]
        answers = harness.counted(
            [
                {
                    "hedges": [_on_chain(hedge) for hedge in hedges],
                    "goods": [
                        {
                            "item": lot.item,
                            "quantity": lot.quantity,
                            "price": lot.price,
                            "haircut": lot.haircut,
                        }
                        for lot in goods
                    ],
                    "today": 100,
                    "share": share,
                }
                for goods, hedges, share in drawn
            ]
        )
        for (goods, hedges, share), answer in zip(drawn, answers, strict=True):
            expected = counted(goods, hedges, share=share, day=100)
            assert [Counted(one["counted"], one["lendable"]) for one in answer] == expected
            added += sum(1 for one in expected if one.lendable)
    assert added > CASES // 20, "many of the cases add something"
