"""Encoding and decoding agree with eth_abi and web3."""

from __future__ import annotations

from typing import Any

import pytest
import rlp
from eth_abi.abi import encode as encode_values
from hypothesis import given
from hypothesis import strategies as st

from app.chain.evm import abi
from app.chain.evm.contracts import ArgumentsInvalid, Contracts, RawLog, UnknownContract
from app.chain.evm.hashing import checksum_address, keccak, rlp_encode
from app.chain.index.event_keys import subjects_of
from tests.support.bodies import Json

ADDRESS = "0x" + "5a" * 20

ITEMS: list[Json] = [
    {
        "type": "function",
        "name": "assign",
        "inputs": [
            {"name": "tokenId", "type": "uint256"},
            {
                "name": "parts",
                "type": "tuple[]",
                "components": [
                    {"name": "to", "type": "address"},
                    {"name": "value", "type": "uint96"},
                    {"name": "documentRoot", "type": "bytes32"},
                ],
            },
        ],
        "outputs": [{"name": "", "type": "uint256[]"}],
    },
    {
        "type": "function",
        "name": "both",
        "inputs": [],
        "outputs": [{"name": "a", "type": "uint96"}, {"name": "b", "type": "bool"}],
    },
    {
        "type": "function",
        "name": "approve",
        "inputs": [{"name": "to", "type": "address"}, {"name": "id", "type": "uint256"}],
        "outputs": [],
    },
    {
        "type": "function",
        "name": "approve",
        "inputs": [
            {"name": "id", "type": "uint256"},
            {"name": "to", "type": "address"},
            {"name": "value", "type": "uint256"},
        ],
        "outputs": [],
    },
    {
        "type": "error",
        "name": "SplitExceedsClaim",
        "inputs": [
            {"name": "claimId", "type": "uint256"},
            {"name": "requested", "type": "uint96"},
            {"name": "held", "type": "uint96"},
        ],
    },
]
CONTRACTS = Contracts({"Receivables": ADDRESS}, {"Receivables": {"abi": ITEMS}})

SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "uint8": st.integers(0, 2**8 - 1),
    "uint48": st.integers(0, 2**48 - 1),
    "uint96": st.integers(0, 2**96 - 1),
    "uint256": st.integers(0, 2**256 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "int256": st.integers(-(2**255), 2**255 - 1),
    "bool": st.booleans(),
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    "bytes4": st.binary(min_size=4, max_size=4),
    "bytes32": st.binary(min_size=32, max_size=32),
}
DYNAMIC: dict[str, st.SearchStrategy[Any]] = {
    "bytes": st.binary(max_size=100),
    "string": st.text(max_size=40),
    "uint256[]": st.lists(SCALARS["uint256"], max_size=4),
}


@st.composite
def parameters(draw: st.DrawFn) -> tuple[list[abi.AbiParameter], list[Any]]:
    """Random event inputs with values: scalars, fixed arrays, a struct, dynamic ones."""
    inputs: list[abi.AbiParameter] = []
    values: list[Any] = []
    indexed = 0
    for place in range(draw(st.integers(0, 6))):
        shape = draw(st.sampled_from(["scalar", "scalar", "fixed", "struct", "dynamic"]))
        part: abi.AbiParameter = {"type": "", "name": f"a{place}", "indexed": False}
        if shape == "scalar":
            part["type"] = draw(st.sampled_from(sorted(SCALARS)))
            value = draw(SCALARS[part["type"]])
            if indexed < 3 and draw(st.booleans()):
                part["indexed"], indexed = True, indexed + 1
        elif shape == "fixed":
            part["type"] = "uint96[3]"
            value = draw(st.lists(SCALARS["uint96"], min_size=3, max_size=3))
        elif shape == "struct":
            part["type"] = "tuple"
            kinds = draw(st.lists(st.sampled_from(sorted(SCALARS)), min_size=1, max_size=4))
            part["components"] = [{"name": f"f{n}", "type": kind} for n, kind in enumerate(kinds)]
            value = tuple(draw(SCALARS[kind]) for kind in kinds)
        else:
            part["type"] = draw(st.sampled_from(sorted(DYNAMIC)))
            value = draw(DYNAMIC[part["type"]])
        inputs.append(part)
        values.append(value)
    return inputs, values


def event_of(inputs: list[abi.AbiParameter]) -> abi.AbiItem:
    """An event with these parameters."""
    return {"type": "event", "name": "Random", "inputs": inputs}


