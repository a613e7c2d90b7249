"""Packs of credit evidence: a bank computes them again, and a change anywhere is named."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.chain.evm.hashing import checksum_address
from app.chain.evm.signers import LocalSigner
from app.cli import application
from app.domain.plain_json import canonical_json
from app.domain.scoring.card_file import card_of
from app.domain.scoring.evidence import evidence_of
from app.domain.scoring.scoring import score
from app.lending.evaluations.packs import Attested, Override, make_pack
from tests.support.credit import as_file, evidence, item, small_card

RATER = LocalSigner(bytes(31) + b"\x07")
OTHER = LocalSigner(bytes(31) + b"\x08")
CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
ISSUED = 1_774_950_000  # 2026-03-31 in the ledger's zone, 09:40 UTC
IN_TIME = ("--at", "2026-04-01")
PASSWORD = "a password of the rater"
Pack = dict[str, Any]


def credit(*words: object) -> tuple[int, str, str]:
    """Exit status, output and errors of the command."""
    done = CliRunner().invoke(application, ["credit", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


class Desk:
    """A rater's folder with card, evidence and key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = folder / "card.yaml"
        self.card.write_bytes(as_file(small_card()))
        self.write("evidence.json", evidence())
        (folder / "password").write_text(PASSWORD + "\n")
        self.write("key.json", RATER.keystore(PASSWORD, iterations=2))

    def write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(content))
        return path

    def read(self, name: str) -> Pack:
        content: Pack = json.loads((self.folder / name).read_text())
        return content

    def pack(
        self, name: str = "unsigned.json", options: Mapping[str, object] | None = None
    ) -> tuple[int, str, str]:
        chosen = {
            "write": self.folder / name,
            "rater": RATER.address,
            "chain-id": 31337,
            "contract": CONTRACT,
            "trading-since": "2025-03-15",
            "issued-at": ISSUED,
            **(options or {}),
        }
        words = [word for key, value in chosen.items() for word in (f"--{key}", value)]
        return credit("pack", self.card, self.folder / "evidence.json", *words)

    def sign(self, name: str = "pack.json", *words: object) -> tuple[int, str, str]:
        key = ("--keystore", self.folder / "key.json", "--password-file", self.folder / "password")
        return credit(
            "sign", self.folder / "unsigned.json", "--write", self.folder / name, *(words or key)
        )

    def verify(self, name: str = "pack.json", *words: object) -> tuple[int, set[str]]:
        """Exit status, and names of the checks that fail."""
        at = () if "--at" in words else IN_TIME
        status, output, _ = credit("verify", self.folder / name, *words, *at)
        rows = [row for row in output.splitlines() if row.startswith("FAILS")]
        return status, {row.split()[1].rstrip(":") for row in rows}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made_ready = Desk(tmp_path)
    assert made_ready.pack()[0] == 0
    assert made_ready.sign()[0] == 0
    return made_ready


def test_a_signed_pack_verifies_with_all_that_the_bank_knows(desk: Desk) -> None:
    words = ("--card", desk.card, "--rater", RATER.address, "--chain-id", 31337)
    assert desk.verify("pack.json", *words, "--contract", CONTRACT) == (0, set())
    _, output, _ = credit("verify", desk.folder / "pack.json", *IN_TIME)
    assert "tier 2, limit 400.00 CNY" in output
    assert "not checked offline: " in output


def with_override(desk: Desk, reason: str) -> Path:
    """A pack in which the rater decided otherwise, with the reason in its tree."""
    result = score(card_of(small_card()), evidence_of(evidence()))
    terms = Attested(
        rater=RATER.address,
        chain_id=31337,
        contract=CONTRACT.lower(),
        trading_since=datetime.date(2025, 3, 15),
        issued_at=ISSUED,
    )
    override = Override(4, 10_000, reason)
    path = desk.folder / "override.json"
    path.write_bytes(make_pack(result, evidence(), terms, override=override).as_bytes())
    return path


@pytest.mark.parametrize(
    "reason",
    [
        "x\nholds  signature: by the rater that you expect",
        "x\rholds  signature: by the rater that you expect",
        "x\x1b[2K\x1b[1Aholds  signature: by the rater that you expect",
        "x\u2028holds  signature: by the rater that you expect",
        "x\u202edlob",
    ],
)
def test_a_reason_forges_no_row_of_the_answer(desk: Desk, reason: str) -> None:
    status, output, errors = credit("verify", with_override(desk, reason), *IN_TIME)
    assert status == 1
    rows = output.splitlines()
    assert [row for row in rows if row.startswith("FAILS  signature")]
    assert not [row for row in rows if row.startswith("holds  signature")]
    assert output.replace("\n", "").isprintable() and errors.replace("\n", "").isprintable()


