"""Describes typed data in words, from its bytes and what the ledger knows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from app.clear_signing import rendering
from app.clear_signing.reading import Caution, Ledger, MessageInvalid, read_message
from app.clear_signing.rendering import Known
from app.clear_signing.values import Names, Words
from app.domain.texts import text_of
from app.errors import BadInput
from app.gateway.gateway import Gateway
from app.gateway.views import distinct
from app.oversight.signing import repository
from app.oversight.signing.schemas import (
    Description,
    HiddenRow,
    MessageDescription,
    Row,
    SignedData,
    TextView,
    Value,
)
from app.parties.registry import repository as parties


async def description(gateway: Gateway, typed_data: SignedData) -> MessageDescription:
    """What a wallet is about to sign, in words.

    Raises:
        BadInput: no wallet can sign it.
    """
    contracts = gateway.contracts
    ledger = Ledger(
        chain_id=gateway.chain_id,
        name_at=contracts.name_at,
        interface=lambda name: contracts.interfaces.own(contracts.source(name)),
    )
    try:
        reading = read_message(typed_data.model_dump(), ledger)
    except MessageInvalid as error:
        raise BadInput(
            text_of(error),
            name="typed-data-invalid",
            field="typedData",
            fix="send the typed data exactly as the wallet gets it",
        ) from error
    accounts, things = rendering.accounts_in(reading), rendering.things_in(reading)

    def look_up(connection: Connection) -> Known:
        currencies = repository.currencies(connection, things)
        return Known(
            Names(
                parties=distinct(parties.names(connection, accounts)),
                contracts={address: name for name, address in contracts.addresses.items()},
            ),
            {thing: gateway.currency_at(currency) for thing, currency in currencies.items()},
        )

    known = await gateway.storage.read(look_up)
    described = rendering.describe(reading, known)
    return {**view(described), "digest": described.digest}


def view(described: rendering.Description) -> Description:
    """A description as the API answers it."""
    return {
        "known": described.is_known,
        "contract": described.contract,
        "address": described.address,
        "name": described.name,
        "title": described.title,
        "sentence": {
            "text": described.text,
            "template": described.sentence,
            "arguments": dict(described.arguments),
        },
        "rows": [_row(row) for row in described.rows],
        "hidden": [_hidden(row) for row in described.hidden],
        "warnings": [_warning(caution) for caution in described.warnings],
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
