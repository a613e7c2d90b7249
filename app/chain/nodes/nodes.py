"""Chains to work on: any EVM network at a URL, or an engine (`app.chain.nodes.engines`)."""

from __future__ import annotations

import functools
import ssl
from typing import Any

import httpx

from app.chain.evm.node_urls import public_url, without_secrets


class NodeError(Exception):
    """A chain does not do what it should; the message says what to do."""


class EngineStopped(NodeError):
    """The engine ended, or was not ready in time; the message ends with its log."""


class PortTaken(EngineStopped):
    """Another process has the port."""


class TimeNotOurs(NodeError):
    """The network is not a development engine: its clock and blocks cannot be controlled."""


class ChainNode:
    """An EVM network.

    Args:
        url: where it answers JSON-RPC.
        chain_id: the chain id that it reports.
        client: the client version that it reports, for example `anvil/v1.7.1`.
    """

    def __init__(self, url: str, *, chain_id: int, client: str) -> None:
        self.url = url
        self.chain_id = chain_id
        self.client = client

    @property
    def engine(self) -> str:
        """`anvil`, `ganache`, or `network` for anything else."""
        name = self.client.split("/", 1)[0].lower()
        return name if name in ("anvil", "ganache") else "network"

    def ask(self, method: str, *parameters: Any, timeout: float = 30.0) -> Any:
        """One JSON-RPC call, for set-up and tests; the gateway uses `app.chain.evm.rpc`."""
        return ask(self.url, method, *parameters, timeout=timeout)

    def advance_time(self, seconds: int) -> int:
        """Moves the chain's clock forward, makes a block and returns its time in UTC seconds.

        Raises:
            TimeNotOurs: the network has a clock of its own.
        """
        if self.engine == "network":
            raise TimeNotOurs(f"{self.client} at {public_url(self.url)} keeps its own time")
        self.ask("evm_increaseTime", seconds)
        return self.make_block()

    def make_block(self) -> int:
        """Makes a block at once and returns its time in UTC seconds.

        Raises:
            TimeNotOurs: the network makes its own blocks.
        """
        if self.engine == "network":
            raise TimeNotOurs(f"{self.client} at {public_url(self.url)} makes its own blocks")
        self.ask("evm_mine")
        return self.time()

    def time(self) -> int:
        """Time of the newest block in UTC seconds."""
        return int(self.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def stop(self) -> None:
        """Stops the engine; does nothing to a network that this process did not start."""

    def __enter__(self) -> ChainNode:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that connections trust; reading them takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


def ask(url: str, method: str, *parameters: Any, timeout: float = 30.0) -> Any:
    """One JSON-RPC call.

    Raises:
        NodeError: no answer, or an error as answer; the message contains no secret of the URL.
    """
    where = public_url(url)
    try:
        without_secrets(url, "")
    except ValueError as error:
        raise NodeError(str(error)) from error
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    try:
        answer = httpx.post(
            url, json=request, timeout=timeout, trust_env=False, verify=_trusted()
        ).json()
    except (httpx.HTTPError, ValueError) as error:
        message = without_secrets(url, str(error))
        raise NodeError(f"{where} does not answer {method}: {message}") from None
    if not isinstance(answer, dict) or "result" not in answer:
        raise NodeError(f"{where} refuses {method}: {without_secrets(url, str(answer))}")
    return answer["result"]


def connect(url: str) -> ChainNode:
    """Any EVM network by its URL.

    Raises:
        NodeError: nothing answers JSON-RPC there.
    """
    chain_id = int(ask(url, "eth_chainId"), 16)
    return ChainNode(url, chain_id=chain_id, client=str(ask(url, "web3_clientVersion")))
