"""Checks who signed an intent: the signer's key, or a contract that accepts the signature."""

from __future__ import annotations

from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.signers import SignatureInvalid, recover
from app.chain.evm.typed_data import Domain
from app.chain.evm.wallet_signatures import refuse_counterfactual
from app.chain.outbox.errors import SignatureMismatch
from app.chain.outbox.intents import Intent, intent_digest, verify_calldata


async def check_signature(rpc: JsonRpc, domain: Domain, intent: Intent, signature: bytes) -> None:
    """Returns if the forwarder would accept the signature as the signer's.

    A key's signature is checked here. If the signer has code (a contract wallet, or an account
    under EIP-7702), the forwarder checks it.

    Raises:
        WalletMissing: the signature is for a wallet that is not deployed (ERC-6492).
        SignatureMismatch: somebody else signed, or the signer's contract does not accept it.
        SignatureInvalid: it is not a key's signature, and the signer has no code.
        NodeUnreachable, RpcError: the node did not answer for the forwarder.
    """
    refuse_counterfactual(signature)
    signed_by: str | None = None
    failure: SignatureInvalid | None = None
    try:
        signed_by = recover(intent_digest(domain, intent), signature)
    except SignatureInvalid as error:
        failure = error
    if signed_by == intent.signer:
        return
    call = {"to": domain.contract, "data": "0x" + verify_calldata(intent, signature).hex()}
    code, verified = await rpc.batch(
        [("eth_getCode", [intent.signer, "latest"]), ("eth_call", [call, "latest"])]
    )
    if isinstance(code, RpcError):
        raise code
    if int(code[2:] or "0", 16) == 0:
        if failure is not None:
            raise failure
        raise SignatureMismatch(f"the signature is by {signed_by}, not by {intent.signer}")
    if isinstance(verified, RpcError):
        raise verified
    if int(verified, 16) != 1:
        raise SignatureMismatch(f"the contract at {intent.signer} does not accept the signature")
