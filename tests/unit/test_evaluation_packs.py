"""Packs with an override: a bank reads what the card gives, what was decided, and why."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import pytest

from app.domain.scoring.card_file import card_of
from app.domain.scoring.evidence import evidence_of
from app.domain.scoring.scoring import score
from app.lending.evaluations.pack_check import Expected, verify_credit_pack
from app.lending.evaluations.packs import (
    Attested,
    Override,
    Pack,
    PackInvalid,
    attestation_body,
    make_pack,
    override_of,
)
from tests.support.credit import evidence, small_card

TERMS = Attested(
    rater="0x" + "11" * 20,
    chain_id=31337,
    contract="0x5fbdb2315678afecb367f032d93f642f64180aa3",
    trading_since=datetime.date(2025, 3, 15),
    issued_at=1_774_950_000,
)
OVERRIDE = Override(tier=4, limit=10_000, reason="a new owner")
SCORE = score(card_of(small_card()), evidence_of(evidence()))
MAXIMUM = SCORE.card.limit.max


def packed(override: Override | None = OVERRIDE) -> Pack:
    return make_pack(SCORE, evidence(), TERMS, override=override)


def failing(pack: Pack) -> set[str]:
    checks = verify_credit_pack(pack, Expected()).checks
    return {check.name for check in checks if not check.holds}


def with_message(pack: Pack, **changed: Any) -> Pack:
    document = dict(pack.attestation.typed_data)
    document["message"] = document["message"] | changed
    attestation = msgspec.structs.replace(pack.attestation, typed_data=document)
    return msgspec.structs.replace(pack, attestation=attestation)


def without_field(pack: Pack, name: str) -> Pack:
    shown = [field for field in pack.evidence.fields if field["field"] != name]
    return msgspec.structs.replace(
        pack, evidence=msgspec.structs.replace(pack.evidence, fields=shown)
    )


def test_an_override_is_attested_and_verified_with_its_reason() -> None:
    pack = packed()
    assert failing(pack) == {"signature"}, "it is not signed yet"
    details = {check.name: check.detail for check in verify_credit_pack(pack, Expected()).checks}
    assert details["override"] == (
        "the card gives tier 2 and 400.00, the rater decided tier 4 and 100.00: a new owner"
    )
    body = attestation_body(SCORE, pack)
    assert (body["tier"], body["limit"]["amount"]) == (4, "100.00")


def test_a_reason_of_several_lines_is_taken_as_the_gateway_takes_it() -> None:
    reason = "a new owner\nand a new plant\t周期"
    assert failing(packed(Override(4, 10_000, reason))) == {"signature"}
    assert override_of({"tier": 4, "limit": 1, "reason": "x" * 2_000}).reason == "x" * 2_000


def test_a_pack_without_an_override_has_no_such_check() -> None:
    pack = packed(None)
    assert failing(pack) == {"signature"}
    assert "override" not in {check.name for check in verify_credit_pack(pack, Expected()).checks}


def test_a_hidden_override_leaves_tier_and_limit_unexplained() -> None:
    assert failing(without_field(packed(), "override")) == {"signature", "tier", "limit"}


def test_an_attestation_other_than_the_override_fails() -> None:
    assert failing(with_message(packed(), tier=2)) == {"signature", "tier"}
    assert failing(with_message(packed(), limit=40_000)) == {"signature", "limit"}


def test_a_changed_override_is_not_in_the_evidence() -> None:
    pack = packed()
    fields = [
        {**field, "value": field["value"].replace("owner", "plant")}
        for field in msgspec.to_builtins(pack.evidence.fields)
    ]
    changed = msgspec.convert(
        {**msgspec.to_builtins(pack), "evidence": {"root": pack.evidence.root, "fields": fields}},
        Pack,
    )
    assert "inputs" in failing(changed)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (Override(1, MAXIMUM + 1, "trust me"), "above the card's maximum, 2000.00"),
        (Override(1, MAXIMUM * 10**9, "trust me"), "above the card's maximum, 2000.00"),
        (Override(5, 1, "trust me"), "grants tier 5 nothing"),
    ],
)
def test_an_override_beyond_the_card_fails_and_says_so(override: Override, words: str) -> None:
    pack = packed(override)
    assert failing(pack) == {"signature", "override"}
    details = {check.name: check.detail for check in verify_credit_pack(pack, Expected()).checks}
    assert words in details["override"]
    assert details["override"].endswith("trust me")


@pytest.mark.parametrize(("tier", "limit"), [(1, MAXIMUM), (4, 0), (5, 0)])
def test_an_override_up_to_the_bounds_of_the_card_holds(tier: int, limit: int) -> None:
    assert failing(packed(Override(tier, limit, "a new owner"))) == {"signature"}


def test_an_override_must_say_why() -> None:
    assert "override" in failing(packed(Override(4, 10_000, " ")))


@pytest.mark.parametrize(
    "content",
    [
        None,
        {"tier": 4, "limit": 1},
        {"tier": 0, "limit": 1, "reason": "x"},
        {"tier": 6, "limit": 1, "reason": "x"},
        {"tier": 4, "limit": -1, "reason": "x"},
        {"tier": "4", "limit": 1, "reason": "x"},
        {"tier": 4, "limit": 1, "reason": "a new owner\x1b[2K"},
        {"tier": 4, "limit": 1, "reason": "a new \u202erenwo"},
        {"tier": 4, "limit": 1, "reason": "a new\u3164owner"},
        {"tier": 4, "limit": 1, "reason": "x" * 2_001},
    ],
)
def test_what_is_no_override_is_refused(content: Any) -> None:
    with pytest.raises(PackInvalid):
        override_of(content)
