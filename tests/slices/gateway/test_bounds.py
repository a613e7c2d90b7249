"""Bounds on connections, bytes, times and work, against the server as `cession serve` runs it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from app.chain.outbox.keys import Keystore
from app.demo.cast import assemble
from app.demo.client import Caller
from app.demo.server import RunningServer
from app.gateway import middleware as edge
from app.parties.registry import repository
from app.trade.documents import reader
from tests.support.served import served
from tests.support.world import World, invoice

PATIENCE = 30.0  # seconds after which a test fails instead of waiting on
TIGHT = {
    "HEADER_SECONDS": "0.5",
    "BODY_SECONDS": "0.5",
    "ANSWER_SECONDS": "1",
    "ADDRESS_CONNECTION_LIMIT": "8",
    "HEADER_LIMIT": "4096",
    "WORKER_QUEUE": "4",
}


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A gateway with tight bounds."""
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in TIGHT.items():
                patch.setenv(f"CESSION_{name}", value)
            folder = tmp_path_factory.mktemp("tight")
            server = stack.enter_context(served(folder))
        yield server


def connected(server: RunningServer, *, receive_buffer: int | None = None) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    sender = socket.socket()
    if receive_buffer is not None:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sender.settimeout(PATIENCE)
    sender.connect((host, int(port)))
    return sender


def everything(sender: socket.socket) -> bytes:
    """What comes until the other side ends the connection."""
    content = b""
    with contextlib.suppress(ConnectionError):
        while part := sender.recv(1 << 16):
            content += part
    return content


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def name_of(answer: bytes) -> str:
    document = json.loads(answer.partition(b"\r\n\r\n")[2])
    return str(document["type"]).removeprefix("urn:cession:problem:")


# -- time


def test_a_connection_that_sends_nothing_is_closed(tight: RunningServer) -> None:
    with connected(tight) as sender:
        assert everything(sender) == b""


def test_connection_is_closed_when_its_bytes_are_no_request(tight: RunningServer) -> None:
    with connected(tight) as sender:
        sender.sendall(b"\r\n")
        assert everything(sender) == b""


def test_headers_that_never_end_are_cut_off(tight: RunningServer) -> None:
    with connected(tight) as sender:
        sender.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n")
        answer = everything(sender)
    assert (status(answer), name_of(answer)) == (408, "request-timeout")


def test_a_second_request_has_the_same_deadline_as_the_first(tight: RunningServer) -> None:
    with connected(tight) as sender:
        sender.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HT")
        answer = everything(sender)
    assert status(answer) == 200
    assert b"HTTP/1.1 408" in answer


def test_a_body_that_never_ends_is_cut_off(tight: RunningServer) -> None:
    key = tight.keys["cash-issuer"].encode()
    with connected(tight) as sender:
        sender.sendall(
            b"POST /v1/cash/CNY/mint HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Idempotency-Key: slow-body-1\r\nX-API-Key: " + key + b"\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        answer = everything(sender)
    assert (status(answer), name_of(answer)) == (408, "request-timeout")


def test_an_answer_that_nobody_reads_is_dropped(tight: RunningServer) -> None:
    described = httpx.get(f"{tight.url}/openapi.json", timeout=PATIENCE, trust_env=False)
    size = len(described.content)
    requests = 64_000_000 // size
    with connected(tight, receive_buffer=4096) as sender:
        with contextlib.suppress(ConnectionError):
            sender.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * requests)
        tight_open = threading.Event()
        tight_open.wait(3)  # reads nothing for longer than the bound
        assert len(everything(sender)) < requests * size


# -- bytes and connections


@pytest.mark.parametrize("ended", [True, False], ids=["whole", "unending"])
def test_headers_are_refused_when_they_exceed_the_limit(tight: RunningServer, ended: bool) -> None:
    with connected(tight) as sender:
        head = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 5000
        with contextlib.suppress(ConnectionError):
            sender.sendall(head + (b"\r\n\r\n" if ended else b""))
            sender.sendall(b"a")
        answer = everything(sender)
    assert (status(answer), name_of(answer)) == (431, "headers-too-large")


