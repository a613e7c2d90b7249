"""Rate limits: one bucket for each caller, shared by the gateways of one PostgreSQL."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest

from app.config import Settings
from app.domain.ledger_key import DEVELOPMENT_LEDGER_KEY
from app.errors import TooManyRequests
from app.gateway.cache import Cache
from app.gateway.gateway import Gateway
from app.gateway.rate_limits import within_limit
from app.storage import create_storage
from tests.support.postgres import new_database


def gateway_on(url: str, *, rate: float, burst: int) -> Gateway:
    settings = Settings(
        ledger_key=DEVELOPMENT_LEDGER_KEY,
        master_key="x" * 40,
        keystore_password="a password",
        rate_limit=rate,
        rate_burst=burst,
    )
    parts = {"settings": settings, "storage": create_storage(url), "cache": Cache()}
    return cast(Gateway, SimpleNamespace(**parts))


async def granted(gateway: Gateway, owner: str, *, tries: int) -> int:
    answers = await asyncio.gather(
        *(within_limit(gateway, owner) for _ in range(tries)), return_exceptions=True
    )
    for answer in answers:
        assert answer is None or isinstance(answer, TooManyRequests), answer
    return sum(answer is None for answer in answers)


def test_two_gateways_on_one_postgresql_share_a_callers_bucket(postgres_server: str) -> None:
    url = new_database(postgres_server, f"test_{uuid4().hex}")
    gateways = [gateway_on(url, rate=0.0001, burst=100) for _ in range(2)]

    async def main() -> None:
        first, second = await asyncio.gather(
            *(granted(gateway, "linghu", tries=120) for gateway in gateways)
        )
        assert first + second == 100
        assert await granted(gateways[0], "linghu", tries=3) == 0
        assert await granted(gateways[1], "huludao", tries=120) == 100
        with pytest.raises(TooManyRequests) as caught:
            await within_limit(gateways[0], "huludao")
        assert caught.value.more["retryAfter"] > 1

    try:
        asyncio.run(main())
    finally:
        for gateway in gateways:
            gateway.storage.close()


def test_a_lease_asks_the_database_once_for_many_requests(postgres_server: str) -> None:
    url = new_database(postgres_server, f"test_{uuid4().hex}")
    gateway = gateway_on(url, rate=0.0001, burst=1000)
    write, count = gateway.storage.write, 0

    async def counted(function):  # type: ignore[no-untyped-def]
        nonlocal count
        count += 1
        return await write(function)

    gateway.storage.write = counted  # type: ignore[method-assign]
    try:
        assert asyncio.run(granted(gateway, "linghu", tries=50)) == 50
    finally:
        gateway.storage.close()
    assert count == 2, "the table, and one lease of 50"


def test_a_bucket_fills_again(tmp_path: object, postgres_server: str) -> None:
    url = new_database(postgres_server, f"test_{uuid4().hex}")
    for address in (url, f"sqlite:///{tmp_path}/one.sqlite"):
        gateway = gateway_on(address, rate=1000.0, burst=20)

        async def main(gateway: Gateway = gateway) -> None:
            assert await granted(gateway, "linghu", tries=20) == 20
            await asyncio.sleep(0.5)
            assert await granted(gateway, "linghu", tries=15) == 15

        try:
            asyncio.run(main())
        finally:
            gateway.storage.close()


def test_no_limit_takes_no_token(tmp_path: object) -> None:
    gateway = gateway_on(f"sqlite:///{tmp_path}/one.sqlite", rate=0, burst=1)
    try:
        assert asyncio.run(granted(gateway, "linghu", tries=50)) == 50
    finally:
        gateway.storage.close()