def log_of(inputs: list[abi.AbiParameter], values: list[Any]) -> tuple[list[str], str]:
    """Topics and data as a chain would hold them, by the reference encoder."""
    item = event_of(inputs)
    topics, rest = [abi.topic_of(item)], []
    for part, value in zip(inputs, values, strict=True):
        if part["indexed"]:
            topics.append("0x" + encode_values([part["type"]], [value]).hex())
        else:
            rest.append((abi.type_of(part), value))
    data = encode_values([kind for kind, _ in rest], [value for _, value in rest])
    return topics, "0x" + data.hex()


@given(parameters())
def test_generated_decoders_read_what_the_reference_encoder_wrote(
    drawn: tuple[list[abi.AbiParameter], list[Any]],
) -> None:
    inputs, values = drawn
    topics, data = log_of(inputs, values)
    decoded = abi.compile_event(event_of(inputs))(topics, data)
    expected = {
        part["name"]: abi.plain(part, value) for part, value in zip(inputs, values, strict=True)
    }
    assert decoded == expected


@given(parameters(), st.integers(1, 64))
def test_decoding_fails_when_a_log_is_cut_short(
    drawn: tuple[list[abi.AbiParameter], list[Any]], cut: int
) -> None:
    inputs, values = drawn
    topics, data = log_of(inputs, values)
    decode = abi.compile_event(event_of(inputs))
    whole = decode(topics, data)
    if len(data) > 2:
        try:
            short = decode(topics, data[: max(2, len(data) - cut * 2)])
        except Exception:
            return
        assert short == whole  # only padding was cut


def test_calldata_from_json_values_equals_the_reference_encoding() -> None:
    root = "0x" + "11" * 32
    data = CONTRACTS.encode(
        "Receivables", "assign", ["7", [{"to": ADDRESS, "value": "1000", "documentRoot": root}]]
    )
    expected = encode_values(
        ["uint256", "(address,uint96,bytes32)[]"], [7, [(ADDRESS, 1000, b"\x11" * 32)]]
    )
    assert data[4:] == expected
    assert data[:4] == keccak(b"assign(uint256,(address,uint96,bytes32)[])")[:4]


def test_overload_is_chosen_by_arguments_or_signature() -> None:
    two = CONTRACTS.encode("Receivables", "approve", [ADDRESS, 1])
    three = CONTRACTS.encode("Receivables", "approve", [1, ADDRESS, 5])
    assert two[:4] == keccak(b"approve(address,uint256)")[:4]
    assert three[:4] == keccak(b"approve(uint256,address,uint256)")[:4]
    named = CONTRACTS.encode("Receivables", "approve(address,uint256)", [ADDRESS, 1])
    assert named == two


