"""Corrections of loans whose history one transaction cannot take: it runs in parts first."""

from __future__ import annotations

import random
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from app.chain.evm.signers import LocalSigner
from app.demo.client import Caller
from app.domain.postings import Posting
from tests.support.bank_entries import came_in, days_after, kinds, loan_of, name_of, taken_back
from tests.support.bank_files import notification, uploaded
from tests.support.goods_on_loan import later
from tests.support.history_parts import (
    PART,
    RECORDED,
    begun,
    done,
    entrusted,
    flooded,
    last_part,
    mining,
    overtaken,
    paid,
    parts_of,
    run_past_the_gateway,
)
from tests.support.lending import agreed_facility, drawn, lent
from tests.support.visitor import Visitor, value_of
from tests.support.wallets import (
    agreed_by_wallet,
    approved_by_wallet,
    own_wallet,
    signed_operation,
)
from tests.support.world import World, caught_up, cny, refused

DAY = 86_400
BUYER = "9501101000278"  # a lender with its own wallet
REASON = {"reason": "returned by the bank"}


@pytest.fixture
def parts_world(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> World:
    """A gateway that runs three postings at most in one transaction."""
    monkeypatch.setenv("CESSION_HISTORY_PART", str(PART))
    world: World = request.getfixturevalue("own_world")
    assert world.server.gateway.settings.history_part == PART
    return world


def test_payment_that_is_recorded_anew_runs_in_parts_with_its_own_day(parts_world: World) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=5)
    start = loan_of(world, loan)["startDate"]
    later(world, 3 * DAY)
    caught_up(world)
    done(world, begun(world, f"{path}/reversal", REASON))
    again, _ = came_in(world, loan, RECORDED, start)
    answer = begun(world, f"{again}/repayment", {})
    assert done(world, answer)["error"] is None
    assert len(answer["precedingOperationIds"]) == 2
    posting = Posting.of_word(int(last_part(world).arguments[1]))
    assert posting.recorded_day == posting.value_day + 3, "the day of its recording"
    # A payment that moves to this loan keeps its own day too.
    _, other, _ = lent(world)
    path, _ = came_in(world, other, "30.00", loan_of(world, other)["startDate"])
    world["bank"].command(f"{again}/reversal", REASON)
    world["bank"].command(f"{path}/repayment")
    body = {"loanId": loan, "valueDate": start, "reason": "the payer's mistake"}
    answer = begun(world, f"{path}/move", body)
    assert done(world, answer)["error"] is None
    moved = Posting.of_word(int(last_part(world).arguments[1]))
    assert moved.recorded_day == posting.recorded_day, "both of today"
    assert loan_of(world, loan)["outstanding"] == cny("469.95")


def test_reversal_runs_a_long_history_in_two_parts_first(parts_world: World) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=5)
    answer = begun(world, f"{path}/reversal", REASON)
    assert len(answer["precedingOperationIds"]) == 2
    assert done(world, answer)["error"] is None
    parts = parts_of(world, answer)
    assert [part["subject"] for part in parts] == [
        {"loanId": loan, "part": 1, "parts": 2},
        {"loanId": loan, "part": 2, "parts": 2},
    ]
    assert {part["kind"] for part in parts} == {"run-history"}
    assert {part["state"] for part in parts} <= {"included", "final"}
    assert kinds(world, loan)[-2:] == ["reversed", "restated"]
    # 500.00, and a cent of it paid five times; the index would stop if its twin differed.
    assert loan_of(world, loan)["outstanding"] == cny("499.95")


def test_history_that_fits_runs_in_no_parts(parts_world: World) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=2)
    answer = begun(world, f"{path}/reversal", REASON)
    assert "precedingOperationIds" not in answer
    assert done(world, answer)["error"] is None
    assert loan_of(world, loan)["outstanding"] == cny("499.98")


