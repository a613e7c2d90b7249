"""`cession credit pack`, `sign`, `disclose` and `verify`: packs of credit evidence as files."""

from __future__ import annotations

import datetime
import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from app.chain.evm.hashing import checksum_address
from app.chain.evm.signers import LocalSigner, PasswordWrong, SignatureInvalid, recover
from app.chain.evm.typed_data import contract_domain, typed_data_digest
from app.chain.outbox.keys import read_secret
from app.commands.credit_cards import FileInvalid, card_in, command, refusal
from app.domain.hidden_text import shown
from app.domain.plain_json import JsonInvalid, read_json
from app.domain.scoring.evidence import evidence_of
from app.domain.scoring.problems import Refused
from app.domain.scoring.scoring import Score, score
from app.domain.scoring.words import explanation
from app.lending.evaluations.pack_check import (
    Expected,
    PackVerified,
    read_pack,
    verify_credit_pack,
)
from app.lending.evaluations.packs import (
    CONTRACT,
    PRIMARY_TYPE,
    Attested,
    Pack,
    PackInvalid,
    attestation_body,
    make_pack,
)
from app.storage.durable import write_new

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
# The ledger refuses what is issued after its last block, which may be some minutes old.
_LAG = 600
_MAX_WORDS = 4_000
# What a caller can give to compare, and the option of it.
_COMPARED = {
    "card": "--card",
    "rater": "--rater",
    "chain_id": "--chain-id",
    "contract": "--contract",
}
_NOT_CHECKED = (
    "not checked offline: whether the attestation is in force on the ledger, and whether its rater "
    "is registered"
)


@dataclass(frozen=True)
class Ledger:
    """Where an attestation is valid, as typed."""

    chain_id: int
    contract: str


@command
def pack(
    card_file: Path,
    evidence_file: Path,
    *,
    write: Path,
    ledger: Ledger,
    rater: str,
    trading_since: datetime.date,
    issued_at: int | None,
) -> int:
    """Writes a pack that is not signed yet."""
    attested = Attested(
        rater=_address("--rater", rater),
        chain_id=ledger.chain_id,
        contract=_address("--contract", ledger.contract),
        trading_since=trading_since,
        issued_at=int(time.time()) - _LAG if issued_at is None else issued_at,
    )
    card = card_in(card_file)
    try:
        content = read_json(evidence_file.read_bytes())
        result = score(card, evidence_of(content))
        unsigned = make_pack(result, content, attested)
    except Refused as error:
        raise refusal(evidence_file, error) from error
    except (JsonInvalid, PackInvalid) as error:
        raise FileInvalid(f"credit: {evidence_file}: {_words(str(error))}") from error
    _attestable(unsigned, evidence_file)
    _write(write, unsigned)
    print(f"{write}: tier {result.judgement.tier.tier}, not signed yet")
    return 0


@command
def sign(
    pack_file: Path,
    *,
    write: Path,
    keystore: Path | None,
    password_file: Path | None,
    signature: str | None,
) -> int:
    """Writes a signed copy of a pack, and prints the body that attests it on the ledger."""
    unsigned = _pack_in(pack_file)
    result = _attestable(unsigned, pack_file)
    digest, rater = _digest(unsigned), unsigned.attestation.typed_data["message"]["rater"]
    if keystore is not None and password_file is not None:
        signer = _signer(keystore, password_file)
        signature = "0x" + signer.sign_hash(digest).hex()
    if signature is None or _SIGNATURE.fullmatch(signature) is None:
        raise FileInvalid("credit: --signature: give 0x and 130 digits, or --keystore")
    try:
        signed_by = recover(digest, bytes.fromhex(signature[2:]))
    except SignatureInvalid as error:
        raise FileInvalid(f"credit: --signature: {error}") from error
    if signed_by != rater.lower():
        words = f"the signature is by {checksum_address(signed_by)}, the rater is {rater}"
        raise FileInvalid(f"credit: {words}; sign with the rater's key")
    signed = unsigned.signed(signature.lower())
    _write(write, signed)
    sys.stdout.write(json.dumps(attestation_body(result, signed), indent=2) + "\n")
    return 0


