"""Engines are child processes that end with their owner; networks are reached by address."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from app.chain.nodes import engines, nodes
from app.chain.nodes.engines import Engine, EngineOptions, free_port, start_node
from app.chain.nodes.locks import FolderInUse, folder_lock, port_lock
from app.chain.nodes.nodes import NodeError, connect
from scripts.compile import ROOT

ENGINES: list[Engine] = ["anvil", "ganache"]
DAY = 86_400


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(condition: Callable[[], bool], *, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_answers_with_its_chain_advances_time_and_is_gone_after_stop(
    engine: Engine, tmp_path: Path
) -> None:
    with start_node(
        engine, options=EngineOptions(chain_id=4242), log_file=tmp_path / "log"
    ) as node:
        assert (node.engine, node.chain_id) == (engine, 4242)
        assert int(node.ask("eth_chainId"), 16) == 4242
        assert len(node.ask("eth_accounts")) == 20
        before = node.time()
        assert 30 * DAY <= node.advance_time(30 * DAY) - before <= 30 * DAY + 30
        assert isinstance(node, engines.RunningNode)
        process_id = node.process_id
        assert is_alive(process_id)
    assert not is_alive(process_id)
    with pytest.raises(nodes.NodeError, match="does not answer"):
        node.ask("eth_chainId")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_chain_with_a_data_folder_goes_on_after_a_restart(engine: Engine, tmp_path: Path) -> None:
    with start_node(engine, data_folder=tmp_path) as node:
        sender, receiver = node.ask("eth_accounts")[:2]
        order = {"from": sender, "to": receiver, "value": "0x7", "gasPrice": hex(2 * 10**9)}
        transaction = node.ask("eth_sendTransaction", order)
        assert wait_for(lambda: node.ask("eth_getTransactionReceipt", transaction) is not None)
        head = node.ask("eth_getBlockByNumber", "latest", False)
    with start_node(engine, data_folder=tmp_path) as again:
        assert again.ask("eth_getBlockByNumber", head["number"], False)["hash"] == head["hash"]
        receipt = again.ask("eth_getTransactionReceipt", transaction)
        assert receipt["blockHash"] == head["hash"]


def test_a_chain_that_is_not_saved_is_gone_after_a_restart(tmp_path: Path) -> None:
    options = EngineOptions(history=True, saved=False)
    with start_node("anvil", data_folder=tmp_path, options=options) as node:
        node.ask("evm_mine")
        assert node.ask("eth_blockNumber") == "0x1"
    assert not (tmp_path / "anvil.json").exists()
    with start_node("anvil", data_folder=tmp_path, options=options) as again:
        assert again.ask("eth_blockNumber") == "0x0"


def test_old_states_that_a_killed_anvil_left_are_removed_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / engines.OLD_STATES / "anvil-state-of-before"
    left.mkdir(parents=True)
    with start_node("anvil", data_folder=tmp_path) as node:
        node.ask("anvil_mine", hex(1_000), "0x0")  # more blocks than it has room for in memory
        (folder,) = left.parent.iterdir()
        assert folder != left


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_ends_when_its_owner_is_killed(engine: Engine, tmp_path: Path) -> None:
    script = (
        "import time; from pathlib import Path; from app.chain.nodes.engines import start_node\n"
        f"node = start_node({engine!r}, log_file=Path({str(tmp_path / 'log')!r}))\n"
        "print(node.process_id, node.url, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        try:
            assert owner.stdout is not None
            process_id, url = owner.stdout.readline().split()
            assert nodes.connect(url).engine == engine
            assert is_alive(int(process_id))
        finally:
            owner.kill()
    assert wait_for(lambda: not is_alive(int(process_id)))


def test_an_engine_ends_when_its_keeper_is_killed(tmp_path: Path) -> None:
    with start_node("anvil", log_file=tmp_path / "log") as node:
        assert isinstance(node, engines.RunningNode)
        status = Path(f"/proc/{node.process_id}/stat").read_text().rsplit(")", 1)[1].split()
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(status[1]), signal.SIGKILL)
        assert wait_for(lambda: not is_alive(node.process_id))


def test_blocks_come_at_the_block_time_without_transactions(tmp_path: Path) -> None:
    with start_node(
        "anvil", options=EngineOptions(block_time=0.2), log_file=tmp_path / "log"
    ) as node:
        assert wait_for(lambda: int(node.ask("eth_blockNumber"), 16) >= 3)


def test_anvil_takes_transactions_free_of_charge(tmp_path: Path) -> None:
    with start_node("anvil", log_file=tmp_path / "log") as node:
        sender, receiver = node.ask("eth_accounts")[:2]
        before = int(node.ask("eth_getBalance", sender, "latest"), 16)
        for _ in range(3):
            order = {"from": sender, "to": receiver, "value": "0x0", "gasPrice": "0x0"}
            assert node.ask("eth_sendTransaction", order)
        assert int(node.ask("eth_getBalance", sender, "latest"), 16) == before


def test_start_fails_when_the_requested_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(nodes.PortTaken):
            start_node("anvil", port=port, log_file=tmp_path / "log")


def test_start_tries_another_port_when_it_loses_the_race_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as listener:
        listener.bind(
            ("127.0.0.1", 0)
        )  # bound and not listening, like a process that is about to listen
        listener.listen()
        listener.settimeout(0.1)
        taken = listener.getsockname()[1]
        offered = iter([taken, engines.free_port()])
        monkeypatch.setattr(engines, "free_port", lambda: next(offered))
        with start_node("anvil", log_file=tmp_path / "log") as node:
            assert not node.url.endswith(f":{taken}")


def test_two_engines_do_not_start_on_one_port_and_the_lock_ends_with_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contested, other = free_port(), free_port()
    with port_lock(contested):  # as another that has not begun to listen yet
        offered = iter([contested, other])
        monkeypatch.setattr(engines, "free_port", lambda: next(offered))
        with start_node("anvil", log_file=tmp_path / "log") as node:
            assert node.url.endswith(f":{other}")
            with pytest.raises(nodes.PortTaken), port_lock(other):
                pytest.fail("it was locked twice")
        with port_lock(other), pytest.raises(nodes.PortTaken), port_lock(contested):
            pytest.fail("the first lock went with the second")


def test_folder_of_a_chain_is_locked_until_its_engine_has_ended_although_its_owner_was_killed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "chain"
    code = (
        "import sys, time; from pathlib import Path\n"
        "from app.chain.nodes.engines import start_node\n"
        "print(start_node('anvil', data_folder=Path(sys.argv[1])).process_id, flush=True)\n"
        "time.sleep(600)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    engine = int(owner.stdout.readline())
    try:
        words = "end it, or take another folder"
        with pytest.raises(FolderInUse, match=words), folder_lock(folder, seconds=0.1):
            pytest.fail("it was locked twice")
        os.kill(engine, signal.SIGSTOP)  # as one that takes its time to save
        status = Path(f"/proc/{engine}/stat").read_text().rsplit(")", 1)[1].split()
        for process in (owner.pid, int(status[1])):  # and then its supervisor
            os.kill(process, signal.SIGKILL)
            with pytest.raises(FolderInUse), folder_lock(folder, seconds=0.5):
                pytest.fail("the engine still runs")
    finally:
        os.kill(engine, signal.SIGCONT)
        owner.kill()
        owner.wait()
        owner.stdout.close()
    with start_node("anvil", data_folder=folder) as node:
        assert not is_alive(engine) and node.time() > 0


def test_a_missing_engine_names_the_command_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "NODE_MODULES", tmp_path)
    monkeypatch.setattr(engines, "NODE_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    for engine in ENGINES:
        with pytest.raises(engines.EngineMissing, match="make setup"):
            start_node(engine, log_file=tmp_path / "log")


def test_start_error_quotes_the_engine_when_it_exits_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such hard fork')"]
    with pytest.raises(nodes.EngineStopped, match="no such hard fork"):
        engines.launch(command, port=engines.free_port(), log_file=tmp_path / "log")


def test_connect_fails_when_nothing_listens() -> None:
    with pytest.raises(nodes.NodeError, match="does not answer"):
        nodes.connect(f"http://127.0.0.1:{engines.free_port()}")


def test_advance_time_fails_on_a_network_that_is_no_engine(tmp_path: Path) -> None:
    with start_node("anvil", log_file=tmp_path / "log") as node:
        network = nodes.ChainNode(node.url, chain_id=node.chain_id, client="Geth/v1.13.15")
        with pytest.raises(nodes.TimeNotOurs):
            network.advance_time(1)
        network.stop()
        assert network.time() > 0


@pytest.mark.parametrize(
    "url",
    [
        "http://treasurer:secret-word@127.0.0.1:{port}/v3/0123456789abcdef",
        "http://treasurer:secret#word@127.0.0.1:{port}",
        "ftp://treasurer:secret-word@127.0.0.1:{port}",
    ],
)
def test_connect_error_names_the_address_without_its_password(url: str) -> None:
    with pytest.raises(NodeError) as caught:
        connect(url.format(port=free_port()))
    words = "".join(traceback.format_exception_only(caught.value))
    assert "treasurer" not in words and "secret" not in words and "0123456789abcdef" not in words
