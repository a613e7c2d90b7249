"""Packs of credit evidence: a bank computes points, tier and limit again, and needs no gateway.

A pack has the scorecard, the evidence as disclosed fields of a salted Merkle tree (the tree of
documents, `app.trade.documents.merkle`), and the rater's attestation: the EIP-712 terms of
`CreditRegistry` with the signature. The attestation names the tree's root as `evidenceRoot`, and
the hash of the card's model version as `modelVersion`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from app.chain.evm.hashing import keccak
from app.chain.evm.typed_data import TypedData, contract_domain, typed_data
from app.domain.calendar import SECONDS_PER_DAY, date_of, day_at, day_of, start_of
from app.domain.evaluation import wrong_in
from app.domain.money import currency_word, decimal_text
from app.domain.plain_json import canonical_json
from app.domain.scoring.evidence import Evidence
from app.domain.scoring.model import WORST_TIER, Card
from app.domain.scoring.scoring import Score
from app.trade.documents.disclosure import FieldWithProof, disclosure
from app.trade.documents.merkle import DocumentTree, fresh_salts

FORMAT = "cession.credit-pack.v1"
CONTRACT = "CreditRegistry"
PRIMARY_TYPE = "CreditAttestation"
#: Fields of the evidence as a whole.
HEAD = ("party", "ledgerPartyId", "day", "features")
#: Fields of an item that a score needs, and those that a pack may leave out.
NEEDED = ("value", "party", "asOf", "consent")
OPTIONAL = ("source", "hash")
#: Field of the evidence as a whole that stands there if a rater decided otherwise than the card.
OVERRIDE = "override"


class PackInvalid(ValueError):
    """A pack cannot be made, read or signed; the message says why, and what to do."""


class EvidencePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The root of the evidence, and its disclosed fields with their proofs."""

    root: str
    fields: list[FieldWithProof]


class AttestationPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What the rater signs, and its signature; None: not signed yet."""

    typed_data: dict[str, Any]
    signature: str | None


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pack as its file has it."""

    format: str
    card: dict[str, Any]
    evidence: EvidencePart
    attestation: AttestationPart

    def as_bytes(self) -> bytes:
        """The file."""
        value = msgspec.to_builtins(self)
        return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()

    def signed(self, signature: str) -> Pack:
        """The pack with a signature."""
        attestation = msgspec.structs.replace(self.attestation, signature=signature)
        return msgspec.structs.replace(self, attestation=attestation)

    def without(self, names: frozenset[str]) -> Pack:
        """The pack without fields of its items, such as `source`.

        Raises:
            PackInvalid: a score needs the fields.
        """
        for name in sorted(names - set(OPTIONAL)):
            raise PackInvalid(f"a pack cannot hide {name!r}; it can hide {' and '.join(OPTIONAL)}")
        shown = [
            field
            for field in self.evidence.fields
            if field["field"].rpartition(".")[2] not in names
        ]
        evidence = EvidencePart(self.evidence.root, shown)
        return msgspec.structs.replace(self, evidence=evidence)


class Attested(msgspec.Struct, frozen=True):
    """What a rater adds to a score to attest it.

    Attributes:
        rater: its account.
        chain_id, contract: of the `CreditRegistry` on which the attestation is valid.
        trading_since: the day on which the party began to trade.
        issued_at: UTC seconds.
    """

    rater: str
    chain_id: int
    contract: str
    trading_since: date
    issued_at: int


class Override(msgspec.Struct, frozen=True):
    """What a rater decided in place of the card's tier and limit, and why.

    Attributes:
        limit: minor units of the card's currency.
    """

    tier: int
    limit: int
    reason: str


def override_of(content: Any) -> Override:
    """The override in a field of a pack.

    Raises:
        PackInvalid.
    """
    try:
        override = msgspec.convert(content, Override)
    except msgspec.ValidationError as error:
        raise PackInvalid(f"its override is not one: {error}") from error
    if not 1 <= override.tier <= WORST_TIER or override.limit < 0 or not override.reason.strip():
        raise PackInvalid("its override has no tier from 1 to 5, a limit below zero or no reason")
    wrong = wrong_in(override.reason)
    if wrong is not None:
        raise PackInvalid(f"the reason of its override has {wrong}")
    return override


