"""Webhooks on a real chain, to a real server on this machine: signed, tried again, recorded."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.oversight.watch import hosts, sending
from tests.slices.oversight.watch.test_alerts import alerts, late_loan, rises, told
from tests.support.bodies import Json
from tests.support.world import World, refused

PATH = "/v1/watch/webhooks"


@dataclass
class Sent:
    """A request that the receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A server that answers with these statuses, and 204 once there are none left."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    requests: list[Sent] = field(default_factory=list)

    def wait(self, count: int) -> list[Sent]:
        """The requests, once there are so many."""
        end = time.monotonic() + 180
        while len(self.requests) < count:
            assert time.monotonic() < end, f"there are {len(self.requests)} requests"
            time.sleep(0.1)
        return self.requests


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append(Sent(self.path, headers, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
            self.send_header("Location", "https://xn--a-.com/")  # no name that could be parsed
            self.send_header("Set-Cookie", "kept=until-the-next-delivery; Path=/")
            self.end_headers()

        def log_message(self, format: str, *values: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/alerts?desk=7"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def signed(secret: str, sent: Sent) -> str:
    """The signature that Standard Webhooks asks for, from what was received."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{sent.headers['webhook-id']}.{sent.headers['webhook-timestamp']}.".encode()
    digest = hmac.digest(key, head + sent.body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Webhooks may go to this machine, and are tried again at once."""
    monkeypatch.setenv("CESSION_WEBHOOK_LOOPBACK", "true")
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.1)


@pytest.mark.usefixtures("loopback")
def test_alerts_of_a_lender_are_sent_signed_and_again_after_a_failure(own_world: World) -> None:
    world = own_world
    with receiving() as receiver, receiving() as others:
        receiver.statuses = [500, 302]
        body = {"url": receiver.url, "minLevel": "warning"}
        made = world["bank"].post(PATH, body)
        assert made.status == 201
        secret = made.body.pop("secret")
        assert secret.startswith("whsec_")
        world["platform"].post(PATH, {"url": others.url})
        assert world["bank"].get(PATH).body == {"items": [made.body]}
        assert [item["url"] for item in world["platform"].get(PATH).body["items"]] == [others.url]
        late_loan(world)
        told(world, rises("portfolio", "alarm"))
        known = {item["id"]: item for item in alerts(world)}
        requests = receiver.wait(len(known) + 2)
        deliveries = f"{PATH}/{made.body['id']}/deliveries"
        end = time.monotonic() + 180
        while any(
            item["state"] == "waiting" for item in world["bank"].get(deliveries).body["items"]
        ):
            assert time.monotonic() < end
            time.sleep(0.1)
        for sent in requests:
            assert sent.path == "/alerts?desk=7"
            assert sent.headers["webhook-signature"] == signed(secret, sent)
            assert "cookie" not in sent.headers
            assert abs(int(sent.headers["webhook-timestamp"]) - time.time()) < 120
            message = json.loads(sent.body)
            assert message["type"] == "watch.alert"
            assert message["data"] == known[message["data"]["id"]]
        by_id: dict[str, int] = {}
        for sent in requests:
            by_id[sent.headers["webhook-id"]] = by_id.get(sent.headers["webhook-id"], 0) + 1
        items = world["bank"].get(deliveries).body["items"]
        assert {item["id"]: item["attempts"] for item in items} == by_id
        assert sorted(item["alertId"] for item in items) == sorted(known)
        assert {(item["state"], item["status"], item["error"]) for item in items} == {
            ("delivered", 204, None)
        }
        assert sum(by_id.values()) == len(known) + 2, "two attempts failed: 500, and a redirect"
        assert others.requests == []

        # Whose it is.
        for name, status in (("platform", 404), ("second-bank", 404), ("auditor", 403)):
            answer = world.http.get(deliveries, headers=world[name].headers)
            assert answer.status_code == status, name
            path = f"{PATH}/{made.body['id']}"
            assert world.http.delete(path, headers=world[name].headers).status_code == status
        assert world["bank"].get(PATH).body["items"] == [made.body]
        path = f"{PATH}/{made.body['id']}"
        assert world.http.delete(path, headers=world["bank"].headers).status_code == 204
        assert world["bank"].get(PATH).body == {"items": []}
        assert world.http.delete(path, headers=world["bank"].headers).status_code == 404
        count = len(receiver.requests)
        world.later(40 * 86_400)
        time.sleep(3 * sending.EVERY_SECONDS)
        assert len(receiver.requests) == count


@contextlib.contextmanager
def hanging() -> Iterator[str]:
    """The address of a receiver that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.mark.usefixtures("loopback")
def test_receiver_that_never_answers_delays_no_other_webhook(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_TIMEOUT", 50.0)
    world = own_world
    with receiving() as receiver, hanging() as silent:
        receiver.statuses = [500]
        slow = world["bank"].post(PATH, {"url": silent}).body["id"]
        world["bank"].post(PATH, {"url": receiver.url})
        late_loan(world)
        failed = receiver.wait(1)[0].headers["webhook-id"]
        began = time.monotonic()
        while [sent.headers["webhook-id"] for sent in receiver.requests].count(failed) < 2:
            assert time.monotonic() - began < 40, "it waits for the other webhook"
            time.sleep(0.1)
        items = world["bank"].get(f"{PATH}/{slow}/deliveries").body["items"]
        assert sum(item["attempts"] for item in items) == 1, "its deliveries go out in turn"


@pytest.mark.usefixtures("loopback")
def test_hosts_whose_names_hang_leave_lookups_to_other_lenders(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 300.0)
    world = own_world
    hangs, over = threading.Event(), threading.Event()
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def slow(host: Any, *values: Any, **named: Any) -> Any:
        """As a resolver whose name server does not answer from some time on."""
        if not str(host).endswith(".hanging.test"):
            return resolve(host, *values, **named)
        if hangs.is_set():
            asked.append(str(host))
            over.wait(120)
        return resolve("127.0.0.1", *values, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        webhooks = [
            world["bank"].post(PATH, {"url": f"http://desk-{number}.hanging.test/"}).body["id"]
            for number in range(10)
        ]
        hangs.set()
        monkeypatch.setattr(hosts, "LOOKUP_SECONDS", 0.5)
        late_loan(world)
        told(world, rises("portfolio", "alarm"))
        end = time.monotonic() + 180
        while any(
            not any(item["error"] for item in deliveries)
            for deliveries in (
                world["bank"].get(f"{PATH}/{webhook}/deliveries").body["items"]
                for webhook in webhooks
            )
        ):
            assert time.monotonic() < end, "not every webhook was tried"
            time.sleep(0.2)
        assert len(asked) == 2, asked
        monkeypatch.setattr(hosts, "LOOKUP_SECONDS", 60)
        with receiving() as receiver:
            assert world["second-bank"].post(PATH, {"url": receiver.url}).status == 201
    finally:
        over.set()


@pytest.mark.usefixtures("loopback")
def test_webhook_whose_receiver_does_not_answer_pauses(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_TIMEOUT", 0.5)
    monkeypatch.setattr(sending, "FIRST_PAUSE", 300.0)
    world = own_world
    with hanging() as silent:
        slow = world["bank"].post(PATH, {"url": silent}).body["id"]
        late_loan(world)
        told(world, rises("portfolio", "alarm"))
        end = time.monotonic() + 180
        while True:
            items = world["bank"].get(f"{PATH}/{slow}/deliveries").body["items"]
            tried = [item for item in items if item["attempts"]]
            if tried and tried[0]["error"]:
                break
            assert time.monotonic() < end
            time.sleep(0.1)
        time.sleep(2 * sending.EVERY_SECONDS)
        items = world["bank"].get(f"{PATH}/{slow}/deliveries").body["items"]
        assert len(items) > 3
        attempts = [item["attempts"] for item in items]
        assert 0 < sum(attempts) < len(items), "an attempt for each round of alerts"


@pytest.mark.usefixtures("loopback")
def test_secret_is_shown_once_and_ten_webhooks_are_enough(own_world: World) -> None:
    world = own_world
    headers = world["bank"].headers | {"Idempotency-Key": uuid.uuid4().hex}
    body = {"url": "http://127.0.0.1:9/"}
    first = world.http.post(PATH, json=body, headers=headers).json()
    again = world.http.post(PATH, json=body, headers=headers).json()
    assert first.pop("secret").startswith("whsec_")
    assert again.pop("secret") == "shown once, in the first answer"
    assert first == again
    assert first["minLevel"] == "clear"
    for _ in range(9):
        world["bank"].post(PATH, body)
    problem = refused(world["bank"], PATH, body)
    assert (problem["status"], problem["type"]) == (409, "urn:cession:problem:webhooks-full")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://risk.example.com/",
            "https://127.0.0.1/",
            "https://localhost/",
            "https://10.0.0.1",
        ),
        *("https://169.254.169.254/latest/meta-data", "https://[::1]/", "https://user:x@8.8.8.8/"),
        *("file:///etc/passwd", "risk", "https://no-such-host.invalid/"),
    ],
)
def test_webhook_that_leaves_the_public_internet_is_refused(world: World, url: str) -> None:
    problem = refused(world["bank"], PATH, {"url": url})
    assert (problem["status"], problem["field"]) == (422, "url")
    assert problem["type"] == "urn:cession:problem:webhook-refused"
    assert world["bank"].get(PATH).body == {"items": []}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://8.8.8.8/", "minLevel": "red"}, "minLevel"),
        ({"url": "https://8.8.8.8/", "secret": "mine"}, "secret"),
    ],
)
def test_bad_webhook_is_refused_by_name(world: World, body: Json, name: str) -> None:
    problem = refused(world["bank"], PATH, body)
    assert (problem["status"], problem["field"]) == (422, name)


def test_refusal_does_not_say_whether_a_name_is_unknown_or_leads_inside(world: World) -> None:
    details = {
        refused(world["bank"], PATH, {"url": f"https://{host}/"})["detail"]
        for host in ("localhost", "127.0.0.1", "10.0.0.1", "no-such-host.invalid")
    }
    assert len(details) == 1, details
