"""Raters attest tiers; parties and lenders read them."""

from __future__ import annotations

from app.chain.evm.hashing import checksum_address, keccak, text_hash
from app.domain.calendar import date_of, day_of
from app.domain.money import currency_word
from app.errors import NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import moment, read_as_of
from app.gateway.signing import caller_signature, terms_for
from app.gateway.views import time_view
from app.parties.credit import repository
from app.parties.credit.schemas import Credit, NewAttestation
from app.parties.registry import service as parties

CONTRACT = "CreditRegistry"
DAY = 86_400


async def attest(command: Command, request: NewAttestation) -> Change:
    """Puts the rater's signed attestation of a tier on the ledger.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    rater = caller.acting()
    await parties.party_in(gateway, request.partyId, field="partyId")
    row, number = await parties.on_ledger(gateway, request.partyId)
    now, _ = await gateway.storage.read(moment)
    issued = now if request.issuedAt is None else request.issuedAt
    attestation = {
        "partyId": number,
        "rater": rater,
        "tier": request.tier,
        "currency": currency_word(request.limit.currency),
        "limit": minor(request.limit, field="limit"),
        "tradingSinceDay": day_of(request.tradingSince),
        "modelVersion": "0x" + keccak(request.modelVersion.encode()).hex(),
        "evidenceRoot": request.evidenceRoot,
        "issuedAt": issued,
        "expiresAt": issued + request.validDays * DAY,
    }
    signature = request.signature
    if signature is None:
        signature = await caller_signature(
            gateway,
            caller,
            terms_for(gateway, CONTRACT, "CreditAttestation", attestation),
            key_owner="rater",
            fix="sign the CreditAttestation with the rater's own wallet; send issuedAt too",
        )
    subject = {"party": row.id, "tier": request.tier}
    return await change_for(
        command,
        NewOperation("attest-credit", CONTRACT, "attest", [attestation, signature], subject),
    )


async def revoke(command: Command, identifier: str, reason: str) -> Change:
    """The rater revokes its attestation."""
    row, number = await parties.on_ledger(command.gateway, identifier)
    new_operation = NewOperation(
        "revoke-credit", CONTRACT, "revoke", [number, text_hash(reason)], {"party": row.id}
    )
    return await change_for(command, new_operation)


async def credit(gateway: Gateway, caller: Caller, identifier: str) -> Credit:
    """A party's tier: for the party, banks, raters, auditors, the operator and regulators.

    Raises:
        NotFound.
    """
    row, number = await parties.on_ledger(gateway, identifier)
    may_see = caller.sees_all or caller.party_id == row.id or caller.roles & {"financier", "rater"}
    if not may_see:
        raise NotFound(f"there is no party {identifier}", name="party-unknown")

    tier, as_of = await read_as_of(
        gateway, lambda connection: repository.of_party(connection, number)
    )
    if tier is None or tier.tier == 0:
        return {"partyId": row.id, "tier": None, "asOf": as_of}
    return {
        "partyId": row.id,
        "tier": tier.tier,
        "limit": money_view(tier.credit_limit, currency=tier.currency),
        "rater": checksum_address(tier.rater),
        "tradingSince": date_of(tier.trading_since_day).isoformat(),
        "modelVersionHash": tier.model_version,
        "evidenceRoot": tier.evidence_root,
        "issuedAt": time_view(tier.issued_at),
        "expiresAt": time_view(tier.expires_at),
        "asOf": as_of,
    }
