"""A party with its own wallet signs in, reads what it signs, and signs, in a real browser."""

from __future__ import annotations

import re

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from playwright.sync_api import Page

from app.demo.client import Caller
from app.domain.persons import WALLET_LABEL
from app.storage import run
from tests.support.days import day
from tests.support.desk import Desk
from tests.support.injected_wallet import InjectedWallet
from tests.support.visitor import Visitor
from tests.support.wallets import location_number, registered
from tests.support.world import World


@pytest.fixture(scope="module")
def account() -> LocalAccount:
    created: LocalAccount = Account.create()
    return created


@pytest.fixture(scope="module")
def caller(world: World, account: LocalAccount) -> Caller:
    registered_caller = registered(world, account, number=location_number())
    world.callers["own"] = registered_caller
    return registered_caller


def wallet_page(
    desk: Desk, account: LocalAccount, *, refuses: bool = False
) -> tuple[Page, InjectedWallet]:
    wallet = InjectedWallet(desk.world.server.node.chain_id, [account], refuses=refuses)
    page = desk.visitor()
    wallet.into(page)
    page.goto("/app/sign-in")
    return page, wallet


def sign_in(page: Page) -> None:
    page.get_by_role("button", name="Sign in with the wallet").click()
    page.locator("nav.menu").wait_for()


def test_party_signs_in_with_its_wallet_and_signs_an_assignment(
    desk: Desk, caller: Caller, account: LocalAccount
) -> None:
    _, claim = desk.world.confirmed(amount="1000.00")
    own = desk.world.assigned(claim, "own", "400.00")
    page, wallet = wallet_page(desk, account)
    desk.check_accessibility(page)
    sign_in(page)
    page.goto(f"/app/claims/{own}/assignments")
    page.get_by_label("Recipient of part 1").select_option("Castor Moulds Co., Ltd.")
    page.get_by_label("Amount of part 1").fill("100.00")
    page.get_by_role("button", name="Assign the parts").click()
    page.wait_for_url("**/app/operations/*")
    operation = page.url
    assert page.locator("#operation .badge").first.inner_text() == "waits for your signature"
    message = page.locator("section.card").inner_text()
    assert account.address in message or account.address.lower() in message
    desk.check_accessibility(page)

    wallet.refuses = True
    page.get_by_role("button", name="Sign with the wallet").click()
    page.get_by_text("You refused in the wallet.").wait_for()
    wallet.refuses = False
    wallet.accounts = [Account.create()]
    page.get_by_role("button", name="Sign with the wallet").click()
    page.get_by_text("has not opened the account").wait_for()
    wallet.accounts = [Account.create(), account]
    wallet.chain_id, wallet.switches = 1, False
    page.get_by_role("button", name="Sign with the wallet").click()
    page.get_by_text("The wallet is on another chain.").wait_for()
    assert caller.get(f"/v1/claims/{own}").body["value"]["amount"] == "400.00"

    wallet.switches = True
    page.get_by_role("button", name="Sign with the wallet").click()
    page.locator("#operation .badge", has_text="final").wait_for()
    assert page.url == operation
    assert caller.get(f"/v1/claims/{own}").body["value"]["amount"] == "300.00"


def test_wallet_of_no_party_signs_nobody_in(desk: Desk, caller: Caller) -> None:
    page, _ = wallet_page(desk, Account.create())
    page.get_by_role("button", name="Sign in with the wallet").click()
    page.get_by_text("No party with an API key has this account.").wait_for()
    page.goto("/app")
    assert "/app/sign-in" in page.url


def test_owner_who_refuses_is_not_signed_in(
    desk: Desk, caller: Caller, account: LocalAccount
) -> None:
    page, wallet = wallet_page(desk, account, refuses=True)
    page.get_by_role("button", name="Sign in with the wallet").click()
    page.get_by_text("You refused in the wallet. You are not signed in.").wait_for()
    assert "personal_sign" in wallet.asked


def asked(visitor: Visitor, account: LocalAccount) -> str:
    answer = visitor.post("/app/sign-in/wallet/message", {"account": account.address})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["message"])


def answered(visitor: Visitor, account: LocalAccount, message: str) -> tuple[int, str]:
    signature = bytes(Account.sign_message(encode_defunct(text=message), account.key).signature)
    fields = {"message": message.replace("\n", "\r\n"), "signature": "0x" + signature.hex()}
    answer = visitor.post("/app/sign-in/wallet", fields)
    return answer.status_code, answer.text


def test_message_signs_in_once_in_its_own_browser_on_its_own_host_and_chain(
    world: World, caller: Caller, account: LocalAccount
) -> None:
    with Visitor(world) as visitor, Visitor(world) as other:
        message = asked(visitor, account)
        assert answered(other, account, message)[0] == 401  # a stolen signature
        changes = (
            (r"^\S+ wants", "evil.example wants", "another site"),
            (r"Chain ID: \d+", "Chain ID: 1", "another chain"),
            (r"moves nothing", "moves everything", "not one of this page"),
            (r"Nonce: \w+", f"Nonce: {'0' * 32}", "used already"),
            (r"Expiration Time: \d+", "Expiration Time: 2020", "used already"),
        )
        for pattern, changed, words in changes:
            status, text = answered(visitor, account, re.sub(pattern, changed, message))
            assert (status, words in text) == (401, True), words
        assert answered(visitor, account, message)[0] == 303
    with Visitor(world) as again:
        again.http.cookies.clear()
        message = asked(again, account)
        assert answered(again, account, message)[0] == 303
        again.post("/app/sign-out", {}, token=again.token("/app"))
        assert answered(again, account, message)[0] == 401


def test_key_of_a_wallets_session_ends_with_it(
    world: World, caller: Caller, account: LocalAccount
) -> None:
    party = caller.get("/v1/parties/me").body["id"]

    def count() -> int:
        storage = world.server.gateway.storage
        query = "SELECT revoked_at, expires_at FROM api_keys WHERE label = ? AND party_id = ?"
        rows = storage.read_now(lambda c: run(c, query, (WALLET_LABEL, party)).all())
        assert all(row.expires_at is not None for row in rows)
        return len([row for row in rows if row.revoked_at is None])

    before = count()
    with Visitor(world) as visitor:
        assert answered(visitor, account, asked(visitor, account))[0] == 303
        assert count() == before + 1
        visitor.post("/app/sign-out", {}, token=visitor.token("/app"))
        assert count() == before


def test_command_of_a_wallet_leads_to_the_operation_that_waits_for_it(
    desk: Desk, caller: Caller
) -> None:
    page = desk.signed_in("own")
    page.goto("/app/orders/new")
    page.get_by_label("Buyer").select_option("Donghai Motors Co., Ltd.")
    page.locator("#number").fill("PO-own-wallet")
    page.locator("#amount").fill("10.00")
    page.locator("[name='amount.currency']").select_option("CNY")
    page.locator("#deliveryDate").fill(day(30))
    page.locator("#expiryDate").fill(day(60))
    page.get_by_label("What is ordered").fill("castings")
    page.get_by_role("button", name="Ask the buyer").click()
    page.wait_for_url("**/app/operations/*")
    assert page.locator("#operation .badge").first.inner_text() == "waits for your signature"
