"""Chains to work on: an engine started as a child process, or any EVM network by its address.

Both are a `ChainNode`. Engines (anvil, ganache) are free of charge or nearly so, make a block for
each transaction unless told a block time, and end with the process that started them.
"""

from __future__ import annotations

import itertools
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import httpx

from app.chain.evm.mnemonic import MNEMONIC
from app.chain.evm.rpc import public_url, without_secrets
from app.places import LOGS, NODE_FOLDER, NODE_MODULES, to_bring

Engine = Literal["anvil", "ganache"]
KEEPER = Path(__file__).with_name("supervisor.py")
BLOCK_GAS_LIMIT = 1_000_000_000
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
PORT_TRIES = 4
SAVE_SECONDS = 10


class NodeError(Exception):
    """A chain that does not do what was asked of it; the message says what to do."""


class EngineMissing(NodeError):
    """The engine's program is not installed."""


class EngineStopped(NodeError):
    """The engine ended by itself or did not get ready; the message ends with its log."""


class PortTaken(EngineStopped):
    """Another process listens on the port asked for."""


class TimeNotOurs(NodeError):
    """The network's clock cannot be moved: it is no development engine."""


class ChainNode:
    """An EVM network to talk to.

    Args:
        url: where it answers JSON-RPC.
        chain_id: as it said itself.
        client: as it calls itself, for example `anvil/v1.7.1`.
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
        """Moves the chain's clock ahead, makes a block and returns its time in UTC seconds.

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
        """Ends the engine; a network that was only connected to is left alone."""

    def __enter__(self) -> ChainNode:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class RunningNode(ChainNode):
    """An engine that this process started. `process_id` is the engine's own."""

    def __init__(
        self,
        url: str,
        *,
        chain_id: int,
        client: str,
        keeper: subprocess.Popen[str],
        process_id: int,
        log_file: Path,
    ) -> None:
        super().__init__(url, chain_id=chain_id, client=client)
        self.process_id = process_id
        self.log_file = log_file
        self._keeper = keeper

    @property
    def running(self) -> bool:
        """Whether the engine still runs."""
        return self._keeper.poll() is None

    def stop(self) -> None:
        """Ends it in an orderly way, with its chain on disk where it has a data folder."""
        end(self._keeper)


def ask(url: str, method: str, *parameters: Any, timeout: float = 30.0) -> Any:
    """One JSON-RPC call.

    Raises:
        NodeError: no answer, or an error as answer; the message holds no password of the address.
    """
    where = public_url(url)
    try:
        without_secrets(url, "")
    except ValueError as error:
        raise NodeError(str(error)) from error
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    try:
        answer = httpx.post(url, json=request, timeout=timeout, trust_env=False).json()
    except (httpx.HTTPError, ValueError) as error:
        words = without_secrets(url, str(error))
        raise NodeError(f"{where} does not answer {method}: {words}") from None
    if not isinstance(answer, dict) or "result" not in answer:
        raise NodeError(f"{where} refuses {method}: {without_secrets(url, str(answer))}")
    return answer["result"]


def connect(url: str) -> ChainNode:
    """Any EVM network by its URL.

    Raises:
        NodeError: nothing there speaks JSON-RPC.
    """
    chain_id = int(ask(url, "eth_chainId"), 16)
    return ChainNode(url, chain_id=chain_id, client=str(ask(url, "web3_clientVersion")))


def start_node(
    engine: Engine = "anvil",
    *,
    data_folder: Path | None = None,
    log_file: Path | None = None,
    chain_id: int = 31337,
    port: int | None = None,
    block_time: float | None = None,
    mnemonic: str = MNEMONIC,
    accounts: int = 20,
    balance: int = 1_000_000,
    base_fee: int = 0,
    history: bool = False,
    ready_within: float = READY_SECONDS,
) -> RunningNode:
    """Starts an engine on 127.0.0.1 and returns once it answers.

    Args:
        data_folder: keeps the chain here over restarts; without it the chain ends with the engine.
        log_file: what the engine prints; by default in the data folder, else under `build/logs`.
        port: None for a free one.
        block_time: seconds between blocks; None makes a block for each transaction at once.
        accounts: how many accounts of the mnemonic have a balance.
        balance: of each, in ether.
        base_fee: of the first block, in wei; anvil only (ganache sets its own).
        history: whether anvil also keeps the states of old blocks on disk; ganache always does.

    Raises:
        EngineMissing: the engine is not installed.
        PortTaken: the port asked for is in use.
        EngineStopped: it did not get ready.
    """
    commands: dict[str, Callable[[int], list[str]]] = {
        "anvil": lambda number: anvil_command(
            port=number,
            data_folder=data_folder,
            chain_id=chain_id,
            block_time=block_time,
            mnemonic=mnemonic,
            accounts=accounts,
            balance=balance,
            base_fee=base_fee,
            history=history,
        ),
        "ganache": lambda number: ganache_command(
            port=number,
            data_folder=data_folder,
            chain_id=chain_id,
            block_time=block_time,
            mnemonic=mnemonic,
            accounts=accounts,
            balance=balance,
        ),
    }
    if engine not in commands:
        raise NodeError(f"no engine {engine!r}: take one of {', '.join(commands)}")
    if data_folder is not None:
        data_folder.mkdir(parents=True, exist_ok=True)
    log = log_file or (data_folder or LOGS) / f"{engine}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    for attempt in itertools.count(1):
        number = port or free_port()
        try:
            if port is not None:
                require_free(port)
            return launch(
                commands[engine](number), port=number, log_file=log, ready_within=ready_within
            )
        except PortTaken:
            if port is not None or attempt == PORT_TRIES:
                raise
    raise AssertionError("unreachable")


