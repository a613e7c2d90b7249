"""A wallet in a test's browser (EIP-1193) that signs for real, with a key of the test."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount
from playwright.sync_api import Page

_PROVIDER = """
window.ethereum = {
  request: async ({ method, params }) => {
    const answer = JSON.parse(await window.askWallet(JSON.stringify({ method, params })));
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.result;
  },
};
"""
REFUSED = 4001


@dataclass
class InjectedWallet:
    """A wallet.

    Attributes:
        accounts: those that it has opened to the page.
        refuses: whether its owner refuses to sign.
        switches: whether it knows other chains.
        asked: methods that the page called.
    """

    chain_id: int
    accounts: list[LocalAccount]
    refuses: bool = False
    switches: bool = True
    asked: list[str] = field(default_factory=list)

    def into(self, page: Page) -> None:
        """Puts the wallet into the browser's pages."""
        page.expose_function("askWallet", self._answer)
        page.add_init_script(_PROVIDER)

    def _answer(self, text: str) -> str:
        request = json.loads(text)
        method, params = request["method"], request.get("params") or []
        self.asked.append(method)
        if self.refuses and method in ("personal_sign", "eth_signTypedData_v4"):
            return json.dumps({"error": {"code": REFUSED, "message": "the owner refused"}})
        if method == "wallet_switchEthereumChain":
            if not self.switches:
                return json.dumps({"error": {"code": 4902, "message": "unknown chain"}})
            self.chain_id = int(params[0]["chainId"], 16)
            return json.dumps({"result": None})
        return json.dumps({"result": self._result(method, params)})

    def _result(self, method: str, params: list[Any]) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_requestAccounts":
            return [account.address for account in self.accounts]
        if method == "personal_sign":
            return self._signed(params[1], encode_defunct(hexstr=params[0]))
        if method == "eth_signTypedData_v4":
            return self._signed(params[0], encode_typed_data(full_message=json.loads(params[1])))
        raise AssertionError(f"the page asked the wallet for {method}")

    def _signed(self, address: str, message: Any) -> str:
        account = next(item for item in self.accounts if item.address.lower() == address.lower())
        signed = Account.sign_message(message, account.key)
        return "0x" + bytes(signed.signature).hex()