def test_late_payment_runs_a_long_history_and_a_new_one_does_not(parts_world: World) -> None:
    world = parts_world
    loan, _, _ = flooded(world, cents=5)
    first = loan_of(world, loan)["startDate"]
    later(world, 3 * DAY)
    caught_up(world)
    new, _ = came_in(world, loan, "10.00", days_after(first, 3))
    answer = begun(world, f"{new}/repayment", {})
    assert "precedingOperationIds" not in answer, "nothing changed since its value day"
    assert done(world, answer)["error"] is None
    before = loan_of(world, loan)["payoff"]["total"]["amount"]
    late, _ = came_in(world, loan, "20.00", first)
    answer = begun(world, f"{late}/repayment", {})
    assert len(answer["precedingOperationIds"]) == 3, "seven postings"
    assert done(world, answer)["error"] is None
    less = float(before) - float(loan_of(world, loan)["payoff"]["total"]["amount"])
    assert less == pytest.approx(20.01, abs=0.011), "and three days of interest on them"


def test_payment_moves_between_two_loans_with_long_histories(parts_world: World) -> None:
    world = parts_world
    wrong, path, _ = flooded(world, cents=5)
    right, _, _ = flooded(world, cents=4)
    first = loan_of(world, right)["startDate"]
    later(world, DAY)
    caught_up(world)
    paid(world, right)
    body = {"loanId": right, "valueDate": first, "reason": "the payer's mistake"}
    answer = begun(world, f"{path}/move", body)
    assert [part["subject"]["loanId"] for part in parts_of(world, answer)] == [wrong] * 2 + [
        right
    ] * 2
    assert done(world, answer)["error"] is None
    assert loan_of(world, wrong)["outstanding"] == cny("499.95")
    assert float(loan_of(world, right)["outstanding"]["amount"]) < 260.00


def test_entrusted_loan_is_run_without_the_change_too(parts_world: World) -> None:
    world = parts_world
    loan, first = entrusted(world)
    later(world, 8 * DAY)
    caught_up(world)
    path, _ = came_in(world, loan, "200.00", days_after(first, 2), by="platform")
    world["platform"].command(f"{path}/repayment")
    paid(world, loan, times=3)
    banks = float(world.balance("bank"))
    # Four days more of 50,000.00 at 7.2 % are 40.00 of interest; the bank's tenth is 4.00.
    moved = {"valueDate": days_after(first, 6), "reason": "the bank's own correction"}
    answer = begun(world, f"{path}/move", moved, by="platform")
    assert len(answer["precedingOperationIds"]) == 4, "two with the change, two without"
    assert done(world, answer, by="platform")["error"] is None
    assert float(world.balance("bank")) == pytest.approx(banks + 4)


def test_bank_s_own_reversal_runs_a_long_history_by_itself(parts_world: World) -> None:
    world = parts_world
    loan, _, mark = flooded(world, cents=5)
    debit = taken_back(RECORDED, mark)
    body = uploaded(world, notification(debit).replace(b"M1", b"M9"))
    assert body["reversalOperationIds"] == [], "parts come first"
    end = time.monotonic() + 180
    while kinds(world, loan)[-1] != "restated" or kinds(world, loan).count("reversed") == 0:
        assert time.monotonic() < end, kinds(world, loan)
        time.sleep(0.2)
    time.sleep(3)  # a few more rounds
    assert kinds(world, loan).count("reversed") == 1
    items = world["bank"].get("/v1/operations", limit=200).body["items"]
    assert [item["kind"] for item in items].count("run-history") == 1, "the rest goes with it"
    assert loan_of(world, loan)["outstanding"] == cny("499.95")


def test_correction_that_a_payment_overtook_goes_on_where_its_parts_stopped(
    parts_world: World,
) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=5)
    first = overtaken(world, loan, path)
    assert (first["state"], first["error"]["name"]) == ("rejected", "HistoryDiffers")
    again = begun(world, f"{path}/reversal", REASON)
    assert "precedingOperationIds" not in again, "only the new posting is left"
    assert done(world, again)["error"] is None
    assert loan_of(world, loan)["outstanding"] == cny("499.94")


