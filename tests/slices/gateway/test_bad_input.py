"""Malformed and hostile input: each gets a problem document, and nothing is left half done."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from openapi_spec_validator import validate

from app.gateway.issuer_tokens import OIDC_KEYS
from app.gateway.rate_limits import BUCKETS
from tests.support.bodies import Json
from tests.support.world import World, cny, invoice, refused


def upload(world: World, content: bytes, *, name: str = "x", by: str = "supplier") -> Any:
    return world.http.post(
        "/v1/documents",
        files={"file": (name, content, "application/octet-stream")},
        headers=world[by].headers | {"Idempotency-Key": uuid.uuid4().hex},
    )


def kinds(problem: Json) -> str:
    return str(problem["type"]).removeprefix("urn:cession:problem:")


UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]><a>&j;</a>"
)
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"not an invoice",
        b"\x00\x01\x02\x03",
        b"<unclosed>",
        b"<a/>",
        f'<Other xmlns="{UBL}"/>'.encode(),
        f'<Invoice xmlns="{UBL}"/>'.encode(),
        BOMB,
        EXTERNAL,
        b"<a>" * 5000 + b"</a>" * 5000,
        b"%PDF-1.7 nothing else",
        b"{",
        b"[]",
        b'{"kind":"invoice","kind":"invoice"}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        json.dumps({"kind": "invoice"}).encode(),
    ],
    ids=lambda content: content[:24].decode(errors="replace"),
)
def test_upload_is_refused_when_it_is_no_invoice(world: World, content: bytes) -> None:
    before = len(world["supplier"].get("/v1/documents", limit=200).body["items"])
    answer = upload(world, content)
    assert answer.status_code in (413, 422), answer.text
    problem = answer.json()
    assert problem["detail"]
    assert "passwd" not in problem["detail"] and "root:" not in answer.text
    assert len(world["supplier"].get("/v1/documents", limit=200).body["items"]) == before


def altered(**changes: Any) -> bytes:
    return json.dumps(invoice() | changes).encode()


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (altered(payableAmount="1000.01"), "payable"),
        (altered(payableAmount="-1000.00", lines=[{"description": "x", "amount": "-1000.00"}]), ""),
        (altered(payableAmount="0.00", lines=[{"description": "x", "amount": "0.00"}]), ""),
        (altered(payableAmount="10.001"), "payable"),
        (altered(payableAmount=1000.0), "payable"),
        (altered(currency="XYZ"), "currency"),
        (altered(issueDate="1999-12-31"), "issueDate"),
        (altered(issueDate="2999-12-31", dueDate="2999-12-31"), "issueDate"),
        (altered(dueDate="1999-12-31"), "dueDate"),
        (altered(dueDate="2026-02-30"), "dueDate"),
        (altered(number=""), "number"),
        (altered(surprise=True), "surprise"),
        (
            altered(seller={"name": "Linghu", "id": "91330106MA2CE1550A", "scheme": "USCC"}),
            "seller",
        ),
        (altered(buyer={"name": "", "id": "91310115MA1K4D3304"}), "buyer"),
    ],
)
def test_invalid_invoice_names_its_field(world: World, content: bytes, field: str) -> None:
    answer = upload(world, content)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert field in f"{problem.get('field')} {problem['detail']}", problem


def test_an_invoice_of_another_seller_is_refused(world: World) -> None:
    answer = upload(world, json.dumps(invoice(seller="castor")).encode())
    assert answer.status_code == 422
    assert kinds(answer.json()) == "seller-mismatch"


def test_twenty_megabytes_are_refused_before_they_are_read(world: World) -> None:
    answer = upload(world, b"<a>" + b" " * 20_200_000 + b"</a>")
    assert answer.status_code == 413
    assert answer.json()["field"] == "file"
    body = {"toPartyId": "x" * 1_100_000, "amount": cny("1.00")}
    answer = world.http.post(
        "/v1/cash/CNY/mint",
        json=body,
        headers=world["cash-issuer"].headers | {"Idempotency-Key": uuid.uuid4().hex},
    )
    assert answer.status_code == 413


def test_upload_is_refused_without_a_content_length(world: World) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"{}"

    answer = world.http.post(
        "/v1/cash/CNY/mint", content=chunks(), headers=world["cash-issuer"].headers
    )
    assert answer.status_code == 411
    assert kinds(answer.json()) == "length-required"


def test_invoice_in_another_format_has_the_same_fingerprint(world: World) -> None:
    number = f"INV {uuid.uuid4().hex[:8]}"
    document = world.upload(invoice(number=number))
    world["supplier"].command("/v1/receivables", {"documentId": document["id"]})
    dressed = number.lower().replace(" ", " - ")
    answer = upload(world, json.dumps(invoice(number=dressed)).encode())
    assert answer.status_code == 409, answer.text
    assert kinds(answer.json()) == "document-already-registered"


def test_two_uploads_of_one_invoice_make_one_receivable(world: World) -> None:
    document = invoice()
    documents = [world.upload(document) for _ in range(2)]
    world["supplier"].command("/v1/receivables", {"documentId": documents[0]["id"]})
    problem = refused(world["supplier"], "/v1/receivables", {"documentId": documents[1]["id"]})
    assert "FingerprintUsed" in str(problem), problem


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "parts"),
        ({"parts": []}, "parts"),
        ({"parts": [{"toPartyId": "nobody", "amount": cny("1.00")}]}, "parts.0.toPartyId"),
        ({"parts": [{"toPartyId": "castor", "amount": cny("0.00")}]}, "parts.0.amount"),
        ({"parts": [{"toPartyId": "castor", "amount": cny("-1.00")}]}, "parts.0.amount"),
        ({"parts": [{"toPartyId": "castor", "amount": cny("0.001")}]}, "parts.0.amount"),
        ({"parts": [{"toPartyId": "castor", "amount": cny("1e3")}]}, "parts.0.amount"),
        ({"parts": [{"toPartyId": "castor", "amount": cny("9" * 30)}]}, "parts.0.amount"),
        (
            {"parts": [{"toPartyId": "castor", "amount": {"amount": "1.00", "currency": "EUR"}}]},
            "parts.0.amount.currency",
        ),
        ({"parts": [{"toPartyId": "castor", "amount": 1.0}]}, "parts.0.amount"),
        ({"parts": [{"toPartyId": "supplier", "amount": cny("1.00")}]}, "parts.0.toPartyId"),
        ({"parts": [{"toPartyId": "castor", "amount": cny("1000.01")}]}, "parts"),
        (
            {
                "parts": [
                    {"toPartyId": "castor", "amount": cny("600.00")},
                    {"toPartyId": "vega", "amount": cny("400.01")},
                ]
            },
            "parts",
        ),
        (
            {"parts": [{"toPartyId": "castor", "amount": cny("1.00"), "documentRoot": "0x12"}]},
            "parts.0.documentRoot",
        ),
        ({"parts": [{"toPartyId": "castor", "amount": cny("1.00"), "x": 1}]}, "parts.0.x"),
    ],
)
def test_invalid_split_names_its_field_and_moves_nothing(
    world: World, body: Json, field: str
) -> None:
    _, claim = world.confirmed()
    for part in body.get("parts", ()):
        part["toPartyId"] = world.parties.get(part["toPartyId"], part["toPartyId"])
    problem = refused(world["supplier"], f"/v1/claims/{claim}/assignments", body)
    assert problem["status"] == 422, problem
    assert str(problem["field"]).startswith(field), problem
    assert world["supplier"].get(f"/v1/claims/{claim}").body["value"] == cny("1000.00")


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "1.5", "%00", "1;drop"])
def test_malformed_id_is_refused(world: World, number: str) -> None:
    for path in ("/v1/claims/", "/v1/receivables/", "/v1/verification/claims/"):
        answer = world.http.get(path + number, headers=world["auditor"].headers)
        assert answer.status_code in (404, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/claims?cursor={}", "cursor"),
        ("/v1/receivables?cursor={}", "cursor"),
        ("/v1/history?cursor={}", "cursor"),
        ("/v1/orders-of-court?cursor={}", "cursor"),
        ("/v1/offers?claimId={}", "claimId"),
        ("/v1/claims/{}", "claimId"),
    ],
)
def test_number_too_large_to_store_is_refused(world: World, path: str, field: str) -> None:
    answer = world.http.get(path.format(2**63), headers=world["auditor"].headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_offer_is_refused_when_its_claim_number_is_too_large_to_store(world: World) -> None:
    body = {"claimId": 2**256, "value": cny("1.00"), "discountRate": 43_500}
    assert refused(world["bank"], "/v1/offers", body)["field"] == "claimId"


@pytest.mark.parametrize(
    ("legal_id", "fits"),
    [
        ({"scheme": "USCC", "value": "91330106MA2CE1550A"}, False),
        ({"scheme": "LEI", "value": "5493001KJTIIGC8Y1R13"}, False),
        ({"scheme": "LEI", "value": "5493001KJTIIGC8Y1R12"}, True),
        ({"scheme": "0088", "value": "<script>"}, False),
        ({"scheme": "lower", "value": "1234"}, False),
    ],
)
def test_legal_id_is_refused_when_its_check_digits_are_wrong(
    world: World, legal_id: dict[str, str], fits: bool
) -> None:
    body = {"name": "Checked", "legalId": legal_id, "roles": ["supplier"]}
    if fits:
        assert world["registrar"].command("/v1/parties", body).body["state"] != "rejected"
        problem = refused(world["registrar"], "/v1/parties", body)
        assert kinds(problem) == "party-exists"
    else:
        problem = refused(world["registrar"], "/v1/parties", body)
        assert problem["status"] == 422
        assert str(problem["field"]).startswith("legalId")


def test_receivable_is_refused_when_the_invoice_does_not_name_the_debtor(world: World) -> None:
    document = world.upload(invoice())
    body = {"documentId": document["id"], "debtorPartyId": world.parties["castor"]}
    problem = refused(world["supplier"], "/v1/receivables", body)
    assert kinds(problem) == "debtor-mismatch"
    note = world.upload(invoice(kind="credit-note"))
    problem = refused(world["supplier"], "/v1/receivables", {"documentId": note["id"]})
    assert problem["field"] == "documentId"


@pytest.mark.parametrize(
    "terms",
    [{"graceDays": 256}, {"lateRate": 1_000_001}, {"maxDepth": 65}, {"dueDate": "2001-01-01"}],
)
def test_terms_out_of_range_are_refused(world: World, terms: Json) -> None:
    document = world.upload(invoice())
    problem = refused(world["supplier"], "/v1/receivables", {"documentId": document["id"], **terms})
    assert problem["status"] == 422
    assert problem["field"] == next(iter(terms))


def test_rate_limited_caller_gets_retry_after(world: World) -> None:
    gateway = world.server.gateway
    plain = gateway.settings
    gateway.settings = msgspec.structs.replace(plain, rate_limit=0.01, rate_burst=3)
    try:
        answers = [world.http.get("/v1/parties", headers=world["altair"].headers) for _ in range(5)]
    finally:
        gateway.settings = plain
        gateway.cache.forget(BUCKETS)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


# -- bearer tokens


@pytest.fixture
def issuer() -> Iterator[tuple[str, rsa.RSAPrivateKey]]:
    """An OIDC issuer's keys, served on loopback."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    body = json.dumps({"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Keys) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", key
        server.shutdown()


