"""Events of our contracts, decoded."""

from __future__ import annotations

import msgspec

from app.chain.evm.abi import DecodedValues


class DecodedEvent(msgspec.Struct, gc=False):
    """One event of one of our contracts.

    `contract` is the name in the deployment record ("Receivables", "SettlementToken:CNY");
    `arguments` are by name: whole numbers as int, addresses and bytes as lower-case hexadecimal
    text with 0x, structs as dicts by field, arrays as lists. `timestamp` is the block's, in UTC
    seconds.
    """

    position: int
    contract: str
    name: str
    arguments: DecodedValues
    address: str
    block_number: int
    block_hash: str
    timestamp: int
    transaction_index: int
    transaction_hash: str
    log_index: int
