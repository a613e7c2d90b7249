"""A debtor is told whom it has to pay, by those concerned alone, and acknowledges it once."""

from __future__ import annotations

from app.chain.evm.hashing import keccak
from app.lending.notices.projection import CONTRACT
from tests.support.bodies import Json
from tests.support.contract_calls import account, result_of
from tests.support.filings import filed, filing_from
from tests.support.lending import drawn, lent
from tests.support.world import World, cny, refused


def notified(world: World, claim: int, *, by: str) -> Json:
    """Gives a notice, and reads it as the debtor."""
    done = world[by].command(f"/v1/claims/{claim}/notice").body
    assert done["state"] in ("included", "final"), done
    return world["buyer"].get(f"/v1/notices/{done['result']['noticeId']}").body


def warnings_of(world: World, claim: int) -> list[str]:
    """Names of the warnings that a bank sees when it verifies a claim."""
    body = world["bank"].get(f"/v1/verification/claims/{claim}").body
    return [warning["name"] for warning in body["warnings"]]


def test_an_assignee_notifies_the_debtor_which_acknowledges(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "400.00")
    assert "notice-missing" in warnings_of(world, part)
    assert warnings_of(world, claim) == []
    draft = world["castor"].get(f"/v1/claims/{part}/notice").body
    assert (draft["basis"], draft["lastNoticeId"]) == ("assignment", None)

    notice = notified(world, part, by="castor")
    assert notice["status"] == "notified"
    assert notice["assignor"]["partyId"] == world.parties["supplier"]
    assert notice["assignee"]["partyId"] == world.parties["castor"]
    assert notice["value"] == cny("400.00")
    assert notice["text"] == draft["text"]
    assert "notice-not-acknowledged" in warnings_of(world, part)

    done = world["buyer"].command(f"/v1/notices/{notice['id']}/acknowledgement").body
    assert done["state"] in ("included", "final")
    acknowledged = world["castor"].get(f"/v1/notices/{notice['id']}").body
    assert acknowledged["status"] == "acknowledged"
    assert acknowledged["acknowledgedBy"]["partyId"] == world.parties["buyer"]
    assert acknowledged["acknowledgementHash"] == done["transactionHash"]
    verification = world["bank"].get(f"/v1/verification/claims/{part}").body
    assert verification["notice"]["id"] == notice["id"]
    assert not {"notice-missing", "notice-not-acknowledged"} & set(warnings_of(world, part))


def test_the_text_of_a_notice_is_in_two_languages_and_has_the_hash_on_the_ledger(
    world: World,
) -> None:
    receivable, claim = world.confirmed(amount="1234.56")
    part = world.assigned(claim, "castor", "400.17")
    notice = notified(world, part, by="supplier")
    text = notice["text"]
    assert notice["textMatches"] is True
    assert notice["textHash"] == "0x" + keccak(text.encode()).hex()
    debt = world["buyer"].get(f"/v1/receivables/{receivable}").body
    for fact in (
        *("Notice of assignment of a claim", "债权转让通知书", "400.17 CNY", "1234.56 CNY"),
        *(debt["fingerprint"], debt["documentRoot"], debt["dueDate"], f"claim {part}"),
        world["castor"].get(f"/v1/parties/{world.parties['castor']}").body["account"],
    ):
        assert fact in text, fact
    assert "{" not in text


def test_a_lender_notifies_of_its_lien(world: World) -> None:
    _, loan, claim = lent(world)
    notice = notified(world, claim, by="bank")
    assert (notice["basis"], notice["loanId"]) == ("lien", loan)
    assert notice["assignee"]["partyId"] == world.parties["bank"]
    assert "应收账款质押通知书" in notice["text"]
    world["buyer"].command(f"/v1/notices/{notice['id']}/acknowledgement")
    assert "notice-missing" not in warnings_of(world, claim)