def test_issuer_that_does_not_answer_keeps_only_bearer_tokens_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = partial(jwt.PyJWKClient, timeout=600)
    monkeypatch.setattr(jwt, "PyJWKClient", lambda url, **_: patient(url))
    gateway, plain = world.server.gateway, world.server.gateway.settings
    gateway.cache.forget(OIDC_KEYS)
    token = jwt.encode({"sub": "ana"}, "k" * 32, algorithm="HS256", headers={"kid": "one"})
    headers = {"Authorization": f"Bearer {token}"}
    silent = socket.create_server(("127.0.0.1", 0), backlog=64)
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    gateway.settings = msgspec.structs.replace(
        plain, oidc_issuer=url, oidc_audience="cession", oidc_keys_url=f"{url}/keys"
    )
    try:
        with ThreadPoolExecutor(12) as askers:
            ask = partial(httpx.get, f"{world.server.url}/v1/parties/me", headers=headers)
            answers = [askers.submit(ask, timeout=90, trust_env=False) for _ in range(12)]
            held = [silent.accept()[0]]  # somebody asks the issuer, and gets no answer
            assert world.http.get("/metrics").status_code == 200
            assert not any(answer.done() for answer in answers), "an issuer that is silent"
            silent.close()
            held.pop().close()
            for answer in answers:
                told = answer.result()
                assert (told.status_code, url in told.text) == (503, False), told.text
    finally:
        silent.close()
        gateway.settings = plain
        gateway.cache.forget(OIDC_KEYS)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnone",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe",
        b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"keys": []}',
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n"
        b'{"keys":[{"kty":"oct","k":"YWJj","use":"e"}]}',
        b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
        None,
    ],
    ids=["nothing", "cut", "no JSON", "no text", "no keys", "list", "no use", "error", "reset"],
)
def test_issuer_whose_keys_cannot_be_read_is_unavailable_and_not_named(
    world: World, answer: bytes | None
) -> None:
    gateway, plain = world.server.gateway, world.server.gateway.settings
    gateway.cache.forget(OIDC_KEYS)
    token = jwt.encode({"sub": "ana"}, "k" * 32, algorithm="HS256", headers={"kid": "one"})

    def issue(listener: socket.socket) -> None:
        asker, _ = listener.accept()
        if answer is None:  # ends with what came unread: a reset
            asker.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            asker.recv(65_536)
            asker.sendall(answer)
        asker.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=issue, args=(listener,), daemon=True).start()
        gateway.settings = msgspec.structs.replace(
            plain, oidc_issuer=url, oidc_audience="cession", oidc_keys_url=f"{url}/keys"
        )
        try:
            headers = {"Authorization": f"Bearer {token}"}
            told = world.http.get("/v1/parties/me", headers=headers)
        finally:
            gateway.settings = plain
            gateway.cache.forget(OIDC_KEYS)
    assert (told.status_code, url in told.text) == (503, False), told.text