@pytest.mark.parametrize(
    "arguments",
    [
        [1],
        [1, "no list"],
        [-1, []],
        [2**256, []],
        [1.5, []],
        [True, []],
        [1, [{"to": "0x12", "value": 1, "documentRoot": "0x" + "0" * 64}]],
        [1, [{"to": ADDRESS, "value": 2**96, "documentRoot": "0x" + "0" * 64}]],
        [1, [{"to": ADDRESS, "value": 1, "documentRoot": "0x00"}]],
        [1, [{"to": ADDRESS, "value": 1}]],
        [1, [{"to": ADDRESS, "value": 1, "documentRoot": "0x" + "0" * 64, "more": 1}]],
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: list[Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        CONTRACTS.encode("Receivables", "assign", arguments)


def test_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownContract):
        CONTRACTS.encode("Receivables", "nothing", [])
    with pytest.raises(UnknownContract):
        CONTRACTS.address("Nobody")
    assert CONTRACTS.name_at("0x" + "00" * 20) is None
    assert CONTRACTS.name_at(ADDRESS.upper().replace("0X", "0x")) == "Receivables"


def test_single_result_is_unwrapped() -> None:
    numbers = encode_values(["uint256[]"], [[1, 2**200]])
    assert CONTRACTS.decode_result("Receivables", "assign", numbers) == [1, 2**200]
    both = "0x" + encode_values(["uint96", "bool"], [5, True]).hex()
    assert CONTRACTS.decode_result("Receivables", "both", both) == (5, True)


def test_contract_error_is_decoded_with_its_arguments() -> None:
    data = keccak(b"SplitExceedsClaim(uint256,uint96,uint96)")[:4] + encode_values(
        ["uint256", "uint96", "uint96"], [7, 1000, 90]
    )
    error = CONTRACTS.decode_error(data)
    assert (error.contract, error.name) == ("Receivables", "SplitExceedsClaim")
    assert error.arguments == {"claimId": 7, "requested": 1000, "held": 90}
    assert error.message == "SplitExceedsClaim(claimId=7, requested=1000, held=90)"


def test_error_of_two_contracts_is_named_after_the_one_called() -> None:
    def error(first: str) -> Json:
        inputs = [{"name": first, "type": "uint256"}, {"name": "who", "type": "address"}]
        return {"type": "error", "name": "SecondPersonNeeded", "inputs": inputs}

    both = Contracts(
        {"CourtOrders": ADDRESS, "Products": "0x" + "d2" * 20},
        {"CourtOrders": {"abi": [error("orderId")]}, "Products": {"abi": [error("productId")]}},
    )
    data = keccak(b"SecondPersonNeeded(uint256,address)")[:4]
    data += encode_values(["uint256", "address"], [8, ADDRESS])
    for called, argument in (("Products", "productId"), ("CourtOrders", "orderId")):
        decoded_error = both.decode_error(data, called=called)
        assert (decoded_error.contract, next(iter(decoded_error.arguments))) == (called, argument)
    assert both.decode_error(data).name == "SecondPersonNeeded"


@pytest.mark.parametrize(
    ("data", "name", "arguments"),
    [
        (
            "0x08c379a0" + encode_values(["string"], ["too late"]).hex(),
            "Error",
            {"message": "too late"},
        ),
        (
            "0x4e487b71" + encode_values(["uint256"], [0x11]).hex(),
            "Panic",
            {"code": 0x11, "reason": "arithmetic overflow or underflow"},
        ),
        ("0x", "Reverted", {}),
        (None, "Reverted", {}),
        ("0xdeadbeef01", "Unknown", {"data": "0xdeadbeef01"}),
        ("0x08c379a0ff", "Unknown", {"data": "0x08c379a0ff"}),
    ],
)
def test_revert_without_contract_error_has_a_name(
    data: str | None, name: str, arguments: dict[str, Any]
) -> None:
    error = CONTRACTS.decode_error(data)
    assert (error.name, error.arguments) == (name, arguments)


def test_logs_of_other_contracts_are_ignored() -> None:
    log = RawLog("0x" + "99" * 20, ["0x" + "00" * 32], "0x", "0x1", "0x", "0x", "0x0", "0x0")
    assert CONTRACTS.decode_log(log) is None
    assert CONTRACTS.decode_log(RawLog(ADDRESS, [], "0x", "0x1", "0x", "0x", "0x0", "0x0")) is None


def test_subjects_of_an_event_are_its_parties_claims_and_receivables() -> None:
    arguments = {
        "receivableId": 3,
        "fromTokenId": 7,
        "toTokenId": 8,
        "to": ADDRESS,
        "from": "0x" + "0" * 40,
        "value": 12,
        "terms": {"seller": "0x" + "77" * 20, "fingerprint": "0x" + "88" * 32},
    }
    assert subjects_of("Receivables", arguments) == {
        "receivable:3",
        "claim:7",
        "claim:8",
        ADDRESS,
        "0x" + "77" * 20,
    }


def test_court_order_and_purchase_order_are_different_subjects() -> None:
    assert subjects_of("CourtOrders", {"orderId": 3}) == {"court-order:3"}
    assert subjects_of("PurchaseOrders", {"orderId": 3}) == {"order:3"}


def test_token_of_a_warehouse_receipt_is_no_claim() -> None:
    moved = {"fromTokenId": 7, "toTokenId": 8, "to": ADDRESS, "value": 12}
    assert subjects_of("WarehouseReceipts", moved) == {
        "warehouse-receipt:7",
        "warehouse-receipt:8",
        ADDRESS,
    }
    assert subjects_of("WarehouseReceipts", {"_tokenId": 7, "_oldSlot": 0}) == {
        "warehouse-receipt:7"
    }
    issued = {"warehouseReceiptId": 1, "lotId": 2, "terms": {"orderId": 3, "depositor": ADDRESS}}
    assert subjects_of("WarehouseReceipts", issued) == {
        "warehouse-receipt:1",
        "lot:2",
        "order:3",
        ADDRESS,
    }
    request = {"warehouseReceiptId": 4, "fromWarehouseReceiptId": 1}
    assert subjects_of("WarehouseReceipts", request) == {
        "warehouse-receipt:4",
        "warehouse-receipt:1",
    }


def test_checksum_address_follows_the_standard() -> None:
    known = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert checksum_address(known.lower()) == known


Item = bytes | list["Item"]


@given(st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5)))
def test_rlp_equals_the_reference_library(item: Item) -> None:
    assert rlp_encode(item) == rlp.encode(item)
