"""The simulation replays exactly; its stored scenarios and twenty seeds pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog

from app.storage import create_storage, run
from scripts.compile import ROOT
from tests.simulation.disk import commit_ends
from tests.simulation.mutants import mutants
from tests.simulation.run import simulate
from tests.simulation.scenarios import SCENARIOS, play

SEEDS, CHUNK = 20, 10
# Seeds that once failed: an old final block, or none, was enough to trust a node; commands with
# repeated keys ran twice on a store that was restored twice.
ONCE_FAILED = (2012, 4386, 3999, 4547)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A run turns logging off; this restores it for later tests."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def _simulate(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_stored_scenario_moves_no_money_twice(name: str) -> None:
    assert play(name).problems == []


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_seed_that_once_failed_passes(seed: int) -> None:
    ended = _simulate("--first", str(seed), "--seeds", "1")
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_seeds_pass(first: int) -> None:
    ended = _simulate("--first", str(first), "--seeds", str(CHUNK))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_each_injected_fault_matches_the_code() -> None:
    faults = mutants()
    assert len(faults) >= 12
    for fault in faults:
        assert (ROOT / fault["file"]).read_text().count(fault["text"]) == 1, fault["name"]
        assert fault["text"] != fault["replacement"]


def test_one_seed_replays_exactly_in_one_process() -> None:
    first, second, other = simulate(7), simulate(7), simulate(8)
    assert first.trace_hash == second.trace_hash
    assert first.problems == second.problems and first.tally == second.tally
    assert first.trace_hash != other.trace_hash


def test_one_seed_replays_exactly_in_another_process(tmp_path: Path) -> None:
    traces = []
    for hash_seed in ("0", "random"):
        file = tmp_path / f"{hash_seed}.json"
        _simulate("--first", "7", "--seeds", "2", "--json", str(file), hash_seed=hash_seed)
        traces.append([load["trace"] for load in json.loads(file.read_text())])
    assert traces[0] == traces[1]
    assert len(set(traces[0])) == 2


@pytest.mark.parametrize("keep", [0, 2, 5])
def test_write_ahead_log_cut_after_a_commit_keeps_earlier_commits(
    tmp_path: Path, keep: int
) -> None:
    storage = create_storage(f"sqlite:///{tmp_path}/whole.sqlite")
    storage.write_now(lambda c: run(c, "CREATE TABLE numbers (number INTEGER)"))
    for number in range(4):
        row = (number,)
        storage.write_now(partial(run, statement="INSERT INTO numbers VALUES (?)", row=row))
    log = Path(f"{tmp_path}/whole.sqlite-wal").read_bytes()
    ends = commit_ends(log)
    assert len(ends) == 5
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes((tmp_path / "whole.sqlite").read_bytes())
    Path(f"{cut}-wal").write_bytes(log[: ends[keep - 1]] if keep else b"")
    storage.close()
    again = create_storage(f"sqlite:///{cut}")
    tables = again.read_now(lambda c: run(c, "SELECT name FROM sqlite_master").all())
    assert [row[0] for row in tables] == (["numbers"] if keep else [])
    if keep:
        stored = again.read_now(lambda c: run(c, "SELECT number FROM numbers ORDER BY 1").all())
        assert [row[0] for row in stored] == list(range(keep - 1))
    again.close()
