"""A caller of the gateway."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, cast

import httpx

from cession_client.answers import UNDER_WAY, Answer, Operation, operation_in
from cession_client.problems import GatewayRefused, StillUnderWay, refusal
from cession_client.sending import document_of, send
from cession_client.wallet import Ledger, Review, Signing, Wallet

#: Seconds that the gateway holds an answer back for an operation's end.
WAIT_SECONDS = 30
END_SECONDS = 120.0
PATIENCE_SECONDS = 60.0
_HTTP_SECONDS = 90.0
_MAX_SIGNATURES = 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def connect(
    url: str,
    api_key: str,
    *,
    wallet: Wallet | None = None,
    ledger: Ledger | None = None,
    review: Review | None = None,
    insecure: bool = False,
) -> Client:
    """A client with connections of its own, which its `close` ends.

    Args:
        api_key: `ck_…`.
        wallet: signs what the gateway prepares for a party that keeps its key itself.
        ledger: for which the wallet signs; needed with a wallet.
        review: sees what the wallet is to sign, and raises if it must not.
        insecure: allow an address without TLS that is not of this machine.

    Raises:
        ValueError: the key would go over the network unencrypted, or the ledger is missing.
    """
    address = httpx.URL(url)
    if address.scheme != "https" and address.host not in _LOOPBACK and not insecure:
        raise ValueError(f"{url}: the API key would be sent unencrypted; use https")
    http = httpx.Client(base_url=url, timeout=_HTTP_SECONDS)
    return Client(http, api_key, wallet=wallet, ledger=ledger, review=review)


class Client:
    """One party's access to the gateway.

    Attributes:
        headers: sent with each request.
    """

    def __init__(
        self,
        http: httpx.Client,
        api_key: str,
        *,
        wallet: Wallet | None = None,
        ledger: Ledger | None = None,
        review: Review | None = None,
        patience: float = PATIENCE_SECONDS,
        end_seconds: float = END_SECONDS,
    ) -> None:
        """Uses `http`, which has the gateway's address.

        Args:
            ledger: for which the wallet signs; needed with a wallet.
            review: sees what the wallet is to sign, and raises if it must not.
            patience: seconds in which a request is sent again while the gateway is busy or away.
            end_seconds: seconds in which an operation has to end.

        Raises:
            ValueError: a wallet without its ledger.
        """
        self.http = http
        self.api_key = api_key
        self._signing = None
        if wallet is not None:
            if ledger is None:
                raise ValueError("a wallet signs for one ledger: give the ledger that you stored")
            self._signing = Signing(wallet, ledger, review)
        self.headers = {"X-API-Key": api_key}
        self._patience = patience
        self._end_seconds = end_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections."""
        self.http.close()

    def get(self, path: str, **query: Any) -> Answer:
        """Reads from the gateway.

        Raises:
            GatewayRefused.
        """
        began = time.perf_counter()
        return _answer(self._send("GET", path, params=query, headers=self.headers), began)

    def content(self, path: str, **query: Any) -> bytes:
        """Reads a file: a PDF, a spreadsheet, a table.

        Raises:
            GatewayRefused.
        """
        response = self._send("GET", path, params=query, headers=self.headers)
        _require_success(response)
        return response.content

    def text(self, path: str, **query: Any) -> str:
        """Reads a file of text (a CSV export).

        Raises:
            GatewayRefused.
        """
        return self.content(path, **query).decode()

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Each page of a list, with its `asOf`.

        Raises:
            GatewayRefused.
        """
        cursor = query.pop("cursor", None)
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            page = self.get(path, **query, **more).body
            yield page
            cursor = page["nextCursor"]
            if cursor is None:
                return

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Each item of a list, over all its pages.

        Raises:
            GatewayRefused.
        """
        for page in self.pages(path, **query):
            yield from page["items"]

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **query: Any,
    ) -> Answer:
        """Sends a command and returns the first answer: nothing is signed, and no end awaited.

        Args:
            key: its idempotency key; default: a new one.

        Raises:
            GatewayRefused.
        """
        began = time.perf_counter()
        headers = self._command_headers(key)
        response = self._send("POST", path, json=body or {}, params=query, headers=headers)
        return _answer(response, began)

    def delete(self, path: str, *, key: str | None = None, **query: Any) -> Answer:
        """Sends a command that takes something back, and returns the first answer.

        Args:
            key: its idempotency key; default: a new one.

        Raises:
            GatewayRefused.
        """
        began = time.perf_counter()
        headers = self._command_headers(key)
        return _answer(self._send("DELETE", path, params=query, headers=headers), began)

    def upload(
        self, path: str, *, name: str, content: bytes, media_type: str, key: str | None = None
    ) -> Answer:
        """Sends a file as a form.

        Raises:
            GatewayRefused.
        """
        files = {"file": (name, content, media_type)}
        return self._post_form(path, key, files=files)

    def command(
        self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Answer:
        """Sends a command and waits until the ledger carried it out.

        The wallet signs what the gateway prepares: first an approval if the command needs one,
        then the command. Without a wallet the answer's operation stays `prepared`.

        Args:
            key: its idempotency key, 8 to 190 characters; default: a new one. A program that keeps
                the key can send the same command again after a crash, and nothing happens twice.

        Raises:
            GatewayRefused: refused at once, or by a contract.
            StillUnderWay: it did not end in time.
            WalletMismatch: the wallet is not the party's.
        """
        return self._carried_out(path, lambda key: self.post(path, body, key=key), key)

    def command_with_files(
        self,
        path: str,
        *,
        fields: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes, str]],
        key: str | None = None,
        **query: Any,
    ) -> Answer:
        """Sends a form with files, and waits as `command` does.

        Args:
            files: by field of the form: name, content and media type.

        Raises:
            GatewayRefused, StillUnderWay, WalletMismatch: as `command`.
        """

        def post(key: str) -> Answer:
            return self._post_form(path, key, data=dict(fields), files=dict(files), params=query)

        return self._carried_out(path, post, key)

    def sign(self, path: str, *, to: str | None = None) -> Answer:
        """Signs a document that waits for the party, and waits as `command` does.

        Offers, proposals, agreements and deliveries are signed at `{path}/signature`, which is the
        default of `to`; a receivable's confirmation is read and signed at one address.

        Args:
            path: where the document's typed data is.

        Raises:
            GatewayRefused, StillUnderWay, WalletMismatch: as `command`.
        """
        body = {}
        if self._signing is not None:
            document = self.get(path).body
            typed_data = document.get("typedData", document)
            body["signature"] = self._signing.document(path, typed_data)
        return self.command(to or f"{path}/signature", body)

    def wait(self, operation: Operation) -> Operation:
        """The operation once it has ended, or once it waits for the party's wallet.

        Raises:
            GatewayRefused: a contract refused it.
            StillUnderWay: it did not end in time.
        """
        end = time.monotonic() + self._end_seconds
        path = f"/v1/operations/{operation['id']}"
        while operation["state"] in UNDER_WAY:
            if time.monotonic() > end:
                raise StillUnderWay(operation)
            operation = cast("Operation", self.get(path, wait=WAIT_SECONDS).body)
        if operation["state"] == "rejected":
            raise refusal(operation)
        return operation

    def _carried_out(self, path: str, post: Callable[[str], Answer], key: str | None) -> Answer:
        began = time.perf_counter()
        key = key or _new_key()
        for place in range(_MAX_SIGNATURES):
            answer = post(key if place == 0 else f"{key}.{place}")
            operation = operation_in(answer.body)
            if operation is None:
                break
            if operation["state"] == "prepared" and self._signing is not None:
                operation = self._signed(path, self._signing, answer, operation)
            operation = self.wait(operation)
            answer.body |= operation | {"operation": operation}
            if operation["state"] == "prepared" or not answer.body.get("repeat"):
                break
        answer.milliseconds = (time.perf_counter() - began) * 1000
        return answer

    def _signed(
        self, path: str, signing: Signing, answer: Answer, operation: Operation
    ) -> Operation:
        """The operation with the wallet's signature, which an earlier attempt may have sent."""
        address = f"/v1/operations/{operation['id']}"
        if answer.replayed:
            operation = cast("Operation", self.get(address).body)
        if operation["state"] != "prepared":
            return operation
        signature = signing.operation(path, answer.body["typedData"])
        return cast("Operation", self.post(f"{address}/signature", {"signature": signature}).body)

    def _post_form(self, path: str, key: str | None, **form: Any) -> Answer:
        began = time.perf_counter()
        headers = self._command_headers(key)
        return _answer(self._send("POST", path, headers=headers, **form), began)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return send(self.http, method, path, patience=self._patience, **more)

    def _command_headers(self, key: str | None) -> dict[str, str]:
        return self.headers | {
            "Idempotency-Key": key or _new_key(),
            "Prefer": f"wait={WAIT_SECONDS}",
        }


def _new_key() -> str:
    return uuid.uuid4().hex


def _answer(response: httpx.Response, began: float) -> Answer:
    milliseconds = (time.perf_counter() - began) * 1000
    _require_success(response)
    body = document_of(response)
    replayed = response.headers.get("Idempotency-Replayed") == "true"
    return Answer(body, milliseconds, response.status_code, replayed)


def _require_success(response: httpx.Response) -> None:
    """Refuses a redirect too: another address must not get the key.

    Raises:
        GatewayRefused.
    """
    if response.is_redirect:
        target = response.headers.get("location")
        detail = f"the gateway's address leads to {target}"
        raise GatewayRefused(
            {"status": response.status_code, "detail": detail, "fix": "use its own address"}
        )
    if not response.is_success:
        raise GatewayRefused({"status": response.status_code} | document_of(response))
