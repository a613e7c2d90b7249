"""Writes the reference: pages of what can be called or set, and the contracts' interfaces.

`docs/reference/contracts.md` lists functions, events and errors of each contract;
`docs/reference/abi/` has one JSON file a contract, and `errors.json` with the errors of all;
`docs/reference/clear-signing/` has the descriptors that wallets show messages and calls by, and
`clear-signing.md` lists them;
`docs/reference/api.md` lists endpoints and bodies; `command-line.md`, `configuration.md` and
`make.md` list commands, settings and make targets. A test compares them with the code.

Usage: python -m scripts.reference
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache

from app.chain.deployment.artifacts import Artifact
from app.chain.deployment.deployer import load_artifacts
from app.chain.deployment.development import development_plan
from app.chain.deployment.plan import LIBRARIES
from app.chain.evm.abi import AbiItem, selector_of, topic_of
from app.chain.evm.interfaces import MODULE, Interfaces, lines_of
from scripts import api_page, command_page, make_page, settings_page, signing_page
from scripts.compile import ROOT, compile_contracts

REFERENCE = ROOT / "docs" / "reference"
BY_HAND = frozenset(("README.md", "conventions.md", "evidence-files.md", "glossary.md"))
_TITLE = re.compile(r"^/// @title (.+)$", re.MULTILINE)
_HEAD = (
    "# Contracts: functions, events and errors\n\n"
    "`make reference` writes this page from what is compiled.\n"
    "The interfaces, `contracts/**/I*.sol`, say what a function does, who may call it and why it "
    "reverts.\n"
    "The [map](../../contracts/README.md) says which contract does what.\n\n"
    "Each contract has its interface as a file in `docs/reference/abi`, as the compiler writes "
    "it.\n"
    "The file has the events and errors of all that runs in the contract's name: its module "
    "([decision 19](../explanation/decisions/0019-modules-and-tokens.md)) and its linked libraries "
    "([decision 11](../explanation/decisions/0011-linked-libraries.md)).\n"
    "A wallet or a block explorer that has the file decodes each log of the address.\n\n"
    "A call may also end with the error of another contract that it calls.\n"
    "[abi/errors.json](abi/errors.json) has the errors of all contracts.\n"
    "`GET /v1/contracts/{contract}/abi` answers the contract's file and these errors in one "
    "list.\n"
    "`GET /v1/contracts` has the addresses.\n"
)


@cache
def _artifacts() -> dict[str, Artifact]:
    return load_artifacts(development_plan())


def _title(name: str) -> str:
    path = ROOT / _artifacts()[name]["sourceName"]
    title = _TITLE.search(path.read_text()) if path.exists() else None
    return "OpenZeppelin's, unchanged." if title is None else title[1]


def _json(items: Iterable[AbiItem]) -> str:
    """One item a line, so that a change shows as one line."""
    lines = [json.dumps(item, sort_keys=True) for item in items]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _table(heading: str, mark: str, rows: list[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    head = ["", f"### {heading}", f"| {mark} | signature |", "| --- | --- |"]
    return head + [f"| `{key}` | `{line}` |" for key, line in rows]


def _rows(items: list[AbiItem], kind: str) -> list[tuple[str, str]]:
    chosen = [item for item in items if item["type"] == kind]
    keys = [
        topic_of(item) if kind == "event" else f"0x{selector_of(item).hex()}" for item in chosen
    ]
    return list(zip(keys, lines_of(chosen), strict=True))


def files() -> dict[str, str]:
    """All files of the reference by their paths below `docs/reference`."""
    interfaces = Interfaces(_artifacts())
    runs_in_name = {name for name in interfaces.names() if name.endswith(MODULE)} | set(LIBRARIES)
    pages = [_HEAD]
    contents = {"abi/errors.json": _json(interfaces.errors())}
    for name in interfaces.names():
        if name in runs_in_name:
            continue
        items = interfaces.own(name)
        contents[f"abi/{name}.json"] = _json(items)
        others = ", ".join(f"`{part}`" for part in sorted(interfaces.parts(name)[1:]))
        lines = [
            f"## {name}",
            _title(name),
            "",
            f"[Interface as JSON](abi/{name}.json)." + (f" With {others}." if others else ""),
            *_table("Functions", "selector", _rows(items, "function")),
            *_table("Events", "topic 0", _rows(items, "event")),
            *_table("Errors", "selector", _rows(items, "error")),
        ]
        pages.append("\n".join(lines) + "\n")
    contents["contracts.md"] = "\n".join(pages)
    contents["api.md"] = api_page.page(api_page.description())
    contents["command-line.md"] = command_page.page()
    contents["configuration.md"] = settings_page.page()
    contents["make.md"] = make_page.page(ROOT / "Makefile")
    contents["clear-signing.md"] = signing_page.page(interfaces)
    contents |= signing_page.descriptor_files(interfaces)
    return contents


def write() -> None:
    """Writes the files, and removes those of contracts that are no more."""
    contents = files()
    for folder in ("abi", signing_page.FOLDER):
        (REFERENCE / folder).mkdir(parents=True, exist_ok=True)
        for old in (REFERENCE / folder).glob("*.json"):
            if f"{folder}/{old.name}" not in contents:
                old.unlink()
    for path, text in contents.items():
        (REFERENCE / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    compile_contracts()
    write()
