"""Sales of loans in the store: notices, and the accounts that buy back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from app.errors import Conflict
from app.lending.sales import repository, service
from app.lending.sales.repository import SaleRow
from app.storage import Storage, run

NOTICE = "Your loan now belongs to the second bank."


def test_notice_is_found_for_its_own_loan_only(storage: Storage) -> None:
    with_hash = "0x" + "ab" * 32
    storage.write_now(
        lambda connection: repository.keep_notice(
            connection, 7, with_hash, salt="00" * 32, notice=NOTICE
        )
    )
    of_own = storage.read_now(lambda connection: repository.notices(connection, {7}))
    assert of_own == {(7, with_hash): (NOTICE, "00" * 32)}
    assert storage.read_now(lambda connection: repository.notices(connection, {8})) == {}


def test_party_that_removed_the_account_that_sold_pays_with_another(storage: Storage) -> None:
    values: dict[str, Any] = dict.fromkeys(SaleRow.__struct_fields__, 0)
    sale = SaleRow(**(values | {"seller": "0xold"}))

    def accounts(removed: tuple[int, int]) -> list[str]:
        def change(connection: Connection) -> None:
            run(connection, "DELETE FROM accounts")
            for account, party, gone in (
                *(("0xold", 1, removed[0]), ("0xnew", 1, removed[1])),
                *(("0xother", 2, 0),),
            ):
                run(
                    connection,
                    "INSERT INTO accounts VALUES (?, ?, ?, 1, 1)",
                    (account, party, gone),
                )

        storage.write_now(change)
        return storage.read_now(lambda c: repository.accounts_of_seller(c, sale))

    both = accounts((0, 0))
    assert both == ["0xnew", "0xold"]
    assert service.payer_of(sale, both, "0xnew") == "0xold", "it still acts"
    left = accounts((1, 0))
    assert left == ["0xnew"]
    assert service.payer_of(sale, left, "0xnew") == "0xnew", "by its right"
    assert service.payer_of(sale, left, "0xholder") == "0xnew", "by its duty"
    with pytest.raises(Conflict):
        service.payer_of(sale, accounts((1, 1)), "0xholder")