def test_a_notice_stands_only_while_the_ledger_says_the_same(world: World) -> None:
    def shown(notice_id: int, claim_id: int) -> list[bool]:
        one = world["buyer"].get(f"/v1/notices/{notice_id}").body
        listed = world["buyer"].get("/v1/notices", claimId=claim_id).body["items"]
        verified = world["bank"].get(f"/v1/verification/claims/{claim_id}").body["notice"]
        return [one["current"], listed[-1]["current"], verified["current"]]

    _, loan, claim = lent(world)
    notice = notified(world, claim, by="bank")
    world["buyer"].command(f"/v1/notices/{notice['id']}/acknowledgement")
    assert shown(notice["id"], claim) == [True] * 3
    # After the repayment nobody is to pay the lender any more.
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    assert shown(notice["id"], claim) == [False] * 3
    assert world["buyer"].get(f"/v1/notices/{notice['id']}").body["status"] == "acknowledged"

    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "10.00")
    notice = notified(world, part, by="castor")
    assert shown(notice["id"], part) == [True] * 3
    parts = [{"toPartyId": world.parties["vega"], "amount": cny("5.00")}]
    world["castor"].command(f"/v1/claims/{part}/assignments", {"parts": parts})
    assert shown(notice["id"], part) == [False] * 3, "it is worth less"


def test_a_notice_of_a_loan_before_does_not_count_for_the_next(world: World) -> None:
    facility, loan, claim = lent(world)
    notified(world, claim, by="bank")
    world["supplier"].command(f"/v1/loans/{loan}/repayments", {"amount": cny("600.00")})
    drawn(world, facility, claim, "100.00")
    assert "notice-missing" in warnings_of(world, claim)
    second = notified(world, claim, by="supplier")
    first = world["auditor"].get("/v1/notices", claimId=claim).body["items"][-1]
    assert (first["replacedBy"], first["current"]) == (second["id"], False)
    assert second["current"] is True
    problem = refused(world["buyer"], f"/v1/notices/{first['id']}/acknowledgement")
    assert "NoticeReplaced" in str(problem)


def test_strangers_notify_nobody_and_see_no_notice(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "10.00")
    for name in ("altair", "bank", "vega"):
        problem = refused(world[name], f"/v1/claims/{part}/notice")
        assert (problem["status"], problem["type"]) == (404, "urn:cession:problem:claim-unknown")
    problem = refused(world["buyer"], f"/v1/claims/{part}/notice")
    assert problem["status"] == 403
    notice = notified(world, part, by="castor")
    for name in ("altair", "bank"):
        answer = world.http.get(f"/v1/notices/{notice['id']}", headers=world[name].headers)
        assert answer.status_code == 404
        assert world[name].get("/v1/notices", claimId=part).body["items"] == []
    for name in ("buyer", "supplier", "castor", "auditor", "operator", "regulator"):
        items = world[name].get("/v1/notices", claimId=part, status="notified").body["items"]
        assert [item["id"] for item in items] == [notice["id"]], name


def test_nobody_but_the_debtor_acknowledges_and_it_does_once(world: World) -> None:
    _, claim = world.confirmed()
    notice = notified(world, world.assigned(claim, "castor", "10.00"), by="castor")
    path = f"/v1/notices/{notice['id']}/acknowledgement"
    for name, status in (("castor", 403), ("supplier", 403), ("bank", 403), ("auditor", 403)):
        assert refused(world[name], path)["status"] == status, name
    world["buyer"].command(path)
    problem = refused(world["buyer"], path)
    assert "AcknowledgedAlready" in str(problem)
    assert refused(world["buyer"], "/v1/notices/999999/acknowledgement")["status"] == 404


def test_a_notice_is_refused_twice_and_without_an_assignment(world: World) -> None:
    _, claim = world.confirmed()
    problem = refused(world["supplier"], f"/v1/claims/{claim}/notice")
    assert (problem["status"], problem["type"]) == (409, "urn:cession:problem:nothing-to-notify")
    assert refused(world["supplier"], "/v1/claims/999999/notice")["status"] == 404
    part = world.assigned(claim, "castor", "10.00")
    notified(world, part, by="castor")
    problem = refused(world["supplier"], f"/v1/claims/{part}/notice")
    assert "NoticeStands" in str(problem)


