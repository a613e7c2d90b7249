"""A reversed payment is not recorded, whether payment or reversal arrives first."""

from __future__ import annotations

import uuid
from typing import Any

from app.storage import run
from tests.support.bank_files import entry, notification, uploaded
from tests.support.wallets import own_wallet, signed
from tests.support.world import World, cny, refused


def taken_back(credit: str) -> str:
    """The reversal of an entry."""
    debit = credit.replace("CRDT</CdtDbtInd>", "DBIT</CdtDbtInd><RvslInd>true</RvslInd>")
    assert debit != credit
    return debit


def payer(reference: str) -> str:
    """Details that name the payer's reference only."""
    refs = f"<Refs><EndToEndId>{reference}</EndToEndId></Refs>"
    return f"<NtryDtls><TxDtls>{refs}</TxDtls></NtryDtls>"


def reversed_(world: World, credit: str) -> list[Any]:
    """Uploads a reversal; returns the ids of the reversed entries."""
    content = notification(taken_back(credit)).replace(b"M1", uuid.uuid4().hex.encode())
    return [reversal["entryId"] for reversal in uploaded(world, content)["reversals"]]


def batch(mark: str, ends: str, *, each: str, whole: str) -> str:
    """An entry of payments of one sum, told apart by the payers' references alone."""
    parts = "".join(
        f"<TxDtls><Refs><EndToEndId>{mark}{end}</EndToEndId></Refs>"
        f'<Amt Ccy="CNY">{each}</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>'
        for end in ends
    )
    return entry(whole, reference=mark, more=f"<NtryDtls>{parts}</NtryDtls>")


def test_early_reversal_reverses_the_entry_that_comes_later(world: World) -> None:
    for end_to_end in (False, True):
        mark = uuid.uuid4().hex[:20]
        credit = entry("62.00", reference=mark)
        if end_to_end:
            credit = entry("62.00", reference=mark + "a", more=payer(mark))
            debit = entry("62.00", reference=mark + "b", more=payer(mark))
        else:
            debit = credit
        # However often the bank reports it.
        assert [reversed_(world, debit) for _ in range(2)] == [[None], [None]]
        # Another sum or an earlier reversal takes back nothing.
        other = credit.replace("62.00", "63.00").replace(f">{mark}", f">{mark[::-1]}")
        later = credit.replace("2026-11-20", "2026-11-21").replace(mark + "a", mark + "c")
        others = (other, later) if end_to_end else (other,)
        for item in others:
            (stored,) = uploaded(world, notification(item))["items"]
            assert (stored["state"], stored["reversedBy"]) == ("waiting", None)
        (stored,) = uploaded(world, notification(credit))["items"]
        assert (stored["state"], stored["reversedBy"]) == ("reversed", mark + "b" * end_to_end)
        path = f"/v1/bank-entries/{stored['id']}/repayment"
        assert refused(world["bank"], path, {"loanId": 7})["status"] == 409


