"""Court orders and holds, from the events of CourtOrders."""

from __future__ import annotations

from sqlalchemy import Connection, Table

from app.chain.evm.events import DecodedEvent
from app.chain.evm.hashing import keccak
from app.storage import run
from app.storage.tables.oversight import court_orders, party_holds

CONTRACT = "CourtOrders"
MAX = 2**63 - 1  # the maximum of a column
_OVER_HOLDER = keccak(
    b"forcedTransferFrom(uint256,uint256,address,uint96,bytes32,uint256[])"
).hex()[:8]
_OVER_HOLDER_WORDS = 7  # its six arguments and the length of its list of tokens
_CLOSED = {"OrderExecuted": ("executed", "executor"), "OrderCancelled": ("cancelled", "by")}


class CourtProjection:
    """Fills `court_orders` and `party_holds`."""

    def __init__(self) -> None:
        self.tables: list[Table] = [court_orders, party_holds]

    def apply(self, connection: Connection, events: list[DecodedEvent]) -> None:
        """See `Projection`."""
        for event in events:
            if event.contract != CONTRACT:
                continue
            if event.name.startswith("Hold"):
                _hold(connection, event)
            else:
                _order(connection, event)


def _order(connection: Connection, event: DecodedEvent) -> None:
    arguments, block = event.arguments, event.block_number
    if event.name == "OrderIssued":
        row = (
            *(
                arguments["orderId"],
                arguments["orderHash"],
                arguments["issuer"],
                arguments["target"],
            ),
            *(
                arguments["call"],
                arguments["notBefore"],
                "issued",
                None,
                *_over_holder(arguments["call"]),
            ),
            *(None, block, block),
        )
        run(
            connection,
            "INSERT INTO court_orders (order_id, order_hash, issuer, target, call, not_before, "
            "state, closed_by, holder_party_id, slot, value_left, objector, created_block, "
            "changed_block) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
    elif event.name in _CLOSED:
        state, closer = _CLOSED[event.name]
        run(
            connection,
            "UPDATE court_orders SET state = ?, closed_by = ?, changed_block = ? "
            "WHERE order_id = ?",
            (state, arguments[closer], block, arguments["orderId"]),
        )
    elif event.name == "OrderPartExecuted":
        run(
            connection,
            "UPDATE court_orders SET value_left = ?, changed_block = ? WHERE order_id = ?",
            (min(arguments["left"], MAX), block, arguments["orderId"]),
        )
    elif event.name == "OrderObjected":
        run(
            connection,
            "UPDATE court_orders SET objector = ?, changed_block = ? WHERE order_id = ?",
            (arguments["by"], block, arguments["orderId"]),
        )


def _over_holder(call: str) -> tuple[int | None, int | None, int | None]:
    """Party, slot and value of an order over a party's holdings; its call names no tokens yet."""
    digits = call.removeprefix("0x")
    words = [digits[place : place + 64] for place in range(8, len(digits), 64)]
    if digits[:8] != _OVER_HOLDER or len(words) != _OVER_HOLDER_WORDS or int(words[6], 16):
        return None, None, None
    return tuple(min(int(words[place], 16), MAX) for place in (0, 1, 3))  # type: ignore[return-value]


def _hold(connection: Connection, event: DecodedEvent) -> None:
    arguments, block = event.arguments, event.block_number
    if event.name == "HoldBegun":
        run(connection, "DELETE FROM party_holds WHERE party_id = ?", (arguments["partyId"],))
        run(
            connection,
            "INSERT INTO party_holds (party_id, order_hash, regulator, held_until, order_id, "
            "changed_block) VALUES (?, ?, ?, ?, NULL, ?)",
            (
                *(
                    arguments["partyId"],
                    arguments["orderHash"],
                    arguments["regulator"],
                    arguments["until"],
                ),
                block,
            ),
        )
    elif event.name == "HoldConfirmed":
        run(
            connection,
            "UPDATE party_holds SET held_until = ?, order_id = ?, changed_block = ? "
            "WHERE party_id = ?",
            (arguments["until"], arguments["orderId"], block, arguments["partyId"]),
        )
    elif event.name == "HoldEnded":
        run(
            connection,
            "UPDATE party_holds SET held_until = ?, changed_block = ? WHERE party_id = ?",
            (event.timestamp, block, arguments["partyId"]),
        )
