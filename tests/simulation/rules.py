"""The contracts of the simulated chain: the forwarder's rules and a cash token.

They are written from the contracts' sources and not from the gateway's code, so that a mistake of
the gateway is not repeated here. There are two sets of rules: `bitmap` (unordered nonces,
`IntentExecuted`) and `counter` (OpenZeppelin's forwarder, which the gateway used before).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from coincurve import PublicKey
from faster_eth_abi import decode as decode_values
from faster_eth_abi import encode as encode_values

from app.chain.evm import abi
from app.chain.evm.hashing import keccak
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY, LedgerKey
from scripts.compile import load_artifact

Rules = Literal["bitmap", "counter"]
ZERO = "0x" + "00" * 20
CHAIN_ID = 4_711
NAMES = ("AccessManager", "Forwarder", "PartyRegistry", "Receivables", "RiskReserve")
CASH = "SettlementToken:CNY"
ADDRESSES = {name: "0x" + keccak(name.encode())[12:].hex() for name in (*NAMES, CASH)}
FORWARDER, TOKEN = ADDRESSES["Forwarder"], ADDRESSES[CASH]
CALL_GAS = 60_000
_BATCH_GAS = 30_000


def rules_of_artifacts() -> Rules:
    """The rules of the forwarder that was compiled."""
    names = {item.get("name") for item in load_artifact("Forwarder")["abi"]}
    return "bitmap" if "IntentExecuted" in names else "counter"


class Reverted(Exception):
    """A call failed. `data` is the revert data, 0x text."""

    def __init__(self, data: str = "0x") -> None:
        super().__init__(data)
        self.data = data


@cache
def _item(source: str, kind: str, name: str) -> tuple[bytes, list[str], list[bool]]:
    """Selector or topic, types, and which inputs are indexed."""
    for item in load_artifact(source)["abi"]:
        if item["type"] == kind and item["name"] == name:
            types = [abi.type_of(part) for part in item["inputs"]]
            indexed = [bool(part.get("indexed")) for part in item["inputs"]]
            topic = keccak(f"{name}({','.join(types)})".encode())
            return topic, types, indexed
    raise LookupError(f"{source}.{name}")


def revert(source: str, name: str, *values: Any) -> Reverted:
    """The error of a contract with its arguments."""
    topic, types, _ = _item(source, "error", name)
    return Reverted("0x" + (topic[:4] + encode_values(types, values)).hex())


@cache
def selector(source: str, name: str) -> bytes:
    """The function's selector."""
    return _item(source, "function", name)[0][:4]


def arguments(source: str, name: str, data: bytes) -> tuple[Any, ...]:
    """Decoded arguments of a call."""
    return tuple(decode_values(_item(source, "function", name)[1], data[4:]))


@dataclass(frozen=True)
class Log:
    """An event of a contract."""

    address: str
    topics: tuple[str, ...]
    data: str


def event(address: str, source: str, name: str, *values: Any) -> Log:
    """An event with its values in the ABI's order."""
    topic, types, indexed = _item(source, "event", name)
    topics, types_left, left = ["0x" + topic.hex()], [], []
    for kind, of_topic, value in zip(types, indexed, values, strict=True):
        if of_topic:
            topics.append("0x" + encode_values([kind], [value]).hex())
        else:
            types_left.append(kind)
            left.append(value)
    return Log(address, tuple(topics), "0x" + encode_values(types_left, left).hex())


@dataclass(frozen=True)
class Execution:
    """One intent that the forwarder carried out, whatever its call did."""

    signer: str
    nonce: int
    data: bytes
    succeeded: bool
    operation: bytes = b""


