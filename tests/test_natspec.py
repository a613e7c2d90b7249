"""The comments of the contracts match their declarations, where the linter does not check.

solhint holds the tags of functions, events and contracts. This test holds those of errors, structs
and enumerations, and that what a comment refers to in braces exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from scripts.compile import compile_standard, sources, standard_input

# Errors of OpenZeppelin that callers meet.
FOREIGN = frozenset(
    ("AccessManagedUnauthorized", "ERC20InsufficientBalance", "ReentrancyGuardReentrantCall")
)
KINDS = {
    "ContractDefinition": "contract",
    "EnumDefinition": "enum",
    "ErrorDefinition": "error",
    "EventDefinition": "event",
    "FunctionDefinition": "function",
    "StructDefinition": "struct",
    "VariableDeclaration": "variable",
}


@dataclass(frozen=True)
class Declaration:
    """Something with a name, and the comment above it."""

    file: str
    contract: str
    kind: str
    name: str
    parameters: tuple[str, ...]
    comment: str

    def __str__(self) -> str:
        return f"{self.file}: {self.kind} {self.name}"


@cache
def declarations() -> tuple[Declaration, ...]:
    """All declarations of the contracts, from the compiler's parser."""
    request = standard_input(sources())
    request["settings"] = {
        "stopAfter": "parsing",
        "outputSelection": {"*": {"": ["ast"]}},
    }
    trees = compile_standard(request)["sources"]
    return tuple(
        declaration
        for file, text in sources().items()
        for declaration in _in(file, text.encode(), trees[file]["ast"]["nodes"], "")
    )


def _in(
    file: str, text: bytes, nodes: list[dict[str, Any]], contract: str
) -> Iterator[Declaration]:
    for node in nodes:
        kind = KINDS.get(node["nodeType"])
        if kind is None:
            continue
        if kind == "struct":
            parameters = node["members"]
        elif kind in ("error", "event", "function"):
            parameters = node["parameters"]["parameters"]
        else:
            parameters = []
        yield Declaration(
            file=file,
            contract=contract,
            kind=kind,
            name=node["name"],
            parameters=tuple(parameter["name"] for parameter in parameters),
            comment=_comment_above(text, int(node["src"].split(":")[0])),
        )
        if kind == "contract":
            yield from _in(file, text, node["nodes"], node["name"])


def _comment_above(text: bytes, start: int) -> str:
    lines = text[:start].decode().split("\n")[:-1]
    comment: list[str] = []
    while lines and lines[-1].strip().startswith("///"):
        comment.insert(0, lines.pop().strip().removeprefix("///").strip())
    return "\n".join(comment)


def test_each_error_and_struct_documents_itself_and_its_members() -> None:
    wrong = [
        str(declaration)
        for declaration in declarations()
        if declaration.kind in ("enum", "error", "struct")
        and (
            "@notice " not in declaration.comment
            or tuple(re.findall(r"@param (\w+) \S", declaration.comment)) != declaration.parameters
        )
    ]
    assert wrong == []


def test_each_error_with_which_a_function_reverts_is_declared() -> None:
    errors = {item.name for item in declarations() if item.kind == "error"} | FOREIGN
    wrong = [
        f"{declaration}: {name}"
        for declaration in declarations()
        for name in re.findall(r"Reverts with \{(\w+)\}", declaration.comment)
        if name not in errors
    ]
    assert wrong == []


def test_each_name_in_braces_is_declared() -> None:
    named = {item.name for item in declarations()} | FOREIGN
    members = {f"{item.contract}.{item.name}" for item in declarations()}
    wrong = [
        f"{declaration}: {name}"
        for declaration in declarations()
        for name in re.findall(r"\{([\w.]+)\}", declaration.comment)
        if name not in (members if "." in name else named)
    ]
    assert wrong == []
