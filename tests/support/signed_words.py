"""Whatever a gateway hands to a wallet in a test must have words for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx

from app.clear_signing.reading import Ledger, Reading, read_message
from app.gateway.gateway import Gateway

_TYPED_DATA = b'"typedData"'


def ledger_of(gateway: Gateway) -> Ledger:
    """The gateway's ledger."""
    contracts = gateway.contracts
    return Ledger(
        chain_id=gateway.chain_id,
        name_at=contracts.name_at,
        interface=lambda name: contracts.interfaces.own(contracts.source(name)),
    )


def hold_signed(gateway: Gateway) -> Callable[[httpx.Response], None]:
    """A hook that fails the test in which a wallet gets what the gateway cannot describe."""
    ledger = ledger_of(gateway)

    def hold(response: httpx.Response) -> None:
        # The description of the API has examples of typed data, for no ledger.
        is_answer = response.request.url.path.startswith("/v1/")
        is_json = response.headers.get("content-type", "").startswith("application/json")
        if not (is_answer and is_json and response.is_success and _TYPED_DATA in response.read()):
            return
        for typed_data in _typed_data_in(response.json()):
            for reading in _every(read_message(typed_data, ledger)):
                assert reading.form is not None and not reading.warnings, reading

    return hold


def _typed_data_in(body: Any) -> Iterator[Any]:
    if isinstance(body, list):
        for item in body:
            yield from _typed_data_in(item)
    elif isinstance(body, dict):
        for name, value in body.items():
            if name == "typedData" and isinstance(value, dict) and "primaryType" in value:
                yield value
            else:
                yield from _typed_data_in(value)


def _every(reading: Reading) -> Iterator[Reading]:
    yield reading
    for inner in reading.calls.values():
        yield from _every(inner)
