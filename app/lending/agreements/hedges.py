"""Proposals of hedges: a contract that fixes the price of a loan's goods."""

from __future__ import annotations

import re
import secrets

from app.chain.evm.hashing import ZERO_ADDRESS, keccak
from app.domain.calendar import day_of
from app.domain.identifiers import IdentifierInvalid, normalised_id
from app.domain.item_prices import PriceInvalid, value_of
from app.domain.money import currency_word
from app.domain.numbering import letters_and_digits
from app.domain.quantity import QuantityInvalid, thousandths
from app.domain.texts import say, text_of
from app.errors import BadInput
from app.gateway.commands import Change, Command
from app.gateway.gateway import Gateway
from app.gateway.read_as_of import deadline, today_of
from app.lending.agreements.proposals import propose, sides
from app.lending.agreements.schemas import NewHedge
from app.lending.agreements.terms import Hedge
from app.parties.registry import repository as parties
from app.parties.registry.service import party_in

_MIC = re.compile(r"[A-Z0-9]{4}")
LEI = "LEI"


async def hedge(command: Command, loan_id: int, request: NewHedge) -> Change:
    """Proposes a hedge of the price of a loan's goods, from either side.

    Raises:
        NotFound, Forbidden, BadInput.
    """
    gateway = command.gateway
    row, signers = await sides(command, loan_id)
    currency = gateway.currency_at(row.currency)
    if request.currency != currency:
        raise BadInput(
            say(
                "the loan is in {currency}, and the hedge in {currency_2}",
                currency=currency,
                currency_2=request.currency,
            ),
            field="currency",
            fix=say("give a hedge in {currency}", currency=currency),
        )
    last_day = day_of(request.lastDate)
    if last_day < await today_of(gateway):
        raise BadInput(
            say("{last_date:day} has passed", last_date=request.lastDate),
            field="lastDate",
            fix="give a later day",
        )
    item = request.item.lower()
    venue = _venue(request.venue)
    terms: Hedge = {
        "loanId": loan_id,
        "item": item,
        "quantity": _quantity(request.quantity),
        "price": _price(request.price, item=item, currency=currency),
        "currency": currency_word(currency),
        "expiryDay": last_day,
        "venue": "0x" + venue.encode().ljust(32, b"\0").hex(),
        "counterparty": await _counterparty(gateway, request, venue=venue),
        "contractHash": contract_hash(venue, request.contractNumber),
        "documentRoot": request.documentRoot,
        "deadline": await deadline(gateway),
        "nonce": secrets.randbits(63),
    }
    if terms["counterparty"] in (row.lender, row.entruster, row.borrower):
        raise BadInput(
            "the counterparty is a side of the loan",
            field="counterpartyPartyId" if request.counterpartyPartyId else "venue",
            fix="give a hedge with a party that is no side of the loan",
        )
    return await propose(
        command, "hedge", loan_id, currency=row.currency, terms=terms, signers=signers
    )


def contract_hash(venue: str, number: str) -> str:
    """The hash that names a contract, whichever way its number is written.

    Spaces, marks, small letters and letters that look alike make no other contract of it.

    Raises:
        BadInput: the number has neither letters nor digits.
    """
    written = letters_and_digits(number)
    if not written:
        raise BadInput(
            say("{number} has neither letters nor digits", number=repr(number)),
            field="contractNumber",
            fix="give the number that the contract names",
        )
    return "0x" + keccak(f"{venue} {written}".encode()).hex()


def _venue(text: str) -> str:
    """The code of an exchange, or a legal entity identifier with its check digits checked."""
    code = "".join(text.split()).upper()
    if _MIC.fullmatch(code):
        return code
    try:
        return normalised_id(code, scheme=LEI)
    except IdentifierInvalid as error:
        raise BadInput(
            say(
                "{text} is neither a code of an exchange nor a legal entity identifier",
                text=repr(text),
            ),
            field="venue",
            fix="give the exchange's 4 characters (MIC), or the counterparty's LEI of 20",
        ) from error


async def _counterparty(gateway: Gateway, request: NewHedge, *, venue: str) -> str:
    """The account of the party that has this LEI, or of the one that is named; 0 for none."""
    identity = gateway.ledger_key.identity(scheme=LEI, value=venue)
    owner = await gateway.storage.read(lambda connection: parties.by_identity(connection, identity))
    if request.counterpartyPartyId is None:
        return ZERO_ADDRESS if owner is None else owner.account
    party = await party_in(gateway, request.counterpartyPartyId, field="counterpartyPartyId")
    if owner is not None and owner.id != party.id:
        raise BadInput(
            say(
                "the legal entity identifier {venue} is of another party: {id}",
                venue=venue,
                id=owner.id,
            ),
            field="counterpartyPartyId",
            fix="give the party that has this identifier, or leave the field out",
        )
    return party.account


def _quantity(text: str) -> int:
    try:
        quantity = thousandths(text)
    except QuantityInvalid as error:
        raise BadInput(text_of(error), name="quantity-invalid", field="quantity") from error
    if quantity == 0:
        raise BadInput("nothing is hedged", field="quantity", fix="give more than zero")
    return quantity


def _price(text: str, *, item: str, currency: str) -> int:
    try:
        return value_of(text, item=item, currency=currency)
    except PriceInvalid as error:
        raise BadInput(text_of(error), name="price-invalid", field="price") from error