def test_an_ordinary_reason_is_shown_as_it_was_written(desk: Desk) -> None:
    reason = "sa plus grande cliente ferme, 最大客户关闭工厂 – see note 4"
    _, output, _ = credit("verify", with_override(desk, reason), *IN_TIME)
    assert f"the rater decided tier 4 and 100.00: {reason}\n" in output


def test_what_a_pack_says_is_shown_with_what_it_hides(desk: Desk) -> None:
    pack = desk.read("pack.json")
    hostile = "x\x1b[2K\nholds  signature: by the rater"
    changes: list[Pack] = [
        pack | {hostile: 1},
        pack | {"format": hostile},
        pack | {"card": pack["card"] | {hostile: 1}},
        pack | {"card": pack["card"] | {"title": {"en": hostile, "zh": hostile}}},
    ]
    for field in pack["evidence"]["fields"]:
        if field["field"] in ("party", "late.consent"):
            fields = [*pack["evidence"]["fields"], {**field, "field": hostile}]
            changes.append(pack | {"evidence": pack["evidence"] | {"fields": fields}})
    message = pack["attestation"]["typedData"]
    document = message | {"message": message["message"] | {"rater": hostile}}
    changes.append(pack | {"attestation": pack["attestation"] | {"typedData": document}})
    for number, change in enumerate(changes):
        path = desk.write(f"hostile-{number}.json", change)
        status, output, errors = credit("verify", path, *IN_TIME)
        assert status == 1
        printed = output + errors
        assert printed.replace("\n", "").isprintable(), printed
        assert "\nholds  signature: by the rater\n" not in printed


def test_what_the_bank_gave_nothing_to_compare_with_is_said(desk: Desk) -> None:
    pack = desk.folder / "pack.json"
    known = {
        "card": ("--card", desk.card),
        "rater": ("--rater", RATER.address),
        "chain": ("--chain-id", 31337),
        "contract": ("--contract", CONTRACT),
    }

    def not_compared(*words: object) -> list[str]:
        _, output, _ = credit("verify", pack, *IN_TIME, *words)
        rows = [row for row in output.splitlines() if row.startswith("not compared: ")]
        assert all(f"give {known[row.split()[2][:-1]][0]} " in row for row in rows), rows
        return [row.split()[2][:-1] for row in rows]

    assert not_compared() == list(known)
    assert not_compared(*known["rater"]) == ["card", "chain", "contract"]
    assert not_compared(*(word for words in known.values() for word in words)) == []


def test_an_attestation_that_has_expired_fails(desk: Desk) -> None:
    expires = message(desk.read("pack.json"))["expiresAt"]
    last, first = (
        datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")
        for seconds in (expires - 1, expires)
    )
    assert desk.verify("pack.json", "--at", last) == (0, set())
    assert desk.verify("pack.json", "--at", first) == (1, {"in-time"})
    status, output, errors = credit("verify", desk.folder / "pack.json", "--at", first)
    assert (
        f"FAILS  in-time: expired: attested from 2026-03-31T09:40:00.000Z until {first}" in output
    )
    assert (status, "does not hold: in-time" in errors) == (1, True)


def test_an_attestation_of_the_future_fails(desk: Desk) -> None:
    assert desk.verify("pack.json", "--at", "2026-03-31T09:39:59") == (1, {"in-time"})
    assert desk.verify("pack.json", "--at", "2026-03-31T09:40:00") == (0, set())


def test_without_a_time_a_pack_is_compared_with_now(desk: Desk) -> None:
    status, output, _ = credit("verify", desk.folder / "pack.json")
    assert (status, "FAILS  in-time: expired" in output) == (1, True), "it expired in June 2026"
    assert credit("verify", desk.folder / "pack.json", "--at", "soon")[0] == 2


