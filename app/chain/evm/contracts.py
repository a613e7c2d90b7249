"""The contracts of one deployment: encodes calls; decodes results, errors and logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec
from faster_eth_abi import encode as encode_values

from app.chain.evm import abi
from app.chain.evm.error_owner import Call, owner_of
from app.chain.evm.error_words import in_words
from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import checksum_address
from app.chain.evm.interfaces import Interfaces
from app.storage.tables.base import position_of

FORWARDER = "Forwarder"
_WORD_BYTES = 32
_MIN_TERM_LETTERS = 3
_PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "value outside an enumeration",
    0x32: "index out of bounds",
    0x41: "out of memory",
}


class UnknownContract(KeyError):
    """The deployment has no contract or function of this name."""


class ArgumentsInvalid(ValueError):
    """Arguments do not fit the function's ABI; the message says which function and why."""


class ContractError(msgspec.Struct, frozen=True):
    """A decoded revert: the contract, the error's name and its arguments by name.

    `contract` is "" for Solidity's own errors (`Error`, `Panic`) and for unknown data, whose name
    is "Unknown" with the argument `data`; a revert without data is "Reverted". `message` says what
    is wrong, with the values, and `fix` says what to do; both come from `error_words`.
    """

    contract: str
    name: str
    arguments: abi.DecodedValues
    message: str = ""
    fix: str = ""

    def __post_init__(self) -> None:
        if not self.message:
            message, fix = in_words(self.name, self.arguments)
            msgspec.structs.force_setattr(self, "message", message)
            msgspec.structs.force_setattr(self, "fix", fix)

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


def _term_name(value: Any) -> Any:
    """The name of a term, which errors hold in 32 bytes, as text; other values unchanged."""
    if not isinstance(value, str) or len(value) != 2 + 2 * _WORD_BYTES:
        return value
    text = bytes.fromhex(value[2:]).rstrip(b"\0")
    fits = _MIN_TERM_LETTERS <= len(text) < _WORD_BYTES
    readable = fits and text.isascii() and text.decode("ascii", "ignore").isalpha()
    return text.decode() if readable else value


class RawLog(msgspec.Struct, rename="camel", gc=False):
    """A log in a block, as nodes return it."""

    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    transaction_index: str
    log_index: str


class DeploymentRecord(Protocol):
    """The part of `app.chain.deployment.record.Deployment` that this module reads."""

    @property
    def contracts(self) -> Mapping[str, Any]:
        """Contracts by name; each has `address` as attribute or key, or is the address itself."""


def _is_library(named: tuple[str, Mapping[str, Any]]) -> bool:
    return all(item["type"] != "constructor" for item in named[1]["abi"])


def _raw(data: bytes | str | None) -> bytes:
    return bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else data or b""


def _address_in(entry: Any) -> str:
    if isinstance(entry, str):
        return entry.lower()
    address = entry["address"] if isinstance(entry, Mapping) else entry.address
    return str(address).lower()


