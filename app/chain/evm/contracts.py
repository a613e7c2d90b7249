"""The contracts of one deployment: encode calls, decode results, errors and logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec
from faster_eth_abi import encode as encode_values

from app.chain.evm import abi
from app.chain.evm.error_words import in_words
from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import checksum_address
from app.chain.evm.interfaces import Interfaces
from app.storage.tables import position_of

FORWARDER = "Forwarder"
_PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow or underflow",
    0x12: "division by zero",
    0x21: "value outside an enumeration",
    0x32: "index out of bounds",
    0x41: "out of memory",
}


class UnknownContract(KeyError):
    """No contract of that name (or address) in the deployment."""


class ArgumentsInvalid(ValueError):
    """Arguments do not fit the function's ABI; the message says which."""


class ContractError(msgspec.Struct, frozen=True):
    """A revert, decoded: which contract's error, its name and named arguments.

    `contract` is "" for the language's own (`Error`, `Panic`) and for data nobody knows, whose name
    is "Unknown" with the argument `data`; a revert without data is "Reverted". `message` says in
    words what is wrong, with the values, and `fix` what to do; both come of `error_words`.
    """

    contract: str
    name: str
    arguments: dict[str, Any]
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
    """The name of a term, which errors carry in 32 bytes, as text; anything else as it is."""
    if not isinstance(value, str) or len(value) != 66:
        return value
    text = bytes.fromhex(value[2:]).rstrip(b"\0")
    readable = 3 <= len(text) < 32 and text.isascii() and text.decode("ascii", "ignore").isalpha()
    return text.decode() if readable else value


class RawLog(msgspec.Struct, rename="camel", gc=False):
    """A log as nodes give it, within one block."""

    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    transaction_index: str
    log_index: str


class DeploymentRecord(Protocol):
    """What this module reads of `app.chain.deployment.record.Deployment`."""

    @property
    def contracts(self) -> Mapping[str, Any]:
        """By name; each value has `address` as attribute or key, or is the address itself."""


def _is_library(named: tuple[str, Mapping[str, Any]]) -> bool:
    return all(item["type"] != "constructor" for item in named[1]["abi"])


def _address_in(entry: Any) -> str:
    if isinstance(entry, str):
        return entry.lower()
    found = entry["address"] if isinstance(entry, Mapping) else entry.address
    return str(found).lower()


