"""Describes typed data in words, from its bytes and what the ledger knows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from app.chain.evm.contracts import ArgumentsInvalid
from app.chain.outbox.operation import Operation
from app.clear_signing import rendering
from app.clear_signing.reading import (
    Caution,
    Ledger,
    MessageInvalid,
    Reading,
    read_call,
    read_message,
)
from app.clear_signing.rendering import Known
from app.clear_signing.values import Names, Words
from app.domain.texts import text_of
from app.errors import BadInput
from app.gateway.callers import Caller
from app.gateway.gateway import Gateway
from app.gateway.operations import service as operations
from app.gateway.views import distinct
from app.oversight.signing import repository
from app.oversight.signing.schemas import (
    Description,
    HiddenRow,
    MessageDescription,
    OperationSentence,
    Row,
    SignedData,
    TextView,
    Value,
)
from app.parties.registry import repository as parties

_MAX_BYTES = 4_096  # bytes of a call of which a list has a sentence


async def description(gateway: Gateway, typed_data: SignedData) -> MessageDescription:
    """What a wallet is about to sign, in words.

    Raises:
        BadInput: no wallet can sign it.
    """
    try:
        reading = read_message(typed_data.model_dump(), _ledger(gateway))
    except MessageInvalid as error:
        raise BadInput(
            text_of(error),
            name="typed-data-invalid",
            field="typedData",
            fix="send the typed data exactly as the wallet gets it",
        ) from error
    (described,) = await _described(gateway, [reading])
    return {**view(described), "digest": described.digest}


async def of_operation(gateway: Gateway, caller: Caller, identifier: str) -> Description:
    """The call of an operation in words.

    Raises:
        OperationUnknown: there is none, or the caller may not see it.
    """
    stored = await operations.operation(gateway, caller, identifier)
    (described,) = await _described(gateway, [_call_of(gateway, stored)])
    return view(described)


async def of_operations(
    gateway: Gateway, caller: Caller, *, state: str | None, before: str | None, limit: int
) -> list[OperationSentence]:
    """The calls of operations that the caller may see, a sentence each; newest first."""
    listed = await operations.listed(gateway, caller, state=state, before=before, limit=limit)
    # A call of many parts takes milliseconds to read, and its sentence names none of them.
    readings = [_call_of(gateway, item, max_bytes=_MAX_BYTES) for item in listed]
    every = await _described(gateway, readings)
    return [
        {
            "operationId": item.id,
            "known": described.is_known,
            "title": described.title,
            "sentence": _sentence(described),
            "rows": [_row(row) for row in described.rows if _in_sentence(row, described)],
        }
        for item, described in zip(listed, every, strict=True)
    ]


def _in_sentence(row: rendering.Row, described: rendering.Description) -> bool:
    return f"{{{row.path}}}" in described.sentence


def _call_of(gateway: Gateway, stored: Operation, *, max_bytes: int | None = None) -> Reading:
    """What an operation calls; one that was refused before it was signed has arguments alone.

    Args:
        max_bytes: of a call that is read; a longer one is not known.
    """
    contracts, data = gateway.contracts, stored.data
    if data is None:
        try:
            data = "0x" + contracts.encode(stored.contract, stored.function, stored.arguments).hex()
        except ArgumentsInvalid:
            data = "0x"
    if max_bytes is not None and len(data) > 2 + 2 * max_bytes:
        data = "0x"
    return read_call(contracts.address(stored.contract), data, _ledger(gateway))


def _ledger(gateway: Gateway) -> Ledger:
    contracts = gateway.contracts
    return Ledger(
        chain_id=gateway.chain_id,
        name_at=contracts.name_at,
        interface=lambda name: contracts.interfaces.own(contracts.source(name)),
    )


async def _described(gateway: Gateway, readings: list[Reading]) -> list[rendering.Description]:
    """Each in words, with the names of parties and the currencies that the ledger has."""
    accounts = {account for each in readings for account in rendering.accounts_in(each)}
    things = {thing for each in readings for thing in rendering.things_in(each)}

    def look_up(connection: Connection) -> Known:
        currencies = repository.currencies(connection, things)
        return Known(
            Names(
                parties=distinct(parties.names(connection, accounts)),
                contracts={address: name for name, address in gateway.contracts.addresses.items()},
            ),
            {thing: gateway.currency_at(currency) for thing, currency in currencies.items()},
        )

    known = await gateway.storage.read(look_up)
    return [rendering.describe(each, known) for each in readings]


def view(described: rendering.Description) -> Description:
    """A description as the API answers it."""
    return {
        "known": described.is_known,
        "contract": described.contract,
        "address": described.address,
        "name": described.name,
        "title": described.title,
        "sentence": _sentence(described),
        "rows": [_row(row) for row in described.rows],
        "hidden": [_hidden(row) for row in described.hidden],
        "warnings": [_warning(caution) for caution in described.warnings],
    }


def _sentence(described: rendering.Description) -> TextView:
    return {
        "text": described.text,
        "template": described.sentence,
        "arguments": dict(described.arguments),
    }


def _row(row: rendering.Row) -> Row:
    return {
        "path": row.path,
        "label": row.label,
        "place": list(row.place),
        "kind": row.kind,
        "value": _value(row.words),
        "raw": row.raw,
        "call": None if row.call is None else view(row.call),
    }


def _hidden(row: rendering.Hidden) -> HiddenRow:
    return {"path": row.path, "label": row.label, "raw": row.raw, "reason": row.reason}


def _value(words: Words) -> Value:
    return {
        "text": words.text,
        "template": words.template,
        "arguments": dict(words.arguments),
        "parts": list(words.parts),
        "amount": words.amount,
        "currency": words.currency,
    }


def _warning(caution: Caution) -> TextView:
    return text_view(caution.text, caution.arguments)


def text_view(template: str, arguments: Mapping[str, str]) -> TextView:
    """A text with its values filled in."""
    return {
        "text": template.format(**arguments),
        "template": template,
        "arguments": dict(arguments),
    }
