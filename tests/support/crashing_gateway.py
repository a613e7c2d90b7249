"""A gateway's chain side as a process of its own, to be killed between any two steps.

Usage: crashing_gateway.py SETTINGS.json. Accepts each command once (by its number), as the API does
with its idempotency keys, and exits 0 when all are final.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from app.chain.evm.contracts import Contracts
from app.chain.evm.signers import LocalSigner
from app.chain.outbox.outbox import Call, Operation, enqueue
from app.storage import run
from tests.support.bodies import Json
from tests.support.cash_ledger import CASH
from tests.support.harness import Anvil, Standing, artifacts, ledger_on


class Running:
    """Stands for an anvil that somebody else runs."""

    def __init__(self, url: str) -> None:
        self.url = url


async def main(settings: Json) -> None:
    signers = [LocalSigner(bytes.fromhex(secret)) for secret in settings["signers"]]
    issuer = LocalSigner(bytes.fromhex(settings["issuer"]))
    node: Anvil = Running(settings["node"])  # type: ignore[assignment]
    contracts = Contracts(settings["contracts"], artifacts())
    async with ledger_on(node, settings["storage"], standing=Standing(contracts, issuer)) as ledger:
        for signer in signers:
            ledger.keystore.keep(signer)

        def accept(connection: Connection, number: int) -> Operation | None:
            mark = f"command {number}"
            if run(connection, "SELECT 1 FROM operations WHERE party_id = ?", (mark,)).first():
                return None
            signer = signers[number % len(signers)]
            return enqueue(
                connection,
                Call(
                    kind="transfer",
                    party_id=mark,
                    signer=signer.address,
                    contract=CASH,
                    function="transfer",
                    arguments=[issuer.address, 2**number],
                ),
            )

        for number in range(settings["count"]):
            await ledger.storage.write(partial(accept, number=number))
        for (identifier,) in ledger.rows("SELECT id FROM operations"):
            done = await ledger.operations.wait(identifier, 60)
            if done.state != "final":
                raise SystemExit(f"{done.state}: {done.error}")


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
