"""Intents and their signatures: custody signs for its parties, wallets have signed theirs."""

from __future__ import annotations

import asyncio
import time

import structlog

from app.chain.evm.contracts import FORWARDER, Contracts
from app.chain.evm.rpc import JsonRpc, RpcError
from app.chain.evm.typed_data import forwarder_domain
from app.chain.outbox.intents import MAX_DEADLINE, Intent, execute_calldata, intent_digest
from app.chain.outbox.keys import Keystore
from app.chain.outbox.operation import Operation
from app.chain.relay.batch import SignedOperation, rides_alone
from app.chain.relay.simulator import Trial

log = structlog.get_logger(__name__)


class Signing:
    """Signs for the forwarder of one chain. `seconds`: how long a signature in custody is valid."""

    def __init__(
        self,
        *,
        rpc: JsonRpc,
        contracts: Contracts,
        chain_id: int,
        keystore: Keystore,
        seconds: int,
    ) -> None:
        self.rpc = rpc
        self.contracts = contracts
        self.keystore = keystore
        self.seconds = seconds
        self.domain = forwarder_domain(chain_id=chain_id, contract=contracts.address(FORWARDER))

    def deadline(self, now: int) -> int:
        """Until when intents in custody are valid that are signed now; `now` is the head's time."""
        return min(max(now, int(time.time())) + self.seconds, MAX_DEADLINE)

    async def sign(self, operation: Operation, trial: Trial, *, deadline: int) -> SignedOperation:
        """The operation with its signed intent. Its nonce stays.

        Args:
            deadline: of an intent in custody; a wallet has signed its own.

        Raises:
            KeyUnknown, PasswordWrong: of an operation in custody.
        """
        assert operation.nonce is not None
        intent = Intent(
            signer=operation.signer,
            target=self.contracts.address(operation.contract),
            data=trial.data,
            gas=trial.gas or 0,
            nonce=operation.nonce,
            deadline=deadline if operation.custody else operation.deadline or 0,
            operation=bytes.fromhex(operation.hash[2:]),
            target_contract=operation.contract,
        )
        digest = intent_digest(self.domain, intent)
        if not operation.custody:
            signature = bytes.fromhex((operation.signature or "0x")[2:])
            alone = rides_alone(intent, signature, digest)
            return SignedOperation(operation, intent, signature, alone)
        key = self.keystore.cached(operation.signer)
        if key is None:
            key = await asyncio.to_thread(self.keystore.signer, operation.signer)
        return SignedOperation(operation, intent, key.sign_hash(digest))

    async def goes_through(self, signed: SignedOperation, *, sender: str) -> bool:
        """Whether the forwarder's call succeeds now, so that the contract accepts the signature."""
        call = {
            "from": sender,
            "to": self.contracts.address(FORWARDER),
            "data": "0x" + execute_calldata(signed.intent, signed.signature).hex(),
        }
        (answer,) = await self.rpc.batch([("eth_call", [call, "latest"])])
        if isinstance(answer, RpcError):
            contract, data = signed.operation.contract, signed.intent.data
            error = self.contracts.decode_error(answer.data, called=contract, call=data)
            reason = error if answer.data else answer
            log.info("relayer.try_again", operation=signed.operation.id, reason=str(reason))
            return False
        return True
