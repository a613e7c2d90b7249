"""Engines: chains for one machine, started as child processes.

Engines (anvil, ganache) charge little or nothing for gas, make a block for each transaction unless
they have a block time, and end with the process that started them.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import msgspec

from app.chain.evm.mnemonic import MNEMONIC
from app.chain.nodes.locks import folder_lock, port_lock
from app.chain.nodes.nodes import ChainNode, EngineStopped, NodeError, PortTaken, ask
from app.places import LOGS, NODE_FOLDER, NODE_MODULES, to_bring

Engine = Literal["anvil", "ganache"]
SUPERVISOR = Path(__file__).with_name("supervisor.py")
BLOCK_GAS_LIMIT = 1_000_000_000
READY_SECONDS = 60.0
STOP_SECONDS = 75.0  # more than the supervisor gives the engine to save its chain
PORT_TRIES = 4
SAVE_SECONDS = 10
OLD_STATES = "states"  # in the data folder: those that anvil has no more room for in memory


class EngineMissing(NodeError):
    """The engine's program is not installed."""


class RunningNode(ChainNode):
    """An engine that this process started. `process_id` is that of the engine."""

    def __init__(
        self,
        url: str,
        *,
        chain_id: int,
        client: str,
        supervisor: subprocess.Popen[str],
        process_id: int,
        log_file: Path,
    ) -> None:
        super().__init__(url, chain_id=chain_id, client=client)
        self.process_id = process_id
        self.log_file = log_file
        self._supervisor = supervisor

    @property
    def running(self) -> bool:
        """Whether the engine still runs."""
        return self._supervisor.poll() is None

    def stop(self) -> None:
        """Stops it in an orderly way; with a data folder, the chain is then on disk."""
        end(self._supervisor)


class EngineOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The chain that an engine makes.

    Attributes:
        block_time: seconds between blocks; None: a block for each transaction at once.
        accounts: number of accounts of the mnemonic that have a balance.
        balance: balance of each account, in ether.
        base_fee: base fee of the first block, in wei; anvil only (ganache sets its own).
        begins_at: timestamp of the first block, UTC seconds, from which the clock runs; None: now.
        history: whether anvil also saves the states of old blocks; ganache always does.
        saved: whether anvil saves the chain for later starts; ganache always does.
    """

    chain_id: int = 31337
    block_time: float | None = None
    mnemonic: str = MNEMONIC
    accounts: int = 20
    balance: int = 1_000_000
    base_fee: int = 0
    begins_at: int | None = None
    history: bool = False
    saved: bool = True


DEVELOPMENT = EngineOptions()


def start_node(
    engine: Engine = "anvil",
    *,
    options: EngineOptions = DEVELOPMENT,
    data_folder: Path | None = None,
    log_file: Path | None = None,
    port: int | None = None,
    ready_within: float = READY_SECONDS,
) -> RunningNode:
    """Starts an engine on 127.0.0.1 and returns once it answers.

    Args:
        data_folder: where the chain is saved for later starts; None: it ends with the engine.
        log_file: for the engine's output; by default in the data folder, else under `build/logs`.
        port: None for a free one.

    Raises:
        EngineMissing: the engine is not installed.
        PortTaken: `port` is in use.
        FolderInUse: another engine runs in the data folder.
        EngineStopped: the engine was not ready in time.
    """
    if engine not in _COMMANDS:
        raise NodeError(f"there is no engine {engine!r}: use one of {', '.join(_COMMANDS)}")
    if data_folder is not None:
        data_folder.mkdir(parents=True, exist_ok=True)
    log = log_file or (data_folder or LOGS) / f"{engine}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    tries = PORT_TRIES if port is None else 1
    for attempt in range(1, tries + 1):
        number = port or free_port()
        with contextlib.ExitStack() as locks:
            held = []
            if data_folder is not None:
                held.append(locks.enter_context(folder_lock(data_folder)))
            try:
                if port is None:
                    held.append(locks.enter_context(port_lock(number)))
                else:
                    require_free(port)
                command = _COMMANDS[engine](options, port=number, data_folder=data_folder)
                return launch(
                    command, port=number, log_file=log, ready_within=ready_within, locks=held
                )
            except PortTaken:
                if attempt == tries:
                    raise
    raise AssertionError("unreachable")


def launch(
    command: list[str],
    *,
    port: int,
    log_file: Path,
    ready_within: float = READY_SECONDS,
    locks: Sequence[int] = (),
) -> RunningNode:
    """Starts the command under a supervisor and waits until it answers on the port.

    Args:
        locks: descriptors that supervisor and engine inherit: see `locks`.
    """
    logged_before = log_file.stat().st_size if log_file.exists() else 0
    supervisor = subprocess.Popen(
        [sys.executable, "-S", "-E", str(SUPERVISOR), str(log_file), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        pass_fds=tuple(locks),
    )
    assert supervisor.stdout is not None
    url = f"http://127.0.0.1:{port}"
    try:
        first_line = supervisor.stdout.readline()
        if not first_line:
            raise EngineStopped(f"{command[0]} could not be started")
        until = time.monotonic() + ready_within
        pause = 0.01
        while True:
            if supervisor.poll() is not None:
                output = text_after(log_file, logged_before)
                in_use = "in use" in output.lower() or "EADDRINUSE" in output
                raise (PortTaken if in_use else EngineStopped)(f"{command[0]} ended: {output}")
            try:
                chain_id = int(ask(url, "eth_chainId", timeout=2), 16)
                client = str(ask(url, "web3_clientVersion", timeout=2))
                break
            except NodeError as error:
                if time.monotonic() > until:
                    output = text_after(log_file, logged_before)
                    raise EngineStopped(f"{command[0]} is not ready: {error} {output}") from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)
    except BaseException:
        end(supervisor)
        raise
    return RunningNode(
        url,
        chain_id=chain_id,
        client=client,
        supervisor=supervisor,
        process_id=int(first_line),
        log_file=log_file,
    )


def end(supervisor: subprocess.Popen[str]) -> None:
    """Closes the supervisor's input, which stops the engine, and waits for both."""
    assert supervisor.stdin is not None and supervisor.stdout is not None
    supervisor.stdin.close()
    try:
        supervisor.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    supervisor.stdout.close()