def test_what_does_not_lead_to_the_loans_history_is_run_anew(parts_world: World) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=5)
    overtaken(world, loan, path)
    # The lender's account runs the last part once more, past the gateway.
    run_past_the_gateway(world, last_part(world))
    again = begun(world, f"{path}/reversal", REASON)
    assert len(again["precedingOperationIds"]) == 3, "all seven postings"
    assert done(world, again)["error"] is None
    assert loan_of(world, loan)["outstanding"] == cny("499.94")


def test_parts_of_one_loan_count_for_no_other(parts_world: World) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=5)
    overtaken(world, loan, path)
    other, other_path, _ = flooded(world, cents=5)
    answer = begun(world, f"{other_path}/reversal", REASON)
    assert len(answer["precedingOperationIds"]) == 2
    assert done(world, answer)["error"] is None
    assert loan_of(world, other)["outstanding"] == cny("499.95")


def test_parts_of_one_change_count_for_no_other(parts_world: World) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=5)
    first = loan_of(world, loan)["startDate"]
    overtaken(world, loan, path)
    later(world, DAY)
    caught_up(world)
    moved = {"valueDate": days_after(first, 1), "reason": "the bank's own correction"}
    answer = begun(world, f"{path}/move", moved)
    assert len(answer["precedingOperationIds"]) == 3, "all seven postings"
    assert done(world, answer)["error"] is None


def lent_by_wallet(world: World) -> tuple[int, str, LocalSigner, Caller]:
    """A loan with a long history and a recorded payment, which a lender's own wallet bought.

    Returns:
        The loan, the path of the recorded entry, the wallet and its party.
    """
    loan, path, _ = flooded(world, cents=5)
    wallet, lender = own_wallet(world, role="financier", api_role="financier", legal_id=BUYER)
    world.callers["wallet"] = lender
    world.cash(BUYER, "1000.00")
    approved_by_wallet(world, wallet, 300_00)
    body = {
        "buyerPartyId": world.parties[BUYER],
        "price": cny("300.00"),
        "notice": "Your loan now belongs to another lender.",
    }
    draft = world["bank"].post(f"/v1/loans/{loan}/sales", body).body
    agreed_by_wallet(world, wallet, lender, draft)
    assert loan_of(world, loan, by="wallet")["lender"]["partyId"] == world.parties[BUYER]
    return loan, path, wallet, lender


def test_lenders_own_wallet_signs_one_part_after_the_other(parts_world: World) -> None:
    world = parts_world
    loan, path, wallet, lender = lent_by_wallet(world)
    # Asked twice, the newer part takes the place of the older one.
    older, newer = (lender.post(f"{path}/reversal", REASON).body for _ in range(2))
    assert newer["next"] and newer["operation"]["kind"] == "run-history"
    ended = lender.get(f"/v1/operations/{older['operation']['id']}").body
    assert (ended["state"], ended["error"]["name"]) == ("rejected", "Superseded")
    mining(world, on=False)
    signed_operation(world, wallet, lender, newer, wait=False)
    busy = refused(lender, f"{path}/reversal", REASON)
    assert (busy["status"], name_of(busy)) == (409, "history-under-way")
    mining(world, on=True)
    paid(world, loan)
    names = []
    for _ in range(5):
        prepared = lender.post(f"{path}/reversal", REASON).body
        signed_operation(world, wallet, lender, prepared)
        names.append(prepared["operation"]["kind"])
        if "next" not in prepared:
            break
    assert names == ["run-history", "reverse-payment"], "the new posting goes with the reversal"
    assert loan_of(world, loan, by="wallet")["outstanding"] == cny("499.94")


