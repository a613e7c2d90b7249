"""Products out of the events of Products."""

from __future__ import annotations

from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.lending.batch import Handlers
from app.storage import run


class ProductEvents(Handlers):
    """The events of one batch that are about products."""

    def _ProductAdded(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        code = bytes.fromhex(given["code"][2:]).rstrip(b"\0").decode(errors="replace")
        block = event.block_number
        run(
            self.batch.connection,
            "INSERT INTO products (product_id, code, version, open, created_block, changed_block) "
            "VALUES (?, ?, 1, 1, ?, ?)",
            (given["productId"], code, block, block),
        )
        self._version(event, given["productId"], 1, given)

    def _ProductChanged(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        known = run(
            self.batch.connection,
            "SELECT version FROM products WHERE product_id = ?",
            (given["productId"],),
        ).scalar()
        if given["version"] != known:
            self._version(event, given["productId"], given["version"], given)
        run(
            self.batch.connection,
            "UPDATE products SET version = ?, changed_block = ? WHERE product_id = ?",
            (given["version"], event.block_number, given["productId"]),
        )

    def _ProductOpened(self, event: DecodedEvent, given: dict[str, Any]) -> None:
        run(
            self.batch.connection,
            "UPDATE products SET open = ?, changed_block = ? WHERE product_id = ?",
            (int(given["open"]), event.block_number, given["productId"]),
        )

    def _version(
        self, event: DecodedEvent, product_id: int, version: int, given: dict[str, Any]
    ) -> None:
        terms, goods = given["terms"], given["goods"]
        run(
            self.batch.connection,
            "INSERT INTO product_versions (product_id, version, currency, terms_json, goods_json, "
            "block_number) VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(product_id, version, terms["currency"], msgspec.json.encode(terms).decode()),
                *(msgspec.json.encode(goods).decode(), event.block_number),
            ),
        )