def launch(
    command: list[str], *, port: int, log_file: Path, ready_within: float = READY_SECONDS
) -> RunningNode:
    """Starts the command under its keeper and waits until it answers on the port."""
    logged_before = log_file.stat().st_size if log_file.exists() else 0
    keeper = subprocess.Popen(
        [sys.executable, "-S", "-E", str(KEEPER), str(log_file), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdout is not None
    url = f"http://127.0.0.1:{port}"
    try:
        first_line = keeper.stdout.readline()
        if not first_line:
            raise EngineStopped(f"{command[0]} could not be started")
        until = time.monotonic() + ready_within
        pause = 0.01
        while True:
            if keeper.poll() is not None:
                said = text_after(log_file, logged_before)
                taken = "in use" in said.lower() or "EADDRINUSE" in said
                raise (PortTaken if taken else EngineStopped)(f"{command[0]} ended: {said}")
            try:
                chain_id = int(ask(url, "eth_chainId", timeout=2), 16)
                client = str(ask(url, "web3_clientVersion", timeout=2))
                break
            except NodeError as error:
                if time.monotonic() > until:
                    said = text_after(log_file, logged_before)
                    raise EngineStopped(f"{command[0]} is not ready: {error} {said}") from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)
    except BaseException:
        end(keeper)
        raise
    return RunningNode(
        url,
        chain_id=chain_id,
        client=client,
        keeper=keeper,
        process_id=int(first_line),
        log_file=log_file,
    )


def end(keeper: subprocess.Popen[str]) -> None:
    """Closes the keeper's input, which ends the engine, and waits for both."""
    assert keeper.stdin is not None and keeper.stdout is not None
    keeper.stdin.close()
    try:
        keeper.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
    keeper.stdout.close()


def text_after(log_file: Path, offset: int) -> str:
    """The last of what a log says from an offset on."""
    return log_file.read_bytes()[offset:][-2000:].decode(errors="replace").strip()


def anvil_command(
    *,
    port: int,
    data_folder: Path | None,
    chain_id: int,
    block_time: float | None,
    mnemonic: str,
    accounts: int,
    balance: int,
    base_fee: int,
    history: bool,
) -> list[str]:
    """anvil: no charge for gas, transactions in the order they came, large blocks."""
    command = [anvil_program(), "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--chain-id", str(chain_id), "--order", "fifo", "--no-request-size-limit"]
    command += ["--gas-limit", str(BLOCK_GAS_LIMIT), "--block-base-fee-per-gas", str(base_fee)]
    command += ["--gas-price", str(base_fee), "--disable-min-priority-fee"]
    command += ["--mnemonic", mnemonic, "--accounts", str(accounts), "--balance", str(balance)]
    if block_time is not None:
        command += ["--block-time", f"{block_time:g}"]
    if data_folder is not None:
        command += ["--state", str(data_folder / "anvil.json")]
        command += ["--state-interval", str(SAVE_SECONDS)]
        if history:
            command += ["--preserve-historical-states"]
    return command


def ganache_command(
    *,
    port: int,
    data_folder: Path | None,
    chain_id: int,
    block_time: float | None,
    mnemonic: str,
    accounts: int,
    balance: int,
) -> list[str]:
    """ganache: has a base fee, so transactions pay; a block time is a whole number of seconds."""
    if block_time is not None and block_time != int(block_time):
        raise NodeError(f"ganache knows whole seconds between blocks, not {block_time}")
    command = [node_program(), str(package("ganache") / "dist" / "node" / "cli.js")]
    command += ["--logging.quiet", "--server.host", "127.0.0.1", "--server.port", str(port)]
    command += ["--chain.chainId", str(chain_id), "--chain.networkId", str(chain_id)]
    command += ["--chain.hardfork", "merge", "--miner.blockGasLimit", hex(BLOCK_GAS_LIMIT)]
    command += ["--wallet.mnemonic", mnemonic, "--wallet.totalAccounts", str(accounts)]
    command += ["--wallet.defaultBalance", str(balance)]
    if block_time is not None:
        command += ["--miner.blockTime", str(int(block_time))]
    if data_folder is not None:
        command += ["--database.dbPath", str(data_folder / "ganache")]
    return command


def anvil_program() -> str:
    """The native anvil that npm brought for this machine, else one on the PATH."""
    processor = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = "win32" if os.name == "nt" else sys.platform
    suffix = ".exe" if os.name == "nt" else ""
    installed = NODE_MODULES / "@foundry-rs" / f"anvil-{system}-{processor}" / f"bin/anvil{suffix}"
    found = str(installed.resolve()) if installed.exists() else shutil.which("anvil")
    if found is None:
        command = "run `npm install @foundry-rs/anvil` here, or put it on the PATH"
        raise EngineMissing(f"anvil is not installed: {to_bring(command)}")
    return found


def node_program() -> str:
    """Node.js: the one that set-up brought, else the one on the PATH."""
    found = shutil.which("node", path=f"{NODE_FOLDER}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        command = "put Node.js 20 or later on the PATH"
        raise EngineMissing(f"node is not installed: {to_bring(command)}")
    return found


def package(name: str) -> Path:
    """The folder of an npm package.

    Raises:
        EngineMissing: it is not installed.
    """
    folder = NODE_MODULES / name
    if not folder.exists():
        command = f"run `npm install {name}` here"
        raise EngineMissing(f"{name} is not installed: {to_bring(command)}")
    return folder.resolve()


def free_port() -> int:
    """A port nobody listens on just now; another process may still be quicker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast(int, probe.getsockname()[1])


def require_free(port: int) -> None:
    """Raises PortTaken when somebody listens on the port."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise PortTaken(f"port {port} is in use by another process")