def test_reversal_reverses_one_payment_only(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    assert reversed_(world, entry("64.00", reference=mark + "x", more=payer(mark))) == [None]
    pair = [entry("64.00", reference=mark + end, more=payer(mark)) for end in ("a", "b")]
    first, second = uploaded(world, notification(*pair))["items"]
    assert [first["state"], second["state"]] == ["reversed", "waiting"]
    # Reported again, it is the same reversal.
    assert reversed_(world, entry("64.00", reference=mark + "x", more=payer(mark))) == [first["id"]]
    (third,) = uploaded(world, notification(entry("64.00", reference=mark, more=payer(mark))))[
        "items"
    ]
    assert third["state"] == "waiting"


def test_early_reversal_reverses_its_own_payment_of_a_batch(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    credit = batch(mark, "abc", each="66.00", whole="198.00")
    assert reversed_(world, entry("66.00", reference=mark, more=payer(mark + "b"))) == [None]
    stored = uploaded(world, notification(credit))["items"]
    states = {item["endToEndId"].removeprefix(mark): item["state"] for item in stored}
    assert states == {"a": "waiting", "b": "reversed", "c": "waiting"}


def on(day: str, text: str) -> str:
    """Booked on another day."""
    return text.replace("2026-11-20", day)


def test_reversal_applies_to_its_own_account_only(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    mine = entry("75.00", reference=mark)
    assert reversed_(world, mine) == [None]
    text = notification(mine)
    (stored,) = uploaded(world, text.replace(b"110105", b"220220"))["items"]
    assert stored["state"] == "waiting"
    (stored,) = uploaded(world, text)["items"]
    assert stored["state"] == "reversed"
    elsewhere = notification(taken_back(mine)).replace(b"110105", b"330330")
    (reversed_entry,) = uploaded(world, elsewhere)["reversals"]
    assert reversed_entry["entryId"] is None


def test_instalments_under_one_payers_id_are_not_taken_for_each_other(world: World) -> None:
    for earlier in (1, 2):
        for taken in (False, True):
            mark = uuid.uuid4().hex[:20]
            for number in range(earlier):
                message = on(
                    f"2026-{10 - number:02}-20",
                    entry("71.00", reference=f"{mark}{number}", more=payer(mark)),
                )
                (first,) = uploaded(world, notification(message))["items"]
                if taken:
                    assert reversed_(world, message) == [first["id"]]
            later = entry("71.00", reference=mark + "n", more=payer(mark))
            assert reversed_(world, later.replace(mark + "n", mark + "r")) == [None]
            (stored,) = uploaded(world, notification(later))["items"]
            assert (stored["state"], stored["reversedBy"]) == ("reversed", mark + "r")
            newest = world["bank"].get("/v1/bank-entries", limit=1 + earlier).body["items"]
            states = [message["state"] for message in newest]
            assert states == ["reversed", *["reversed" if taken else "waiting"] * earlier]


def test_reversal_reported_under_two_names_reverses_one_payment(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    refs = f"<Refs><AcctSvcrRef>{mark}T</AcctSvcrRef><EndToEndId>{mark}</EndToEndId></Refs>"
    details = f"<NtryDtls><TxDtls>{refs}</TxDtls></NtryDtls>"
    advice = entry("74.00", reference=mark + "E", more=details)
    statement = entry("74.00", reference=mark + "E", more=payer(mark))
    assert [reversed_(world, item) for item in (advice, statement, advice)] == [[None]] * 3
    pair = [entry("74.00", reference=mark + end, more=payer(mark)) for end in ("p", "q")]
    states = [uploaded(world, notification(item))["items"][0]["state"] for item in pair]
    assert states == ["reversed", "waiting"]


def test_reference_chosen_by_the_payer_matches_no_other_payment(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    (stored,) = uploaded(world, notification(entry("76.00", reference=mark + "v")))["items"]
    refs = f"<Refs><AcctSvcrRef>{mark}t</AcctSvcrRef><InstrId>{mark}v</InstrId></Refs>"
    details = f"<NtryDtls><TxDtls>{refs}</TxDtls></NtryDtls>"
    assert reversed_(world, entry("76.00", reference=mark + "r", more=details)) == [None]
    shown = world["bank"].get("/v1/bank-entries", limit=1).body["items"][0]
    assert (shown["id"], shown["state"]) == (stored["id"], "waiting")


def test_two_equal_reversals_of_one_message_reverse_two_payments(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    back = taken_back(entry("78.00", reference="", more=payer(mark)))
    content = notification(back, back)
    for number in (b"M1", b"M2"):
        upload_result = uploaded(world, content.replace(b"M1", number))
        assert [reversal["entryId"] for reversal in upload_result["reversals"]] == [None, None]
    pair = [entry("78.00", reference=mark + end, more=payer(mark)) for end in ("p", "q", "s")]
    states = [item["state"] for item in uploaded(world, notification(*pair))["items"]]
    assert states == ["reversed", "reversed", "waiting"]


def test_batch_reference_alone_reverses_none_of_its_equal_payments(world: World) -> None:
    mark = uuid.uuid4().hex[:20]
    credit = batch(mark, "ab", each="67.00", whole="134.00")
    nameless = entry("67.00", reference=mark, more="<NtryDtls/>")
    assert reversed_(world, nameless) == [None]
    states = [item["state"] for item in uploaded(world, notification(credit))["items"]]
    assert states == ["waiting", "waiting"]
    later = on("2026-11-21", nameless)
    assert reversed_(world, later) == [None]


def test_wallet_signature_is_refused_for_a_payment_reversed_meanwhile(world: World) -> None:
    number = "9501101001992"
    wallet, caller = own_wallet(world, role="supplier", api_role="supplier", legal_id=number)
    give = {"toPartyId": world.parties[number], "amount": cny("5.00")}
    world["cash-issuer"].command("/v1/cash/CNY/mint", give)
    back = {"toPartyId": world.parties["supplier"], "amount": cny("2.00")}
    prepared = caller.post("/v1/cash/CNY/transfers", back).body
    operation = prepared["operation"]["id"]
    credit = entry("65.00", reference=uuid.uuid4().hex[:20])
    (stored,) = uploaded(world, notification(credit))["items"]
    # The lender's wallet had been asked to sign the record before.
    world.server.gateway.storage.write_now(
        lambda c: run(
            c, "UPDATE bank_entries SET operation_id = ? WHERE id = ?", (operation, stored["id"])
        )
    )
    assert reversed_(world, credit) == [stored["id"]]
    answer = world.http.post(
        f"/v1/operations/{operation}/signature",
        json={"signature": signed(world, wallet, prepared["typedData"])},
        headers=caller.headers,
    )
    assert answer.status_code == 409, answer.text
    shown = caller.get(f"/v1/operations/{operation}").body
    assert (shown["state"], shown["error"]["name"]) == ("rejected", "EntryReversed")