def fields_of(
    evidence: Evidence, content: Mapping[str, Any], override: Override | None = None
) -> dict[str, str]:
    """The fields of the tree of evidence; each value is canonical JSON.

    Args:
        evidence: what `evidence_of` read.
        content: the value of the same file.
        override: None: tier and limit are those of the card.
    """
    features = [item.feature for item in evidence.items]
    head = {
        "party": evidence.party,
        "ledgerPartyId": evidence.ledger_party,
        "day": date_of(evidence.day).isoformat(),
        "features": features,
    }
    fields = {name: canonical_json(head[name]).decode() for name in HEAD}
    for item in content["items"]:
        for name in (*NEEDED, *OPTIONAL):
            fields[f"{item['feature']}.{name}"] = canonical_json(item[name]).decode()
    if override is not None:
        fields[OVERRIDE] = canonical_json(msgspec.structs.asdict(override)).decode()
    return fields


def make_pack(
    score: Score,
    content: Mapping[str, Any],
    attested: Attested,
    *,
    override: Override | None = None,
) -> Pack:
    """A pack that is not signed yet, with all fields of the evidence.

    Args:
        content: the value of the evidence's file.
        override: what is attested in place of the card's tier and limit.

    Raises:
        PackInvalid: the score is not valid on the day of the attestation.
    """
    fields = fields_of(score.evidence, content, override)
    salts = fresh_salts(fields)
    root = "0x" + DocumentTree.build(fields, salts=salts).root.hex()
    disclosed = disclosure(root, fields, salts=salts, names=list(fields), what="the evidence")
    return Pack(
        FORMAT,
        dict(score.card.content),
        EvidencePart(root, disclosed["fields"]),
        AttestationPart(dict(_terms(score, root, attested, override)), None),
    )


def model_hash(card: Card) -> str:
    """The hash by which an attestation names a card."""
    return "0x" + keccak(card.model_version.encode()).hex()


def valid_days_from(score: Score, issued_at: int) -> int:
    """The whole days for which a score is still valid; below 1: it is not."""
    return (start_of(score.last_day + 1) - issued_at) // SECONDS_PER_DAY


def _terms(score: Score, root: str, attested: Attested, override: Override | None) -> TypedData:
    judgement, days = score.judgement, valid_days_from(score, attested.issued_at)
    if day_at(attested.issued_at) < score.evidence.day or days < 1:
        raise PackInvalid(
            f"the score of {date_of(score.evidence.day)} is valid through "
            f"{date_of(score.last_day)}, and {date_of(day_at(attested.issued_at))} is the day of "
            "the attestation; score newer evidence, or correct --issued-at"
        )
    domain = contract_domain(CONTRACT, chain_id=attested.chain_id, contract=attested.contract)
    message = {
        "partyId": score.evidence.ledger_party,
        "rater": attested.rater,
        "tier": judgement.tier.tier if override is None else override.tier,
        "currency": currency_word(score.card.currency),
        "limit": judgement.limit if override is None else override.limit,
        "tradingSinceDay": day_of(attested.trading_since),
        "modelVersion": model_hash(score.card),
        "evidenceRoot": root,
        "issuedAt": attested.issued_at,
        "expiresAt": attested.issued_at + days * SECONDS_PER_DAY,
    }
    return typed_data(domain, PRIMARY_TYPE, message)


def attestation_body(score: Score, pack: Pack) -> dict[str, Any]:
    """The body of `POST /v1/credit` that puts a signed pack's attestation on the ledger."""
    message = pack.attestation.typed_data["message"]
    issued_at = int(message["issuedAt"])
    card = score.card
    return {
        "partyId": score.evidence.party,
        "tier": int(message["tier"]),
        "limit": {
            "amount": decimal_text(int(message["limit"]), currency=card.currency),
            "currency": card.currency,
        },
        "tradingSince": date_of(int(message["tradingSinceDay"])).isoformat(),
        "modelVersion": card.model_version,
        "evidenceRoot": pack.evidence.root,
        "validDays": (int(message["expiresAt"]) - issued_at) // SECONDS_PER_DAY,
        "issuedAt": issued_at,
        "signature": pack.attestation.signature,
    }
