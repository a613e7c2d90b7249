"""What signs in the name of a party that keeps its key itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Wallet(Protocol):
    """An account that signs typed data (EIP-712); `local_wallet.LocalWallet` is one."""

    @property
    def address(self) -> str:
        """The account of the party on the ledger."""

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> str:
        """The signature as `0x…`; of a contract wallet, what its contract accepts (ERC-1271)."""


class WalletMismatch(Exception):
    """What the gateway prepared is for another account; nothing was signed."""


def sign_prepared(wallet: Wallet, typed_data: Mapping[str, Any]) -> str:
    """The wallet's signature over a prepared operation.

    Raises:
        WalletMismatch: the operation is another account's.
    """
    signer = str(typed_data["message"]["from"])
    if signer.lower() != wallet.address.lower():
        raise WalletMismatch(f"the operation is for {signer}; the wallet is {wallet.address}")
    return wallet.sign_typed_data(typed_data)