def test_pages_send_the_form_again_after_each_part_that_a_wallet_signed(
    parts_world: World,
) -> None:
    world = parts_world
    loan, path, wallet, lender = lent_by_wallet(world)
    address = f"/app{path.removeprefix('/v1')}/reversal"
    kinds_signed = []
    with Visitor(world) as visitor:
        visitor.sign_in("wallet")
        shown = visitor.http.get(address, follow_redirects=True)
        for _ in range(5):
            place = shown.url.raw_path.decode()
            hidden = {"_place": place, "_key": value_of(shown.text, "_key") or ""}
            token = visitor.token("/app")
            location = visitor.post(address, hidden | REASON, token=token).headers["location"]
            operation = urlsplit(location).path.rpartition("/")[2]
            where = f"/v1/operations/{operation}"
            prepared = {"operation": lender.get(where).body}
            prepared |= lender.get(f"{where}/typed-data").body
            kinds_signed.append(prepared["operation"]["kind"])
            if kinds_signed[-1] != "run-history":
                assert "then=" not in location
                break
            assert "runs a part of the loan&#39;s history" in visitor.get(location).text
            signed_operation(world, wallet, lender, prepared)
            text = visitor.get(location).text
            assert "Your form itself is still to be sent." in text
            (following,) = parse_qs(urlsplit(location).query)["then"]
            shown = visitor.http.get(following, follow_redirects=True)
            assert "the form itself was not sent yet" in shown.text
            assert REASON["reason"] in shown.text, "what was typed is still there"
    assert kinds_signed[0] == "run-history" and kinds_signed[-1] == "reverse-payment"
    signed_operation(world, wallet, lender, prepared)
    assert loan_of(world, loan, by="wallet")["outstanding"] == cny("499.95")


def test_only_the_lender_begins_parts(parts_world: World) -> None:
    world = parts_world
    loan, path, _ = flooded(world, cents=5)
    first = loan_of(world, loan)["startDate"]
    calls = [
        (f"{path}/reversal", REASON),
        (f"{path}/move", {"valueDate": days_after(first, 1), "reason": "x"}),
    ]
    for name, status in (
        *(("platform", 404), ("castor", 403), ("supplier", 403), ("buyer", 403)),
        *(("operator", 403), ("auditor", 403), ("regulator", 403), ("registrar", 403)),
    ):
        for called, body in calls:
            assert refused(world[name], called, body)["status"] == status, (name, called)
    items = world["auditor"].get("/v1/operations", limit=200).body["items"]
    assert "run-history" not in {item["kind"] for item in items}


def test_any_order_of_recordings_gives_the_loan_of_the_right_order(parts_world: World) -> None:
    """One loan is paid on its days; of the other the same payments are recorded in parts."""
    world, chance = parts_world, random.Random(56)
    facility = agreed_facility(world)
    punctual, delayed = (
        drawn(world, facility, world.confirmed(amount="1000.00", days=200)[1], "500.00")
        for _ in range(2)
    )
    first = loan_of(world, punctual)["startDate"]
    payments, passed = [], 0
    for days in sorted(chance.sample(range(1, 45), 6)):
        later(world, (days - passed) * DAY)
        caught_up(world)
        passed = days
        amount = f"{chance.randrange(1, 70)}.{chance.randrange(100):02}"
        payments.append((amount, days_after(first, days)))
        path, _ = came_in(world, punctual, *payments[-1])
        world["bank"].command(f"{path}/repayment")
    later(world, 5 * DAY)
    caught_up(world)
    wrong, _ = came_in(world, delayed, "33.33", days_after(first, 20))
    chance.shuffle(payments)
    parts = 0
    for number, (amount, day) in enumerate(payments):
        if number == 2:
            world["bank"].command(f"{wrong}/repayment")
        path, _ = came_in(world, delayed, amount, day)
        answer = begun(world, f"{path}/repayment", {})
        parts += len(answer.get("precedingOperationIds", []))
        assert done(world, answer)["error"] is None
    answer = begun(world, f"{wrong}/reversal", {"reason": "never came"})
    assert len(answer["precedingOperationIds"]) == 3 and parts > 0
    assert done(world, answer)["error"] is None
    names = ("status", "outstanding", "due", "payoff", "overpaid", "daysPastDue")
    one, other = (
        {name: loan_of(world, loan)[name] for name in names} for loan in (punctual, delayed)
    )
    assert one == other