def test_bearer_token_is_refused_for_another_issuer_audience_or_time(
    world: World, issuer: tuple[str, rsa.RSAPrivateKey]
) -> None:
    url, key = issuer
    gateway = world.server.gateway
    plain = gateway.settings
    gateway.settings = msgspec.structs.replace(
        plain, oidc_issuer=url, oidc_audience="cession", oidc_keys_url=f"{url}/keys"
    )
    now = int(time.time())
    fine = {
        "iss": url,
        "aud": "cession",
        "sub": "ana",
        "exp": now + 60,
        "cession_party": world.parties["castor"],
        "cession_roles": ["supplier", "king"],
    }
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def ask(
        claims: Json,
        *,
        by: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | str = key,
        algorithm: str = "RS256",
    ) -> httpx.Response:
        token = jwt.encode(claims, by, algorithm=algorithm, headers={"kid": "one"})
        return world.http.get("/v1/parties/me", headers={"Authorization": f"Bearer {token}"})

    try:
        own_party = ask(fine)
        assert own_party.status_code == 200, own_party.text
        assert own_party.json()["id"] == world.parties["castor"]
        for wrong in (
            ask(fine | {"aud": "others"}),
            ask(fine | {"iss": "http://elsewhere"}),
            ask(fine | {"exp": now - 60}),
            ask({name: value for name, value in fine.items() if name != "exp"}),
            ask(fine, by=stranger),
            ask(fine, by="a shared secret that is long enough.", algorithm="HS256"),
            ask(fine, by=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
            ask(fine | {"cession_party": "nobody"}),
        ):
            assert wrong.status_code == 401, wrong.text
        nothing = jwt.encode(fine | {"cession_roles": []}, key, "RS256", headers={"kid": "one"})
        answer = world.http.post(
            "/v1/claims/1/collection",
            headers={"Authorization": f"Bearer {nothing}", "Idempotency-Key": uuid.uuid4().hex},
        )
        assert answer.status_code == 403
    finally:
        gateway.settings = plain
        gateway.cache.forget(OIDC_KEYS)
    assert ask(fine).status_code == 401


def test_every_answer_carries_the_security_headers(world: World) -> None:
    for path in ("/livez", "/v1/nothing", "/openapi.json"):
        headers = world.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "access-control-allow-origin" not in headers


def test_openapi_description_is_complete(world: World) -> None:
    schema = world.http.get("/openapi.json").json()
    validate(schema)
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path}"
            if path.startswith("/v1/"):
                assert operation["security"], f"{method} {path}"
                assert {"401", "422"} <= set(operation["responses"]), f"{method} {path}"


def test_every_json_body_has_an_example_that_fits_it(world: World) -> None:
    schema = world.http.get("/openapi.json").json()
    count = 0
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in content:
                continue
            body = content["application/json"]["schema"]
            for choice in body.get("oneOf") or [body if "$ref" in body else body["anyOf"][0]]:
                name = str(choice["$ref"]).rpartition("/")[2]
                described = schema["components"]["schemas"][name]
                words = f"{method} {path}: {name}"
                examples = "example" in described or any(
                    "examples" in part for part in described["properties"].values()
                )
                assert examples or name in ("PackQuestion", "OfferSignature"), words
                count += 1
    assert count > 20
