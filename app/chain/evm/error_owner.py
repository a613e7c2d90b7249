"""Whose error a revert is, if several contracts have an error of the same name and types.

`StateForbids(uint256,uint8)` is an error of receivables, orders, loans and campaigns: the data has
the number, and not of what. The call tells: `repay(loanId = 7)` reverts for loan 7. A function that
names the thing in none of its arguments passes on an error of the contract that it calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.chain.evm import abi

# The contract, its function and the error; the contract that it comes from.
PASSED_ON = {
    ("Facilities", "declareDebtDefault", "TooEarly"): "Receivables",
    ("Receivables", "collect", "StateForbids"): "Facilities",
    ("Receivables", "collectMany", "StateForbids"): "Facilities",
}


class Call:
    """A call that reverted: its contract, and the function and arguments where they are known."""

    def __init__(self, contract: str, items: Mapping[bytes, abi.AbiItem], data: bytes) -> None:
        self.contract = contract
        self.function = ""
        self.numbers: dict[str, set[int]] = {}
        item = items.get(data[:4])
        if item is None:
            return
        self.function = item["name"]
        try:
            # The forwarder appends the signer to the arguments.
            values = abi.decode_all(item["inputs"], data[4:])
        except Exception:  # the decoder raises many kinds; the error is told without the arguments
            return
        for part, value in zip(item["inputs"], values, strict=True):
            for name, number in _numbers(part["name"], value):
                self.numbers.setdefault(name, set()).add(number)


def _numbers(name: str, value: Any) -> Iterator[tuple[str, int]]:
    """The numbers in an argument, each by the name of one: `loanIds` has numbers `loanId`."""
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from _numbers(inner, part)
    elif isinstance(value, list):
        for part in value:
            yield from _numbers(name.removesuffix("s"), part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield name, value


def owner_of(
    owners: Mapping[str, abi.AbiItem],
    values: list[Any],
    *,
    call: Call | None,
    partners: list[str],
) -> str:
    """The contract whose error it is.

    Args:
        owners: contracts that have such an error, with its ABI; the likeliest first.
        values: the error's values.
        call: the call that reverted, if it is known.
        partners: contracts that the called contract calls.
    """
    first = next(iter(owners))
    if call is None:
        return first
    passed_on = PASSED_ON.get((call.contract, call.function, owners[first]["name"]), "")
    if passed_on in owners:
        return passed_on
    order = [name for name in (call.contract, *partners, *owners) if name in owners]
    return max(order, key=lambda name: _agreement(owners[name], values, call))


def _agreement(error: abi.AbiItem, values: list[Any], call: Call) -> int:
    """Whether the call has the error's number of a thing under the same name.

    1: it has; -1: it has another number of such a thing; 0: it names no such thing.
    """
    for part, value in zip(error["inputs"], values, strict=True):
        numbers = call.numbers.get(part["name"])
        if part["name"].endswith("Id") and numbers is not None:
            return 1 if value in numbers else -1
    return 0
