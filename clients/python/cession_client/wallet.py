"""What signs in the name of a party that keeps its key itself, and what it signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from cession_client.problems import WalletMismatch
from cession_client.typed_data import INTENT, Message, TypedData, address_of, read

_APPROVE = bytes.fromhex("095ea7b3")  # approve(address,uint256)
_TRANSFER = bytes.fromhex("a9059cbb")  # transfer(address,uint256)
_TRANSFER_FROM = bytes.fromhex("23b872dd")  # transferFrom(address,address,uint256)
_TRANSFERS = "/transfers"  # the only command that is a transfer of cash
_SELECTOR = 4  # bytes that say which function is called
_FIRST_ARGUMENT = slice(_SELECTOR + 12, _SELECTOR + 32)  # as an account: after 12 bytes of zeros

#: Sees the path of a command and what is to be signed for it; raises if it must not be signed.
Review = Callable[[str, TypedData], None]


class Wallet(Protocol):
    """An account that signs typed data (EIP-712); `local_wallet.LocalWallet` is one."""

    @property
    def address(self) -> str:
        """The account of the party on the ledger."""

    def sign_typed_data(self, typed_data: TypedData) -> str:
        """The signature as `0x…`; of a contract wallet, what its contract accepts (ERC-1271)."""


@dataclass(frozen=True)
class Ledger:
    """The ledger for which a wallet signs: store it, so that no later gateway can name another.

    Attributes:
        chain_id: number of its chain (EIP-155).
        contracts: addresses of its contracts, by name.
    """

    chain_id: int
    contracts: Mapping[str, str]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The ledger of a document as `GET /v1/contracts` answers it."""
        addresses = {str(item["name"]): str(item["address"]) for item in document["items"]}
        return cls(int(document["chainId"]), addresses)


class Signing:
    """A wallet, and the bounds of what it signs.

    Raises:
        WalletMismatch: an address of the ledger's contracts is none.
    """

    def __init__(self, wallet: Wallet, ledger: Ledger, review: Review | None = None) -> None:
        self._wallet = wallet
        self._chain_id = ledger.chain_id
        self._contracts = {name: address_of(text) for name, text in ledger.contracts.items()}
        self._review = review

    def operation(self, path: str, typed_data: object) -> str:
        """The signature over what the gateway prepared for the command at this path.

        Raises:
            WalletMismatch.
        """
        message = read(typed_data)
        if message.type != INTENT:
            raise WalletMismatch(f"{path}: {message.type} is no operation")
        signer = message.account("from")
        if signer != address_of(self._wallet.address):
            raise WalletMismatch(
                f"the operation is for 0x{signer.hex()}; the wallet is {self._wallet.address}"
            )
        self._require_contract("the operation calls", message.account("to"))
        self._require_commanded(path, message.call)
        return self._signed(path, message)

    def document(self, path: str, typed_data: object) -> str:
        """The signature over terms at this path: an offer, a proposal, a confirmation.

        Raises:
            WalletMismatch.
        """
        message = read(typed_data)
        if message.type == INTENT:
            raise WalletMismatch(f"{path}: an operation is not signed as a document")
        return self._signed(path, message)

    def _signed(self, path: str, message: Message) -> str:
        if message.chain_id != self._chain_id:
            raise WalletMismatch(
                f"it is for chain {message.chain_id}; the ledger's is {self._chain_id}"
            )
        if message.valid_at != self._contracts.get(message.contract):
            raise WalletMismatch(
                f"{message.type} is valid at 0x{message.valid_at.hex()}, which is not the "
                f"ledger's {message.contract}"
            )
        if self._review is not None:
            self._review(path, message.typed_data)
        return self._wallet.sign_typed_data(message.typed_data)

    def _require_commanded(self, path: str, call: bytes) -> None:
        """Refuses calls that hand over cash, unless they are what the command is about."""
        function = call[:_SELECTOR]
        if len(function) != _SELECTOR:
            raise WalletMismatch(f"{path}: the operation names no function")
        if function == _APPROVE:
            self._require_contract("the operation lets take cash", call[_FIRST_ARGUMENT])
        moves = function in (_TRANSFER, _TRANSFER_FROM)
        if moves and not path.partition("?")[0].endswith(_TRANSFERS):
            raise WalletMismatch(f"{path}: the operation transfers cash, which was not commanded")

    def _require_contract(self, what: str, account: bytes) -> None:
        if account not in self._contracts.values():
            raise WalletMismatch(f"{what} 0x{account.hex()}, which is no contract of the ledger")
