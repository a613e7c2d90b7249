"""What signs in the name of a party that keeps its key itself, and what it signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

_INTENT = "Intent"
_APPROVE = "0x095ea7b3"  # approve(address,uint256)
_TRANSFER = "0xa9059cbb"  # transfer(address,uint256)
_TRANSFER_FROM = "0x23b872dd"  # transferFrom(address,address,uint256)
_TRANSFERS = "/transfers"  # the only command that is a transfer of cash
_ACCOUNT = slice(34, 74)  # of the first argument: after 0x, a selector and 12 bytes of zeros

TypedData = Mapping[str, Any]
#: Sees the path of a command and what is to be signed for it; raises if it must not be signed.
Review = Callable[[str, TypedData], None]


class Wallet(Protocol):
    """An account that signs typed data (EIP-712); `local_wallet.LocalWallet` is one."""

    @property
    def address(self) -> str:
        """The account of the party on the ledger."""

    def sign_typed_data(self, typed_data: TypedData) -> str:
        """The signature as `0x…`; of a contract wallet, what its contract accepts (ERC-1271)."""


class WalletMismatch(Exception):
    """What the gateway prepared is not for this wallet, ledger or command; nothing was signed."""


@dataclass(frozen=True)
class Ledger:
    """The ledger for which a wallet signs: store it, so that no later gateway can name another.

    Attributes:
        chain_id: number of its chain (EIP-155).
        contracts: addresses of its contracts, in lower case.
    """

    chain_id: int
    contracts: frozenset[str]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The ledger of a document as `GET /v1/contracts` answers it."""
        addresses = (str(contract["address"]).lower() for contract in document["items"])
        return cls(int(document["chainId"]), frozenset(addresses))


@dataclass(frozen=True)
class Signing:
    """A wallet, and the bounds of what it signs."""

    wallet: Wallet
    ledger: Ledger
    review: Review | None = None

    def operation(self, path: str, typed_data: TypedData) -> str:
        """The signature over what the gateway prepared for the command at this path.

        Raises:
            WalletMismatch.
        """
        message = typed_data["message"]
        if typed_data["primaryType"] != _INTENT:
            raise WalletMismatch(f"{path}: {typed_data['primaryType']} is no operation")
        if str(message["from"]).lower() != self.wallet.address.lower():
            raise WalletMismatch(
                f"the operation is for {message['from']}; the wallet is {self.wallet.address}"
            )
        self._require_contract("the operation calls", message["to"])
        data = str(message["data"]).lower()
        if data.startswith(_APPROVE):
            self._require_contract("the operation lets take cash", "0x" + data[_ACCOUNT])
        moves = data.startswith(_TRANSFER_FROM) or data.startswith(_TRANSFER)
        if moves and not path.partition("?")[0].endswith(_TRANSFERS):
            raise WalletMismatch(f"{path}: the operation transfers cash, which was not commanded")
        return self._signed(path, typed_data)

    def document(self, path: str, typed_data: TypedData) -> str:
        """The signature over terms at this path: an offer, a proposal, a confirmation.

        Raises:
            WalletMismatch.
        """
        if typed_data["primaryType"] == _INTENT:
            raise WalletMismatch(f"{path}: an operation is not signed as a document")
        return self._signed(path, typed_data)

    def _signed(self, path: str, typed_data: TypedData) -> str:
        domain = typed_data["domain"]
        if int(domain["chainId"]) != self.ledger.chain_id:
            raise WalletMismatch(
                f"it is for chain {domain['chainId']}; the ledger's is {self.ledger.chain_id}"
            )
        self._require_contract("it is valid at", domain["verifyingContract"])
        if self.review is not None:
            self.review(path, typed_data)
        return self.wallet.sign_typed_data(typed_data)

    def _require_contract(self, what: str, address: object) -> None:
        if str(address).lower() not in self.ledger.contracts:
            raise WalletMismatch(f"{what} {address}, which is no contract of the ledger")
