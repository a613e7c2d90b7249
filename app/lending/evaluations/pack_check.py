"""Verifies a pack of credit evidence offline: each check has a name and says what fails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.chain.evm.contracts import ArgumentsInvalid
from app.chain.evm.hashing import checksum_address
from app.chain.evm.signers import SignatureInvalid, recover
from app.chain.evm.typed_data import Domain, contract_domain, typed_data, typed_data_digest
from app.domain.calendar import add_months, date_of, day_at, start_of
from app.domain.evaluation import RuleBroken, require_within_card
from app.domain.money import currency_in, decimal_text
from app.domain.plain_json import JsonInvalid, canonical_json, read_json
from app.domain.scoring.card_file import card_of
from app.domain.scoring.evidence import evidence_of
from app.domain.scoring.model import Card
from app.domain.scoring.problems import Refused
from app.domain.scoring.scoring import Score, score
from app.gateway.views import time_view
from app.lending.evaluations.packs import (
    CONTRACT,
    FORMAT,
    HEAD,
    NEEDED,
    OPTIONAL,
    OVERRIDE,
    PRIMARY_TYPE,
    Override,
    Pack,
    PackInvalid,
    model_hash,
    override_of,
)
from app.trade.documents.disclosure import FieldWithProof
from app.trade.documents.merkle import verify_disclosure

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_MAX_MONTHS = 12 * 1000
# What stands for a hidden field of an item; no score depends on it.
_HIDDEN = {"source": "hidden", "hash": "0x" + "0" * 64}


class PackCheck(msgspec.Struct, frozen=True):
    """One check.

    Attributes:
        name: what was checked.
        holds: whether it is true.
        detail: what was compared.
    """

    name: str
    holds: bool
    detail: str


class Expected(msgspec.Struct, frozen=True):
    """What the bank knows from elsewhere; None: it does not check it.

    Attributes:
        card: digest of its own copy of the card.
        rater: account of the rater that it trusts.
        chain_id, contract: of the ledger's `CreditRegistry`.
        timestamp: UTC seconds at which the attestation must be in time.
    """

    card: str | None = None
    rater: str | None = None
    chain_id: int | None = None
    contract: str | None = None
    timestamp: int | None = None

    @property
    def not_compared(self) -> tuple[str, ...]:
        """What nobody compares with the pack."""
        return tuple(name for name, value in msgspec.structs.asdict(self).items() if value is None)


class PackVerified(msgspec.Struct, frozen=True):
    """All checks of a pack.

    Attributes:
        score: what the card gives; None: card or evidence cannot be scored.
    """

    checks: tuple[PackCheck, ...]
    score: Score | None

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)


def read_pack(data: bytes) -> Pack:
    """The pack in a file.

    Raises:
        PackInvalid.
    """
    try:
        value = read_json(data)
        canonical_json(value)  # no half of a surrogate pair, which no field of a tree can hold
        pack = msgspec.convert(value, Pack)
    except (JsonInvalid, msgspec.ValidationError) as error:
        raise PackInvalid(f"it is no pack of credit evidence: {error}") from error
    if pack.format != FORMAT:
        raise PackInvalid(f"its format is {pack.format[:80]!r}; this program reads {FORMAT}")
    return pack


def verify_credit_pack(pack: Pack, expected: Expected) -> PackVerified:
    """Computes points, tier and limit again, and compares them with what the rater signed."""
    checks: list[PackCheck] = []
    card = _card(pack, expected, checks)
    fields = _fields(pack, checks)
    result = None if card is None or fields is None else _score(card, fields, checks)
    message = _message(pack, expected, checks)
    override = None if fields is None else _override(fields, result, checks)
    if message is not None:
        _compare(pack, message, checks, card=card, result=result, override=override)
    return PackVerified(tuple(checks), result)


def _card(pack: Pack, expected: Expected, checks: list[PackCheck]) -> Card | None:
    try:
        card = card_of(pack.card)
    except Refused as error:
        checks.append(PackCheck("card", False, str(error)))
        return None
    checks.append(PackCheck("card", True, card.model_version))
    if expected.card is not None:
        same = card.digest == expected.card
        checks.append(PackCheck("card-as-expected", same, f"yours is {expected.card}"))
    return card


def _fields(pack: Pack, checks: list[PackCheck]) -> dict[str, Any] | None:
    """The disclosed values that are in the tree; None if one is not."""
    fields: dict[str, Any] = {}
    wrong = []
    for field in pack.evidence.fields:
        name = field["field"]
        if name in fields or not _in_tree(pack.evidence.root, field):
            wrong.append(name)
            continue
        try:
            fields[name] = read_json(field["value"].encode())
        except (JsonInvalid, UnicodeEncodeError):
            wrong.append(name)
    detail = (
        f"not in the evidence, or twice: {', '.join(wrong)}" if wrong else f"{len(fields)} fields"
    )
    checks.append(PackCheck("inputs", not wrong, detail))
    return None if wrong else fields


def _in_tree(root: str, field: FieldWithProof) -> bool:
    texts = [root, field["salt"], *field["proof"]]
    if any(_HEX.fullmatch(text) is None for text in texts):
        return False
    root_bytes, salt, *proof = (bytes.fromhex(text[2:]) for text in texts)
    return verify_disclosure(
        root=root_bytes, field=field["field"], value=field["value"], salt=salt, proof=proof
    )


def _score(card: Card, fields: Mapping[str, Any], checks: list[PackCheck]) -> Score | None:
    """The score of the disclosed evidence; None if there is none."""
    features = fields.get("features")
    names = features if isinstance(features, list) else []
    needed = [*HEAD, *(f"{name}.{part}" for name in names for part in NEEDED)]
    missing = [name for name in needed if name not in fields]
    possible = {*needed, OVERRIDE, *(f"{name}.{part}" for name in names for part in OPTIONAL)}
    more = sorted(set(fields) - possible)
    detail = "all that a score needs"
    if missing or more:
        detail = "; ".join(
            f"{words}: {', '.join(some)}"
            for words, some in (("missing", missing), ("of no item", more))
            if some
        )
    checks.append(PackCheck("disclosed", not missing and not more, detail))
    if missing:
        return None
    content = {name: fields[name] for name in HEAD if name != "features"}
    content["items"] = [
        {
            "feature": name,
            **{part: fields[f"{name}.{part}"] for part in NEEDED},
            **{part: fields.get(f"{name}.{part}", _HIDDEN[part]) for part in OPTIONAL},
        }
        for name in names
    ]
    try:
        result = score(card, evidence_of(content))
    except Refused as error:
        checks.append(PackCheck("evidence", False, str(error)))
        return None
    checks.append(PackCheck("evidence", True, f"as of {date_of(result.evidence.day)}"))
    return result


def _override(
    fields: Mapping[str, Any], result: Score | None, checks: list[PackCheck]
) -> Override | None:
    """What the rater decided in place of the card; the check says from what to what, and why."""
    if OVERRIDE not in fields or result is None:
        return None
    try:
        override = override_of(fields[OVERRIDE])
    except PackInvalid as error:
        checks.append(PackCheck("override", False, str(error)))
        return None
    judgement, currency = result.judgement, result.card.currency
    computed, decided = (
        decimal_text(limit, currency=currency) for limit in (judgement.limit, override.limit)
    )
    detail = (
        f"the card gives tier {judgement.tier.tier} and {computed}, the rater decided tier "
        f"{override.tier} and {decided}: {override.reason}"
    )
    try:
        require_within_card(result.card, tier=override.tier, limit=override.limit)
    except RuleBroken as error:
        checks.append(PackCheck("override", False, f"{error}; {detail}"))
    else:
        checks.append(PackCheck("override", True, detail))
    return override


def _message(pack: Pack, expected: Expected, checks: list[PackCheck]) -> Mapping[str, Any] | None:
    """The attestation's fields; None if it is none of `CreditRegistry`."""
    document = pack.attestation.typed_data
    try:
        stated, message = document["domain"], document["message"]
        domain = contract_domain(
            CONTRACT,
            chain_id=int(stated["chainId"]),
            contract=str(stated["verifyingContract"]).lower(),
        )
        if _ADDRESS.fullmatch(domain.contract) is None:
            raise ValueError(f"{domain.contract[:80]} is no address")
        same = dict(typed_data(domain, PRIMARY_TYPE, message)) == document
        digest = typed_data_digest(domain, PRIMARY_TYPE, message)
    except (KeyError, TypeError, ValueError, AttributeError, ArgumentsInvalid) as error:
        checks.append(PackCheck("attestation", False, f"it is none of {CONTRACT}: {error!r}"))
        return None
    checks.append(
        PackCheck(
            "attestation",
            same,
            f"chain {domain.chain_id}, {CONTRACT} {checksum_address(domain.contract)}"
            if same
            else f"its types, domain or fields are not those of {CONTRACT}",
        )
    )
    checks.append(_signature(pack, message, digest))
    _as_expected(domain, message, expected, checks)
    if expected.timestamp is not None:
        checks.append(_in_time(message, expected.timestamp))
    return message if same else None


