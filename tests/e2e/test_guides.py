"""Every command and request of the guides runs as written, against one gateway."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.guide_runner import ROOT, TUTORIAL, Skip, read_guide, run_guide, workplace

GUIDES = (
    "README.md",
    TUTORIAL,
    "samples/README.md",
    "docs/guides/supplier.md",
    "docs/guides/buyer.md",
    "docs/guides/bank.md",
    "docs/guides/warehouse.md",
    "docs/guides/appraiser.md",
    "docs/guides/rater.md",
    "docs/guides/risk-officer.md",
    "docs/guides/auditor.md",
    "docs/guides/operator.md",
    "docs/guides/operations.md",
    "docs/guides/deployment.md",
)
# What a guide's commands must have printed, beside not having failed.
PRINTED = {
    TUTORIAL: ("\nTrue\n", "is registered already, as receivable"),
    "docs/guides/rater.md": (
        "2025-004: tier 3 to 4",
        "holds  signature: by 0x",
        "FAILS  limit: attested 60000.00, computed 50000.00",
        "holds  override: the card gives tier 3 and 50000.00, the rater decided tier 4",
        "the party has not consented to the evaluation",
        "\nidentify\n",
        "stock-days: 102, as of 2026-03-31",
        "statements file, row 24, column amount: total-assets is 1500000.00",
    ),
    "docs/guides/risk-officer.md": (
        "watch - Ask the borrower for the reason",
        "watch limit-use - Of the limit of facility",
        "FacilitySuspended",
        "alarm tier-fall - The party's tier is 4; within 180 days it was 2.",
        "the product needs tier 3",
        "defaults 189000.00",
        "duplicate-invoice 88 %",
        "recall over all",
    ),
    "docs/guides/auditor.md": ("\nTrue\n", "code as compiled, roles and wiring as planned"),
    "docs/guides/deployment.md": (
        "code as compiled, roles and wiring as planned",
        "cross-border: left out, the ledger has no USD",
    ),
}
SKIPS = [
    (name, skip) for name in GUIDES for skip in read_guide((ROOT / name).read_text("utf-8")).skips
]
# A request or a command that stands outside of a bash block, where nothing runs it.
OUTSIDE = re.compile(r"( {4}|\t)(\$ )?(POST|GET|DELETE|curl|cession|make|export|as|post) ")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workplace with a served gateway, as `make serve EMPTY=1` starts it."""
    folder = workplace(tmp_path_factory.mktemp("guides") / "cession")
    access = folder / "build" / "serve.json"
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "cession"), "serve", "--empty", "--write", str(access)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 240
        while not access.exists():
            assert process.poll() is None, "cession serve ended"
            assert time.monotonic() < end, "cession serve was not ready"
            time.sleep(0.1)
        yield folder
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("name", GUIDES)
def test_guide_runs_as_written(name: str, served: Path, tmp_path: Path) -> None:
    printed = run_guide(name, folder=served, scratch=tmp_path, seconds=300)
    for words in PRINTED.get(name, ()):
        assert words in printed


def test_the_tutorial_runs_a_second_time(served: Path, tmp_path: Path) -> None:
    test_guide_runs_as_written(TUTORIAL, served, tmp_path)


@pytest.mark.parametrize(
    ("name", "skip"), SKIPS, ids=[f"{name}:{skip.line}" for name, skip in SKIPS]
)
def test_block_that_no_test_runs(name: str, skip: Skip) -> None:
    pytest.skip(f"{name}:{skip.line}: {skip.reason}")


@pytest.mark.parametrize("name", GUIDES)
def test_guide_has_no_command_outside_of_its_bash_blocks(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    commands = [f"{name}:{n}: {line}" for n, line in enumerate(lines, 1) if OUTSIDE.match(line)]
    script = read_guide("\n".join(lines)).script.splitlines()
    assert not [line for line in commands if not script[int(line.split(":")[1]) - 1]]


def _run(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a guide of our own after a tutorial of our own."""
    (folder / TUTORIAL).parent.mkdir(parents=True)
    (folder / TUTORIAL).write_text('```bash\nas() { echo "refused" >&2; return 1; }\n```\n')
    (folder / "guide.md").write_text(text)
    monkeypatch.setattr("tests.e2e.guide_runner.ROOT", folder)
    return run_guide("guide.md", folder=folder, scratch=folder / "scratch", seconds=30)


def test_runner_names_guide_line_and_reason_of_what_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "# One\n```bash\nX=1\n```\nwords\n```bash\necho $X\nY=$(as 1 | cat)\necho never\n```\n"
    with pytest.raises(AssertionError) as failed:
        _run(text, tmp_path, monkeypatch)
    assert "guide.md:8: status 1" in str(failed.value)
    assert "refused" in str(failed.value)
    assert "never" not in str(failed.value)


def test_runner_fails_on_a_name_that_the_guide_never_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECEIPT", raising=False)
    with pytest.raises(AssertionError, match="RECEIPT: unbound variable"):
        _run("```bash\necho $RECEIPT\n```\n", tmp_path, monkeypatch)


def test_runner_skips_marked_blocks_and_text_outside_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "false\n```json\nfalse\n```\n```bash skip: a network\nfalse\n```\n```bash\necho one\n```\n"
    )
    assert _run(text, tmp_path, monkeypatch) == "one\n"
    assert read_guide(text).skips == [Skip(5, "a network")]


@pytest.mark.parametrize("text", ["```bash\necho\n", "```bash now\n```\n", "```bash skip:\n```\n"])
def test_runner_refuses_a_malformed_block(text: str) -> None:
    with pytest.raises(ValueError, match="bash"):
        read_guide(text)
