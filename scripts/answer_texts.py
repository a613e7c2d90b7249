"""The texts of answers: sentences of the gateway, and what it says of problems and of refusals.

A text is the template of `say("…")`, the words of a problem (its first argument, `fix`, `title`)
where they have no values, or a row of the contracts' errors.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from app.chain.evm.error_words import TABLE
from app.chain.evm.error_words.formats import ENUMERATIONS
from app.domain.classification import EVENTS
from app.domain.evaluation import Step
from app.domain.party_roles import BITS
from app.lending.facilities.holds import SIDES

ROOT = Path(__file__).resolve().parents[1]
#: Exceptions whose words reach callers, beside the problems.
SPEAKING = frozenset(
    (
        *("AmountInvalid", "CurrencyUnknown", "DrawInvalid", "GoodsInvalid", "HostRefused"),
        *("IdentifierInvalid", "PriceInvalid", "QuantityInvalid", "SignatureInvalid"),
        *("ValuationAged", "WalletMissing"),
    )
)
#: What only the command line or a program of ours says.
_WITHOUT = ("app/pages", "app/demo", "app/commands", "app/network.py", "app/recovery")
OFFICIALS = ("operator", "registrar", "cash-issuer", "regulator")
_ROOT_OF_PROBLEMS = "CessionError"
LIMIT_KINDS = ("facility", "trade", "tier", "rule-set", "group")
#: Further names in sentences: sides of agreements, keys, kinds of collateral, terms.
NAMES = (
    *("borrower", "insurer", "sharer", "seller", "undertaker", "participant", "insured", "party"),
    *("warehouse-receipt", "dueDate", "amount", "currency", "debtor"),
    *("requested", "confirmed", "rejected", "withdrawn", "cancelled", "invoiced", "disputed"),
    *("settled", "written-off", "running", "defaulted", "repaid", "open", "answered", "expired"),
    *(
        "sold",
        "ended",
        "proposed",
        "refused",
        "unknown",
        "invoice",
        "credit-note",
        "purchase-order",
    ),
    *(
        "town",
        "country",
        "claim",
        "order",
        "feedback",
        "registration",
        "statements",
        "stock",
        "tax",
    ),
)
_EVENTS, _SIDES = "app/domain/classification.py", "app/lending/facilities/holds.py"
_ERROR_WORDS = "app/chain/evm/error_words/__init__.py"
Place = tuple[str, str]


def texts() -> Iterator[Place]:
    """Each text with the file that has it."""
    trees = dict(_trees())
    speaking = _problems(trees.values()) | SPEAKING
    for file, tree in trees.items():
        for node in ast.walk(tree):
            for text in _of(node, speaking):
                yield file, text
    for message, fix in TABLE.values():
        yield from ((_ERROR_WORDS, text) for text in (message, fix) if text)
    for words in ENUMERATIONS.values():
        yield from ((_ERROR_WORDS, word) for word in words)
    yield from ((_ERROR_WORDS, word) for word in (*BITS, *OFFICIALS, "none", "nobody"))
    yield from ((_EVENTS, word) for word in EVENTS)
    yield from ((_SIDES, word) for word in (*SIDES, *LIMIT_KINDS, *NAMES, *Step))
    for path in sorted((ROOT / "rules").glob("*.yaml")):
        file = path.relative_to(ROOT).as_posix()
        yield from ((file, text) for text in _of_rules(yaml.safe_load(path.read_text())))


def _of_rules(value: object) -> Iterator[str]:
    """What a rule set says in words: its sources, and the name of its register."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("source", "register_name") and isinstance(inner, str):
                yield inner.strip()
            else:
                yield from _of_rules(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_rules(inner)


def unmarked() -> Iterator[str]:
    """Places where words are put together with their values before a catalogue sees them."""
    trees = dict(_trees())
    speaking = _problems(trees.values()) | SPEAKING
    for file, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node) in speaking:
                for argument in _words(node):
                    if any(isinstance(part, ast.JoinedStr) for part in _branches(argument)):
                        yield f"{file}:{argument.lineno}"


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        if not file.startswith(_WITHOUT):
            yield file, ast.parse(path.read_text())


def _problems(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The names of all classes of problems."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = {_ROOT_OF_PROBLEMS}
    while True:
        more = {
            node.name
            for node in classes
            if any(isinstance(base, ast.Name) and base.id in names for base in node.bases)
        }
        if more <= names:
            return frozenset(names)
        names |= more


def _of(node: ast.AST, speaking: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = _name(node)
        words = node.args[:1] if name == "say" else _words(node) if name in speaking else ()
        for argument in words:
            for part in _branches(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
                    yield part.value
    elif isinstance(node, ast.ClassDef) and node.name in speaking:
        for line in node.body:
            if isinstance(line, ast.Assign | ast.AnnAssign) and isinstance(
                line.value, ast.Constant
            ):
                target = line.targets[0] if isinstance(line, ast.Assign) else line.target
                if isinstance(target, ast.Name) and target.id == "title":
                    yield str(line.value.value)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _words(call: ast.Call) -> list[ast.expr]:
    """What a problem says: its first argument and its fix."""
    return call.args[:1] + [item.value for item in call.keywords if item.arg == "fix"]


def _branches(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, ast.IfExp):
        return _branches(value.body) + _branches(value.orelse)
    return [value]