def _signature(pack: Pack, message: Mapping[str, Any], digest: bytes) -> PackCheck:
    signature, rater = pack.attestation.signature, str(message["rater"])
    if signature is None:
        return PackCheck("signature", False, "the pack is not signed")
    if _HEX.fullmatch(signature.lower()) is None:
        return PackCheck("signature", False, "it is not written as 0x and digits")
    try:
        signer = recover(digest, bytes.fromhex(signature[2:]))
    except SignatureInvalid as error:
        return PackCheck("signature", False, str(error))
    holds = signer == rater.lower()
    words = f"by {checksum_address(signer)}"
    return PackCheck("signature", holds, words if holds else f"{words}, not by the rater {rater}")


def _as_expected(
    domain: Domain, message: Mapping[str, Any], expected: Expected, checks: list[PackCheck]
) -> None:
    for name, value, actual in (
        ("rater-as-expected", expected.rater, str(message["rater"])),
        ("contract-as-expected", expected.contract, domain.contract),
        ("chain-as-expected", expected.chain_id, domain.chain_id),
    ):
        if value is not None:
            same = str(value).lower() == str(actual).lower()
            checks.append(PackCheck(name, same, f"it is {actual}, you expect {value}"))


def _in_time(message: Mapping[str, Any], timestamp: int) -> PackCheck:
    """Whether the ledger would take the attestation then: `AttestationNotInTime`."""
    issued, expires = int(message["issuedAt"]), int(message["expiresAt"])
    words = ""
    if expires <= timestamp:
        words = "expired: "
    elif issued > timestamp:
        words = "not issued yet: "
    return PackCheck(
        "in-time",
        not words,
        f"{words}attested from {time_view(issued)} until {time_view(expires)}, "
        f"compared with {time_view(timestamp)}",
    )


