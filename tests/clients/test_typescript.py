"""The TypeScript client, with the types of the gateway's own description, works against it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.clients import SOURCES, node, prepare_typescript
from scripts.compile import ROOT
from tests.clients.conftest import example, readers
from tests.support import typed_messages
from tests.support.bodies import Json
from tests.support.world import IDS, World


@pytest.fixture(scope="module")
def package(tools: Path, openapi: Json, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with its tests and its README's example, compiled in one go."""
    folder = tmp_path_factory.mktemp("typescript") / "package"
    prepare_typescript(folder, openapi)
    (folder / "test" / "example.ts").write_text(example(SOURCES / "README.md"))
    node("typescript/bin/tsc", "--project", "test", folder=folder)
    (folder / "built" / "src").rename(folder / "dist")
    return folder


def test_package_works_against_a_running_gateway(world: World, package: Path) -> None:
    names = ("registrar", "cash-issuer", "supplier", "buyer")
    settings = {
        "GATEWAY": world.server.url,
        "KEYS": json.dumps({name: world[name].api_key for name in names}),
        "BANK": world.parties["bank"],
        "LEGAL_ID": "9501101000711",
        **{name.upper(): json.dumps(legal(name)) for name in ("supplier", "buyer")},
    }
    printed = node("--test", "built/test/gateway.test.js", folder=package, **settings)
    assert "# pass 9\n" in printed and "# fail 0\n" in printed, printed


def test_package_signs_only_what_has_one_meaning(package: Path, tmp_path: Path) -> None:
    honest, lies = typed_messages.honest(), list(typed_messages.lies())
    messages = {
        "key": typed_messages.KEY,
        "ledger": typed_messages.LEDGER,
        "honest": [message._asdict() for message in honest],
        "lies": [message._asdict() for message in lies],
    }
    file = tmp_path / "messages.json"
    file.write_text(json.dumps(messages))
    printed = node("--test", "built/test/signing.test.js", folder=package, MESSAGES=str(file))
    assert f"# pass {len(honest) + len(lies)}\n" in printed and "# fail 0\n" in printed, printed


def legal(name: str) -> dict[str, str]:
    """Name and legal id of one of the demo's parties, as an invoice has them."""
    return {"name": IDS[name][0], "id": IDS[name][1]}


def test_example_of_the_readme_runs_as_written(world: World, package: Path) -> None:
    settings = readers(world, legal_id="9501101000728")
    printed = node("built/test/example.js", folder=package, **settings)
    assert printed.splitlines() == [
        "Northwind Forge",
        "true",
        "contract-refused - pay money in first, or pay less",
        "[]",
    ]


def test_versions_of_the_clients_and_the_chains_viem_agree() -> None:
    manifest = json.loads((SOURCES / "package.json").read_text())
    lock = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    chain = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert lock[""]["version"] == manifest["version"]
    assert lock["node_modules/viem"]["version"] == chain["viem"]
