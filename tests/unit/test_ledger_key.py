"""The key of a ledger: the keys derived from it, and malformed keys."""

from __future__ import annotations

import hashlib

import pytest

from app.domain.ledger_key import LedgerKey, LedgerKeyInvalid

DIGITS = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


def test_the_commitment_is_the_hash_that_the_ledger_is_deployed_with() -> None:
    expected = hashlib.sha256(b"cession ledger key\0" + bytes.fromhex(DIGITS)).hexdigest()
    assert LedgerKey(DIGITS).commitment == f"0x{expected}"
    assert LedgerKey(f" 0x{DIGITS.upper()}\n").commitment == f"0x{expected}"


def test_each_purpose_scheme_and_value_has_its_own_bytes() -> None:
    key, other = LedgerKey(DIGITS), LedgerKey(DIGITS[1:] + "1")
    keys = {
        key.key("fingerprint"),
        key.key("order fingerprint"),
        other.key("fingerprint"),
        bytes.fromhex(key.identity(scheme="LEI", value="X")[2:]),
        bytes.fromhex(key.identity(scheme="0088", value="X")[2:]),
        bytes.fromhex(key.identity(scheme="VAT", value="X")[2:]),
        bytes.fromhex(other.identity(scheme="LEI", value="X")[2:]),
    }
    assert len(keys) == 7
    assert {len(item) for item in keys} == {32}


@pytest.mark.parametrize("text", ["", DIGITS[:-1], DIGITS + "00", "g" * 64, "ab" * 32, "my key"])
def test_malformed_ledger_key_is_refused(text: str) -> None:
    with pytest.raises(LedgerKeyInvalid, match="64 random hex digits"):
        LedgerKey(text)


def test_one_legal_id_is_one_identity_however_it_is_written() -> None:
    key = LedgerKey(DIGITS)
    for alike in [
        (("0060", "15-048-3782"), ("0060", "150483782"), ("0060", "15.048.3782")),
        (("LEI", "5493001KJTIIGC8Y1R12"), ("0199", "5493001kjtiigc8y1r12")),
        (("VAT", "DE111111111"), ("9930", "DE 111 111 111")),
    ]:
        assert len({key.identity(scheme=scheme, value=value) for scheme, value in alike}) == 1