def _compare(
    pack: Pack,
    message: Mapping[str, Any],
    checks: list[PackCheck],
    *,
    card: Card | None,
    result: Score | None,
    override: Override | None,
) -> None:
    """Compares the attestation with what was computed, or decided in its place."""

    def compare(name: str, attested: Any, computed: Any) -> None:
        detail = f"attested {attested}, computed {computed}"
        checks.append(PackCheck(name, attested == computed, detail))

    compare("evidence-root", str(message["evidenceRoot"]).lower(), pack.evidence.root)
    if card is not None:
        compare("model", str(message["modelVersion"]).lower(), model_hash(card))
    if result is None:
        return
    judgement, currency = result.judgement, result.card.currency
    compare("party", int(message["partyId"]), result.evidence.ledger_party)
    tier = judgement.tier.tier if override is None else override.tier
    compare("tier", int(message["tier"]), tier)
    compare("currency", currency_in(message["currency"]), currency)
    limits = (int(message["limit"]), judgement.limit if override is None else override.limit)
    compare("limit", *(decimal_text(limit, currency=currency) for limit in limits))
    checks.append(_time(message, result))
    checks.append(_trading_since(message, result))


def _time(message: Mapping[str, Any], result: Score) -> PackCheck:
    issued, expires = int(message["issuedAt"]), int(message["expiresAt"])
    holds = day_at(issued) >= result.evidence.day and issued < expires <= start_of(
        result.last_day + 1
    )
    return PackCheck(
        "time",
        holds,
        f"issued {date_of(day_at(issued))}, expires {date_of(day_at(expires))}; the score is valid "
        f"from {date_of(result.evidence.day)} through {date_of(result.last_day)}",
    )


def _trading_since(message: Mapping[str, Any], result: Score) -> PackCheck:
    """Whole months from the attested day to the day of the evidence are those of the evidence."""
    since, name = int(message["tradingSinceDay"]), result.card.limit.months
    item = result.items.get(name)
    months = next(part.value for part in result.judgement.parts if part.feature.name == name)
    if item is None or not isinstance(months, int):
        holds, words = since >= result.evidence.day, "the months of trade are unknown"
    else:
        holds = _within(since, months, item.as_of)
        words = f"{months} months on {date_of(item.as_of)}"
    return PackCheck("trading-since", holds, f"attested {date_of(since)}; {words}")


def _within(since: int, months: int, day: int) -> bool:
    return (
        since <= day
        and months <= _MAX_MONTHS
        and add_months(since, months) <= day < add_months(since, months + 1)
    )
