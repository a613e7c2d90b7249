"""Where two persons are needed, every pair of ways in, through the API and through the pages."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from eth_account.messages import _hash_eip191_message, encode_defunct
from sqlalchemy import Connection

from app.chain.evm.signers import LocalSigner
from app.domain.persons import WALLET_LABEL
from app.gateway.callers import add_key, key_hash
from app.pages.sessions import digest
from app.storage import run
from tests.support import evaluations
from tests.support.identity_provider import AUDIENCE, Provider, identity_provider
from tests.support.lending import agreed_facility
from tests.support.registry import revoked
from tests.support.served import served_world
from tests.support.visitor import Visitor
from tests.support.wallets import location_number, own_wallet
from tests.support.watch_proposals import waiting
from tests.support.world import World

CONFIRMED = {"outcome": "confirmed"}
WAYS = ("key", "second-key", "oidc", "second-oidc", "wallet")
WALLET, OTHER_WAY = "wallet-names-no-person", "another-way-in"


@dataclass
class People:
    """One party's people, by their way in.

    Attributes:
        headers: what each sends to the API; the wallet's are those of its session.
    """

    party: str
    wallet: LocalSigner
    headers: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with identity_provider() as opened:
        yield opened


@pytest.fixture(scope="module")
def world(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CESSION_RPC_TIMEOUT", "60")
        for name, value in provider.settings().items():
            patch.setenv(name, value)
        with served_world(tmp_path_factory.mktemp("persons") / "gateway") as world:
            yield world


def people_of(
    world: World, provider: Provider, party: str, role: str, wallet: LocalSigner
) -> People:
    headers: dict[str, Mapping[str, str]] = {}
    for place, way in enumerate(("key", "second-key")):
        path, label = f"/v1/parties/{party}/api-keys", f"person-{place}"
        answer = world["registrar"].post(path, {"roles": [role], "label": label}).body
        if answer["waiting"]:
            world["operator"].post(f"{path}/{label}/confirmation", {"keyId": answer["id"]})
        headers[way] = {"X-API-Key": answer["apiKey"]}
    for way, subject in (("oidc", "li"), ("second-oidc", "wang")):
        claims = {"sub": subject, "cession_party": party, "cession_roles": [role]}
        headers[way] = {"Authorization": f"Bearer {provider.token(AUDIENCE, **claims)}"}
    headers["wallet"] = {"X-API-Key": wallet_key(world, party, role)}
    return People(party, wallet, headers)


def wallet_key(world: World, party: str, role: str) -> str:
    """A key as a session has that a wallet began, with its session: without one it is deleted."""
    now = time.time()
    end = now + 3_600  # of the key; the session counts as used until then

    def write(connection: Connection) -> str:
        key = add_key(connection, roles=[role], label=WALLET_LABEL, party_id=party, expires_at=end)
        run(
            connection,
            "INSERT INTO page_sessions (id, owner, created_at, used_at, key_hash) "
            "VALUES (?, ?, ?, ?, ?)",
            (digest(key), party, now, end, key_hash(key)),
        )
        return key

    return world.server.gateway.storage.write_now(write)


@pytest.fixture(scope="module")
def rater(world: World, provider: Provider) -> Iterator[People]:
    number = location_number()
    wallet, caller = own_wallet(world, role="rater", api_role="rater", legal_id=number)
    before, world.callers["rater"] = world.callers["rater"], caller
    yield people_of(world, provider, world.parties[number], "rater", wallet)
    world.callers["rater"] = before


def sent(world: World, headers: Mapping[str, str], path: str, body: object) -> str | None:
    """The name of the problem with which the API refuses a command; None: it took it."""
    key = {"Idempotency-Key": secrets.token_hex(8)}
    answer = world.http.post(path, json=body, headers={**headers, **key})
    return None if answer.is_success else str(answer.json()["type"]).rpartition(":")[2]


def expected(first: str, second: str, same: str) -> str | None:
    """With which problem the second step is refused."""
    if second == "wallet":
        return WALLET
    if first == second:
        return same
    return None if first.removeprefix("second-") == second.removeprefix("second-") else OTHER_WAY


def seconds_of(first: str, same: str) -> list[str]:
    """All ways in, those that are refused before the one that is not."""
    return sorted(WAYS, key=lambda second: expected(first, second, same) is None)


@pytest.mark.parametrize("first", WAYS[:4])
def test_api_takes_two_steps_of_an_evaluation_from_two_persons_alone(
    world: World, rater: People, first: str
) -> None:
    case = evaluations.quantified(world)
    path = f"{evaluations.PATH}/{case}"
    assert sent(world, rater.headers["wallet"], f"{path}/decision", {}) == WALLET
    assert sent(world, rater.headers[first], f"{path}/decision", {}) is None
    for second in seconds_of(first, "decider-confirms"):
        refused = sent(
            world, rater.headers[second], f"{path}/confirmation", CONFIRMED | {"stepsTaken": 5}
        )
        assert refused == expected(first, second, "decider-confirms"), second
    assert world["auditor"].get(path).body["nextStep"] is None


# -- through the pages


def signed_in(world: World, provider: Provider, people: People, way: str) -> Visitor:
    visitor = Visitor(world)
    if way == "wallet":
        answer = by_wallet(visitor, people.wallet)
    elif way.endswith("oidc"):
        subject = "wang" if way.startswith("second") else "li"
        provider.claims = {
            "sub": subject,
            "cession_party": people.party,
            "cession_roles": ["rater"],
        }
        start = visitor.get("/app/sign-in/oidc")
        back = visitor.http.get(start.headers["location"]).headers["location"]
        answer = visitor.get(back)
    else:
        answer = visitor.post("/app/sign-in", {"apiKey": people.headers[way]["X-API-Key"]})
    assert answer.status_code == 303, answer.text
    return visitor


def by_wallet(visitor: Visitor, wallet: LocalSigner) -> httpx.Response:
    asked = visitor.post("/app/sign-in/wallet/message", {"account": wallet.address})
    message = str(asked.json()["message"])
    signature = wallet.sign_hash(_hash_eip191_message(encode_defunct(text=message)))
    fields = {"message": message, "signature": "0x" + signature.hex()}
    return visitor.post("/app/sign-in/wallet", fields)


def step(visitor: Visitor, case: str, name: str, fields: dict[str, str]) -> tuple[int, str]:
    path = f"/app/credit/{case}/{name}"
    answer = visitor.post(
        path, fields | {"_key": secrets.token_hex(8)}, token=visitor.token("/app")
    )
    return answer.status_code, answer.text


@pytest.mark.parametrize("first", WAYS[:4])
def test_pages_take_two_steps_of_an_evaluation_from_two_persons_alone(
    world: World, provider: Provider, rater: People, first: str
) -> None:
    words = {
        WALLET: "a wallet does not say which person uses it",
        OTHER_WAY: "both may be one person",
        "decider-confirms": "decided, and a second person confirms",
    }
    case = evaluations.quantified(world)
    with signed_in(world, provider, rater, "wallet") as visitor:
        status, text = step(visitor, case, "decision", {})
        assert (status, words[WALLET] in text) == (409, True)
        assert "sign in with your own API key or by OIDC" in text
    with signed_in(world, provider, rater, first) as visitor:
        assert step(visitor, case, "decision", {})[0] == 303
    for second in seconds_of(first, "decider-confirms"):
        with signed_in(world, provider, rater, second) as visitor:
            status, text = step(visitor, case, "confirmation", CONFIRMED | {"stepsTaken": "5"})
        name = expected(first, second, "decider-confirms")
        assert status == (303 if name is None else 409), second
        assert name is None or words[name] in text, second
    assert world["auditor"].get(f"{evaluations.PATH}/{case}").body["nextStep"] is None


# -- other steps of two persons


@pytest.mark.parametrize("first", WAYS[:4])
def test_suspension_takes_two_persons_of_the_lender(
    world: World, provider: Provider, first: str
) -> None:
    bank = world.parties["bank"]
    people = people_of_bank(world, provider)
    facility = agreed_facility(world)
    lender = world["bank"].get("/v1/parties/me").body["account"].lower()
    later = int(time.time()) + 9_000
    identifier, alert = waiting(world, facility, lender, expires_at=later)
    seen = f"/v1/watch/alerts/{alert}/acknowledgement"
    assert sent(world, people.headers["wallet"], seen, {"note": "seen"}) == WALLET
    assert sent(world, people.headers[first], seen, {"note": "seen"}) is None
    for second in seconds_of(first, "acknowledger-confirms"):
        path = f"/v1/watch/proposals/{identifier}/confirmation"
        refused = sent(world, people.headers[second], path, None)
        assert refused == expected(first, second, "acknowledger-confirms"), second
    assert world["auditor"].get(f"/v1/facilities/{facility}").body["lender"]["partyId"] == bank


_BANK: list[People] = []


def people_of_bank(world: World, provider: Provider) -> People:
    if not _BANK:
        party = world.parties["bank"]
        _BANK.append(people_of(world, provider, party, "financier", LocalSigner.generate()))
    return _BANK[0]


def test_key_that_waits_is_confirmed_by_another_person_than_made_it(
    world: World, provider: Provider, rater: People
) -> None:
    def official(subject: str, *roles: str) -> Mapping[str, str]:
        token = provider.token(AUDIENCE, sub=subject, cession_roles=list(roles))
        return {"Authorization": f"Bearer {token}"}

    both = official("zhao", "registrar", "operator")
    path = f"/v1/parties/{rater.party}/api-keys"
    for place, (confirms, name) in enumerate(
        (
            (official("qian", "operator"), None),
            (rater.headers["key"], None),
            (rater.headers["oidc"], None),
        )
    ):
        label = f"waits-{place}"
        assert sent(world, both, path, {"roles": ["rater"], "label": label}) is None
        confirmation = f"{path}/{label}/confirmation"
        newest = world["operator"].get("/v1/api-keys", partyId=rater.party, limit=1).body["items"]
        body = {"keyId": newest[0]["id"]}
        assert sent(world, both, confirmation, body) == "maker-confirms"
        assert sent(world, rater.headers["wallet"], confirmation, body) == WALLET
        assert sent(world, world["operator"].headers, confirmation, body) == OTHER_WAY
        assert sent(world, confirms, confirmation, body) == name


def test_party_has_no_second_live_key_with_a_label(world: World, rater: People) -> None:
    path = f"/v1/parties/{rater.party}/api-keys"
    body = {"roles": ["rater"], "label": "twice"}
    registrar = world["registrar"].headers
    assert sent(world, registrar, path, body) is None
    assert sent(world, registrar, path, body) == "key-label-taken"
    assert revoked(world, rater.party, "twice").status_code == 204
    assert sent(world, registrar, path, body) is None


def test_scope_of_a_token_gives_no_role(world: World, provider: Provider) -> None:
    token = provider.token(AUDIENCE, scope="openid operator auditor")
    answer = world.http.get("/v1/caller", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["roles"] == []
    names = provider.token(AUDIENCE, cession_roles="operator")
    answer = world.http.get("/v1/caller", headers={"Authorization": f"Bearer {names}"})
    assert answer.json()["roles"] == []


def test_officials_of_one_label_share_no_idempotency_key(world: World) -> None:
    storage = world.server.gateway.storage
    keys = [
        storage.write_now(lambda c: add_key(c, roles=["registrar"], label="twin")) for _ in "ab"
    ]
    party = world.parties["vega"]
    twice = secrets.token_hex(8)
    answers = [
        world.http.post(
            f"/v1/parties/{party}/api-keys",
            json={"roles": ["supplier"], "label": f"of-{place}"},
            headers={"X-API-Key": key, "Idempotency-Key": twice},
        )
        for place, key in enumerate(keys)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    owners = storage.read_now(
        lambda c: run(c, "SELECT owner FROM idempotency_keys WHERE key = ?", (twice,)).all()
    )
    assert len({row.owner for row in owners}) == 2
