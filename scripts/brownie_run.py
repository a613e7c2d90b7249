"""Brownie on a chain that already runs: `python -m scripts.brownie_run URL run deploy`.

Brownie keeps its networks under HOME; it gets a folder of its own below `build`, with one network
named `cession` at the address given, and the compiler that the rest of the project uses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from app.chain.nodes.nodes import NodeError, connect
from scripts.compile import COMPILER_FOLDER, ROOT, provide_compiler

BROWNIE = ROOT / "build" / "brownie" / "bin" / "python"
COMMAND_LINE = ROOT / "scripts" / "brownie_main.py"
HOME = ROOT / "build" / "brownie-home"
BUILT = ROOT / "build" / "brownie-project" / "contracts"
NETWORK = "cession"


class BrownieMissing(Exception):
    """Brownie's environment has not been set up."""


def environment(home: Path) -> dict[str, str]:
    """Brownie's environment variables: its own HOME, the project's compiler."""
    provide_compiler()
    return {**os.environ, "HOME": str(home), "SOLCX_BINARY_PATH": str(COMPILER_FOLDER)}


def forget_moved_sources(built: Path = BUILT) -> None:
    """Removes what Brownie compiled of files that have since moved: it stops at the first one."""
    for artifact in built.glob("*.json"):
        sources = json.loads(artifact.read_text()).get("allSourcePaths", {}).values()
        if not all((ROOT / source).exists() for source in sources):
            artifact.unlink()


def run_brownie(
    arguments: list[str],
    *,
    url: str,
    chain_id: int = 31337,
    home: Path = HOME,
    project: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Runs `brownie ARGUMENTS --network cession` on the chain at `url`; output is captured.

    Args:
        project: Brownie compiles the contracts of this folder first.

    Raises:
        BrownieMissing: `make setup-brownie` has not been run.
    """
    if not BROWNIE.exists():
        raise BrownieMissing("brownie is not installed: run `make setup-brownie`")
    home.mkdir(parents=True, exist_ok=True)
    forget_moved_sources()
    variables = environment(home)

    def brownie(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BROWNIE), str(COMMAND_LINE), *words],
            cwd=project,
            env=variables,
            text=True,
            capture_output=True,
            check=False,
        )

    network = [NETWORK, f"host={url}", f"chainid={chain_id}"]
    # Known from an earlier run it is changed, else added; Brownie says SUCCESS or raises.
    if "SUCCESS" not in brownie("networks", "modify", *network).stdout:
        brownie("networks", "add", "Ethereum", *network)
    return brownie(*arguments, "--network", NETWORK)


def main() -> int:
    """Command line: the chain's URL, then Brownie's own words."""
    match sys.argv[1:]:
        case [url, *words] if words:
            pass
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    try:
        node = connect(url)
        done = run_brownie(words, url=node.url, chain_id=node.chain_id)
    except (NodeError, BrownieMissing) as error:
        print(f"brownie: {error}", file=sys.stderr)
        return 2
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
