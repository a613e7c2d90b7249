"""Projects the events of Products into products and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.chain.evm.events import DecodedEvent
from app.chain.evm.goods import word_text
from app.lending.batch import Handlers
from app.storage import run


class ProductEvents(Handlers):
    """The events of one batch that are about products."""

    def _ProductAdded(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        code = word_text(arguments["code"])
        block = event.block_number
        run(
            self.batch.connection,
            "INSERT INTO products (product_id, code, version, open, created_block, changed_block) "
            "VALUES (?, ?, 1, 1, ?, ?)",
            (arguments["productId"], code, block, block),
        )
        self._version(event, arguments["productId"], 1, arguments)

    def _ProductChanged(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        current_version = run(
            self.batch.connection,
            "SELECT version FROM products WHERE product_id = ?",
            (arguments["productId"],),
        ).scalar()
        if arguments["version"] != current_version:
            self._version(event, arguments["productId"], arguments["version"], arguments)
        run(
            self.batch.connection,
            "UPDATE products SET version = ?, changed_block = ? WHERE product_id = ?",
            (arguments["version"], event.block_number, arguments["productId"]),
        )

    def _ProductOpened(self, event: DecodedEvent, arguments: Mapping[str, Any]) -> None:
        run(
            self.batch.connection,
            "UPDATE products SET open = ?, changed_block = ? WHERE product_id = ?",
            (int(arguments["open"]), event.block_number, arguments["productId"]),
        )

    def _version(
        self, event: DecodedEvent, product_id: int, version: int, arguments: Mapping[str, Any]
    ) -> None:
        terms, goods = arguments["terms"], arguments["goods"]
        floating = msgspec.json.encode(arguments["floating"]).decode()
        run(
            self.batch.connection,
            "INSERT INTO product_versions (product_id, version, currency, terms_json, goods_json, "
            "floating_json, evidence_json, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(product_id, version, terms["currency"], msgspec.json.encode(terms).decode()),
                *(msgspec.json.encode(goods).decode(), floating),
                *(msgspec.json.encode(arguments["evidence"]).decode(), event.block_number),
            ),
        )