class Contracts:
    """ABIs and addresses of the ledger's contracts.

    `artifacts` maps the contract's source name ("SettlementToken" for "SettlementToken:CNY") to its
    artifact, a dict with "abi". Errors are looked up in all artifacts.
    """

    def __init__(
        self,
        deployment: DeploymentRecord | Mapping[str, Any],
        artifacts: Mapping[str, Mapping[str, Any]],
    ) -> None:
        entries = deployment if isinstance(deployment, Mapping) else deployment.contracts
        self.addresses = {name: _address_in(entry) for name, entry in entries.items()}
        self.interfaces = Interfaces(artifacts)
        self._names = {address: name for name, address in self.addresses.items()}
        self._functions: dict[str, dict[str, list[abi.AbiItem]]] = {}
        self._errors: dict[bytes, dict[str, abi.AbiItem]] = {}
        self._events: dict[tuple[str, str], tuple[str, abi.AbiItem]] = {}
        self._decoders: dict[tuple[str, str], tuple[str, str, abi.EventDecoder]] = {}
        events: dict[str, list[tuple[str, abi.AbiItem]]] = {}
        # Libraries, which have no constructor, come last: a shared error gets the contract's name.
        for source, artifact in sorted(artifacts.items(), key=_is_library):
            functions: dict[str, list[abi.AbiItem]] = {}
            events[source] = []
            items: list[abi.AbiItem] = artifact["abi"]
            for item in items:
                if item["type"] == "function":
                    functions.setdefault(item["name"], []).append(item)
                    functions.setdefault(abi.signature_of(item), []).append(item)
                elif item["type"] == "error":
                    self._errors.setdefault(abi.selector_of(item), {})[source] = item
                elif item["type"] == "event" and not item.get("anonymous"):
                    events[source].append((abi.topic_of(item), item))
            self._functions[source] = functions
        for name, address in self.addresses.items():
            for topic, item in events.get(self.source(name), ()):
                self._events[(address, topic)] = (name, item)

    @staticmethod
    def source(name: str) -> str:
        """Name of the artifact: the part of `name` before the colon."""
        return name.partition(":")[0]

    def address(self, name: str) -> str:
        """The contract's address, lower case.

        Raises:
            UnknownContract.
        """
        try:
            return self.addresses[name]
        except KeyError:
            raise UnknownContract(name) from None

    def name_at(self, address: str) -> str | None:
        """The name of the ledger's contract at this address, or None."""
        return self._names.get(address.lower())

    def names(self, prefix: str = "") -> list[str]:
        """Names in the deployment that start with `prefix`."""
        return [name for name in self.addresses if name.startswith(prefix)]

    def event_names(self, contract: str | None = None) -> set[str]:
        """Names of the events that this contract may emit, or any contract of the deployment."""
        address = None if contract is None else self.address(contract)
        return {
            item["name"]
            for (emitter, _), (_, item) in self._events.items()
            if address in (None, emitter)
        }

    def function(self, contract: str, function: str, count: int | None = None) -> abi.AbiItem:
        """ABI of a function by name or full signature; `count` of arguments selects an overload."""
        try:
            overloads = self._functions[self.source(contract)][function]
        except KeyError:
            raise UnknownContract(f"{contract}.{function}") from None
        if len(overloads) > 1 and count is not None:
            overloads = [item for item in overloads if len(item["inputs"]) == count]
        if len(overloads) != 1:
            raise ArgumentsInvalid(f"{contract}.{function}: name the overload by its signature")
        return overloads[0]

    def encode(self, contract: str, function: str, arguments: Iterable[Any]) -> bytes:
        """Calldata of a function.

        Arguments are in order and may have their JSON form: 0x text for bytes, decimal text for
        numbers, dicts for structs.

        Raises:
            UnknownContract, ArgumentsInvalid.
        """
        values = list(arguments)
        item = self.function(contract, function, len(values))
        inputs = item["inputs"]
        if len(inputs) != len(values):
            raise ArgumentsInvalid(
                f"{contract}.{function} has {len(inputs)} arguments, not {len(values)}"
            )
        try:
            encodable = [
                abi.values_for(part, value) for part, value in zip(inputs, values, strict=True)
            ]
            types = [abi.type_of(part) for part in inputs]
            return abi.selector_of(item) + encode_values(types, encodable)
        except Exception as error:  # the encoder raises many kinds for values that do not fit
            raise ArgumentsInvalid(f"{contract}.{function}: {error}") from error

    def decode_result(self, contract: str, function: str, data: bytes | str) -> Any:
        """The result of a call: the value if there is one, else a tuple of the values.

        An overloaded function needs its full signature.
        """
        outputs = self.function(contract, function)["outputs"]
        raw = bytes.fromhex(data[2:]) if isinstance(data, str) else data
        values = abi.decode_all(outputs, raw)
        return values[0] if len(values) == 1 else tuple(values)

    def decode_error(
        self,
        data: bytes | str | None,
        *,
        called: str | None = None,
        call: bytes | str = b"",
    ) -> ContractError:
        """The error in revert data, looked up in all contracts' ABIs.

        Args:
            called: the contract that was called. It tells whose error it is if several contracts
                have errors of the same name and types (`app.chain.evm.error_owner`).
            call: the calldata that the contract got, for the same purpose.
        """
        raw = _raw(data)
        if not raw:
            return ContractError("", "Reverted", {})
        selector, rest = raw[:4], raw[4:]
        try:
            if selector == b"\x08\xc3\x79\xa0":
                (text,) = abi.decode_all([{"type": "string"}], rest)
                return ContractError("", "Error", {"message": text})
            if selector == b"\x4e\x48\x7b\x71":
                code = int.from_bytes(rest[:32], "big")
                reason = _PANICS.get(code, "panic")
                return ContractError("", "Panic", {"code": code, "reason": reason})
            if selector in self._errors:
                owners = self._errors[selector]
                values = abi.decode_all(next(iter(owners.values()))["inputs"], rest)
                contract = self._owner_of(owners, values, called, _raw(call))
                item = owners[contract]
                names = [part["name"] or str(place) for place, part in enumerate(item["inputs"])]
                arguments = dict(zip(names, map(_term_name, values), strict=True))
                words = in_words(item["name"], arguments, name_at=self.name_at)
                return ContractError(contract, item["name"], arguments, *words)
        except Exception:  # the data only looks like this error
            pass
        return ContractError("", "Unknown", {"data": "0x" + raw.hex()})

    def _owner_of(
        self,
        owners: Mapping[str, abi.AbiItem],
        values: list[Any],
        called: str | None,
        data: bytes,
    ) -> str:
        if called is None:
            return owner_of(owners, values, call=None, partners=[])
        source = self.source(called)
        functions = {
            abi.selector_of(item): item
            for name, (item, *_) in self._functions.get(source, {}).items()
            if "(" in name
        }
        # A contract has a getter for each contract that it works with.
        getters = [output for item in functions.values() for output in item["outputs"]]
        types = [output.get("internalType", "") for output in getters]
        partners = [
            name
            for kind in types
            if kind.startswith("contract ")
            for name in (kind.removeprefix("contract "), kind.removeprefix("contract I"))
        ]
        return owner_of(owners, values, call=Call(source, functions, data), partners=partners)

    def decode_log(self, log: RawLog, *, timestamp: int = 0) -> DecodedEvent | None:
        """The event; None if the log is not from our contracts or its event is unknown."""
        topics = log.topics
        if not topics:
            return None
        decoder = self._decoders.get((log.address, topics[0]))
        if decoder is None:
            decoder = self._decoder(log.address, topics[0])
            if decoder is None:
                return None
        contract, name, decode = decoder
        number, index = int(log.block_number, 16), int(log.log_index, 16)
        return DecodedEvent(
            position_of(number, index),
            contract,
            name,
            decode(topics, log.data),
            log.address,
            number,
            log.block_hash,
            timestamp,
            int(log.transaction_index, 16),
            log.transaction_hash,
            index,
        )

    def _decoder(self, address: str, topic: str) -> tuple[str, str, abi.EventDecoder] | None:
        """Compiles what decodes an event when the first such log comes."""
        event = self._events.get((address.lower(), topic))
        if event is None:
            return None
        contract, item = event
        decoder = contract, item["name"], abi.compile_event(item)
        self._decoders[(address, topic)] = decoder
        return decoder

    def checksummed(self) -> dict[str, str]:
        """Addresses by name in EIP-55 mixed case, for people and for `serve.json`."""
        return {name: checksum_address(address) for name, address in self.addresses.items()}
