"""A failing command prints one line with the fault and the fix, and exits with status 2."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from app import cli
from app.demo.lock import Locked, locked
from app.demo.serve import serve_until_stopped

HOLDER = """
import sys, time
from pathlib import Path
from app.demo.lock import locked
with locked(Path(sys.argv[1]), what="x"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Restores the log settings that serving changes; later tests read the log."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize(
    ("words", "named", "expected"),
    [
        ("serve --port 99999", "cession serve: ", "--port"),
        ("gateway --port -1", "cession gateway: ", "--port"),
        ("demo --engine geth", "cession demo: ", "'anvil', 'ganache'"),
        ("nonsense", "cession: ", "nonsense"),
        ("keys expire", "cession keys expire: ", "key"),
        ("key auditor", "cession key: ", "--label"),
        ("products frob", "cession products: ", "diff, apply or approve"),
    ],
)
def test_wrong_arguments_give_one_line(
    words: str,
    named: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["cession", *words.split()])
    assert cli.main() == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(named) and expected in complaint
    assert len(complaint.splitlines()) == 1
    assert complaint.rstrip().endswith("--help`.")


def test_command_without_arguments_shows_its_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cession", "keys"])
    assert cli.main() == 2
    assert "rotate" in "".join(capsys.readouterr())


def test_a_folder_that_another_process_serves_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "serve.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Locked, match=f"x is in use by the cession of process {holder.pid}"):
            locked(lock, what="x").__enter__()
        status = serve_until_stopped(
            engine="anvil", rpc_url=None, port=0, data_folder=tmp_path, write=None
        )
        assert status == 1
        error_output = capsys.readouterr().err.splitlines()
        assert len(error_output) == 1
        assert error_output[0].startswith(f"serve: --data-folder {tmp_path} is in use")
        holder.stdin.close()
        assert holder.wait(60) == 0
    with locked(lock, what="x"):  # it ended with its holder
        pass


def test_unusable_folder_or_port_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    options = {"engine": "anvil", "rpc_url": None, "write": None}
    assert serve_until_stopped(**options, port=0, data_folder=file / "data") == 1  # type: ignore[arg-type]
    error_output = capsys.readouterr().err.splitlines()
    assert len(error_output) == 1 and error_output[0].startswith(f"serve: {file}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve_until_stopped(**options, port=port, data_folder=tmp_path / "data") == 1  # type: ignore[arg-type]
    error_output = capsys.readouterr().err.splitlines()
    assert len(error_output) == 1 and error_output[0].startswith(
        f"serve: --port {port}: Address already in use"
    )