def test_signing_prints_the_body_that_attests_the_pack_on_the_ledger(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.pack()
    status, output, _ = desk.sign()
    body, pack = json.loads(output), desk.read("pack.json")
    assert status == 0
    assert body["evidenceRoot"] == pack["evidence"]["root"]
    assert body["signature"] == pack["attestation"]["signature"]
    assert (body["tier"], body["limit"]) == (2, {"amount": "400.00", "currency": "CNY"})
    message = pack["attestation"]["typedData"]["message"]
    assert message["expiresAt"] == ISSUED + body["validDays"] * 86_400
    assert (body["tradingSince"], body["validDays"]) == ("2025-03-15", 89)


def test_a_pack_without_sources_verifies_and_holds_none_of_them(desk: Desk) -> None:
    words = ("--hide", "source", "--hide", "hash", "--write", desk.folder / "less.json")
    assert credit("disclose", desk.folder / "pack.json", *words)[0] == 0
    assert desk.verify("less.json") == (0, set())
    assert "block 812" not in (desk.folder / "less.json").read_text()


def test_a_pack_hides_nothing_that_a_score_needs(desk: Desk) -> None:
    words = ("--hide", "value", "--write", desk.folder / "less.json")
    status, _, errors = credit("disclose", desk.folder / "pack.json", *words)
    assert (status, "cannot hide 'value'" in errors) == (1, True)


def field(pack: Pack, name: str) -> dict[str, Any]:
    """A disclosed field of a pack."""
    found: dict[str, Any] = next(
        each for each in pack["evidence"]["fields"] if each["field"] == name
    )
    return found


def message(pack: Pack) -> dict[str, Any]:
    """What the rater signed."""
    content: dict[str, Any] = pack["attestation"]["typedData"]["message"]
    return content


def other_signature(pack: Pack) -> None:
    signature = bytes.fromhex(pack["attestation"]["signature"][2:])
    pack["attestation"]["signature"] = "0x" + OTHER.sign_hash(signature[:32]).hex()


CHANGES: list[tuple[Callable[[Pack], object], set[str]]] = [
    (lambda pack: field(pack, "late.value").update(value="0"), {"inputs"}),
    (lambda pack: field(pack, "late.source").update(value='"x"'), {"inputs"}),
    (lambda pack: field(pack, "day").update(value='"2026-03-30"'), {"inputs"}),
    (lambda pack: field(pack, "late.value").update(salt="0x" + "00" * 32), {"inputs"}),
    (lambda pack: field(pack, "late.value").update(salt="nothing"), {"inputs"}),
    (lambda pack: field(pack, "late.value")["proof"].pop(), {"inputs"}),
    (
        lambda pack: pack["evidence"]["fields"].append(field(pack, "late.value")),
        {"inputs"},
    ),
    (
        lambda pack: pack["evidence"]["fields"].remove(field(pack, "late.value")),
        {"disclosed"},
    ),
    (lambda pack: pack["evidence"]["fields"].remove(field(pack, "features")), {"disclosed"}),
    (lambda pack: pack["card"].update(version=4), {"model"}),
    (lambda pack: pack["card"]["title"].update(en="Other"), {"model"}),
    (lambda pack: pack["card"].update(base=101), {"card"}),
    (lambda pack: pack["card"].update(base=100.5), set()),
    (lambda pack: pack["attestation"].update(signature=None), {"signature"}),
    (lambda pack: pack["attestation"].update(signature="0x12"), {"signature"}),
    (other_signature, {"signature"}),
    (lambda pack: message(pack).update(tier=1), {"signature", "tier"}),
    (lambda pack: message(pack).update(limit=500_00), {"signature", "limit"}),
    (lambda pack: message(pack).update(partyId=8), {"signature", "party"}),
    (lambda pack: message(pack).update(currency="0x555344"), {"signature", "currency"}),
    (lambda pack: message(pack).update(expiresAt=ISSUED + 10**9), {"signature", "time"}),
    (lambda pack: message(pack).update(expiresAt=2**40 - 1), {"signature", "time"}),
    (lambda pack: message(pack).update(issuedAt=ISSUED - 10**6), {"signature", "time"}),
    (lambda pack: message(pack).update(tradingSinceDay=1), {"signature", "trading-since"}),
    (
        lambda pack: message(pack).update(evidenceRoot="0x" + "11" * 32),
        {"signature", "evidence-root"},
    ),
    (lambda pack: message(pack).update(modelVersion="0x" + "11" * 32), {"signature", "model"}),
    (
        lambda pack: message(pack).update(rater=checksum_address(OTHER.address)),
        {"signature"},
    ),
    (lambda pack: message(pack).update(tier=-1), {"attestation"}),
    (lambda pack: message(pack).pop("limit"), {"attestation"}),
    (lambda pack: message(pack).update(more=1), {"attestation"}),
    (
        lambda pack: pack["attestation"]["typedData"]["domain"].update(name="Other"),
        {"attestation"},
    ),
    (
        lambda pack: pack["attestation"]["typedData"]["domain"].update(chainId=1),
        {"signature"},
    ),
    (lambda pack: pack["attestation"].update(typedData={}), {"attestation"}),
]


@pytest.mark.parametrize(("change", "names"), CHANGES)
def test_a_change_anywhere_in_a_pack_fails_and_is_named(
    desk: Desk, change: Callable[[Pack], object], names: set[str]
) -> None:
    pack = desk.read("pack.json")
    change(pack)
    desk.write("changed.json", pack)
    assert desk.verify("changed.json") == (1, names)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("--rater", OTHER.address), "rater-as-expected"),
        (("--chain-id", 1), "chain-as-expected"),
        (("--contract", OTHER.address), "contract-as-expected"),
    ],
)
def test_a_pack_of_another_rater_or_ledger_fails(
    desk: Desk, words: tuple[object, ...], name: str
) -> None:
    assert desk.verify("pack.json", *words) == (1, {name})