def test_connection_is_refused_when_its_address_has_too_many(tight: RunningServer) -> None:
    limit = int(TIGHT["ADDRESS_CONNECTION_LIMIT"])
    with contextlib.ExitStack() as stack:
        # Each holds its place for as long as its headers may take.
        held = [stack.enter_context(connected(tight)) for _ in range(4 * limit)]
        for sender in held:
            with contextlib.suppress(ConnectionError):
                sender.sendall(b"GET /livez HTTP/1.1\r\n")
        answers = [everything(sender) for sender in held]
    refused = [answer for answer in answers if b"HTTP/1.1 503" in answer]
    assert refused and name_of(refused[0]) == "too-many-connections"
    # Once the others are gone there is room again.
    assert httpx.get(f"{tight.url}/livez", timeout=PATIENCE, trust_env=False).status_code == 200


# -- who it is comes first


def test_nobody_reads_the_body_of_an_unknown_sender(tight: RunningServer) -> None:
    with connected(tight) as sender:
        sender.sendall(
            b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nX-API-Key: ck_nobody\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n"
            b"Expect: 100-continue\r\nContent-Length: 15000000\r\n\r\n"
        )
        answer = everything(sender)  # no byte of the body was sent, or asked for
    assert (status(answer), name_of(answer)) == (401, "key-unknown")


def test_a_trailing_slash_is_answered_without_a_redirect(world: World) -> None:
    plain = world.http.get("/v1/parties", headers=world["auditor"].headers)
    slashed = world.http.get("/v1/parties/", headers=world["auditor"].headers)
    assert (plain.status_code, slashed.status_code) == (200, 200)
    assert slashed.json()["items"] == plain.json()["items"]
    party = world.http.get(
        f"/v1/parties/{world.parties['buyer']}/", headers=world["auditor"].headers
    )
    assert party.json()["id"] == world.parties["buyer"]


