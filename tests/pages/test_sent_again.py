"""A form that comes back is shown as what it is, and a wallet's first signature is not the last."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from cession_client import Client, GatewayRefused, Ledger
from cession_client.local_wallet import LocalWallet

from app.pages import sessions
from app.storage import run
from tests.pages.test_sessions import aged, visitor
from tests.support.bodies import Json
from tests.support.visitor import Visitor, value_of
from tests.support.wallets import location_number
from tests.support.world import World, cny, ended, invoice

__all__ = ["visitor"]
NOTHING_SENT, CHANGED = "Nothing was sent yet", "Your session changed meanwhile"
PART_FIRST = "the form itself was not sent yet"


class Debtor:
    """A buyer with a wallet of its own."""

    def __init__(self, world: World) -> None:
        self.world, self.number = world, location_number()
        self.name = f"Own wallet, debtor {self.number}"
        self.wallet = LocalWallet.create()
        body = {
            "name": self.name,
            "legalId": {"scheme": "0088", "value": self.number},
            "roles": ["buyer"],
            "account": self.wallet.address,
        }
        registrar = world["registrar"]
        self.party = registrar.command("/v1/parties", body).body["party"]["id"]
        label = {"roles": ["buyer"], "label": "own"}
        self.key = registrar.post(f"/v1/parties/{self.party}/api-keys", label).body["apiKey"]
        ledger = Ledger.of(world["auditor"].get("/v1/contracts").body)
        self.client = Client(world.http, self.key, wallet=self.wallet, ledger=ledger)
        money = {"toPartyId": self.party, "amount": cny("100.00")}
        world["cash-issuer"].command("/v1/cash/CNY/mint", money)

    def owes(self, amount: str) -> int:
        """A debt that it confirmed."""
        buyer = {"name": self.name, "id": self.number, "scheme": "0088"}
        document = self.world.upload(invoice(amount=amount) | {"buyer": buyer})
        filed = self.world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
        receivable = int(filed.result["receivableId"])
        path = f"/v1/receivables/{receivable}/confirmation"
        self.client.sign(path, to=path)
        return receivable

    def signs(self, operation: str) -> Json:
        """The operation, signed by its wallet and carried out."""
        path = f"/v1/operations/{operation}"
        typed_data = self.client.get(f"{path}/typed-data").body["typedData"]
        signature = self.wallet.sign_typed_data(typed_data)
        self.client.post(f"{path}/signature", {"signature": signature})
        return ended(self.client, operation)


@pytest.fixture(scope="module")
def debtor(world: World) -> Debtor:
    return Debtor(world)


@pytest.fixture
def own(world: World, debtor: Debtor) -> Iterator[Visitor]:
    with Visitor(world) as opened:
        opened.post("/app/sign-in", {"apiKey": debtor.key})
        yield opened


def link(text: str, words: str) -> str:
    """Where the link with these words leads."""
    match = re.search(rf'href="([^"]*)">{re.escape(words)}<', text)
    assert match is not None, text
    return html.unescape(match[1])


def ticked(text: str) -> list[str]:
    """The debts that are chosen on a page of the due calendar."""
    boxes = re.findall(r'name="receivable" value="([^"]*)"( checked)?', text)
    return [value for value, checked in boxes if checked]


def test_wallet_that_pays_many_debts_approves_first_and_then_pays_what_was_chosen(
    debtor: Debtor, own: Visitor
) -> None:
    debts = [f"{debtor.owes('20.00')} 20.00 CNY", f"{debtor.owes('30.00')} 30.00 CNY"]
    form: dict[str, str | list[str]] = {"_place": "/app/due", "receivable": debts}
    answer = own.post("/app/due", form, token=own.token("/app/due"))
    assert "None of them is paid yet." in answer.text
    first = link(answer.text, "Sign that first")
    operation = urlsplit(first).path.rsplit("/", 1)[1]
    assert "This signature approves the contract" in own.get(first).text
    assert debtor.signs(operation)["kind"] == "approval"
    again = link(own.get(first).text, "Go on with your form")
    page = own.get(again).text
    assert ticked(page) == debts
    assert PART_FIRST in page and NOTHING_SENT not in page
    paid = own.post("/app/due", form, token=own.token("/app/due")).text
    operations = set(re.findall(r'href="/app/operations/([^"?]*)"', paid))
    kinds = {debtor.client.get(f"/v1/operations/{item}").body["kind"] for item in operations}
    assert "pay" in kinds


def test_what_a_wallet_signed_is_tried_again_once_the_ledger_has_refused_it(
    debtor: Debtor, own: Visitor
) -> None:
    path, token = "/app/money/CNY/transfers", own.token("/app")
    balances = debtor.client.get("/v1/cash").body["items"]
    (held,) = [
        item["balance"]["amount"] for item in balances if item["balance"]["currency"] == "CNY"
    ]
    castor = debtor.world.parties["castor"]
    fields = {"_place": path, "toPartyId": castor, "amount": held, "amount.currency": "CNY"}
    first, second = (own.post(path, fields, token=token).headers["location"] for _ in range(2))
    assert first != second
    assert debtor.signs(first.rsplit("/", 1)[1])["state"] in ("included", "final")
    assert "Try again" not in own.get(first).text + own.get(second).text
    with pytest.raises(GatewayRefused, match="ERC20InsufficientBalance"):
        debtor.signs(second.rsplit("/", 1)[1])
    assert "Try again" not in own.get(second).text  # whoever has the signature may still send it
    expired = "UPDATE operations SET deadline = 1 WHERE id = ?"
    storage = debtor.world.server.gateway.storage
    storage.write_now(lambda c: run(c, expired, (second.rsplit("/", 1)[1],)))
    address = link(own.get(second).text, "Try again")
    form = own.get(address).text
    assert value_of(form, "amount") == held
    assert "the ledger refused it, so nothing was carried out" in form

    def changed(change: str) -> None:
        query, values = f"UPDATE operations SET {change} WHERE id = ?", (second.rsplit("/", 1)[1],)
        storage.write_now(lambda c: run(c, query, values))

    for there, back in (
        ("block_number = 999999999", "block_number = NULL"),  # a reorganisation could undo it
        # As of custody: of a wallet, the gateway itself would reject it, whose deadline has passed.
        ("state = 'submitted', custody = 1", "state = 'rejected', custody = 0"),
    ):
        changed(there)
        try:
            assert "Try again" not in own.get(second).text, there
            if there.startswith("state"):
                assert own.get(address).headers["location"] == second
        finally:
            changed(back)
    again = {"toPartyId": debtor.party, "amount": cny(held)}
    debtor.world["cash-issuer"].command("/v1/cash/CNY/mint", again)


def test_an_approval_that_was_the_command_leads_to_no_form(own: Visitor) -> None:
    path = "/app/money/CNY/approvals"
    fields = {"_place": path, "contract": "Facilities", "amount": "1.00"}
    location = own.post(path, fields, token=own.token("/app")).headers["location"]
    assert re.fullmatch(r"/app/operations/[^?]+", location)


def test_an_address_alone_says_of_an_operation_that_nothing_follows_it(
    debtor: Debtor, own: Visitor
) -> None:
    body = {"toPartyId": debtor.world.parties["castor"], "amount": cny("1.00")}
    prepared = Client(debtor.world.http, debtor.key).command("/v1/cash/CNY/transfers", body)
    assert prepared.operation is not None
    page = own.get(f"/app/operations/{prepared.operation['id']}?then=/app/money").text
    assert "Then your form goes on" not in page and "Go on with your form" not in page


@pytest.mark.parametrize("path", ["/app", "/app/due", "/app/money", "/app/money/CNY/transfers"])
def test_an_address_alone_says_nothing_of_what_was_sent(visitor: Visitor, path: str) -> None:
    visitor.sign_in("buyer")
    for query in ("draft=x", "again=1", "draft=x&again=1"):
        page = visitor.http.get(f"{path}?{query}", follow_redirects=True).text
        assert NOTHING_SENT not in page and CHANGED not in page, query


def test_debts_that_were_chosen_outlive_the_session(visitor: Visitor) -> None:
    receivable, _ = visitor.world.confirmed(amount="11.00")
    visitor.sign_in("buyer")
    fields = {"_place": "/app/due", "receivable": f"{receivable} 11.00 CNY", "turn": "first"}
    token = visitor.token("/app/due")
    aged(visitor, sessions.IDLE_SECONDS + 1, "used_at")
    location = visitor.post("/app/due", fields, token=token).headers["location"]
    (following,) = parse_qs(urlsplit(location).query)["next"]
    with Visitor(visitor.world) as other:
        other.sign_in("castor")
        assert NOTHING_SENT not in other.http.get(following, follow_redirects=True).text
    visitor.sign_in("buyer")
    page = visitor.get(following).text
    assert NOTHING_SENT in page
    assert f"{receivable} 11.00 CNY" in page
    assert '<output class="figure" data-chosen-count>1</output>' in page


FRAGMENT = "/app/quote-requests/1/figures?price=12"
PART, BOOSTED = {"HX-Request": "true"}, {"HX-Request": "true", "HX-Boosted": "true"}


@pytest.mark.parametrize(
    ("current", "following"),
    [
        ("/app/quote-requests/1/offer?form=ab12", "/app/quote-requests/1/offer?form=ab12"),
        ("https://evil.example/app/money", "/app/money"),
        ("https://evil.example//evil.example", "/app"),
        ("javascript:alert(1)", "/app"),
        ("http://[", "/app"),
        ("", "/app"),
    ],
)
def test_part_of_a_page_leads_back_to_the_page(
    visitor: Visitor, current: str, following: str
) -> None:
    base = visitor.world.server.url if current.startswith("/") else ""
    headers = BOOSTED | {"HX-Current-URL": base + current}
    answer = visitor.http.get(FRAGMENT, headers=headers)
    target = urlsplit(answer.headers["hx-redirect"])
    assert (answer.status_code, target.path) == (200, "/app/sign-in")
    assert parse_qs(target.query)["next"] == [following]


@contextmanager
def keys_revoked(world: World, name: str) -> Iterator[None]:
    """A party's keys are revoked for a while."""
    party, change = world.parties[name], "UPDATE api_keys SET revoked_at = ? WHERE party_id = ?"
    storage = world.server.gateway.storage
    storage.write_now(lambda c: run(c, change, (1.0, party)))
    world.server.gateway.cache.clear()
    try:
        yield
    finally:
        storage.write_now(lambda c: run(c, change, (None, party)))
        world.server.gateway.cache.clear()