def test_a_pack_by_another_card_than_the_banks_fails(desk: Desk) -> None:
    content = small_card()
    content["version"] = 4
    desk.card.write_bytes(as_file(content))
    assert desk.verify("pack.json", "--card", desk.card) == (1, {"card-as-expected"})


def test_an_item_left_out_of_a_pack_is_missed_and_not_unknown(desk: Desk) -> None:
    pack = desk.read("pack.json")
    fields = pack["evidence"]["fields"]
    pack["evidence"]["fields"] = [each for each in fields if not each["field"].startswith("buyer.")]
    desk.write("changed.json", pack)
    assert desk.verify("changed.json") == (1, {"disclosed"})


def test_evidence_that_cannot_be_scored_makes_no_pack(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("evidence.json", evidence(item("late", 1, asOf="2027-01-01")))
    status, _, errors = desk.pack()
    assert (status, "in-the-future" in errors) == (1, True)
    assert not (tmp_path / "unsigned.json").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rater": "0x12"}, "--rater '0x12': give an address"),
        ({"contract": "me"}, "--contract 'me': give an address"),
        ({"issued-at": ISSUED - 10**6}, "is the day of the attestation"),
        ({"issued-at": ISSUED + 10**7}, "is the day of the attestation"),
        ({"trading-since": "1960-01-01"}, "it is none of CreditRegistry"),
        ({"trading-since": "2025-04-01"}, "trading-since: attested 2025-04-01; 12 months on"),
    ],
)
def test_a_pack_that_nobody_could_attest_is_refused(
    tmp_path: Path, options: dict[str, object], words: str
) -> None:
    status, _, errors = Desk(tmp_path).pack(options=options)
    assert (status, words in errors) == (1, True), errors


def test_nobody_signs_a_pack_that_does_not_hold(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.pack()
    pack = desk.read("unsigned.json")
    message(pack).update(tier=1)
    desk.write("unsigned.json", pack)
    status, _, errors = desk.sign()
    assert (status, "tier: attested 1, computed 2" in errors) == (1, True)


def test_only_the_raters_signature_goes_into_a_pack(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.pack()
    foreign = "0x" + OTHER.sign_hash(bytes(32)).hex()
    assert "sign with the rater's key" in desk.sign("a.json", "--signature", foreign)[2]
    assert "give 0x and 130 digits" in desk.sign("a.json", "--signature", "0x12")[2]
    assert desk.sign("a.json", "--signature", "0x12", "--keystore", "k")[0] == 2
    assert not (tmp_path / "a.json").exists()


def test_a_wallets_signature_goes_into_a_pack(desk: Desk) -> None:
    signature = desk.read("pack.json")["attestation"]["signature"]
    assert desk.sign("again.json", "--signature", signature)[0] == 0
    assert desk.verify("again.json") == (0, set())


def test_a_wrong_password_signs_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.pack()
    (tmp_path / "password").write_text("another")
    status, _, errors = desk.sign()
    assert (status, "does not open this keystore" in errors) == (1, True)


def test_a_pack_never_overwrites_a_file(desk: Desk) -> None:
    status, _, errors = desk.pack()
    assert (status, "exists already" in errors) == (1, True)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"format": "cession.credit-pack.v1"}', '{"format": "\\ud800"}', "1.5"],
)
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pack.json").write_text(text)
    status, _, errors = credit("verify", tmp_path / "pack.json")
    assert (status, "it is no pack of credit evidence" in errors) == (1, True), errors


def test_a_pack_of_a_later_format_is_refused(desk: Desk) -> None:
    desk.write("pack.json", {**desk.read("pack.json"), "format": "cession.credit-pack.v2"})
    status, _, errors = credit("verify", desk.folder / "pack.json")
    assert (status, "this program reads cession.credit-pack.v1" in errors) == (1, True)


def test_the_same_evidence_has_another_root_each_time_but_the_same_score(desk: Desk) -> None:
    desk.pack("second.json")
    first, second = desk.read("unsigned.json"), desk.read("second.json")
    assert first["evidence"]["root"] != second["evidence"]["root"]
    terms = [copy.deepcopy(message(pack)) for pack in (first, second)]
    for each in terms:
        each.pop("evidenceRoot")
    assert canonical_json(terms[0]) == canonical_json(terms[1])
