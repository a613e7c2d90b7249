"""An error that several contracts have is told as that of the thing that the call is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from faster_eth_abi import encode as encode_values

from app.chain.evm.contracts import Contracts
from app.chain.evm.hashing import keccak

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = {
    path.stem: json.loads(path.read_text())
    for path in sorted((ROOT / "build" / "contracts").glob("*.json"))
}
NAMES = ("Facilities", "Receivables", "PurchaseOrders", "Campaigns", "ClaimMarket")
CONTRACTS = Contracts(
    {name: f"0x{place:040x}" for place, name in enumerate(NAMES, start=1)},
    {
        name: artifact
        for name, artifact in ARTIFACTS.items()
        if artifact.get("bytecode", "0x") not in ("", "0x")
    },
)
SIGNER = bytes.fromhex("ab" * 20)


def reverted(name: str, *values: int) -> bytes:
    """Revert data of an error of numbers; the second one of StateForbids is an enumeration."""
    types = ["uint256"] * len(values)
    if name == "StateForbids":
        types[1] = "uint8"
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode_values(types, values)


def told(error: bytes, contract: str, function: str, *arguments: Any) -> tuple[str, str]:
    """The contract and the words of the error of a call, as the forwarder makes it."""
    call = CONTRACTS.encode(contract, function, arguments) + SIGNER
    decoded = CONTRACTS.decode_error(error, called=contract, call=call)
    return decoded.contract, decoded.message


def words(thing: str, status: str) -> str:
    return f"{thing} is {status}; this is not possible in its state"


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("repay", [7, 100]),
        ("repayMany", [[3, 7], 100]),
        ("payInInstalments", [[7], 3, 0]),
        ("extend", [(7, 0, 3, 0, 0), b"", b""]),
        ("convertToClaim", [7, 7, 0, b""]),
    ],
)
def test_refusal_of_a_loan_names_the_loan(function: str, arguments: list[Any]) -> None:
    error = reverted("StateForbids", 7, 4)
    assert told(error, "Facilities", function, *arguments) == (
        "Facilities",
        words("loan 7", "repaid"),
    )


def test_refusal_of_another_contract_on_the_way_names_its_own_thing() -> None:
    confirm = ("convertToClaim", 5, 9, 0, b"")
    assert told(reverted("StateForbids", 9, 3), "Facilities", *confirm) == (
        "Receivables",
        words("receivable 9", "disputed"),
    )
    # Its number is neither the loan's nor the receivable's.
    contract, _ = told(reverted("StateForbids", 4, 2), "Facilities", *confirm)
    assert contract == "PurchaseOrders"


def test_refusal_of_a_loan_reaches_whoever_collects_its_claim() -> None:
    error = reverted("StateForbids", 7, 4)
    for function, argument in (("collect", 3), ("collectMany", [3, 7])):
        assert told(error, "Receivables", function, argument) == (
            "Facilities",
            words("loan 7", "repaid"),
        )
    assert told(error, "Receivables", "encumber", 3, "0x" + "00" * 20)[0] == "Receivables"


def test_default_of_a_debt_that_comes_too_early_names_the_receivable() -> None:
    error = reverted("TooEarly", 7, 20_780, 20_790)
    contract, message = told(error, "Facilities", "declareDebtDefault", 7)
    assert contract == "Receivables"
    assert message.startswith("receivable 7 ")
    contract, message = told(error, "Facilities", "writeOff", 7)
    assert (contract, message.split(" allows")[0]) == ("Facilities", "loan 7")


def test_sale_of_a_claim_names_its_receivable_and_no_campaign() -> None:
    error = reverted("StateForbids", 7, 3)
    decoded = CONTRACTS.decode_error(error, called="ClaimMarket")
    assert (decoded.contract, decoded.message) == (
        "Receivables",
        words("receivable 7", "disputed"),
    )


def test_calldata_that_cannot_be_read_leaves_the_error_to_the_called_contract() -> None:
    error = reverted("StateForbids", 7, 4)
    for call in (b"", b"\x00" * 4, CONTRACTS.encode("Facilities", "repay", [7, 1])[:5]):
        decoded = CONTRACTS.decode_error(error, called="Facilities", call=call)
        assert (decoded.contract, decoded.message) == ("Facilities", words("loan 7", "repaid"))
    assert CONTRACTS.decode_error(error).name == "StateForbids"
