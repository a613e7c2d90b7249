"""A wallet whose key this process holds; needs `cession-client[signing]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from eth_account import Account
from eth_account.signers.local import LocalAccount


class LocalWallet:
    """A key in this process, as a service or a test has it."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account

    @classmethod
    def from_key(cls, private_key: str) -> Self:
        """The wallet of a private key, `0x…`."""
        return cls(Account.from_key(private_key))

    @classmethod
    def create(cls) -> Self:
        """A wallet with a new key; it ends with the process."""
        return cls(Account.create())

    @property
    def address(self) -> str:
        """The account, with its checksum."""
        return str(self._account.address)

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> str:
        """The signature over typed data (EIP-712)."""
        signed = self._account.sign_typed_data(full_message=dict(typed_data))
        return "0x" + bytes(signed.signature).hex()
