"""False receipts: what a node may say of a block whose header it shows unchanged.

Each list names the right block and all its transactions in their order. Only the root in the header
shows that these receipts are not the block's.
"""

from __future__ import annotations

import copy

from tests.simulation.chain import Chain
from tests.support.bodies import Json

WAYS = ("last log missing", "no logs", "amount altered", "logs of an older block", "failed")


def false_receipts(receipts: list[Json], way: str, chain: Chain) -> list[Json]:
    """The transaction receipts of a block, falsified in this way if it applies."""
    false_copy = copy.deepcopy(receipts)
    with_logs = [receipt for receipt in false_copy if receipt["logs"]]
    if not with_logs:
        return false_copy
    last = with_logs[-1]
    match way:
        case "last log missing":
            last["logs"].pop()
        case "no logs":
            last["logs"] = []
        case "amount altered":
            # The first log of an intent is the token's, and its data one amount.
            log = last["logs"][0]
            log["data"] = "0x" + f"{int(log['data'], 16) + 10_000:064x}"
        case "logs of an older block":
            _replay(last, chain)
        case "failed":
            last["logs"], last["status"] = [], "0x0"
    return false_copy


def _replay(receipt: Json, chain: Chain) -> None:
    """The logs of an older transaction under the name of this one, as a cache mixes them up."""
    at = chain.blocks[receipt["blockHash"]].parent
    while at is not None:
        for older in reversed(at.receipts):
            if older["logs"]:
                receipt["logs"] = [
                    log | {name: receipt[name] for name in _PLACE} | {"logIndex": hex(place)}
                    for place, log in enumerate(copy.deepcopy(older["logs"]))
                ]
                return
        at = at.parent


_PLACE = ("blockNumber", "blockHash", "transactionHash", "transactionIndex")
