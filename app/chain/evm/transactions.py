"""The relayer's own transactions: legacy ones (EIP-155), which every EVM network accepts."""

from __future__ import annotations

from typing import Any

import msgspec
import rlp

from app.chain.evm.hashing import keccak, rlp_encode, whole_bytes
from app.chain.evm.signers import Signer


class Transaction(msgspec.Struct, frozen=True):
    """A call from a relay account. `gas_price` is in wei."""

    nonce: int
    gas_price: int
    gas_limit: int
    to: str
    data: bytes
    chain_id: int

    def _fields(self) -> list[Any]:
        return [
            whole_bytes(self.nonce),
            whole_bytes(self.gas_price),
            whole_bytes(self.gas_limit),
            bytes.fromhex(self.to[2:]),
            b"",
            self.data,
        ]

    def sign(self, signer: Signer) -> tuple[str, str]:
        """The raw transaction and its hash, both 0x text."""
        fields = self._fields()
        digest = keccak(rlp_encode([*fields, whole_bytes(self.chain_id), b"", b""]))
        signature = signer.sign_hash(digest)
        v = self.chain_id * 2 + 35 + signature[64] - 27
        raw = rlp_encode(
            [
                *fields,
                whole_bytes(v),
                signature[:32].lstrip(b"\0"),
                signature[32:64].lstrip(b"\0"),
            ]
        )
        return "0x" + raw.hex(), "0x" + keccak(raw).hex()

    def with_price(self, gas_price: int) -> Transaction:
        """The same call with another gas price."""
        return msgspec.structs.replace(self, gas_price=gas_price)


def read_raw(raw: str, *, chain_id: int) -> Transaction:
    """The transaction in stored raw bytes."""
    nonce, price, limit, to, _, data, *_ = rlp.decode(bytes.fromhex(raw[2:]))
    return Transaction(
        nonce=int.from_bytes(nonce, "big"),
        gas_price=int.from_bytes(price, "big"),
        gas_limit=int.from_bytes(limit, "big"),
        to="0x" + bytes(to).hex(),
        data=bytes(data),
        chain_id=chain_id,
    )