def test_the_gateway_acknowledges_no_text_that_it_does_not_know(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "10.00")
    facts = {
        "basis": 1,
        "claimId": part,
        "receivableId": world["auditor"].get(f"/v1/claims/{part}").body["receivableId"],
        "debtor": account(world, "buyer"),
        "assignor": account(world, "supplier"),
        "assignee": account(world, "castor"),
        "loanId": 0,
        "value": 1000,
    }
    for version, text in ((1, b"pay the stranger"), (9, b"a later version")):
        text_hash = "0x" + keccak(text).hex()
        worthless = result_of(world, "castor", CONTRACT, "notifyDebtor", facts, version, text_hash)
        notice = world["buyer"].get(f"/v1/notices/{worthless['noticeId']}").body
        assert notice["textMatches"] is False
        assert (notice["text"] is None) == (version == 9)
        problem = refused(world["buyer"], f"/v1/notices/{notice['id']}/acknowledgement")
        assert problem["type"] == "urn:cession:problem:text-differs"
        facts["value"] = 500
        part_of = world["castor"].command(
            f"/v1/claims/{part}/assignments",
            {"parts": [{"toPartyId": world.parties["vega"], "amount": cny("5.00")}]},
        )
        assert part_of.body["state"] in ("included", "final")


def test_an_assignor_does_not_block_the_true_notice_with_a_worthless_one(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "10.00")
    facts = {
        "basis": 1,
        "claimId": part,
        "receivableId": world["auditor"].get(f"/v1/claims/{part}").body["receivableId"],
        "debtor": account(world, "buyer"),
        "assignor": account(world, "supplier"),
        "assignee": account(world, "castor"),
        "loanId": 0,
        "value": 1000,
    }
    result_of(world, "supplier", CONTRACT, "notifyDebtor", facts, 1, "0x" + "ab" * 32)
    assert "notice-text-unknown" in warnings_of(world, part)
    problem = refused(world["supplier"], f"/v1/claims/{part}/notice")
    assert "NoticeStands" in str(problem)
    notice = notified(world, part, by="castor")
    assert notice["textMatches"] is True
    assert "notice-text-unknown" not in warnings_of(world, part)
    world["buyer"].command(f"/v1/notices/{notice['id']}/acknowledgement")
    assert "notice-not-acknowledged" not in warnings_of(world, part)


def test_history_shows_notice_and_acknowledgement(world: World) -> None:
    _, claim = world.confirmed()
    part = world.assigned(claim, "castor", "10.00")
    notice = notified(world, part, by="castor")
    world["buyer"].command(f"/v1/notices/{notice['id']}/acknowledgement")
    names = [
        event["event"] for event in world["auditor"].get("/v1/history", claim=part).body["items"]
    ]
    assert {"DebtorNotified", "NoticeAcknowledged"} <= set(names)


def test_history_shows_a_filing_only_to_registrant_and_grantor(world: World) -> None:
    receivable, claim = world.confirmed()
    world.assigned(claim, "castor", "10.00")
    part = world.assigned(claim, "pollux", "20.00")
    filing = filed(world, f"/v1/claims/{part}", by="pollux")
    change = filing_from(world, f"/v1/claims/{part}", by="pollux")
    world["pollux"].command(f"/v1/filings/{filing}/amendment", change)

    def seen(name: str) -> int:
        events = ("FilingRecorded", "FilingAmended")
        bodies = [
            world[name].get("/v1/history", receivable=receivable, event=event).body
            for event in events
        ]
        return sum(len(body["items"]) for body in bodies)

    assert {name: seen(name) for name in ("auditor", "buyer", "supplier", "pollux", "castor")} == {
        **{"auditor": 2, "supplier": 2, "pollux": 2},
        **{"buyer": 0, "castor": 0},
    }
    history = world["buyer"].get("/v1/history", claim=part).body["items"]
    assert "FilingRecorded" not in [item["event"] for item in history]


def test_history_shows_a_notice_only_to_those_whom_it_names(world: World) -> None:
    receivable, claim = world.confirmed()
    world.assigned(claim, "castor", "10.00")
    part = world.assigned(claim, "pollux", "20.00")
    notified(world, part, by="pollux")

    def seen(name: str) -> int:
        body = world[name].get("/v1/history", receivable=receivable, event="DebtorNotified").body
        return len(body["items"])

    assert {name: seen(name) for name in ("auditor", "buyer", "supplier", "pollux", "castor")} == {
        **{"auditor": 1, "buyer": 1, "supplier": 1, "pollux": 1},
        "castor": 0,
    }
