"""What the Python client signs, whatever a gateway prepares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cession_client import Ledger, WalletMismatch
from cession_client.local_wallet import LocalWallet
from cession_client.typed_data import DOCUMENTS
from cession_client.wallet import Signing
from eth_account import Account

from app.clear_signing.messages import MESSAGE_FORMS
from tests.support import typed_messages
from tests.support.typed_messages import KEY, LEDGER, Message


class Watched(LocalWallet):
    """A wallet that remembers whether it signed."""

    signed = 0

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> str:
        self.signed += 1
        return super().sign_typed_data(typed_data)


def signature(wallet: Watched, message: Message, seen: list[Mapping[str, Any]]) -> str:
    signing = Signing(wallet, Ledger.of(LEDGER), lambda _, shown: seen.append(shown))
    sign = signing.operation if message.operation else signing.document
    return sign(message.path, message.typed_data)


def named(message: Message) -> str:
    return message.name


@pytest.mark.parametrize("message", typed_messages.honest(), ids=named)
def test_a_wallet_signs_what_the_ledger_checks(message: Message) -> None:
    seen: list[Mapping[str, Any]] = []
    wanted = Account.unsafe_sign_hash(bytes.fromhex(message.digest), KEY).signature
    assert signature(Watched.from_key(KEY), message, seen) == "0x" + bytes(wanted).hex()
    assert seen == [message.typed_data]


@pytest.mark.parametrize("message", list(typed_messages.lies()), ids=named)
def test_a_wallet_signs_nothing_of_which_it_is_not_sure(message: Message) -> None:
    wallet = Watched.from_key(KEY)
    with pytest.raises(WalletMismatch):
        signature(wallet, message, [])
    assert not wallet.signed


def test_documents_are_those_that_the_gateway_lets_sign() -> None:
    forms = {name: MESSAGE_FORMS[name].contract for name in typed_messages.DOCUMENTS}
    assert dict(DOCUMENTS) == forms


def test_a_ledger_names_contracts_by_their_addresses() -> None:
    for address in ("0x1", "", "0x" + "0" * 41):
        with pytest.raises(WalletMismatch):
            Signing(Watched.from_key(KEY), Ledger(1, {"Forwarder": address}))