class Contracts:
    """Everything the gateway knows of its contracts' ABIs and addresses.

    `artifacts` maps the contract's source name ("SettlementToken" serves "SettlementToken:CNY") to
    its artifact, a dict with "abi". Errors are searched in all artifacts given.
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
        self._functions: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self._errors: dict[bytes, dict[str, dict[str, Any]]] = {}
        self._decoders: dict[tuple[str, str], tuple[str, str, abi.EventDecoder]] = {}
        events: dict[str, list[tuple[str, str, abi.EventDecoder]]] = {}
        # Libraries have no constructor; an error that they share is told under the contract's name.
        for source, artifact in sorted(artifacts.items(), key=_is_library):
            functions: dict[str, list[dict[str, Any]]] = {}
            events[source] = []
            for item in artifact["abi"]:
                if item["type"] == "function":
                    functions.setdefault(item["name"], []).append(item)
                    functions.setdefault(abi.signature_of(item), []).append(item)
                elif item["type"] == "error":
                    self._errors.setdefault(abi.selector_of(item), {})[source] = item
                elif item["type"] == "event" and not item.get("anonymous"):
                    decoder = (abi.topic_of(item), item["name"], abi.compile_event(item))
                    events[source].append(decoder)
            self._functions[source] = functions
        for name, address in self.addresses.items():
            for topic, event_name, decode in events.get(self.source(name), ()):
                self._decoders[(address, topic)] = (name, event_name, decode)

    @staticmethod
    def source(name: str) -> str:
        """Name of the artifact: what stands before the colon."""
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
        """The contract's name, or None when it is none of ours."""
        return self._names.get(address.lower())

    def names(self, prefix: str = "") -> list[str]:
        """Names in the deployment that start with `prefix`."""
        return [name for name in self.addresses if name.startswith(prefix)]

    def event_names(self, contract: str | None = None) -> set[str]:
        """Names of the events that a contract of the deployment may emit, or any of them."""
        address = None if contract is None else self.address(contract)
        return {
            name
            for (emitter, _), (_, name, _) in self._decoders.items()
            if address in (None, emitter)
        }

    def function(self, contract: str, function: str, count: int | None = None) -> dict[str, Any]:
        """ABI of a function by name or full signature; `count` picks between overloads."""
        try:
            found = self._functions[self.source(contract)][function]
        except KeyError:
            raise UnknownContract(f"{contract}.{function}") from None
        if len(found) > 1 and count is not None:
            found = [item for item in found if len(item["inputs"]) == count]
        if len(found) != 1:
            raise ArgumentsInvalid(f"{contract}.{function}: name the overload by its signature")
        return found[0]

    def encode(self, contract: str, function: str, arguments: Iterable[Any]) -> bytes:
        """Calldata. Arguments in order: JSON forms do (0x text for bytes, decimal text for numbers,
        dicts for structs).

        Raises:
            UnknownContract, ArgumentsInvalid.
        """
        given = list(arguments)
        item = self.function(contract, function, len(given))
        inputs = item["inputs"]
        if len(inputs) != len(given):
            raise ArgumentsInvalid(
                f"{contract}.{function} takes {len(inputs)} arguments, not {len(given)}"
            )
        try:
            values = [
                abi.values_for(part, value) for part, value in zip(inputs, given, strict=True)
            ]
            types = [abi.type_of(part) for part in inputs]
            return abi.selector_of(item) + encode_values(types, values)
        except Exception as error:  # the encoder raises many kinds for values that do not fit
            raise ArgumentsInvalid(f"{contract}.{function}: {error}") from error

    def decode_result(self, contract: str, function: str, data: bytes | str) -> Any:
        """What a call returned: the value itself when there is one, else a tuple.

        For an overloaded function give its full signature.
        """
        outputs = self.function(contract, function)["outputs"]
        raw = bytes.fromhex(data[2:]) if isinstance(data, str) else data
        values = abi.decode_all(outputs, raw)
        return values[0] if len(values) == 1 else tuple(values)

    def decode_error(self, data: bytes | str | None, *, called: str | None = None) -> ContractError:
        """The error behind revert data, looked for in all contracts' ABIs.

        Args:
            called: the contract that was called: its own error goes first, where contracts have
                errors of one name and types that say different things.
        """
        raw = bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else data or b""
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
                own = "" if called is None else self.source(called)
                contract = own if own in owners else next(iter(owners))
                item = owners[contract]
                values = abi.decode_all(item["inputs"], rest)
                names = [part["name"] or str(place) for place, part in enumerate(item["inputs"])]
                said = dict(zip(names, map(_term_name, values), strict=True))
                words = in_words(item["name"], said, name_at=self.name_at)
                return ContractError(contract, item["name"], said, *words)
        except Exception:  # data that only looks like the error it names
            pass
        return ContractError("", "Unknown", {"data": "0x" + raw.hex()})

    def decode_log(self, log: RawLog, *, timestamp: int = 0) -> DecodedEvent | None:
        """The event, or None when the log is not of our contracts or of an unknown event."""
        topics = log.topics
        if not topics:
            return None
        found = self._decoders.get((log.address, topics[0]))
        if found is None:
            found = self._decoders.get((log.address.lower(), topics[0]))
            if found is None:
                return None
        contract, name, decode = found
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

    def checksummed(self) -> dict[str, str]:
        """Addresses by name in mixed case, for people and for `serve.json`."""
        return {name: checksum_address(address) for name, address in self.addresses.items()}