def text_after(log_file: Path, offset: int) -> str:
    """The last 2,000 bytes of a log after an offset, as text."""
    return log_file.read_bytes()[offset:][-2000:].decode(errors="replace").strip()


def _anvil_command(options: EngineOptions, *, port: int, data_folder: Path | None) -> list[str]:
    """anvil: gas costs nothing by default, transactions keep their order, blocks are large."""
    command = [anvil_program(), "--quiet", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--chain-id", str(options.chain_id), "--order", "fifo", "--no-request-size-limit"]
    command += ["--gas-limit", str(BLOCK_GAS_LIMIT)]
    command += ["--block-base-fee-per-gas", str(options.base_fee)]
    command += ["--gas-price", str(options.base_fee), "--disable-min-priority-fee"]
    command += ["--mnemonic", options.mnemonic, "--accounts", str(options.accounts)]
    command += ["--balance", str(options.balance)]
    if options.block_time is not None:
        command += ["--block-time", f"{options.block_time:g}"]
    if options.begins_at is not None:
        command += ["--timestamp", str(options.begins_at)]
    if data_folder is not None:
        shutil.rmtree(data_folder / OLD_STATES, ignore_errors=True)  # of an anvil that was killed
        command += ["--cache-path", str(data_folder / OLD_STATES)]
        if options.saved:
            command += ["--state", str(data_folder / "anvil.json")]
            command += ["--state-interval", str(SAVE_SECONDS)]
        if options.saved and options.history:
            command += ["--preserve-historical-states"]
    return command


def _ganache_command(options: EngineOptions, *, port: int, data_folder: Path | None) -> list[str]:
    """ganache: it has a base fee, so transactions pay; its block time is whole seconds."""
    seconds = options.block_time
    if seconds is not None and seconds != int(seconds):
        raise NodeError(f"ganache needs a whole number of seconds between blocks, not {seconds}")
    chain_id = str(options.chain_id)
    command = [node_program(), str(package("ganache") / "dist" / "node" / "cli.js")]
    command += ["--logging.quiet", "--server.host", "127.0.0.1", "--server.port", str(port)]
    command += ["--chain.chainId", chain_id, "--chain.networkId", chain_id]
    command += ["--chain.hardfork", "merge", "--miner.blockGasLimit", hex(BLOCK_GAS_LIMIT)]
    command += ["--wallet.mnemonic", options.mnemonic]
    command += ["--wallet.totalAccounts", str(options.accounts)]
    command += ["--wallet.defaultBalance", str(options.balance)]
    if seconds is not None:
        command += ["--miner.blockTime", str(int(seconds))]
    if options.begins_at is not None:
        begins = datetime.datetime.fromtimestamp(options.begins_at, datetime.UTC)
        command += ["--chain.time", begins.isoformat()]
    if data_folder is not None:
        command += ["--database.dbPath", str(data_folder / "ganache")]
    return command


_COMMANDS = {"anvil": _anvil_command, "ganache": _ganache_command}


def anvil_program() -> str:
    """The native anvil that npm installed for this machine, else the one on the PATH."""
    processor = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = "win32" if os.name == "nt" else sys.platform
    suffix = ".exe" if os.name == "nt" else ""
    installed = NODE_MODULES / "@foundry-rs" / f"anvil-{system}-{processor}" / f"bin/anvil{suffix}"
    program = str(installed.resolve()) if installed.exists() else shutil.which("anvil")
    if program is None:
        command = "run `npm install @foundry-rs/anvil` here, or put it on the PATH"
        raise EngineMissing(f"anvil is not installed: {to_bring(command)}")
    return program


def node_program() -> str:
    """Node.js: the one that set-up installed, else the one on the PATH."""
    program = shutil.which("node", path=f"{NODE_FOLDER}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        command = "put Node.js 20 or later on the PATH"
        raise EngineMissing(f"node is not installed: {to_bring(command)}")
    return program


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
    """A port that is free now; another process may still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast(int, probe.getsockname()[1])


def require_free(port: int) -> None:
    """Raises `PortTaken` if another process listens on the port."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise PortTaken(f"port {port} is in use by another process")