@dataclass
class State:
    """What the contracts hold after a block."""

    rules: Rules
    issuer: str
    balances: dict[str, int] = field(default_factory=dict)
    allowances: dict[tuple[str, str], int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    used: dict[tuple[str, int], int] = field(default_factory=dict)  # signer, word: bits

    def copy(self) -> State:
        """An independent copy."""
        return State(
            self.rules,
            self.issuer,
            dict(self.balances),
            dict(self.allowances),
            dict(self.counters),
            dict(self.used),
        )

    # -- the token

    def begin_operation(self, sender: str, target: str, data: bytes, logs: list[Log]) -> None:
        """Carries out a call that changes something.

        Raises:
            Reverted: nothing was changed.
        """
        source = "SettlementToken"
        if target == FORWARDER and data[:4] == _cancel():
            (nonce,) = decode_values(["uint256"], data[4:])
            self.use(sender, nonce)
            logs.append(event(FORWARDER, "Forwarder", "NonceCancelled", sender, nonce))
            return
        if target != TOKEN:
            raise Reverted()
        head = data[:4]
        if head == selector(source, "transfer"):
            to, amount = arguments(source, "transfer", data)
            self._move(sender, to, amount, logs)
        elif head == selector(source, "mint"):
            to, amount = arguments(source, "mint", data)
            if sender != self.issuer:
                raise revert(source, "AccessManagedUnauthorized", sender)
            self._move(ZERO, to, amount, logs)
        elif head == selector(source, "burn"):
            (amount,) = arguments(source, "burn", data)
            self._move(sender, ZERO, amount, logs)
        elif head == selector(source, "approve"):
            spender, amount = arguments(source, "approve", data)
            self.allowances[sender, spender] = amount
            logs.append(event(TOKEN, source, "Approval", sender, spender, amount))
        elif head == selector(source, "transferFrom"):
            owner, to, amount = arguments(source, "transferFrom", data)
            allowed = self.allowances.get((owner, sender), 0)
            if allowed < amount:
                raise revert(source, "ERC20InsufficientAllowance", sender, allowed, amount)
            self._move(owner, to, amount, logs)
            self.allowances[owner, sender] = allowed - amount
        else:
            raise Reverted()

    def _move(self, sender: str, to: str, amount: int, logs: list[Log]) -> None:
        if sender != ZERO:
            held = self.balances.get(sender, 0)
            if held < amount:
                raise revert("SettlementToken", "ERC20InsufficientBalance", sender, held, amount)
            self.balances[sender] = held - amount
        if to != ZERO:
            self.balances[to] = self.balances.get(to, 0) + amount
        logs.append(event(TOKEN, "SettlementToken", "Transfer", sender, to, amount))

    # -- questions

    def ask(self, sender: str, target: str, data: bytes) -> bytes:
        """Answers a call and discards what it changes.

        Raises:
            Reverted.
        """
        head = data[:4]
        if target == TOKEN:
            if head == selector("SettlementToken", "balanceOf"):
                (owner,) = arguments("SettlementToken", "balanceOf", data)
                return _word(self.balances.get(owner, 0))
            if head == selector("SettlementToken", "allowance"):
                owner, spender = arguments("SettlementToken", "allowance", data)
                return _word(self.allowances.get((owner, spender), 0))
        elif target == FORWARDER:
            result = self._of_forwarder(head, data)
            if result is not None:
                return result
        elif target in (ADDRESSES["Receivables"], ADDRESSES["PartyRegistry"]):
            if head == selector("PartyRegistry", "ledgerKeyHash"):
                return bytes.fromhex(LedgerKey(DEVELOPMENT_LEDGER_KEY).commitment[2:])
            return bytes(64)  # zoneOffset: 0; riskStop: no reason, nobody
        by = sender
        if sender == FORWARDER and target != FORWARDER:
            data, by = data[:-20], "0x" + data[-20:].hex()
        self.copy().begin_operation(by, target, data, [])
        return _word(1)

    def _of_forwarder(self, head: bytes, data: bytes) -> bytes | None:
        if self.rules == "counter":
            if head == selector("Forwarder", "nonces"):
                (signer,) = decode_values(["address"], data[4:])
                return _word(self.counters.get(signer, 0))
            return None
        if head not in (selector("Forwarder", "isNonceUsed"), selector("Forwarder", "nonceBitmap")):
            return None
        owner, number = (
            int(execution, 16) if isinstance(execution, str) else execution
            for execution in decode_values(["address", "uint256"], data[4:])
        )
        address = f"0x{owner:040x}"
        if head == selector("Forwarder", "isNonceUsed"):
            return _word(int(self.is_used(address, number)))
        return _word(self.used.get((address, number), 0))

    # -- the forwarder

    def is_used(self, signer: str, nonce: int) -> bool:
        """Whether an intent with this nonce can never run any more."""
        return bool(self.used.get((signer, nonce >> 8), 0) >> (nonce & 255) & 1)

    def use(self, signer: str, nonce: int) -> None:
        """Marks a nonce as used.

        Raises:
            Reverted: it was used before.
        """
        if self.is_used(signer, nonce):
            raise Reverted()
        key = (signer, nonce >> 8)
        self.used[key] = self.used.get(key, 0) | 1 << (nonce & 255)

    def forward(
        self, data: bytes, *, gas_limit: int, timestamp: int
    ) -> tuple[list[Log], list[Execution]]:
        """Carries out `executeBatch`; it skips an intent that is not valid.

        Raises:
            Reverted: the whole transaction fails.
        """
        if data[:4] != selector("Forwarder", "executeBatch"):
            raise Reverted()
        batch, last = arguments("Forwarder", "executeBatch", data)
        if self.rules == "counter" and last == ZERO:
            raise Reverted()
        logs: list[Log] = []
        executions: list[Execution] = []
        left = gas_limit - _BATCH_GAS
        for encoded in batch:
            intent = _Signed.read(self.rules, encoded)
            left -= intent.gas + 10_000
            if left < 0:
                raise Reverted()
            execution = self._carry_out(intent, timestamp, logs)
            if execution is None and self.rules == "bitmap" and last:
                raise Reverted()
            if execution is not None:
                if self.rules == "bitmap" and last and not execution.succeeded:
                    raise Reverted()
                executions.append(execution)
        return logs, executions

    def _carry_out(self, intent: _Signed, timestamp: int, logs: list[Log]) -> Execution | None:
        signer, nonce = intent.signer, intent.nonce
        if self.rules == "counter":
            nonce = self.counters.get(signer, 0)
        if timestamp > intent.deadline or intent.signed_by(nonce) != signer:
            return None
        if self.rules == "counter":
            self.counters[signer] = nonce + 1
        elif self.is_used(signer, nonce):
            return None
        else:
            self.use(signer, nonce)
        own: list[Log] = []
        try:
            if intent.gas < CALL_GAS:
                raise Reverted()
            self.begin_operation(signer, intent.target, intent.data, own)
            succeeded = True
        except Reverted:
            own, succeeded = [], False
        logs += own
        if self.rules == "counter":
            said = event(FORWARDER, "Forwarder", "ExecutedForwardRequest", signer, nonce, succeeded)
        else:
            said = event(
                FORWARDER, "Forwarder", "IntentExecuted", signer, nonce, intent.operation, succeeded
            )
        logs.append(said)
        return Execution(signer, nonce, intent.data, succeeded, intent.operation)


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


@cache
def _cancel() -> bytes:
    return keccak(b"cancel(uint256)")[:4]


_OLD = (
    b"ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,"
    b"uint48 deadline,bytes data)"
)
_NEW = (
    b"Intent(address from,address to,uint256 gas,uint256 nonce,uint48 deadline,"
    b"bytes32 operation,bytes data)"
)


@cache
def _separator(version: str) -> bytes:
    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    return keccak(
        keccak(kind)
        + keccak(b"Cession Forwarder")
        + keccak(version.encode())
        + _word(CHAIN_ID)
        + bytes.fromhex(FORWARDER[2:]).rjust(32, b"\0")
    )


@dataclass(frozen=True)
class _Signed:
    """An intent with its signature, as it stands in calldata."""

    rules: Rules
    signer: str
    target: str
    gas: int
    nonce: int
    deadline: int
    operation: bytes
    data: bytes
    signature: bytes

    @classmethod
    def read(cls, rules: Rules, encoded: Any) -> _Signed:
        if rules == "counter":
            signer, target, _value, gas, deadline, data, signature = encoded
            return cls(rules, signer, target, gas, 0, deadline, b"", data, signature)
        (signer, target, gas, nonce, deadline, operation, data), signature = encoded
        return cls(rules, signer, target, gas, nonce, deadline, operation, data, signature)

    def digest(self, nonce: int) -> bytes:
        """What was signed (EIP-712)."""
        parties = b"".join(
            bytes.fromhex(item[2:]).rjust(32, b"\0") for item in (self.signer, self.target)
        )
        if self.rules == "counter":
            words = _word(0) + _word(self.gas) + _word(nonce) + _word(self.deadline)
            struct = keccak(_OLD) + parties + words + keccak(self.data)
        else:
            words = _word(self.gas) + _word(nonce) + _word(self.deadline) + self.operation
            struct = keccak(_NEW) + parties + words + keccak(self.data)
        version = "1" if self.rules == "counter" else "2"
        return keccak(b"\x19\x01" + _separator(version) + keccak(struct))

    def signed_by(self, nonce: int) -> str:
        """Address of who signed it with this nonce."""
        return signed_by(self.digest(nonce), self.signature)


def signed_by(digest: bytes, signature: bytes) -> str:
    """Address of the key behind a signature r ‖ s ‖ v; ZERO where there is none."""
    if len(signature) != 65 or signature[64] not in (27, 28):
        return ZERO
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes((signature[64] - 27,)), digest, hasher=None
        )
    except Exception:  # the library raises bare exceptions
        return ZERO
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()
