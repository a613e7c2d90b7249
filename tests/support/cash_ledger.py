"""The smallest ledger that shows everything on the chain side: forwarder, roles, one cash token.

Deployed straight over JSON-RPC, so that the relayer and the indexer are tested without the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_account import Account
from faster_eth_abi import encode as encode_values

from app.chain.evm.contracts import Contracts
from app.chain.evm.mnemonic import MNEMONIC
from app.chain.evm.rpc import JsonRpc
from app.chain.evm.signers import LocalSigner
from app.chain.evm.transactions import Transaction
from tests.support.bodies import Json

CASH = "SettlementToken:CNY"
ISSUER_ROLE = 4
NAMES = ("AccessManager", "Forwarder", "SettlementToken")
Account.enable_unaudited_hdwallet_features()


def account(place: int) -> LocalSigner:
    """The chain's well-known funded account number `place`."""
    return LocalSigner(
        bytes(Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{place}").key)
    )


async def send(rpc: JsonRpc, signer: LocalSigner, *, to: str, data: bytes) -> Json:
    """Sends one transaction directly and waits for its receipt."""
    nonce = int(await rpc.call("eth_getTransactionCount", signer.address, "latest"), 16)
    price = int(await rpc.call("eth_gasPrice"), 16) * 2
    fields = Transaction(nonce, price, 6_000_000, to, data, await rpc.chain_id())
    raw, _ = fields.sign(signer)
    hash_ = await rpc.call("eth_sendRawTransaction", raw)
    while (receipt := await rpc.call("eth_getTransactionReceipt", hash_)) is None:
        pass
    assert receipt["status"] == "0x1", receipt
    transaction_receipt: Json = receipt
    return transaction_receipt


async def deploy(
    rpc: JsonRpc, artifacts: Mapping[str, Mapping[str, Any]], *, issuer: str
) -> Contracts:
    """Deploys manager, forwarder and token with account 0 as administrator."""
    admin = account(0)

    async def create(name: str, types: Sequence[str], values: Sequence[Any]) -> str:
        code = bytes.fromhex(artifacts[name]["bytecode"][2:]) + encode_values(types, values)
        receipt = await send(rpc, admin, to="0x", data=code)
        return str(receipt["contractAddress"]).lower()

    manager = await create("AccessManager", ["address"], [admin.address])
    forwarder = await create("Forwarder", [], [])
    token = await create(
        "SettlementToken",
        ["address", "address", "string", "string", "uint8"],
        [manager, forwarder, "Deposit in yuan", "CNY", 2],
    )
    contracts = Contracts(
        {"AccessManager": manager, "Forwarder": forwarder, CASH: token}, artifacts
    )
    mint = contracts.encode(CASH, "mint", [issuer, 0])[:4]
    for function, arguments in (
        ("setTargetFunctionRole", [token, ["0x" + mint.hex()], ISSUER_ROLE]),
        ("grantRole", [ISSUER_ROLE, issuer, 0]),
    ):
        data = contracts.encode("AccessManager", function, arguments)
        await send(rpc, admin, to=manager, data=data)
    return contracts
