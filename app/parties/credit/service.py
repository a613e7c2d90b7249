"""Raters attest tiers; parties and lenders read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.chain.evm.hashing import checksum_address, keccak
from app.chain.evm.typed_data import credit_domain, typed_data_digest
from app.domain.calendar import date_of, day_of
from app.domain.money import currency_word
from app.errors import BadInput, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Command
from app.gateway.execution import Act, act, in_custody
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import moment
from app.gateway.views import time_view
from app.parties.credit.schemas import NewAttestation
from app.parties.registry import service as parties
from app.storage import run

CONTRACT = "CreditRegistry"
DAY = 86_400
_COLUMNS = (
    *("rater", "tier", "currency", "credit_limit", "trading_since_day", "model_version"),
    *("evidence_root", "issued_at", "expires_at"),
)


async def attest(command: Command, wanted: NewAttestation) -> Response:
    """The rater's signature over a tier goes on the ledger.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    rater = caller.acting()
    await parties.party_in(gateway, wanted.partyId, field="partyId")
    row, number = await parties.on_ledger(gateway, wanted.partyId)
    now, _ = await gateway.storage.read(moment)
    issued = now if wanted.issuedAt is None else wanted.issuedAt
    attestation = {
        "partyId": number,
        "rater": rater,
        "tier": wanted.tier,
        "currency": currency_word(wanted.limit.currency),
        "limit": minor(wanted.limit, field="limit"),
        "tradingSinceDay": day_of(wanted.tradingSince),
        "modelVersion": "0x" + keccak(wanted.modelVersion.encode()).hex(),
        "evidenceRoot": wanted.evidenceRoot,
        "issuedAt": issued,
        "expiresAt": issued + wanted.validDays * DAY,
    }
    signature = wanted.signature
    if signature is None:
        if not await in_custody(gateway, caller):
            raise BadInput(
                "the gateway does not keep this rater's key",
                name="signature-missing",
                field="signature",
                fix="sign the CreditAttestation, with issuedAt given, by the rater's own wallet",
            )
        domain = credit_domain(
            chain_id=gateway.chain_id, contract=gateway.contracts.address(CONTRACT)
        )
        digest = typed_data_digest(domain, "CreditAttestation", attestation)
        signer = await gateway.key_work.run(gateway.keystore.signer, rater)
        signature = "0x" + signer.sign_hash(digest).hex()
    subject = {"party": row.id, "tier": wanted.tier}
    return await act(
        command, Act("attest-credit", CONTRACT, "attest", [attestation, signature], subject)
    )


async def revoke(command: Command, identifier: str, reason: str) -> Response:
    """The rater takes its word back."""
    row, number = await parties.on_ledger(command.gateway, identifier)
    reason_hash = "0x" + (keccak(reason.encode()).hex() if reason else "0" * 64)
    wanted = Act("revoke-credit", CONTRACT, "revoke", [number, reason_hash], {"party": row.id})
    return await act(command, wanted)


async def credit(gateway: Gateway, caller: Caller, identifier: str) -> dict[str, Any]:
    """A party's tier: for itself, for lenders and raters, and for those who audit.

    Raises:
        NotFound.
    """
    row, number = await parties.on_ledger(gateway, identifier)
    may = caller.sees_all or caller.party_id == row.id or caller.roles & {"bank", "rater"}
    if not may:
        raise NotFound(f"there is no party {identifier}", name="party-unknown")

    def find(connection: Connection) -> tuple[Any, dict[str, Any]]:
        query = f"SELECT {', '.join(_COLUMNS)} FROM credit_tiers WHERE party_id = ?"
        return run(connection, query, (number,)).first(), moment(connection)[1]

    found, as_of = await gateway.storage.read(find)
    body: dict[str, Any] = {"partyId": row.id, "tier": None, "asOf": as_of}
    if found is None or found[1] == 0:
        return body
    held = dict(zip(_COLUMNS, found, strict=True))
    return body | {
        "tier": held["tier"],
        "limit": money_view(held["credit_limit"], currency=held["currency"]),
        "rater": checksum_address(held["rater"]),
        "tradingSince": date_of(held["trading_since_day"]).isoformat(),
        "modelVersionHash": held["model_version"],
        "evidenceRoot": held["evidence_root"],
        "issuedAt": time_view(held["issued_at"]),
        "expiresAt": time_view(held["expires_at"]),
    }
