"""Makes rows from blocks: decoded events, raw logs, subjects, and the outcomes of intents."""

from __future__ import annotations

from typing import Any

import msgspec

from app.chain.evm.contracts import Contracts, RawLog
from app.chain.evm.events import DecodedEvent
from app.chain.index.blocks import Block, Header
from app.chain.index.event_keys import subjects_of
from app.chain.index.outcomes import RelayReceipt, outcomes_of
from app.chain.outbox.operation import arguments_json

_CLAIM_KEYS = ("claimId", "tokenId", "fromTokenId", "_tokenId", "_fromTokenId")
Row = tuple[Any, ...]


class Batch(msgspec.Struct):
    """Consecutive blocks, decoded, with their rows."""

    parent_hash: str
    last: Header
    events: list[DecodedEvent]
    block_rows: list[Row]
    log_rows: list[Row]
    event_rows: list[Row]
    subject_rows: list[Row]
    receipts: list[RelayReceipt]
    final_number: int = -1


def decode_blocks(contracts: Contracts, blocks: list[Block]) -> Batch:
    """Decodes the logs of the blocks and makes their rows."""
    batch = Batch(blocks[0].header.parent_hash, blocks[-1].header, [], [], [], [], [], [])
    decode, decoded = contracts.decode_log, batch.events
    for block in blocks:
        header, before = block.header, len(decoded)
        number, timestamp = header.height, int(header.timestamp, 16)
        for receipt in block.receipts:
            receipt_events: list[DecodedEvent] = []
            for entry in receipt.logs:
                event = decode(entry, timestamp=timestamp)
                if event is not None:
                    receipt_events.append(event)
                    batch.log_rows.append(_log_row(event, entry))
            decoded += receipt_events
            batch.receipts.append(outcomes_of(receipt, receipt_events, number=number))
        batch.block_rows.append(
            (
                number,
                header.hash,
                header.parent_hash,
                timestamp,
                header.receipts_root,
                len(decoded) - before,
            )
        )
    batch.event_rows = [_event_row(event) for event in decoded]
    batch.subject_rows = [
        (subject, event.position)
        for event in decoded
        for subject in subjects_of(event.contract, event.arguments)
    ]
    return batch


def _log_row(event: DecodedEvent, log: RawLog) -> Row:
    return (
        event.position,
        event.block_hash,
        event.transaction_index,
        event.log_index,
        event.transaction_hash,
        event.address,
        ",".join(log.topics),
        log.data,
    )


def _stored_id(value: Any) -> int | None:
    return value if type(value) is int and value < 2**63 else None


def _event_row(event: DecodedEvent) -> Row:
    arguments = event.arguments
    claim_id = None
    for name in _CLAIM_KEYS:
        if name in arguments:
            claim_id = _stored_id(arguments[name])
            break
    return (
        event.position,
        event.block_number,
        event.block_hash,
        event.transaction_index,
        event.log_index,
        event.transaction_hash,
        event.timestamp,
        event.contract,
        event.name,
        arguments_json(arguments),
        _stored_id(arguments.get("receivableId")),
        claim_id,
    )
