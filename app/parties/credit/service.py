"""Raters attest tiers; parties and lenders read them."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from sqlalchemy import Connection

from app.chain.evm.hashing import checksum_address, keccak, text_hash
from app.domain.calendar import date_of, day_of
from app.domain.money import currency_word
from app.domain.texts import say
from app.errors import Conflict, NotFound
from app.gateway.callers import Caller
from app.gateway.commands import Change, Command
from app.gateway.execution import NewOperation, change_for
from app.gateway.gateway import Gateway
from app.gateway.money import minor, money_view
from app.gateway.read_as_of import moment, read_as_of
from app.gateway.signing import caller_signature, terms_for
from app.gateway.views import time_view
from app.parties.credit import repository
from app.parties.credit.schemas import Credit, NewAttestation, Revocation
from app.parties.registry import service as parties

CONTRACT = "CreditRegistry"
DAY = 86_400
# The ledger takes no attestation issued after its block, and none that is not issued later than
# the one before. An attestation is therefore issued some seconds before the newest block, so that
# one given again within the same second can be issued later and still not after it.
_ROOM = 10
_PATIENCE = 3.0  # seconds in which a newer block should come


async def attest(command: Command, request: NewAttestation) -> Change:
    """Puts the rater's signed attestation of a tier on the ledger.

    Raises:
        BadInput, NotFound, Conflict.
    """
    gateway, caller = command.gateway, command.caller
    rater = caller.acting()
    await parties.party_in(gateway, request.partyId, field="partyId")
    row, number = await parties.on_ledger(gateway, request.partyId)
    after: list[str] = []
    if (issued := request.issuedAt) is None:
        issued, after = await _issue(gateway, ledger_party_id=number)
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
        NewOperation(
            "attest-credit", CONTRACT, "attest", [attestation, signature], subject, after=after
        ),
    )


async def _issue(gateway: Gateway, *, ledger_party_id: int) -> tuple[int, list[str]]:
    """When an attestation made now is issued (UTC seconds), and what it has to wait for.

    Honest attestations in one second follow each other: each is issued later than the one before,
    and goes to the chain after it. Right after a revocation that takes a newer block.

    Raises:
        Conflict: no newer block came in time.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        now, last, after = await gateway.storage.read(partial(_before, party=ledger_party_id))
        if last < now:
            return max(now - _ROOM, last + 1), after
        if time.monotonic() > until:
            raise Conflict(
                "the chain has made no block since the party's last attestation or its revocation",
                name="attestation-too-soon",
                fix="send the request again once the chain has a newer block",
            )
        await asyncio.sleep(0.1)


def _before(connection: Connection, *, party: int) -> tuple[int, int, list[str]]:
    """The newest block's time, that of the last attestation, and what goes to the chain first."""
    now, _ = moment(connection)
    earlier = [
        item
        for item in repository.under_way(connection, party)
        if item.issued_at <= now  # the ledger refuses the others
    ]
    times = [repository.last_issued(connection, party)]
    last = max(times + [item.issued_at for item in earlier])
    return now, last, [f"~{item.operation_id}" for item in earlier]


async def revoke(command: Command, identifier: str, revocation: Revocation) -> Change:
    """The rater revokes its attestation.

    Raises:
        NotFound.
        Conflict: the party was attested anew since the rater looked.
    """
    row, number = await parties.on_ledger(command.gateway, identifier)
    newest = await command.gateway.storage.read(
        partial(_newest, party=number, rater=command.caller.party_id)
    )
    # The ledger refuses it if none stands.
    if newest is not None and newest != revocation.issuedAt.timestamp():
        raise Conflict(
            say("the party was attested anew at {time}", time=time_view(newest)),
            name="attestation-changed",
            field="issuedAt",
            fix=say(
                "look at GET /v1/credit/{id}, and revoke the attestation that you see there",
                id=row.id,
            ),
        )
    arguments = [number, text_hash(revocation.reason)]
    return await change_for(
        command, NewOperation("revoke-credit", CONTRACT, "revoke", arguments, {"party": row.id})
    )


def _newest(connection: Connection, *, party: int, rater: str | None) -> int | None:
    """When the party's newest attestation was issued (UTC seconds), on its way or on the ledger.

    Of those on their way only the rater's own count, and no later ones than now: with one that the
    ledger refuses, somebody else could hold up each revocation.

    Returns:
        None: none stands and none is on its way.
    """
    now, _ = moment(connection)
    times = [
        item.issued_at
        for item in repository.under_way(connection, party)
        if item.party_id == rater and item.issued_at <= now
    ]
    tier = repository.of_party(connection, party)
    if tier is not None and tier.tier:
        times.append(tier.issued_at)
    return max(times, default=None)


async def credit(gateway: Gateway, caller: Caller, identifier: str) -> Credit:
    """A party's tier: for the party, banks, raters, auditors, the operator and regulators.

    Raises:
        NotFound.
    """
    row, number = await parties.on_ledger(gateway, identifier)
    may_see = caller.sees_all or caller.party_id == row.id or caller.roles & {"financier", "rater"}
    if not may_see:
        raise NotFound(
            say("there is no party {identifier}", identifier=identifier), name="party-unknown"
        )

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