@command
def disclose(pack_file: Path, *, write: Path, hide: list[str]) -> int:
    """Writes a copy of a pack without some fields of its items."""
    try:
        _write(write, _pack_in(pack_file).without(frozenset(hide)))
    except PackInvalid as error:
        raise FileInvalid(f"credit: --hide: {error}") from error
    print(f"{write}: without {', '.join(hide)}")
    return 0


@command
def verify(
    pack_file: Path,
    *,
    card_file: Path | None,
    rater: str | None,
    chain_id: int | None,
    contract: str | None,
    timestamp: int | None,
    language: str,
) -> int:
    """Computes a pack again, and says what fails and what was not compared.

    Args:
        timestamp: UTC seconds at which the attestation must be in time; None: now.
    """
    expected = Expected(
        card=None if card_file is None else card_in(card_file).digest,
        rater=None if rater is None else _address("--rater", rater),
        chain_id=chain_id,
        contract=None if contract is None else _address("--contract", contract),
        timestamp=int(time.time()) if timestamp is None else timestamp,
    )
    verified = verify_credit_pack(_pack_in(pack_file), expected)
    if verified.score is not None:
        sys.stdout.write(explanation(verified.score, language))
    _print_checks(verified, expected)
    return 0 if verified.holds else 1


def _print_checks(verified: PackVerified, expected: Expected) -> None:
    for check in verified.checks:
        print(f"{'holds' if check.holds else 'FAILS'}  {check.name}: {_words(check.detail)}")
    for name in expected.not_compared:
        words = name.replace("_id", "")
        print(f"not compared: {words}; give {_COMPARED[name]} with the {words} that you expect")
    print(_NOT_CHECKED)
    wrong = [check.name for check in verified.checks if not check.holds]
    if wrong:
        print(f"credit: the pack does not hold: {', '.join(wrong)}", file=sys.stderr)


def _attestable(unsigned: Pack, file: Path) -> Score:
    """The score of a pack in which all but the signature holds.

    Raises:
        FileInvalid: something else does not hold.
    """
    verified = verify_credit_pack(unsigned, Expected())
    wrong = [
        f"{check.name}: {_words(check.detail)}"
        for check in verified.checks
        if not check.holds and check.name != "signature"
    ]
    if wrong or verified.score is None:
        raise FileInvalid(f"credit: {file}: nobody could attest this: {'; '.join(wrong)}")
    return verified.score


def _digest(unsigned: Pack) -> bytes:
    document = unsigned.attestation.typed_data
    domain = contract_domain(
        CONTRACT,
        chain_id=document["domain"]["chainId"],
        contract=document["domain"]["verifyingContract"].lower(),
    )
    return typed_data_digest(domain, PRIMARY_TYPE, document["message"])


def _signer(keystore: Path, password_file: Path) -> LocalSigner:
    try:
        return LocalSigner.from_keystore(keystore.read_text(), read_secret(password_file))
    except (PasswordWrong, ValueError) as error:
        raise FileInvalid(f"credit: --keystore {keystore}: {error}") from error


def _pack_in(file: Path) -> Pack:
    try:
        return read_pack(file.read_bytes())
    except PackInvalid as error:
        raise FileInvalid(f"credit: {file}: {_words(str(error))}") from error


def _words(text: str) -> str:
    """What a file says, in one line of a terminal."""
    return shown(text if len(text) <= _MAX_WORDS else text[:_MAX_WORDS] + "…")


def _address(option: str, text: str) -> str:
    if _ADDRESS.fullmatch(text) is None:
        raise FileInvalid(f"credit: {option} {text!r}: give an address, 0x and 40 digits")
    return text.lower()


def _write(file: Path, content: Pack) -> None:
    try:
        write_new(file, content.as_bytes())
    except FileExistsError as error:
        raise FileInvalid(f"credit: {file} exists already; name a new file") from error