def test_part_of_a_page_whose_key_is_revoked_is_not_the_sign_in(visitor: Visitor) -> None:
    visitor.sign_in("pollux")
    url = f"{visitor.world.server.url}/app/quote-requests/1/offer"
    with keys_revoked(visitor.world, "pollux"):
        answer = visitor.http.get(FRAGMENT, headers=BOOSTED | {"HX-Current-URL": url})
    target = urlsplit(answer.headers["hx-redirect"])
    assert parse_qs(target.query)["next"] == ["/app/quote-requests/1/offer"]


def test_whoever_types_stays_at_the_form_when_the_session_ends(visitor: Visitor) -> None:
    visitor.sign_in("pollux")
    with keys_revoked(visitor.world, "pollux"):
        revoked = visitor.http.get(FRAGMENT, headers=PART)
        after = visitor.http.get(FRAGMENT, headers=PART)
    for answer in (revoked, after):
        assert (answer.status_code, "hx-redirect" in answer.headers) == (200, False)
        assert "Send the form to sign in again" in answer.text
        assert "<html" not in answer.text


def test_form_comes_back_if_its_key_is_revoked_while_it_is_filled_in(visitor: Visitor) -> None:
    _, claim = visitor.world.confirmed(amount="12.00")
    visitor.sign_in("supplier")
    path = f"/app/claims/{claim}/assignments"
    token = visitor.token(path)
    fields = {"_place": path, "parts.0.assigneePartyId": "nobody", "parts.0.amount": "7.31"}
    with keys_revoked(visitor.world, "supplier"):
        answer = visitor.post(path, fields, token=token)
        refused = visitor.get(path)
    assert refused.headers["location"].startswith("/app/sign-in")
    target = urlsplit(answer.headers["location"])
    assert (target.path, parse_qs(target.query)["ended"]) == ("/app/sign-in", ["1"])
    (following,) = parse_qs(target.query)["next"]
    with Visitor(visitor.world) as other:
        other.sign_in("castor")
        assert "7.31" not in other.http.get(following, follow_redirects=True).text
    visitor.sign_in("supplier")
    assert value_of(visitor.get(following).text, "parts.0.amount") == "7.31"


@pytest.mark.parametrize("hours", [-5, 0, 8])
def test_the_calendars_last_day_is_refused_in_every_zone(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    _, claim = visitor.world.confirmed(amount="10.00")
    visitor.sign_in("supplier")
    monkeypatch.setattr(visitor.world.server.gateway, "zone_offset", hours * 3600)
    path = f"/app/quote-requests/for/{claim}"
    fields = {"value": "10.00", "until": "9999-12-31", "allFinanciers": "on"}
    answer = visitor.post(path, fields, token=visitor.token("/app"))
    assert answer.status_code == 422, answer.text