def test_trailing_slash_does_not_make_another_command(world: World) -> None:
    body = {"toPartyId": world.parties["buyer"], "amount": {"amount": "1.00", "currency": "CNY"}}
    headers = world["cash-issuer"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    first = world.http.post("/v1/cash/CNY/mint", json=body, headers=headers)
    again = world.http.post("/v1/cash/CNY/mint/", json=body, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


# -- heavy work keeps nothing else waiting


@contextlib.contextmanager
def held_up(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> Iterator[tuple[threading.Semaphore, threading.Event]]:
    """`owner.name` blocks until the event is set; the semaphore counts the callers."""
    plain: Callable[..., Any] = getattr(owner, name)
    came, go_on = threading.Semaphore(0), threading.Event()

    def waiting(*args: Any, **kwargs: Any) -> Any:
        came.release()
        assert go_on.wait(2 * PATIENCE)
        return plain(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, waiting)
        try:
            yield came, go_on
        finally:
            go_on.set()


def in_background(work: Callable[[], Any]) -> Callable[[], Any]:
    """Starts a function in a thread; the returned function waits for its result."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(work())
        except Exception as error:
            answers.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result() -> Any:
        thread.join(2 * PATIENCE)
        return answers[0]

    return result


def legal_id(serial: int) -> dict[str, str]:
    """An ISO 6523 code of the register of companies that this file makes up."""
    return {"scheme": "0060", "value": f"BOUNDS{serial:08d}"}


def test_registrations_do_not_block_writes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with held_up(monkeypatch, Keystore, "encrypted") as (came, go_on):
        results = []
        for serial in range(10):
            body = {"name": f"Slow {serial}", "legalId": legal_id(serial), "roles": ["supplier"]}
            command = partial(world["registrar"].command, "/v1/parties", body)
            results.append(in_background(command))
        assert came.acquire(timeout=PATIENCE)
        before = world.balance("bank")
        world.cash("bank", "7.00")
        assert world.balance("bank") != before
        go_on.set()
        answers = [result() for result in results]
    assert {answer.body["state"] for answer in answers} <= {"included", "final"}, answers


def test_slow_pdfs_do_not_block_other_documents(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pdf(by: str) -> Any:
        return world.http.post(
            "/v1/documents",
            files={"file": ("x.pdf", b"%PDF-1.7 nothing else", "application/pdf")},
            headers=world[by].headers | {"Idempotency-Key": uuid.uuid4().hex},
        )

    with held_up(monkeypatch, reader, "attached_invoice") as (came, go_on):
        results = [in_background(lambda: pdf("supplier")) for _ in range(8)]
        assert came.acquire(timeout=PATIENCE)
        assert world.upload(invoice(), by="supplier")["id"]
        # One caller never has the whole pool: another one's PDF is read meanwhile.
        results.append(in_background(lambda: pdf("castor")))
        assert came.acquire(timeout=PATIENCE)
        assert not came.acquire(blocking=False)
        go_on.set()
        answers = [result() for result in results]
    assert {answer.status_code for answer in answers} == {422}


def test_one_caller_cannot_fill_the_queue_of_heavy_work(
    tight: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Six places in all (two threads, four that wait), three of them for one caller.
    with httpx.Client(base_url=tight.url, timeout=60, trust_env=False) as http:
        registrar = Caller(http, "registrar", tight.keys["registrar"])
        callers, _ = assemble(http, tight.keys)
        with held_up(monkeypatch, reader, "attached_invoice") as (came, go_on):

            def pdf() -> Any:
                return httpx.post(
                    f"{tight.url}/v1/documents",
                    files={"file": ("x.pdf", b"%PDF-1.7 nothing else", "application/pdf")},
                    headers=callers["supplier"].headers | {"Idempotency-Key": uuid.uuid4().hex},
                    timeout=60,
                    trust_env=False,
                )

            results = [in_background(pdf) for _ in range(3)]
            assert came.acquire(timeout=PATIENCE)
            end = time.monotonic() + PATIENCE
            while tight.gateway.pdfs.jobs < 3:
                assert time.monotonic() < end, "not every PDF came"
                time.sleep(0.01)
            refused = pdf()
            assert refused.status_code == 429
            assert refused.json()["type"].endswith("too-many-at-once")
            assert int(refused.headers["Retry-After"]) >= 1
            go_on.set()
            assert {result().status_code for result in results} == {422}
        assert registrar.get("/v1/parties").body["items"]


def test_reads_of_one_party_leave_threads_to_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str] = []
    with held_up(monkeypatch, repository, "listed") as (came, go_on):
        results = [in_background(lambda: world["castor"].get("/v1/parties")) for _ in range(12)]
        for _ in range(world.server.gateway.settings.party_reads):
            assert came.acquire(timeout=PATIENCE)
        held.append(world["vega"].get("/v1/parties/me").body["id"])
        assert not came.acquire(blocking=False)
        go_on.set()
        answers = [result() for result in results]
    assert held == [world.parties["vega"]]
    assert all(answer.status == 200 for answer in answers)


def test_the_log_names_party_and_operation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[dict[str, Any]] = []

    class Log:
        def info(self, _event: str, **more: Any) -> None:
            lines.append(more)

    _, claim = world.confirmed()
    with monkeypatch.context() as patch:
        patch.setattr(edge, "log", Log())
        operation = world["supplier"].post(
            f"/v1/claims/{claim}/assignments",
            {
                "parts": [
                    {
                        "toPartyId": world.parties["castor"],
                        "amount": {"amount": "1.00", "currency": "CNY"},
                    }
                ]
            },
        )
    last = [line for line in lines if str(line["route"]).endswith("/assignments")][-1]
    assert last["party"] == world.parties["supplier"]
    assert last["operation"] == operation.body["operation"]["id"]
